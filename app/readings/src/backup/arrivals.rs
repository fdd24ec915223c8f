//! [`Arrivals`]: what becomes of the meters of a backup where it is restored.
//!
//! Meters of the backup go in, one by one, beside those that are here; out come the logs that their readings go into, and
//! the records and settings that they have there. Merged, a meter that is here stays as it is, and gets the readings that
//! it has none of; one that is not comes whole. Replaced, all come whole, and those that are here go. Promised: no log
//! that is here is written to. A meter that comes whole has a log under a name that is free, so that the one that it
//! replaces can be read, and appended to, until the new one is complete.

use std::collections::BTreeSet;

use super::{Cursor, Setting};
use crate::import::Import;
use crate::store::{MeterKey, MeterRecord, SourceRecord};

/// The meters of a backup, as far as they were met, and those that are here.
#[derive(Clone, Debug)]
pub struct Arrivals {
    here: Vec<MeterRecord>,
    replaces: bool,
    /// By their names in the backup.
    met: Vec<(MeterKey, Arrival)>,
    /// The names that logs here have, or will have.
    taken: BTreeSet<MeterKey>,
}

/// What becomes of a meter of the backup.
#[derive(Clone, Debug, PartialEq)]
pub struct Arrival {
    /// Its name here.
    pub key: MeterKey,
    /// Its record, where it comes whole; none where its readings join those of a meter that stays.
    pub record: Option<MeterRecord>,
    /// The meter here that it is, whether that goes or stays.
    is: Option<MeterKey>,
}

impl Arrivals {
    /// Beside these meters, or in place of them.
    #[must_use]
    pub fn new(here: Vec<MeterRecord>, replaces: bool) -> Self {
        let taken = here.iter().map(|record| record.key.clone()).collect();
        Self { here, replaces, met: Vec::new(), taken }
    }

    /// Takes in a meter of the backup. Its second record, should it have one, is passed over.
    pub fn take(&mut self, record: MeterRecord) {
        let name = record.key.clone();
        if self.of(&name).is_none() {
            let arrival = self.arrival(record);
            self.taken.insert(arrival.key.clone());
            self.met.push((name, arrival));
        }
    }

    /// What becomes of the meter that has this name in the backup.
    #[must_use]
    pub fn of(&self, meter: &MeterKey) -> Option<&Arrival> {
        self.met.iter().find(|(name, _)| name == meter).map(|(_, arrival)| arrival)
    }

    /// The same for the meter that a log of the backup belongs to, and the name of that log here.
    #[must_use]
    pub fn of_log(&self, log: &MeterKey) -> Option<(&Arrival, MeterKey)> {
        let (meter, import) = log.0.split_once('+').map_or((log.0.as_str(), None), |(m, i)| (m, Some(i)));
        let arrival = self.of(&MeterKey(meter.to_owned()))?;
        let key = &arrival.key.0;
        Some((arrival, MeterKey(import.map_or_else(|| key.clone(), |import| format!("{key}+{import}")))))
    }

    /// The records of the meters that come whole.
    #[must_use]
    pub fn records(&self) -> Vec<MeterRecord> {
        self.met.iter().filter_map(|(_, arrival)| arrival.record.clone()).collect()
    }

    /// How far the readers of a log that comes whole have come.
    #[must_use]
    pub fn cursors(&self, backup: Vec<Cursor>) -> Vec<Cursor> {
        let whole = |cursor: Cursor| Some(Cursor { meter: self.whole(&cursor.meter)?.clone(), ..cursor });
        backup.into_iter().filter_map(whole).collect()
    }

    /// The imports of meters that come whole.
    #[must_use]
    pub fn imports(&self, backup: Vec<Import>) -> Vec<Import> {
        let whole = |import: Import| {
            let (meter, (_, log)) = (self.whole(&import.meter)?.clone(), self.of_log(&import.log)?);
            Some(Import { log, meter, ..import })
        };
        backup.into_iter().filter_map(whole).collect()
    }

    /// The settings to be written, of those in the backup and those that are here. What is set here stays where meters
    /// are merged. Where they are replaced the backup's come, but for a key that opens telegrams here.
    #[must_use]
    pub fn settings(&self, backup: Vec<Setting>, here: &[Setting]) -> Vec<Setting> {
        let value = |name: &str| here.iter().find(|setting| setting.name == name);
        let mut settings: Vec<Setting> = Vec::new();
        if self.replaces {
            for (_, Arrival { key, is, .. }) in &self.met {
                let kept = is.as_ref().and_then(|is| value(&Setting::of_keys(is)));
                let kept = kept.map(|kept| Setting { name: Setting::of_keys(key), ..kept.clone() });
                settings.extend(kept);
            }
        }
        for setting in backup {
            let Some(setting) = self.renamed(setting) else { continue };
            let is_settled = settings.iter().any(|known| known.name == setting.name)
                || !self.replaces && value(&setting.name).is_some();
            if !is_settled {
                settings.push(setting);
            }
        }
        settings
    }

