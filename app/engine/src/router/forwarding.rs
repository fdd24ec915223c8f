//! Which readings are forwarded, and to which broker.

use metertap_protocol::{Broker, Event};
use metertap_readings::files::backup::Setting;
use metertap_readings::store::{Internal, MeterKey, SourceRecord};

use super::{Hand, Router};
use crate::broker::Subject;
use crate::platform::Platform;

impl<P: Platform> Router<P> {
    pub(super) fn forward(&mut self, key: &MeterKey) {
        let Some(meter) = self.meters.get(key) else { return };
        let record = &meter.state.record;
        // A file that the user opens is old data, so its readings are not forwarded.
        let is_file = matches!(record.source, SourceRecord::File { .. });
        if let Some(topic) = record.topic.clone().filter(|_| !is_file) {
            let (identification, newest) = (record.identification.clone(), meter.newest().to_vec());
            self.broker.begin(Subject { meter: key.clone(), topic, identification, newest });
        }
    }

    pub(super) fn forward_all(&mut self) {
        for key in self.meters.keys() {
            self.forward(&key);
        }
    }

    /// Begins to forward the meters that could not begin earlier because the log was closed.
    pub(super) fn forward_more(&mut self) {
        for key in self.meters.keys() {
            if !self.broker.carries(&key) {
                self.forward(&key);
            }
        }
    }

    pub(super) fn tell_forwarding(&self) {
        self.tell(&Event::Forward { state: self.broker.state() });
        self.notice_forwarding();
    }
}

impl<P: Platform> Hand<P> {
    /// Forwards to this broker from now on, after a restart too. `None` stops forwarding.
    pub(super) async fn forward_to(self, broker: Option<Broker>) {
        self.step(|router| router.broker.stop_all()).await.await;
        let setting = self.step(|router| router.broker.set(broker)).await;
        // A setting that cannot be kept works until the next restart.
        let _ = self.log.set_setting(Setting::BROKER, setting.as_deref()).await;
        self.step(|router| {
            router.forward_all();
            router.tell(&Event::Broker { broker: router.broker.broker() });
            router.tell_forwarding();
        })
        .await;
    }

    /// Loads the broker that was set before the restart, or that was restored from a backup.
    pub(super) async fn find_broker(&self) {
        let setting = self.log.setting(Setting::BROKER).await.ok().flatten();
        let installation = self.log.internal(Internal::Installation).await.ok().flatten();
        self.step(move |router| router.broker.found(setting.as_deref(), installation)).await;
    }
}
