//! Answers what users ask about a meter's history, from the roll-ups of all its logs.

mod ahead;
mod settling;
mod summing;
mod walking;

use std::cell::RefCell;
use std::ops::RangeInclusive;

use metertap_decoder::civil::Date;
use metertap_decoder::time::Zone;

use super::Archive;
use crate::entry::Moment;
use crate::history::calendar::{MOST_PERIODS, Period, Span};
use crate::history::completeness::{Completeness, gaps_between};
use crate::history::flow::Flow;
use crate::history::profile::Profile;
use crate::history::question::{Answer, Contents, Curve, Question};
use crate::history::records::{self, Records};
use crate::history::timeline::Stretch;
use crate::history::totals::Total;
use crate::log::calendar::Quarter;
use crate::log::journal::{Grain, LogError};
use crate::log::totals::rollup::{RollUp, Sum};
use crate::log::totals::track::Track;
use crate::power::watts;
use crate::store::MeterKey;
use crate::store::disk::Disk;

impl<D: Disk> Archive<D> {
    /// Answers a question about a meter, at this moment, in this zone.
    ///
    /// # Errors
    /// If the disk cannot be read.
    pub async fn answer(
        &self,
        meter: &MeterKey,
        question: Question,
        (now, zone): (Moment, Zone),
    ) -> Result<Answer, LogError> {
        Ok(match question {
            Question::Contents => Answer::Contents(self.contents(meter, zone).await?),
            Question::Curve { curve, span, columns } => {
                let columns = columns.min(MOST_COLUMNS);
                let series = self.curve(meter, curve.into(), (span.from, span.to), columns).await?;
                Answer::Curve(series.into_columns())
            }
            Question::Totals { mut spans } => {
                spans.truncate(MOST_PERIODS);
                Answer::Totals(self.totals(meter, &spans, zone).await?)
            }
            Question::Selection { span } => {
                Answer::Selection(Box::new(self.selection(meter, span, zone).await?))
            }
            Question::Profile { flow, span } => Answer::Profile(self.profile(meter, flow, span, zone).await?),
            Question::Completeness { span } => {
                Answer::Completeness(self.completeness(meter, span, (now, zone)).await?)
            }
            Question::Records => Answer::Records(self.records(meter, (now, zone)).await?),
            Question::Typed => Answer::Typed(self.typed(meter).await?),
        })
    }

    async fn profile(
        &self,
        meter: &MeterKey,
        flow: Flow,
        span: Span,
        zone: Zone,
    ) -> Result<Profile, LogError> {
        let longest = i64::try_from(MOST_PERIODS - 1).unwrap_or_default() * 3_600_000;
        let from = Moment(span.from.0.max(span.to.0.saturating_sub(longest)));
        let hours = Period::Hour.within(Span { from, to: span.to }, zone);
        let totals = self.totals(meter, &hours, zone).await?;
        let known = totals.iter().filter(|total| total.since.is_none());
        let amounts: Vec<(Span, f64)> =
            known.filter_map(|total| Some((total.span, watts(total.amount(flow)?.total)?))).collect();
        Ok(Profile::of(&amounts, zone))
    }

    async fn completeness(
        &self,
        meter: &MeterKey,
        span: Span,
        (now, zone): (Moment, Zone),
    ) -> Result<Vec<Completeness>, LogError> {
        let days = Period::Day.within(span, zone);
        let (Some(first), Some(last), Some(held)) =
            (days.first(), days.last(), self.contents_span(meter, zone).await?)
        else {
            return Ok(Vec::new());
        };
        let numbers = Quarter::of(first.from).0..=Quarter::of(last.to).0.saturating_sub(1);
        let mut heard = Vec::new();
        let tell = |_: &Stretch, unit: Span, rolled: &RollUp| {
            heard.extend(Some(Quarter::of(unit.from).0).filter(|_| rolled.readings > 0));
        };
        self.each_unit(&self.timeline(meter), (Grain::Quarters, numbers), zone, |_| false, tell).await?;
        // The quarter in progress is not missing yet.
        let log = Span { from: held.from, to: Quarter::of(now).start().max(held.to) };
        let asked = Span { from: log.from.max(first.from), to: log.to.min(last.to) };
        let gaps = gaps_between(asked, &heard);
        Ok(days.into_iter().map(|day| Completeness::of(day, log, &gaps)).collect())
    }

