//! Answering what a person asks of a meter's history, from the roll-ups of all its logs.

mod ahead;
mod settling;

use std::ops::RangeInclusive;

use metertap_decoder::civil::Date;
use metertap_decoder::time::Zone;

use super::Archive;
use crate::entry::{Entry, Moment};
use crate::history::calendar::{MOST_PERIODS, Period, Span};
use crate::history::completeness::Completeness;
use crate::history::flow::Flow;
use crate::history::profile::Profile;
use crate::history::question::{Answer, Contents, Curve, Question};
use crate::history::records::{self, Records};
use crate::history::totals::{Total, Totals};
use crate::log::calendar::{Day, Quarter};
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
    /// Where the disk cannot be read.
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
        })
    }

    /// What spans of time came to. Where all of them begin and end at midnight, days are read, and quarters otherwise.
    async fn totals(&self, meter: &MeterKey, spans: &[Span], zone: Zone) -> Result<Vec<Total>, LogError> {
        let (Some(from), Some(to)) =
            (spans.iter().map(|span| span.from).min(), spans.iter().map(|span| span.to).max())
        else {
            return Ok(Vec::new());
        };
        let is_midnight = |moment: Moment| Day::of(Quarter::of(moment), zone).start(zone) == Some(moment);
        let of_days = spans.iter().all(|span| is_midnight(span.from) && is_midnight(span.to));
        let grain = if of_days { Grain::Days } else { Grain::Quarters };
        let first = number(grain, from, zone);
        let last = number(grain, Moment(to.0.saturating_sub(1)), zone);
        let mut totals = Totals::new(spans);
        let mut before = |end: Moment, rolled: &RollUp| totals.earlier(end, rolled);
        let a_while = if of_days { A_YEAR } else { A_DAY };
        let known = self
            .each_of(
                meter,
                grain,
                first.saturating_sub(a_while)..=first.saturating_sub(1),
                |number, rolled| {
                    if let Some(unit) = unit(grain, number, zone) {
                        before(unit.to, rolled);
                    }
                },
            )
            .await?;
        if known == 0 && !of_days {
            let Day(day) = Day::of(Quarter(first), zone);
            let days = day.saturating_sub(A_YEAR)..=day.saturating_sub(1);
            self.each_of(meter, Grain::Days, days, |number, rolled| {
                if let Some(unit) = unit(Grain::Days, number, zone) {
                    before(unit.to, rolled);
                }
            })
            .await?;
        }
        self.each_of(meter, grain, first..=last, |number, rolled| {
            if let Some(unit) = unit(grain, number, zone) {
                totals.take(unit, rolled);
            }
        })
        .await?;
        let mut totals = totals.finish();
        if totals.len() <= FEW {
            for power in totals.iter_mut().filter_map(|total| total.power.as_mut()) {
                self.settle(meter, power).await?;
            }
        }
        Ok(totals)
    }

    /// What a span came to, whenever it begins and ends. A long one is widened to quarters of an hour; a short one is counted
    /// reading by reading, and has nothing of sub-meters, whose positions are older than the reading that tells them.
    async fn selection(&self, meter: &MeterKey, span: Span, zone: Zone) -> Result<Total, LogError> {
        if span.length() <= SHORT {
            let mut totals = Totals::new(&[span]);
            let (mut earlier, mut rolled) = (RollUp::default(), RollUp::default());
            let before = Moment(span.from.0.saturating_sub(Quarter::MILLISECONDS));
            self.each_entry(meter, before..=Moment(span.to.0.saturating_sub(1)), |entry| {
                if entry.received < span.from { earlier.add(entry) } else { rolled.add(entry) }
            })
            .await?;
            if rolled.readings > 0 {
                totals.earlier(span.from, &earlier);
                totals.take(span, &rolled);
                let mut total = totals.finish().pop().unwrap_or(Total::of(span));
                total.amounts.retain(|amount| amount.flow.channel.is_none());
                if let Some(power) = &mut total.power {
                    self.settle(meter, power).await?;
                }
                return Ok(total);
            }
        }
        let last = Quarter::of(Moment(span.to.0.saturating_sub(1)));
        let whole =
            Span { from: Quarter::of(span.from).start(), to: Quarter(last.0.saturating_add(1)).start() };
        Ok(self.totals(meter, &[whole], zone).await?.pop().unwrap_or(Total::of(whole)))
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
        let numbers = Quarter::of(first.from).0..=Quarter::of(last.to).0;
        let mut heard = Vec::new();
        self.walk_all(
            meter,
            Grain::Quarters,
            numbers,
            |_| false,
            |number, rolled| {
                heard.extend(Some(number).filter(|_| rolled.readings > 0));
            },
        )
        .await?;
        // The quarter that is under way is not missing as yet.
        let log = Span { from: held.from, to: Quarter::of(now).start().max(held.to) };
        Ok(days.into_iter().map(|day| Completeness::of(day, log, &heard)).collect())
    }

    async fn records(&self, meter: &MeterKey, (now, zone): (Moment, Zone)) -> Result<Records, LogError> {
        let Some(held) = self.contents_span(meter, zone).await? else { return Ok(Records::default()) };
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
        let nights = Quarter::of(held.to).0.saturating_sub(NIGHTS * A_DAY)..=Quarter::of(held.to).0;
        let mut quarters = Vec::new();
        self.walk_all(
            meter,
            Grain::Quarters,
            nights,
            |track| track == Track::NetPower,
            |number, rolled| {
                let mean = rolled.tracks.get(&Track::NetPower).and_then(Sum::mean);
                quarters.extend(mean.map(|mean| (Quarter(number).start(), mean)));
            },
        )
        .await?;
        Ok(Records {
            power: ever.first().and_then(|total| total.power),
            days: records::of_days(&totals, is_whole),
            base_load: records::base_load(quarters, zone),
        })
    }

    async fn contents(&self, meter: &MeterKey, zone: Zone) -> Result<Contents, LogError> {
        let (mut flows, mut curves) = (Vec::new(), Vec::new());
        self.walk_all(
            meter,
            Grain::Days,
            ALL_DAYS,
            |_| true,
            |_, rolled| {
                for track in rolled.tracks.keys() {
                    let flow = Flow::of(*track).map(|(flow, _)| flow);
                    flows.extend(flow.filter(|flow| !flows.contains(flow)));
                    let curve = Some(Curve::from(*track)).filter(|_| !track.is_counter());
                    curves.extend(curve.filter(|curve| !curves.contains(curve)));
                }
            },
        )
        .await?;
        flows.sort_unstable();
        curves.sort_by_cached_key(|curve| (curve.quantity(), Track::from(*curve).name()));
        Ok(Contents { span: self.contents_span(meter, zone).await?, flows, curves })
    }

    /// From the first to the last quarter of an hour with a reading.
    async fn contents_span(&self, meter: &MeterKey, zone: Zone) -> Result<Option<Span>, LogError> {
        let (mut first, mut last) = (None, None);
        self.walk_all(
            meter,
            Grain::Days,
            ALL_DAYS,
            |_| false,
            |number, rolled| {
                if rolled.readings > 0 {
                    first = first.or(Some(number));
                    last = Some(number);
                }
            },
        )
        .await?;
        let mut ends = None;
        for day in [first, last].into_iter().flatten() {
            let quarters = Day(day).quarters(zone);
            self.walk_all(
                meter,
                Grain::Quarters,
                quarters.start..=quarters.end - 1,
                |_| false,
                |number, rolled| {
                    if rolled.readings > 0 {
                        let (from, _) = ends.unwrap_or((number, number));
                        ends = Some((from, number));
                    }
                },
            )
            .await?;
        }
        Ok(ends.map(|(from, to)| Span { from: Quarter(from).start(), to: Quarter(to + 1).start() }))
    }

    /// Tells all quarters or days of a range, in their order, with what totals need of them; answers with their number.
    async fn each_of(
        &self,
        meter: &MeterKey,
        grain: Grain,
        range: RangeInclusive<i64>,
        mut tell: impl FnMut(i64, &RollUp),
    ) -> Result<usize, LogError> {
        let mut count = 0;
        self.walk_all(meter, grain, range, Totals::wants, |number, rolled| {
            count += 1;
            tell(number, rolled);
        })
        .await?;
        Ok(count)
    }

    async fn walk_all(
        &self,
        meter: &MeterKey,
        grain: Grain,
        range: RangeInclusive<i64>,
        wanted: impl Fn(Track) -> bool,
        mut tell: impl FnMut(i64, &RollUp),
    ) -> Result<(), LogError> {
        let mut next = Some(*range.start());
        while let Some(start) = next {
            let (block, behind) = self.walk_periods(meter, grain, start..=*range.end(), &wanted).await?;
            block.0.iter().for_each(|(number, rolled)| tell(*number, rolled));
            next = behind;
        }
        Ok(())
    }

    /// Tells all entries that were received in that time, a log after the other.
    async fn each_entry(
        &self,
        meter: &MeterKey,
        moments: RangeInclusive<Moment>,
        mut tell: impl FnMut(&Entry),
    ) -> Result<(), LogError> {
        for log in self.logs(meter) {
            let mut next = Some(0);
            while let Some(seq) = next {
                next = self.walk(&log, seq..=u64::MAX, &moments, &mut tell).await?;
            }
        }
        Ok(())
    }
}

