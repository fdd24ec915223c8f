//! `Meters`: the table of all meters, and what is known about each.

mod bus;
mod clock;
mod line;
pub mod meter;
mod news;
pub mod octets;
mod profile;
mod record;
pub mod tape;
pub mod unlocking;

pub(crate) use self::bus::Answered;
pub(crate) use self::line::Owner;

use std::collections::BTreeMap;

use metertap_decoder::time::Zone;
use metertap_protocol::{MeterState, Row};
use metertap_readings::entry::Moment;
use metertap_readings::log::identities::Identities;
use metertap_readings::store::retention::Retention;
use metertap_readings::store::{LineSettings, MeterKey, MeterRecord, SourceRecord};

use self::meter::Meter;

#[derive(Default)]
pub(crate) struct Meters {
    all: BTreeMap<MeterKey, Meter>,
    /// The meters whose readings each line has carried since it was opened.
    identities: BTreeMap<MeterKey, Identities>,
    /// The house's time zone.
    zone: Zone,
}

impl Meters {
    pub(crate) const fn zone(&self) -> Zone {
        self.zone
    }

    pub(crate) const fn set_zone(&mut self, zone: Zone) {
        self.zone = zone;
    }

    pub(crate) fn replace(&mut self, meters: impl IntoIterator<Item = Meter>) {
        self.all.clear();
        self.extend(meters);
    }

    pub(crate) fn extend(&mut self, meters: impl IntoIterator<Item = Meter>) {
        self.all.extend(meters.into_iter().map(|meter| (meter.state.record.key.clone(), meter)));
    }

    /// Removes a meter. Returns whether it was there.
    pub(crate) fn remove(&mut self, key: &MeterKey) -> bool {
        self.identities.remove(key);
        self.all.remove(key).is_some()
    }

    pub(crate) fn reading_restarts(&mut self, key: &MeterKey) {
        self.identities.remove(key);
    }

    pub(crate) fn get(&self, key: &MeterKey) -> Option<&Meter> {
        self.all.get(key)
    }

    pub(crate) fn get_mut(&mut self, key: &MeterKey) -> Option<&mut Meter> {
        self.all.get_mut(key)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Meter> {
        self.all.values()
    }

    pub(crate) fn keys(&self) -> Vec<MeterKey> {
        self.all.keys().cloned().collect()
    }

    pub(crate) fn records(&self) -> Vec<MeterRecord> {
        self.iter().map(|meter| meter.state.record.clone()).collect()
    }

    pub(crate) fn states(&self) -> Vec<MeterState> {
        self.iter().map(|meter| meter.state.clone()).collect()
    }

    /// The newest entries of each meter, oldest first.
    pub(crate) fn newest(&self) -> Vec<(MeterKey, Vec<Row>)> {
        let rows = |meter: &Meter| meter.newest().iter().map(Row::of).collect();
        self.all.iter().map(|(key, meter)| (key.clone(), rows(meter))).collect()
    }

    /// When the newest reading of any meter was received.
    pub(crate) fn last_heard(&self) -> Option<Moment> {
        last_heard(self.all.values())
    }

    /// The meter's name for files and messages; its key if there is no such meter.
    pub(crate) fn name_of(&self, key: &MeterKey) -> String {
        self.get(key).map_or(&*key.0, Meter::name).to_owned()
    }

    /// Whether a meter exists and the user wants it read.
    pub(crate) fn is_wanted(&self, key: &MeterKey) -> bool {
        self.get(key).is_some_and(|meter| meter.state.record.reading)
    }

    pub(crate) fn wanted(&self) -> Vec<MeterKey> {
        let wanted = self.iter().map(|meter| &meter.state.record).filter(|record| record.reading);
        wanted.map(|record| record.key.clone()).collect()
    }

    /// Whether old readings of any meter are to be deleted.
    pub(crate) fn any_has_limit(&self) -> bool {
        self.iter().any(|meter| meter.state.record.retention != Retention::Forever)
    }

    /// A meter that is not being read, behind the same kind of adapter or the same bridge. If `source` states a
    /// protocol, the meter has that protocol. If several meters fit, returns the one with the newest reading.
    pub(crate) fn idle_twin(
        &self,
        source: &SourceRecord,
        mut is_read: impl FnMut(&MeterKey) -> bool,
    ) -> Option<MeterKey> {
        let wanted = source.spoken()?;
        let same = |known: &SourceRecord| {
            let is_same =
                |known: &LineSettings| wanted.protocol.is_none() || known.protocol == wanted.protocol;
            known.is_beside(source) && known.spoken().is_some_and(is_same)
        };
        let twins = self.iter().filter(|meter| {
            let record = &meter.state.record;
            record.line_of.is_none() && same(&record.source)
        });
        let idle = twins.filter(|meter| !is_read(&meter.state.record.key));
        let heard = |meter: &Meter| meter.newest().last().map(|entry| entry.received);
        idle.max_by_key(|meter| heard(meter)).map(|meter| meter.state.record.key.clone())
    }
}

pub(crate) fn last_heard<'a>(meters: impl IntoIterator<Item = &'a Meter>) -> Option<Moment> {
    meters.into_iter().filter_map(|meter| Some(meter.newest().last()?.received)).max()
}
