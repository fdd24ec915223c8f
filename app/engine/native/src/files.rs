//! Files and folders in memory. They can be made to fail.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use metertap_engine::platform::{
    self, FileError, FileErrorKind, Input, InputGone, Output, Sheet, SheetError,
};
use metertap_readings::entry::Moment;

/// An object that is sent beside a message, because only the platform can pass it around.
#[derive(Clone, Debug)]
pub enum Handle {
    /// A file.
    File(Rc<File>),
    /// A folder.
    Folder(Rc<Folder>),
    /// Bytes in memory.
    Blob(Rc<Blob>),
}

/// A file on the user's disk.
#[derive(Debug, Default)]
pub struct File {
    /// Its name.
    pub name: String,
    bytes: RefCell<Vec<u8>>,
    /// The largest size that the file can have, in bytes. `None` sets no limit.
    room: Cell<Option<usize>>,
    gone: Cell<bool>,
}

/// Bytes in memory.
#[derive(Debug)]
pub struct Blob {
    /// Their media type.
    pub media_type: String,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// A folder on the user's disk.
#[derive(Debug, Default)]
pub struct Folder {
    files: RefCell<BTreeMap<String, Rc<File>>>,
    forbidden: Cell<bool>,
    gone: Cell<bool>,
}

impl File {
    /// A file with these bytes.
    #[must_use]
    pub fn new(name: &str, bytes: Vec<u8>) -> Rc<Self> {
        Rc::new(Self { name: name.to_owned(), bytes: RefCell::new(bytes), ..Self::default() })
    }

    /// The file's contents.
    #[must_use]
    pub fn octets(&self) -> Vec<u8> {
        self.bytes.borrow().clone()
    }

    /// Replaces the contents.
    pub fn change(&self, bytes: Vec<u8>) {
        self.bytes.replace(bytes);
    }

    /// Limits the file to this many bytes from now on. `None` removes the limit.
    pub fn limit(&self, room: Option<usize>) {
        self.room.set(room);
    }

    /// Removes the file.
    pub fn remove(&self) {
        self.gone.set(true);
    }
}

impl Folder {
    /// The names of the files in the folder.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.files.borrow().keys().cloned().collect()
    }

    /// A file in the folder, by name.
    #[must_use]
    pub fn file(&self, name: &str) -> Option<Rc<File>> {
        self.files.borrow().get(name).cloned()
    }

    /// Allows or forbids access from now on.
    pub fn allow(&self, allowed: bool) {
        self.forbidden.set(!allowed);
    }

    /// Removes the folder.
    pub fn remove(&self) {
        self.gone.set(true);
    }
}

#[derive(Clone, Debug)]
/// A file that is being read.
pub struct Reading {
    pub(crate) file: Rc<File>,
    pub(crate) place: usize,
}

impl Input for Reading {
    fn name(&self) -> String {
        self.file.name.clone()
    }

    fn octets(&self) -> (u64, u64) {
        (self.file.bytes.borrow().len() as u64, self.place as u64)
    }

    async fn next(&mut self) -> Result<Option<Vec<u8>>, InputGone> {
        if self.file.gone.get() {
            return Err(InputGone);
        }
        let bytes = self.file.bytes.borrow();
        let rest = bytes.get(self.place..).unwrap_or_default();
        let slice = rest.get(..SLICE).unwrap_or(rest).to_vec();
        self.place += slice.len();
        Ok(Some(slice).filter(|slice| !slice.is_empty()))
    }
}

/// A file that is being written.
#[derive(Debug)]
pub struct Writing {
    pub(crate) into: Option<Rc<File>>,
    pub(crate) bytes: RefCell<Vec<u8>>,
}

impl Output for Writing {
    type Handle = Handle;

    async fn write(&self, bytes: &[u8]) -> Result<(), FileError> {
        self.bytes.borrow_mut().extend_from_slice(bytes);
        let room = self.into.as_ref().and_then(|file| file.room.get()).unwrap_or(usize::MAX);
        match self.bytes.borrow().len() > room {
            true => Err(failed(FileErrorKind::Full, "QuotaExceededError")),
            false => Ok(()),
        }
    }

    async fn finish(self, media_type: &str) -> Result<Option<Handle>, FileError> {
        let bytes = self.bytes.into_inner();
        match self.into {
            Some(file) => {
                file.bytes.replace(bytes);
                Ok(None)
            }
            None => Ok(Some(Handle::Blob(Rc::new(Blob { media_type: media_type.to_owned(), bytes })))),
        }
    }

    async fn abandon(self) {}
}

/// A folder that is being written to.
#[derive(Debug)]
pub struct Opened(pub(crate) Rc<Folder>);

impl Opened {
    fn is_there(&self) -> Result<(), FileError> {
        match (self.0.gone.get(), self.0.forbidden.get()) {
            (true, _) => Err(failed(FileErrorKind::Gone, "NotFoundError")),
            (_, true) => Err(failed(FileErrorKind::NotAllowed, "NotAllowedError")),
            _ => Ok(()),
        }
    }
}

impl platform::Folder for Opened {
    type Handle = Handle;

    async fn is_allowed(&self) -> bool {
        !self.0.forbidden.get()
    }

    async fn names(&self) -> Result<Vec<String>, FileError> {
        self.is_there()?;
        Ok(self.0.names())
    }

    async fn file(&self, name: &str) -> Result<Handle, FileError> {
        self.is_there()?;
        let mut files = self.0.files.borrow_mut();
        let file = files.entry(name.to_owned()).or_insert_with(|| File::new(name, Vec::new()));
        Ok(Handle::File(Rc::clone(file)))
    }

    async fn remove(&self, name: &str) -> Result<(), FileError> {
        self.is_there()?;
        self.0.files.borrow_mut().remove(name);
        Ok(())
    }
}

/// A workbook, represented by its table.
#[derive(Debug, Default)]
pub struct Table(Vec<u8>);

impl Sheet for Table {
    async fn push(&mut self, bytes: &[u8]) -> Result<(), SheetError> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }

    async fn finish(&mut self, _now: Moment) -> Result<Vec<u8>, SheetError> {
        Ok(std::mem::take(&mut self.0))
    }
}

fn failed(kind: FileErrorKind, name: &str) -> FileError {
    FileError { kind, name: name.to_owned() }
}

/// The number of bytes in one read.
const SLICE: usize = 65_536;
