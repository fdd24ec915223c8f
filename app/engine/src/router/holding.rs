//! Holding back: work that has crashed the page at two starts in a row is not started automatically again.

use metertap_protocol::Event;
use metertap_readings::fault::Code;
use metertap_readings::files::backup::Setting;
use metertap_readings::log::journal::LogError;
use metertap_readings::store::{Internal, SourceRecord};

use super::{Hand, Router};
use crate::meters::meter::Meter;
use crate::platform::Platform;
use crate::trials::Trial;
use crate::trouble::trouble;

impl<P: Platform> Hand<P> {
    /// Notes on the disk which work is about to start by itself. Switches off and returns the work that must not start.
    ///
    /// # Errors
    /// If the log cannot be read.
    pub(super) async fn hold_back(&self, found: &mut [Meter]) -> Result<Vec<Trial>, LogError> {
        let kept = self.log.internal(Internal::Trials).await?;
        let mut wanted: Vec<Trial> = found.iter().filter_map(by_bridge).collect();
        let held = self.step(move |router| {
            wanted.extend(router.broker.broker().filter(|broker| broker.on).map(|_| Trial::Forward));
            let now = router.platform.now();
            let held = router.trials.resume(kept.as_deref(), wanted, now);
            (held, router.trials.note())
        });
        let (held, note) = held.await;
        // If the disk has no room for the note, everything starts as usual.
        let _ = self.log.set_internal(Internal::Trials, note.as_deref()).await;
        let at = self.platform.moment();
        for meter in
            found.iter_mut().filter(|meter| by_bridge(meter).is_some_and(|trial| held.contains(&trial)))
        {
            meter.state.record.reading = false;
            meter.state.trouble = Some(trouble(Code::EngineHeldOff, "reading from this bridge", at));
            let _ = self.log.keep_meter(&meter.state.record).await;
        }
        if held.contains(&Trial::Forward) {
            let setting = self.step(|router| router.broker.switch_off()).await;
            let _ = self.log.set_setting(Setting::BROKER, setting.as_deref()).await;
        }
        Ok(held)
    }
}

impl<P: Platform> Router<P> {
    pub(super) fn tell_held_back(&self, held: &[Trial]) {
        let at = self.platform.moment();
        for trial in held {
            let (meter, what) = match trial {
                Trial::Forward => (None, "forwarding to the broker"),
                Trial::Import => (None, "importing a file; nothing of it was kept"),
                Trial::Bridge(meter) => (Some(meter.clone()), "reading from a bridge"),
            };
            self.tell(&Event::Notice { meter, trouble: trouble(Code::EngineHeldOff, what, at) });
        }
    }

    /// Once everything that started by itself has run well for long enough, notes that on the disk.
    pub(super) fn look_at_trials(&mut self) {
        let now = self.platform.now();
        if let Some(note) = self.trials.succeed(now) {
            self.log.save_internal(Internal::Trials, note);
        }
    }

    pub(super) fn import_begins(&mut self) {
        let note = self.trials.begin(Trial::Import);
        self.log.save_internal(Internal::Trials, note);
    }

    pub(super) fn import_has_ended(&mut self) {
        if let Some(note) = self.trials.end(&Trial::Import) {
            self.log.save_internal(Internal::Trials, note);
        }
    }
}

/// The trial of a meter that is read from a bridge as soon as the page opens.
fn by_bridge(meter: &Meter) -> Option<Trial> {
    let record = &meter.state.record;
    let is_bridge = matches!(record.source, SourceRecord::Bridge { .. });
    (is_bridge && record.reading).then(|| Trial::Bridge(record.key.clone()))
}
