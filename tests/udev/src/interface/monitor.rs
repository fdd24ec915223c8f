//! [`Monitor`]: a receiver of events when adapters are plugged in and unplugged.

use std::ffi::{c_char, c_int, c_void};
use std::fs::{File, OpenOptions};
use std::io::{PipeReader, PipeWriter, Read, pipe};
use std::os::fd::AsRawFd;
use std::os::unix::fs::OpenOptionsExt;
use std::ptr::null_mut;

use nix::fcntl::OFlag;

use super::device::Device;
use super::{known, text};
use crate::adapter::SUBSYSTEM;
use crate::{Adapter, EVENTS};

/// A receiver of events when adapters are plugged in and unplugged.
#[derive(Debug)]
pub struct Monitor {
    serial: Option<bool>,
    ear: Option<Ear>,
}

#[derive(Debug)]
enum Ear {
    /// The test's FIFO, for a watcher of serial ports. Chromium has only one.
    Events(File),
    /// Watchers of other subsystems get no events, as if nothing else were ever plugged in.
    Silence(
        PipeReader,
        #[expect(dead_code, reason = "an open writer keeps the reader from ending")] PipeWriter,
    ),
}

impl Ear {
    fn open(serial: bool) -> Option<Self> {
        if serial {
            let path = std::env::var_os(EVENTS)?;
            // Opened for writing too, so that the FIFO does not end while no test has it open.
            let flags = OFlag::O_NONBLOCK.bits();
            OpenOptions::new().read(true).write(true).custom_flags(flags).open(path).ok().map(Self::Events)
        } else {
            pipe().ok().map(|(reader, writer)| Self::Silence(reader, writer))
        }
    }

    fn hear(&mut self) -> Option<(String, Adapter)> {
        let Self::Events(fifo) = self else { return None };
        let mut line = Vec::new();
        let mut byte = [0];
        // Reads one line, and leaves the rest of the FIFO to the next call. A line is written in one piece.
        while fifo.read(&mut byte).ok()? == 1 && byte != *b"\n" {
            line.extend(byte);
        }
        let line = String::from_utf8(line).ok()?;
        let (action, adapter) = line.split_once('\t')?;
        let adapter: Adapter = adapter.parse().ok()?;
        let (name, mut known) = (adapter.syspath(), known());
        let was_known = known.contains(&name);
        known.retain(|other| *other != name);
        if action == "add" {
            known.push(name);
        }
        // An adapter that a walk has found is not reported as plugged in again.
        (action != "add" || !was_known).then(|| (action.to_owned(), adapter))
    }
}

/// Creates a monitor, at first for all subsystems.
#[unsafe(no_mangle)]
pub extern "C" fn udev_monitor_new_from_netlink(_udev: *mut c_void, _name: *const c_char) -> *mut Monitor {
    Box::into_raw(Box::new(Monitor { serial: None, ear: None }))
}

/// Limits the monitor to a subsystem. Several calls add subsystems.
///
/// # Safety
/// `monitor` comes from [`udev_monitor_new_from_netlink`], `subsystem` is a C string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn udev_monitor_filter_add_match_subsystem_devtype(
    monitor: *mut Monitor,
    subsystem: *const c_char,
    _devtype: *const c_char,
) -> c_int {
    // SAFETY: the caller's promise.
    let (monitor, subsystem) = unsafe { (&mut *monitor, text(subsystem)) };
    monitor.serial = Some(monitor.serial.unwrap_or(false) || subsystem == Some(SUBSYSTEM));
    0
}

/// Called once all filters are set: opens the FIFO if serial ports are watched.
///
/// # Safety
/// `monitor` comes from [`udev_monitor_new_from_netlink`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn udev_monitor_enable_receiving(monitor: *mut Monitor) -> c_int {
    // SAFETY: the caller's promise.
    let monitor = unsafe { &mut *monitor };
    monitor.ear = Ear::open(monitor.serial.unwrap_or(true));
    if monitor.ear.is_some() { 0 } else { -1 }
}

/// The file descriptor that becomes readable when an adapter was plugged in or pulled out.
///
/// # Safety
/// `monitor` comes from [`udev_monitor_new_from_netlink`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn udev_monitor_get_fd(monitor: *mut Monitor) -> c_int {
    // SAFETY: the caller's promise.
    match &unsafe { &*monitor }.ear {
        Some(Ear::Events(fifo)) => fifo.as_raw_fd(),
        Some(Ear::Silence(reader, _)) => reader.as_raw_fd(),
        None => -1,
    }
}

/// The next adapter that was plugged in or pulled out; null if there is none.
///
/// # Safety
/// `monitor` comes from [`udev_monitor_new_from_netlink`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn udev_monitor_receive_device(monitor: *mut Monitor) -> *mut Device {
    // SAFETY: the caller's promise.
    let heard = unsafe { &mut *monitor }.ear.as_mut().and_then(Ear::hear);
    heard.map_or(null_mut(), |(action, adapter)| Device::new(adapter, Some(&action)))
}

/// Releases the monitor.
///
/// # Safety
/// `monitor` comes from [`udev_monitor_new_from_netlink`] and is not used again.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn udev_monitor_unref(monitor: *mut Monitor) -> *mut Monitor {
    if !monitor.is_null() {
        // SAFETY: the caller's promise.
        drop(unsafe { Box::from_raw(monitor) });
    }
    null_mut()
}
