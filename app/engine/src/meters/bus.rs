//! Several meters on one wired M-Bus or Modbus. When the user asks, a search finds them. Each found meter is then read
//! as a meter of its own.

use metertap_decoder::address::{Address, Secondary};
use metertap_decoder::line::Line;
use metertap_decoder::question::{Baud, Question, Search};
use metertap_decoder::reading::Protocol;
use metertap_decoder::stack::Stack;
use metertap_protocol::Searching;
use metertap_readings::store::{MeterKey, MeterRecord, SourceRecord};

use super::Meters;

/// A meter that answered on a bus.
#[derive(Debug)]
pub(crate) enum Answered {
    /// A known meter. Nothing about it has changed.
    Known,
    /// A known meter whose address was unknown: the record to save.
    Address(Box<MeterRecord>),
    /// A new meter.
    New(SourceRecord),
}

impl Meters {
    /// Starts or ends the search of a meter's bus. Returns whether the user wants that meter read; `None` if there is
    /// no such meter.
    pub(crate) fn search(&mut self, key: &MeterKey, searching: Option<Searching>) -> Option<bool> {
        let meter = self.get_mut(key)?;
        meter.state.searching = searching;
        Some(meter.state.record.reading)
    }

    /// `done` of `of` addresses of a bus were looked at.
    pub(crate) fn searched(&mut self, key: &MeterKey, done: u32, of: u32) {
        if let Some(searching) = self.get_mut(key).and_then(|meter| meter.state.searching.as_mut()) {
            (searching.done, searching.of) = (done, of);
        }
    }

    pub(crate) fn search_is_over(&mut self, key: &MeterKey) {
        if let Some(searching) = self.get_mut(key).and_then(|meter| meter.state.searching.as_mut()) {
            searching.over = true;
        }
    }

    pub(crate) fn answered(&mut self, on: &MeterKey, address: Address, who: Option<Secondary>) -> Answered {
        if let Some(searching) = self.get_mut(on).and_then(|meter| meter.state.searching.as_mut()) {
            searching.found += 1;
        }
        let number = who.map(|who| format!("{:08X}", who.identification));
        let is_it = |record: &MeterRecord| {
            let at = record.source.spoken().and_then(|spoken| spoken.address);
            let named = record.identification.as_deref().zip(number.as_deref());
            match named {
                Some((identification, number)) => identification.ends_with(number),
                None => at == Some(address),
            }
        };
        let Some(own) = self.get(on).map(|meter| meter.state.record.clone()) else {
            return Answered::Known;
        };
        let has_address =
            |record: &MeterRecord| record.source.spoken().is_none_or(|spoken| spoken.address.is_some());
        let nameless = own.identification.is_none() && !has_address(&own);
        let known = self
            .iter()
            .map(|meter| &meter.state.record)
            .find(|record| record.source.is_beside(&own.source) && is_it(record));
        match known.or_else(|| Some(&own).filter(|_| nameless)) {
            Some(known) if has_address(known) => Answered::Known,
            Some(known) => {
                let key = known.key.clone();
                let changed = self.change(&key, |record| set_address(&mut record.source, address));
                changed.map_or(Answered::Known, |record| Answered::Address(Box::new(record)))
            }
            None => {
                let mut source = own.source;
                set_address(&mut source, address);
                Answered::New(source)
            }
        }
    }

    /// The stack and the question with which to search a meter's bus: at the speed of its line, and on Modbus address
    /// by address.
    pub(crate) fn bus_search(&self, key: &MeterKey, search: Search) -> (Stack, Question) {
        let spoken = self.get(key).and_then(|meter| meter.state.record.source.spoken());
        let line = spoken.and_then(|spoken| spoken.line);
        if spoken.is_some_and(|spoken| spoken.protocol == Some(Protocol::Modbus)) {
            return (Stack::Modbus, Question::Scan(line.unwrap_or(Line::INFRARED)));
        }
        let baud = line.and_then(|line| Baud::of(line.baud)).unwrap_or_default();
        (Stack::Mbus, Question::Search(search, baud))
    }
}

fn set_address(source: &mut SourceRecord, address: Address) {
    if let Some(spoken) = source.spoken_mut() {
        // The meter at another address may be of another kind.
        if spoken.address != Some(address) {
            spoken.profile.clear();
        }
        spoken.address = Some(address);
    }
}
