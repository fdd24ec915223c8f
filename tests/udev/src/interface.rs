//! The C face: the functions that `nm -D chromium | grep udev_` lists, as libudev's manual describes them.
//!
//! Handles are boxes handed out as pointers; `…_unref` takes them back. Chromium never takes a second reference, so
//! there is no counting. Strings belong to their handle. What serial ports have no use for answers null.

use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::fs::{File, OpenOptions};
use std::io::{PipeReader, PipeWriter, Read, pipe};
use std::os::fd::AsRawFd;
use std::os::unix::fs::OpenOptionsExt;
use std::ptr::{null, null_mut};

use nix::fcntl::OFlag;

use crate::adapter::SUBSYSTEM;
use crate::{Adapter, DEVICES, EVENTS};

/// One adapter, with every string that was asked for.
#[derive(Debug)]
pub struct Device {
    adapter: Adapter,
    action: Option<CString>,
    strings: Vec<CString>,
}

/// A walk over the adapters that there are.
#[derive(Debug)]
pub struct Enumerate {
    serial: bool,
    entries: Vec<Entry>,
}

/// One step of the walk; the entries of a walk lie side by side.
#[derive(Debug)]
pub struct Entry {
    name: CString,
    last: bool,
}

/// Somebody who wants to hear of plugging and unplugging.
#[derive(Debug)]
pub struct Monitor {
    serial: Option<bool>,
    ear: Option<Ear>,
}

#[derive(Debug)]
enum Ear {
    /// The test's FIFO: for whoever watches serial ports, and in Chromium that is one.
    Events(File),
    /// Watchers of other things hear nothing, as from a machine on which nothing else is ever plugged in.
    Silence(
        PipeReader,
        #[expect(dead_code, reason = "an open writer keeps the reader from ending")] PipeWriter,
    ),
}

impl Device {
    fn new(adapter: Adapter, action: Option<&str>) -> *mut Self {
        let action = action.and_then(|action| CString::new(action).ok());
        Box::into_raw(Box::new(Self { adapter, action, strings: Vec::new() }))
    }

    fn keep(&mut self, text: Option<String>) -> *const c_char {
        let Some(Ok(text)) = text.map(CString::new) else { return null() };
        self.strings.push(text);
        // A CString's octets stay where they are when the vector of its owners grows.
        self.strings.last().map_or(null(), |text| text.as_ptr())
    }
}

impl Ear {
    fn open(serial: bool) -> Option<Self> {
        if serial {
            let path = std::env::var_os(EVENTS)?;
            // Opened for writing too, it stays open while no test has it open.
            let flags = OFlag::O_NONBLOCK.bits();
            OpenOptions::new().read(true).write(true).custom_flags(flags).open(path).ok().map(Self::Events)
        } else {
            pipe().ok().map(|(reader, writer)| Self::Silence(reader, writer))
        }
    }

    fn hear(&mut self) -> Option<(String, Adapter)> {
        let Self::Events(fifo) = self else { return None };
        let mut line = Vec::new();
        let mut octet = [0];
        // The rest of the FIFO is the next call's; a line is written in one piece.
        while fifo.read(&mut octet).ok()? == 1 && octet != *b"\n" {
            line.extend(octet);
        }
        let line = String::from_utf8(line).ok()?;
        let (action, adapter) = line.split_once('\t')?;
        Some((action.to_owned(), adapter.parse().ok()?))
    }
}

fn adapters() -> Vec<Adapter> {
    let list = std::env::var_os(DEVICES).and_then(|path| std::fs::read_to_string(path).ok());
    list.unwrap_or_default().lines().filter_map(|line| line.parse().ok()).collect()
}

fn found(matches: impl Fn(&Adapter) -> bool) -> *mut Device {
    adapters().into_iter().find(matches).map_or(null_mut(), |adapter| Device::new(adapter, None))
}

/// # Safety
/// `text` is null or a C string.
unsafe fn text<'a>(text: *const c_char) -> Option<&'a str> {
    // SAFETY: the caller's promise; it is a C string where it is not null.
    (!text.is_null()).then(|| unsafe { CStr::from_ptr(text) }).and_then(|text| text.to_str().ok())
}

/// The context holds nothing here; any pointer that is not null will do.
#[unsafe(no_mangle)]
pub extern "C" fn udev_new() -> *mut c_void {
    std::ptr::dangling_mut()
}

