//! [`Scene`]: the folder of one test, and the adapters plugged in there.

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use metertap_decoder::line::Line;
use metertap_udev::Adapter;
use nix::fcntl::OFlag;
use nix::sys::stat::Mode;
use nix::unistd::mkfifo;

use crate::dist;
use crate::pty::Pty;

/// The environment of one test.
#[derive(Debug)]
pub struct Scene {
    folder: PathBuf,
    adapters: Mutex<Vec<Adapter>>,
    events: File,
}

impl Scene {
    /// A new, empty folder below the target directory. It stays after the test for inspection.
    ///
    /// # Panics
    /// If the folder cannot be created.
    #[must_use]
    pub fn new(name: &str) -> Self {
        let folder = target().join("e2e").join(name);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(folder.join("ports")).expect("the target directory can be written");
        let fifo = folder.join("udev-events");
        mkfifo(&fifo, Mode::S_IRUSR | Mode::S_IWUSR).expect("the target directory can hold a FIFO");
        fs::write(folder.join("udev-devices"), "").expect("the target directory can be written");
        // Open for reading too, because writing must not wait for a browser.
        let flags = OFlag::O_NONBLOCK.bits();
        let events = OpenOptions::new().read(true).write(true).custom_flags(flags).open(fifo);
        Self { folder, adapters: Mutex::default(), events: events.expect("a FIFO opens both ways") }
    }

    /// A path in the folder.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// A copy of the built page, which the test can change.
    pub fn copy_of_page(&self) -> PathBuf {
        let folder = self.path("page");
        copy(&dist(), &folder);
        folder
    }

    /// Plugs in the adapter of that USB vendor, with a line of those settings.
    ///
    /// # Panics
    /// If it is plugged in already.
    #[must_use]
    pub fn plug(&self, vendor: Vendor, line: Line) -> Pty {
        let name = self.folder.join("ports").join(format!("tty{vendor:?}"));
        let pty = Pty::new(&name, line);
        let adapter = vendor.adapter(&name);
        self.change(|adapters| adapters.push(adapter.clone()));
        self.tell("add", &adapter);
        pty
    }

    /// Unplugs an adapter: removes it from the list, and ends its line.
    ///
    /// # Panics
    /// If the list cannot be written.
    pub fn unplug(&self, vendor: Vendor, pty: Pty) {
        let adapter = vendor.adapter(&self.folder.join("ports").join(format!("tty{vendor:?}")));
        self.change(|adapters| adapters.retain(|other| *other != adapter));
        drop(pty);
        self.tell("remove", &adapter);
    }

    /// Drops the plug events that no browser has read. A new browser reads the list instead.
    pub(crate) fn forget_events(&self) {
        let mut events = [0; 4096];
        while (&self.events).read(&mut events).is_ok_and(|octets| octets > 0) {}
    }

    fn change(&self, change: impl FnOnce(&mut Vec<Adapter>)) {
        let mut adapters = self.adapters.lock().expect("no other thread has failed");
        change(&mut adapters);
        let list: String = adapters.iter().map(|adapter| format!("{adapter}\n")).collect();
        fs::write(self.path("udev-devices"), list).expect("the list of adapters can be written");
    }

    fn tell(&self, action: &str, adapter: &Adapter) {
        let line = format!("{action}\t{adapter}\n");
        (&self.events).write_all(line.as_bytes()).expect("the FIFO takes a line");
    }
}

/// The makers of the chips in most adapters. Tests distinguish ports by maker, because a page has no other way.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Vendor {
    /// FTDI: the usual P1 cable.
    Ftdi,
    /// Another FTDI adapter. A page cannot tell the two apart.
    FtdiTwin,
    /// Silicon Labs: many M-Bus adapters and optical heads.
    SiLabs,
    /// WCH: the cheapest adapters.
    Wch,
    /// Prolific.
    Prolific,
}

impl Vendor {
    /// All vendors.
    pub const ALL: [Self; 5] = [Self::Ftdi, Self::FtdiTwin, Self::SiLabs, Self::Wch, Self::Prolific];

    /// The USB vendor id.
    #[must_use]
    pub fn id(self) -> u16 {
        match self {
            Self::Ftdi | Self::FtdiTwin => 0x0403,
            Self::SiLabs => 0x10C4,
            Self::Wch => 0x1A86,
            Self::Prolific => 0x067B,
        }
    }

    /// The USB product id.
    #[must_use]
    pub fn product(self) -> u16 {
        match self {
            Self::Ftdi | Self::FtdiTwin => 0x6001,
            Self::SiLabs => 0xEA60,
            Self::Wch => 0x7523,
            Self::Prolific => 0x2303,
        }
    }

    /// The serial number of the adapter in the tests.
    #[must_use]
    pub fn serial(self) -> &'static str {
        match self {
            Self::Ftdi => "A10LKXYZ",
            Self::FtdiTwin => "A10LKXYY",
            Self::SiLabs => "0001",
            Self::Wch => "0002",
            Self::Prolific => "0003",
        }
    }

    fn adapter(self, devname: &Path) -> Adapter {
        Adapter {
            devname: devname.display().to_string(),
            vendor: self.id(),
            product: self.product(),
            serial: self.serial().to_owned(),
            name: format!("{self:?} adapter"),
        }
    }
}

/// The target directory of the running test.
///
/// # Panics
/// If the test was not built by cargo.
#[must_use]
pub fn target() -> PathBuf {
    let test = std::env::current_exe().expect("a running test has a path");
    test.ancestors().nth(3).expect("cargo builds tests into target/<profile>/deps").to_owned()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("the scene's folder can be written");
    for entry in fs::read_dir(from).expect("the page was built").flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("the page can be copied");
        }
    }
}
