//! [`Blocks`]: hours grouped into blocks by load, season and free days.

use metertap_decoder::civil::{Date, DateTime};

/// The blocks of a tariff: the level of the hour's load, plus one in the low season, plus one on a free day.
#[derive(Debug)]
pub struct Blocks {
    /// The level of each hour of the clock, from 1 for the highest load.
    pub levels: [u8; 24],
    /// The months of the low season: one bit for each, the lowest for January.
    pub low: u16,
    /// Free days besides weekends.
    pub holidays: Holidays,
}

/// Public holidays.
#[derive(Debug)]
pub struct Holidays {
    /// Months and days.
    pub fixed: &'static [(i8, i8)],
    /// Days after Easter Sunday.
    pub easter: &'static [i64],
}

impl Blocks {
    /// The block of a local time.
    #[must_use]
    pub fn block(&self, local: DateTime) -> Option<u8> {
        let (hour, _, _) = local.time().parts();
        let level = *self.levels.get(usize::try_from(hour).ok()?)?;
        let month = u32::try_from(local.date().month()).ok()?.checked_sub(1)?;
        let is_low = self.low >> month & 1 == 1;
        let is_free = weekday(local.date().number()) >= 5 || self.holidays.contains(local.date());
        Some(level + u8::from(is_low) + u8::from(is_free))
    }
}

impl Holidays {
    /// Whether a day is a holiday.
    #[must_use]
    pub fn contains(&self, date: Date) -> bool {
        let behind = easter(date.year()).map(|easter| date.number().saturating_sub(easter.number()));
        self.fixed.contains(&(date.month(), date.day()))
            || behind.is_some_and(|behind| self.easter.contains(&behind))
    }
}

/// The weekday, from 0 for Monday to 6 for Sunday, of a day counted from 1970-01-01, which was a Thursday.
pub(super) const fn weekday(day: i64) -> i64 {
    (day + 3).rem_euclid(7)
}

/// Easter Sunday of the Gregorian calendar: the anonymous rule in Meeus, Astronomical Algorithms, chapter 8.
fn easter(year: i16) -> Option<Date> {
    let year = i32::from(year);
    let (a, b, c) = (year % 19, year / 100, year % 100);
    let g = (8 * b + 13) / 25;
    let h = (19 * a + b - b / 4 - g + 15) % 30;
    let m = (a + 11 * h) / 319;
    let r = (2 * (b % 4) + 2 * (c / 4) - c % 4 - h + m + 32) % 7;
    let month = (h - m + r + 90) / 25;
    let day = (h - m + r + month + 19) % 32;
    Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outlook::peaks::rule::PeakRule;

    /// Easter Sundays as printed in almanacs.
    #[test]
    fn easter_dates_match_almanacs() {
        for (year, month, day) in
            [(2024, 3, 31), (2025, 4, 20), (2026, 4, 5), (2027, 3, 28), (2038, 4, 25), (2285, 3, 22)]
        {
            assert_eq!(easter(year), Date::new(year, month, day));
        }
    }

    /// uro.si, "Časovni blok", 2024: high season November to February, working days and free days.
    #[test]
    fn blocks_are_those_of_the_published_table() {
        let blocks = PeakRule::named("si-blocks").unwrap().blocks.as_ref().unwrap();
        let of_day = |date: &str| -> Vec<u8> {
            let at = |hour| DateTime::read(&format!("{date}T{hour:02}:30:00")).unwrap();
            (0..24).filter_map(|hour| blocks.block(at(hour))).collect()
        };
        let high = [3, 3, 3, 3, 3, 3, 2, 1, 1, 1, 1, 1, 1, 1, 2, 2, 1, 1, 1, 1, 2, 2, 3, 3];
        let more = |by: u8| high.map(|block| block + by).to_vec();
        // Tuesday, Sunday and a holiday of the high season; Tuesday, Sunday and Easter Monday of the low season.
        assert_eq!(of_day("2025-01-14"), high);
        assert_eq!((of_day("2025-01-12"), of_day("2025-12-25")), (more(1), more(1)));
        assert_eq!(of_day("2025-05-13"), more(1));
        assert_eq!((of_day("2025-05-11"), of_day("2025-04-21")), (more(2), more(2)));
    }
}