    async fn records(&self, meter: &MeterKey, (now, zone): (Moment, Zone)) -> Result<Records, LogError> {
        let Some(held) = self.contents_span(meter, zone).await? else { return Ok(Records::default()) };
        let held = believable(held, (now, zone));
        let days = Period::Day.within(held, zone);
        let totals = self.totals(meter, &days, zone).await?;
        let (Some(first), Some(last)) = (days.first(), days.last()) else { return Ok(Records::default()) };
        let ever = self.totals(meter, &[Span { from: first.from, to: last.to }], zone).await?;
        let mut counts: Vec<u64> =
            totals.iter().map(|total| total.readings).filter(|count| *count > 0).collect();
        counts.sort_unstable();
        let usual = counts.get(counts.len() / 2).copied().unwrap_or_default();
        let is_whole = |total: &Total| {
            total.span.to <= now && total.readings.saturating_mul(100) >= usual.saturating_mul(WHOLE)
        };
        let last = Quarter::of(held.to).0;
        let nights = last.saturating_sub(NIGHTS * A_DAY)..=last;
        let mut quarters = Vec::new();
        let tell = |stretch: &Stretch, unit: Span, rolled: &RollUp| {
            let mean = rolled.tracks.get(&Track::NetPower).and_then(Sum::mean).filter(|_| stretch.counts);
            quarters.extend(mean.map(|mean| (unit.from, mean)));
        };
        let is_power = |track| track == Track::NetPower;
        self.each_unit(&self.timeline(meter), (Grain::Quarters, nights), zone, is_power, tell).await?;
        let year = Span { from: held.from.max(Moment(held.to.0.saturating_sub(A_YEAR))), ..held };
        let hours = Period::Hour.within(year, zone);
        Ok(Records {
            power: ever.first().and_then(|total| total.power),
            days: records::of_days(&totals, is_whole),
            hours: records::of_hours(&self.totals(meter, &hours, zone).await?),
            base_load: records::base_load(quarters, zone),
        })
    }

    async fn contents(&self, meter: &MeterKey, zone: Zone) -> Result<Contents, LogError> {
        let known = RefCell::new(Vec::new());
        // A track that is already known need not be decoded again.
        let is_new = |track| !known.borrow().contains(&track);
        let tell = |rolled: &RollUp| known.borrow_mut().extend(rolled.tracks.keys().copied());
        let span = self.span_of_days(meter, zone, is_new, tell).await?;
        let (mut flows, mut curves): (Vec<Flow>, Vec<Curve>) = (Vec::new(), Vec::new());
        for track in known.into_inner() {
            let flow = Flow::of(track).map(|(flow, _)| flow);
            flows.extend(flow.filter(|flow| !flows.contains(flow)));
            let curve = Some(Curve::from(track)).filter(|_| !track.is_counter());
            curves.extend(curve.filter(|curve| !curves.contains(curve)));
        }
        flows.sort_unstable();
        curves.sort_by_cached_key(|curve| (curve.quantity(), Track::from(*curve).name()));
        Ok(Contents { span, flows, curves })
    }

    async fn contents_span(&self, meter: &MeterKey, zone: Zone) -> Result<Option<Span>, LogError> {
        self.span_of_days(meter, zone, |_| false, |_| {}).await
    }

    /// Passes each day to `tell`, with the tracks that are `wanted`. Returns the span from the first to the last
    /// quarter of an hour that has a reading.
    async fn span_of_days(
        &self,
        meter: &MeterKey,
        zone: Zone,
        wanted: impl Fn(Track) -> bool,
        mut tell: impl FnMut(&RollUp),
    ) -> Result<Option<Span>, LogError> {
        let timeline = self.timeline(meter);
        let (mut first, mut last) = (None, None);
        let each = |_: &Stretch, unit: Span, rolled: &RollUp| {
            tell(rolled);
            if rolled.readings > 0 {
                first = first.or(Some(unit));
                last = Some(unit);
            }
        };
        self.each_unit(&timeline, (Grain::Days, ALL_DAYS), zone, wanted, each).await?;
        let mut heard: Option<Span> = None;
        for unit in [first, last].into_iter().flatten() {
            let quarters = Quarter::of(unit.from).0..=Quarter::of(unit.to).0.saturating_sub(1);
            let tell = |_: &Stretch, quarter: Span, rolled: &RollUp| {
                if rolled.readings > 0 {
                    heard = Some(Span { to: quarter.to, ..heard.unwrap_or(quarter) });
                }
            };
            self.each_unit(&timeline, (Grain::Quarters, quarters), zone, |_| false, tell).await?;
        }
        Ok(heard)
    }
}

/// The part of a span that is searched for records: at most until the end of today, and at most as long as can be
/// counted day by day. A file may hold a reading of the year 9999.
fn believable(held: Span, (now, zone): (Moment, Zone)) -> Span {
    let today = Period::Day.around(now, zone).map_or(now, |today| today.to);
    let to = held.to.min(today);
    let longest = i64::try_from(MOST_PERIODS - 2).unwrap_or_default() * 86_400_000;
    Span { from: held.from.max(Moment(to.0.saturating_sub(longest))), to }
}

const ALL_DAYS: RangeInclusive<i64> = Date::MIN.number()..=Date::MAX.number();
/// More columns than any screen has.
const MOST_COLUMNS: u32 = 16_384;
/// Percent of the readings that a day usually has: a day with at least this share is a whole day.
const WHOLE: u64 = 95;
/// How many nights the base load is computed from.
const NIGHTS: i64 = 92;
/// Milliseconds: the highest hours are those of the last year.
const A_YEAR: i64 = 366 * 86_400_000;
const A_DAY: i64 = 96;
