//! [`Command`]: what the window wants.

use metertap_decoder::question::Search;
use metertap_decoder::schedule::Schedule;
use metertap_readings::entry::Moment;
use metertap_readings::files::import::Plan;
use metertap_readings::stated::Correction;
use metertap_readings::store::retention::Retention;
use metertap_readings::store::{LineSettings, MeterKey, Role, SourceRecord};
use serde::{Deserialize, Serialize};

use super::{Broker, ExportOptions, RestoreHow};

/// From the window to the engine.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Command {
    /// The first message, in answer to [`super::Event::Awake`]: who I am. The engine answers with [`super::Event::Ready`].
    Hello {
        /// [`super::VERSION`] of the window.
        version: u32,
    },
    /// Read a new meter from this source: a port that the person has just picked, or a simulated one.
    Add {
        /// Where the octets come from.
        source: SourceRecord,
        /// Whether it is a bus with several meters, which are looked for first.
        search: Option<Search>,
    },
    /// Decode the octets of a file, detecting the protocol.
    Open {
        /// The file's name.
        name: String,
        /// What is in it.
        #[serde(with = "serde_bytes")]
        octets: Vec<u8>,
        /// Whether to play it at its own pace, if it has one.
        paced: bool,
        /// Whether to keep its readings when the page is closed.
        kept: bool,
    },
    /// Start recording what goes over a meter's line, or let the recording go.
    Record {
        /// The meter.
        meter: MeterKey,
        /// Whether to record.
        on: bool,
    },
    /// Send what was recorded of a meter's line, or the last minute of it: [`super::Event::Captured`] answers.
    SaveCapture {
        /// The meter.
        meter: MeterKey,
        /// With its numbers and keys.
        whole: bool,
    },
    /// Start or stop reading a meter.
    Read {
        /// The meter.
        meter: MeterKey,
        /// Whether to read it.
        on: bool,
    },
    /// Give a meter a name.
    Rename {
        /// The meter.
        meter: MeterKey,
        /// The name.
        name: String,
    },
    /// Say where in the house a meter is.
    Place {
        /// The meter.
        meter: MeterKey,
        /// In the person's words.
        place: String,
    },
    /// Ask a meter that often from now on.
    Schedule {
        /// The meter.
        meter: MeterKey,
        /// How often; as the tables say if none.
        schedule: Option<Schedule>,
    },
    /// Ask a meter in this way from now on.
    Ask {
        /// The meter.
        meter: MeterKey,
        /// How it is spoken to; its protocol stays, unless a person has set all of it by hand.
        spoken: LineSettings,
    },
    /// Look for all meters on a meter's M-Bus, or stop looking.
    Search {
        /// On whose bus.
        meter: MeterKey,
        /// By which kind of address; none stops.
        by: Option<Search>,
    },
    /// Fetch the load profile that a meter remembers from its beginning, or keep what was fetched of it and ask no more.
    Fetch {
        /// The meter.
        meter: MeterKey,
        /// Whether to fetch.
        on: bool,
    },
    /// Find out anew what is plugged in.
    Detect {
        /// Behind which meter's port.
        meter: MeterKey,
    },
    /// Keep the key of a meter's telegrams on this device, and try it at once on the last one that wanted a key.
    Unlock {
        /// The meter.
        meter: MeterKey,
        /// 32 hex digits; empty forgets the keys.
        encryption: String,
        /// 32 hex digits, or empty.
        authentication: String,
    },
    /// Forget a meter with all its readings.
    Remove {
        /// The meter.
        meter: MeterKey,
    },
    /// Send a picture's worth of a quantity: [`super::Event::Series`] answers.
    Series {
        /// Comes back with the answer.
        id: u32,
        /// Which meter.
        meter: MeterKey,
        /// From when.
        from: Moment,
        /// Until when.
        to: Moment,
        /// Into how many columns.
        columns: u32,
    },
    /// Look something up in a meter's history: [`super::Event::Answer`] answers.
    Question {
        /// Comes back with the answer.
        id: u32,
        /// In whose.
        meter: MeterKey,
        /// A [`Question`](metertap_readings::history::question::Question), as [`super::bytes`] writes it: only the parts that
        /// ask and answer have the code for it.
        #[serde(with = "serde_bytes")]
        question: Vec<u8>,
    },
    /// Take a meter for this from now on; for what it seems to be if none.
    Assign {
        /// The meter.
        meter: MeterKey,
        /// What it is to the house.
        role: Option<Role>,
    },
    /// Take the main fuse for so large from now on; nobody says how large if none.
    Fuse {
        /// Of which meter's house.
        meter: MeterKey,
        /// Of each phase.
        amperes: Option<u16>,
    },
    /// Write a range of the log into a file: [`super::Event::Export`] tells how it goes.
    Export {
        /// Comes back with the answers.
        id: u32,
        /// Which meters.
        meters: Vec<MeterKey>,
        /// From when; from the beginning if none.
        from: Option<Moment>,
        /// Until when; to the end if none.
        to: Option<Moment>,
        /// In which form.
        options: ExportOptions,
        /// Whether a `FileSystemFileHandle` was sent beside this message; otherwise the file comes back as a blob.
        into_file: bool,
    },
    /// Write everything that is kept into one file: [`super::Event::Export`] tells how it goes, in octets.
    BackUp {
        /// Comes back with the answers.
        id: u32,
        /// Whether keys and passwords are to be in it.
        secrets: bool,
        /// As in [`Command::Export`].
        into_file: bool,
    },
    /// Write a backup every day into the folder whose handle was sent beside this message: [`super::Event::Daily`] tells
    /// how it goes.
    Daily {
        /// The folder's name.
        folder: String,
        /// Whether keys and passwords are to be in it.
        secrets: bool,
    },
    /// Write the backup of today at once.
    DailyNow,
    /// Write no more backups into a folder.
    DailyStop,
    /// Look at the backup that was sent beside this message, or restore it: [`super::Event::Restore`] tells how it goes.
    Restore {
        /// Comes back with the answers.
        id: u32,
        /// What is to become of it.
        how: RestoreHow,
    },
    /// Look at the file that was sent beside this message, or import it: [`super::Event::Import`] tells how it goes.
    Import {
        /// Comes back with the answers.
        id: u32,
        /// For which meter; for one that is made for it if none.
        meter: Option<MeterKey>,
        /// How to understand it; as it looks if none.
        plan: Option<Plan>,
        /// Whether to import it, and not only to say what would become of it.
        run: bool,
    },
    /// Keep a position that the person has read off a meter, or take one back: [`super::Event::Typed`] answers.
    Type {
        /// Comes back with the answer; drawn at random, because all windows hear that.
        id: u32,
        /// Of which meter; of one that is made for it if none.
        meter: Option<MeterKey>,
        /// What the person calls a meter that is made for it.
        name: String,
        /// A [`Typing`](metertap_readings::typed::Typing), as [`super::bytes`] writes it.
        #[serde(with = "serde_bytes")]
        typing: Vec<u8>,
    },
    /// Forget an import with all its readings.
    UndoImport {
        /// The log that it is in.
        log: MeterKey,
    },
    /// Stop an export.
    StopExport {
        /// Its number.
        id: u32,
    },
    /// Forward to this broker from now on; `None` stops.
    Forward {
        /// Where to.
        broker: Option<Broker>,
    },
    /// Send the octets that were kept: [`super::Event::Octets`] answers.
    Octets {
        /// Of which meter.
        meter: MeterKey,
    },
    /// Tell what the log holds of each meter and what it takes: [`super::Event::Room`] answers.
    Room,
    /// Compute the totals of all meters anew from the readings that are kept: [`super::Event::Recomputed`] answers.
    Recompute,
    /// Count a step of a meter's counter that was held back, because its person says that it is right.
    Confirm {
        /// Which meter.
        meter: MeterKey,
        /// When it was received, as in [`super::HeldStep`].
        at: Moment,
    },
    /// Apply what a person states of a meter, in place of what was stated of the same from the same moment on.
    State {
        /// The meter.
        meter: MeterKey,
        /// What.
        statement: Correction,
    },
    /// Take a statement back, as if it had never been made.
    TakeBack {
        /// Of which meter.
        meter: MeterKey,
        /// The correction.
        statement: Correction,
    },
    /// Keep a meter's readings for so long; their totals are kept for ever.
    Retain {
        /// The meter.
        meter: MeterKey,
        /// For how long.
        retention: Retention,
    },
    /// Answer a question about what will come of a meter: [`super::Event::Answer`] answers.
    Ahead {
        /// Comes back with the answer.
        id: u32,
        /// Which meter.
        meter: MeterKey,
        /// A [`Question`](metertap_readings::outlook::question::Question), as [`super::bytes`] writes it.
        #[serde(with = "serde_bytes")]
        question: Vec<u8>,
    },
    /// Watch by these limits from now on: [`super::Event::Noticed`] answers.
    Watch {
        /// [`Limits`](metertap_readings::notices::limits::Limits), as [`super::bytes`] writes them.
        #[serde(with = "serde_bytes")]
        limits: Vec<u8>,
    },
    /// Forget the notices that are over.
    ClearNotices,
    /// Believe the computer's clock, which went ahead of what was certain.
    TrustClock,
    /// Take a meter's octets apart: [`super::Event::Anatomy`] answers.
    Inspect {
        /// Whose: its protocol, its keys and what was kept of it before are what they are read by.
        meter: MeterKey,
        /// The octets.
        #[serde(with = "serde_bytes")]
        octets: Vec<u8>,
    },
    /// Before the first hello: the page was closed in good order the last time, so that nothing has ended it.
    LeftWell,
    /// The page is being closed: let go of ports and say goodbye to the broker.
    Goodbye,
}
