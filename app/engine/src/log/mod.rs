//! `Log`: writes the readings of meters before anyone is told of them. Only this component deletes old readings to make
//! room.

mod append;
mod certainty;
mod held;
mod space;

use futures_channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use futures_channel::oneshot;
use futures_util::StreamExt;
use metertap_decoder::reading::{Reading, TimeSource};
use metertap_protocol::{KeptOctets, Trouble};
use metertap_readings::archive::Archive;
use metertap_readings::entry::Moment;
use metertap_readings::log::certain::Doubt;
use metertap_readings::log::journal::Thinned;
use metertap_readings::store::retention::Retention;
use metertap_readings::store::{Internal, MeterKey, MeterRecord};

use self::certainty::{Certainty, doubted};
pub use self::held::HeldWork;
use self::space::Space;
use crate::fact::{Append, Fact, Facts, LogNews};
use crate::part::Part;
use crate::platform::Platform;

pub(crate) struct Log<P: Platform> {
    platform: P,
    archive: Archive<P::Disk>,
    facts: Facts<P>,
    /// Writes records one after the other, so that the newest version of a record stays.
    saves: UnboundedSender<Save>,
    /// Readings that wait until the disk is open again.
    waiting: Vec<Append>,
    certainty: Certainty<P>,
    space: Space,
    /// The part that finds out how much is stored for each meter.
    held: Part<HeldWork<P>>,
}

/// A record to write.
enum Save {
    Meter(Box<MeterRecord>),
    Internal(Internal, Option<String>),
    Octets(MeterKey, Box<KeptOctets>),
    /// Marks a point in the queue: the sender is used when everything before it is written.
    Done(oneshot::Sender<()>),
}

impl<P: Platform> Log<P> {
    pub(crate) fn new(
        platform: P,
        archive: Archive<P::Disk>,
        facts: Facts<P>,
        held: Part<HeldWork<P>>,
    ) -> Self {
        let (saves, records) = unbounded();
        platform.spawn(Box::pin(save_all::<P>(archive.clone(), facts.clone(), records)));
        let (certainty, space) = (Certainty::new(platform.clone()), Space::default());
        Self { platform, archive, facts, saves, waiting: Vec::new(), certainty, space, held }
    }

    pub(crate) const fn archive(&self) -> &Archive<P::Disk> {
        &self.archive
    }

    /// Writes a meter's record. A failure is reported as a fact.
    pub(crate) fn save(&self, record: MeterRecord) {
        self.write_down(Save::Meter(Box::new(record)));
    }

    /// Writes one of the log's own records. If it cannot be written, the old record is back after a restart.
    pub(crate) fn save_internal(&self, name: Internal, value: Option<String>) {
        self.write_down(Save::Internal(name, value));
    }

    /// Keeps bytes for inspection. A failure is not reported. If the disk has no room, the next reading fails too, and
    /// that is reported.
    pub(crate) fn save_octets(&self, meter: &MeterKey, kept: KeptOctets) {
        self.write_down(Save::Octets(meter.clone(), Box::new(kept)));
    }

    /// Completes when every record that is queued now was written, or has failed.
    pub(crate) fn saved(&self) -> impl Future<Output = ()> + use<P> {
        let (done, all) = oneshot::channel();
        self.write_down(Save::Done(done));
        async move {
            // The writing task lasts as long as this log does.
            let _ = all.await;
        }
    }

    fn write_down(&self, save: Save) {
        // The writing task lasts as long as this log does.
        let _ = self.saves.unbounded_send(save);
    }

    pub(crate) const fn is_appended(&mut self, append: &Append) {
        if append.tries > 0 {
            self.space.is_found();
        }
    }

    /// Resumes the certain time, from its last record or from the time of the newest reading.
    pub(crate) fn resume_time(&mut self, kept: Option<&str>, newest: Option<Moment>) {
        self.certainty.resume(kept, newest);
    }

    /// Meters were restored from a file. The time of their newest reading is certain, unless another source has set the
    /// time.
    pub(crate) fn restored_time(&mut self, newest: Option<Moment>) {
        if let Some(newest) = newest {
            self.certainty.now().restored(newest);
            self.save_time();
        }
    }

    pub(crate) fn look_at_clocks(&mut self) {
        self.certainty.now();
        if self.certainty.is_due() {
            self.save_time();
        }
    }

    /// Takes the time of a meter's own clock, which shows how much time has passed.
    pub(crate) fn compare_clock(&mut self, meter: &MeterKey, reading: &Reading) {
        if let (TimeSource::Meter, Some(time)) = (reading.time_source, reading.time) {
            self.certainty.hear(meter, Moment(time.unix_seconds().saturating_mul(1000)));
        }
    }

    /// The user says that the computer's clock is right.
    pub(crate) fn trust_clock(&mut self) {
        self.certainty.now().confirm();
        self.save_time();
    }

    /// What to tell the windows about the clock: the error if it is not trusted, or `Some(None)` if the error is over.
    /// `None` if nothing has changed.
    pub(crate) fn clock_news(&mut self, any_has_limit: bool) -> Option<Option<Trouble>> {
        self.certainty.news(any_has_limit)
    }

