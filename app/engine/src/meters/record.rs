//! The records of meters, and how they change.

use metertap_decoder::identity::is_placeholder;
use metertap_decoder::reading::Protocol;
use metertap_decoder::stack::Stack;
use metertap_readings::names::topic;
use metertap_readings::store::retention::Retention;
use metertap_readings::store::{MeterKey, MeterRecord, SourceRecord};

use super::Meters;

impl Meters {
    /// A record with only a new key and the source of a meter's readings. No meter and no log in `logs` has that key.
    pub(crate) fn new_record(
        &self,
        source: SourceRecord,
        stack: Option<Stack>,
        logs: &[MeterKey],
        random: impl FnMut() -> u64,
    ) -> MeterRecord {
        MeterRecord {
            key: self.new_key(&source, stack, logs, random),
            origin: None,
            name: String::new(),
            source,
            address_from: None,
            identification: None,
            formerly: None,
            topic: None,
            reading: false,
            retention: Retention::default(),
            place: String::new(),
            schedule: None,
            line_of: None,
            stated: Vec::new(),
            clock_off: None,
            role: None,
            fuse: None,
            fetched: None,
        }
    }

    /// Changes a meter's record and returns it; `None` if there is no such meter.
    pub(crate) fn change(
        &mut self,
        key: &MeterKey,
        change: impl FnOnce(&mut MeterRecord),
    ) -> Option<MeterRecord> {
        let record = &mut self.get_mut(key)?.state.record;
        change(record);
        Some(record.clone())
    }

    /// Sets a meter's name in topics, if one can be found. Returns the record to save; `None` if there is no such
    /// meter.
    pub(crate) fn settle_topic(&mut self, key: &MeterKey) -> Option<MeterRecord> {
        let others = self.iter().map(|meter| &meter.state.record).filter(|record| record.key != *key);
        let taken: Vec<String> = others.filter_map(|record| record.topic.clone()).collect();
        let taken: Vec<&str> = taken.iter().map(String::as_str).collect();
        let meter = self.get_mut(key)?;
        let maker = meter.newest().iter().rev().find_map(|entry| entry.reading.maker.clone());
        let record = &mut meter.state.record;
        record.topic = topic(&record.name, maker.as_deref(), record.identification.as_deref(), &taken);
        Some(record.clone())
    }

    /// Notes the identification that a meter sends. Returns the record to save; `None` if the meter has an
    /// identification already, or does not exist. If the identification changes later, the record keeps the first one,
    /// since each reading names its meter.
    pub(crate) fn identify(&mut self, key: &MeterKey, identification: &str) -> Option<MeterRecord> {
        let record = &mut self.get_mut(key)?.state.record;
        if record.identification.as_deref().is_some_and(|known| !is_placeholder(known)) {
            return None;
        }
        // If zeros were once taken for an identification, the meter's topic and totals still use these zeros.
        record.formerly = record.identification.replace(identification.to_owned()).or(record.formerly.take());
        match record.topic {
            Some(_) => Some(record.clone()),
            None => self.settle_topic(key),
        }
    }

    /// A key that no meter has: the kind of the meter, and four hexadecimal digits drawn at random.
    fn new_key(
        &self,
        source: &SourceRecord,
        stack: Option<Stack>,
        logs: &[MeterKey],
        mut random: impl FnMut() -> u64,
    ) -> MeterKey {
        let kind = match source {
            SourceRecord::Serial { spoken, .. } | SourceRecord::Bridge { spoken, .. } => {
                spoken.protocol.map_or(UNKNOWN_KIND, Protocol::as_str)
            }
            SourceRecord::Simulated { model, .. } => model,
            SourceRecord::File { .. } => stack.map_or(Protocol::P1, Stack::protocol).as_str(),
        };
        loop {
            let key = MeterKey(format!("{kind}-{:04x}", random() & 0xFFFF));
            // A log with this name may be on its way from a file.
            if self.get(&key).is_none() && !logs.contains(&key) {
                return key;
            }
        }
    }
}

/// The first part of the key of a meter whose protocol is not known yet.
const UNKNOWN_KIND: &str = "meter";
