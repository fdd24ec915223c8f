//! [`Differences`]: turns what each row counted into positions that begin at zero.

use std::collections::VecDeque;

use metertap_decoder::number::Number;
use metertap_decoder::time::Zone;

use super::moment::Times;
use super::plan::Plan;
use super::step::Step;
use crate::entry::Moment;
use crate::power::sum;

/// The positions of all columns of a plan; `None` for columns without a value.
pub(super) type Positions = Vec<Option<Number>>;

/// Adds up a table of differences, row by row in chronological order.
///
/// A row's position is that at its end. It is given once the next row is known, because that row may show where the end
/// is. Each column's first count starts from a zero at the end of the previous row. If a column has nothing in a row,
/// no position is given for it at that row's end.
#[derive(Clone, Debug)]
pub(super) struct Differences {
    zone: Zone,
    times: Times,
    until: bool,
    length: Option<Step>,
    powers: Vec<bool>,
    positions: Positions,
    /// Which columns have a position at the pending row.
    said: Vec<bool>,
    /// The time of the pending row.
    open: Option<Moment>,
    /// The shortest time between two rows, for a table whose rows have an unknown length. The longest would be wrong:
    /// there are gaps, and days of 25 hours.
    step: Option<i64>,
    /// Whether the first zero was already given.
    begun: bool,
}

impl Differences {
    pub(super) fn new(plan: &Plan, zone: Zone) -> Self {
        let columns = plan.columns.len();
        Self {
            zone,
            times: plan.times,
            until: plan.until,
            length: plan.step,
            powers: plan.columns.iter().map(|planned| planned.power).collect(),
            positions: vec![None; columns],
            said: vec![false; columns],
            open: None,
            step: None,
            begun: false,
        }
    }

    /// Takes what a row counted, and appends the positions that are now known.
    pub(super) fn row(
        &mut self,
        time: Moment,
        numbers: &[Option<Number>],
        out: &mut VecDeque<(Moment, Positions)>,
    ) {
        let columns = self.positions.iter_mut().zip(&mut self.said).zip(numbers);
        for ((position, said), _) in columns.filter(|(_, number)| number.is_some()) {
            if position.is_none() {
                (*position, *said) = (Some(ZERO), true);
            }
        }
        match self.open.replace(time) {
            Some(open) => {
                let step = time.0 - open.0;
                self.step = Some(self.step.map_or(step, |shortest| shortest.min(step)));
                self.close(open, Some(time), out);
            }
            None if !self.until => self.begin(time, out),
            None => {}
        }
        let length = self.length_at(time);
        let columns = self.positions.iter_mut().zip(&mut self.said).zip(&self.powers).zip(numbers);
        for (((position, said), is_power), number) in columns {
            let (Some(position), Some(number)) = (position, number) else { continue };
            let counted = if *is_power { energy(*number, length) } else { Some(*number) };
            *position = counted.and_then(|counted| sum(*position, counted)).unwrap_or(*position);
            *said = true;
        }
    }

    /// Moves the pending row to an earlier time.
    pub(super) fn set_back(&mut self, time: Moment, earlier: Moment) {
        if self.open == Some(time) {
            self.open = Some(earlier);
        }
    }

    /// Closes the pending row, because no more rows come.
    pub(super) fn end(&mut self, out: &mut VecDeque<(Moment, Positions)>) {
        if let Some(open) = self.open.take() {
            self.close(open, None, out);
        }
    }

    fn close(&mut self, open: Moment, next: Option<Moment>, out: &mut VecDeque<(Moment, Positions)>) {
        let step = self.step.unwrap_or(HOUR);
        let end = if self.until {
            let begin =
                self.length.map_or(Moment(open.0 - step), |step| step.before(open, self.zone, self.times));
            self.begin(begin, out);
            open.0
        } else {
            let end = self.length.map_or(open.0 + step, |step| step.after(open, self.zone, self.times).0);
            next.map_or(end, |next| next.0.min(end))
        };
        let told = self.positions.iter().zip(&mut self.said);
        let told = told.map(|(position, said)| position.filter(|_| std::mem::take(said))).collect();
        out.push_back((Moment(end - 1), told));
    }

    fn begin(&mut self, time: Moment, out: &mut VecDeque<(Moment, Positions)>) {
        if !std::mem::replace(&mut self.begun, true) {
            let zeros = self.positions.iter().map(|position| position.map(|_| ZERO));
            out.push_back((Moment(time.0 - 1), zeros.collect()));
        }
    }

    /// The length in milliseconds of the row's span; 0 if it is unknown.
    fn length_at(&self, time: Moment) -> i64 {
        match self.length {
            Some(step) if self.until => time.0 - step.before(time, self.zone, self.times).0,
            Some(step) => step.after(time, self.zone, self.times).0 - time.0,
            None => 0,
        }
    }
}

/// Returns the energy in kilowatt hours of a power in watts over this many milliseconds, rounded to nine decimal places
/// or to those of the power in kilowatts, whichever are more.
fn energy(power: Number, milliseconds: i64) -> Option<Number> {
    let places = PLACES.min(power.scaler - 3);
    let by = u32::try_from(i16::from(power.scaler) - 3 - i16::from(places)).ok()?;
    let hours = power.mantissa.checked_mul(10_i128.checked_pow(by)?)?.checked_mul(milliseconds.into())?;
    let half = i128::from(HOUR / 2) * hours.signum();
    let mut energy = Number::new((hours + half) / i128::from(HOUR), places);
    // Drops trailing zeros, but keeps the decimal places of whole watt hours.
    while energy.scaler < -3 && energy.mantissa % 10 == 0 {
        energy = Number::new(energy.mantissa / 10, energy.scaler + 1);
    }
    Some(energy)
}

const ZERO: Number = Number::whole(0);
/// An hour in milliseconds. A table's only row is assumed to be this long.
const HOUR: i64 = 3_600_000;
/// The scaler of computed kilowatt hours. No meter and no total has more decimal places.
const PLACES: i8 = -9;

#[cfg(test)]
mod tests {
    use super::*;

    /// 632 W for a quarter of an hour, 484 W for half an hour, 100 W for five and for ten minutes: 100/12 and 100/6 Wh.
    #[test]
    fn energy_is_power_times_the_time_it_lasted() {
        let read =
            |power: &str, minutes: i64| energy(power.parse().unwrap(), minutes * 60_000).unwrap().to_string();
        assert_eq!(read("632", 15), "0.158");
        assert_eq!(read("484", 30), "0.242");
        assert_eq!(read("1200", 30), "0.600");
        assert_eq!(read("100", 5), "0.008333333");
        assert_eq!(read("100", 10), "0.016666667");
        assert_eq!(read("-100", 10), "-0.016666667");
        assert_eq!(read("0.5", 60), "0.0005");
    }
}
