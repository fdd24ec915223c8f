//! Room and soundness: readings that are older than a person wants them, a disk that is full, rows that are damaged.
//!
//! A browser that is full takes nothing, and what is deleted is not free at once: Chromium's database gives room back
//! when it next tidies up its files, minutes later or after a restart. So the oldest readings go a tenth at a time, the
//! reading that found no room is tried again for a while, and the next tenth goes only when an hour has passed in vain, or
//! room was found and ran out again: nobody loses years of readings for room that does not come.

use std::cell::Cell;
use std::rc::Rc;

use metertap_decoder::reading::Reading;
use metertap_decoder::time::Instant;
use metertap_protocol::{Event, Trouble};
use metertap_readings::entry::Moment;
use metertap_readings::fault::Code;
use metertap_readings::log::certain::Doubt;
use metertap_readings::log::format::chunk::Damage;
use metertap_readings::log::journal::{Damaged, LogError, Thinned};
use metertap_readings::store::disk::Shelf;
use metertap_readings::store::retention::Retention;
use metertap_readings::store::{DiskError, MeterKey};

use super::certainty::doubted;
use super::desk::Desk;
use super::meter::Meter;
use super::trouble::trouble;
use crate::platform::Platform;

/// What upkeep remembers.
#[derive(Debug, Default)]
pub(crate) struct Upkeep {
    /// When readings made room last without a reading having found any since.
    made_room: Cell<Option<Instant>>,
    /// How many damaged rows the window has been told of.
    told: Cell<usize>,
    /// The step of the clock that the window has been told of, by what the clock said before it.
    doubted: Cell<Option<Moment>>,
}

impl Upkeep {
    /// What a file took that found no room comes back in a while: no readings have to go for it.
    pub(crate) fn expect_room(&self, now: Instant) {
        self.made_room.set(Some(now));
    }
}

impl<P: Platform> Desk<P> {
    /// Appends a reading and answers with its number. On a full disk the oldest readings make room for it; a log that was
    /// taken away is waited for.
    pub(crate) async fn append(
        &self,
        key: &MeterKey,
        received: Moment,
        reading: &Reading,
    ) -> Result<u64, LogError> {
        let (mut tries, mut renewals) = (0, 0);
        // A port may close after our turn is over.
        while self.writes() {
            let appended = match renewals {
                0 => self.log.append(key, received, reading).await,
                _ => self.log.append_once(key, received, reading).await,
            };
            match appended {
                Err(LogError::Disk(DiskError::Full)) if tries < TRIES => {
                    self.make_room().await;
                    if tries > 0 {
                        self.platform.sleep(PAUSE).await;
                    }
                    tries += 1;
                }
                Err(LogError::Disk(DiskError::Closed)) if renewals < RENEWALS && self.is_renewed().await => {
                    renewals += 1;
                }
                appended => {
                    if appended.is_ok() && tries > 0 {
                        self.upkeep.made_room.set(None);
                    }
                    return appended;
                }
            }
        }
        Err(DiskError::Closed.into())
    }

    /// Lets go of the oldest tenth of the readings, unless that was done already and room is still waited for.
    async fn make_room(&self) {
        // A file that is being taken in fills the disk for a moment, if it does not fit: no reading goes for that.
        if self.intake.try_lock().is_none() {
            return;
        }
        let now = self.platform.now();
        if self.upkeep.made_room.get().is_some_and(|made| now < made.after(IN_VAIN)) {
            return;
        }
        self.upkeep.made_room.set(Some(now));
        // A disk that takes not even this is told of by the reading that is refused.
        let certain = self.certain().moment();
        if let Ok(Some(gone)) = self.log.make_room(certain).await {
            self.tell(&Event::Notice { meter: None, trouble: thinned(&gone, self.platform.moment()) });
            self.tell_room().await;
        }
    }

    /// Lets go of a meter's readings that are older than its person wants them, where that was not done in this hour. A
    /// recording speaks at its own time.
    pub(crate) async fn tidy(&self, key: &MeterKey, now: Moment) {
        let hour = now.0.div_euclid(HOUR);
        let due = self.change(key, |meter| {
            let due = meter.tidied != hour;
            meter.tidied = hour;
            due
        });
        if due == Some(true) {
            self.thin(key, now).await;
            self.tell_damage();
        }
    }

    /// Keeps a meter's readings for so long from now on.
    pub(crate) async fn retain(self: &Rc<Self>, key: &MeterKey, retention: Retention) {
        let record = self.change(key, |meter| {
            meter.state.record.retention = retention;
            meter.state.record.clone()
        });
        let Some(record) = record else { return };
        self.keep(&record).await;
        self.tell_clock();
        self.thin(key, self.platform.moment()).await;
        self.show(key);
        self.tell_room().await;
    }

