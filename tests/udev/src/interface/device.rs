//! [`Device`]: one adapter, and the functions that read its properties.

use std::ffi::{CString, c_char, c_void};
use std::ptr::{null, null_mut};

use super::walk::Entry;
use super::{adapters, text};
use crate::Adapter;
use crate::adapter::SUBSYSTEM;

/// One adapter, with every string that was asked for.
#[derive(Debug)]
pub struct Device {
    adapter: Adapter,
    action: Option<CString>,
    strings: Vec<CString>,
}

impl Device {
    pub(super) fn new(adapter: Adapter, action: Option<&str>) -> *mut Self {
        let action = action.and_then(|action| CString::new(action).ok());
        Box::into_raw(Box::new(Self { adapter, action, strings: Vec::new() }))
    }

    fn keep(&mut self, text: Option<String>) -> *const c_char {
        let Some(Ok(text)) = text.map(CString::new) else { return null() };
        self.strings.push(text);
        // The bytes of a CString stay where they are when the vector that owns it grows.
        self.strings.last().map_or(null(), |text| text.as_ptr())
    }
}

/// The adapter with this path; null if it is no longer in the list.
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

/// Returns null. Chromium calls this for disks and input devices only.
#[unsafe(no_mangle)]
pub extern "C" fn udev_device_new_from_devnum(
    _udev: *mut c_void,
    _kind: c_char,
    _number: u64,
) -> *mut Device {
    null_mut()
}

/// Returns null. Chromium calls this for network and graphics cards only.
#[unsafe(no_mangle)]
pub extern "C" fn udev_device_new_from_subsystem_sysname(
    _udev: *mut c_void,
    _subsystem: *const c_char,
    _sysname: *const c_char,
) -> *mut Device {
    null_mut()
}

/// Releases an adapter.
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

/// `add` or `remove` for an adapter from a monitor; otherwise null.
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

/// Always `tty`. Chromium ignores an adapter of another subsystem.
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

/// The path by which Chromium identifies an adapter, from `add` to `remove`.
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

/// Returns null. Chromium calls this for game controllers only.
#[unsafe(no_mangle)]
pub extern "C" fn udev_device_get_sysattr_value(_device: *mut Device, _name: *const c_char) -> *const c_char {
    null()
}

/// Returns null, because serial ports have no device type.
#[unsafe(no_mangle)]
pub extern "C" fn udev_device_get_devtype(_device: *mut Device) -> *const c_char {
    null()
}

/// Returns null. Chromium does not call this for a serial port, whose properties come from the adapter itself.
#[unsafe(no_mangle)]
pub extern "C" fn udev_device_get_driver(_device: *mut Device) -> *const c_char {
    null()
}

/// Returns null, because an adapter has no parent here.
#[unsafe(no_mangle)]
pub extern "C" fn udev_device_get_parent(_device: *mut Device) -> *mut Device {
    null_mut()
}

/// Returns null, because an adapter has no parent here.
#[unsafe(no_mangle)]
pub extern "C" fn udev_device_get_parent_with_subsystem_devtype(
    _device: *mut Device,
    _subsystem: *const c_char,
    _devtype: *const c_char,
) -> *mut Device {
    null_mut()
}

/// Returns null. Chromium calls this to describe the machine, and asks for a serial port's properties one by one.
#[unsafe(no_mangle)]
pub extern "C" fn udev_device_get_properties_list_entry(_device: *mut Device) -> *const Entry {
    null()
}

fn found(matches: impl Fn(&Adapter) -> bool) -> *mut Device {
    adapters().into_iter().find(matches).map_or(null_mut(), |adapter| Device::new(adapter, None))
}
