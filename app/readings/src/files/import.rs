//! Readings from elsewhere: files of this program and of others.
//!
//! An import has a separate log beside the meter's: [`Import`] says which meter it belongs to. The meter's log keeps
//! exactly what was received, without gaps, and is forwarded once. The import has its own numbers from 1, is joined
//! with the meter's log in charts and files, and is undone by removing it as a whole.
//!
//! Each quarter of an hour belongs to one log: quarters for which the meter's log or an earlier import has readings are
//! left out of a later import ([`Join`]). So no two logs have roll-ups of the same quarter, and nothing is counted
//! twice.
//!
//! ```text
//! the file's beginning ─► Preview ─► Plan ─► the user may change it
//! the file, in pieces  ─► Reader ─► readings, or problems of lines ─► Join ─► a separate log
//! ```
//!
//! Files may come from anybody. A line longer than a limit is refused. A problem is reported with its line and does not
//! affect other lines. Unless rows must be sorted, a file is never in memory as a whole.

mod amsreader;
mod chain;
mod differences;
mod format;
mod guess;
mod join;
mod lines;
mod moment;
mod number;
mod order;
mod plan;
mod preview;
mod problem;
mod profile;
mod pushed;
mod reader;
mod recognise;
mod row;
mod sample;
mod statement;
mod step;
mod survey;
mod table;
mod timing;
mod unit;
mod word;

pub use format::{FORMATS, Format, REGISTERS, Register};
pub use join::Join;
pub use moment::{Dates, Times};
pub use plan::{FileKind, Only, Plan, Planned};
pub use preview::{Preview, Unseen};
pub use problem::{Problem, Wrong};
pub use profile::LoadProfile;
pub use reader::Reader;
pub use step::Step;

use serde::{Deserialize, Serialize};

use crate::entry::Moment;
use crate::stated::Correction;
use crate::store::MeterKey;

/// An import that is kept.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Import {
    /// The log that holds it.
    pub log: MeterKey,
    /// The meter to which the readings belong.
    pub meter: MeterKey,
    /// The file that the readings came from.
    pub file: String,
    /// When the readings were imported.
    pub at: Moment,
    /// The number of readings.
    pub readings: u64,
    /// The earliest and the latest time of a reading.
    pub span: (Moment, Moment),
    /// Whether the readings are the meter's own raw ones, from a backup.
    #[serde(default)]
    pub heard: bool,
    /// Whether the readings are positions that a user has typed.
    #[serde(default)]
    pub typed: bool,
    /// The corrections that came with the readings, and are removed together with the readings.
    #[serde(default)]
    pub stated: Vec<Correction>,
}

impl Import {
    /// The logs that hold a meter's readings, the oldest first and its own last.
    #[must_use]
    pub fn logs(meter: &MeterKey, all: &[Self]) -> Vec<MeterKey> {
        let mut of_meter: Vec<&Self> = all.iter().filter(|import| import.meter == *meter).collect();
        of_meter.sort_by_key(|import| import.span);
        of_meter.into_iter().map(|import| import.log.clone()).chain([meter.clone()]).collect()
    }
}

/// Checks that arbitrary bytes can be read as a file of any kind without a panic.
pub fn read_anything(octets: &[u8]) {
    let Ok(preview) = Preview::of(octets) else { return };
    let of_kind = |kind| Plan { kind, ..preview.plan.clone() };
    let chosen = (0..3)
        .fold(preview.plan.clone(), |plan, column| preview.choose(&plan, column, None, REGISTERS.first()));
    for plan in [
        of_kind(FileKind::Amsreader),
        of_kind(FileKind::JsonLines),
        of_kind(FileKind::Statements),
        chosen,
        preview.plan,
    ] {
        let mut reader = Reader::new(&plan, metertap_decoder::time::Zone::default());
        for piece in octets.chunks(777) {
            reader.push(piece);
            while reader.next().is_some() {}
        }
        reader.end();
        while reader.next().is_some() {}
    }
}

#[cfg(test)]
mod files;
#[cfg(test)]
mod forms;
#[cfg(test)]
mod generated;
#[cfg(test)]
mod portals;
#[cfg(test)]
mod tables;

#[cfg(test)]
mod tests {
    use super::*;

    fn import(log: &str, meter: &str, from: i64) -> Import {
        Import {
            log: MeterKey(log.into()),
            meter: MeterKey(meter.into()),
            file: "a.csv".into(),
            at: Moment(0),
            readings: 1,
            span: (Moment(from), Moment(from + 1)),
            heard: false,
            typed: false,
            stated: Vec::new(),
        }
    }

    #[test]
    fn the_logs_of_a_meter_are_in_chronological_order() {
        let all = [import("a+1", "a", 50), import("b+1", "b", 10), import("a+3", "a", 20)];
        let key = |name: &str| MeterKey(name.into());
        assert_eq!(Import::logs(&key("a"), &all), [key("a+3"), key("a+1"), key("a")]);
        assert_eq!(Import::logs(&key("c"), &all), [key("c")]);
    }
}
