//! Limits what a stranger's file may contain: texts that a screen can show, numbers that a browser can hold, and
//! nothing that connects to an address before the user says so.

use metertap_decoder::schedule::{Quiet, Schedule};

use crate::names::topic;
use crate::plain::plain;
use crate::stated::{Correction, MOST_STATEMENTS};
use crate::store::retention::Retention;
use crate::store::settings::Broker;
use crate::store::{LARGEST_FUSE, LineSettings, MeterRecord, SourceRecord};

/// The broker of a file: switched off, with the file's name as its origin. `None` if it has no address.
pub(super) fn broker(broker: &Broker, file: &str) -> Option<Broker> {
    let Broker { url, user, password, base, .. } = broker;
    let url = plain(url, LONG);
    (!url.is_empty()).then(|| Broker {
        url,
        user: plain(user, LONG),
        password: password.chars().take(LONG).collect(),
        base: plain(base, TEXT),
        on: false,
        from: Some(file.to_owned()),
    })
}

/// A meter of a file, without values that a user could not have chosen. It is not read if its source has an address.
pub(super) fn meter(record: MeterRecord, file: &str) -> MeterRecord {
    let is_address = matches!(record.source, SourceRecord::Bridge { .. });
    MeterRecord {
        name: plain(&record.name, NAME),
        place: plain(&record.place, NAME),
        source: source(record.source),
        address_from: is_address.then(|| file.to_owned()),
        identification: record.identification.map(|text| plain(&text, TEXT)),
        formerly: record.formerly.map(|text| plain(&text, TEXT)),
        // A topic name is made from a name of at most `NAME` letters, each of which becomes one or two.
        topic: record.topic.and_then(|text| topic(&plain(&text, TEXT), None, None, &[])),
        reading: record.reading && !is_address,
        retention: Some(record.retention)
            .filter(|kept| Retention::CHOICES.contains(kept))
            .unwrap_or_default(),
        schedule: record.schedule.filter(is_possible),
        fuse: record.fuse.filter(|amperes| (1..=LARGEST_FUSE).contains(amperes)),
        stated: record.stated.into_iter().filter_map(Correction::possible).take(MOST_STATEMENTS).collect(),
        ..record
    }
}

fn source(source: SourceRecord) -> SourceRecord {
    match source {
        SourceRecord::Serial { vendor, product, spoken } => {
            SourceRecord::Serial { vendor, product, spoken: possible(spoken) }
        }
        SourceRecord::Bridge { url, spoken } => {
            SourceRecord::Bridge { url: plain(&url, LONG), spoken: possible(spoken) }
        }
        SourceRecord::Simulated { model, seed } => {
            SourceRecord::Simulated { model: plain(&model, NAME), seed: seed & u64::from(u32::MAX) }
        }
        // The user has saved these readings in a backup, so they are kept from now on.
        SourceRecord::File { name, .. } => SourceRecord::File { name: plain(&name, TEXT), kept: true },
    }
}

/// The line settings, without a line or a device address that cannot exist.
fn possible(spoken: LineSettings) -> LineSettings {
    let is_letter = |letter: u8| letter.is_ascii_alphanumeric() || letter == b' ';
    let device = Some(spoken.device).filter(|device| device.len() <= DEVICE && device.bytes().all(is_letter));
    let line = spoken.line.filter(|line| line.to_string().parse() == Ok(*line));
    LineSettings { line, device: device.unwrap_or_default(), ..spoken }
}

fn is_possible(schedule: &Schedule) -> bool {
    let of_day = |quiet: Quiet| quiet.from < MINUTES && quiet.until < MINUTES;
    (1..=DAY).contains(&schedule.every) && schedule.quiet.is_none_or(of_day)
}

/// The most letters that the screen's fields allow in a name or a place.
pub(super) const NAME: usize = 60;
/// The most letters of any other text.
pub(super) const TEXT: usize = 250;
/// The most letters of an address, and of a broker's credentials, which may include a long token.
const LONG: usize = 4000;
/// The most letters of a device address (IEC 62056-21, 6.3.1).
const DEVICE: usize = 32;
const DAY: u32 = 86_400;
const MINUTES: u16 = 1440;
