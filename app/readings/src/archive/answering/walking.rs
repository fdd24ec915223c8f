//! Walks along a history: stretch by stretch, over the roll-ups and readings of the meters that make it up.

use std::ops::RangeInclusive;

use metertap_decoder::time::Zone;

use super::super::Archive;
use crate::entry::{Entry, Moment};
use crate::history::calendar::Span;
use crate::history::timeline::{Stretch, Timeline};
use crate::log::calendar::{Day, Quarter};
use crate::log::journal::{Grain, LogError};
use crate::log::totals::rollup::RollUp;
use crate::log::totals::track::Track;
use crate::store::MeterKey;
use crate::store::disk::Disk;

impl<D: Disk> Archive<D> {
    /// The timeline of the meters whose readings make up a meter's history.
    #[must_use]
    pub fn timeline(&self, meter: &MeterKey) -> Timeline {
        let mirror = self.0.mirror.borrow();
        let stated = |meter: &MeterKey| {
            mirror.meters().find(|record| record.key == *meter).map_or(&[][..], |record| &record.stated)
        };
        Timeline::of(meter, stated)
    }

    /// Passes the units of a range, which are quarters of an hour or days, to `tell`, each with the stretch that it
    /// lies in. A day in which a stretch begins or ends is passed as its quarters. Returns how many units were passed.
    pub(super) async fn each_unit(
        &self,
        timeline: &Timeline,
        (grain, range): (Grain, RangeInclusive<i64>),
        zone: Zone,
        wanted: impl Fn(Track) -> bool,
        mut tell: impl FnMut(&Stretch, Span, &RollUp),
    ) -> Result<usize, LogError> {
        let mut count = 0;
        for stretch in timeline.stretches() {
            for (grain, range) in stretch.pieces(grain, range.clone(), zone) {
                self.walk_all(&stretch.meter, grain, range, &wanted, |number, rolled| {
                    if let Some(unit) = unit(grain, number, zone) {
                        count += 1;
                        tell(stretch, unit, rolled);
                    }
                })
                .await?;
            }
        }
        Ok(count)
    }

    /// Passes all entries of a history that were received in this span to `tell`, one log after the other.
    pub(super) async fn each_entry(
        &self,
        timeline: &Timeline,
        moments: RangeInclusive<Moment>,
        mut tell: impl FnMut(&Stretch, &Entry),
    ) -> Result<(), LogError> {
        for stretch in timeline.stretches() {
            let last = Moment(stretch.span.to.0.saturating_sub(1));
            let moments = stretch.span.from.max(*moments.start())..=last.min(*moments.end());
            if moments.is_empty() {
                continue;
            }
            for log in self.logs(&stretch.meter) {
                let mut next = Some(0);
                while let Some(seq) = next {
                    next = self.walk(&log, seq..=u64::MAX, &moments, |entry| tell(stretch, entry)).await?;
                }
            }
        }
        Ok(())
    }

    /// Passes the quarters or days that one meter has within a range to `tell`, each with its number.
    pub(in crate::archive) async fn walk_all(
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
}

pub(super) fn number(grain: Grain, moment: Moment, zone: Zone) -> i64 {
    let quarter = Quarter::of(moment);
    match grain {
        Grain::Quarters => quarter.0,
        Grain::Days => Day::of(quarter, zone).0,
    }
}

/// The span of a quarter or day; `None` for a day beyond the calendar.
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
