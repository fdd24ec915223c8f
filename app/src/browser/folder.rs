//! Files in a folder that the user has chosen: lists, creates and removes them.

use js_sys::{AsyncIterator, IteratorNext, Promise};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    FileSystemDirectoryHandle, FileSystemGetFileOptions, FileSystemHandlePermissionDescriptor,
    FileSystemPermissionMode,
};

use super::file_save::{SaveError, refused, settled};

/// A folder.
#[derive(Clone, Debug)]
pub struct Folder(pub FileSystemDirectoryHandle);

impl Folder {
    /// The folder behind a handle; `None` for any other value.
    #[must_use]
    pub fn of(handle: &JsValue) -> Option<Self> {
        handle.dyn_ref::<FileSystemDirectoryHandle>().map(|folder| Self(folder.clone()))
    }

    /// Whether the page may write to the folder without asking; `false` if the browser does not report it.
    pub async fn is_allowed(&self) -> bool {
        let mode = FileSystemHandlePermissionDescriptor::new();
        mode.set_mode(FileSystemPermissionMode::Readwrite);
        let answer = JsFuture::from(self.0.query_permission_with_descriptor(&mode)).await;
        answer.is_ok_and(|answer| JsValue::from(answer).as_string().as_deref() == Some("granted"))
    }

    /// Lists the names of the files and folders in this folder.
    ///
    /// # Errors
    /// If the folder was moved or removed, or may not be read.
    pub async fn names(&self) -> Result<Vec<String>, SaveError> {
        let (keys, mut names): (AsyncIterator, _) = (self.0.keys(), Vec::new());
        loop {
            let next: Promise = keys.next().map_err(|error| refused(&error))?.unchecked_into();
            let next: IteratorNext = settled(next).await?.unchecked_into();
            if next.done() {
                return Ok(names);
            }
            names.extend(next.value().as_string());
        }
    }

    /// Creates a file if necessary, and returns its handle.
    ///
    /// # Errors
    /// If the folder was moved or removed, or may not be written to.
    pub async fn file(&self, name: &str) -> Result<JsValue, SaveError> {
        let options = FileSystemGetFileOptions::new();
        options.set_create(true);
        settled(self.0.get_file_handle_with_options(name, &options)).await
    }

    /// Removes a file.
    ///
    /// # Errors
    /// If there is no such file, or it may not be removed.
    pub async fn remove(&self, name: &str) -> Result<(), SaveError> {
        settled(self.0.remove_entry(name)).await.map(drop)
    }
}
