//! [`Clock`]: a moment as a meter's clock writes it.
//!
//! Meters with a customer port keep the local time of Central Europe, summer time included.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// A moment by the meter's clock.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    local: DateTime,
    offset_minutes: i32,
    summer: bool,
    zone: &'static TimeZone,
}

impl Clock {
    /// The moment so many seconds after 1970-01-01T00:00:00Z, in that zone.
    pub(crate) fn new(zone: &'static TimeZone, second: i64) -> Self {
        let moment = Timestamp::from_second(second).unwrap_or_default();
        let info = zone.to_offset_info(moment);
        let offset = info.offset();
        let local = offset.to_datetime(moment);
        Self { local, offset_minutes: offset.seconds() / 60, summer: info.dst().is_dst(), zone }
    }

    /// The second since 1970 at which this clock's month began.
    pub(crate) fn month_start(self) -> i64 {
        let midnight = self.local.date().first_of_month().to_datetime(jiff::civil::Time::midnight());
        self.zone.to_ambiguous_timestamp(midnight).later().map_or(0, Timestamp::as_second)
    }

    /// RFC 3339 with the offset.
    pub(crate) fn rfc3339(self) -> String {
        let (date, time) = (self.local.date(), self.local.time());
        let (hours, minutes) = (self.offset_minutes / 60, self.offset_minutes % 60);
        format!("{date}T{:02}:{:02}:{:02}+{hours:02}:{minutes:02}", time.hour(), time.minute(), time.second())
    }

    /// What can be known of the moment where the meter does not tell summer from winter: in the hour that autumn has
    /// twice it is taken for winter.
    pub(crate) fn rfc3339_unflagged(self) -> String {
        let later = self.zone.to_ambiguous_timestamp(self.local).later();
        later.map_or_else(|_| self.rfc3339(), |moment| Self::new(self.zone, moment.as_second()).rfc3339())
    }

    /// `YYMMDDhhmmss` with `S` or `W` behind it (DSMR 5.0.2 P1 companion standard, 6.4: TST).
    pub(crate) fn p1(self) -> String {
        let season = if self.summer { 'S' } else { 'W' };
        format!("{}{season}", self.p1_unflagged())
    }

    /// `YYMMDDhhmmss` alone, as DSMR 2.2 has it.
    pub(crate) fn p1_unflagged(self) -> String {
        let (date, time) = (self.local.date(), self.local.time());
        format!(
            "{:02}{:02}{:02}{:02}{:02}{:02}",
            date.year().rem_euclid(100),
            date.month(),
            date.day(),
            time.hour(),
            time.minute(),
            time.second()
        )
    }

    /// The date alone.
    pub(crate) fn date(self) -> String {
        self.local.date().to_string()
    }

    /// The same moment without its seconds.
    pub(crate) fn to_the_minute(self) -> Self {
        let time = self.local.time();
        let local = self.local.date().at(time.hour(), time.minute(), 0, 0);
        Self { local, ..self }
    }

    /// `YYYY-MM-DD&hh:mm:ss`, as heat meters print it in a readout.
    pub(crate) fn readout(self) -> String {
        let time = self.local.time();
        format!("{}&{:02}:{:02}:{:02}", self.local.date(), time.hour(), time.minute(), time.second())
    }

    /// Type F of M-Bus (EN 13757-3, annex A): to the minute, with the summer bit.
    pub(crate) fn type_f(self) -> [u8; 4] {
        let [day, month] = self.type_g();
        let time = self.local.time();
        let summer = if self.summer { 0x80 } else { 0 };
        [time.minute().unsigned_abs(), time.hour().unsigned_abs() | summer, day, month]
    }

    /// Type I of M-Bus: to the second, with the summer bit, the day of the week and the week of the year.
    pub(crate) fn type_i(self) -> [u8; 6] {
        let [day, month] = self.type_g();
        let (date, time) = (self.local.date(), self.local.time());
        let small = |number: i8| number.unsigned_abs();
        let summer = if self.summer { 0x40 } else { 0 };
        let leap = if date.in_leap_year() { 0x80 } else { 0 };
        let weekday = small(date.weekday().to_monday_one_offset()) << 5;
        let week = small(date.iso_week_date().week());
        [
            small(time.second()) | summer | leap,
            small(time.minute()),
            small(time.hour()) | weekday,
            day,
            month,
            week,
        ]
    }

    /// Type G of M-Bus: the date in seven bits of the year, four of the month, five of the day.
    pub(crate) fn type_g(self) -> [u8; 2] {
        let date = self.local.date();
        let year = u8::try_from(date.year().rem_euclid(100)).unwrap_or_default();
        let (month, day) = (date.month().unsigned_abs(), date.day().unsigned_abs());
        [day | year << 5, month | year >> 3 << 4]
    }

