//! [`CorrectionTable`]: what users have corrected, as a table with a row for each correction.

use metertap_decoder::number::Number;
use metertap_decoder::time::Zone;

use super::Options;
use super::cells::Cells;
use super::text::Clock;
use crate::entry::Moment;
use crate::files::corrections::CorrectionLine;
use crate::stated::{Correction, CorrectionKind};

/// A correction to be written.
#[derive(Clone, Debug)]
pub struct CorrectionRow {
    /// The meter's name in the file.
    pub name: String,
    /// The name of the meter that was replaced, if the correction is [`CorrectionKind::Replaced`].
    pub replaced: Option<String>,
    /// The correction, with what identifies the meter.
    pub line: CorrectionLine,
}

#[derive(Clone, Debug)]
pub(super) struct CorrectionTable {
    cells: Cells,
    clock: Clock,
}

impl CorrectionTable {
    pub(super) fn new(options: &Options, zone: Zone) -> Self {
        Self { cells: Cells::new(options), clock: Clock::new(zone) }
    }

    pub(super) fn head(&mut self, out: &mut Vec<u8>) {
        self.cells.begin(out);
        self.titles(out);
    }

    pub(super) fn sheet(&mut self, out: &mut Vec<u8>) {
        self.cells.sheet("Corrections", out);
        self.titles(out);
    }

    pub(super) fn row(&mut self, row: &CorrectionRow, out: &mut Vec<u8>) {
        let Correction { from, what } = &row.line.correction;
        self.cells.text(&row.name, out);
        self.cells.text(word(what), out);
        self.moment(*from, out);
        let (mut until, mut value, mut register, mut quantity, mut reason) = (None, None, None, None, None);
        match what {
            CorrectionKind::CurrentTransformer { ratio } | CorrectionKind::VoltageTransformer { ratio } => {
                value = Some(ratio.to_string());
            }
            CorrectionKind::Count { register: of, channel, quantity: what, ratio } => {
                let channel = channel.map(|channel| format!(", channel {channel}")).unwrap_or_default();
                (value, register) = (Some(ratio.to_string()), Some(format!("{of}{channel}")));
                quantity = Some(what.to_string());
            }
            CorrectionKind::Clock { .. } => {}
            CorrectionKind::Replaced { meter } => {
                value = Some(row.replaced.clone().unwrap_or_else(|| meter.0.clone()));
            }
            CorrectionKind::LeftOut { until: end, why } => (until, reason) = (Some(*end), Some(why.clone())),
        }
        match until {
            Some(until) => self.moment(until, out),
            None => self.cells.empty(out),
        }
        match what {
            CorrectionKind::Clock { minutes } => {
                self.cells.number(Number::whole((*minutes).into()), out);
            }
            _ => self.optional(value.as_deref(), out),
        }
        for text in [register, quantity, reason] {
            self.optional(text.as_deref(), out);
        }
        self.cells.end_row(out);
    }

    fn titles(&mut self, out: &mut Vec<u8>) {
        for title in TITLES {
            self.cells.text(title, out);
        }
        self.cells.end_row(out);
    }

    fn moment(&mut self, moment: Moment, out: &mut Vec<u8>) {
        let Self { cells, clock } = self;
        cells.time(out, |out| clock.seconds(moment, out));
    }

    fn optional(&mut self, text: Option<&str>, out: &mut Vec<u8>) {
        match text {
            Some(text) => self.cells.text(text, out),
            None => self.cells.empty(out),
        }
    }
}

/// The name of a correction's kind, the same as in JSON Lines.
const fn word(what: &CorrectionKind) -> &'static str {
    match what {
        CorrectionKind::CurrentTransformer { .. } => "current-transformer",
        CorrectionKind::VoltageTransformer { .. } => "voltage-transformer",
        CorrectionKind::Count { .. } => "count",
        CorrectionKind::Clock { .. } => "clock",
        CorrectionKind::Replaced { .. } => "replaced",
        CorrectionKind::LeftOut { .. } => "left-out",
    }
}

const TITLES: [&str; 8] = ["meter", "correction", "from", "until", "value", "register", "quantity", "reason"];
