//! Reading a meter: from what is remembered of its source to a loop that goes on until it is stopped.

use std::rc::Rc;

use metertap_decoder::cipher::Keys;
use metertap_decoder::detection::Hints;
use metertap_decoder::dialogue::Ask;
use metertap_decoder::line::Line;
use metertap_decoder::schedule::Schedule;
use metertap_decoder::session::Setup;
use metertap_decoder::stack::Stack;
use metertap_readings::store::{MeterKey, SourceRecord};
use metertap_simulator::Model;

use super::desk::Desk;
use super::meter_loop::MeterLoop;
use super::meters::Meter;
use super::source::Source;
use super::source::replay::Replay;
use super::source::serial::SerialSource;
use super::source::simulated::SimulatedSource;
use super::task::Task;
use super::time::epoch;
use super::trouble::{MODEL_UNKNOWN, trouble};
use crate::protocol::SourceState;

impl Desk {
    /// Goes on reading the meters that were read before the restart.
    pub(crate) fn resume_reading(self: &Rc<Self>) {
        let read = |(key, meter): (&MeterKey, &Meter)| meter.state.record.reading.then(|| key.clone());
        let keys: Vec<MeterKey> = self.meters.borrow().iter().filter_map(read).collect();
        for key in keys {
            self.read(&key);
        }
    }

    /// Starts or stops reading a meter, and remembers which.
    pub(crate) async fn set_reading(self: &Rc<Self>, key: &MeterKey, on: bool) {
        let record = self.change(key, |meter| {
            meter.state.record.reading = on;
            meter.state.record.clone()
        });
        let Some(record) = record else { return };
        self.keep(&record).await;
        if on {
            self.read(key)
        } else {
            self.stop_reading(key).await
        }
        self.show(key);
    }

    /// Stops reading a meter, and begins anew where it is to be read.
    pub(crate) async fn read_anew(self: &Rc<Self>, key: &MeterKey) {
        self.stop_reading(key).await;
        if self.change(key, |meter| meter.state.record.reading) == Some(true) {
            self.read(key);
        }
        self.show(key);
    }

    /// Asks every loop to stop, and waits until all ports are closed.
    pub(crate) async fn stop_all_readings(&self) {
        let keys: Vec<MeterKey> = self.meters.borrow().keys().cloned().collect();
        for key in keys {
            self.stop_reading(&key).await;
        }
    }

    /// Begins to read a meter from its source, unless it is read already.
    pub(super) fn read(self: &Rc<Self>, key: &MeterKey) {
        let known = self.change(key, |meter| (meter.state.record.source.clone(), meter.keys.clone()));
        let Some((source, keys)) = known else { return };
        let setup = Setup { keys, zone: self.zone.get(), ..Setup::default() };
        match source {
            SourceRecord::Serial { vendor, product, line, protocol, asked } => {
                let adapters = Rc::clone(&self.adapters);
                let source = SerialSource::new(adapters, (vendor, product), line.unwrap_or(Line::P1));
                match (line, protocol.and_then(Stack::of_protocol)) {
                    (Some(_), Some(stack)) => {
                        let ask = stack.question().filter(|_| asked);
                        let ask = ask.map(|question| Ask {
                            epoch: epoch(),
                            ..Ask::new(question, Schedule::of(stack))
                        });
                        self.listen(key, Setup { stack, ask, ..setup }, None, source);
                    }
                    _ => self.listen(key, setup, Some(Hints { vendor, epoch: epoch() }), source),
                }
            }
            SourceRecord::Simulated { model, seed } => match Model::named(&model) {
                Some(model) => {
                    let keys = model.keys().map(|keys| Keys {
                        encryption: Some(keys.encryption),
                        authentication: keys.authentication,
                    });
                    let stack = Stack::of_protocol(model.protocol()).unwrap_or_default();
                    let setup = Setup { stack, keys: keys.unwrap_or_default(), ..setup };
                    self.listen(key, setup, None, SimulatedSource::new(model, seed));
                }
                None => {
                    self.change(key, |meter| meter.state.trouble = Some(trouble(MODEL_UNKNOWN, model)));
                }
            },
            SourceRecord::File { .. } => {}
        }
    }

    /// Reads a recording as a meter's.
    pub(super) fn replay(self: &Rc<Self>, key: &MeterKey, stack: Stack, octets: Vec<u8>) {
        let setup = Setup { stack, zone: self.zone.get(), ..Setup::default() };
        self.listen(key, setup, None, Replay::new(octets));
    }

    fn listen(
        self: &Rc<Self>,
        key: &MeterKey,
        setup: Setup,
        hints: Option<Hints>,
        source: impl Source + 'static,
    ) {
        if self.change(key, Meter::is_read) != Some(false) {
            return;
        }
        let task = Task::begin(|stop| {
            MeterLoop::new(Rc::clone(self), key.clone(), source, setup, hints, stop).run()
        });
        self.change(key, |meter| {
            meter.state.source = SourceState::Opening;
            meter.state.trying = None;
            meter.reading = Some(task);
        });
    }

    /// Asks a meter's loop to stop, and waits until its port is closed.
    pub(super) async fn stop_reading(&self, key: &MeterKey) {
        let task = self.change(key, |meter| meter.reading.take()).flatten();
        if let Some(task) = task {
            task.stop().await;
        }
    }
}