    /// A meter's keys are kept under its name; those of nobody are not kept.
    fn renamed(&self, setting: Setting) -> Option<Setting> {
        let Some(meter) = setting.keys_of() else { return Some(setting) };
        Some(Setting { name: Setting::of_keys(&self.of(&meter)?.key), ..setting })
    }

    fn whole(&self, meter: &MeterKey) -> Option<&MeterKey> {
        self.of(meter)?.record.as_ref().map(|record| &record.key)
    }

    fn arrival(&self, record: MeterRecord) -> Arrival {
        let met = |here: &MeterRecord| self.met.iter().any(|(_, met)| met.is.as_ref() == Some(&here.key));
        let is_it = |here: &&MeterRecord| is_same(here, &record) && !met(here);
        let here = self.here.iter().find(is_it);
        let is = here.map(|here| here.key.clone());
        if let (Some(here), false) = (here, self.replaces) {
            return Arrival { key: here.key.clone(), record: None, is };
        }
        let key = self.free(&record);
        let origin = record.origin().clone();
        let mut record =
            MeterRecord { origin: (origin != key).then_some(origin), key: key.clone(), ..record };
        if let Some(here) = here.filter(|here| serves(&here.source, &record.source)) {
            (record.source, record.reading) = (here.source.clone(), here.reading);
        }
        // Whoever saves a first look at a file, and brings it back, keeps it.
        if let SourceRecord::File { kept, .. } = &mut record.source {
            *kept = true;
        }
        Arrival { key, record: Some(record), is }
    }

    /// A name that neither a meter here has nor one that came before: its own, its first one, or that with a number.
    fn free(&self, record: &MeterRecord) -> MeterKey {
        let origin = record.origin();
        let numbered = (2_u64..).map(|number| MeterKey(format!("{}-{number}", origin.0)));
        let mut names = [record.key.clone(), origin.clone()].into_iter().chain(numbered);
        // There are more numbers than meters.
        names.find(|name| !self.taken.contains(name)).unwrap_or_else(|| record.key.clone())
    }
}

/// Whether both are records of one meter: of one origin, or read in the same way from a meter that calls itself the same.
fn is_same(one: &MeterRecord, other: &MeterRecord) -> bool {
    let protocol = |record: &MeterRecord| record.source.spoken().and_then(|spoken| spoken.protocol);
    let called = one.identification.is_some() && one.identification == other.identification;
    one.origin() == other.origin() || called && protocol(one).is_some() && protocol(one) == protocol(other)
}

