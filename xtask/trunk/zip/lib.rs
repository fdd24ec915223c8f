//! Stands in for what Trunk unpacks downloads with: `offline = true` in Trunk.toml means that it downloads nothing. The
//! real one has three libraries in C built for it.

use std::{
    io::{self, Empty, Read},
    marker::PhantomData,
    path::PathBuf,
};

/// What would be an archive.
#[derive(Debug)]
pub struct ZipArchive<R>(PhantomData<R>);

/// What would be a file in it.
#[derive(Debug)]
pub struct ZipFile(Empty);

impl<R> ZipArchive<R> {
    /// # Errors
    /// Always: nothing is unpacked here.
    pub fn new(_: R) -> io::Result<Self> {
        Err(io::Error::other("this Trunk unpacks nothing: see offline in Trunk.toml"))
    }

    /// How many files are in it.
    pub fn len(&self) -> usize {
        0
    }

    /// Whether there is none.
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
    /// None.
    pub fn enclosed_name(&self) -> Option<PathBuf> {
        None
    }

    /// None.
    pub fn unix_mode(&self) -> Option<u32> {
        None
    }
}

impl Read for ZipFile {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}
