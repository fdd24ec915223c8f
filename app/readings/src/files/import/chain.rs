//! [`Chain`]: the times of a register's rows, one behind the other.

use metertap_decoder::time::Zone;

use super::moment::{Times, Written};
use super::plan::Plan;
use super::problem::Problem;
use super::step::Step;
use crate::entry::Moment;

/// The last two moments of rows that follow each other.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Chain {
    last: Option<Moment>,
    other: Option<Moment>,
}

/// The row before was of an earlier time than it seemed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct SetBack {
    pub(super) from: Moment,
    pub(super) to: Moment,
}

/// How the times of a table are to be understood.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    pub(super) zone: Zone,
    pub(super) times: Times,
    /// Minutes of a span, where times are the ends of spans.
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
    /// The moment of the next row, and whether that shows that the one before was an earlier one.
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

    /// Where ends are written as the begin and the length added up, the last quarter before clocks are set back ends at 03:00,
    /// and so does the last one of the hour that comes again: what follows it shows which of both it was.
    fn set_back(&self, moment: Moment, clock: &Clock) -> Option<SetBack> {
        let (from, other, length) = (self.last?, self.other?, clock.length?);
        let to = Moment(from.0 - HOUR);
        let is_set_back = clock.ahead(Moment(to.0 - 1)) - clock.ahead(from) == 3600;
        let is_next = to.0 - other.0 == i64::from(length) * 60_000;
        (!clock.times.utc && is_set_back && is_next && moment > to).then_some(SetBack { from, to })
    }
}

/// Milliseconds.
const HOUR: i64 = 3_600_000;
