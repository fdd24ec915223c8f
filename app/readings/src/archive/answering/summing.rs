//! Computes the totals of spans of time.

use metertap_decoder::time::Zone;

use super::super::Archive;
use super::walking::number;
use crate::entry::{Entry, Moment};
use crate::history::calendar::Span;
use crate::history::timeline::{Stretch, Timeline};
use crate::history::totals::{Total, Totals};
use crate::log::calendar::{Day, Quarter};
use crate::log::journal::{Grain, LogError};
use crate::log::totals::rollup::RollUp;
use crate::store::MeterKey;
use crate::store::disk::Disk;

impl<D: Disk> Archive<D> {
    /// Returns the totals of these spans. If all of them begin and end at midnight, days are read; otherwise quarters.
    pub(super) async fn totals(
        &self,
        meter: &MeterKey,
        spans: &[Span],
        zone: Zone,
    ) -> Result<Vec<Total>, LogError> {
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
        let (timeline, mut summing) = (self.timeline(meter), Summing::new(spans, from));
        let a_while = if of_days { A_YEAR } else { A_DAY };
        let before = first.saturating_sub(a_while)..=first.saturating_sub(1);
        let known = self
            .each_unit(&timeline, (grain, before), zone, Totals::wants, |stretch, unit, rolled| {
                summing.take(stretch, unit, rolled);
            })
            .await?;
        if known == 0 && !of_days {
            let Day(day) = Day::of(Quarter(first), zone);
            let days = day.saturating_sub(A_YEAR)..=day.saturating_sub(1);
            self.each_unit(&timeline, (Grain::Days, days), zone, Totals::wants, |stretch, unit, rolled| {
                summing.take(stretch, unit, rolled);
            })
            .await?;
        }
        self.each_unit(&timeline, (grain, first..=last), zone, Totals::wants, |stretch, unit, rolled| {
            summing.take(stretch, unit, rolled);
        })
        .await?;
        let mut totals = summing.totals.finish();
        if totals.len() <= FEW {
            for power in totals.iter_mut().filter_map(|total| total.power.as_mut()) {
                self.settle(&timeline, power, zone).await?;
            }
            for since in totals.iter_mut().filter_map(|total| total.since.as_mut()) {
                *since = self.settle_since(&timeline, *since, zone).await?;
            }
        }
        Ok(totals)
    }

    /// The end of the last quarter of an hour with a reading, in the day that ends with `since`.
    async fn settle_since(&self, timeline: &Timeline, since: Moment, zone: Zone) -> Result<Moment, LogError> {
        let last = Quarter::of(Moment(since.0.saturating_sub(1)));
        let first = Day::of(last, zone).quarters(zone).start;
        let mut found = None;
        let tell = |_: &Stretch, unit: Span, rolled: &RollUp| {
            found = Some(unit.to).filter(|_| rolled.readings > 0).max(found);
        };
        self.each_unit(timeline, (Grain::Quarters, first..=last.0), zone, |_| false, tell).await?;
        Ok(found.unwrap_or(since))
    }

    /// Returns the total of a span with any start and end. A short span is counted reading by reading; its total leaves
    /// out sub-meters, because their positions are older than the reading that carries them. A span that is long or has
    /// no reading is widened to quarters of an hour.
    pub(super) async fn selection(
        &self,
        meter: &MeterKey,
        span: Span,
        zone: Zone,
    ) -> Result<Total, LogError> {
        if span.length() <= SHORT
            && let Some(mut total) = self.reading_by_reading(&self.timeline(meter), span).await?
        {
            total.amounts.retain(|amount| amount.flow.channel.is_none());
            if let Some(power) = &mut total.power {
                self.settle(&self.timeline(meter), power, zone).await?;
            }
            return Ok(total);
        }
        let last = Quarter::of(Moment(span.to.0.saturating_sub(1)));
        let whole =
            Span { from: Quarter::of(span.from).start(), to: Quarter(last.0.saturating_add(1)).start() };
        Ok(self.totals(meter, &[whole], zone).await?.pop().unwrap_or(Total::of(whole)))
    }

    /// The total of a span, from its readings; `None` if it has none.
    async fn reading_by_reading(&self, timeline: &Timeline, span: Span) -> Result<Option<Total>, LogError> {
        let before = Moment(span.from.0.saturating_sub(Quarter::MILLISECONDS));
        // For each stretch: what came before the span, and what lies in it.
        let mut rolled: Vec<(Stretch, RollUp, RollUp)> = Vec::new();
        let tell = |stretch: &Stretch, entry: &Entry| {
            if rolled.last().is_none_or(|(known, ..)| known != stretch) {
                rolled.push((stretch.clone(), RollUp::default(), RollUp::default()));
            }
            if let Some((_, earlier, within)) = rolled.last_mut() {
                if entry.received < span.from { earlier.add(entry) } else { within.add(entry) }
            }
        };
        self.each_entry(timeline, before..=Moment(span.to.0.saturating_sub(1)), tell).await?;
        if rolled.iter().all(|(.., within)| within.readings == 0) {
            return Ok(None);
        }
        let mut summing = Summing::new(&[span], span.from);
        for (stretch, earlier, within) in rolled {
            summing.take(&stretch, Span { from: before, to: span.from }, &earlier);
            let seen = Span { from: span.from.max(stretch.span.from), to: span.to.min(stretch.span.to) };
            summing.take(&stretch, seen, &within);
        }
        Ok(summing.totals.finish().pop())
    }
}

struct Summing {
    totals: Totals,
    from: Moment,
    /// The meter whose counters are being counted.
    meter: Option<MeterKey>,
}

impl Summing {
    fn new(spans: &[Span], from: Moment) -> Self {
        Self { totals: Totals::new(spans), from, meter: None }
    }

    /// Adds the roll-up of the next unit of time. If the unit lies before all spans, or is excluded, only the counters'
    /// positions matter.
    fn take(&mut self, stretch: &Stretch, unit: Span, rolled: &RollUp) {
        if self.meter.as_ref() != Some(&stretch.meter) {
            self.totals.reset();
            self.meter = Some(stretch.meter.clone());
        }
        if stretch.counts && unit.to > self.from {
            self.totals.take(unit, rolled);
        } else {
            self.totals.earlier(unit.to, rolled);
        }
    }
}

/// How many quarters before a span are searched for its counters' positions. If they hold nothing, or if the span is
/// made up of whole days, [`A_YEAR`] days are searched.
const A_DAY: i64 = 96;
const A_YEAR: i64 = 384;
/// Milliseconds: a span that is not longer than this is counted reading by reading.
const SHORT: i64 = 3 * 3_600_000;
/// Peaks and gaps are searched for their exact moments only if there are at most this many spans.
const FEW: usize = 8;
