//! What a stranger may have written, brought into bounds: texts that a screen can show, numbers that a browser can hold,
//! and nothing that connects, asks or deletes before a person has said so.

use metertap_decoder::schedule::{Quiet, Schedule};

use crate::names::topic;
use crate::stated::{Correction, CorrectionKind, MOST_STATEMENTS};
use crate::store::retention::Retention;
use crate::store::settings::Broker;
use crate::store::{LARGEST_FUSE, LineSettings, MeterRecord, SourceRecord};

/// A text without what cannot be seen or turns its order around, cut where it is longer than so many letters.
pub(super) fn plain(text: &str, most: usize) -> String {
    text.chars().filter(|letter| !is_unseen(*letter)).take(most).collect()
}

/// The broker of that file: off, and it says from where it came. None where there is no address.
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

/// A meter of that file. What its source names is not spoken to before a person says so, if that is an address; how long
/// its readings are kept is one of the choices that there are, or for ever.
pub(super) fn meter(record: MeterRecord, file: &str) -> MeterRecord {
    let is_address = matches!(record.source, SourceRecord::Bridge { .. });
    MeterRecord {
        name: plain(&record.name, NAME),
        place: plain(&record.place, NAME),
        source: source(record.source),
        address_from: is_address.then(|| file.to_owned()),
        identification: record.identification.map(|text| plain(&text, TEXT)),
        formerly: record.formerly.map(|text| plain(&text, TEXT)),
        // A name in topics has no more letters than the one that it was made of.
        topic: record.topic.and_then(|text| topic(&plain(&text, TEXT), None, None, &[])),
        reading: record.reading && !is_address,
        retention: Some(record.retention)
            .filter(|kept| Retention::CHOICES.contains(kept))
            .unwrap_or_default(),
        schedule: record.schedule.filter(is_possible),
        fuse: record.fuse.filter(|amperes| (1..=LARGEST_FUSE).contains(amperes)),
        stated: record.stated.into_iter().filter_map(stated).take(MOST_STATEMENTS).collect(),
        ..record
    }
}

/// A correction that a person could have made.
fn stated(mut correction: Correction) -> Option<Correction> {
    if let CorrectionKind::LeftOut { why, .. } = &mut correction.what {
        *why = plain(why, TEXT);
    }
    correction.possible()
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
        // Whoever saves a first look at a file, and brings it back, keeps it.
        SourceRecord::File { name, .. } => SourceRecord::File { name: plain(&name, TEXT), kept: true },
    }
}

/// What is spoken on a line, as far as it is a line's setting and an address.
fn possible(spoken: LineSettings) -> LineSettings {
    let is_letter = |letter: u8| letter.is_ascii_alphanumeric() || letter == b' ';
    let device = Some(spoken.device).filter(|device| device.len() <= DEVICE && device.bytes().all(is_letter));
    let line = spoken.line.filter(|line| line.to_string().parse() == Ok(*line));
    LineSettings { line, device: device.unwrap_or_default(), ..spoken }
}

/// Whether a person could have chosen it.
fn is_possible(schedule: &Schedule) -> bool {
    let of_day = |quiet: Quiet| quiet.from < MINUTES && quiet.until < MINUTES;
    (1..=DAY).contains(&schedule.every) && schedule.quiet.is_none_or(of_day)
}

fn is_unseen(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2060}' | '\u{feff}')
        || matches!(letter, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Letters of what the screen's fields take for a name or a place.
pub(super) const NAME: usize = 60;
/// Letters of any other text.
pub(super) const TEXT: usize = 250;
/// Letters of an address, and of what a broker wants to know, which may be a long token.
const LONG: usize = 4000;
/// Letters of a device address (IEC 62056-21, 6.3.1).
const DEVICE: usize = 32;
/// Seconds.
const DAY: u32 = 86_400;
const MINUTES: u16 = 1440;