    /// The twelve octets of a COSEM date-time (IEC 62056-6-2, 4.1.6.1): hundredths and deviation not specified, the
    /// summer bit in the status.
    pub(crate) fn cosem(self) -> [u8; 12] {
        let (date, time) = (self.local.date(), self.local.time());
        let [high, low] = date.year().to_be_bytes();
        let small = |number: i8| number.unsigned_abs();
        let weekday = small(date.weekday().to_monday_one_offset());
        let status = if self.summer { 0x80 } else { 0x00 };
        let (month, day) = (small(date.month()), small(date.day()));
        let (hour, minute, second) = (small(time.hour()), small(time.minute()), small(time.second()));
        [high, low, month, day, weekday, hour, minute, second, 0xFF, 0x80, 0x00, status]
    }

    /// The same with the deviation 0, whatever the clock shows: Aidon's.
    pub(crate) fn cosem_without_offset(self) -> [u8; 12] {
        let [date_and_time @ .., _, _, _] = self.cosem();
        let mut octets = [0; 12];
        octets[..9].copy_from_slice(&date_and_time);
        octets
    }

    /// The same with hundredths and with the deviation, which is counted from local time to UTC.
    pub(crate) fn cosem_with_deviation(self) -> [u8; 12] {
        let [date_and_time @ .., _, _, _, status] = self.cosem();
        let [high, low] = i16::try_from(-self.offset_minutes).unwrap_or_default().to_be_bytes();
        let mut octets = [0; 12];
        octets[..8].copy_from_slice(&date_and_time);
        octets[8..].copy_from_slice(&[0, high, low, status]);
        octets
    }
}

pub(crate) static NORWAY: TimeZone = jiff::tz::get!("Europe/Oslo");
pub(crate) static SWEDEN: TimeZone = jiff::tz::get!("Europe/Stockholm");
pub(crate) static NETHERLANDS: TimeZone = jiff::tz::get!("Europe/Amsterdam");
pub(crate) static BELGIUM: TimeZone = jiff::tz::get!("Europe/Brussels");
pub(crate) static AUSTRIA: TimeZone = jiff::tz::get!("Europe/Vienna");
pub(crate) static SWITZERLAND: TimeZone = jiff::tz::get!("Europe/Zurich");
pub(crate) static GERMANY: TimeZone = jiff::tz::get!("Europe/Berlin");
/// Of clocks that do not know summer time.
pub(crate) static CENTRAL_EUROPE_WINTER: TimeZone = TimeZone::fixed(jiff::tz::offset(1));
pub(crate) static LUXEMBOURG: TimeZone = jiff::tz::get!("Europe/Luxembourg");

#[cfg(test)]
mod tests {
    use super::*;

    /// Directive 2000/84/EC: summer time ends at 01:00 UTC on the last Sunday of October, 2026-10-25.
    const END_OF_SUMMER: i64 = 1_792_890_000;

    #[test]
    fn the_hour_that_autumn_has_twice_differs_in_its_flag() {
        let (summer, winter) =
            (Clock::new(&NORWAY, END_OF_SUMMER - 1800), Clock::new(&NORWAY, END_OF_SUMMER + 1800));
        assert_eq!(summer.rfc3339(), "2026-10-25T02:30:00+02:00");
        assert_eq!(winter.rfc3339(), "2026-10-25T02:30:00+01:00");
        assert_eq!((summer.p1(), winter.p1()), ("261025023000S".into(), "261025023000W".into()));
        assert_eq!(summer.rfc3339_unflagged(), winter.rfc3339());
        assert_eq!(summer.cosem(), [0x07, 0xEA, 10, 25, 7, 2, 30, 0, 0xFF, 0x80, 0x00, 0x80]);
        assert_eq!(winter.cosem(), [0x07, 0xEA, 10, 25, 7, 2, 30, 0, 0xFF, 0x80, 0x00, 0x00]);
    }

    /// EN 13757-3, annex A; the date is the one that libmbus reads off these octets of a heat meter.
    #[test]
    fn m_bus_has_dates_of_two_four_and_six_octets() {
        let clock = Clock::new(&GERMANY, 1_394_705_460);
        assert_eq!(clock.rfc3339(), "2014-03-13T11:11:00+01:00");
        assert_eq!(clock.type_f(), [0x0B, 0x0B, 0xCD, 0x13]);
        assert_eq!(clock.type_i(), [0x00, 0x0B, 0x8B, 0xCD, 0x13, 11]);
        let summer = Clock::new(&GERMANY, END_OF_SUMMER - 1800);
        assert_eq!((summer.type_f()[1], summer.type_i()[0]), (0x82, 0x40));
        let winter = Clock::new(&CENTRAL_EUROPE_WINTER, END_OF_SUMMER - 1795);
        assert_eq!(winter.to_the_minute().rfc3339(), "2026-10-25T01:30:00+01:00");
    }

    #[test]
    fn outside_that_hour_the_flag_can_be_done_without() {
        for zone in [&NORWAY, &SWEDEN, &NETHERLANDS, &BELGIUM, &LUXEMBOURG] {
            for months in 0..12 {
                let clock = Clock::new(zone, END_OF_SUMMER + 86_400 + months * 2_600_000);
                assert_eq!(clock.rfc3339_unflagged(), clock.rfc3339());
            }
        }
    }
}
