//! Writing a file that the person asked for: into a file that they picked, or into memory for the window to save.

use std::cell::RefCell;

use js_sys::{Array, Promise, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, BlobPropertyBag, FileSystemFileHandle, FileSystemWritableFileStream};

/// A file that is being written.
#[derive(Debug)]
pub enum FileSave {
    /// Into the file behind a handle; it appears under its name when it is finished. And the piece on its way there.
    Stream(FileSystemWritableFileStream, RefCell<Option<Promise>>),
    /// Into memory, piece by piece.
    Memory(Array),
}

/// The file could not be written: permission taken away, disk full, or no handle.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SaveError {
    /// The browser's name for it, such as `NotAllowedError`.
    pub name: String,
}

impl FileSave {
    /// Into the file that this `FileSystemFileHandle` stands for.
    ///
    /// # Errors
    /// If it is no handle, or writing is not allowed.
    pub async fn into_file(handle: JsValue) -> Result<Self, SaveError> {
        let handle: FileSystemFileHandle = handle.dyn_into().map_err(|other| refused(&other))?;
        let stream = settled(handle.create_writable()).await?;
        let stream = stream.dyn_into().map_err(|other| refused(&other))?;
        Ok(Self::Stream(stream, RefCell::default()))
    }

    /// Into memory.
    #[must_use]
    pub fn in_memory() -> Self {
        Self::Memory(Array::new())
    }

    /// Writes what comes next; answers when there is room for more, that is when the piece before it is written.
    ///
    /// # Errors
    /// If the disk is full, or the file was taken away: of this piece, [`finish`](Self::finish) or the next one tells.
    pub async fn write(&self, octets: &[u8]) -> Result<(), SaveError> {
        // A copy that stays as it is while the browser takes it, whatever becomes of this program's memory.
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
                // A blob of its own, so that the browser may put it on its disk.
                let part = Blob::new_with_u8_array_sequence(&Array::of1(&octets));
                parts.push(&part.map_err(|error| refused(&error))?.into());
                Ok(())
            }
        }
    }

    /// Finishes the file; where it was written into memory, here it is.
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

    /// Gives up; the file behind the handle stays as it was.
    pub async fn abandon(self) {
        if let Self::Stream(stream, underway) = self {
            // Whoever gives up knows why already.
            if let Some(last) = underway.take() {
                drop(settled(last).await);
            }
            // Nothing is left to be done about a file that cannot even be abandoned.
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
