//! The table of meters: what is known of each.

use std::collections::BTreeMap;
use std::rc::Rc;

use metertap_decoder::question::Search;
use metertap_decoder::reading::{Protocol, Reading};
use metertap_decoder::schedule::Schedule;
use metertap_decoder::stack::Stack;
use metertap_protocol::{Event, MeterState};
use metertap_readings::entry::Entry;
use metertap_readings::fault::Code;
use metertap_readings::log::journal::LogError;
use metertap_readings::names::topic;
use metertap_readings::store::retention::Retention;
use metertap_readings::store::{MeterKey, MeterRecord, SourceRecord, Spoken};
use metertap_simulator::Model;

use super::desk::Desk;
use super::desk::Log;
use super::meter::Meter;
use super::open_file::Recording;
use super::trouble::{not_kept, trouble};
use crate::platform::Platform;

/// All meters by their keys.
pub(crate) type Meters = BTreeMap<MeterKey, Meter>;

impl<P: Platform> Desk<P> {
    /// Finds the meters of earlier days.
    pub(crate) async fn find_meters(&self) -> Result<(), LogError> {
        let found = self.found(&[]).await?;
        // Those that another tab has told of, or that were read before it did, are the same ones.
        *self.meters.borrow_mut() = found;
        Ok(())
    }

    /// Finds those that are not known yet.
    pub(crate) async fn find_more_meters(&self, known: &[MeterKey]) -> Result<(), LogError> {
        let found = self.found(known).await?;
        self.meters.borrow_mut().extend(found);
        Ok(())
    }

    async fn found(&self, known: &[MeterKey]) -> Result<Meters, LogError> {
        let mut found = Meters::new();
        let records = self.log.meters().await?.into_iter();
        for record in records.filter(|record| !known.contains(&record.key)) {
            if matches!(record.source, SourceRecord::File { kept: false, .. }) {
                // A first look at a file was over when the page was closed.
                self.log.remove_meter(&record.key).await?;
                continue;
            }
            let keys = self.kept_keys(&record.key).await;
            let mut meter = find::<P>(&self.log, record).await?;
            meter.set_keys(keys);
            found.insert(meter.state.record.key.clone(), meter);
        }
        Ok(found)
    }

    /// Reads a new meter; or goes on with a known one that has the same source and is not read now.
    pub(crate) async fn add(self: &Rc<Self>, source: SourceRecord, search: Option<Search>) {
        if let SourceRecord::Simulated { model, .. } = &source
            && Model::named(model).is_none()
        {
            let trouble = trouble(Code::SimulatorModelUnknown, model.clone(), self.platform.moment());
            return self.tell(&Event::Refused { trouble });
        }
        match self.idle_twin(&source) {
            Some(key) => {
                // What is known of a port is not asked anew.
                if source.spoken().is_some_and(|spoken| spoken.line.is_some()) {
                    self.change(&key, |meter| meter.state.record.source = source);
                }
                self.set_reading(&key, true).await;
            }
            None => {
                let begun = self.begin(source, true, None).await;
                if let (Some(key), Some(_)) = (begun, search) {
                    self.search(&key, search).await;
                }
            }
        }
        self.adapters.look_again();
    }

    /// Enters a new meter into the table and reads it: from its source, or from a recording of these octets.
    pub(crate) async fn begin(
        self: &Rc<Self>,
        source: SourceRecord,
        reading: bool,
        recording: Option<Recording>,
    ) -> Option<MeterKey> {
        let key = self.new_key(&source, recording.as_ref().map(|recording| recording.stack));
        let record = MeterRecord { reading, ..blank(key, source) };
        if let Err(error) = self.log.keep_meter(&record).await {
            self.tell(&Event::Refused { trouble: not_kept(&error, self.platform.moment()) });
            return None;
        }
        let key = record.key.clone();
        self.meters.borrow_mut().insert(key.clone(), Meter::new(record));
        self.show(&key);
        match recording {
            Some(recording) => self.replay(&key, recording),
            None => self.read(&key),
        }
        Some(key)
    }

    /// The record of a meter that is known by a file alone.
    pub(crate) fn new_record(&self, source: SourceRecord) -> MeterRecord {
        blank(self.new_key(&source, None), source)
    }

    /// Forgets what is plugged in behind a meter's port, and finds it out anew.
    pub(crate) async fn detect(self: &Rc<Self>, key: &MeterKey) {
        self.change_source(key, |source| {
            if let Some(spoken) = source.spoken_mut() {
                *spoken = Spoken::default();
            }
        })
        .await;
        self.read_anew(key).await;
    }

    /// Changes what is remembered of a meter's source.
    pub(crate) async fn change_source(&self, key: &MeterKey, change: impl FnOnce(&mut SourceRecord)) {
        self.change_record(key, |record| change(&mut record.source)).await;
    }

    pub(super) async fn change_record(&self, key: &MeterKey, change: impl FnOnce(&mut MeterRecord)) {
        let record = self.change(key, |meter| {
            change(&mut meter.state.record);
            meter.state.record.clone()
        });
        if let Some(record) = record {
            self.keep(&record).await;
        }
    }

