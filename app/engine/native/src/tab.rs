//! [`Tab`]: an engine and its window.

use std::cell::RefCell;
use std::rc::Rc;

use futures_channel::mpsc::{UnboundedSender, unbounded};
use futures_util::FutureExt;
use metertap_engine::Parts;
use metertap_engine::platform::Platform;
use metertap_protocol::{Command, Event, MeterState, VERSION};
use metertap_readings::entry::Entry;
use metertap_readings::fault::Code;
use metertap_readings::store::{DiskError, MeterKey};

use crate::channels::carried;
use crate::files::Handle;
use crate::platform::{Native, Told};
use crate::world::World;

/// A tab of the page, seen from its window.
pub struct Tab {
    world: World,
    native: Native,
    commands: UnboundedSender<(Command, Option<Handle>)>,
    told: Told,
}

impl Tab {
    /// Opens the page and says hello.
    #[must_use]
    pub fn open(world: &World) -> Self {
        Self::open_with(world, &[Command::Hello { version: VERSION, looks_back: false }])
    }

    /// Opens the page after it was closed properly the last time, and says hello.
    #[must_use]
    pub fn open_left_well(world: &World) -> Self {
        Self::open_with(world, &[Command::LeftWell, Command::Hello { version: VERSION, looks_back: false }])
    }

    fn open_with(world: &World, words: &[Command]) -> Self {
        let (commands, given) = unbounded();
        let told = Rc::new(RefCell::new(Vec::new()));
        let native = Native::new(world, Rc::clone(&told));
        native.spawn(metertap_engine::run(native.clone(), Parts::here(), given).boxed_local());
        let tab = Self { world: world.clone(), native, commands, told };
        words.iter().for_each(|word| tab.send(word.clone()));
        tab
    }

    /// Sends a command to the engine.
    pub fn send(&self, command: Command) {
        self.commands.unbounded_send((carried(&command), None)).expect("the engine receives");
    }

    /// Sends a command with an object beside it.
    pub fn send_beside(&self, command: Command, beside: Handle) {
        self.commands.unbounded_send((carried(&command), Some(beside))).expect("the engine receives");
    }

    /// Closes the disks that this tab has open, as a browser may do.
    pub fn cut(&self, why: DiskError) {
        self.native.cut(&why);
    }

    /// The number of commits to disks that the tab has attempted.
    #[must_use]
    pub fn commits(&self) -> usize {
        self.native.commits()
    }

    /// All events that the window has received, except those that [`Self::take_events`] has taken.
    #[must_use]
    pub fn events(&self) -> Vec<Event> {
        self.told.borrow().iter().map(|(event, _)| event.clone()).collect()
    }

    /// Takes the events that the window has received since the last call.
    #[must_use]
    pub fn take_events(&self) -> Vec<Event> {
        self.told.borrow_mut().drain(..).map(|(event, _)| event).collect()
    }

    /// The object beside the last event that had one.
    #[must_use]
    pub fn handed_over(&self) -> Option<Handle> {
        self.told.borrow().iter().rev().find_map(|(_, beside)| beside.clone())
    }

    /// Calls `is` for each event, the newest first. Returns its first result that is not `None`.
    #[must_use]
    pub fn last<T>(&self, is: impl Fn(&Event) -> Option<T>) -> Option<T> {
        self.told.borrow().iter().rev().find_map(|(event, _)| is(event))
    }

    /// The meters in their latest state.
    #[must_use]
    pub fn meters(&self) -> Vec<MeterState> {
        let mut meters: Vec<MeterState> = Vec::new();
        for (event, _) in &*self.told.borrow() {
            match event {
                Event::Ready { meters: told, .. } => meters.clone_from(told),
                Event::Meter { state } => {
                    meters.retain(|meter| meter.record.key != state.record.key);
                    meters.push(state.clone());
                }
                Event::Removed { meter } => meters.retain(|other| other.record.key != *meter),
                _ => {}
            }
        }
        meters.sort_by(|one, other| one.record.key.cmp(&other.record.key));
        meters
    }

    /// A meter in its latest state.
    #[must_use]
    pub fn meter(&self, key: &MeterKey) -> Option<MeterState> {
        self.meters().into_iter().find(|meter| meter.record.key == *key)
    }

    /// The readings of a meter that the window has received.
    #[must_use]
    pub fn readings(&self, key: &MeterKey) -> Vec<Entry> {
        let told = self.told.borrow();
        let readings = told.iter().filter_map(|(event, _)| match event {
            Event::Reading { meter, row } if meter == key => row.entry(),
            _ => None,
        });
        readings.collect()
    }

    /// The newest entries of a meter in the last [`Event::Ready`].
    #[must_use]
    pub fn newest(&self, key: &MeterKey) -> Vec<Entry> {
        let rows = self.last(|event| match event {
            Event::Ready { newest, .. } => newest.iter().find(|(meter, _)| meter == key).cloned(),
            _ => None,
        });
        rows.into_iter().flat_map(|(_, rows)| rows).filter_map(|row| row.entry()).collect()
    }

    /// The error codes of all [`Event::Notice`]s.
    #[must_use]
    pub fn notices(&self) -> Vec<Code> {
        let told = self.told.borrow();
        let notices = told.iter().filter_map(|(event, _)| match event {
            Event::Notice { trouble, .. } => Some(trouble.code.clone()),
            _ => None,
        });
        notices.collect()
    }

    /// The titles of the notifications that the system has shown.
    #[must_use]
    pub fn notified(&self) -> Vec<String> {
        self.native.notified()
    }

    /// Whether this tab watches another tab. `None` until the engine is ready.
    #[must_use]
    pub fn watches(&self) -> Option<bool> {
        self.last(|event| match event {
            Event::Ready { watching, .. } => Some(*watching),
            _ => None,
        })
    }

    /// Stops all tasks of the tab, as a browser does with a background tab and a computer does when it sleeps. `false`
    /// lets them run again.
    pub fn freeze(&self, frozen: bool) {
        self.native.freeze(frozen);
    }

    /// Closes the page properly: says goodbye, and ends a moment later.
    pub fn close(self) {
        self.send(Command::Goodbye);
        self.world.run(100);
        self.native.end();
    }

    /// Crashes the tab.
    pub fn crash(self) {
        self.native.end();
    }
}
