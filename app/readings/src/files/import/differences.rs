//! [`Differences`]: what rows counted, added up to positions that begin at zero.

use std::collections::VecDeque;

use metertap_decoder::number::Number;

use crate::entry::Moment;
use crate::power::sum;

/// Positions of all columns of a plan; none of those that have not said anything yet.
pub(super) type Positions = Vec<Option<Number>>;

/// Adds up a table of differences, row by row in the order of time.
///
/// A row's position is that of its end, so it is known with the row behind it. Whatever a column counted first is counted
/// from a zero at the end of the row before.
#[derive(Clone, Debug)]
pub(super) struct Differences {
    /// Whether the time of a row is its end.
    until: bool,
    positions: Positions,
    /// The time of the row whose position is not told yet.
    open: Option<Moment>,
    /// The shortest time between two rows: a day of 25 hours, or a gap, is no measure of the others.
    step: Option<i64>,
    /// Whether there was a zero already.
    begun: bool,
}

impl Differences {
    pub(super) fn new(columns: usize, until: bool) -> Self {
        Self { until, positions: vec![None; columns], open: None, step: None, begun: false }
    }

    /// Takes what a row counted, and puts the positions that are known with it behind the others.
    pub(super) fn row(
        &mut self,
        time: Moment,
        numbers: &[Option<Number>],
        out: &mut VecDeque<(Moment, Positions)>,
    ) {
        for (position, _) in self.positions.iter_mut().zip(numbers).filter(|(_, number)| number.is_some()) {
            position.get_or_insert(ZERO);
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
        for (position, number) in self.positions.iter_mut().zip(numbers) {
            if let (Some(position), Some(number)) = (position, number) {
                *position = sum(*position, *number).unwrap_or(*position);
            }
        }
    }

    /// No more rows come.
    pub(super) fn end(&mut self, out: &mut VecDeque<(Moment, Positions)>) {
        if let Some(open) = self.open.take() {
            self.close(open, None, out);
        }
    }

    fn close(&mut self, open: Moment, next: Option<Moment>, out: &mut VecDeque<(Moment, Positions)>) {
        let step = self.step.unwrap_or(HOUR);
        let end = if self.until {
            self.begin(Moment(open.0 - step), out);
            open.0
        } else {
            next.map_or(open.0 + step, |next| next.0.min(open.0 + step))
        };
        out.push_back((Moment(end - 1), self.positions.clone()));
    }

    fn begin(&mut self, time: Moment, out: &mut VecDeque<(Moment, Positions)>) {
        if !std::mem::replace(&mut self.begun, true) {
            let zeros = self.positions.iter().map(|position| position.map(|_| ZERO));
            out.push_back((Moment(time.0 - 1), zeros.collect()));
        }
    }
}

const ZERO: Number = Number::whole(0);
/// How long the only row of a table is, in milliseconds.
const HOUR: i64 = 3_600_000;
