//! Reading a meter: from what is remembered of its source to a loop that goes on until it is stopped.

use std::rc::Rc;

use metertap_decoder::cipher::Keys;
use metertap_decoder::detection::Hints;
use metertap_decoder::line::Line;
use metertap_decoder::meter::usual_schedule;
use metertap_decoder::question::{Ask, Baud, Question, SignOn};
use metertap_decoder::session::Setup;
use metertap_decoder::stack::Stack;
use metertap_protocol::SourceState;
use metertap_readings::fault::Code;
use metertap_readings::store::settings::MeterKeys;
use metertap_readings::store::{MeterKey, SourceRecord, Spoken};
use metertap_simulator::Model;

use super::desk::Desk;
use super::meter::Meter;
use super::meter_loop::MeterLoop;
use super::open_file::Recording;
use super::source::Source;
use super::source::bridge::BridgeSource;
use super::source::replay::Replay;
use super::source::serial::SerialSource;
use super::source::simulated::SimulatedSource;
use super::trouble::trouble;
use crate::platform::Platform;

impl<P: Platform> Desk<P> {
    /// Goes on reading the meters that were read before the restart.
    pub(crate) fn resume_reading(self: &Rc<Self>) {
        let read = |(key, meter): (&MeterKey, &Meter)| meter.state.record.reading.then(|| key.clone());
        let keys: Vec<MeterKey> = self.meters.borrow().iter().filter_map(read).collect();
        for key in keys {
            self.read(&key);
        }
    }

