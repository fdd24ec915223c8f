//! [`Actions`]: what a person asks for, carried from the screens up to the window through context.

use leptos::ev;
use leptos::prelude::*;
use metertap_decoder::question::Search;
use metertap_readings::store::{LineSettings, MeterKey};

use super::environment::Notifications;
use super::requests::{ExportRequest, ImportRequest, PictureRequest, SavedPicture, TypedRequest};
use super::screen::Screen;
use crate::protocol::{Command, RestoreHow};

/// Every screen finds this in context. An action is carried out within the click itself: browsers ask for that.
#[derive(Clone, Copy)]
pub struct Actions(UnsyncCallback<Action>);

impl Actions {
    /// Actions that are carried out so.
    pub fn new(carry_out: impl Fn(Action) + 'static) -> Self {
        Self(UnsyncCallback::new(carry_out))
    }

    /// Asks for an action.
    pub fn run(&self, action: Action) {
        self.0.run(action);
    }

    /// Says this to the engine.
    pub fn send(&self, command: Command) {
        self.run(Action::Send(command));
    }
}

/// What a person can ask for.
#[derive(Debug)]
pub enum Action {
    /// Say this to the engine.
    Send(Command),
    /// Let the person pick a port.
    ChoosePort {
        /// What is spoken there, as far as the person has said.
        spoken: LineSettings,
        /// Whether there are several meters, and how they are looked for.
        search: Option<Search>,
        /// Of any vendor, and not only of those that are known for it.
        any_vendor: bool,
    },
    /// Read the meter behind the bridge at this address.
    AddBridge(String),
    /// Start a simulated meter of this model.
    Simulate(&'static str),
    /// Forget a meter with all its readings, if the person means it.
    Remove(MeterKey),
    /// Open the files of an `<input type=file>` that has changed.
    OpenFiles(ev::Event),
    /// Open octets that were pasted as text.
    OpenText(String),
    /// Save a part of the log.
    Export(ExportRequest),
    /// Write a backup.
    BackUp {
        /// With keys and passwords in it.
        secrets: bool,
    },
    /// Let the person choose a folder for the backup of every day.
    ChooseFolder {
        /// With keys and passwords in it.
        secrets: bool,
    },
    /// Ask the person to allow that folder again.
    AllowFolder,
    /// Look at the backup of an `<input type=file>` that has changed.
    ChooseBackup(ev::Event),
    /// Restore the backup that was chosen, if the person means it.
    Restore(RestoreHow),
    /// Look at the file of an `<input type=file>` that has changed, for that meter or a new one.
    ChooseImport(ev::Event, Option<MeterKey>),
    /// Look at the chosen file as this plan says, or import it.
    Import(ImportRequest),
    /// Look at this much of a meter's net power: ends up in its `picture`.
    Draw(PictureRequest),
    /// Look something up in a meter's history; the signal hears the answer. Both are as messages are written.
    LookUp(MeterKey, Vec<u8>, RwSignal<Option<Vec<u8>>>),
    /// Look up what will come of a meter; the signal hears the answer. Both are as messages are written.
    LookAhead(MeterKey, Vec<u8>, RwSignal<Option<Vec<u8>>>),
    /// Find out whether notifications may be shown, or ask the person for it; the signal hears.
    Notifications {
        /// Ask, where nobody was asked yet.
        ask: bool,
        /// Hears what came of it.
        heard: RwSignal<Option<Notifications>>,
    },
    /// Keep a position that was typed, or take one back; the signal hears the answer.
    Type(TypedRequest, RwSignal<Option<Vec<u8>>>),
    /// Have the page's address say where one is, without going anywhere.
    Address(Screen),
    /// Save a chart as it is seen, under this name.
    SavePicture(SavedPicture),
    /// Put text into the clipboard; the signal hears whether it is there.
    Copy(String, RwSignal<bool>),
    /// Find out how much disk space is left.
    MeasureStorage,
    /// Ask the browser to keep the log.
    Persist,
    /// Install the page.
    Install,
    /// Let the newer build take over.
    Update,
}
