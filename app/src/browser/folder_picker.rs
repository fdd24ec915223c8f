//! The browser's folder picker, and its prompt for permission to write to a folder again. Only the window may open
//! them, and only from a click.

use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    DomException, FileSystemDirectoryHandle, FileSystemHandlePermissionDescriptor, FileSystemPermissionMode,
};

/// A folder that the user picked.
#[derive(Clone, Debug)]
pub struct Folder(FileSystemDirectoryHandle);

impl Folder {
    /// The folder behind a handle from a worker; `None` if the handle is of something else.
    #[must_use]
    pub fn of(handle: JsValue) -> Option<Self> {
        handle.dyn_into().ok().map(Self)
    }

    /// The folder's own name, without its path.
    #[must_use]
    pub fn name(&self) -> String {
        self.0.name()
    }

    /// The handle, for sending it to a worker.
    #[must_use]
    pub fn into_handle(self) -> JsValue {
        self.0.into()
    }
}

/// Why no folder was picked.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum NotPicked {
    /// The user closed the picker. Not an error.
    Cancelled,
    /// The browser's name of the error, such as `SecurityError`.
    Failed(String),
}

/// Whether this browser lets a page write into a folder that the user picks.
#[must_use]
pub fn is_offered() -> bool {
    picker().is_some()
}

/// Opens the picker. The picked folder may be written to. The browser opens the picker where it was last used for this
/// purpose.
///
/// # Errors
/// [`NotPicked`] says why no folder was picked.
pub async fn pick(purpose: &str) -> Result<Folder, NotPicked> {
    let options = Object::new();
    for (name, value) in [("id", purpose), ("mode", "readwrite")] {
        drop(Reflect::set(&options, &name.into(), &value.into()));
    }
    let picker = picker().ok_or_else(|| NotPicked::Failed("TypeError".to_owned()))?;
    let asked = picker.call1(&js_sys::global(), &options).map_err(|error| reason(&error))?;
    let folder = JsFuture::from(asked.unchecked_into::<Promise>()).await.map_err(|error| reason(&error))?;
    Ok(Folder(folder.unchecked_into()))
}

/// Asks the user again for permission to write to the folder. The browser keeps the answer for this handle.
pub async fn ask(folder: &Folder) {
    let mode = FileSystemHandlePermissionDescriptor::new();
    mode.set_mode(FileSystemPermissionMode::Readwrite);
    // The next write finds out what was answered.
    drop(JsFuture::from(folder.0.request_permission_with_descriptor(&mode)).await);
}

fn picker() -> Option<Function> {
    Reflect::get(&js_sys::global(), &"showDirectoryPicker".into()).ok()?.dyn_into().ok()
}

fn reason(error: &JsValue) -> NotPicked {
    match error.dyn_ref::<DomException>().map(DomException::name) {
        Some(name) if name == "AbortError" => NotPicked::Cancelled,
        name => NotPicked::Failed(name.unwrap_or_else(|| "TypeError".to_owned())),
    }
}
