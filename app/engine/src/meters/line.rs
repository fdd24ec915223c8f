//! Several meters that share a line and send without being polled. Each has a log of its own, and one of them owns the
//! line.

use metertap_decoder::identity::{is_called, is_same_meter};
use metertap_decoder::reading::Reading;
use metertap_protocol::SourceState;
use metertap_readings::store::{MeterKey, MeterRecord};

use super::Meters;

#[derive(Debug, Eq, PartialEq)]
pub(crate) enum Owner {
    Known(MeterKey),
    /// A meter whose readings have never come over this line before.
    New,
}

impl Meters {
    /// Finds the meter that a reading belongs to. `line` is the meter that owns the line on which the reading arrived.
    pub(crate) fn owner(&mut self, line: &MeterKey, reading: &Reading) -> Owner {
        let own = self.identification(line);
        let guests = self.on_line_of(line);
        let names: Vec<String> = guests.iter().filter_map(|guest| self.identification(guest)).collect();
        let identities = self.identities.entry(line.clone()).or_default();
        let is_another = identities.is_of_another(own.as_deref(), &names, reading);
        let is_it = |name: Option<&str>| name.is_some() && name == reading.meter.as_deref();
        if is_it(own.as_deref()) {
            return Owner::Known(line.clone());
        }
        // The rules for names have changed over time. If no meter has exactly this name, the reading belongs to a
        // meter that has the name in another spelling.
        let is_like = |name: Option<&str>| name.is_some_and(|name| is_called(reading, name));
        let called = |is: &dyn Fn(Option<&str>) -> bool| {
            guests.iter().find(|guest| is(self.identification(guest).as_deref())).cloned()
        };
        let guest = called(&is_it);
        if guest.is_none() && is_like(own.as_deref()) {
            return Owner::Known(line.clone());
        }
        let guest = guest.or_else(|| called(&is_like));
        let owner = guest.unwrap_or_else(|| self.known_owner(line, reading));
        if owner == *line && is_another { Owner::New } else { Owner::Known(owner) }
    }

    /// Finds the known meter that a reading belongs to: two adapters of the same kind may have been swapped.
    fn known_owner(&self, line: &MeterKey, reading: &Reading) -> MeterKey {
        let Some(heard) = self.get(line).map(|meter| &meter.state.record) else { return line.clone() };
        let is_its = |record: &MeterRecord| {
            let names = record.identification.as_deref().zip(reading.meter.as_deref());
            names.is_some_and(|(name, heard)| name == heard || is_same_meter(name, heard))
        };
        if is_its(heard) {
            return line.clone();
        }
        // One meter may be read in two ways, with a record for each.
        let protocol = |record: &MeterRecord| record.source.spoken().and_then(|spoken| spoken.protocol);
        let owner = self.iter().map(|meter| &meter.state.record).find(|other| {
            is_its(other)
                && other.address_from.is_none()
                && other.source.is_beside(&heard.source)
                && protocol(other) == Some(reading.protocol)
        });
        owner.map_or_else(|| line.clone(), |owner| owner.key.clone())
    }

    /// A record for a new meter that sends on the line of another meter.
    pub(crate) fn beside(
        &self,
        line: &MeterKey,
        reading: &Reading,
        logs: &[MeterKey],
        random: impl FnMut() -> u64,
    ) -> Option<MeterRecord> {
        let source = self.get(line)?.state.record.source.clone();
        Some(MeterRecord {
            reading: true,
            identification: reading.meter.as_deref().map(str::to_owned),
            line_of: Some(line.clone()),
            ..self.new_record(source, None, logs, random)
        })
    }

    /// The identifications of all meters whose telegrams come over a meter's line.
    pub(crate) fn known_on_line(&self, key: &MeterKey) -> Vec<String> {
        let line = self.get(key).and_then(|meter| meter.state.record.line_of.clone());
        let line = line.unwrap_or_else(|| key.clone());
        let all = self.on_line_of(&line).into_iter().chain([line]);
        all.filter_map(|meter| self.identification(&meter)).collect()
    }

    /// Whether a meter has no line of its own. If so, it shares this line from now on, since its reading came over this
    /// line.
    pub(crate) fn shares_line(&mut self, key: &MeterKey, line: &MeterKey) -> bool {
        let shared = self.get_mut(key).and_then(|meter| meter.state.record.line_of.as_mut());
        shared.map(|of| of.clone_from(line)).is_some()
    }

    /// Gives the line's state to all meters that share the line and are wanted. Returns all meters that share the line.
    pub(crate) fn line_is(&mut self, line: &MeterKey, source: SourceState) -> Vec<MeterKey> {
        let guests = self.on_line_of(line);
        for key in &guests {
            if let Some(meter) = self.get_mut(key) {
                meter.state.source = if meter.state.record.reading { source } else { SourceState::Off };
            }
        }
        guests
    }

    /// Gives the line of a removed meter to one of the meters that shared it. Returns that meter, and all records to
    /// save.
    pub(crate) fn inherit_line(&mut self, line: &MeterKey) -> Option<(MeterKey, Vec<MeterRecord>)> {
        let heirs = self.on_line_of(line);
        let heir = heirs.iter().find(|key| self.is_wanted(key)).or(heirs.first())?.clone();
        let of = |key: &MeterKey| (*key != heir).then(|| heir.clone());
        let changed = heirs.iter().filter_map(|key| self.change(key, |record| record.line_of = of(key)));
        let changed = changed.collect();
        Some((heir, changed))
    }

    fn identification(&self, key: &MeterKey) -> Option<String> {
        self.get(key)?.state.record.identification.clone()
    }

    fn on_line_of(&self, line: &MeterKey) -> Vec<MeterKey> {
        let records = self.iter().map(|meter| &meter.state.record);
        let guests = records.filter(|record| record.line_of.as_ref() == Some(line));
        guests.map(|record| record.key.clone()).collect()
    }
}
