//! [`Clock`]: a moment as a meter's clock writes it.
//!
//! Most simulated meters show the local time of Central Europe with summer time. Some keep winter time all year, and
//! those of Portugal show Portuguese time.

use metertap_decoder::civil::{Date, DateTime, Time};

/// A moment, as a meter's clock shows it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    local: DateTime,
    offset_minutes: i32,
    summer: bool,
    zone: Zone,
}

impl Clock {
    /// The moment `second`, in seconds after 1970-01-01T00:00:00Z, in this zone.
    pub(crate) fn new(zone: Zone, second: i64) -> Self {
        let summer = zone != Zone::CentralEuropeWinter && is_summer(second);
        let winter_minutes = if zone == Zone::Portugal { 0 } else { 60 };
        let offset_minutes = winter_minutes + if summer { 60 } else { 0 };
        let local = DateTime::from_seconds(second + i64::from(offset_minutes) * 60).unwrap_or_default();
        Self { local, offset_minutes, summer, zone }
    }

    /// When this clock's month began, in seconds since 1970.
    pub(crate) fn month_start(self) -> i64 {
        let midnight = self.local.date().first_of_month().at(Time::MIDNIGHT);
        let starts = [3600, 7200].map(|ahead| midnight.seconds() - ahead);
        starts.into_iter().find(|second| Self::new(self.zone, *second).local == midnight).unwrap_or_default()
    }

    /// When this clock's day began, in seconds since 1970.
    pub(crate) fn day_start(self) -> i64 {
        let midnight = self.local.date().at(Time::MIDNIGHT);
        let starts = [3600, 7200].map(|ahead| midnight.seconds() - ahead);
        starts.into_iter().find(|second| Self::new(self.zone, *second).local == midnight).unwrap_or_default()
    }

    /// `SYYMMDDhhmmss` with `E` for summer and `H` for winter (Enedis-NOI-CPT_54E, 6.2.1.1).
    pub(crate) fn tic(self) -> String {
        let season = if self.summer { 'E' } else { 'H' };
        format!("{season}{}", self.p1_unflagged())
    }

    pub(crate) fn rfc3339(self) -> String {
        let (hours, minutes) = (self.offset_minutes / 60, self.offset_minutes % 60);
        format!("{}+{hours:02}:{minutes:02}", self.local)
    }

    /// RFC 3339 for a meter that does not distinguish summer from winter. In the hour that occurs twice in autumn, the
    /// moment is taken for winter time.
    pub(crate) fn rfc3339_unflagged(self) -> String {
        let second = self.local.seconds() - i64::from(self.offset_minutes) * 60;
        let later = Self::new(self.zone, second + 3600);
        if later.local == self.local { later.rfc3339() } else { self.rfc3339() }
    }

    /// `YYMMDDhhmmss` followed by `S` or `W` (DSMR 5.0.2 P1 companion standard, 6.4: TST).
    pub(crate) fn p1(self) -> String {
        let season = if self.summer { 'S' } else { 'W' };
        format!("{}{season}", self.p1_unflagged())
    }

    /// `YYMMDDhhmmss` without a flag, as in DSMR 2.2.
    pub(crate) fn p1_unflagged(self) -> String {
        let (year, month, day) = self.local.date().parts();
        let (hour, minute, second) = self.local.time().parts();
        format!("{:02}{month:02}{day:02}{hour:02}{minute:02}{second:02}", year.rem_euclid(100))
    }

    pub(crate) fn date(self) -> String {
        self.local.date().to_string()
    }

    pub(crate) fn to_the_minute(self) -> Self {
        let seconds = self.local.seconds();
        let local = DateTime::from_seconds(seconds - seconds.rem_euclid(60)).unwrap_or_default();
        Self { local, ..self }
    }

    /// `YYYY-MM-DD&hh:mm:ss`, as heat meters print it in a readout.
    pub(crate) fn readout(self) -> String {
        self.local.to_string().replace('T', "&")
    }

