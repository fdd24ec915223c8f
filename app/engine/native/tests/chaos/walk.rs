//! [`Walk`]: a house, and the actions performed on it.

mod doing;
mod plant;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;
use std::rc::Rc;
use std::{fs, io};

use metertap_checker::{Evidence, Told};
use metertap_native::{Adapter, Chance, File, Handle, Tab, World};
use metertap_protocol::{Command, Event, ExportOptions, ImportState, MeterState};
use metertap_readings::broker::scripted::Habits;
use metertap_readings::fault::Code;
use metertap_readings::files::export::{ExportForm, Resolution};
use metertap_readings::store::{LineSettings, MeterKey, MeterRecord, SourceRecord};
use metertap_simulator::Model;

use crate::action::{Action, State};

pub(crate) use plant::Plant;

pub(crate) struct Walk {
    world: World,
    chance: Chance,
    tabs: Vec<Seat>,
    adapters: Vec<Adapter>,
    pub(crate) evidence: Evidence,
    done: BTreeMap<Action, u32>,
    reached: BTreeMap<State, u32>,
    /// Faults that end later, with the number of steps until then.
    outages: Vec<(u32, Outage)>,
    /// The meters, and the logs of the imports.
    meters: Vec<MeterKey>,
    imports: Vec<MeterKey>,
    exported: Option<Rc<File>>,
    backup: Option<Rc<File>>,
    jobs: u32,
    /// The logs of meters that the user has asked to remove.
    removed: BTreeSet<String>,
    /// The number of names given so far.
    named: u32,
    plain: bool,
}

struct Seat {
    tab: Tab,
    writes: bool,
    is_frozen: bool,
}

/// A fault that lasts for some steps.
enum Outage {
    Adapter(usize),
    Disk,
    Broker,
    Frozen,
}

impl Walk {
    /// A house with three meters, and a tab that reads them. If the seed is a multiple of four, the tab has read them
    /// for three hours.
    pub(crate) fn begin(seed: u64) -> Self {
        let world = World::default();
        // Starts the recording of what the meters send.
        drop(world.adapters().take_sent());
        // If hours pass before the first step, all three meters send only every ten seconds.
        let is_old = seed.is_multiple_of(4);
        let first = if is_old { Model::Dsmr4 } else { Model::Dsmr5 };
        let models = [(first, seed), (Model::Dsmr4, seed + 1), (Model::Dsmr4, seed + 2)];
        let adapters = models.map(|(model, seed)| world.adapters().plug_in(USB, model, seed)).into();
        world.brokers().add(URL, Habits::default());
        let mut walk = Self {
            world,
            chance: Chance::new(seed),
            tabs: Vec::new(),
            adapters,
            evidence: Evidence::default(),
            done: BTreeMap::new(),
            reached: BTreeMap::new(),
            outages: Vec::new(),
            meters: Vec::new(),
            imports: Vec::new(),
            exported: None,
            backup: None,
            jobs: 0,
            removed: BTreeSet::new(),
            named: 0,
            plain: seed % 2 == 1,
        };
        walk.open();
        for (model, _) in models {
            let spoken = LineSettings {
                line: Some(model.line()),
                protocol: Some(model.protocol()),
                ..LineSettings::default()
            };
            let source = SourceRecord::Serial { vendor: Some(USB.0), product: Some(USB.1), spoken };
            walk.send(Command::Add { source, search: None });
            walk.run(2000);
        }
        // A chunk is full after an hour.
        walk.run(if is_old { 3 * HOUR } else { 30_000 });
        walk
    }

    /// Performs one action, and lets time pass.
    pub(crate) fn step(&mut self) {
        self.end_outages();
        if self.tabs.is_empty() {
            self.open();
        }
        let action = self.choose();
        if self.act(action) {
            *self.done.entry(action).or_default() += 1;
        }
        let longest = if self.chance.below(20) == 0 { 300_000 } else { 10_000 };
        let milliseconds = 500 + self.chance.below(longest);
        self.run(milliseconds);
    }