/// Nothing was allocated.
#[unsafe(no_mangle)]
pub extern "C" fn udev_unref(_udev: *mut c_void) -> *mut c_void {
    null_mut()
}

/// Begins a walk, at first over every subsystem.
#[unsafe(no_mangle)]
pub extern "C" fn udev_enumerate_new(_udev: *mut c_void) -> *mut Enumerate {
    Box::into_raw(Box::new(Enumerate { serial: true, entries: Vec::new() }))
}

/// Narrows the walk: one for other subsystems finds nothing.
///
/// # Safety
/// `walk` comes from [`udev_enumerate_new`], `subsystem` is a C string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn udev_enumerate_add_match_subsystem(
    walk: *mut Enumerate,
    subsystem: *const c_char,
) -> c_int {
    // SAFETY: the caller's promise.
    let (walk, subsystem) = unsafe { (&mut *walk, text(subsystem)) };
    walk.serial = subsystem == Some(SUBSYSTEM);
    0
}

/// Reads the list.
///
/// # Safety
/// `walk` comes from [`udev_enumerate_new`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn udev_enumerate_scan_devices(walk: *mut Enumerate) -> c_int {
    // SAFETY: the caller's promise.
    let walk = unsafe { &mut *walk };
    let adapters = if walk.serial { adapters() } else { Vec::new() };
    let names = adapters.iter().filter_map(|adapter| CString::new(adapter.syspath()).ok());
    walk.entries = names.map(|name| Entry { name, last: false }).collect();
    if let Some(entry) = walk.entries.last_mut() {
        entry.last = true;
    }
    0
}

/// The first step of the walk; null when there is none.
///
/// # Safety
/// `walk` comes from [`udev_enumerate_new`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn udev_enumerate_get_list_entry(walk: *mut Enumerate) -> *const Entry {
    // SAFETY: the caller's promise.
    unsafe { &*walk }.entries.first().map_or(null(), |entry| entry)
}

/// Ends the walk.
///
/// # Safety
/// `walk` comes from [`udev_enumerate_new`] and is not used again.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn udev_enumerate_unref(walk: *mut Enumerate) -> *mut Enumerate {
    if !walk.is_null() {
        // SAFETY: the caller's promise.
        drop(unsafe { Box::from_raw(walk) });
    }
    null_mut()
}

/// The next step; null after the last.
///
/// # Safety
/// `entry` is null or a step of a walk that has not ended.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn udev_list_entry_get_next(entry: *const Entry) -> *const Entry {
    // SAFETY: the caller's promise; after an entry that is not the last lies another.
    unsafe { entry.as_ref() }.filter(|entry| !entry.last).map_or(null(), |_| unsafe { entry.add(1) })
}

/// The adapter's syspath.
///
/// # Safety
/// `entry` is a step of a walk that has not ended.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn udev_list_entry_get_name(entry: *const Entry) -> *const c_char {
    // SAFETY: the caller's promise.
    unsafe { entry.as_ref() }.map_or(null(), |entry| entry.name.as_ptr())
}

/// The adapter of that path; null when it is not in the list any more.
///
/// # Safety
/// `syspath` is a C string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn udev_device_new_from_syspath(
    _udev: *mut c_void,
    syspath: *const c_char,
) -> *mut Device {
    // SAFETY: the caller's promise.
    let syspath = unsafe { text(syspath) };
    found(|adapter| Some(adapter.syspath().as_str()) == syspath)
}

/// Asked for disks and input devices only.
#[unsafe(no_mangle)]
pub extern "C" fn udev_device_new_from_devnum(
    _udev: *mut c_void,
    _kind: c_char,
    _number: u64,
) -> *mut Device {
    null_mut()
}

/// Asked for network and graphics cards only.
#[unsafe(no_mangle)]
pub extern "C" fn udev_device_new_from_subsystem_sysname(
    _udev: *mut c_void,
    _subsystem: *const c_char,
    _sysname: *const c_char,
) -> *mut Device {
    null_mut()
}

/// Lets go of an adapter.
///
/// # Safety
/// `device` comes from this library and is not used again.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn udev_device_unref(device: *mut Device) -> *mut Device {
    if !device.is_null() {
        // SAFETY: the caller's promise.
        drop(unsafe { Box::from_raw(device) });
    }
    null_mut()
}

