//! The browser's files and folders as the engine's types.

use metertap_engine::platform::{FileError, FileErrorKind, Input, InputGone, Output};
use wasm_bindgen::JsValue;

use crate::browser::file_save::{FileSave, SaveError};
use crate::browser::file_slices::FileSlices;
use crate::browser::folder::Folder;

impl Input for FileSlices {
    fn name(&self) -> String {
        self.name()
    }

    fn octets(&self) -> (u64, u64) {
        self.octets()
    }

    async fn next(&mut self) -> Result<Option<Vec<u8>>, InputGone> {
        self.next().await.map_err(|_| InputGone)
    }
}

impl Output for FileSave {
    type Handle = JsValue;

    async fn write(&self, octets: &[u8]) -> Result<(), FileError> {
        Ok(self.write(octets).await?)
    }

    async fn finish(self, media_type: &str) -> Result<Option<JsValue>, FileError> {
        Ok(self.finish(media_type).await?.map(JsValue::from))
    }

    async fn abandon(self) {
        self.abandon().await;
    }
}

impl metertap_engine::platform::Folder for Folder {
    type Handle = JsValue;

    async fn is_allowed(&self) -> bool {
        self.is_allowed().await
    }

    async fn names(&self) -> Result<Vec<String>, FileError> {
        Ok(self.names().await?)
    }

    async fn file(&self, name: &str) -> Result<JsValue, FileError> {
        Ok(self.file(name).await?)
    }

    async fn remove(&self, name: &str) -> Result<(), FileError> {
        Ok(self.remove(name).await?)
    }
}

/// Maps the browser's name of the error: <https://webidl.spec.whatwg.org/#idl-DOMException-error-names>.
impl From<SaveError> for FileError {
    fn from(SaveError { name }: SaveError) -> Self {
        let kind = match name.as_str() {
            "NotAllowedError" | "NoModificationAllowedError" => FileErrorKind::NotAllowed,
            "NotFoundError" => FileErrorKind::Gone,
            "QuotaExceededError" => FileErrorKind::Full,
            _ => FileErrorKind::Other,
        };
        Self { kind, name }
    }
}
