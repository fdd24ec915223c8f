//! What readings are forwarded, and to which broker.

use metertap_protocol::{Broker, Event};
use metertap_readings::files::backup::Setting;
use metertap_readings::store::{Internal, MeterKey, SourceRecord};

use super::{Hand, Router};
use crate::broker::Subject;
use crate::platform::Platform;

impl<P: Platform> Router<P> {
    /// Begins to forward a meter, or begins again under its new name.
    pub(super) fn forward(&mut self, key: &MeterKey) {
        let Some(meter) = self.meters.get(key) else { return };
        let record = &meter.state.record;
        // A file that somebody looks into is not news to anyone.
        let is_file = matches!(record.source, SourceRecord::File { .. });
        if let Some(topic) = record.topic.clone().filter(|_| !is_file) {
            let (identification, newest) = (record.identification.clone(), meter.newest().to_vec());
            self.broker.begin(Subject { meter: key.clone(), topic, identification, newest });
        }
    }

    /// Begins to forward all meters, where there is a broker to forward to.
    pub(super) fn forward_all(&mut self) {
        for key in self.meters.keys() {
            self.forward(&key);
        }
    }

    /// Begins to forward meters that should be and are not, because there was no log to begin with.
    pub(super) fn forward_more(&mut self) {
        for key in self.meters.keys() {
            if !self.broker.carries(&key) {
                self.forward(&key);
            }
        }
    }

    /// Tells how it goes.
    pub(super) fn tell_forwarding(&self) {
        self.tell(&Event::Forward { state: self.broker.state() });
        self.notice_forwarding();
    }
}

impl<P: Platform> Hand<P> {
    /// Forwards to this broker from now on, after a restart too; `None` stops.
    pub(super) async fn forward_to(self, broker: Option<Broker>) {
        self.step(|router| router.broker.stop_all()).await.await;
        let setting = self.step(|router| router.broker.set(broker)).await;
        // A setting that cannot be kept is lost at the next restart; until then it works.
        let _ = self.log.set_setting(Setting::BROKER, setting.as_deref()).await;
        self.step(|router| {
            router.forward_all();
            router.tell(&Event::Broker { broker: router.broker.broker() });
            router.tell_forwarding();
        })
        .await;
    }

    /// Finds the broker of before the restart, or the one that was restored.
    pub(super) async fn find_broker(&self) {
        let setting = self.log.setting(Setting::BROKER).await.ok().flatten();
        let installation = self.log.internal(Internal::Installation).await.ok().flatten();
        self.step(move |router| router.broker.found(setting.as_deref(), installation)).await;
    }
}
