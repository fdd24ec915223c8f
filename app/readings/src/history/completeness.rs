//! [`Completeness`]: how much of a day was received.

use serde::{Deserialize, Serialize};

use super::calendar::Span;
use crate::entry::Moment;
use crate::log::calendar::Quarter;

/// How much of a span was received, in quarters of an hour.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Completeness {
    /// The span.
    pub span: Span,
    /// How many quarters of an hour lie in no gap.
    pub heard: u32,
    /// How many quarters lie in the time covered by the log.
    pub of: u32,
    /// The gaps, the earliest first.
    pub gaps: Vec<Span>,
}

impl Completeness {
    /// The completeness of a span, as far as it overlaps the time covered by the log. `gaps` are the gaps of the log,
    /// from [`gaps_between`].
    #[must_use]
    pub fn of(span: Span, log: Span, gaps: &[Span]) -> Self {
        let mut all = Self { span, heard: 0, of: 0, gaps: Vec::new() };
        let Some(seen) = common(span, log) else { return all };
        let start = gaps.partition_point(|gap| gap.to <= seen.from);
        let after = gaps.get(start..).unwrap_or_default();
        all.gaps = after.iter().map_while(|gap| common(*gap, seen)).collect();
        all.of = quarters(seen);
        all.heard = all.gaps.iter().fold(all.of, |heard, gap| heard.saturating_sub(quarters(*gap)));
        all
    }
}

/// The gaps in a part of a log, the earliest first. `heard` are the numbers of its quarters with a reading, in order.
///
/// A gap is a stretch without readings that is longer than three times the usual interval at that time. A meter that is
/// read at least once in a quarter of an hour has a gap in every quarter without a reading. Hourly or daily values from
/// a file have gaps only where values are missing.
#[must_use]
pub fn gaps_between(log: Span, heard: &[i64]) -> Vec<Span> {
    if log.from >= log.to {
        return Vec::new();
    }
    let (first, behind) = (Quarter::of(log.from).0, Quarter::of(Moment(log.to.0 - 1)).0 + 1);
    let within = heard.iter().filter(|quarter| (first..behind).contains(*quarter));
    // A quarter before the log, so that a log that begins with its first reading has no gap there.
    let marks: Vec<i64> = [first - 1].into_iter().chain(within.copied()).chain([behind]).collect();
    let steps: Vec<i64> = marks.iter().zip(marks.iter().skip(1)).map(|(one, next)| next - one).collect();
    let missing = (0..)
        .zip(marks.iter().zip(&steps))
        .filter(|(place, (_, step))| **step > 1 && **step > longest_step(&steps, *place));
    let gap = |(_, (mark, step)): (usize, (&i64, &i64))| Span {
        from: Quarter(mark + 1).start(),
        to: Quarter(mark + step).start(),
    };
    missing.map(gap).collect()
}

/// The longest gaps of some days, the newest first. A gap across midnight counts as one gap.
#[must_use]
pub fn longest_gaps(days: &[Completeness], most: usize) -> Vec<Span> {
    let mut all = whole_gaps(days);
    all.sort_by_key(|gap| (-gap.length(), -gap.from.0));
    all.truncate(most);
    all.sort_by_key(|gap| -gap.from.0);
    all
}

/// The longest gaps of which a part lies in a span, the earliest first. `days` must extend beyond the span, to tell
/// where the gaps begin and end. A gap that covers less than a 24th of the span is left out.
#[must_use]
pub fn gaps_seen(days: &[Completeness], span: Span, most: usize) -> Vec<Span> {
    let least = span.length() / 24;
    let mut all = whole_gaps(days);
    all.retain(|gap| common(*gap, span).is_some_and(|seen| seen.length() >= least));
    all.sort_by_key(|gap| (-gap.length(), gap.from.0));
    all.truncate(most);
    all.sort_by_key(|gap| gap.from.0);
    all
}

/// The gaps of consecutive days, the earliest first.
fn whole_gaps(days: &[Completeness]) -> Vec<Span> {
    let mut all: Vec<Span> = Vec::new();
    for gap in days.iter().flat_map(|day| &day.gaps) {
        match all.last_mut() {
            Some(last) if last.to == gap.from => last.to = gap.to,
            _ => all.push(*gap),
        }
    }
    all
}

/// The longest step between quarters with readings that is not a gap, judged by the steps around this place.
fn longest_step(steps: &[i64], place: usize) -> i64 {
    let around = place.saturating_sub(NEIGHBOURS)..steps.len().min(place + NEIGHBOURS + 1);
    let mut around = steps.get(around).unwrap_or_default().to_vec();
    around.sort_unstable();
    match around.get(around.len() / 2) {
        // In a log of few readings, the only steps may be the gaps.
        Some(usual) if *usual > 1 && around.len() > FEW => usual.saturating_mul(3),
        _ => 1,
    }
}

fn common(one: Span, other: Span) -> Option<Span> {
    let span = Span { from: one.from.max(other.from), to: one.to.min(other.to) };
    (span.from < span.to).then_some(span)
}

