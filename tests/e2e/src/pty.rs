//! [`Pty`]: a serial line whose far end belongs to the test.
//!
//! A pseudo-terminal passes bytes on at once and at any baud rate. This one behaves as a line with the settings of its
//! [`Line`]. Bytes leave at the pace of their start, data, parity and stop bits. Bytes that are sent while no process
//! has the port open are lost. A process that opened the port with other settings receives what a receiver would make
//! of the bytes. A pseudo-terminal buffers 4 KiB of unread data. Linux buffers 64 KiB and more for a real port. This
//! line therefore waits for its reader as long as that larger buffer would last.

use std::cell::Cell;
use std::fs;
use std::io::ErrorKind;
use std::os::fd::AsFd;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use metertap_decoder::line::{Line, Parity};
use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::pty::{PtyMaster, grantpt, posix_openpt, ptsname_r, unlockpt};
use nix::sys::termios::{BaudRate, ControlFlags, InputFlags, Termios, cfgetospeed, tcgetattr};
use nix::unistd::{read, write};

use crate::now;

/// A pseudo-terminal with its own name. Dropping it unplugs it, which a process that has it open notices.
#[derive(Debug)]
pub struct Pty {
    master: PtyMaster,
    name: PathBuf,
    line: Line,
    /// Whether the reader has been so slow that bytes were lost, and has not read since.
    overrun: Cell<bool>,
}

/// What became of the bytes that were sent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sent {
    /// When the last byte was written, in milliseconds since 1970.
    pub at: f64,
    /// The number of bytes that were lost or changed. Bytes are lost if the port is not open or its buffer is full.
    /// They are changed if the port has other settings.
    pub lost: usize,
}

impl Pty {
    /// A new pseudo-terminal that can be opened as `name`.
    ///
    /// # Panics
    /// If the system has none, or the name is in use.
    #[must_use]
    pub fn new(name: &Path, line: Line) -> Self {
        let flags = OFlag::O_RDWR | OFlag::O_NOCTTY | OFlag::O_NONBLOCK | OFlag::O_CLOEXEC;
        let master = posix_openpt(flags).expect("the system gives out pseudo-terminals");
        grantpt(&master).expect("the pseudo-terminal is ours");
        unlockpt(&master).expect("the pseudo-terminal can be opened");
        let slave = ptsname_r(&master).expect("the pseudo-terminal has a name");
        symlink(&slave, name).expect("the name of the port is free");
        // The master can tell whether the slave is open only after the slave was opened and closed once.
        let opened = fs::OpenOptions::new().read(true).write(true).open(&slave);
        drop(opened.expect("the pseudo-terminal opens"));
        Self { master, name: name.to_owned(), line, overrun: Cell::new(false) }
    }

    /// The settings with which the meter sends.
    #[must_use]
    pub fn line(&self) -> Line {
        self.line
    }

    /// Sends bytes at the line's pace. Returns after the last byte has left.
    pub fn send(&self, octets: &[u8]) -> Sent {
        let octet_takes = f64::from(self.line.bits_per_byte()) / f64::from(self.line.baud);
        let began = Instant::now();
        let (mut gone, mut lost) = (0, 0);
        loop {
            let left = (began.elapsed().as_secs_f64() / octet_takes) as usize;
            let due = left.min(octets.len());
            if due > gone {
                lost += self.pass_on(&octets[gone..due]);
                gone = due;
            }
            if gone == octets.len() {
                return Sent { at: now(), lost };
            }
            thread::sleep(TICK.max(Duration::from_secs_f64(octet_takes)));
        }
    }

    /// Sends with other settings from now on.
    pub fn set_line(&mut self, line: Line) {
        self.line = line;
    }

    /// What the page sent to the meter, and with which settings. `None` if nothing arrives in that time.
    ///
    /// # Panics
    /// If the pseudo-terminal cannot be read.
    #[must_use]
    pub fn listen(&self, patience: Duration) -> Option<(Vec<u8>, Line)> {
        let mut fds = [PollFd::new(self.master.as_fd(), PollFlags::POLLIN)];
        let patience = PollTimeout::try_from(patience).expect("it is short");
        let _ = poll(&mut fds, patience);
        if !fds[0].revents()?.contains(PollFlags::POLLIN) {
            // While no process has the port open, each poll returns at once.
            thread::sleep(TICK);
            return None;
        }
        let mut octets = [0; 256];
        match read(&self.master, &mut octets) {
            Ok(0) | Err(Errno::EAGAIN | Errno::EIO) => None,
            Ok(count) => Some((octets[..count].to_vec(), setting(&tcgetattr(&self.master).ok()?)?)),
            Err(error) => panic!("the pseudo-terminal cannot be read: {error}"),
        }
    }

