//! Stands in for Trunk's unpacker of downloads. Trunk.toml says `offline = true`, so Trunk downloads nothing, and the
//! real unpacker would need three C libraries.

use std::{
    io::{self, Empty, Read},
    marker::PhantomData,
    path::PathBuf,
};

/// Would be an archive.
#[derive(Debug)]
pub struct ZipArchive<R>(PhantomData<R>);

/// Would be a file in an archive.
#[derive(Debug)]
pub struct ZipFile(Empty);

impl<R> ZipArchive<R> {
    /// # Errors
    /// Always: nothing is unpacked here.
    pub fn new(_: R) -> io::Result<Self> {
        Err(io::Error::other("this Trunk unpacks nothing: see offline in Trunk.toml"))
    }

    /// The number of files.
    pub fn len(&self) -> usize {
        0
    }

    /// Whether there are no files.
    pub fn is_empty(&self) -> bool {
        true
    }

    /// # Errors
    /// Always: there is no file.
    pub fn by_index(&mut self, _: usize) -> io::Result<ZipFile> {
        Err(io::ErrorKind::NotFound.into())
    }
}

impl ZipFile {
    /// Always `None`.
    pub fn enclosed_name(&self) -> Option<PathBuf> {
        None
    }

    /// Always `None`.
    pub fn unix_mode(&self) -> Option<u32> {
        None
    }
}

impl Read for ZipFile {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}