/// The number of the quarter or day that a moment lies in.
fn number(grain: Grain, moment: Moment, zone: Zone) -> i64 {
    let quarter = Quarter::of(moment);
    match grain {
        Grain::Quarters => quarter.0,
        Grain::Days => Day::of(quarter, zone).0,
    }
}

/// When a quarter or day is; none of a day beyond the calendar.
fn unit(grain: Grain, number: i64, zone: Zone) -> Option<Span> {
    match grain {
        Grain::Quarters => {
            Some(Span { from: Quarter(number).start(), to: Quarter(number.saturating_add(1)).start() })
        }
        Grain::Days => {
            Some(Span { from: Day(number).start(zone)?, to: Day(number.saturating_add(1)).start(zone)? })
        }
    }
}

const ALL_DAYS: RangeInclusive<i64> = Date::MIN.number()..=Date::MAX.number();
/// Wider than any screen.
const MOST_COLUMNS: u32 = 16_384;
/// Quarters before a span that are looked at for where its counters stood, and days where there is nothing in those.
const A_DAY: i64 = 96;
const A_YEAR: i64 = 384;
/// Milliseconds: what is shorter is counted reading by reading.
const SHORT: i64 = 3 * 3_600_000;
/// Of so many spans the moments of peaks are looked for.
const FEW: usize = 8;
/// Of a hundred readings that a day usually has, so many make it a whole one.
const WHOLE: u64 = 95;
/// Nights that the base load is of.
const NIGHTS: i64 = 92;
