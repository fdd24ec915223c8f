//! What the browser can do, what a look for a port came to, and how much the disk holds.

/// What came of the last look for a port.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum PortSearch {
    /// Nothing yet, or a port was picked.
    Quiet,
    /// The chooser is open.
    Open,
    /// The person closed it.
    Cancelled,
    /// Serial ports are forbidden here.
    Forbidden,
    /// The browser would not open the chooser.
    Failed,
}

/// Whether notifications of the system may be shown.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Notifications {
    /// They may.
    Allowed,
    /// They may not, and asking again is of no use.
    Refused,
    /// Nobody was asked yet.
    Unasked,
    /// The browser has none.
    Missing,
}

/// How a recording is opened: unless changed, at once and for a first look.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct ReplayChoice {
    /// At the pace at which it was made.
    pub paced: bool,
    /// With readings that are still there when the page is opened again.
    pub kept: bool,
}

/// Disk space in octets.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Space {
    /// Taken by this site.
    pub used: u64,
    /// What this site may take in all.
    pub quota: u64,
    /// Whether the browser has promised not to clear it unasked.
    pub persistent: bool,
}

/// What does not change while the page is open.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Page {
    /// Whether it came over https.
    pub https: bool,
    /// Whether it can read serial ports.
    pub serial: Serial,
    /// Whether it can write into a folder of the person's.
    pub folders: bool,
}

/// Whether the page can read serial ports.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Serial {
    /// It can.
    Yes,
    /// Not a page that came over plain http from another machine.
    Insecure,
    /// Not in this browser.
    Missing,
}
