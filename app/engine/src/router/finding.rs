//! Meters from earlier sessions, as the log has them.

use metertap_readings::archive::Archive;
use metertap_readings::entry::Entry;
use metertap_readings::files::backup::Setting;
use metertap_readings::log::journal::LogError;
use metertap_readings::store::disk::Disk;
use metertap_readings::store::settings::MeterKeys;
use metertap_readings::store::{MeterKey, MeterRecord, SourceRecord};

use crate::meters::meter::Meter;

/// Loads the meters on the disk that are not in `known`. Removes meters of files that the user only looked into.
pub(super) async fn found<D: Disk>(log: &Archive<D>, known: &[MeterKey]) -> Result<Vec<Meter>, LogError> {
    let mut found = Vec::new();
    let records = log.meters().await?.into_iter();
    for record in records.filter(|record| !known.contains(&record.key)) {
        if matches!(record.source, SourceRecord::File { kept: false, .. }) {
            log.remove_meter(&record.key).await?;
            continue;
        }
        let keys = keys(log, &record.key).await;
        let mut meter = find(log, record).await?;
        meter.set_keys(keys);
        found.push(meter);
    }
    Ok(found)
}

/// The newest entries of a meter, with the user's present corrections.
pub(super) async fn newest_of<D: Disk>(
    log: &Archive<D>,
    meter: &MeterRecord,
) -> Result<Vec<Entry>, LogError> {
    for name in shown(log, meter) {
        if let Some((first, last)) = log.span(&name).await? {
            return newest(log, &name, first, last).await;
        }
    }
    Ok(Vec::new())
}

pub(super) async fn keys<D: Disk>(log: &Archive<D>, meter: &MeterKey) -> MeterKeys {
    let text = log.setting(&Setting::of_keys(meter)).await.ok().flatten().unwrap_or_default();
    serde_json::from_str(&text).unwrap_or_default()
}

async fn find<D: Disk>(log: &Archive<D>, record: MeterRecord) -> Result<Meter, LogError> {
    let bytes = log.kept_octets(&record.key).await?;
    for name in shown(log, &record) {
        let Some((first, last)) = log.span(&name).await? else { continue };
        let beginning = log.range(&name, first..=first, 1).await?;
        let beginning = beginning.first().map(|entry| entry.received);
        return Ok(Meter::found(record, bytes, beginning, newest(log, &name, first, last).await?));
    }
    Ok(Meter::found(record, bytes, None, Vec::new()))
}

/// The logs whose newest entries the windows show. The first one that has entries counts: the meter's own log, or an
/// import's if the meter is known only from files.
fn shown<D: Disk>(log: &Archive<D>, meter: &MeterRecord) -> impl Iterator<Item = MeterKey> + use<D> {
    let most = if is_of_files(meter) { usize::MAX } else { 1 };
    log.logs(&meter.key).into_iter().rev().take(most)
}

/// Whether a meter is known only from files.
pub(super) const fn is_of_files(meter: &MeterRecord) -> bool {
    matches!(meter.source, SourceRecord::File { .. })
}

/// The newest entries of a log, oldest first. They reach back far enough to contain every register, even of a meter
/// that sends its longest list once an hour. In a log from a file, most numbers may be missing.
async fn newest<D: Disk>(
    log: &Archive<D>,
    meter: &MeterKey,
    first: u64,
    last: u64,
) -> Result<Vec<Entry>, LogError> {
    let mut newest: Vec<Entry> = Vec::new();
    let (mut end, mut values, mut pages) = (last, 0, 0);
    while values < VALUES_LOOKED_AT && end >= first && pages < PAGES_LOOKED_AT {
        let begin = end.saturating_sub(PAGE - 1).max(first);
        let page = log.range(meter, begin..=end, PAGE as usize).await?;
        values += page.iter().map(|entry| entry.reading.values.len()).sum::<usize>();
        newest.splice(0..0, page);
        (end, pages) = (begin.saturating_sub(1), pages + 1);
    }
    Ok(newest)
}

/// A Norwegian meter sends about 9,000 values an hour.
const VALUES_LOOKED_AT: usize = 12_000;
/// How many entries are read at once.
const PAGE: u64 = 256;
/// More pages than that many values take, if each entry has one.
const PAGES_LOOKED_AT: u32 = 50;
