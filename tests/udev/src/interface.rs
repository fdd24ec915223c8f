//! The C interface: the functions that `nm -D chromium | grep udev_` lists, as libudev's manual describes them.
//!
//! Handles are boxes handed out as pointers; `…_unref` takes them back. Chromium never takes a second reference, so
//! references are not counted. Strings belong to their handle. Functions that serial ports do not need return null.
//!
//! A file for each kind of handle: [`device`], [`walk`] and [`monitor`].

pub mod device;
pub mod monitor;
pub mod walk;

use std::ffi::{CStr, c_char, c_void};
use std::ptr::null_mut;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::{Adapter, DEVICES};

/// Creates a context. It has no content here, so any pointer that is not null will do.
#[unsafe(no_mangle)]
pub extern "C" fn udev_new() -> *mut c_void {
    std::ptr::dangling_mut()
}

/// Does nothing, because a context allocates nothing. Returns null.
#[unsafe(no_mangle)]
pub extern "C" fn udev_unref(_udev: *mut c_void) -> *mut c_void {
    null_mut()
}

/// The syspaths of the adapters that are known by now, from a walk or from an event.
///
/// An adapter that is plugged in between the beginning of a watch and the first walk is in both. Chromium would then
/// list it twice, and forget only one of the two when it is pulled out. Real udev could also report an adapter twice,
/// but hardly ever does.
fn known() -> MutexGuard<'static, Vec<String>> {
    static KNOWN: Mutex<Vec<String>> = Mutex::new(Vec::new());
    KNOWN.lock().unwrap_or_else(PoisonError::into_inner)
}

fn adapters() -> Vec<Adapter> {
    let list = std::env::var_os(DEVICES).and_then(|path| std::fs::read_to_string(path).ok());
    list.unwrap_or_default().lines().filter_map(|line| line.parse().ok()).collect()
}

/// # Safety
/// `text` is null or a C string.
unsafe fn text<'a>(text: *const c_char) -> Option<&'a str> {
    // SAFETY: the caller's promise. If it is not null, it is a C string.
    (!text.is_null()).then(|| unsafe { CStr::from_ptr(text) }).and_then(|text| text.to_str().ok())
}
