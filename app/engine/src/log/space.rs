//! Storage space and damage: readings that are older than the user wants, a full disk, and damaged rows.
//!
//! A full disk accepts no new rows, and deleting rows does not free space at once. Chromium's database gives space back
//! when it next compacts its files, minutes later or after a restart. So the oldest tenth of the readings is deleted,
//! and the reading that found no room is tried again for a while. The next tenth is deleted an hour later, or when a
//! reading has found room and the disk is full again. Otherwise years of readings would be deleted before the space
//! comes back.

use std::collections::BTreeMap;

use metertap_decoder::time::Instant;
use metertap_protocol::Trouble;
use metertap_readings::entry::Moment;
use metertap_readings::fault::Code;
use metertap_readings::log::certain::Doubt;
use metertap_readings::log::format::chunk::Damage;
use metertap_readings::log::journal::{Damaged, Thinned};
use metertap_readings::store::MeterKey;
use metertap_readings::store::disk::Shelf;

use crate::trouble::trouble;

#[derive(Debug, Default)]
pub(super) struct Space {
    /// When readings, or an incomplete file, were last deleted, if no reading has found room since.
    made_room: Option<Instant>,
    /// How many damaged rows the windows were told of.
    told: usize,
    /// The time that the clock showed before the jump that the windows were last told of.
    doubted: Option<Moment>,
    aged: BTreeMap<MeterKey, Aged>,
    /// Whether the used space is being measured.
    pub(super) measuring: bool,
    /// Whether to measure the used space again afterwards.
    pub(super) measured_again: bool,
}

#[derive(Debug, Default)]
struct Aged {
    /// The hour, since 1970, of the last check for old readings.
    hour: i64,
    /// What was deleted since and not yet reported.
    untold: Thinned,
    /// When the next report is due.
    due: Instant,
}

impl Space {
    /// Whether to delete readings now to make room. If so, notes the time. `false` if that was done within the last
    /// hour and the room is still awaited.
    pub(super) fn is_room_to_be_made(&mut self, now: Instant) -> bool {
        let is_due = self.made_room.is_none_or(|made| now >= made.after(SPACE_RETURNS_WITHIN));
        if is_due {
            self.made_room = Some(now);
        }
        is_due
    }

    /// A file did not fit. Its written part is deleted and becomes free space after a while, so no readings have to be
    /// deleted.
    pub(super) const fn expect(&mut self, now: Instant) {
        self.made_room = Some(now);
    }

    /// A reading has found the room that was awaited.
    pub(super) const fn is_found(&mut self) {
        self.made_room = None;
    }

    /// Whether a meter's old readings still have to be checked in this hour. Notes the check.
    pub(super) fn is_hour_over(&mut self, meter: &MeterKey, now: Moment) -> bool {
        let hour = now.0.div_euclid(HOUR);
        let aged = self.aged.entry(meter.clone()).or_default();
        std::mem::replace(&mut aged.hour, hour) != hour
    }

    /// A meter's readings were deleted because of their age. If they span more than two hours, reports them
    /// immediately, otherwise once a day.
    pub(super) fn aged(
        &mut self,
        meter: &MeterKey,
        name: &str,
        thinned: Thinned,
        now: Instant,
        at: Moment,
    ) -> Option<Trouble> {
        let aged = self.aged.entry(meter.clone()).or_default();
        aged.untold = aged.untold.and(thinned);
        let (from, to) = aged.untold.span?;
        let is_much = thinned.span.is_some_and(|(from, to)| to.0.saturating_sub(from.0) > 2 * HOUR);
        if !is_much && now < aged.due {
            return None;
        }
        aged.due = now.after(DAY);
        let gone = std::mem::take(&mut aged.untold).entries;
        Some(trouble(Code::StoreAged, format!("meter {name}: {gone} readings, from {from} to {to}"), at))
    }

    pub(super) fn forget(&mut self, meter: &MeterKey) {
        self.aged.remove(meter);
    }

    /// Whether the windows were told of this jump of the clock.
    pub(super) fn is_told(&self, doubt: &Doubt) -> bool {
        self.doubted == Some(doubt.from)
    }

    pub(super) fn tell(&mut self, doubt: &Doubt) -> bool {
        self.doubted.replace(doubt.from) != Some(doubt.from)
    }

    /// The errors for damaged rows that were found since the last call.
    pub(super) fn new_damage(&mut self, damaged: &[Damaged], at: Moment) -> Vec<(MeterKey, Trouble)> {
        let new = damaged.iter().skip(std::mem::replace(&mut self.told, damaged.len()));
        new.map(|found| (found.meter.clone(), left_out(found, at))).collect()
    }
}

/// The error for the oldest readings, which were deleted to make room: how many of each log, and from when to when.
pub(super) fn thinned(gone: &[(String, Thinned)], at: Moment) -> Trouble {
    let each = gone.iter().map(|(name, Thinned { entries, span, .. })| {
        let span = span.map(|(from, to)| format!(" from {from} to {to}")).unwrap_or_default();
        format!("{name}: {entries} readings{span}")
    });
    trouble(Code::StoreThinned, each.collect::<Vec<_>>().join("; "), at)
}

/// The error for a damaged row: whose row it is, of what kind, and which readings are lost with it.
fn left_out(found: &Damaged, at: Moment) -> Trouble {
    let lost = match (found.lost, found.shelf) {
        (Some(lost), _) => {
            format!("readings {} to {}, from {} to {}", lost.first, lost.last, lost.from, lost.to)
        }
        (None, _) if matches!(found.damage, Damage::Version(_)) => "left as it is".to_owned(),
        (None, Shelf::Tail | Shelf::Chunks) => "some readings".to_owned(),
        (None, Shelf::Directory | Shelf::Quarters | Shelf::Days) => "recomputed from readings".to_owned(),
    };
    let (meter, shelf, row) = (&found.meter.0, found.shelf.as_str(), found.row);
    trouble(found.damage.code(), format!("meter {meter}, {shelf} {row}: {lost}"), at)
}

const HOUR: i64 = 3_600_000;
/// Milliseconds between two reports of few deleted readings.
const DAY: u64 = 86_400_000;

/// Milliseconds within which the browser should have given back the deleted space.
const SPACE_RETURNS_WITHIN: u64 = 3_600_000;
