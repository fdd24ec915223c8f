//! [`Steps`]: what a counter has counted between two telegrams, compared with the power in that time.
//!
//! Frequent samples of the power bound its integral. A counter that counts ten times as much, or a tenth, has another
//! scale.

use crate::harmonise::measurement::is_assumed;
use crate::meter::ScaleGroup;
use crate::number::Number;
use crate::physics::{Flow, thousandths};
use crate::reading::{Measurement, Quantity};
use crate::register::Value;
use crate::time::MeterTime;

/// A period of time, and the power sampled in it.
#[derive(Debug, Default)]
pub(super) struct Steps {
    start: Option<Position>,
    samples: u32,
    /// The least and the most power that can have flowed, in milliwatts.
    least: i64,
    most: i64,
    /// The result, [`Found::None`] if no scale of the rows is possible; `None` until there is a result.
    found: Option<Found>,
}

#[derive(Clone, Copy, Debug)]
enum Found {
    Scale(i8),
    None,
}

#[derive(Clone, Copy, Debug)]
struct Position {
    second: i64,
    watt_hours: i64,
    /// The resolution of the counter, in watt hours.
    step: i64,
}

impl Steps {
    /// The power of ten by which the counters' scale exceeds the scale in their row, 0 until there is a result. `None`
    /// if no scale of the rows is possible.
    pub(super) fn shift(
        &mut self,
        flow: &Flow,
        time: Option<MeterTime>,
        values: &[Measurement],
        scales: impl Iterator<Item = i8> + Clone,
    ) -> Option<i8> {
        self.sample(flow);
        let position = time.and_then(|time| position(time.unix_seconds(), values));
        if let Some(position) = position {
            match self.start {
                Some(start) if self.is_whole(start, position) => {
                    self.judge(start, position, scales);
                    self.begin(position);
                }
                Some(start) if position.second > start.second && position.second - start.second < LONGEST => {
                }
                _ => self.begin(position),
            }
        }
        match self.found {
            None => Some(0),
            Some(Found::Scale(shift)) => Some(shift),
            Some(Found::None) => None,
        }
    }

    fn begin(&mut self, position: Position) {
        *self = Self { start: Some(position), found: self.found, ..Self::default() };
    }

    fn sample(&mut self, flow: &Flow) {
        let Some(import) = flow.import() else { return };
        // Counters of meters that do not net their phases also count power that the total does not show.
        let most = flow.apparent_power().unwrap_or(import).max(import);
        (self.least, self.most) = match self.samples {
            0 => (import, most),
            _ => (self.least.min(import), self.most.max(most)),
        };
        self.samples = self.samples.saturating_add(1);
    }

    /// Whether the period has enough samples of the power, and the counter has made enough steps or should have made
    /// them.
    fn is_whole(&self, start: Position, end: Position) -> bool {
        let seconds = end.second - start.second;
        let counted = end.watt_hours - start.watt_hours;
        let enough = start.step.saturating_mul(ENOUGH);
        (1..LONGEST).contains(&seconds)
            && counted >= 0
            && self.samples >= FEWEST_SAMPLES
            && i64::from(self.samples) * LONGEST_GAP >= seconds
            && (counted >= enough || watt_hours(self.least, seconds) >= enough)
    }

    fn judge(&mut self, start: Position, end: Position, scales: impl Iterator<Item = i8> + Clone) {
        let seconds = end.second - start.second;
        let counted = i128::from(end.watt_hours - start.watt_hours);
        let (least, most) = (watt_hours(self.least, seconds), watt_hours(self.most, seconds));
        let holds = |shift: &i8| {
            let power = 10_i128.pow(u32::from(shift.unsigned_abs().min(9)));
            let scaled = |value: i128| if *shift >= 0 { value * power } else { value / power };
            let (counted, step) = (scaled(counted), scaled(i128::from(start.step)).max(1));
            counted <= i128::from(most) * 3 + step * 2 && counted * 3 + step * 6 >= i128::from(least)
        };
        let before = match self.found {
            Some(Found::Scale(shift)) => Some(shift),
            _ => None,
        };
        let found = before.into_iter().chain(scales).find(holds);
        self.found = Some(found.map_or(Found::None, Found::Scale));
    }
}

/// The counter of all imported energy, if its scale comes from a row.
fn position(second: i64, values: &[Measurement]) -> Option<Position> {
    let is_counter = |value: &&Measurement| {
        let is_total = (value.storage, value.tariff, value.channel, value.phase) == (None, None, None, None);
        is_total
            && is_assumed(value)
            && value.quantity == Some(Quantity::ActiveEnergyImport)
            && value.quantity.and_then(ScaleGroup::of) == Some(ScaleGroup::Energy)
    };
    match values.iter().find(is_counter)?.value {
        // In thousandths of kilowatt hours.
        Value::Number(number) => Some(Position {
            second,
            watt_hours: thousandths(number)?,
            step: thousandths(Number::new(1, number.scaler))?.max(1),
        }),
        _ => None,
    }
}

fn watt_hours(milliwatts: i64, seconds: i64) -> i64 {
    i64::try_from(i128::from(milliwatts) * i128::from(seconds) / 3_600_000).unwrap_or(i64::MAX)
}

/// Seconds of the longest period.
const LONGEST: i64 = 4 * 3600;
/// The largest mean time between two samples of the power, in seconds: a kettle boils for minutes.
const LONGEST_GAP: i64 = 60;
const FEWEST_SAMPLES: u32 = 20;
/// This many steps of a counter suffice to determine the power of ten.
const ENOUGH: i64 = 20;
