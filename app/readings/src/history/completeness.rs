//! [`Completeness`]: how much of a day was received.

use serde::{Deserialize, Serialize};

use super::calendar::Span;
use crate::log::calendar::Quarter;

/// In how many quarters of an hour of a span a reading was received.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Completeness {
    /// The span.
    pub span: Span,
    /// How many quarters of an hour have a reading.
    pub heard: u32,
    /// How many quarters could have a reading.
    pub of: u32,
    /// The gaps without a reading, the earliest first.
    pub gaps: Vec<Span>,
}

impl Completeness {
    /// The completeness of a span, as far as it overlaps the time covered by the log. `heard` are the numbers of all
    /// quarters with a reading, in order.
    #[must_use]
    pub fn of(span: Span, log: Span, heard: &[i64]) -> Self {
        let (from, to) = (span.from.max(log.from), span.to.min(log.to));
        let mut all = Self { span, heard: 0, of: 0, gaps: Vec::new() };
        if from >= to {
            return all;
        }
        let (first, behind) = (Quarter::of(from).0, Quarter::of(crate::entry::Moment(to.0 - 1)).0 + 1);
        all.of = u32::try_from(behind - first).unwrap_or(u32::MAX);
        let start = heard.partition_point(|quarter| *quarter < first);
        let within = heard.get(start..).unwrap_or_default().iter().take_while(|quarter| **quarter < behind);
        let mut next = first;
        for quarter in within.copied().chain([behind]) {
            if quarter > next {
                all.gaps.push(Span { from: Quarter(next).start(), to: Quarter(quarter).start() });
            }
            all.heard += u32::from(quarter < behind);
            next = quarter + 1;
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::Moment;

    fn span(from: i64, to: i64) -> Span {
        Span { from: Moment(from * 900_000), to: Moment(to * 900_000) }
    }

    #[test]
    fn counts_the_missing_part_of_the_expected_time() {
        let heard = [2, 3, 4, 8, 9, 20];
        let day = Completeness::of(span(0, 12), span(2, 100), &heard);
        assert_eq!((day.heard, day.of, day.gaps), (5, 10, vec![span(5, 8), span(10, 12)]));
        let whole = Completeness::of(span(2, 5), span(2, 100), &heard);
        assert_eq!((whole.heard, whole.of, whole.gaps), (3, 3, vec![]));
    }

    #[test]
    fn time_before_the_first_reading_or_after_now_is_not_missing() {
        let (never, log) = (Completeness::of(span(0, 2), span(2, 100), &[2]), span(2, 5));
        assert_eq!((never.heard, never.of, never.gaps), (0, 0, vec![]));
        let today = Completeness::of(span(0, 96), log, &[2, 4]);
        assert_eq!((today.heard, today.of, today.gaps), (2, 3, vec![span(3, 4)]));
        // A quarter that has just begun counts as soon as a reading was received in it.
        let begun = Span { from: log.from, to: Moment(log.to.0 + 1000) };
        assert_eq!(Completeness::of(span(0, 96), begun, &[2, 3, 4]).of, 4);
    }
}
