//! Several meters on one wired M-Bus: looked for on a person's wish, each read as a meter of its own from then on.

use std::rc::Rc;
use std::sync::{Arc, Weak};

use futures_util::FutureExt;
use metertap_decoder::address::{Address, Secondary};
use metertap_decoder::question::{Ask, Baud, Question, Search};
use metertap_decoder::schedule::Schedule;
use metertap_decoder::session::Setup;
use metertap_decoder::stack::Stack;
use metertap_protocol::{Searching, SourceState};
use metertap_readings::store::{MeterKey, MeterRecord, SourceRecord};

use super::desk::Desk;
use super::meter_loop::MeterLoop;
use super::source::Source;
use super::source::bridge::BridgeSource;
use super::source::serial::SerialSource;
use super::source::shared::SharedLine;
use crate::platform::Platform;

/// The lines that meters share, each with a meter's source to tell it by. A line lasts as long as anybody reads it.
pub(crate) struct Lines<P: Platform> {
    serial: Shared<SerialSource<P>>,
    bridges: Shared<BridgeSource<P>>,
}

type Shared<S> = Vec<(SourceRecord, Weak<SharedLine<S>>)>;

impl<P: Platform> Default for Lines<P> {
    fn default() -> Self {
        Self { serial: Vec::new(), bridges: Vec::new() }
    }
}

impl<P: Platform> Lines<P> {
    /// The line behind an adapter, which is made where there is none yet.
    pub(crate) fn serial(
        &mut self,
        record: &SourceRecord,
        source: impl FnOnce() -> SerialSource<P>,
    ) -> Arc<SharedLine<SerialSource<P>>> {
        line(&mut self.serial, record, source)
    }

    /// The line behind a bridge, likewise.
    pub(crate) fn bridge(
        &mut self,
        record: &SourceRecord,
        source: impl FnOnce() -> BridgeSource<P>,
    ) -> Arc<SharedLine<BridgeSource<P>>> {
        line(&mut self.bridges, record, source)
    }
}

fn line<S: Source>(
    lines: &mut Shared<S>,
    record: &SourceRecord,
    source: impl FnOnce() -> S,
) -> Arc<SharedLine<S>> {
    lines.retain(|(_, line)| line.strong_count() > 0);
    let known = lines.iter().find(|(other, _)| other.is_beside(record));
    if let Some(line) = known.and_then(|(_, line)| line.upgrade()) {
        return line;
    }
    let line = SharedLine::new(source());
    lines.push((record.clone(), Arc::downgrade(&line)));
    line
}

impl<P: Platform> Desk<P> {
    /// Looks for all meters on a meter's bus; with no way to look, stops looking.
    pub(crate) async fn search(self: &Rc<Self>, key: &MeterKey, search: Option<Search>) {
        if self.change(key, |meter| meter.state.record.address_from.is_some()) == Some(true) {
            return;
        }
        self.stop_reading(key).await;
        let searching = search.map(|_| Searching::default());
        let reading = self.change(key, |meter| {
            meter.state.searching = searching;
            meter.state.record.reading
        });
        match (search, reading) {
            (Some(search), Some(_)) => {
                let baud = self.baud(key);
                let ask = Some(Ask::new(Question::Search(search, baud), Schedule::every(u32::MAX)));
                self.read_as(key, Some(Setup { stack: Stack::Mbus, ask, ..Setup::default() }));
            }
            (None, Some(true)) => self.read(key),
            _ => {}
        }
        self.show(key);
    }

    /// Takes note of a meter that answered on a bus: a known one gets its address, a new one is read from now on.
    pub(crate) async fn found_on_bus(
        self: &Rc<Self>,
        on: &MeterKey,
        address: Address,
        who: Option<Secondary>,
    ) {
        self.change(on, |meter| {
            if let Some(searching) = &mut meter.state.searching {
                searching.found += 1;
            }
        });
        let number = who.map(|who| format!("{:08X}", who.identification));
        let is_it = |record: &MeterRecord| {
            let at = record.source.spoken().and_then(|spoken| spoken.address);
            let named = record.identification.as_deref().zip(number.as_deref());
            match named {
                Some((identification, number)) => identification.ends_with(number),
                None => at == Some(address),
            }
        };
        let records: Vec<MeterRecord> =
            self.meters.borrow().values().map(|meter| meter.state.record.clone()).collect();
        let Some(own) = records.iter().find(|record| record.key == *on) else { return };
        let mut beside = records.iter().filter(|record| record.source.is_beside(&own.source));
        let nameless = own.identification.is_none()
            && own.source.spoken().is_some_and(|spoken| spoken.address.is_none());
        let known = beside.find(|record| is_it(record)).or_else(|| Some(own).filter(|_| nameless));
        match known {
            Some(record) => {
                if record.source.spoken().is_none_or(|spoken| spoken.address.is_some()) {
                    return;
                }
                self.change_source(&record.key, |source| {
                    if let Some(spoken) = source.spoken_mut() {
                        spoken.address = Some(address);
                    }
                })
                .await;
                // Beside the search, which has the line: whoever searches begins anew by itself at the end.
                if record.key != *on {
                    let (desk, key) = (Rc::clone(self), record.key.clone());
                    self.platform.spawn(async move { desk.read_anew(&key).await }.boxed_local());
                }
            }
            None => {
                let mut source = own.source.clone();
                if let Some(spoken) = source.spoken_mut() {
                    spoken.address = Some(address);
                }
                self.begin(source, true, None).await;
            }
        }
    }

    fn baud(&self, key: &MeterKey) -> Baud {
        let source = self.change(key, |meter| meter.state.record.source.clone());
        let line = source.and_then(|source| source.spoken()?.line);
        line.and_then(|line| Baud::of(line.baud)).unwrap_or_default()
    }
}

impl<P: Platform, S: Source> MeterLoop<P, S> {
    /// Whether all meters on a bus are looked for.
    pub(super) fn searches(&self) -> bool {
        self.setup.ask.as_ref().is_some_and(|ask| matches!(ask.question, Question::Search(..)))
    }

    /// Shows how far a search has come.
    pub(super) fn show_search(&mut self, done: u32, of: u32) {
        self.desk.change(&self.key, |meter| {
            if let Some(searching) = &mut meter.state.searching {
                (searching.done, searching.of) = (done, of);
            }
        });
        self.tell();
    }

    /// The bus was searched: the meter itself is read again.
    pub(super) fn search_is_over(&mut self) {
        self.desk.change(&self.key, |meter| {
            meter.state.source = SourceState::Off;
            if let Some(searching) = &mut meter.state.searching {
                searching.over = true;
            }
        });
        self.tell();
        let (desk, key) = (Rc::clone(&self.desk), self.key.clone());
        self.desk.platform.spawn(async move { desk.read_anew(&key).await }.boxed_local());
    }
}
