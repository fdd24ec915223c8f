//! What the browser can do, the result of choosing a port, and how much room the disk has.

/// The result of the last attempt to choose a port.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum PortSearch {
    /// No result yet, or a port was picked.
    Quiet,
    /// The chooser is open.
    Open,
    /// The user closed the chooser.
    Cancelled,
    /// Serial ports are forbidden here.
    Forbidden,
    /// The browser did not open the chooser.
    Failed,
}

/// Whether system notifications may be shown.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Notifications {
    /// They may be shown.
    Allowed,
    /// They may not be shown, and asking again is useless.
    Refused,
    /// The user was not asked yet.
    Unasked,
    /// The browser has no notifications.
    Missing,
}

/// How to open a recording. By default it is played at once, and its readings are not kept.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct ReplayChoice {
    /// Whether to play it at the pace at which it was made.
    pub paced: bool,
    /// Whether its readings are still there when the page is opened again.
    pub kept: bool,
}

/// Disk space in bytes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Space {
    /// Used by this site.
    pub used: u64,
    /// The most that this site may use.
    pub quota: u64,
    /// Whether the browser has promised not to clear it without asking the user.
    pub persistent: bool,
}

/// What does not change while the page is open.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Page {
    /// Whether it was loaded over https.
    pub https: bool,
    /// Whether it can read serial ports.
    pub serial: Serial,
    /// Whether it can write into a folder of the user's.
    pub folders: bool,
}

/// Whether the page can read serial ports.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Serial {
    /// It can.
    Yes,
    /// No: the page was loaded over plain http from another machine.
    Insecure,
    /// No: the browser has no Web Serial.
    Missing,
}