    /// The error to show while the clock is not trusted, for a window that knows nothing yet; `None` if it is trusted.
    pub(crate) fn clock_trouble(&self, any_has_limit: bool) -> Option<Trouble> {
        self.certainty.trouble(any_has_limit)
    }

    /// The certain time; `None` if the clock is in doubt.
    pub(crate) fn certain(&mut self) -> Option<Moment> {
        let certain = self.certainty.now();
        (!certain.is_doubtful()).then(|| certain.moment())
    }

    fn save_time(&mut self) {
        // If the disk is full, this save fails. After a restart, the time since the last save is then not certain.
        let record = self.certainty.record();
        self.save_internal(Internal::CertainTime, Some(record));
    }

    pub(crate) fn forget(&mut self, meter: &MeterKey) {
        self.certainty.now().forget(meter);
        self.space.forget(meter);
    }

    /// A file did not fit on the disk.
    pub(crate) fn expect_room(&mut self) {
        self.space.expect(self.platform.now());
    }

    /// Deletes a meter's readings that are older than the user wants to keep, unless this hour's deletion is done.
    /// `now` is the time at which the meter's newest reading was received.
    pub(crate) fn tidy(&mut self, meter: &MeterKey, retention: Retention, now: Moment) {
        if self.space.is_hour_over(meter, now) {
            self.thin(meter, retention, now);
        }
    }

    /// Deletes a meter's readings that are older than the user wants to keep, by certain time and by `now`.
    pub(crate) fn thin(&mut self, meter: &MeterKey, retention: Retention, now: Moment) {
        let certain = self.certainty.now();
        let (doubt, moment, limit) = (certain.doubt(), certain.moment(), certain.limit(retention));
        let (archive, facts, meter) = (self.archive.clone(), self.facts.clone(), meter.clone());
        if let Some(doubt) = doubt {
            // The computer's clock is not trusted. If readings would be deleted by that clock, the windows are told
            // once.
            let before = retention.limit(doubt.to).filter(|_| !self.space.is_told(&doubt));
            self.platform.spawn(Box::pin(async move {
                if let Some(before) = before
                    && archive.has_older(&meter, before).await.unwrap_or_default()
                {
                    facts.tell(Fact::Log(LogNews::Doubted(doubt)));
                }
            }));
            return;
        }
        let before = limit.zip(retention.limit(now)).map(|(sure, before)| before.min(sure));
        self.platform.spawn(Box::pin(async move {
            let thinned = match before {
                // What could not be deleted now is deleted in an hour.
                Some(before) => archive.thin(&meter, before, moment).await.unwrap_or_default(),
                None => Thinned::default(),
            };
            facts.tell(Fact::Log(LogNews::Thinned(meter, thinned)));
        }));
    }

    /// The error that reports a meter's deleted old readings, if it is due.
    pub(crate) fn thinned(&mut self, meter: &MeterKey, name: &str, thinned: Thinned) -> Option<Trouble> {
        self.space.aged(meter, name, thinned, self.platform.now(), self.platform.moment())
    }

    /// The error that reports which readings were deleted to make room, with the name of each log.
    pub(crate) fn made_room(&self, gone: &[(String, Thinned)]) -> Trouble {
        space::thinned(gone, self.platform.moment())
    }

    /// The error for old readings that stay because the clock is not trusted. Returned once for each jump of the clock.
    pub(crate) fn doubted(&mut self, doubt: &Doubt) -> Option<Trouble> {
        self.space.tell(doubt).then(|| doubted(doubt, self.platform.moment()))
    }

    /// The errors that report damaged rows found since the last call.
    pub(crate) fn new_damage(&mut self) -> Vec<(MeterKey, Trouble)> {
        self.space.new_damage(&self.archive.damaged(), self.platform.moment())
    }

    /// Measures how much is stored for each meter. If a measurement is under way, another one follows.
    pub(crate) fn measure(&mut self) {
        if std::mem::replace(&mut self.space.measuring, true) {
            self.space.measured_again = true;
            return;
        }
        let (part, facts) = (self.held, self.facts.clone());
        let work = HeldWork { archive: self.archive.clone(), facts: facts.clone() };
        self.platform.spawn(Box::pin(async move {
            if part(work).await.is_err() {
                facts.tell(Fact::Log(LogNews::NotMeasured));
            }
        }));
    }

    /// The measurement is done, or has failed.
    pub(crate) fn is_measured(&mut self) {
        self.space.measuring = false;
        if std::mem::take(&mut self.space.measured_again) {
            self.measure();
        }
    }
}

async fn save_all<P: Platform>(
    archive: Archive<P::Disk>,
    facts: Facts<P>,
    mut saves: UnboundedReceiver<Save>,
) {
    while let Some(save) = saves.next().await {
        match save {
            Save::Meter(record) => {
                if let Err(error) = archive.keep_meter(&record).await {
                    facts.tell(Fact::Log(LogNews::NotSaved(record.key, error)));
                }
            }
            Save::Internal(name, value) => drop(archive.set_internal(name, value.as_deref()).await),
            Save::Octets(meter, kept) => drop(archive.keep_octets(&meter, &kept).await),
            Save::Done(done) => drop(done.send(())),
        }
    }
}
