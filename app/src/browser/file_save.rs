//! Writes a file that the user asked for: into a file that they picked, or into memory for the window to save.

use std::cell::RefCell;

use js_sys::{Array, Promise, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, BlobPropertyBag, FileSystemFileHandle, FileSystemWritableFileStream};

/// A file that is being written.
#[derive(Debug)]
pub enum FileSave {
    /// Into the file behind a handle. The content appears under the file's name once the file is finished. The second
    /// field is the write in progress.
    Stream(FileSystemWritableFileStream, RefCell<Option<Promise>>),
    /// Into memory, piece by piece.
    Memory(Array),
}

/// The file could not be written: the permission was withdrawn, the disk is full, or the value is not a handle.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SaveError {
    /// The browser's name for the error, such as `NotAllowedError`.
    pub name: String,
}

impl FileSave {
    /// Writes into the file of this `FileSystemFileHandle`.
    ///
    /// # Errors
    /// If the value is not a handle, or writing is not allowed.
    pub async fn into_file(handle: JsValue) -> Result<Self, SaveError> {
        let handle: FileSystemFileHandle = handle.dyn_into().map_err(|other| refused(&other))?;
        let stream = settled(handle.create_writable()).await?;
        let stream = stream.dyn_into().map_err(|other| refused(&other))?;
        Ok(Self::Stream(stream, RefCell::default()))
    }

    /// Writes into memory.
    #[must_use]
    pub fn in_memory() -> Self {
        Self::Memory(Array::new())
    }

    /// Writes the next piece. Returns when the previous piece is written.
    ///
    /// # Errors
    /// If the disk is full, or the file was taken away. An error of this piece is returned by [`finish`](Self::finish)
    /// or by the next write.
    pub async fn write(&self, octets: &[u8]) -> Result<(), SaveError> {
        // A copy, so that the browser's data stays unchanged whatever happens to this program's memory.
        let octets = Uint8Array::from(octets);
        match self {
            Self::Stream(stream, underway) => {
                let written = stream.write_with_js_u8_array(&octets).map_err(|error| refused(&error))?;
                match underway.replace(Some(written)) {
                    Some(before) => settled(before).await.map(drop),
                    None => Ok(()),
                }
            }
            Self::Memory(parts) => {
                // A blob of its own, so that the browser may store it on the disk.
                let part = Blob::new_with_u8_array_sequence(&Array::of1(&octets));
                parts.push(&part.map_err(|error| refused(&error))?.into());
                Ok(())
            }
        }
    }

    /// Finishes the file. Returns it if it was written into memory.
    ///
    /// # Errors
    /// If the disk is full, or the file was taken away.
    pub async fn finish(self, media_type: &str) -> Result<Option<Blob>, SaveError> {
        match self {
            Self::Stream(stream, underway) => {
                if let Some(last) = underway.take() {
                    settled(last).await?;
                }
                settled(stream.close()).await.map(|_| None)
            }
            Self::Memory(parts) => {
                let properties = BlobPropertyBag::new();
                properties.set_type(media_type);
                Blob::new_with_blob_sequence_and_options(&parts, &properties)
                    .map(Some)
                    .map_err(|error| refused(&error))
            }
        }
    }

    /// Gives up. The file behind the handle stays as it was.
    pub async fn abandon(self) {
        if let Self::Stream(stream, underway) = self {
            // The caller already knows why it gives up.
            if let Some(last) = underway.take() {
                drop(settled(last).await);
            }
            // If a file cannot even be abandoned, nothing is left to do.
            drop(settled(stream.abort()).await);
        }
    }
}

pub(super) async fn settled(promise: Promise) -> Result<JsValue, SaveError> {
    JsFuture::from(promise).await.map_err(|error| refused(&error))
}

pub(super) fn refused(error: &JsValue) -> SaveError {
    let name = error.dyn_ref::<js_sys::Error>().map(|error| String::from(error.name()));
    SaveError { name: name.unwrap_or_else(|| "TypeError".to_owned()) }
}
