//! [`Actions`]: what the user asks for, passed from the screens up to the window through context.

use leptos::ev;
use leptos::prelude::*;
use metertap_decoder::question::Search;
use metertap_readings::store::{LineSettings, MeterKey};

use super::environment::Notifications;
use super::requests::{ExportRequest, ImportRequest, PictureRequest, SavedPicture, TypedRequest};
use super::screen::Screen;
use crate::protocol::{Command, RestoreHow};

/// Every screen finds this in context. An action is carried out within the click itself, because browsers open their
/// pickers only then.
#[derive(Clone, Copy)]
pub struct Actions(UnsyncCallback<Action>);

impl Actions {
    /// Actions that `carry_out` carries out.
    pub fn new(carry_out: impl Fn(Action) + 'static) -> Self {
        Self(UnsyncCallback::new(carry_out))
    }

    /// Runs an action.
    pub fn run(&self, action: Action) {
        self.0.run(action);
    }

    /// Sends this command to the engine.
    pub fn send(&self, command: Command) {
        self.run(Action::Send(command));
    }
}

/// What a user can ask for.
#[derive(Debug)]
pub enum Action {
    /// Send this command to the engine.
    Send(Command),
    /// Let the user pick a port.
    ChoosePort {
        /// The settings of the line that the user has given; detection finds the others.
        spoken: LineSettings,
        /// How to search the bus for several meters; `None` for a single meter.
        search: Option<Search>,
        /// Whether to offer ports of any vendor, not only of known ones.
        any_vendor: bool,
    },
    /// Read the meter behind the bridge at this address.
    AddBridge(String),
    /// Start a simulated meter of this model.
    Simulate(&'static str),
    /// Delete a meter with all its readings, if the user confirms.
    Remove(MeterKey),
    /// Open the files that were chosen in an `<input type=file>`.
    OpenFiles(ev::Event),
    /// Open bytes that were pasted as text.
    OpenText(String),
    /// Save a part of the log.
    Export(ExportRequest),
    /// Write a backup.
    BackUp {
        /// Whether to include keys and passwords.
        secrets: bool,
    },
    /// Let the user choose a folder for the daily backup.
    ChooseFolder {
        /// Whether to include keys and passwords.
        secrets: bool,
    },
    /// Ask the user to allow access to that folder again.
    AllowFolder,
    /// Preview the backup that was chosen in an `<input type=file>`.
    ChooseBackup(ev::Event),
    /// Restore the backup that was chosen, if the user confirms.
    Restore(RestoreHow),
    /// Preview the file that was chosen in an `<input type=file>`, for import into this meter or a new one.
    ChooseImport(ev::Event, Option<MeterKey>),
    /// Preview the chosen file by this plan, or import it.
    Import(ImportRequest),
    /// Query a curve of a meter's net power; the answer goes to the meter's `picture`.
    Draw(PictureRequest),
    /// Look something up in a meter's history. The question is an encoded message, and so is the answer in the signal.
    LookUp(MeterKey, Vec<u8>, RwSignal<Option<Vec<u8>>>),
    /// Look up a meter's predictions. The question is an encoded message, and so is the answer in the signal.
    LookAhead(MeterKey, Vec<u8>, RwSignal<Option<Vec<u8>>>),
    /// Find out whether notifications may be shown, or ask the user for permission.
    Notifications {
        /// Whether to ask, if the user was not asked yet.
        ask: bool,
        /// Receives the result.
        heard: RwSignal<Option<Notifications>>,
    },
    /// Store a counter reading that the user typed, or remove one. The signal receives the answer.
    Type(TypedRequest, RwSignal<Option<Vec<u8>>>),
    /// Change the page's address to this screen, without going there.
    Address(Screen),
    /// Save a chart as a file.
    SavePicture(SavedPicture),
    /// Copy text to the clipboard. The signal receives whether that succeeded.
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
