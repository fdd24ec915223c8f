//! A file that the person has chosen, read a slice at a time: however long it is, no more of it is in memory.

use js_sys::Uint8Array;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::File;

/// A file and how far it was read.
#[derive(Clone, Debug)]
pub struct FileSlices {
    file: File,
    place: f64,
}

/// The file was moved, changed or removed since it was chosen.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Gone;

impl FileSlices {
    /// From the beginning of a `File`; `None` of anything else.
    #[must_use]
    pub fn new(file: &JsValue) -> Option<Self> {
        file.dyn_ref::<File>().map(|file| Self { file: file.clone(), place: 0.0 })
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> String {
        self.file.name()
    }

    /// How many octets it has, and how many were read.
    #[must_use]
    pub fn octets(&self) -> (u64, u64) {
        // Sizes of files are whole numbers far below 2⁵³.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "see above")]
        let whole = |octets: f64| octets as u64;
        (whole(self.file.size()), whole(self.place.min(self.file.size())))
    }

    /// The next slice; none at the end.
    ///
    /// # Errors
    /// If the file cannot be read any more.
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

/// Octets of a slice.
const SLICE: f64 = 1_048_576.0;
