//! Reads a file that the user has chosen, one slice at a time: however long it is, only one slice is in memory.

use js_sys::Uint8Array;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::File;

/// A file, and how far it has been read.
#[derive(Clone, Debug)]
pub struct FileSlices {
    file: File,
    place: f64,
}

/// The file was moved, changed or removed since it was chosen.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Gone;

impl FileSlices {
    /// Creates a reader at the beginning of a `File`; `None` for any other value.
    #[must_use]
    pub fn new(file: &JsValue) -> Option<Self> {
        file.dyn_ref::<File>().map(|file| Self { file: file.clone(), place: 0.0 })
    }

    /// The file's name.
    #[must_use]
    pub fn name(&self) -> String {
        self.file.name()
    }

    /// How many bytes the file has, and how many have been read.
    #[must_use]
    pub fn octets(&self) -> (u64, u64) {
        // File sizes are whole numbers far below 2⁵³.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "see above")]
        let whole = |octets: f64| octets as u64;
        (whole(self.file.size()), whole(self.place.min(self.file.size())))
    }

    /// Reads the next slice, at most a mebibyte; `None` at the end.
    ///
    /// # Errors
    /// If the file can no longer be read.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>, Gone> {
        if self.place >= self.file.size() {
            return Ok(None);
        }
        let end = self.place + SLICE;
        let slice = self.file.slice_with_f64_and_f64(self.place, end).map_err(|_| Gone)?;
        let octets = JsFuture::from(slice.array_buffer()).await.map_err(|_| Gone)?;
        self.place = end;
        Ok(Some(Uint8Array::new(&octets).to_vec()))
    }
}

const SLICE: f64 = 1_048_576.0;
