//! Becoming the writer: begins with the data that an earlier session, or another tab, has left on the disk.

use futures_util::FutureExt;
use futures_util::future::join;
use metertap_protocol::{Event, VERSION};
use metertap_readings::archive::Lost;
use metertap_readings::log::journal::LogError;
use metertap_readings::store::{Internal, MeterKey};

use super::finding::{found, is_of_files};
use super::{Hand, Rest, Router};
use crate::platform::Platform;
use crate::trouble::cleared;

impl<P: Platform> Hand<P> {
    /// Makes this tab the writer of the log and the reader of the meters, if the turn that came is still ours.
    pub(super) async fn take_turn(self, turn: u32) {
        if self.step(|router| router.role.may_be_forgotten()).await {
            // The browser may have forgotten the queue that this turn comes from. Then we join the queue again, and
            // another turn comes. If the browser does not say, we take this turn.
            self.try_rejoin_queue().await;
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

    /// A window has said hello, so we begin with the data in the log that we write.
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
        self.step(|router| router.report_to_log()).await;
        self.log.renew(&mut lost).await?;
        self.step(|router| router.role.begin_to_write()).await;
        self.start().await?;
        self.step(move |router| router.tell_lost(&lost)).await;
        Ok(())
    }

    /// Loads the data on the disk, and begins to read and forward. Does nothing before a window has said hello.
    ///
    /// # Errors
    /// If the log cannot be read.
    async fn start(&self) -> Result<(), LogError> {
        if !self.step(|router| router.role.is_greeted()).await {
            return Ok(());
        }
        let mut found = found(&self.log, &[]).await?;
        // Without the certain time, the clock would be trusted, as in a new browser. So a failed read is an error.
        let time = self.log.internal(Internal::CertainTime).await?;
        self.find_broker().await;
        let held = self.hold_back(&mut found).await?;
        self.step(move |router| {
            // The meters found on the disk include those that another tab has reported and those that we read before.
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
    /// Tells all windows about the meters and the broker. Other tabs are told even if none has reported that it
    /// watches.
    pub(super) fn announce(&mut self) {
        let (meters, newest, broker) = (self.meters.states(), self.meters.newest(), self.broker.broker());
        let ready = Event::Ready { version: VERSION, meters, newest, broker, watching: false };
        self.screen.tell(&ready);
        self.screen.tell_others(&ready);
    }

    /// Tells the windows all that is known: what [`Router::announce`] tells, the imports, the daily backup, the clock
    /// and the notices.
    pub(super) fn tell_all(&mut self) {
        self.announce();
        self.tell_imports();
        self.tell_daily();
        let trouble = self.log.clock_trouble(self.meters.any_has_limit());
        self.tell(&Event::Clock { trouble });
        self.notices.board().into_iter().for_each(|board| self.tell(&board));
    }

    pub(super) fn tell_imports(&self) {
        self.tell(&Event::Imports { imports: self.log.archive().imports() });
    }

    /// Tells the log what the tab that wrote before us has reported.
    fn report_to_log(&self) {
        let told = self.meters.iter().map(|meter| {
            let record = &meter.state.record;
            // Those of a meter that is known only from files are an import's, with the numbers of its log.
            let newest = if is_of_files(record) { &[] } else { meter.newest() };
            (record, meter.state.first, newest)
        });
        self.log.archive().hear(told);
    }

    /// Tells the windows what the browser has cleared.
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

    /// Stops reading and forwarding. Returns a future that completes when both have ended; `None` if we did not write.
    pub(super) fn stop_writing(&mut self) -> Option<Rest> {
        if !self.role.stop_writing() {
            return None;
        }
        self.jobs.stop_today();
        self.notices.stop();
        // Readings that wait for the log are refused, so that their readers can end.
        self.log.give_up();
        self.role.has_changed();
        let ended = join(self.readers.stop_all(), self.broker.stop_all());
        Some(ended.map(drop).boxed_local())
    }

    /// A meter was removed. Returns the meter that inherits its line.
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
