//! Answers what users ask about the future: peaks and predictions.

use std::ops::RangeInclusive;

use metertap_decoder::number::Number;
use metertap_decoder::time::Zone;

use super::Archive;
use crate::entry::{Entry, Moment};
use crate::history::calendar::{Period, Span};
use crate::log::calendar::Quarter;
use crate::log::journal::{Grain, LogError};
use crate::outlook::interval::Positions;
use crate::outlook::peaks::month::{MonthPeak, billed};
use crate::outlook::peaks::own::OwnPeaks;
use crate::outlook::peaks::rule::PeakRule;
use crate::outlook::peaks::running::{Running, SoFar};
use crate::outlook::prediction::Prediction;
use crate::outlook::question::{Answer, Kilowatts, Peaks, Question};
use crate::power::{net_power, watts};
use crate::store::MeterKey;
use crate::store::disk::Disk;

impl<D: Disk> Archive<D> {
    /// Answers a question about a meter's future, at this moment, in this zone.
    ///
    /// # Errors
    /// If the disk cannot be read.
    pub async fn answer_ahead(
        &self,
        meter: &MeterKey,
        question: &Question,
        (now, zone): (Moment, Zone),
    ) -> Result<Answer, LogError> {
        Ok(match question {
            Question::Running { rule } => match PeakRule::named(rule) {
                Some(rule) => {
                    let (running, own) = self.running(meter, rule, (now, zone)).await?;
                    Answer::Running { running, own }
                }
                None => Answer::Unreadable,
            },
            Question::Peaks { rule } => match PeakRule::named(rule) {
                Some(rule) => Answer::Peaks(self.peaks(meter, rule, (now, zone)).await?),
                None => Answer::Unreadable,
            },
            Question::Prediction => {
                Answer::Prediction(self.prediction(meter, (now, zone)).await?.map(Box::new))
            }
        })
    }

    /// Returns the interval in progress, and the peaks that the meter itself reports.
    ///
    /// # Errors
    /// If the disk cannot be read.
    pub async fn running(
        &self,
        meter: &MeterKey,
        rule: &'static PeakRule,
        (now, zone): (Moment, Zone),
    ) -> Result<(Option<Running>, Option<OwnPeaks>), LogError> {
        let month = self.month_so_far(meter, rule, (now, zone)).await?;
        self.running_in(meter, rule, &month, (now, zone)).await
    }

    /// The highest intervals of this month, for each peak of a rule. They change only when an interval ends.
    ///
    /// # Errors
    /// If the disk cannot be read.
    pub async fn month_so_far(
        &self,
        meter: &MeterKey,
        rule: &'static PeakRule,
        (now, zone): (Moment, Zone),
    ) -> Result<Vec<MonthPeak>, LogError> {
        let newest = self.newest_of(meter).await?;
        let own = newest.iter().rev().find_map(|entry| OwnPeaks::of(&entry.reading));
        let Some(month) = Period::Month.around(now, zone) else { return Ok(Vec::new()) };
        let positions = self.positions(meter, month.from..=now).await?;
        let months = months(rule, &[month], &positions, own.as_ref(), (now, zone));
        Ok(months.into_iter().filter_map(|mut months| months.pop()).collect())
    }

    /// The same as [`Self::running`]. `month` holds the [peaks of the month](Self::month_so_far), as they were when the
    /// interval began.
    ///
    /// # Errors
    /// If the disk cannot be read.
    pub async fn running_in(
        &self,
        meter: &MeterKey,
        rule: &'static PeakRule,
        month: &[MonthPeak],
        (now, zone): (Moment, Zone),
    ) -> Result<(Option<Running>, Option<OwnPeaks>), LogError> {
        let newest = self.newest_of(meter).await?;
        let own = newest.iter().rev().find_map(|entry| OwnPeaks::of(&entry.reading));
        let Some(span) = rule.interval.around(now, zone) else { return Ok((None, own)) };
        let positions = self.positions(meter, span.from..=now).await?;
        let so_far = positions.since(span.from).map(|(energy, until)| SoFar {
            energy,
            until,
            power: newest.iter().rev().find_map(|entry| net_power(&entry.reading)),
        });
        let running = so_far.and_then(|so_far| Running::of(rule, span, so_far, month, zone));
        Ok((running, own))
    }

