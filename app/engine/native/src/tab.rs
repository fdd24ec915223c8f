//! [`Tab`]: an engine with its window.

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

/// A tab of the page, as its window sees it.
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
        Self::open_with(world, &[Command::Hello { version: VERSION }])
    }

    /// Opens the page after it was closed in good order, and says hello.
    #[must_use]
    pub fn open_left_well(world: &World) -> Self {
        Self::open_with(world, &[Command::LeftWell, Command::Hello { version: VERSION }])
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

    /// Says something to the engine.
    pub fn send(&self, command: Command) {
        self.commands.unbounded_send((carried(&command), None)).expect("the engine hears");
    }

    /// Says something, with something beside it.
    pub fn send_beside(&self, command: Command, beside: Handle) {
        self.commands.unbounded_send((carried(&command), Some(beside))).expect("the engine hears");
    }

    /// The browser takes the disks away that this tab has open.
    pub fn cut(&self, why: DiskError) {
        self.native.cut(&why);
    }

    /// How many changes of disks it has made.
    #[must_use]
    pub fn commits(&self) -> usize {
        self.native.commits()
    }

    /// What the window was told so far.
    #[must_use]
    pub fn events(&self) -> Vec<Event> {
        self.told.borrow().iter().map(|(event, _)| event.clone()).collect()
    }

    /// What the window was told since this was last asked; nothing of it is remembered here any more.
    #[must_use]
    pub fn take_events(&self) -> Vec<Event> {
        self.told.borrow_mut().drain(..).map(|(event, _)| event).collect()
    }

    /// What came beside the last event that something came beside.
    #[must_use]
    pub fn handed_over(&self) -> Option<Handle> {
        self.told.borrow().iter().rev().find_map(|(_, beside)| beside.clone())
    }

    /// What the last event that is such says.
    #[must_use]
    pub fn last<T>(&self, is: impl Fn(&Event) -> Option<T>) -> Option<T> {
        self.told.borrow().iter().rev().find_map(|(event, _)| is(event))
    }

    /// The meters as they were told last.
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

    /// A meter as it was told last.
    #[must_use]
    pub fn meter(&self, key: &MeterKey) -> Option<MeterState> {
        self.meters().into_iter().find(|meter| meter.record.key == *key)
    }

    /// The readings that were told of a meter.
    #[must_use]
    pub fn readings(&self, key: &MeterKey) -> Vec<Entry> {
        let told = self.told.borrow();
        let readings = told.iter().filter_map(|(event, _)| match event {
            Event::Reading { meter, row } if meter == key => row.entry(),
            _ => None,
        });
        readings.collect()
    }

    /// The newest entries of a meter that were told with all else that there is to know.
    #[must_use]
    pub fn newest(&self, key: &MeterKey) -> Vec<Entry> {
        let rows = self.last(|event| match event {
            Event::Ready { newest, .. } => newest.iter().find(|(meter, _)| meter == key).cloned(),
            _ => None,
        });
        rows.into_iter().flat_map(|(_, rows)| rows).filter_map(|row| row.entry()).collect()
    }

    /// The codes of what was told as a notice.
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

    /// Whether it is ready, and whether it watches another tab.
    #[must_use]
    pub fn watches(&self) -> Option<bool> {
        self.last(|event| match event {
            Event::Ready { watching, .. } => Some(*watching),
            _ => None,
        })
    }

    /// The browser lets nothing of it run, as of a tab in the background or of a computer that sleeps; or does so again.
    pub fn freeze(&self, frozen: bool) {
        self.native.freeze(frozen);
    }

    /// The page is being closed, and a moment later it is.
    pub fn close(self) {
        self.send(Command::Goodbye);
        self.world.run(100);
        self.native.end();
    }

    /// The tab crashes.
    pub fn crash(self) {
        self.native.end();
    }
}
