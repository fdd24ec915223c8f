//! `Readers`: which meter is read, from which port and on which line.

mod lines;
mod ports;
mod reader;
mod setup;
pub mod source;

use std::collections::BTreeMap;

use futures_util::future::join_all;
use metertap_decoder::cipher::Keys;
use metertap_decoder::detection::Hints;
use metertap_decoder::line::Line;
use metertap_decoder::question::LoadProfile;
use metertap_decoder::schedule::Schedule;
use metertap_decoder::session::Setup;
use metertap_decoder::stack::Stack;
use metertap_decoder::time::Zone;
use metertap_readings::store::{LineSettings, MeterKey, SourceRecord};
use metertap_simulator::Model;

use self::lines::Lines;
use self::ports::Ports;
use self::reader::{Hearing, Knowledge, Reader};
use self::setup::{Conversation, conversation};
use self::source::any::AnySource;
pub use self::source::later::SourceWork;
use self::source::later::{Later, Wanted};
use crate::fact::{Facts, PortNews, Recording};
use crate::part::Part;
use crate::platform::Platform;
use crate::protocols::Protocols;
use crate::task::Task;

pub(crate) struct Readers<P: Platform> {
    platform: P,
    facts: Facts<P>,
    protocols: Protocols,
    /// The part that makes sources.
    sources: Part<SourceWork<P>>,
    tasks: BTreeMap<MeterKey, Task>,
    ports: Ports<P>,
    lines: Lines,
}

pub(crate) struct Subject {
    pub(crate) key: MeterKey,
    pub(crate) source: SourceRecord,
    pub(crate) keys: Keys,
    pub(crate) schedule: Option<Schedule>,
    pub(crate) zone: Zone,
    /// Whether to keep trying after the log has failed.
    pub(crate) wanted: bool,
    /// Milliseconds between the meter's telegrams, if known.
    pub(crate) interval: Option<u32>,
    /// Whether to fetch the load profile that the meter stores.
    pub(crate) profile: LoadProfile,
}

/// The result of beginning to read a meter.
pub(crate) enum Begun {
    /// There is nothing to read: the meter is known only from a file, or is being read already.
    Nothing,
    /// The meter is read from now on.
    Reading,
    /// The meter is read from now on, with known settings. The number is its polling interval in milliseconds; `None`
    /// if it is not polled.
    Known(Option<u32>),
    /// There is no simulated model of that name.
    UnknownModel,
}

impl<P: Platform> Readers<P> {
    pub(crate) fn new(
        platform: P,
        facts: Facts<P>,
        protocols: Protocols,
        sources: Part<SourceWork<P>>,
    ) -> Self {
        let (ports, lines) = (Ports::new(&platform, &facts), Lines::default());
        Self { platform, facts, protocols, sources, tasks: BTreeMap::new(), ports, lines }
    }

    /// Whether a meter is being read, or its source is being tried.
    pub(crate) fn is_read(&mut self, key: &MeterKey) -> bool {
        self.tasks.get_mut(key).is_some_and(Task::goes_on)
    }

    /// Begins to read a meter from its source, unless it is being read already. The setup `instead`, if given, replaces
    /// the settings of the line. If these are not known, a detection of the meter comes first.
    pub(crate) fn begin(&mut self, subject: Subject, instead: Option<Setup>) -> Begun {
        if self.is_read(&subject.key) {
            return Begun::Nothing;
        }
        let is_instead = instead.is_some();
        match subject.source.clone() {
            SourceRecord::Serial { vendor, product, ref spoken } => {
                let (usb, line) = ((vendor, product), spoken.line.unwrap_or(Line::P1));
                let known = self.known(spoken, vendor, is_instead);
                let port = self.ports.source(&self.platform, &self.facts, &subject.key, usb, line);
                self.converse(subject, (spoken, instead, known), AnySource::new(port), (line, vendor))
            }
            SourceRecord::Bridge { url, ref spoken } => {
                let known = self.known(spoken, None, is_instead);
                let bridge = self.later(Wanted::Bridge(url));
                self.converse(subject, (spoken, instead, known), bridge, (Line::HAN, None))
            }
            SourceRecord::Simulated { model, seed } => self.simulate(subject, &model, seed),
            SourceRecord::File { .. } => Begun::Nothing,
        }
    }

    /// How certain the settings of a line are. What the user has set is never doubted.
    fn known(&self, spoken: &LineSettings, vendor: Option<u16>, is_instead: bool) -> Knowledge {
        let is_said = spoken.by_hand || spoken.wake || spoken.address.is_some() || !spoken.device.is_empty();
        if is_said || is_instead { Knowledge::Surely } else { Knowledge::Probably(self.hints(vendor)) }
    }

