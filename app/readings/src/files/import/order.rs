//! [`Held`]: rows that are sorted by time before they are read.

use metertap_decoder::civil::DateTime;

use super::chain::{Chain, Clock, SetBack};
use super::differences::Positions;
use super::moment::Written;
use super::problem::Problem;
use crate::entry::Moment;

/// The values of a row at one time. A row whose columns are times has an item for each of them.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub(super) line: u64,
    /// The index of its register, if each register has separate rows.
    pub(super) stream: usize,
    pub(super) written: Written,
    pub(super) numbers: Positions,
    /// Whether it is below a title with its time.
    pub(super) is_across: bool,
}

impl Item {
    /// Whether it is below the title of a time that clocks skip on its day. A table with a row for each day has a
    /// column for that hour all the same.
    pub(super) fn is_passed_over(&self, clock: &Clock) -> bool {
        self.is_across && self.written.is_passed_over(clock.zone, clock.times)
    }

    pub(super) fn is_zero(&self) -> bool {
        self.numbers.iter().flatten().all(|number| number.mantissa == 0)
    }
}

#[derive(Clone, Debug, Default)]
pub(super) struct Held(Vec<Item>);

impl Held {
    /// Keeps an item for later. Fails if there are too many.
    pub(super) fn push(&mut self, item: Item) -> Result<(), Problem> {
        if self.0.len() >= MOST {
            return Err(Problem::TooMany);
        }
        self.0.push(item);
        Ok(())
    }

    /// Returns all items in chronological order, each with its moment.
    ///
    /// A register's rows are reversed if they go from new to old. If they go neither way, they are sorted. A single row
    /// against the order of the others is refused.
    pub(super) fn in_order(self, clock: &Clock) -> Vec<(Item, Result<Moment, Problem>)> {
        let mut streams: Vec<Vec<Item>> = Vec::new();
        for item in self.0 {
            while streams.len() <= item.stream {
                streams.push(Vec::new());
            }
            if let Some(stream) = streams.get_mut(item.stream) {
                stream.push(item);
            }
        }
        let mut all = Vec::new();
        for mut stream in streams {
            let walls: Vec<_> = stream.iter().filter_map(|item| item.written.wall()).collect();
            match Way::of(&walls) {
                Way::Forward => {}
                Way::Backward => stream.reverse(),
                Way::Neither => stream.sort_by_key(|item| item.written.wall()),
            }
            all.extend(moments(stream, clock));
        }
        all.sort_by_key(|(place, ..)| *place);
        all.into_iter().map(|(_, item, moment)| (item, moment)).collect()
    }
}

/// An item with its moment, and the moment by which it is sorted.
type Placed = (Option<Moment>, Item, Result<Moment, Problem>);

/// The moments of consecutive rows. A row without a moment stays after the previous one.
fn moments(stream: Vec<Item>, clock: &Clock) -> Vec<Placed> {
    let (mut chain, mut placed, mut place) = (Chain::default(), Vec::<Placed>::new(), None);
    for item in stream {
        let next =
            if item.is_passed_over(clock) { Err(Problem::Time) } else { chain.next(item.written, clock) };
        if let Ok((_, Some(SetBack { from, to }))) = next {
            for (place, _, moment) in placed.iter_mut().rev().take_while(|(place, ..)| *place == Some(from)) {
                (*place, *moment) = (Some(to), moment.map(|_| to));
            }
        }
        let moment = next.map(|(moment, _)| moment);
        place = moment.ok().or(place);
        placed.push((place, item, moment));
    }
    placed
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Way {
    Forward,
    Backward,
    Neither,
}

impl Way {
    /// The direction of these times. A few rows in the wrong place do not change it, and neither does the hour that
    /// comes twice on an autumn night.
    pub(super) fn of(walls: &[DateTime]) -> Self {
        let pairs = || walls.iter().zip(walls.iter().skip(1));
        let up = pairs().filter(|(one, other)| other > one && !is_autumn(other, one)).count();
        let down = pairs().filter(|(one, other)| other < one && !is_autumn(one, other)).count();
        let (all_up, all_down) = (
            pairs().filter(|(one, other)| other > one).count(),
            pairs().filter(|(one, other)| other < one).count(),
        );
        if all_up >= down.saturating_mul(MANY) && all_up >= all_down {
            Self::Forward
        } else if all_down >= up.saturating_mul(MANY) {
            Self::Backward
        } else {
            Self::Neither
        }
    }
}

/// Whether clocks may have been set back between these two times.
pub(super) fn is_autumn(from: &DateTime, to: &DateTime) -> bool {
    let minutes = (from.seconds() - to.seconds()) / 60;
    let is_night = |time: &DateTime| time.time().parts().0 < NIGHT;
    (0..=60).contains(&minutes) && is_night(from) && is_night(to)
}

/// Clocks are set back before this hour.
const NIGHT: i8 = 4;
/// The most items: about the number of quarters of an hour in twenty years.
const MOST: usize = 700_000;
/// The steps in a direction must outnumber those in the other by this factor.
const MANY: usize = 3;

#[cfg(test)]
mod tests {
    use super::*;
    use metertap_decoder::civil::{Date, Time};

    #[test]
    fn the_direction_is_that_of_most_times() {
        let way = |hours: &[i8]| {
            let date = Date::new(2026, 3, 1).unwrap();
            let walls: Vec<_> = hours.iter().map(|hour| date.at(Time::new(*hour, 0, 0).unwrap())).collect();
            Way::of(&walls)
        };
        assert_eq!(way(&[10, 12, 14, 11, 16]), Way::Forward);
        assert_eq!(way(&[14, 13, 13, 11]), Way::Backward);
        assert_eq!(way(&[12, 11]), Way::Backward);
        assert_eq!(way(&[12, 12]), Way::Forward);
        assert_eq!(way(&[10, 15, 12, 18, 14]), Way::Neither);
        assert_eq!(way(&[1, 2, 2, 3]), Way::Forward);
        assert_eq!(way(&[2, 3, 2, 3]), Way::Forward, "two o'clock comes twice");
        assert_eq!(way(&[3, 2, 1, 0]), Way::Backward);
    }
}