    /// Gives a meter a name, and with it a new name in topics.
    pub(crate) async fn rename(self: &Rc<Self>, key: &MeterKey, name: String) {
        if self.change(key, |meter| meter.state.record.name = name).is_none() {
            return;
        }
        self.settle_topic(key).await;
        self.show(key);
    }

    /// Says where in the house a meter is.
    pub(crate) async fn place(&self, key: &MeterKey, place: String) {
        self.change_record(key, |record| record.place = place).await;
        self.show(key);
    }

    /// Asks a meter that often from now on.
    pub(crate) async fn set_schedule(self: &Rc<Self>, key: &MeterKey, schedule: Option<Schedule>) {
        self.change_record(key, |record| record.schedule = schedule).await;
        self.read_anew(key).await;
    }

    /// Speaks to a meter in this way from now on.
    pub(crate) async fn ask(self: &Rc<Self>, key: &MeterKey, asked: Spoken) {
        self.change_source(key, |source| {
            if let Some(spoken) = source.spoken_mut().filter(|spoken| spoken.protocol == asked.protocol) {
                *spoken = asked;
            }
        })
        .await;
        self.read_anew(key).await;
    }

    /// Whose a reading is, of the meters that are known: two adapters of the same kind may have changed places.
    pub(super) fn known_owner(&self, key: &MeterKey, reading: &Reading) -> MeterKey {
        let meters = self.meters.borrow();
        let Some(heard) = meters.get(key).map(|meter| &meter.state.record) else { return key.clone() };
        let is_its = |record: &MeterRecord| {
            reading.meter.is_some() && record.identification.as_deref() == reading.meter.as_deref()
        };
        if is_its(heard) {
            return key.clone();
        }
        // One meter may be read in two ways, each with a record of its own.
        let protocol = |record: &MeterRecord| record.source.spoken().and_then(|spoken| spoken.protocol);
        let mut others = meters.values().map(|meter| &meter.state.record);
        let owner = others.find(|other| {
            is_its(other)
                && other.address_from.is_none()
                && other.source.is_beside(&heard.source)
                && protocol(other) == Some(reading.protocol)
        });
        owner.map_or_else(|| key.clone(), |owner| owner.key.clone())
    }

    /// Forgets a meter with all its readings.
    pub(crate) async fn remove(self: &Rc<Self>, key: &MeterKey) {
        self.stop_reading(key).await;
        self.stop_forwarding(key).await;
        match self.log.remove_meter(key).await {
            Ok(()) => {
                self.meters.borrow_mut().remove(key);
                self.forget_clock(key);
                self.tell(&Event::Removed { meter: key.clone() });
                self.tell_imports();
                self.inherit_line(key).await;
            }
            Err(error) => {
                self.change(key, |meter| {
                    meter.state.trouble = Some(not_kept(&error, self.platform.moment()))
                });
                self.show(key);
            }
        }
    }

    /// Takes note of what a meter calls itself. A meter that calls itself otherwise than before keeps its record: its
    /// readings say by themselves whose they are.
    pub(crate) async fn identify(self: &Rc<Self>, key: &MeterKey, entry: &Entry) {
        let Some(identification) = &entry.reading.meter else { return };
        let known = self.change(key, |meter| meter.state.record.identification.is_some());
        if known != Some(false) {
            return;
        }
        self.change(key, |meter| meter.state.record.identification = Some(identification.to_string()));
        self.settle_topic(key).await;
        self.show(key);
    }

    /// Changes something about a meter, or asks something; `None` where there is no such meter.
    pub(crate) fn change<T>(&self, key: &MeterKey, change: impl FnOnce(&mut Meter) -> T) -> Option<T> {
        self.meters.borrow_mut().get_mut(key).map(change)
    }

    /// Tells the window how a meter is now.
    pub(crate) fn show(&self, key: &MeterKey) {
        if let Some(state) = self.change(key, |meter| meter.state.clone()) {
            self.tell(&Event::Meter { state });
        }
    }

    /// What to call a meter in a file: the person's name for it, its own, or the log's.
    pub(crate) fn name_of(&self, key: &MeterKey) -> String {
        let meters = self.meters.borrow();
        let record = meters.get(key).map(|meter| &meter.state.record);
        let name = record.map(|record| record.name.clone()).filter(|name| !name.is_empty());
        name.or_else(|| record?.identification.clone()).unwrap_or_else(|| key.0.clone())
    }

    /// All meters as they are now.
    pub(crate) fn states(&self) -> Vec<MeterState> {
        self.meters.borrow().values().map(|meter| meter.state.clone()).collect()
    }

    /// Writes a record; that it could not be written is told as the meter's trouble.
    pub(super) async fn keep(&self, record: &MeterRecord) {
        if let Err(error) = self.log.keep_meter(record).await {
            self.change(&record.key, |meter| {
                meter.state.trouble = Some(not_kept(&error, self.platform.moment()))
            });
        }
    }