    fn hints(&self, vendor: Option<u16>) -> Hints {
        Hints { vendor, epoch: self.platform.epoch() }
    }

    /// Begins a session on a line with that setting; `vendor` is the adapter's USB vendor ID, if known.
    fn converse(
        &mut self,
        subject: Subject,
        (spoken, instead, known): (&LineSettings, Option<Setup>, Knowledge),
        source: AnySource,
        (line, vendor): (Line, Option<u16>),
    ) -> Begun {
        let (conversation, asked) = conversation(&self.platform, &subject, spoken, instead);
        match conversation {
            Conversation::Bus(setup) => {
                let seat = self.lines.of(&subject.source, source).seat(self.platform.clone(), line);
                self.listen(subject, (setup, Knowledge::Surely), asked, AnySource::new(seat))
            }
            Conversation::Line(setup) => self.listen(subject, (setup, known), asked, source),
            Conversation::Unknown(setup) => {
                self.listen(subject, (setup, Knowledge::Not(self.hints(vendor))), asked, source)
            }
        }
    }

    fn simulate(&mut self, subject: Subject, model: &str, seed: u64) -> Begun {
        let Some(model) = Model::named(model) else { return Begun::UnknownModel };
        let stack = Stack::of_protocol(model.protocol()).unwrap_or_default();
        let setup = Setup { stack, keys: subject.keys.clone(), zone: subject.zone, ..Setup::default() };
        let source = self.later(Wanted::Simulated(model, seed));
        self.listen(subject, (setup, Knowledge::Surely), None, source)
    }

    /// Replays a recording as a meter's readings. Polls nothing: the answers of a polled meter are in the recording.
    pub(crate) fn replay(&mut self, subject: Subject, recording: Recording) -> Begun {
        let Recording { stack, capture, paced } = recording;
        let setup = Setup { stack, keys: subject.keys.clone(), zone: subject.zone, ask: None, profile: None };
        let source = self.later(Wanted::Recording(capture, paced));
        self.listen(subject, (setup, Knowledge::Surely), None, source)
    }

    fn later(&self, wanted: Wanted) -> AnySource {
        AnySource::new(Later::new(self.platform.clone(), self.sources, wanted))
    }

    fn listen(
        &mut self,
        subject: Subject,
        (setup, known): (Setup, Knowledge),
        asked: Option<Option<u32>>,
        source: AnySource,
    ) -> Begun {
        let Subject { key, wanted, interval, .. } = subject;
        let interval = asked.flatten().or(interval);
        let hearing = Hearing { key: key.clone(), setup, known, wanted, interval };
        let (platform, facts, protocols) = (self.platform.clone(), self.facts.clone(), self.protocols);
        let reader = |stop| Reader::new(platform, facts, protocols, source, hearing, stop).run();
        let task = self.platform.begin(reader);
        self.tasks.insert(key, task);
        asked.map_or(Begun::Reading, Begun::Known)
    }

    /// Asks a meter's reader to stop. Completes when its port is closed.
    pub(crate) fn stop(&mut self, key: &MeterKey) -> impl Future<Output = ()> + use<P> {
        let task = self.tasks.remove(key);
        async move {
            if let Some(task) = task {
                task.stop().await;
            }
        }
    }

    /// Asks all readers to stop at once, so that a port that does not close does not delay the others. Completes when
    /// all ports are closed.
    pub(crate) fn stop_all(&mut self) -> impl Future<Output = ()> + use<P> {
        let ends = join_all(std::mem::take(&mut self.tasks).into_values().map(Task::stop));
        async move { drop(ends.await) }
    }

    pub(crate) fn port(&mut self, news: PortNews<P>) {
        match news {
            PortNews::Wanted { meter, ports, answer } => self.ports.give(&meter, ports, answer),
            PortNews::Free(port) => self.ports.is_free(&port),
            PortNews::Closed(port, meter) => {
                self.ports.is_free(&port);
                // Another meter may be waiting for an adapter of the same kind.
                self.ports.have_changed(Some(&meter));
            }
            PortNews::IsOf(port, meter) => self.ports.is_of(port, meter),
        }
    }

    pub(crate) fn forget(&mut self, key: &MeterKey) {
        self.ports.forget(key);
    }

    /// Makes all readers that wait for a port look again. Called when ports have changed, and when the user may have
    /// allowed a port, since a worker receives no event for that.
    pub(crate) fn ports_have_changed(&mut self) {
        self.ports.have_changed(None);
    }
}