/// Whether a meter is read on from where it is read here, and not from where it was when the backup was made.
fn serves(here: &SourceRecord, backup: &SourceRecord) -> bool {
    let is_settled = |source: &SourceRecord| source.spoken().is_some_and(|spoken| spoken.protocol.is_some());
    match here {
        SourceRecord::File { .. } => false,
        SourceRecord::Simulated { .. } => true,
        SourceRecord::Serial { .. } | SourceRecord::Bridge { .. } => is_settled(here) || !is_settled(backup),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::retention::Retention;
    use crate::store::Spoken;
    use metertap_decoder::reading::Protocol;

    fn key(name: &str) -> MeterKey {
        MeterKey(name.into())
    }

    fn bridge(url: &str, protocol: Option<Protocol>) -> SourceRecord {
        SourceRecord::Bridge { url: url.into(), spoken: Spoken { protocol, ..Spoken::default() } }
    }

    /// A meter of that name in the log, which a person calls otherwise.
    fn record(name: &str, called: &str) -> MeterRecord {
        MeterRecord {
            key: key(name),
            origin: None,
            name: called.into(),
            place: String::new(),
            source: bridge("ws://here/", Some(Protocol::P1)),
            identification: None,
            topic: None,
            reading: true,
            retention: Retention::Forever,
            schedule: None,
            line_of: None,
        }
    }

    fn setting(name: &str, value: &str) -> Setting {
        Setting { name: name.into(), value: value.into() }
    }

    #[test]
    fn merged_a_meter_that_is_here_stays_as_it_is_and_others_come_whole() {
        let mut arrivals = Arrivals::new(vec![record("p1-0a", "Hall")], false);
        arrivals.take(record("p1-0a", "Cellar"));
        arrivals.take(record("p1-0b", "Garage"));
        assert_eq!(arrivals.of(&key("p1-0a")).map(|arrival| &arrival.record), Some(&None));
        assert_eq!(arrivals.records(), [record("p1-0b", "Garage")]);
        let cursor = |meter: &str| Cursor { meter: key(meter), reader: "mqtt".into(), seq: 7 };
        assert_eq!(arrivals.cursors(vec![cursor("p1-0a"), cursor("p1-0b")]), [cursor("p1-0b")]);
        let backup = vec![setting("keys.p1-0a", "old"), setting("keys.p1-0b", "b"), setting("broker", "old")];
        let here = [setting("keys.p1-0a", "new"), setting("broker", "new")];
        assert_eq!(arrivals.settings(backup, &here), [setting("keys.p1-0b", "b")]);
    }

    #[test]
    fn replaced_a_meter_has_the_backups_name_and_the_port_and_key_that_work_here() {
        let mut arrivals = Arrivals::new(vec![record("p1-0a", "Hall")], true);
        let backup = MeterRecord {
            place: "Cellar".into(),
            retention: Retention::Days(31),
            source: bridge("ws://elsewhere/", Some(Protocol::P1)),
            reading: false,
            ..record("p1-0a", "Main")
        };
        arrivals.take(backup.clone());
        let (_, log) = arrivals.of_log(&key("p1-0a+3")).unwrap();
        assert_eq!(log, key("p1-0a-2+3"), "what is here is not written to");
        let expected = MeterRecord {
            key: key("p1-0a-2"),
            origin: Some(key("p1-0a")),
            source: bridge("ws://here/", Some(Protocol::P1)),
            reading: true,
            ..backup
        };
        assert_eq!(arrivals.records(), [expected]);
        let of_backup =
            vec![setting("keys.p1-0a", "old"), setting("keys.p1-99", "?"), setting("broker", "old")];
        let here = [setting("keys.p1-0a", "new"), setting("broker", "new")];
        let settled = [setting("keys.p1-0a-2", "new"), setting("broker", "old")];
        assert_eq!(arrivals.settings(of_backup, &here), settled);
    }

    #[test]
    fn a_port_that_was_never_understood_gives_way_and_so_does_a_file() {
        let file = SourceRecord::File { name: "evening.bin".into(), kept: false };
        let known = bridge("ws://elsewhere/", Some(Protocol::P1));
        for (here, backup, expected) in [
            (bridge("ws://here/", None), known.clone(), known.clone()),
            (bridge("ws://here/", None), file.clone(), bridge("ws://here/", None)),
            (file.clone(), known.clone(), known),
            (file.clone(), file, SourceRecord::File { name: "evening.bin".into(), kept: true }),
        ] {
            let mut arrivals = Arrivals::new(vec![MeterRecord { source: here, ..record("a", "") }], true);
            arrivals.take(MeterRecord { source: backup, ..record("a", "") });
            assert_eq!(arrivals.records()[0].source, expected);
        }
    }

    /// Replaced by its backup again and again, a meter is known by its origin, and its names do not grow.
    #[test]
    fn a_meter_that_was_restored_is_still_the_same() {
        let mut here = record("a", "");
        for expected in ["a-2", "a", "a-2"] {
            let mut arrivals = Arrivals::new(vec![here], true);
            arrivals.take(record("a", ""));
            here = arrivals.records().remove(0);
            assert_eq!(here.key, key(expected));
            let mut merged = Arrivals::new(vec![here.clone()], false);
            merged.take(record("a", ""));
            assert_eq!(merged.of(&key("a")).map(|arrival| &arrival.key), Some(&here.key));
            assert_eq!(merged.records(), []);
        }
    }

    #[test]
    fn a_meter_is_known_by_what_it_calls_itself_if_it_is_read_in_the_same_way() {
        let called = |name: &str, protocol| MeterRecord {
            identification: Some("4530303434303037".into()),
            source: bridge("ws://here/", Some(protocol)),
            ..record(name, "")
        };
        let mut arrivals = Arrivals::new(vec![called("here", Protocol::P1)], false);
        arrivals.take(called("there", Protocol::P1));
        arrivals.take(called("optical", Protocol::Sml));
        arrivals.take(called("again", Protocol::P1));
        let names = |of: &str| arrivals.of(&key(of)).map(|arrival| arrival.key.0.clone()).unwrap();
        assert_eq!([names("there"), names("optical"), names("again")], ["here", "optical", "again"]);
    }
}