    /// The settings with which the page has opened the port.
    #[must_use]
    pub fn setting(&self) -> Option<Line> {
        if self.is_open() { setting(&tcgetattr(&self.master).ok()?) } else { None }
    }

    /// Whether a process has the port open.
    #[must_use]
    pub fn is_open(&self) -> bool {
        let mut fds = [PollFd::new(self.master.as_fd(), PollFlags::POLLOUT)];
        let _ = poll(&mut fds, PollTimeout::ZERO);
        fds[0].revents().is_some_and(|events| !events.contains(PollFlags::POLLHUP))
    }

    /// Passes on the bytes that arrive. Returns the number of bytes that are lost or changed.
    fn pass_on(&self, octets: &[u8]) -> usize {
        if !self.is_open() {
            return octets.len();
        }
        let setting = tcgetattr(&self.master).ok();
        let heard: Vec<u8> = match setting {
            Some(setting) if hears(&setting, self.line) => octets.to_vec(),
            _ => octets.iter().map(|octet| garbled(*octet)).collect(),
        };
        let garbled = heard.iter().zip(octets).filter(|(heard, sent)| heard != sent).count();
        let began = Instant::now();
        let mut written = 0;
        while written < heard.len() {
            match write(&self.master, &heard[written..]) {
                Ok(count) => {
                    written += count;
                    self.overrun.set(false);
                }
                Err(Errno::EAGAIN) if !self.is_open() => break,
                Err(Errno::EAGAIN) if !self.overrun.get() && began.elapsed() < HELD => thread::sleep(TICK),
                Err(Errno::EAGAIN) => {
                    self.overrun.set(true);
                    break;
                }
                Err(Errno::EIO) => break,
                Err(error) => panic!("the pseudo-terminal cannot be written: {error}"),
            }
        }
        garbled.max(heard.len() - written)
    }
}

impl Drop for Pty {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_file(&self.name) {
            assert_eq!(error.kind(), ErrorKind::NotFound, "the name of the port cannot be removed");
        }
    }
}

/// Whether a port with these settings receives a line correctly.
///
/// Linux clears PARENB and sets CS8 on every pseudo-terminal. Parity is visible only indirectly: a port that expects a
/// parity bit has INPCK set.
fn hears(setting: &Termios, line: Line) -> bool {
    let parity = setting.input_flags.contains(InputFlags::INPCK);
    speed(cfgetospeed(setting)) == Some(line.baud) && parity == (line.parity != Parity::None)
}

/// The settings of a port, as far as a pseudo-terminal shows them. It does not show the number of data bits. With
/// parity, a port at 2400 baud is taken for one with eight data bits, and any other for one with seven.
fn setting(setting: &Termios) -> Option<Line> {
    let baud = speed(cfgetospeed(setting))?;
    let stop_bits = if setting.control_flags.contains(ControlFlags::CSTOPB) { 2 } else { 1 };
    let has_parity = setting.input_flags.contains(InputFlags::INPCK);
    let (data_bits, parity) = match (has_parity, baud) {
        (false, _) => (8, Parity::None),
        // A wired M-Bus.
        (true, 2400) => (8, Parity::Even),
        (true, _) => (7, Parity::Even),
    };
    Some(Line { baud, data_bits, parity, stop_bits })
}

fn speed(rate: BaudRate) -> Option<u32> {
    Some(match rate {
        BaudRate::B300 => 300,
        BaudRate::B1200 => 1200,
        BaudRate::B2400 => 2400,
        BaudRate::B4800 => 4800,
        BaudRate::B9600 => 9600,
        BaudRate::B19200 => 19_200,
        BaudRate::B38400 => 38_400,
        BaudRate::B57600 => 57_600,
        BaudRate::B115200 => 115_200,
        _ => return None,
    })
}

/// What a receiver with other settings makes of a byte. It samples bits at the wrong moments, and the result is never a
/// telegram.
fn garbled(octet: u8) -> u8 {
    octet.rotate_left(3) ^ 0xA5
}

const TICK: Duration = Duration::from_millis(2);

/// The time that 64 KiB last at 115200 baud.
const HELD: Duration = Duration::from_millis(5600);
