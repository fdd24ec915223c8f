//! [`Series`]: a range of the log as a curve: the lowest and the highest value of each pixel column.
//!
//! Entries may come in any order. The number of columns does not depend on the length of the range. Columns without a
//! reading stay empty: nothing is interpolated here.

use metertap_decoder::number::Number;

use crate::entry::{Entry, Moment};
use crate::power::{net_power, watts};

/// The lowest and the highest value of each pixel column: net power in watts, or the values of a register.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    from: Moment,
    to: Moment,
    columns: Vec<Option<(f64, f64)>>,
}

impl Series {
    /// An empty chart of this span, from the first moment up to and including the last, with this many columns.
    #[must_use]
    pub fn new(from: Moment, to: Moment, columns: u32) -> Self {
        let columns = usize::try_from(columns).unwrap_or_default();
        Self { from, to, columns: vec![None; columns] }
    }

    /// Adds an entry's net power to the column of the moment when it was received. An entry outside the span is left
    /// out.
    pub fn add(&mut self, entry: &Entry) {
        if let Some(net) = net_power(&entry.reading) {
            self.put(entry.received, net, net);
        }
    }

    /// Adds the lowest and the highest value of a period to the column of this moment.
    pub fn put(&mut self, moment: Moment, least: Number, most: Number) {
        if let (Some(least), Some(most)) = (watts(least), watts(most)) {
            self.put_watts(moment, least, most);
        }
    }

    /// The same as [`put`](Self::put), for floats.
    pub fn put_watts(&mut self, moment: Moment, least: f64, most: f64) {
        let Some(column) = self.column(moment).and_then(|column| self.columns.get_mut(column)) else {
            return;
        };
        *column = Some(match *column {
            None => (least, most),
            Some((lowest, highest)) => (least.min(lowest), most.max(highest)),
        });
    }

    /// The columns from left to right; `None` for a column without a reading.
    #[must_use]
    pub fn into_columns(self) -> Vec<Option<(f64, f64)>> {
        self.columns
    }

    /// The column of a moment; `None` outside the span. The columns divide the span evenly, and the last moment belongs
    /// to the last column.
    pub(crate) fn column(&self, moment: Moment) -> Option<usize> {
        let span = i128::from(self.to.0) - i128::from(self.from.0);
        let since = i128::from(moment.0) - i128::from(self.from.0);
        if span <= 0 || !(0..=span).contains(&since) {
            return None;
        }
        let count = i128::try_from(self.columns.len()).ok()?;
        usize::try_from((since * count / span).min(count - 1)).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{entry, han_list_1};

    #[test]
    fn joined_series_equal_the_series_of_all() {
        let picture = |powers: &[(i64, &str)]| {
            let mut series = Series::new(Moment(0), Moment(1000), 4);
            powers.iter().for_each(|(moment, power)| series.add(&entry(1, *moment, han_list_1(power))));
            series
        };
        // Two logs of a meter, one after the other.
        let one_by_one = picture(&[(0, "5"), (300, "7"), (10, "9"), (990, "1")]);
        assert_eq!(one_by_one, picture(&[(0, "5"), (10, "9"), (300, "7"), (990, "1")]));
    }

    #[test]
    fn columns_hold_minimum_and_maximum_and_gaps_stay_gaps() {
        let mut series = Series::new(Moment(1000), Moment(2000), 4);
        for (received, power) in [(1000, "7"), (1100, "3"), (1249, "5"), (1750, "9"), (2000, "1")] {
            series.add(&entry(1, received, han_list_1(power)));
        }
        for outside in [999, 2001] {
            series.add(&entry(1, outside, han_list_1("1000000")));
        }
        assert_eq!(series.into_columns(), [Some((3.0, 7.0)), None, None, Some((1.0, 9.0))]);
    }

    #[test]
    fn empty_spans_hold_nothing() {
        for mut series in [
            Series::new(Moment(5), Moment(5), 4),
            Series::new(Moment(6), Moment(5), 4),
            Series::new(Moment(0), Moment(10), 0),
        ] {
            series.add(&entry(1, 5, han_list_1("7")));
            assert!(series.into_columns().iter().all(Option::is_none));
        }
        let mut all = Series::new(Moment(i64::MIN), Moment(i64::MAX), 2);
        all.add(&entry(1, 5, han_list_1("7")));
        assert_eq!(all.into_columns(), [None, Some((7.0, 7.0))]);
    }
}
