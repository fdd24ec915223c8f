//! Several meters on one line that speak without being asked: each has a log of its own, and one of them has the line.

use std::rc::Rc;

use metertap_decoder::reading::Reading;
use metertap_protocol::SourceState;
use metertap_readings::log::identities::Identities;
use metertap_readings::store::{MeterKey, MeterRecord};

use super::desk::Desk;
use super::meter::Meter;
use crate::platform::Platform;

impl<P: Platform> Desk<P> {
    /// Whose a reading is that was heard on a meter's line. A second meter on it gets a log of its own.
    pub(crate) async fn owner(
        self: &Rc<Self>,
        key: &MeterKey,
        reading: &Reading,
        identities: &mut Identities,
    ) -> MeterKey {
        let own = self.identification(key);
        let names: Vec<String> =
            self.on_line_of(key).iter().filter_map(|guest| self.identification(guest)).collect();
        let is_another = identities.is_of_another(own.as_deref(), &names, reading);
        if own.is_some() && own.as_deref() == reading.meter.as_deref() {
            return key.clone();
        }
        let owner = self.on_line_of(key).into_iter().find(|other| {
            let name = self.identification(other);
            name.is_some() && name.as_deref() == reading.meter.as_deref()
        });
        let owner = owner.unwrap_or_else(|| self.known_owner(key, reading));
        if owner == *key && is_another { self.begin_beside(key, reading).await } else { owner }
    }

    /// The identifications of all meters whose telegrams come over a meter's line.
    pub(super) fn known_on_line(&self, key: &MeterKey) -> Vec<String> {
        let line = self.change(key, |meter| meter.state.record.line_of.clone()).flatten();
        let line = line.unwrap_or_else(|| key.clone());
        let all = self.on_line_of(&line).into_iter().chain([line]);
        all.filter_map(|meter| self.identification(&meter)).collect()
    }

    fn identification(&self, key: &MeterKey) -> Option<String> {
        self.change(key, |meter| meter.state.record.identification.clone())?
    }

    /// Whether a meter has no line of its own; from now on it shares this one, where it was heard.
    pub(crate) fn shares_line(&self, key: &MeterKey, line: &MeterKey) -> bool {
        let shares = self
            .change(key, |meter| meter.state.record.line_of.as_mut().map(|of| of.clone_from(line)).is_some());
        shares.unwrap_or_default()
    }

    /// Enters a meter into the table that speaks on the line of another one. Where that cannot be kept, its readings stay
    /// with the other's.
    async fn begin_beside(self: &Rc<Self>, key: &MeterKey, reading: &Reading) -> MeterKey {
        let Some(source) = self.change(key, |meter| meter.state.record.source.clone()) else {
            return key.clone();
        };
        let record = MeterRecord {
            reading: true,
            identification: reading.meter.as_deref().map(str::to_owned),
            line_of: Some(key.clone()),
            ..self.new_record(source)
        };
        if self.log.keep_meter(&record).await.is_err() {
            return key.clone();
        }
        let new = record.key.clone();
        self.meters.borrow_mut().insert(new.clone(), Meter::new(record));
        self.settle_topic(&new).await;
        self.show(&new);
        new
    }

    /// Tells the windows what has become of the line of the meters that share it.
    pub(crate) fn show_line(&self, line: &MeterKey, state: SourceState) {
        for key in self.on_line_of(line) {
            self.change(&key, |meter| {
                let is_read = meter.state.record.reading;
                meter.state.source = if is_read { state } else { SourceState::Off };
            });
            self.show(&key);
        }
    }

    /// Gives the line of a meter that was removed to one of those that shared it.
    pub(super) async fn inherit_line(self: &Rc<Self>, line: &MeterKey) {
        let heirs = self.on_line_of(line);
        let is_read = |key: &&MeterKey| self.change(key, |meter| meter.state.record.reading) == Some(true);
        let Some(first) = heirs.iter().find(is_read).or(heirs.first()) else { return };
        self.change_record(first, |record| record.line_of = None).await;
        for other in heirs.iter().filter(|other| *other != first) {
            self.change_record(other, |record| record.line_of = Some(first.clone())).await;
        }
        self.read_anew(first).await;
    }

    fn on_line_of(&self, line: &MeterKey) -> Vec<MeterKey> {
        let meters = self.meters.borrow();
        let shares = |meter: &Meter| meter.state.record.line_of.as_ref() == Some(line);
        meters.iter().filter(|(_, meter)| shares(meter)).map(|(key, _)| key.clone()).collect()
    }
}