    /// Chooses an action. Half of the time, it is one of those that happened least often so far.
    fn choose(&mut self) -> Action {
        let plain = self.plain;
        let mut all: Vec<Action> =
            Action::ALL.iter().filter(|action| !(plain && action.blurs_totals())).copied().collect();
        if self.chance.below(2) == 0 {
            let least = all.iter().map(|action| self.times(*action)).min();
            all.retain(|action| Some(self.times(*action)) == least);
        }
        self.chance.one(&all).copied().unwrap_or(Action::Open)
    }

    /// Ends all faults, and collects everything that is stored.
    pub(crate) fn end(&mut self) {
        self.settle();
        for key in self.meters.clone() {
            self.send(Command::Read { meter: key, on: false });
        }
        self.run(5000);
        for key in self.meters.clone() {
            let lines = self.export(&key, ExportOptions::default());
            self.evidence.logs.insert(key.0.clone(), lines.clone());
            for resolution in [Resolution::Quarter, Resolution::Day] {
                if self.plain && !lines.is_empty() {
                    let options =
                        ExportOptions { form: ExportForm::Csv, resolution, ..ExportOptions::default() };
                    let table = self.export(&key, options);
                    self.evidence.tables.push((key.0.clone(), table));
                }
            }
        }
        // A tab that removed a meter may have ended before it reported the removal.
        let Evidence { told, logs, .. } = &mut self.evidence;
        told.retain(|told| logs.contains_key(&told.log) || !self.removed.contains(&told.log));
    }

    pub(crate) fn times(&self, action: Action) -> u32 {
        self.done.get(&action).copied().unwrap_or_default()
    }

    pub(crate) fn reached(&self, state: State) -> u32 {
        self.reached.get(&state).copied().unwrap_or_default()
    }

    pub(crate) fn account(&self) -> String {
        let mut account = String::new();
        for (action, times) in &self.done {
            let _ = write!(account, "{action:?} {times}, ");
        }
        for (state, times) in &self.reached {
            let _ = write!(account, "{state:?} {times}, ");
        }
        account
    }

    /// Writes the evidence to files, in the form that the checker reads.
    pub(crate) fn write(&self, folder: &Path) -> io::Result<()> {
        let Evidence { said, told, notices, names, logs, tables } = &self.evidence;
        let said = said.iter().map(|((meter, time), values)| {
            let values: String = values.iter().map(|(name, value)| format!("\t{name}\t{value}")).collect();
            format!("{meter}\t{time}{values}\n")
        });
        fs::write(folder.join("said.tsv"), said.collect::<String>())?;
        let told = told.iter().map(|Told { log, seq, received, meter, time }| {
            format!("{log}\t{seq}\t{received}\t{meter}\t{time}\n")
        });
        fs::write(folder.join("told.tsv"), told.collect::<String>())?;
        let names = names.iter().map(|(name, log)| format!("{name}\t{log}\n"));
        fs::write(folder.join("names.tsv"), names.collect::<String>())?;
        fs::write(folder.join("notices.txt"), notices.join("\n"))?;
        for (name, text) in logs {
            fs::write(folder.join(format!("{name}.jsonl")), text)?;
        }
        for (place, (name, text)) in tables.iter().enumerate() {
            fs::write(folder.join(format!("{name}.{place}.csv")), text)?;
        }
        Ok(())
    }

    /// Ends all faults, and makes sure that a tab writes.
    pub(crate) fn settle(&mut self) {
        while !self.outages.is_empty() {
            self.end_outages();
        }
        if self.tabs.is_empty() {
            self.open();
        }
        // Gives a tab that was frozen, or that lost the disk, time to recover.
        self.run(120_000);
    }

    /// Lets time pass, and records what meters send and tabs report.
    fn run(&mut self, milliseconds: u64) {
        self.world.run(milliseconds);
        self.look();
    }

    fn look(&mut self) {
        for truth in self.world.adapters().take_sent() {
            let (Some(meter), Some(time)) = (truth.meter, truth.time) else { continue };
            let is_looked_at = |register: &str| matches!(register, "1-0:1.8.1" | "1-0:1.8.2" | "1-0:1.7.0");
            let values = truth.values.into_iter().filter(|value| is_looked_at(&value.register));
            self.evidence.say(&meter, &time, values.map(|value| (value.register, value.value)));
        }
        let mut told = Vec::new();
        for (place, seat) in self.tabs.iter().enumerate() {
            told.extend(seat.tab.take_events().into_iter().map(|event| (place, event)));
        }
        told.into_iter().for_each(|(place, event)| self.hear(place, event));
    }