/// `add` or `remove` for an adapter that a monitor told of; otherwise null.
///
/// # Safety
/// `device` comes from this library.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn udev_device_get_action(device: *mut Device) -> *const c_char {
    // SAFETY: the caller's promise.
    unsafe { &*device }.action.as_ref().map_or(null(), |action| action.as_ptr())
}

/// The path that is opened.
///
/// # Safety
/// `device` comes from this library.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn udev_device_get_devnode(device: *mut Device) -> *const c_char {
    // SAFETY: the caller's promise.
    let device = unsafe { &mut *device };
    device.keep(Some(device.adapter.devname.clone()))
}

/// `tty`: without it Chromium passes an adapter by.
///
/// # Safety
/// `device` comes from this library.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn udev_device_get_subsystem(device: *mut Device) -> *const c_char {
    // SAFETY: the caller's promise.
    unsafe { &mut *device }.keep(Some(SUBSYSTEM.to_owned()))
}

/// The last part of the syspath.
///
/// # Safety
/// `device` comes from this library.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn udev_device_get_sysname(device: *mut Device) -> *const c_char {
    // SAFETY: the caller's promise.
    let device = unsafe { &mut *device };
    device.keep(device.adapter.devname.rsplit('/').next().map(str::to_owned))
}

/// What Chromium knows an adapter by, from `add` to `remove`.
///
/// # Safety
/// `device` comes from this library.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn udev_device_get_syspath(device: *mut Device) -> *const c_char {
    // SAFETY: the caller's promise.
    let device = unsafe { &mut *device };
    device.keep(Some(device.adapter.syspath()))
}

/// The properties of [`Adapter::property`].
///
/// # Safety
/// `device` comes from this library, `name` is a C string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn udev_device_get_property_value(
    device: *mut Device,
    name: *const c_char,
) -> *const c_char {
    // SAFETY: the caller's promise.
    let (device, name) = unsafe { (&mut *device, text(name)) };
    device.keep(name.and_then(|name| device.adapter.property(name)))
}

/// Asked for game controllers only.
#[unsafe(no_mangle)]
pub extern "C" fn udev_device_get_sysattr_value(_device: *mut Device, _name: *const c_char) -> *const c_char {
    null()
}

/// Serial ports have none.
#[unsafe(no_mangle)]
pub extern "C" fn udev_device_get_devtype(_device: *mut Device) -> *const c_char {
    null()
}

/// Not asked for a serial port, whose properties come from the adapter itself.
#[unsafe(no_mangle)]
pub extern "C" fn udev_device_get_driver(_device: *mut Device) -> *const c_char {
    null()
}

/// An adapter stands alone.
#[unsafe(no_mangle)]
pub extern "C" fn udev_device_get_parent(_device: *mut Device) -> *mut Device {
    null_mut()
}

/// An adapter stands alone.
#[unsafe(no_mangle)]
pub extern "C" fn udev_device_get_parent_with_subsystem_devtype(
    _device: *mut Device,
    _subsystem: *const c_char,
    _devtype: *const c_char,
) -> *mut Device {
    null_mut()
}

/// Asked when the browser describes the machine; a serial port's properties are asked one by one.
#[unsafe(no_mangle)]
pub extern "C" fn udev_device_get_properties_list_entry(_device: *mut Device) -> *const Entry {
    null()
}

/// Begins to watch, at first every subsystem.
#[unsafe(no_mangle)]
pub extern "C" fn udev_monitor_new_from_netlink(_udev: *mut c_void, _name: *const c_char) -> *mut Monitor {
    Box::into_raw(Box::new(Monitor { serial: None, ear: None }))
}

/// Narrows the watch; several filters add up.
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

/// Filters are set by now: opens the FIFO for whoever watches serial ports.
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

/// What becomes readable when something was plugged in or pulled out.
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

/// The next adapter that was plugged in or pulled out; null when there is none.
///
/// # Safety
/// `monitor` comes from [`udev_monitor_new_from_netlink`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn udev_monitor_receive_device(monitor: *mut Monitor) -> *mut Device {
    // SAFETY: the caller's promise.
    let heard = unsafe { &mut *monitor }.ear.as_mut().and_then(Ear::hear);
    heard.map_or(null_mut(), |(action, adapter)| Device::new(adapter, Some(&action)))
}

/// Ends the watch.
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
