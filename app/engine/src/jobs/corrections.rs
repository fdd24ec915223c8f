//! Which corrections a meter takes over from a file of readings, and which corrections an exported file has.

use std::ops::RangeInclusive;

use metertap_readings::entry::Moment;
use metertap_readings::files::corrections::CorrectionLine;
use metertap_readings::files::export::CorrectionRow;
use metertap_readings::history::timeline::may_replace;
use metertap_readings::stated::{Correction, CorrectionKind, MOST_STATEMENTS};
use metertap_readings::store::{MeterKey, MeterRecord};

/// The corrections that a meter takes over, and the line numbers of the corrections for which it has no room. A new
/// meter (`None`) takes over all kinds. A known meter keeps all its own corrections. It takes over no factor and no
/// clock, because these are already applied to the readings in the file. A replacement is taken over only if the
/// replaced meter is known.
pub(super) fn taken_over(
    found: &[(u64, Correction)],
    meter: Option<&MeterKey>,
    records: &[MeterRecord],
) -> (Vec<Correction>, Vec<u64>) {
    let here = meter.and_then(|meter| records.iter().find(|record| record.key == *meter));
    let stated = here.map_or(&[][..], |record| &record.stated);
    let is_possible = |correction: &Correction| match &correction.what {
        CorrectionKind::Replaced { meter: old } => {
            let all = records.iter().map(|record| (&record.key, record.stated.as_slice()));
            let nobody = MeterKey(String::new());
            records.iter().any(|record| record.key == *old)
                && may_replace(meter.unwrap_or(&nobody), old, all).is_ok()
        }
        what => here.is_none() || !what.is_of_readings(),
    };
    let (mut taken, mut too_many) = (Vec::new(), Vec::new());
    for (line, correction) in found.iter().filter(|(_, correction)| is_possible(correction)) {
        if stated.iter().chain(&taken).any(|other| other.is_about_the_same(correction)) {
            continue;
        }
        if stated.len() + taken.len() < MOST_STATEMENTS {
            taken.push(correction.clone());
        } else {
            too_many.push(*line);
        }
    }
    (taken, too_many)
}

/// The rows for the meters' corrections that apply at any of these moments. `called` lists the meters, each with its
/// name in the file.
pub(super) fn rows(
    called: &[(MeterKey, String)],
    records: &[MeterRecord],
    moments: &RangeInclusive<Moment>,
) -> Vec<CorrectionRow> {
    let holds = |correction: &&Correction| {
        let ended =
            matches!(correction.what, CorrectionKind::LeftOut { until, .. } if until <= *moments.start());
        correction.from <= *moments.end() && !ended
    };
    let of_meter = |(key, name): &(MeterKey, String)| {
        let record = records.iter().find(|record| record.key == *key);
        let stated = record.into_iter().flat_map(|record| record.stated.iter().map(move |one| (record, one)));
        let row = |(record, correction): (&MeterRecord, &Correction)| CorrectionRow {
            name: name.clone(),
            replaced: match &correction.what {
                CorrectionKind::Replaced { meter } => Some(name_of(meter, called, records)),
                _ => None,
            },
            line: CorrectionLine {
                correction: correction.clone(),
                meter: record.identification.clone(),
                of: key.clone(),
                values: [],
            },
        };
        stated.filter(|(_, correction)| holds(correction)).map(row).collect::<Vec<_>>()
    };
    called.iter().flat_map(of_meter).collect()
}

/// The name of a meter, or what identifies it.
fn name_of(meter: &MeterKey, called: &[(MeterKey, String)], records: &[MeterRecord]) -> String {
    let name = called.iter().find(|(key, _)| key == meter).map(|(_, name)| name);
    let record = records.iter().find(|record| record.key == *meter);
    let named = record.map(|record| &record.name).filter(|name| !name.is_empty());
    let identification = record.and_then(|record| record.identification.as_ref());
    name.or(named).or(identification).unwrap_or(&meter.0).clone()
}