    /// Type F of M-Bus (EN 13757-3, annex A): to the minute, with the summer bit.
    pub(crate) fn type_f(self) -> [u8; 4] {
        let [day, month] = self.type_g();
        let (hour, minute, _) = self.local.time().parts();
        let summer = if self.summer { 0x80 } else { 0 };
        [minute.unsigned_abs(), hour.unsigned_abs() | summer, day, month]
    }

    /// Type I of M-Bus: to the second, with the summer bit, the day of the week and the week of the year.
    pub(crate) fn type_i(self) -> [u8; 6] {
        let [day, month] = self.type_g();
        let date = self.local.date();
        let (hour, minute, second) = self.local.time().parts();
        let summer = if self.summer { 0x40 } else { 0 };
        let leap = if Date::new(date.year(), 2, 29).is_some() { 0x80 } else { 0 };
        [
            second.unsigned_abs() | summer | leap,
            minute.unsigned_abs(),
            hour.unsigned_abs() | weekday(date) << 5,
            day,
            month,
            week(date),
        ]
    }

    /// Type G of M-Bus: the date in seven bits of the year, four of the month, five of the day.
    pub(crate) fn type_g(self) -> [u8; 2] {
        let (year, month, day) = self.local.date().parts();
        let year = u8::try_from(year.rem_euclid(100)).unwrap_or_default();
        let (month, day) = (month.unsigned_abs(), day.unsigned_abs());
        [day | year << 5, month | year >> 3 << 4]
    }

    /// The twelve bytes of a COSEM date-time (IEC 62056-6-2, 4.1.6.1). Hundredths and deviation are not specified, and
    /// the status holds the summer bit.
    pub(crate) fn cosem(self) -> [u8; 12] {
        let date = self.local.date();
        let (year, month, day) = date.parts();
        let ([high, low], weekday) = (year.to_be_bytes(), weekday(date));
        let status = if self.summer { 0x80 } else { 0x00 };
        let small = |number: i8| number.unsigned_abs();
        let (month, day) = (small(month), small(day));
        let (hour, minute, second) = self.local.time().parts();
        let (hour, minute, second) = (small(hour), small(minute), small(second));
        [high, low, month, day, weekday, hour, minute, second, 0xFF, 0x80, 0x00, status]
    }

    /// The same with deviation 0 and status 0, as Aidon's meters send it.
    pub(crate) fn cosem_without_offset(self) -> [u8; 12] {
        let [date_and_time @ .., _, _, _] = self.cosem();
        let mut bytes = [0; 12];
        bytes[..9].copy_from_slice(&date_and_time);
        bytes
    }

