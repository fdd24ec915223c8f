//! [`Window`]: a page, and what its window was told.

use std::collections::{BTreeMap, BTreeSet};

use metertap_native::{File, Handle, Tab, World};
use metertap_protocol::{Command, Event, ImportState, RestoreHow, RestoreState, SourceState};
use metertap_readings::fault::Code;
use metertap_readings::store::MeterKey;

pub(crate) struct Window {
    pub(crate) world: World,
    pub(crate) tab: Tab,
    pub(crate) meters: BTreeMap<MeterKey, SourceState>,
    pub(crate) imports: BTreeSet<MeterKey>,
    /// What the page did with the last file.
    answer: Option<Answer>,
    is_broken: bool,
    jobs: u32,
}

/// What the page did with a file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Answer {
    /// It was accepted.
    Taken,
    /// It was inspected, and could be accepted.
    Seen,
    /// It was refused with this error.
    Refused(Code),
}

impl Window {
    pub(crate) fn of(world: World, tab: Tab, meters: Vec<MeterKey>, imports: Vec<MeterKey>) -> Self {
        let meters = meters.into_iter().map(|meter| (meter, SourceState::Off)).collect();
        drop(tab.take_events());
        let imports = imports.into_iter().collect();
        Self { world, tab, meters, imports, answer: None, is_broken: false, jobs: 1000 }
    }

    /// A page that has never been used.
    pub(crate) fn empty() -> Self {
        let world = World::default();
        let tab = Tab::open(&world);
        world.run(1000);
        Self::of(world, tab, Vec::new(), Vec::new())
    }

    /// Inspects a backup, and merges it if the page allows that.
    pub(crate) fn restore(&mut self, file: &Handle) -> Option<Answer> {
        let answer = self.ask(|id| Command::Restore { id, how: RestoreHow::Check }, file)?;
        if answer == Answer::Seen {
            self.ask(|id| Command::Restore { id, how: RestoreHow::Merge }, file)
        } else {
            Some(answer)
        }
    }

    /// Imports a file into this meter, or into a new one.
    pub(crate) fn import(&mut self, file: &Handle, meter: Option<MeterKey>) -> Option<Answer> {
        self.ask(|id| Command::Import { id, meter, plan: None, run: true }, file)
    }

    pub(crate) fn open(&mut self, name: &str, bytes: Vec<u8>) -> Option<Answer> {
        self.answer = None;
        let known: Vec<MeterKey> = self.meters.keys().cloned().collect();
        self.tab.send(Command::Open { name: name.to_owned(), octets: bytes, paced: false, kept: true });
        self.run_until(|window| {
            let new = |(meter, source): (&MeterKey, &SourceState)| {
                !known.contains(meter) && *source == SourceState::Done
            };
            window.answer.is_some() || window.meters.iter().any(new)
        })?;
        Some(self.answer.take().unwrap_or(Answer::Taken))
    }

    /// Undoes all imports and removes all meters except these. Returns whether that succeeded.
    pub(crate) fn undo(&mut self, meters: &[MeterKey], imports: &BTreeSet<MeterKey>) -> bool {
        let is_new = |log: &&MeterKey| !imports.contains(*log);
        for log in self.imports.iter().filter(is_new).cloned().collect::<Vec<_>>() {
            self.tab.send(Command::UndoImport { log });
        }
        self.run(100);
        let new = self.meters.keys().filter(|meter| !meters.contains(meter)).cloned();
        new.collect::<Vec<_>>().into_iter().for_each(|meter| self.tab.send(Command::Remove { meter }));
        self.run_until(|window| {
            window.meters.keys().eq(meters.iter()) && window.imports.iter().eq(imports.iter())
        })
        .is_some()
    }

    /// Lets time pass. Returns whether the page still works.
    pub(crate) fn run(&mut self, milliseconds: u64) -> bool {
        self.world.run(milliseconds);
        for event in self.tab.take_events() {
            self.hear(event);
        }
        !self.is_broken
    }

    fn ask(&mut self, command: impl FnOnce(u32) -> Command, file: &Handle) -> Option<Answer> {
        self.jobs += 1;
        self.answer = None;
        self.tab.send_beside(command(self.jobs), file.clone());
        self.run_until(|window| window.answer.is_some())?;
        self.answer.take()
    }

    /// Lets time pass until `is_so` returns `true`, for at most ten minutes.
    fn run_until(&mut self, is_so: impl Fn(&Self) -> bool) -> Option<()> {
        for step in 0..700 {
            self.run(if step < 100 { 20 } else { 1000 });
            if is_so(self) {
                return Some(());
            }
        }
        None
    }

    fn hear(&mut self, event: Event) {
        match event {
            Event::Ready { meters, .. } => {
                self.meters = meters.into_iter().map(|meter| (meter.record.key, meter.source)).collect();
            }
            Event::Meter { state } => drop(self.meters.insert(state.record.key, state.source)),
            Event::Removed { meter } => drop(self.meters.remove(&meter)),
            Event::Imports { imports } => {
                self.imports = imports.into_iter().map(|import| import.log).collect();
            }
            Event::Restore { state: RestoreState::Seen(_), .. } => self.answer = Some(Answer::Seen),
            Event::Restore { state: RestoreState::Complete(_), .. }
            | Event::Import { state: ImportState::Complete(_), .. } => self.answer = Some(Answer::Taken),
            Event::Restore { state: RestoreState::Refused(trouble), .. }
            | Event::Import { state: ImportState::Refused(trouble), .. }
            | Event::Refused { trouble } => self.answer = Some(Answer::Refused(trouble.code)),
            Event::Broken { .. } => self.is_broken = true,
            _ => {}
        }
    }
}

pub(crate) fn file(name: &str, bytes: Vec<u8>) -> Handle {
    Handle::File(File::new(name, bytes))
}
