//! [`Counter`]: where a counter stood and what it counted, over an exchange of the meter and over the counter's end.
//!
//! What was counted is the last position less the first, and a correction for each step between two readings that is no
//! counting:
//!
//! - another meter, by its identification: nothing was counted between the two.
//! - from the last tenth of its digits to the first: the counter went over its end and began anew at zero.
//! - a fall to less than half: another meter, though nobody says so; as above.
//! - any other fall: the readings came in another order, or one list resolves less than the other. It counts as it is,
//!   so that the rise behind it cancels it out.

use super::rollup::power_of_ten;

/// A counter over some time, as mantissas of one scaler.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Counter {
    pub(super) first: i128,
    pub(super) last: i128,
    pub(super) correction: i128,
    /// Checksums of the identification of the meter, at the first and at the last position.
    pub(super) meters: [Option<u32>; 2],
}

impl Counter {
    /// A single position.
    pub(super) fn at(position: i128, meter: Option<u32>) -> Self {
        Self { first: position, last: position, correction: 0, meters: [meter; 2] }
    }

    pub(super) fn counted(&self) -> i128 {
        (self.last.saturating_sub(self.first)).saturating_add(self.correction)
    }

    /// Adds what came later, of the same scaler.
    pub(super) fn join(&mut self, later: &Self, scaler: i8) {
        let ([_, before], [after, last]) = (self.meters, later.meters);
        let another = before.is_some() && after.is_some() && before != after;
        let step = correction(self.last, later.first, another, scaler);
        self.correction = self.correction.saturating_add(later.correction).saturating_add(step);
        self.last = later.last;
        self.meters = [self.meters[0], last];
    }

    pub(super) fn mantissas(&mut self) -> [&mut i128; 3] {
        [&mut self.first, &mut self.last, &mut self.correction]
    }
}

fn correction(before: i128, after: i128, another_meter: bool, scaler: i8) -> i128 {
    let nothing_counted = before.saturating_sub(after);
    if another_meter {
        return nothing_counted;
    }
    if after >= before {
        return 0;
    }
    let end = end(before, scaler);
    if before >= end / 10 * 9 && (0..end / 10).contains(&after) {
        return end;
    }
    if after.saturating_mul(2) < before { nothing_counted } else { 0 }
}

/// One more than the largest number of as many digits before the point, of which a counter has five at least.
fn end(position: i128, scaler: i8) -> i128 {
    let one = power_of_ten(-i16::from(scaler));
    let digits = (position / one).checked_ilog10().map_or(1, |log| log + 1).max(FEWEST_DIGITS);
    i16::try_from(digits).map_or(1, power_of_ten) * one
}

const FEWEST_DIGITS: u32 = 5;

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: Option<u32> = Some(1);
    const OTHER: Option<u32> = Some(2);

    /// What positions in thousandths come to.
    fn counted(positions: &[(i128, Option<u32>)]) -> i128 {
        let mut all = positions.iter().map(|(position, meter)| Counter::at(*position, *meter));
        let mut counter = all.next().unwrap();
        all.for_each(|later| counter.join(&later, -3));
        counter.counted()
    }

    #[test]
    fn counts_what_lies_between() {
        assert_eq!(counted(&[(5_000, ONE)]), 0);
        assert_eq!(counted(&[(5_000, ONE), (5_010, ONE), (5_100, ONE)]), 100);
    }

    /// Old meter 10,000.000 → 10,000.500, new one 0.000 → 0.250, or a used one 20,000.000 → 20,000.250.
    #[test]
    fn an_exchanged_meter_counts_from_where_it_stands() {
        for new in [0, 20_000_000] {
            let positions = [(10_000_000, ONE), (10_000_500, ONE), (new, OTHER), (new + 250, OTHER)];
            assert_eq!(counted(&positions), 750);
        }
        let unsaid = [(10_000_000, None), (10_000_500, None), (0, None), (250, None)];
        assert_eq!(counted(&unsaid), 750, "without an identification the fall says it");
    }

    /// A counter of five digits before the point, and one of six.
    #[test]
    fn a_counter_goes_over_its_end() {
        assert_eq!(counted(&[(99_999_900, ONE), (100, ONE)]), 200);
        assert_eq!(counted(&[(999_999_900, ONE), (100, ONE)]), 200);
        assert_eq!(counted(&[(95_000, ONE), (0, ONE)]), 0, "two digits are no counter's end");
    }

    #[test]
    fn readings_in_another_order_cancel_out() {
        assert_eq!(counted(&[(5_000, ONE), (5_100, ONE), (5_090, ONE), (5_200, ONE)]), 200);
    }
}
