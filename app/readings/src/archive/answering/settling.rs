//! Finds out when a peak occurred: roll-ups tell its quarter of an hour or its day, and readings tell its moment.

use metertap_decoder::number::Number;
use metertap_decoder::time::Zone;

use super::Archive;
use crate::entry::Moment;
use crate::history::calendar::Span;
use crate::history::timeline::{Stretch, Timeline};
use crate::history::totals::{Peak, Power};
use crate::log::calendar::Quarter;
use crate::log::journal::{Grain, LogError};
use crate::log::totals::rollup::{RollUp, Sum};
use crate::log::totals::track::Track;
use crate::power::net_power;
use crate::store::disk::Disk;

impl<D: Disk> Archive<D> {
    /// Finds out when the least and the most power occurred, as exactly as the stored data allows.
    pub(super) async fn settle(
        &self,
        timeline: &Timeline,
        power: &mut Power,
        zone: Zone,
    ) -> Result<(), LogError> {
        for peak in [&mut power.least, &mut power.most] {
            if peak.within > Quarter::MILLISECONDS {
                self.settle_quarter(timeline, peak, zone).await?;
            }
            let last = Moment(peak.at.0.saturating_add(peak.within.max(1) - 1));
            let mut found: Option<Moment> = None;
            self.each_entry(timeline, peak.at..=last, |stretch, entry| {
                let is_it = net_power(&entry.reading).is_some_and(|net| net.compare(peak.value).is_eq());
                if is_it && stretch.counts && found.is_none_or(|found| entry.received < found) {
                    found = Some(entry.received);
                }
            })
            .await?;
            if let Some(found) = found {
                *peak = Peak { at: found, within: 0, ..*peak };
            }
        }
        Ok(())
    }

    async fn settle_quarter(&self, timeline: &Timeline, peak: &mut Peak, zone: Zone) -> Result<(), LogError> {
        let last = Moment(peak.at.0.saturating_add(peak.within - 1));
        let numbers = Quarter::of(peak.at).0..=Quarter::of(last).0;
        let mut found = None;
        let tell = |stretch: &Stretch, unit: Span, rolled: &RollUp| {
            let extent = rolled.tracks.get(&Track::NetPower).map(Sum::extent).filter(|_| stretch.counts);
            let is_it = |value: &Number| value.compare(peak.value).is_eq();
            if extent.is_some_and(|(least, most)| is_it(&least) || is_it(&most)) {
                found = found.or(Some(unit.from));
            }
        };
        let is_power = |track| track == Track::NetPower;
        self.each_unit(timeline, (Grain::Quarters, numbers), zone, is_power, tell).await?;
        if let Some(at) = found {
            *peak = Peak { at, within: Quarter::MILLISECONDS, ..*peak };
        }
        Ok(())
    }
}
