//! `Log`: where readings go before anyone hears of them. It alone writes them, and has room for them.

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

/// The log that we write, or watch.
pub(crate) struct Log<P: Platform> {
    platform: P,
    archive: Archive<P::Disk>,
    facts: Facts<P>,
    /// Writes records one after the other, so that the last one said is the one that stays.
    saves: UnboundedSender<Save>,
    /// Readings that wait until the disk is there again.
    waiting: Vec<Append>,
    certainty: Certainty<P>,
    space: Space,
    /// What finds out how much is held of each meter.
    held: Part<HeldWork<P>>,
}

/// What is to be written down.
enum Save {
    Meter(Box<MeterRecord>),
    Internal(Internal, Option<String>),
    Octets(MeterKey, Box<KeptOctets>),
    /// Somebody waits until all before this is done.
    Done(oneshot::Sender<()>),
}

impl<P: Platform> Log<P> {
    /// Of which nothing is known yet.
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

    /// Where all of it is.
    pub(crate) const fn archive(&self) -> &Archive<P::Disk> {
        &self.archive
    }

    /// Writes a meter's record; that it could not be written is told.
    pub(crate) fn save(&self, record: MeterRecord) {
        self.write_down(Save::Meter(Box::new(record)));
    }

    /// Writes one of our own records. What cannot be written is as it was after a restart.
    pub(crate) fn save_internal(&self, name: Internal, value: Option<String>) {
        self.write_down(Save::Internal(name, value));
    }

    /// Keeps octets for a closer look. A store without room refuses the next reading, and that is told.
    pub(crate) fn save_octets(&self, meter: &MeterKey, octets: KeptOctets) {
        self.write_down(Save::Octets(meter.clone(), Box::new(octets)));
    }

    /// Answers when all of that is written which was said before.
    pub(crate) fn saved(&self) -> impl Future<Output = ()> + use<P> {
        let (done, all) = oneshot::channel();
        self.write_down(Save::Done(done));
        async move {
            // Whoever writes lasts as long as this does.
            let _ = all.await;
        }
    }

    fn write_down(&self, save: Save) {
        // Whoever writes lasts as long as this does.
        let _ = self.saves.unbounded_send(save);
    }

    /// A reading is on the disk.
    pub(crate) const fn is_appended(&mut self, append: &Append) {
        if append.tries > 0 {
            self.space.is_found();
        }
    }

    /// Goes on with what was certain of time when the log was last written, or when its newest reading was heard.
    pub(crate) fn resume_time(&mut self, kept: Option<&str>, newest: Option<Moment>) {
        self.certainty.resume(kept, newest);
    }

    /// Meters came out of a file: their newest reading is certain, where nothing else has said what time it is.
    pub(crate) fn restored_time(&mut self, newest: Option<Moment>) {
        if let Some(newest) = newest {
            self.certainty.now().restored(newest);
            self.save_time();
        }
    }

    /// Looks at the clocks.
    pub(crate) fn look_at_clocks(&mut self) {
        self.certainty.now();
        if self.certainty.is_due() {
            self.save_time();
        }
    }

    /// A meter's own clock says how much time has passed.
    pub(crate) fn hear_clock(&mut self, meter: &MeterKey, reading: &Reading) {
        if let (TimeSource::Meter, Some(time)) = (reading.time_source, reading.time) {
            self.certainty.hear(meter, Moment(time.unix_seconds().saturating_mul(1000)));
        }
    }

    /// The person says that the computer's clock is right.
    pub(crate) fn trust_clock(&mut self) {
        self.certainty.now().confirm();
        self.save_time();
    }

    /// What there is to tell of the clock, where that is news.
    pub(crate) fn clock_news(&mut self, any_has_limit: bool) -> Option<Option<Trouble>> {
        self.certainty.news(any_has_limit)
    }

    /// The same for a window that knows nothing yet.
    pub(crate) fn clock_trouble(&self, any_has_limit: bool) -> Option<Trouble> {
        self.certainty.trouble(any_has_limit)
    }

    /// What is certain of time; none where that is in doubt.
    pub(crate) fn certain(&mut self) -> Option<Moment> {
        let certain = self.certainty.now();
        (!certain.is_doubtful()).then(|| certain.moment())
    }

    fn save_time(&mut self) {
        // On a full disk, open time since the last time is not added up.
        let record = self.certainty.record();
        self.save_internal(Internal::CertainTime, Some(record));
    }

    /// A meter was removed.
    pub(crate) fn forget(&mut self, meter: &MeterKey) {
        self.certainty.now().forget(meter);
        self.space.forget(meter);
    }

    /// A file found no room, and what it took comes back in a while.
    pub(crate) fn expect_room(&mut self) {
        self.space.expect(self.platform.now());
    }

    /// Lets go of a meter's readings that are older than its person wants them, where that was not done in this hour. A
    /// recording speaks at its own time.
    pub(crate) fn tidy(&mut self, meter: &MeterKey, retention: Retention, now: Moment) {
        if self.space.is_hour_over(meter, now) {
            self.thin(meter, retention, now);
        }
    }

    /// Lets go of what is older by certain time than its person wants it, at the moment that the meter is read at.
    pub(crate) fn thin(&mut self, meter: &MeterKey, retention: Retention, now: Moment) {
        let certain = self.certainty.now();
        let (doubt, moment, limit) = (certain.doubt(), certain.moment(), certain.limit(retention));
        let (archive, facts, meter) = (self.archive.clone(), self.facts.clone(), meter.clone());
        if let Some(doubt) = doubt {
            // The computer's clock is not believed: it is said once, if anything would go by it.
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
                // What could not be thinned now is thinned in an hour.
                Some(before) => archive.thin(&meter, before, moment).await.unwrap_or_default(),
                None => Thinned::default(),
            };
            facts.tell(Fact::Log(LogNews::Thinned(meter, thinned)));
        }));
    }

    /// What there is to tell of a meter's readings that were too old.
    pub(crate) fn thinned(&mut self, meter: &MeterKey, name: &str, thinned: Thinned) -> Option<Trouble> {
        self.space.aged(meter, name, thinned, self.platform.now(), self.platform.moment())
    }

    /// What there is to tell of readings that made room, with the name of what each log is of.
    pub(crate) fn made_room(&self, gone: &[(String, Thinned)]) -> Trouble {
        space::thinned(gone, self.platform.moment())
    }

    /// What there is to tell of readings that do not go because the clock is not believed, once.
    pub(crate) fn doubted(&mut self, doubt: &Doubt) -> Option<Trouble> {
        self.space.tell(doubt).then(|| doubted(doubt, self.platform.moment()))
    }

    /// What there is to tell of damaged rows that were found since this was last asked.
    pub(crate) fn new_damage(&mut self) -> Vec<(MeterKey, Trouble)> {
        self.space.new_damage(&self.archive.damaged(), self.platform.moment())
    }

    /// Finds out what is held of each meter's readings; once more where that goes on already.
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

    /// It was found out, or could not be.
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
            Save::Octets(meter, octets) => drop(archive.keep_octets(&meter, &octets).await),
            Save::Done(done) => drop(done.send(())),
        }
    }
}
