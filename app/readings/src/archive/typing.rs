//! Positions typed by users. Each meter has a separate log for them, which is rewritten when a position is added or
//! removed.

use metertap_decoder::time::Zone;

use super::Archive;
use crate::entry::Moment;
use crate::files::backup::Finished;
use crate::files::import::Import;
use crate::history::calendar::Period;
use crate::log::calendar::{Day, Quarter};
use crate::log::journal::{Grain, LogError};
use crate::log::totals::rollup::{RollUp, Sum};
use crate::log::totals::track::Track;
use crate::stated::{CorrectedNumber, product};
use crate::store::disk::Disk;
use crate::store::{MeterKey, MeterRecord};
use crate::typed::{Neighbours, TYPED_BY_HAND, TypedPosition};

impl<D: Disk> Archive<D> {
    /// Returns the positions typed for a meter, in chronological order.
    ///
    /// # Errors
    /// If the disk cannot be read.
    pub async fn typed(&self, meter: &MeterKey) -> Result<Vec<TypedPosition>, LogError> {
        let Some(Import { log, .. }) = self.typed_log(meter) else { return Ok(Vec::new()) };
        let entries = self.journal().range_as_received(&log, 0..=u64::MAX, usize::MAX).await?;
        Ok(entries.iter().filter_map(TypedPosition::of).collect())
    }

    /// Returns what is known of a counter around a position. `typed` holds the positions typed for the meter, so that
    /// those of other counters are not taken for received readings.
    ///
    /// # Errors
    /// If the disk cannot be read.
    pub async fn neighbours(
        &self,
        meter: &MeterKey,
        position: &TypedPosition,
        typed: &[TypedPosition],
        zone: Zone,
    ) -> Result<Neighbours, LogError> {
        let Some(wanted) = Track::of(&position.counter.measurement(position.value)) else {
            return Ok(Neighbours::default());
        };
        let quarter = Quarter::of(position.received());
        let is_beside = |other: &&TypedPosition| {
            Quarter::of(other.received()) == quarter && other.counter != position.counter
        };
        let beside = typed.iter().filter(is_beside).count() as u64;
        let mut known = Neighbours::default();
        let mut tell = |first: Quarter, last: Quarter, rolled: &RollUp| {
            let positions = rolled.tracks.get(&wanted).and_then(Sum::positions);
            if last < quarter {
                known.before = positions.map(|(_, last)| last).or(known.before);
            } else if quarter < first {
                known.after = known.after.or(positions.map(|(first, _)| first));
            } else if first == last {
                known.heard |= rolled.readings > beside || positions.is_some();
            }
        };
        let of_track = |track| track == wanted;
        let day = Day::of(quarter, zone);
        let days = Day::of(Quarter(i64::MIN), zone).0..=Day::of(Quarter(i64::MAX), zone).0;
        let quarters = Period::Day.around(position.received(), zone).map_or(quarter.0..=quarter.0, |day| {
            Quarter::of(day.from).0..=Quarter::of(Moment(day.to.0.saturating_sub(1))).0
        });
        let of_day =
            |day: i64| (Quarter(Day(day).quarters(zone).start), Quarter(Day(day).quarters(zone).end - 1));
        let before = *days.start()..=day.0.saturating_sub(1);
        self.walk_all(meter, Grain::Days, before, of_track, |day, rolled| {
            let (first, last) = of_day(day);
            tell(first, last, rolled);
        })
        .await?;
        self.walk_all(meter, Grain::Quarters, quarters, of_track, |number, rolled| {
            tell(Quarter(number), Quarter(number), rolled);
        })
        .await?;
        let after = day.0.saturating_add(1)..=*days.end();
        self.walk_all(meter, Grain::Days, after, of_track, |day, rolled| {
            let (first, last) = of_day(day);
            tell(first, last, rolled);
        })
        .await?;
        Ok(known)
    }

    /// A position as roll-ups have it: multiplied by the factor that the user has stated for its counter.
    #[must_use]
    pub fn as_corrected(&self, meter: &MeterKey, position: &TypedPosition) -> TypedPosition {
        let number = CorrectedNumber {
            register: position.counter.register,
            quantity: Some(position.counter.quantity),
            channel: position.counter.channel,
            has_unit: true,
        };
        let factor = self.journal().stated(meter).factor(&number, position.received());
        let told = factor.and_then(|factor| product(position.value, factor.by));
        TypedPosition { value: told.unwrap_or(position.value), ..*position }
    }

    /// Replaces the positions typed for the meter by `positions`; does nothing if that list is empty. `new` is the
    /// meter's record if the meter is created for them. `now` is the current moment.
    ///
    /// # Errors
    /// If the disk cannot be read or written. In that case, the positions typed earlier stay.
    pub async fn keep_typed(
        &self,
        meter: &MeterKey,
        new: Option<MeterRecord>,
        positions: &[TypedPosition],
        now: Moment,
    ) -> Result<(), LogError> {
        let (Some(first), Some(last)) = (positions.first(), positions.last()) else { return Ok(()) };
        let name = {
            let mirror = self.0.mirror.borrow();
            mirror
                .meters()
                .find(|record| record.key == *meter)
                .and_then(|record| record.identification.clone())
        };
        let (log, before) = (self.next_import(meter), self.typed_log(meter));
        self.begin(&log).await?;
        let readings =
            positions.iter().map(|position| (position.received(), position.reading(name.as_deref())));
        let readings: Vec<_> = readings.collect();
        self.append_all(&log, readings).await?;
        let import = Import {
            log,
            meter: meter.clone(),
            file: TYPED_BY_HAND.to_owned(),
            at: now,
            readings: positions.len().try_into().unwrap_or(u64::MAX),
            span: (first.received(), last.received()),
            heard: true,
            typed: true,
            stated: Vec::new(),
        };
        self.finish(Finished {
            meters: new.into_iter().collect(),
            imports: vec![import],
            forgotten: before.into_iter().map(|import| import.log).collect(),
            ..Finished::default()
        })
        .await?;
        // The positions count from here on. If removing the old log fails, the next start removes it.
        drop(self.remove_unfinished().await);
        Ok(())
    }

    /// The log of the positions typed for a meter.
    #[must_use]
    pub fn typed_log(&self, meter: &MeterKey) -> Option<Import> {
        self.imports().into_iter().find(|import| import.typed && import.meter == *meter)
    }
}
