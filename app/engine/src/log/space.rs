//! Space and soundness: readings that are older than a person wants them, a disk that is full, rows that are damaged.
//!
//! A browser that is full takes nothing, and what is deleted is not free at once: Chromium's database gives room back
//! when it next tidies up its files, minutes later or after a restart. So the oldest readings go a tenth at a time, the
//! reading that found no room is tried again for a while, and the next tenth goes only when an hour has passed in vain, or
//! room was found and ran out again: nobody loses years of readings for room that does not come.

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

/// What is known of space.
#[derive(Debug, Default)]
pub(super) struct Space {
    /// When readings made room last without a reading having found any since.
    made_room: Option<Instant>,
    /// How many damaged rows the window has been told of.
    told: usize,
    /// The step of the clock that the window has been told of, by what the clock said before it.
    doubted: Option<Moment>,
    aged: BTreeMap<MeterKey, Aged>,
    /// Whether it is being measured, and whether it is to be measured once more.
    pub(super) measuring: bool,
    pub(super) measured_again: bool,
}

/// What is known of a meter's old readings.
#[derive(Debug, Default)]
struct Aged {
    /// The hour, since 1970, in which it was last looked whether readings are too old.
    hour: i64,
    /// What went since and was not told of.
    untold: Thinned,
    /// From when on it is told of again.
    due: Instant,
}

impl Space {
    /// Whether readings are to make room now, unless that was done already and room is still waited for.
    pub(super) fn is_room_to_be_made(&mut self, now: Instant) -> bool {
        let is_due = self.made_room.is_none_or(|made| now >= made.after(IN_VAIN));
        if is_due {
            self.made_room = Some(now);
        }
        is_due
    }

    /// What a file took that found no room comes back in a while: no readings have to go for it.
    pub(super) const fn expect(&mut self, now: Instant) {
        self.made_room = Some(now);
    }

    /// A reading has found room that was waited for.
    pub(super) const fn is_found(&mut self) {
        self.made_room = None;
    }

    /// Whether it was not looked in this hour whether a meter's readings are too old; from now on it was.
    pub(super) fn is_hour_over(&mut self, meter: &MeterKey, now: Moment) -> bool {
        let hour = now.0.div_euclid(HOUR);
        let aged = self.aged.entry(meter.clone()).or_default();
        std::mem::replace(&mut aged.hour, hour) != hour
    }

    /// A meter's readings were older than wished: told at once where it is more than an hour's work, else once a day.
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

    /// Nothing is known of a meter that is gone.
    pub(super) fn forget(&mut self, meter: &MeterKey) {
        self.aged.remove(meter);
    }

    /// Whether a step of the clock was told of.
    pub(super) fn is_told(&self, doubt: &Doubt) -> bool {
        self.doubted == Some(doubt.from)
    }

    /// From now on it was; whether that is news.
    pub(super) fn tell(&mut self, doubt: &Doubt) -> bool {
        self.doubted.replace(doubt.from) != Some(doubt.from)
    }

    /// Of all damaged rows, those that were found since this was last asked.
    pub(super) fn new_damage(&mut self, damaged: &[Damaged], at: Moment) -> Vec<(MeterKey, Trouble)> {
        let new = damaged.iter().skip(std::mem::replace(&mut self.told, damaged.len()));
        new.map(|found| (found.meter.clone(), left_out(found, at))).collect()
    }
}

/// The oldest readings made room for new ones: how many of whose, and from when.
pub(super) fn thinned(gone: &[(String, Thinned)], at: Moment) -> Trouble {
    let each = gone.iter().map(|(name, Thinned { entries, span, .. })| {
        let span = span.map(|(from, to)| format!(" from {from} to {to}")).unwrap_or_default();
        format!("{name}: {entries} readings{span}")
    });
    trouble(Code::StoreThinned, each.collect::<Vec<_>>().join("; "), at)
}

/// A row is damaged: whose it is, what it is, and which readings are lost with it.
fn left_out(found: &Damaged, at: Moment) -> Trouble {
    let lost = match (found.lost, found.shelf) {
        (Some(lost), _) => {
            format!("readings {} to {}, from {} to {}", lost.first, lost.last, lost.from, lost.to)
        }
        (None, _) if matches!(found.damage, Damage::Version(_)) => "left as it is".to_owned(),
        (None, Shelf::Tail | Shelf::Chunks) => "some readings".to_owned(),
        (None, Shelf::Directory | Shelf::Quarters | Shelf::Days) => "computed anew from readings".to_owned(),
    };
    let (meter, shelf, row) = (&found.meter.0, found.shelf.as_str(), found.row);
    trouble(found.damage.code(), format!("meter {meter}, {shelf} {row}: {lost}"), at)
}

const HOUR: i64 = 3_600_000;
/// Milliseconds between two times that the ordinary pace is told of.
const DAY: u64 = 86_400_000;

/// Milliseconds for the browser to give back the room that was made.
const IN_VAIN: u64 = 3_600_000;