    /// Settles a meter's name in topics as soon as one can be found, and begins to forward under it.
    pub(super) async fn settle_topic(self: &Rc<Self>, key: &MeterKey) {
        let record = {
            let mut meters = self.meters.borrow_mut();
            let others = meters.iter().filter(|(other, _)| *other != key);
            let taken: Vec<String> =
                others.filter_map(|(_, meter)| meter.state.record.topic.clone()).collect();
            let taken: Vec<&str> = taken.iter().map(String::as_str).collect();
            let Some(meter) = meters.get_mut(key) else { return };
            let maker = meter.state.newest.iter().rev().find_map(|entry| entry.reading.maker.as_deref());
            let record = &mut meter.state.record;
            record.topic = topic(&record.name, maker, record.identification.as_deref(), &taken);
            record.clone()
        };
        self.keep(&record).await;
        self.forward_anew(key);
    }

    /// A meter behind the same kind of adapter or the same bridge, for the same protocol, that is not being read: the one
    /// that was heard last.
    fn idle_twin(&self, source: &SourceRecord) -> Option<MeterKey> {
        let wanted = source.spoken()?;
        let same = |known: &SourceRecord| {
            let is_same = |known: &Spoken| wanted.protocol.is_none() || known.protocol == wanted.protocol;
            known.is_beside(source) && known.spoken().is_some_and(is_same)
        };
        let mut meters = self.meters.borrow_mut();
        let has_line = |meter: &Meter| meter.state.record.line_of.is_none();
        let twins =
            meters.iter_mut().filter(|(_, meter)| has_line(meter) && same(&meter.state.record.source));
        let idle = twins.filter_map(|(key, meter)| (!meter.is_read()).then_some((key, &meter.state)));
        let heard = |state: &MeterState| state.newest.last().map(|entry| entry.received);
        idle.max_by_key(|(_, state)| heard(state)).map(|(key, _)| key.clone())
    }

    /// A key that no meter has: what kind it is, and four letters drawn at random.
    fn new_key(&self, source: &SourceRecord, stack: Option<Stack>) -> MeterKey {
        let kind = match source {
            SourceRecord::Serial { spoken, .. } | SourceRecord::Bridge { spoken, .. } => {
                spoken.protocol.map_or(UNKNOWN_KIND, Protocol::as_str)
            }
            SourceRecord::Simulated { model, .. } => model,
            SourceRecord::File { .. } => stack.map_or(Protocol::P1, Stack::protocol).as_str(),
        };
        loop {
            let key = MeterKey(format!("{kind}-{:04x}", self.platform.random() & 0xFFFF));
            // A log of that name may be on its way from a file.
            if !self.meters.borrow().contains_key(&key) && !self.log.other_logs().contains(&key) {
                return key;
            }
        }
    }
}

/// What the log has of a meter.
async fn find<P: Platform>(log: &Log<P>, record: MeterRecord) -> Result<Meter, LogError> {
    let kept = log.kept_octets(&record.key).await?;
    // A meter that is known by files alone has no log of its own.
    let of_files = matches!(record.source, SourceRecord::File { .. });
    let own = log.logs(&record.key).into_iter().rev().take(if of_files { usize::MAX } else { 1 });
    for name in own {
        let Some((first, last)) = log.span(&name).await? else { continue };
        let beginning = log.range(&name, first..=first, 1).await?;
        let beginning = beginning.first().map(|entry| entry.received);
        return Ok(Meter::found(record, kept, beginning, newest::<P>(log, &name, first, last).await?));
    }
    Ok(Meter::found(record, kept, None, Vec::new()))
}

/// The newest entries of a log, oldest first, as far back as it takes to meet every register of a meter whose longest
/// list comes once an hour.
async fn newest<P: Platform>(
    log: &Log<P>,
    key: &MeterKey,
    first: u64,
    last: u64,
) -> Result<Vec<Entry>, LogError> {
    let mut newest: Vec<Entry> = Vec::new();
    let (mut end, mut values) = (last, 0);
    while values < VALUES_LOOKED_AT && end >= first {
        let begin = end.saturating_sub(PAGE - 1).max(first);
        let page = log.range(key, begin..=end, PAGE as usize).await?;
        values += page.iter().map(|entry| entry.reading.values.len()).sum::<usize>();
        newest.splice(0..0, page);
        end = begin.saturating_sub(1);
    }
    Ok(newest)
}

/// A record that says no more than where a meter's readings come from.
fn blank(key: MeterKey, source: SourceRecord) -> MeterRecord {
    MeterRecord {
        key,
        origin: None,
        name: String::new(),
        source,
        address_from: None,
        identification: None,
        topic: None,
        reading: false,
        retention: Retention::default(),
        place: String::new(),
        schedule: None,
        line_of: None,
    }
}

/// What begins the key of a meter that nobody knows anything of yet.
const UNKNOWN_KIND: &str = "meter";

/// A Norwegian meter says about 9,000 values an hour.
const VALUES_LOOKED_AT: usize = 12_000;
/// Entries read at once.
const PAGE: u64 = 256;
