//! [`Enumerate`]: a walk over the existing adapters.

use std::ffi::{CString, c_char, c_int, c_void};
use std::ptr::{null, null_mut};

use super::{adapters, known, text};
use crate::Adapter;
use crate::adapter::SUBSYSTEM;

/// A walk over the existing adapters.
#[derive(Debug)]
pub struct Enumerate {
    serial: bool,
    entries: Vec<Entry>,
}

/// One step of the walk. The steps of a walk lie next to each other in memory.
#[derive(Debug)]
pub struct Entry {
    name: CString,
    last: bool,
}

/// Creates a walk, at first over all subsystems.
#[unsafe(no_mangle)]
pub extern "C" fn udev_enumerate_new(_udev: *mut c_void) -> *mut Enumerate {
    Box::into_raw(Box::new(Enumerate { serial: true, entries: Vec::new() }))
}

/// Limits the walk to a subsystem. A walk over other subsystems finds nothing.
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

/// Reads the list of adapters.
///
/// # Safety
/// `walk` comes from [`udev_enumerate_new`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn udev_enumerate_scan_devices(walk: *mut Enumerate) -> c_int {
    // SAFETY: the caller's promise.
    let walk = unsafe { &mut *walk };
    let adapters = if walk.serial { adapters() } else { Vec::new() };
    let names: Vec<String> = adapters.iter().map(Adapter::syspath).collect();
    known().extend(names.iter().cloned());
    let names = names.into_iter().filter_map(|name| CString::new(name).ok());
    walk.entries = names.map(|name| Entry { name, last: false }).collect();
    if let Some(entry) = walk.entries.last_mut() {
        entry.last = true;
    }
    0
}

/// The first step of the walk; null if there is none.
///
/// # Safety
/// `walk` comes from [`udev_enumerate_new`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn udev_enumerate_get_list_entry(walk: *mut Enumerate) -> *const Entry {
    // SAFETY: the caller's promise.
    unsafe { &*walk }.entries.first().map_or(null(), |entry| entry)
}

/// Releases the walk.
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
    // SAFETY: the caller's promise; after an entry that is not the last, there is another one.
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
