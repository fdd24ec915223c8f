//! [`Statistics`]: hours as Home Assistant's long-term statistics, for the integration "Import Statistics".
//!
//! The file is tab-separated, with a row for each hour of a statistic: `state` and `sum` for counters, `min`, `max` and
//! `mean` for measured quantities. The integration accepts only one of the two kinds in a file. `state` is the
//! counter's position at the end of the hour, and `sum` is what it has counted since the beginning of the file. The
//! format has no offset, and cannot distinguish the local hours that occur twice in autumn. So hours are in UTC, and
//! the integration's `timezone_identifier` must be `UTC`. The names are those of external statistics,
//! `metertap:<meter>_<quantity>`.

use std::collections::HashMap;

use metertap_decoder::number::Number;
use metertap_decoder::time::{MeterTime, Zone};

use super::Resolution;
use super::periods::{Period, Periods};
use super::text;
use super::tracks::{Tracks, unit};
use crate::entry::Moment;
use crate::log::totals::rollup::RollUp;
use crate::log::totals::track::Track;
use crate::names::{slug, symbol};
use crate::power::sum;

#[derive(Clone, Debug)]
pub(super) struct Statistics {
    pub(super) periods: Periods,
    rows: StatisticsRows,
}

#[derive(Clone, Debug)]
struct StatisticsRows {
    counters: bool,
    meter: String,
    /// The statistics of the meter so far: the name, and what it has counted.
    known: HashMap<Track, (String, Number)>,
}

impl Statistics {
    /// Statistics of counters, or else of measured quantities.
    pub(super) fn new(counters: bool) -> Self {
        let rows = StatisticsRows { counters, meter: String::new(), known: HashMap::new() };
        Self { periods: Periods::new(Resolution::Hour, Zone::UTC), rows }
    }

    pub(super) fn head(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(if self.rows.counters { COUNTERS } else { MEASUREMENTS });
    }

    pub(super) fn meter(&mut self, name: &str) {
        self.rows.meter = word(name);
        self.rows.known.clear();
    }

    pub(super) fn period(&mut self, number: i64, rolled: &RollUp, out: &mut Vec<u8>) {
        let Self { periods, rows } = self;
        periods.take(number, rolled, |period| rows.hour(period, out));
    }

    pub(super) fn end(&mut self, out: &mut Vec<u8>) {
        let Self { periods, rows } = self;
        periods.end(|period| rows.hour(period, out));
    }
}

impl StatisticsRows {
    fn hour(&mut self, period: &Period<'_>, out: &mut Vec<u8>) {
        let Some(start) = day_first(period.start) else { return };
        let mut tracks = Tracks::default();
        let wanted = period.sum.tracks.keys().filter(|track| track.is_counter() == self.counters);
        wanted.for_each(|track| tracks.see(*track));
        for track in tracks.iter() {
            let Some(rolled) = period.sum.tracks.get(&track) else { continue };
            let numbers = if self.counters {
                let counted = period.counted(track).unwrap_or(Number::whole(0));
                let all = self.known(track).1;
                self.known(track).1 = sum(all, counted).unwrap_or(all);
                [rolled.positions().map(|(_, last)| last), Some(self.known(track).1), None]
            } else {
                let (least, most) = rolled.extent();
                [Some(least), Some(most), rolled.mean()]
            };
            out.extend_from_slice(self.known(track).0.as_bytes());
            out.push(b'\t');
            // Home Assistant writes units with their usual symbols.
            out.extend_from_slice(unit(track).map_or("", symbol).as_bytes());
            out.push(b'\t');
            out.extend_from_slice(&start);
            for number in numbers.into_iter().flatten() {
                out.push(b'\t');
                text::number(number, b'.', out);
            }
            out.push(b'\n');
        }
    }

    /// Returns the name of a track's statistic, and what it has counted. If two registers have the same quantity, the
    /// second name includes the register.
    fn known(&mut self, track: Track) -> &mut (String, Number) {
        let Self { known, meter, .. } = self;
        if !known.contains_key(&track) {
            let mut name = format!("metertap:{meter}_{}", super::tracks::name(track));
            if let Track::Register { register, .. } = track
                && known.values().any(|(other, _)| *other == name)
            {
                name = format!("{name}_{}", word(&register.to_string()));
            }
            known.insert(track, (name, Number::whole(0)));
        }
        known.entry(track).or_insert_with(|| (String::new(), Number::whole(0)))
    }
}

/// Writes a moment in the integration's default format: `07.01.2024 23:00` in UTC.
fn day_first(moment: Moment) -> Option<[u8; 16]> {
    let [y1, y2, y3, y4, _, m1, m2, _, d1, d2, _, h1, h2, colon, n1, n2, ..] =
        MeterTime::from_unix(moment.0.div_euclid(1000), 0)?.written();
    Some([d1, d2, b'.', m1, m2, b'.', y1, y2, y3, y4, b' ', h1, h2, colon, n1, n2])
}

/// Converts a name to what names of statistics may contain: lower-case letters, digits, and single underscores between
/// them.
fn word(name: &str) -> String {
    let word = slug(name).replace('-', "_");
    if word.is_empty() { "meter".to_owned() } else { word }
}

const COUNTERS: &[u8] = b"statistic_id\tunit\tstart\tstate\tsum\n";
const MEASUREMENTS: &[u8] = b"statistic_id\tunit\tstart\tmin\tmax\tmean\n";