/// How many quarters of an hour a span touches.
fn quarters(span: Span) -> u32 {
    let behind = Quarter::of(Moment(span.to.0 - 1)).0 + 1;
    u32::try_from(behind - Quarter::of(span.from).0).unwrap_or(u32::MAX)
}

/// The usual interval is the median of the steps around: at most this many before and this many after. For hourly
/// readings, that is a day.
const NEIGHBOURS: usize = 12;
/// This many steps or fewer do not show a usual interval.
const FEW: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    fn span(from: i64, to: i64) -> Span {
        Span { from: Moment(from * 900_000), to: Moment(to * 900_000) }
    }

    fn of(span: Span, log: Span, heard: &[i64]) -> Completeness {
        Completeness::of(span, log, &gaps_between(log, heard))
    }

    #[test]
    fn counts_the_missing_part_of_the_expected_time() {
        let heard = [2, 3, 4, 8, 9, 20];
        let day = of(span(0, 12), span(2, 100), &heard);
        assert_eq!((day.heard, day.of, day.gaps), (5, 10, vec![span(5, 8), span(10, 12)]));
        let whole = of(span(2, 5), span(2, 100), &heard);
        assert_eq!((whole.heard, whole.of, whole.gaps), (3, 3, vec![]));
    }

    #[test]
    fn time_before_the_first_reading_or_after_now_is_not_missing() {
        let (never, log) = (of(span(0, 2), span(2, 100), &[2]), span(2, 5));
        assert_eq!((never.heard, never.of, never.gaps), (0, 0, vec![]));
        let today = of(span(0, 96), log, &[2, 4]);
        assert_eq!((today.heard, today.of, today.gaps), (2, 3, vec![span(3, 4)]));
        // A quarter that has just begun counts as soon as a reading was received in it.
        let begun = Span { from: log.from, to: Moment(log.to.0 + 1000) };
        assert_eq!(of(span(0, 96), begun, &[2, 3, 4]).of, 4);
    }

    /// A week of hourly positions, of which those from the third day at 06:00 to the sixth at 06:00 are missing.
    #[test]
    fn hours_from_a_file_are_complete_but_for_their_gap() {
        let hours = (0..7 * 24).filter(|hour| !(2 * 24 + 6..5 * 24 + 6).contains(hour));
        let heard: Vec<i64> = hours.map(|hour| hour * 4).collect();
        let log = span(0, 7 * 96);
        let days: Vec<Completeness> =
            (0..7).map(|day| of(span(day * 96, (day + 1) * 96), log, &heard)).collect();
        let shares: Vec<u32> = days.iter().map(|day| day.heard * 100 / day.of).collect();
        assert_eq!(shares, [100, 100, 21, 0, 0, 75, 100], "to the quarter after the last reading");
        let gap = Span { from: Quarter(2 * 96 + 21).start(), to: Quarter(5 * 96 + 24).start() };
        assert_eq!(longest_gaps(&days, 10), [gap]);
    }

    #[test]
    fn days_from_a_file_are_complete_and_quarters_after_them_are_counted_singly() {
        let days = (0..40).map(|day| day * 96);
        let quarters = (40 * 96..42 * 96).filter(|quarter| *quarter != 41 * 96);
        let heard: Vec<i64> = days.chain(quarters).collect();
        assert_eq!(gaps_between(span(0, 42 * 96), &heard), [span(41 * 96, 41 * 96 + 1)]);
    }

    #[test]
    fn two_readings_a_month_apart_have_a_gap() {
        assert_eq!(gaps_between(span(0, 3001), &[0, 3000]), [span(1, 3000)]);
    }

    #[test]
    fn the_longest_gaps_are_named_the_newest_first() {
        let log = span(0, 300);
        let heard: Vec<i64> =
            (0..300).filter(|quarter| !matches!(quarter, 10 | 50..=59 | 90..=110 | 200..=202)).collect();
        let days: Vec<Completeness> =
            (0..4).map(|day| of(span(day * 96, (day + 1) * 96), log, &heard)).collect();
        assert_eq!(longest_gaps(&days, 3), [span(200, 203), span(90, 111), span(50, 60)]);
    }

    #[test]
    fn the_gaps_of_a_day_are_whole_even_if_they_begin_or_end_on_another_day() {
        let log = span(0, 5 * 96);
        let heard: Vec<i64> =
            (0..5 * 96).filter(|quarter| !matches!(quarter, 50 | 60..=64 | 90..=290 | 470..=479)).collect();
        let days: Vec<Completeness> =
            (0..5).map(|day| of(span(day * 96, (day + 1) * 96), log, &heard)).collect();
        let of_day = |day: i64| gaps_seen(&days, span(day * 96, (day + 1) * 96), 3);
        assert_eq!(of_day(0), [span(60, 65), span(90, 291)], "a quarter of an hour is too short");
        assert_eq!(of_day(1), [span(90, 291)]);
        assert_eq!(of_day(3), [], "only its last three quarters lie in that day");
        assert_eq!(of_day(4), [span(470, 480)]);
    }
}
