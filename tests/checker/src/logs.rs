//! Logs: nothing is lost, duplicated or invented.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::extent::Extents;
use crate::{Evidence, Verdict};

pub(crate) fn check(evidence: &Evidence, verdict: &mut Verdict) {
    verdict.findings.extend(gone(evidence));
    for (name, text) in &evidence.logs {
        let mut log = Log { name, there: BTreeSet::new(), moments: BTreeSet::new(), last: None };
        for line in text.lines() {
            verdict.readings += 1;
            if let Err(finding) = log.take(evidence, line) {
                verdict.findings.push(finding);
            }
        }
        let told = evidence.told.iter().filter(|told| told.log == *name).cloned().collect::<BTreeSet<_>>();
        let mut extents = Extents::of(evidence, name);
        for told in &told {
            if log.there.contains(&(told.seq, told.meter.clone(), clock(&told.time).to_owned())) {
                verdict.found += 1;
            } else if extents.name(told) {
                verdict.named += 1;
            } else {
                verdict.findings.push(format!(
                    "{name} has lost {}, which {} said at {}",
                    told.seq, told.meter, told.time
                ));
            }
        }
    }
}

/// Logs that are missing, although windows were told about readings in them.
fn gone(evidence: &Evidence) -> impl Iterator<Item = String> {
    let logs: BTreeSet<&String> = evidence.told.iter().map(|told| &told.log).collect();
    let gone = logs.into_iter().filter(|log| !evidence.logs.contains_key(*log));
    gone.map(|log| format!("{log} is gone with all its readings"))
}

struct Log<'a> {
    name: &'a str,
    /// The readings in the log: number, identification and time.
    there: BTreeSet<(u64, String, String)>,
    moments: BTreeSet<(String, String)>,
    last: Option<u64>,
}

impl Log<'_> {
    fn take(&mut self, evidence: &Evidence, line: &str) -> Result<(), String> {
        let name = self.name;
        let entry: Value =
            serde_json::from_str(line).map_err(|error| format!("{name}: {error} in {line}"))?;
        let text = |key: &str| entry.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let seq =
            entry.get("seq").and_then(Value::as_u64).ok_or_else(|| format!("{name}: no number in {line}"))?;
        let (meter, time) = (text("meter"), clock(&text("time")).to_owned());
        let before = self.last.replace(seq);
        self.there.insert((seq, meter.clone(), time.clone()));
        if before.is_some_and(|before| before + 1 != seq) {
            return Err(format!("{name} has {seq} after {}", before.unwrap_or_default()));
        }
        if !self.moments.insert((meter.clone(), time.clone())) {
            return Err(format!("{name} has what {meter} said at {time} twice, the second time as {seq}"));
        }
        let Some(said) = evidence.said.get(&(meter.clone(), time.clone())) else {
            return Err(format!("{name} has {seq}, which {meter} did not say at {time}"));
        };
        let values = entry.get("values").and_then(Value::as_array).cloned().unwrap_or_default();
        let kept: BTreeMap<String, String> = values
            .iter()
            .filter_map(|value| Some((value.get("register")?.as_str()?, value.get("value")?.as_str()?)))
            .map(|(register, value)| (register.to_owned(), value.to_owned()))
            .collect();
        for (register, value) in said {
            if kept.get(register) != Some(value) {
                let found = kept.get(register).map_or("nothing", String::as_str);
                return Err(format!("{name}: {seq} has {found} for {register}, but {meter} said {value}"));
            }
        }
        Ok(())
    }
}

/// The time on the meter's clock, without the UTC offset. If the meter states no offset, the page uses that of the
/// house's time zone, and the user may change the zone.
pub(crate) fn clock(time: &str) -> &str {
    time.get(..CLOCK).unwrap_or(time)
}

/// The length of `2026-11-21T02:30:10`.
const CLOCK: usize = 19;
