//! Beginning to write: with what earlier days, or another tab, have left on the disk.

use futures_util::FutureExt;
use futures_util::future::join;
use metertap_protocol::{Event, VERSION};
use metertap_readings::archive::Lost;
use metertap_readings::log::journal::LogError;
use metertap_readings::store::{Internal, MeterKey};

use super::finding::found;
use super::{Hand, Rest, Router};
use crate::platform::Platform;
use crate::trouble::cleared;

impl<P: Platform> Hand<P> {
    /// From now on the log is ours to write, and the meters are ours to read, if the turn that came is still ours.
    pub(super) async fn take_turn(self, turn: u32) {
        if self.step(|router| router.role.may_be_forgotten()).await {
            // It may be the turn of a queue that is forgotten. Where nothing says so, it is taken.
            self.try_queue_anew().await;
        }
        let _alone = self.alone.lock().await;
        if !self.step(move |router| router.role.is_ours(turn)).await {
            return;
        }
        if let Err(why) = self.begin_to_write().await {
            self.log.close();
            self.step_back(&why).await;
        }
    }

    /// Begins with what is in the log that we write, now that a window has said hello.
    pub(super) async fn start_greeted(self) {
        let _alone = self.alone.lock().await;
        if let Err(why) = self.start().await {
            self.log.close();
            self.step_back(&why).await;
        }
    }

    async fn begin_to_write(&self) -> Result<(), LogError> {
        let claim = self.step(|router| router.role.claim()).await;
        self.log.take_turn(claim).await?;
        self.log.write(self.platform.zone_of_house()).await?;
        let mut lost = Lost::default();
        self.step(|router| router.say_what_was_told()).await;
        self.log.renew(&mut lost).await?;
        self.step(|router| router.role.begin_to_write()).await;
        self.start().await?;
        self.step(move |router| router.tell_lost(&lost)).await;
        Ok(())
    }

    /// Finds what is on the disk, and goes on with it.
    ///
    /// # Errors
    /// Where the log cannot be read. Before a window has said hello, there is nothing to do.
    async fn start(&self) -> Result<(), LogError> {
        if !self.step(|router| router.role.is_greeted()).await {
            return Ok(());
        }
        let mut found = found(&self.log, &[]).await?;
        // What is not known must not look like a new browser, which believes its clock.
        let time = self.log.internal(Internal::CertainTime).await?;
        self.find_broker().await;
        let held = self.hold_back(&mut found).await?;
        self.step(move |router| {
            // Those that another tab has told of, or that were read before it did, are the same ones.
            router.meters.replace(found);
            router.log.resume_time(time.as_deref(), router.meters.last_heard());
            router.log.look_at_clocks();
            router.announce();
            router.tell_imports();
            router.tell_damage();
            router.tell_held_back(&held);
            router.resume_reading();
            router.forward_all();
            router.begin_noticing();
        })
        .await;
        self.find_daily().await;
        Ok(())
    }
}

impl<P: Platform> Router<P> {
    /// All that is known, for windows that know nothing yet. Tabs that nobody has heard of may wait for it.
    pub(super) fn announce(&mut self) {
        let (meters, newest, broker) = (self.meters.states(), self.meters.newest(), self.broker.broker());
        let ready = Event::Ready { version: VERSION, meters, newest, broker, watching: false };
        self.screen.tell(&ready);
        self.screen.tell_others(&ready);
    }

    /// The same with all else that there is to know.
    pub(super) fn tell_all(&mut self) {
        self.announce();
        self.tell_imports();
        self.tell_daily();
        let trouble = self.log.clock_trouble(self.meters.any_has_limit());
        self.tell(&Event::Clock { trouble });
        self.notices.board().into_iter().for_each(|board| self.tell(&board));
    }

    /// Tells the window what was imported.
    pub(super) fn tell_imports(&self) {
        self.tell(&Event::Imports { imports: self.log.archive().imports() });
    }

    /// Has the log know what the tab that wrote it has told.
    fn say_what_was_told(&self) {
        let told = self.meters.iter().map(|meter| (&meter.state.record, meter.state.first, meter.newest()));
        self.log.archive().hear(told);
    }

    /// Tells what the browser has cleared.
    pub(super) fn tell_lost(&self, lost: &Lost) {
        if lost.cleared {
            let readings = lost.readings.iter().filter(|(_, gone)| gone.readings > 0);
            let readings = readings.map(|(key, gone)| format!("{}: {gone}", self.meters.name_of(key)));
            let imports = lost.imports.iter().map(|import| {
                let (from, to) = import.span;
                format!("{}: {} readings from {from} to {to}", import.file, import.readings)
            });
            let gone: Vec<String> = readings.chain(imports).collect();
            self.tell(&Event::Notice { meter: None, trouble: cleared(&gone, self.platform.moment()) });
        }
    }

    /// Reads and forwards no more; answers with the end of all that, where anything went on.
    pub(super) fn stop_writing(&mut self) -> Option<Rest> {
        if !self.role.stop_writing() {
            return None;
        }
        self.jobs.stop_today();
        self.notices.stop();
        // What waits for the log hears that it need not.
        self.log.give_up();
        self.role.has_changed();
        let ended = join(self.readers.stop_all(), self.broker.stop_all());
        Some(ended.map(drop).boxed_local())
    }

    /// A meter was removed; answers with the one that inherits its line.
    pub(super) fn is_removed(&mut self, key: &MeterKey) -> Option<MeterKey> {
        self.meters.remove(key);
        self.readers.forget(key);
        self.log.forget(key);
        self.notices.forget(key);
        self.tell(&Event::Removed { meter: key.clone() });
        self.tell_imports();
        let (heir, changed) = self.meters.inherit_line(key)?;
        changed.into_iter().for_each(|record| self.log.save(record));
        Some(heir)
    }
}