    /// The same with all meters, as they are kept.
    pub(super) async fn thin_all(&self) {
        let keys: Vec<MeterKey> = self.meters.borrow().keys().cloned().collect();
        for key in keys {
            self.thin(&key, self.platform.moment()).await;
        }
        self.tell_room().await;
    }

    /// Lets go of what is older by certain time than its person wants it, at the moment that the meter is read at.
    async fn thin(&self, key: &MeterKey, now: Moment) {
        let Some(retention) = self.change(key, |meter| meter.state.record.retention) else { return };
        let (doubt, moment, limit) = {
            let certain = self.certain();
            (certain.doubt(), certain.moment(), certain.limit(retention))
        };
        if let Some(doubt) = doubt {
            return self.hold(key, retention, &doubt).await;
        }
        if let Some((sure, before)) = limit.zip(retention.limit(now)) {
            // What could not be thinned now is thinned in an hour.
            let at = self.platform.moment();
            let thinned = self.log.thin(key, before.min(sure), moment).await.unwrap_or_default();
            if let Some(trouble) =
                self.change(key, |meter| aged(meter, thinned, self.platform.now(), at)).flatten()
            {
                self.tell(&Event::Notice { meter: Some(key.clone()), trouble });
            }
        }
    }

    /// The computer's clock is not believed: says so once, if anything would go by it.
    async fn hold(&self, key: &MeterKey, retention: Retention, doubt: &Doubt) {
        let Some(before) = retention.limit(doubt.to) else { return };
        let is_told = self.upkeep.doubted.get() == Some(doubt.from);
        if !is_told && self.log.has_older(key, before).await.unwrap_or_default() {
            self.upkeep.doubted.set(Some(doubt.from));
            self.tell_clock();
            self.tell(&Event::Notice { meter: None, trouble: doubted(doubt, self.platform.moment()) });
        }
    }

    /// Tells what is held of each meter's readings.
    pub(crate) async fn tell_room(&self) {
        let (mut meters, mut steps) = (Vec::new(), Vec::new());
        for record in self.log.meters().await.unwrap_or_default() {
            steps.extend(self.held_steps(&record.key).await);
            if let Ok(held) = self.log.held(&record.key).await {
                meters.push((record.key, held));
            }
        }
        self.tell(&Event::Room { meters, steps });
    }

    /// Tells of damaged rows that were found since the last telling.
    pub(crate) fn tell_damage(&self) {
        let (damaged, at) = (self.log.damaged(), self.platform.moment());
        for found in damaged.iter().skip(self.upkeep.told.replace(damaged.len())) {
            self.tell(&Event::Notice { meter: Some(found.meter.clone()), trouble: left_out(found, at) });
        }
    }
}

/// A meter's readings were older than wished: told at once where it is more than an hour's work of upkeep, else once a day.
fn aged(meter: &mut Meter, thinned: Thinned, now: Instant, at: Moment) -> Option<Trouble> {
    meter.aged = meter.aged.and(thinned);
    let (from, to) = meter.aged.span?;
    let is_much = thinned.span.is_some_and(|(from, to)| to.0.saturating_sub(from.0) > 2 * HOUR);
    if !is_much && now < meter.aged_told {
        return None;
    }
    meter.aged_told = now.after(DAY);
    let gone = std::mem::take(&mut meter.aged).entries;
    let record = &meter.state.record;
    let name = Some(&record.name).filter(|name| !name.is_empty());
    let name = name.or(record.identification.as_ref()).unwrap_or(&record.key.0);
    Some(trouble(Code::StoreAged, format!("meter {name}: {gone} readings, from {from} to {to}"), at))
}

/// The oldest readings made room for new ones.
fn thinned(gone: &Thinned, at: Moment) -> Trouble {
    let span = gone.span.map(|(from, to)| format!(", from {from} to {to}")).unwrap_or_default();
    trouble(Code::StoreThinned, format!("{} readings{span}, are gone", gone.entries), at)
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

/// How often a reading is tried that finds no room, milliseconds apart: about as long as the browser's buffer holds what
/// a meter says meanwhile.
const TRIES: u32 = 10;
const PAUSE: u64 = 1000;

/// How often a reading waits for the log, which may be taken away again before it is there.
const RENEWALS: u32 = 5;

/// Milliseconds for the browser to give back the room that was made.
const IN_VAIN: u64 = 3_600_000;
