//! What readings are forwarded, and to which broker.

use std::rc::Rc;

use metertap_protocol::{Broker, Event};
use metertap_readings::files::backup::Setting;
use metertap_readings::store::{Internal, MeterKey, SourceRecord};

use super::broker::Subject;
use super::desk::Desk;
use crate::platform::Platform;

impl<P: Platform> Desk<P> {
    /// Forwards to this broker from now on, after a restart too; `None` stops.
    pub(crate) async fn forward_to(self: &Rc<Self>, broker: Option<Broker>) {
        self.stop_all_forwarding().await;
        let setting = self.forwarding.borrow_mut().set(broker);
        // A setting that cannot be kept is lost at the next restart; until then it works.
        let _ = self.log.set_setting(Setting::BROKER, setting.as_deref()).await;
        self.forward_all();
        self.tell(&Event::Broker { broker: self.forwarding.borrow().broker() });
        self.tell_forwarding();
    }

    /// Finds the broker of before the restart, or the one that was restored.
    pub(crate) async fn find_broker(&self) {
        let setting = self.log.setting(Setting::BROKER).await.ok().flatten();
        let installation = self.log.internal(Internal::Installation).await.ok().flatten();
        self.forwarding.borrow_mut().found(setting.as_deref(), installation);
    }

    /// Begins to forward meters that should be and are not, because there was no log to begin with.
    pub(super) fn forward_more(&self) {
        for key in self.keys().iter().filter(|key| !self.forwarding.borrow().carries(key)) {
            self.forward_anew(key);
        }
    }

    /// Begins to forward all meters, where there is a broker to forward to.
    pub(crate) fn forward_all(&self) {
        self.keys().iter().for_each(|key| self.forward_anew(key));
    }

    /// Begins to forward a meter, or begins again under its new name.
    pub(crate) fn forward_anew(&self, key: &MeterKey) {
        let subject = {
            let meters = self.meters.borrow();
            meters.get(key).and_then(|meter| {
                let record = meter.state.record.clone();
                // A file that somebody looks into is not news to anyone.
                let is_file = matches!(record.source, SourceRecord::File { .. });
                let (meter, newest) = (record.key, meter.state.newest.clone());
                let topic = record.topic.filter(|_| !is_file)?;
                Some(Subject { meter, topic, identification: record.identification, newest })
            })
        };
        if let Some(subject) = subject {
            self.forwarding.borrow_mut().begin(subject);
        }
    }

    /// Says goodbye to the broker for one meter.
    pub(crate) async fn stop_forwarding(&self, key: &MeterKey) {
        let ended = self.forwarding.borrow_mut().stop(key);
        ended.await;
    }

    /// Says goodbye to the broker for all meters.
    pub(crate) async fn stop_all_forwarding(&self) {
        let ended = self.forwarding.borrow_mut().stop_all();
        ended.await;
    }

    /// Tells how it goes.
    pub(crate) fn tell_forwarding(&self) {
        let state = self.forwarding.borrow().state();
        self.tell(&Event::Forward { state });
    }

    fn keys(&self) -> Vec<MeterKey> {
        self.meters.borrow().keys().cloned().collect()
    }
}