    /// The same with hundredths and deviation. The deviation counts from local time to UTC.
    pub(crate) fn cosem_with_deviation(self) -> [u8; 12] {
        let [date_and_time @ .., _, _, _, status] = self.cosem();
        let [high, low] = i16::try_from(-self.offset_minutes).unwrap_or_default().to_be_bytes();
        let mut bytes = [0; 12];
        bytes[..8].copy_from_slice(&date_and_time);
        bytes[8..].copy_from_slice(&[0, high, low, status]);
        bytes
    }
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Zone {
    CentralEurope,
    CentralEuropeWinter,
    Portugal,
}

pub(crate) const CENTRAL_EUROPE: Zone = Zone::CentralEurope;
pub(crate) const CENTRAL_EUROPE_WINTER: Zone = Zone::CentralEuropeWinter;

pub(crate) const PORTUGAL: Zone = Zone::Portugal;

/// Whether summer time is in force. It lasts from the last Sunday of March to the last Sunday of October, and changes
/// at 01:00 UTC (directive 2000/84/EC).
fn is_summer(second: i64) -> bool {
    let year = DateTime::from_seconds(second).unwrap_or_default().date().year();
    let change = |next_month: i8| {
        let end = Date::new(year, next_month, 1).unwrap_or_default().number() - 1;
        (end - (end + 4).rem_euclid(7)) * 86_400 + 3600
    };
    (change(4)..change(11)).contains(&second)
}

/// The day of the week, from 1 for Monday to 7 for Sunday.
fn weekday(date: Date) -> u8 {
    u8::try_from((date.number() + 3).rem_euclid(7) + 1).unwrap_or_default()
}

/// The week of the year (ISO 8601). The Thursday of a week decides to which year the week belongs.
fn week(date: Date) -> u8 {
    let thursday = date.plus_days(4 - i64::from(weekday(date))).unwrap_or_default();
    let new_year = Date::new(thursday.year(), 1, 1).unwrap_or_default();
    u8::try_from((thursday.number() - new_year.number()) / 7 + 1).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Directive 2000/84/EC: summer time ends at 01:00 UTC on the last Sunday of October, 2026-10-25.
    const END_OF_SUMMER: i64 = 1_792_890_000;

    #[test]
    fn the_flag_distinguishes_the_two_equal_hours_in_autumn() {
        let (summer, winter) = (
            Clock::new(CENTRAL_EUROPE, END_OF_SUMMER - 1800),
            Clock::new(CENTRAL_EUROPE, END_OF_SUMMER + 1800),
        );
        assert_eq!(summer.rfc3339(), "2026-10-25T02:30:00+02:00");
        assert_eq!(winter.rfc3339(), "2026-10-25T02:30:00+01:00");
        assert_eq!((summer.p1(), winter.p1()), ("261025023000S".into(), "261025023000W".into()));
        assert_eq!(summer.rfc3339_unflagged(), winter.rfc3339());
        assert_eq!(summer.cosem(), [0x07, 0xEA, 10, 25, 7, 2, 30, 0, 0xFF, 0x80, 0x00, 0x80]);
        assert_eq!(winter.cosem(), [0x07, 0xEA, 10, 25, 7, 2, 30, 0, 0xFF, 0x80, 0x00, 0x00]);
    }

    /// EN 13757-3, annex A. The date is the one that libmbus decodes from these bytes of a heat meter.
    #[test]
    fn m_bus_has_dates_of_two_four_and_six_bytes() {
        let clock = Clock::new(CENTRAL_EUROPE, 1_394_705_460);
        assert_eq!(clock.rfc3339(), "2014-03-13T11:11:00+01:00");
        assert_eq!(clock.type_f(), [0x0B, 0x0B, 0xCD, 0x13]);
        assert_eq!(clock.type_i(), [0x00, 0x0B, 0x8B, 0xCD, 0x13, 11]);
        let summer = Clock::new(CENTRAL_EUROPE, END_OF_SUMMER - 1800);
        assert_eq!((summer.type_f()[1], summer.type_i()[0]), (0x82, 0x40));
        let winter = Clock::new(CENTRAL_EUROPE_WINTER, END_OF_SUMMER - 1795);
        assert_eq!(winter.to_the_minute().rfc3339(), "2026-10-25T01:30:00+01:00");
    }

    #[test]
    fn outside_the_repeated_hour_the_flag_is_not_needed() {
        for months in 0..12 {
            let clock = Clock::new(CENTRAL_EUROPE, END_OF_SUMMER + 86_400 + months * 2_600_000);
            assert_eq!(clock.rfc3339_unflagged(), clock.rfc3339());
        }
    }

    #[test]
    fn clocks_of_central_europe_agree_with_another_implementation() {
        for name in ["Amsterdam", "Berlin", "Brussels", "Luxembourg", "Oslo", "Stockholm", "Vienna", "Zurich"]
        {
            let zone = jiff::tz::TimeZoneDatabase::bundled().get(&format!("Europe/{name}")).unwrap();
            for second in (946_684_800..4_102_444_800_i64).step_by(86_400 * 7 / 2 + 1800) {
                let there = zone.to_datetime(jiff::Timestamp::from_second(second).unwrap());
                let clock = Clock::new(CENTRAL_EUROPE, second);
                assert_eq!(clock.local.to_string(), there.to_string());
                let date = clock.local.date();
                assert_eq!(i8::try_from(week(date)), Ok(there.date().iso_week_date().week()), "{date}");
                assert_eq!(i8::try_from(weekday(date)), Ok(there.weekday().to_monday_one_offset()), "{date}");
                let midnight = there.date().first_of_month().to_zoned(zone.clone()).unwrap();
                assert_eq!(clock.month_start(), midnight.timestamp().as_second());
            }
        }
    }
}