    /// Starts or stops reading a meter, and remembers which. Whoever starts it has seen where it is read from.
    pub(crate) async fn set_reading(self: &Rc<Self>, key: &MeterKey, on: bool) {
        let record = self.change(key, |meter| {
            let record = &mut meter.state.record;
            record.reading = on;
            record.address_from.take_if(|_| on);
            record.clone()
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
        // All of them at once: a port that does not close is in no other's way.
        futures_util::future::join_all(keys.iter().map(|key| self.stop_reading(key))).await;
    }

    /// Begins to read a meter from its source, unless it is read already.
    pub(super) fn read(self: &Rc<Self>, key: &MeterKey) {
        self.change(key, |meter| meter.state.searching.take_if(|searching| !searching.over));
        self.read_as(key, None);
    }

    /// The same with a conversation of another kind.
    pub(super) fn read_as(self: &Rc<Self>, key: &MeterKey, instead: Option<Setup>) {
        // An address that came out of a file is not spoken to before a person has said so, whatever else they wish. A meter
        // without a line of its own is read where that line is.
        let known = |meter: &mut Meter| {
            let record = &meter.state.record;
            let is_spoken_to = record.address_from.is_none() && record.line_of.is_none();
            is_spoken_to.then(|| record.source.clone())
        };
        let Some(source) = self.change(key, known).flatten() else { return };
        match &source {
            SourceRecord::Serial { vendor, product, spoken } => {
                let (adapters, usb) = (Rc::clone(&self.adapters), (*vendor, *product));
                let line = spoken.line.unwrap_or(Line::P1);
                let port = || SerialSource::new(self.platform.clone(), adapters, key.clone(), usb, line);
                match self.setup(key, spoken, instead) {
                    Begin::Bus(setup) => {
                        let bus = self.lines.borrow_mut().serial(&source, port);
                        self.listen(key, setup, None, bus.seat(self.platform.clone(), line));
                    }
                    Begin::Line(setup) => self.listen(key, setup, None, port()),
                    Begin::Unknown(setup) => {
                        let hints = Hints { vendor: *vendor, epoch: self.platform.epoch() };
                        self.listen(key, setup, Some(hints), port());
                    }
                }
            }
            SourceRecord::Bridge { url, spoken } => {
                let bridge = || BridgeSource::new(self.platform.clone(), url.clone());
                match self.setup(key, spoken, instead) {
                    Begin::Bus(setup) => {
                        let bus = self.lines.borrow_mut().bridge(&source, bridge);
                        self.listen(key, setup, None, bus.seat(self.platform.clone(), Line::HAN));
                    }
                    Begin::Line(setup) => self.listen(key, setup, None, bridge()),
                    Begin::Unknown(setup) => {
                        let hints = Hints { vendor: None, epoch: self.platform.epoch() };
                        self.listen(key, setup, Some(hints), bridge());
                    }
                }
            }
            SourceRecord::Simulated { model, seed } => self.simulate(key, model, *seed),
            SourceRecord::File { .. } => {}
        }
    }

    /// How a conversation on a line begins: as was found out or said, or by finding it out.
    fn setup(&self, key: &MeterKey, spoken: &Spoken, instead: Option<Setup>) -> Begin {
        let known = self.change(key, |meter| (meter.keys(), meter.state.record.schedule));
        let (keys, schedule) = known.unwrap_or_default();
        let setup = Setup { keys, zone: self.zone.get(), ..Setup::default() };
        let Some(stack) = spoken.protocol.and_then(Stack::of_protocol).filter(|_| spoken.line.is_some())
        else {
            return Begin::Unknown(setup);
        };
        let question = match stack.question().filter(|_| spoken.asked) {
            Some(Question::Mbus(whoever, baud)) => {
                let baud = spoken.line.and_then(|line| Baud::of(line.baud)).unwrap_or(baud);
                Some(Question::Mbus(spoken.address.unwrap_or(whoever), baud))
            }
            Some(Question::Iec62056(_)) => {
                let address = spoken.device.as_str().into();
                Some(Question::Iec62056(SignOn { address, wake: spoken.wake }))
            }
            question => question,
        };
        let schedule = schedule.unwrap_or_else(|| usual_schedule(stack));
        let ask =
            question.map(|question| Ask { epoch: self.platform.epoch(), ..Ask::new(question, schedule) });
        self.change(key, |meter| meter.is_asked(ask.as_ref()));
        let is_bus = stack == Stack::Mbus && spoken.asked;
        let setup = instead.unwrap_or(Setup { stack, ask, ..setup });
        if is_bus { Begin::Bus(setup) } else { Begin::Line(setup) }
    }

    fn simulate(self: &Rc<Self>, key: &MeterKey, model: &str, seed: u64) {
        let Some(model) = Model::named(model) else {
            let unknown = trouble(Code::SimulatorModelUnknown, model, self.platform.moment());
            self.change(key, |meter| meter.state.trouble = Some(unknown));
            return;
        };
        let keys = model
            .keys()
            .map(|keys| Keys { encryption: Some(keys.encryption), authentication: keys.authentication });
        let stack = Stack::of_protocol(model.protocol()).unwrap_or_default();
        let setup =
            Setup { stack, keys: keys.unwrap_or_default(), zone: self.zone.get(), ..Setup::default() };
        self.listen(key, setup, None, SimulatedSource::new(self.platform.clone(), model, seed));
    }

    /// Reads a recording as a meter's. Nobody is asked: what an asked meter answered is heard again.
    pub(super) fn replay(self: &Rc<Self>, key: &MeterKey, recording: Recording) {
        let Recording { stack, capture, paced } = recording;
        let keys = capture.head.keys.clone();
        self.change(key, |meter| {
            let from = match &meter.state.record.source {
                SourceRecord::File { name, .. } => Some(name.clone()),
                _ => None,
            };
            meter.set_keys(MeterKeys { keys: keys.clone(), from });
            meter.opened_as = Some(stack);
        });
        let setup = Setup { stack, keys, zone: self.zone.get(), ask: None };
        self.listen(key, setup, None, Replay::new(self.platform.clone(), capture, paced));
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
        let task = self
            .platform
            .begin(|stop| MeterLoop::new(Rc::clone(self), key.clone(), source, setup, hints, stop).run());
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

/// How a conversation on a line begins.
enum Begin {
    /// With meters beside this one.
    Bus(Setup),
    /// With this one alone.
    Line(Setup),
    /// By finding out what is plugged in.
    Unknown(Setup),
}