    async fn peaks(
        &self,
        meter: &MeterKey,
        rule: &'static PeakRule,
        (now, zone): (Moment, Zone),
    ) -> Result<Peaks, LogError> {
        let newest = self.newest_of(meter).await?;
        let own = newest.iter().rev().find_map(|entry| OwnPeaks::of(&entry.reading));
        let spans = Period::Month.last(MONTHS, now, zone);
        let Some(first) = spans.first() else { return Ok(Peaks::default()) };
        let positions = self.positions(meter, first.from..=now).await?;
        let months = months(rule, &spans, &positions, own.as_ref(), (now, zone));
        let billed = months.iter().map(|months| billed(rule, months).map(Kilowatts)).collect();
        Ok(Peaks { months, billed, own })
    }

    async fn prediction(
        &self,
        meter: &MeterKey,
        (now, zone): (Moment, Zone),
    ) -> Result<Option<Prediction>, LogError> {
        let Some(hour) = Period::Hour.around(now, zone) else { return Ok(None) };
        let from = Moment(now.0.saturating_sub(LEARNING_SPAN));
        let positions = self.positions(meter, from..=now).await?;
        let hours = Period::Hour.within(Span { from, to: hour.from }, zone);
        let used = |energy: Option<Number>| energy.and_then(watts);
        let hours: Vec<(Span, Option<f64>)> = positions
            .intervals(&hours)
            .into_iter()
            .map(|interval| (interval.span, used(interval.energy)))
            .collect();
        let under_way = used(positions.since(hour.from).map(|(energy, _)| energy)).unwrap_or_default();
        Ok(Prediction::of(&hours, under_way, now, zone))
    }

    /// The import counter's positions in this span, and in the quarter of an hour before it.
    async fn positions(
        &self,
        meter: &MeterKey,
        moments: RangeInclusive<Moment>,
    ) -> Result<Positions, LogError> {
        let (first, last) = (Quarter::of(*moments.start()).0, Quarter::of(*moments.end()).0);
        let mut positions = Positions::default();
        // The position at the beginning of a quarter may be stored with the quarter before it.
        let numbers = first.saturating_sub(1)..=last;
        self.walk_all(meter, Grain::Quarters, numbers, Positions::wants, |number, rolled| {
            positions.take(number, rolled);
        })
        .await?;
        Ok(positions)
    }

    /// Returns the newest few entries, because one entry need not have every register.
    async fn newest_of(&self, meter: &MeterKey) -> Result<Vec<Entry>, LogError> {
        match self.span(meter).await? {
            Some((_, last)) => self.range(meter, last.saturating_sub(NEWEST - 1)..=last, usize::MAX).await,
            None => Ok(Vec::new()),
        }
    }
}

/// Returns the peaks of each month, one list for each kind of peak that the rule has. A peak that the meter reports is
/// taken as it is, if the rule bills it. All others are computed from the positions of the meter's counter. Months
/// without data are left out.
fn months(
    rule: &'static PeakRule,
    spans: &[Span],
    positions: &Positions,
    own: Option<&OwnPeaks>,
    (now, zone): (Moment, Zone),
) -> Vec<Vec<MonthPeak>> {
    let held = positions.held();
    let of_peak = |peak| {
        let months = spans.iter().filter_map(|month| {
            if let Some(own) = own.and_then(|own| own.of_month(rule, *month, zone)) {
                return Some(own);
            }
            held.filter(|held| held.meets(*month))?;
            // In the month in progress, only completed intervals count.
            let so_far = rule.interval.within(*month, zone).into_iter();
            let spans: Vec<Span> = so_far.take_while(|span| span.to <= now).collect();
            Some(MonthPeak::of(rule, peak, *month, &positions.intervals(&spans), zone))
        });
        months.collect()
    };
    rule.peaks.iter().map(of_peak).collect()
}

/// This month and the twelve before it.
const MONTHS: usize = 13;
/// How far back a prediction looks, in milliseconds: 28 days whose errors are computed, the 28 days that the first of
/// them is predicted from, and eight days to spare.
const LEARNING_SPAN: i64 = 64 * 86_400_000;
/// How many of the newest entries to look at: a Norwegian meter spreads its registers over three lists.
const NEWEST: u64 = 4;