    fn hear(&mut self, place: usize, event: Event) {
        match event {
            Event::Reading { meter, row } => {
                let Some(entry) = row.entry() else { return };
                let (received, seq) = (entry.received.to_string(), entry.seq);
                let name = entry.reading.meter.as_deref().unwrap_or_default().to_owned();
                let time = entry.reading.time.map(|time| time.to_string()).unwrap_or_default();
                self.evidence.told.push(Told { log: meter.0, seq, received, meter: name, time });
            }
            Event::Ready { watching, meters, .. } => {
                if let Some(seat) = self.tabs.get_mut(place) {
                    let took_over = !watching && !seat.writes;
                    seat.writes = !watching;
                    self.reach(
                        if watching { State::Watching } else { State::TakenOver },
                        watching || took_over,
                    );
                }
                meters.into_iter().for_each(|meter| self.knows(meter));
            }
            Event::Meter { state } => self.knows(state),
            Event::Removed { meter } => {
                self.meters.retain(|other| *other != meter);
                if self.removed.contains(&meter.0) {
                    // The user has removed the readings, too.
                    self.evidence.told.retain(|told| told.log != meter.0);
                }
            }
            Event::Imports { imports } => {
                self.imports = imports.into_iter().map(|import| import.log).collect()
            }
            Event::Import { state: ImportState::Complete(_), .. } => self.reach(State::Imported, true),
            Event::Forward { state } => {
                self.reach(State::Forwarded, state.connected);
                let is_refused = |code| matches!(code, Code::BrokerPublish | Code::BrokerUnacknowledged);
                self.reach(
                    State::NotForwarded,
                    state.trouble.is_some_and(|trouble| is_refused(trouble.code)),
                );
            }
            Event::Notice { trouble, .. } => {
                self.reach(State::Cleared, trouble.code == Code::StoreCleared);
                self.reach(State::Thinned, trouble.code == Code::StoreThinned);
                // Every tab reports the notice, but it excuses missing readings only once.
                let is_new = !self.evidence.notices.contains(&trouble.detail);
                if is_new && matches!(trouble.code, Code::StoreCleared | Code::StoreThinned) {
                    self.evidence.notices.push(trouble.detail);
                }
            }
            _ => {}
        }
    }

    fn knows(&mut self, meter: MeterState) {
        let MeterRecord { key, name, identification, .. } = meter.record;
        for name in [name, identification.unwrap_or_default(), key.0.clone()] {
            self.evidence.names.insert((name, key.0.clone()));
        }
        if !self.meters.contains(&key) {
            self.meters.push(key);
        }
    }

    fn reach(&mut self, state: State, is_so: bool) {
        if is_so {
            *self.reached.entry(state).or_default() += 1;
        }
    }

    /// Exports the whole log of a meter, and returns the file.
    fn export(&mut self, key: &MeterKey, options: ExportOptions) -> String {
        let file = File::new("log", Vec::new());
        let (id, meters) = (self.job(), vec![key.clone()]);
        let export = Command::Export { id, meters, from: None, to: None, options, into_file: true };
        self.send_beside(export, &file);
        self.run(60_000);
        String::from_utf8(file.octets()).expect("it is text")
    }

    fn job(&mut self) -> u32 {
        self.jobs += 1;
        self.jobs
    }

    /// Sends a command to the tab that writes, unless that tab is frozen. Otherwise, sends it to the first tab.
    fn send(&self, command: Command) {
        if let Some(seat) = self.tabs.iter().find(|seat| seat.writes && !seat.is_frozen).or(self.tabs.first())
        {
            seat.tab.send(command);
        }
    }

    fn send_beside(&self, command: Command, file: &Rc<File>) {
        if let Some(seat) = self.tabs.iter().find(|seat| seat.writes && !seat.is_frozen).or(self.tabs.first())
        {
            seat.tab.send_beside(command, Handle::File(Rc::clone(file)));
        }
    }
}

/// The USB IDs of all adapters.
const USB: (u16, u16) = (0x0403, 0x6001);
const URL: &str = "ws://broker.example:9001/";
const HOUR: u64 = 3_600_000;
