//! [`Chain`]: the times of a register's consecutive rows.

use metertap_decoder::time::Zone;

use super::moment::{Times, Written};
use super::plan::Plan;
use super::problem::Problem;
use super::step::Step;
use crate::entry::Moment;

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Chain {
    last: Option<Moment>,
    /// The moment before the last one.
    other: Option<Moment>,
}

/// A correction of the previous row's time, which was an hour earlier than assumed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct SetBack {
    pub(super) from: Moment,
    pub(super) to: Moment,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    pub(super) zone: Zone,
    pub(super) times: Times,
    /// The length of a span in minutes, if times are the ends of spans.
    length: Option<u16>,
}

impl Clock {
    pub(super) fn new(plan: &Plan, zone: Zone) -> Self {
        let length = match plan.step {
            Some(Step::Minutes(minutes)) if plan.difference && plan.until => Some(minutes),
            _ => None,
        };
        Self { zone, times: plan.times, length }
    }

    fn ahead(&self, moment: Moment) -> i32 {
        self.zone.offset(moment.0.div_euclid(1000))
    }
}

impl Chain {
    /// Returns the moment of the next row, and a correction if this row shows that the previous one was earlier than
    /// assumed.
    pub(super) fn next(
        &mut self,
        written: Written,
        clock: &Clock,
    ) -> Result<(Moment, Option<SetBack>), Problem> {
        let moment = written.moment(clock.zone, clock.times, self.last).ok_or(Problem::Time)?;
        let mut set_back = None;
        if self.last.is_some_and(|last| moment <= last) {
            let found = self.set_back(moment, clock).ok_or(Problem::Order)?;
            self.last = Some(found.to);
            set_back = Some(found);
        }
        (self.other, self.last) = (self.last, Some(moment));
        Ok((moment, set_back))
    }

    /// Returns a correction if the previous row was an hour earlier than assumed. Some programs compute the end of a
    /// span as its beginning plus its length. Then the last quarter before clocks are set back ends at 03:00, and so
    /// does the last quarter of the repeated hour. The next row shows which of the two quarters it was.
    fn set_back(&self, moment: Moment, clock: &Clock) -> Option<SetBack> {
        let (from, other, length) = (self.last?, self.other?, clock.length?);
        let to = Moment(from.0 - HOUR);
        let is_set_back = clock.ahead(Moment(to.0 - 1)) - clock.ahead(from) == 3600;
        let is_next = to.0 - other.0 == i64::from(length) * 60_000;
        (!clock.times.utc && is_set_back && is_next && moment > to).then_some(SetBack { from, to })
    }
}

/// An hour in milliseconds.
const HOUR: i64 = 3_600_000;
