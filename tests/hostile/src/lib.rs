//! Files that were made to do harm: backups, readings as JSON Lines, tables and recordings.
//!
//! Each begins as a file that a house of simulated meters wrote, or as a table in another program's format. This crate
//! knows the structure of such files, so it changes a frame, a row, a cell, a value or a byte of a telegram. Then it
//! recomputes what protects that part: lengths, the CRC-32 of a row, the checksum of a telegram, the SHA-256 of a
//! backup. So most files pass the outer check, and test the code behind it. A few files are damaged once more after
//! that.
//!
//! ```text
//! House ─► what it wrote ─► Corpus ─► HostileFile, HostileFile, …
//! ```
//!
//! The same seed always gives the same corpus.
#![allow(clippy::unwrap_used, clippy::missing_panics_doc, reason = "it is for tests")]

mod backup;
mod bytes;
mod capture;
mod house;
mod json;
mod lines;
mod row;
mod table;
mod telegram;

use metertap_native::Chance;

pub use house::House;

/// A file, and what it pretends to be.
#[derive(Clone, Debug)]
pub struct HostileFile {
    /// Its name.
    pub name: String,
    /// What it pretends to be.
    pub kind: Kind,
    /// The content of the file.
    pub bytes: Vec<u8>,
}

/// What a file pretends to be.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Kind {
    /// A backup.
    Backup,
    /// Readings, one per line.
    Lines,
    /// A table.
    Table,
    /// A capture of what went over a meter's line.
    Capture,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 4] = [Self::Backup, Self::Lines, Self::Table, Self::Capture];
}

/// An endless series of hostile files.
#[derive(Clone, Debug)]
pub struct Corpus {
    written: Written,
    /// The address that files name, although no user has entered it.
    address: String,
    chance: Chance,
    number: u64,
}

/// What a house wrote, and tables in the formats of other programs.
#[derive(Clone, Debug, Default)]
pub struct Written {
    /// Backups, with keys and passwords.
    pub backups: Vec<Vec<u8>>,
    /// Readings as JSON Lines.
    pub lines: Vec<String>,
    /// Tables.
    pub tables: Vec<String>,
    /// Captures.
    pub captures: Vec<String>,
}

impl Corpus {
    /// A corpus with this seed, made from the files of a house.
    #[must_use]
    pub fn new(written: Written, seed: u64) -> Self {
        Self { written, address: "ws://evil.example/".to_owned(), chance: Chance::new(seed), number: 0 }
    }

    /// The same corpus, in which brokers and bridges have this address.
    #[must_use]
    pub fn naming(self, address: &str) -> Self {
        Self { address: address.to_owned(), ..self }
    }

    /// The next file that pretends to be of this kind.
    pub fn file(&mut self, kind: Kind) -> HostileFile {
        self.number += 1;
        let (Written { backups, lines, tables, captures }, chance) = (&self.written, &mut self.chance);
        let of_text = |all: &[String], chance: &mut Chance| chance.one(all).cloned().unwrap_or_default();
        let (mut bytes, ending) = match kind {
            Kind::Backup => (backup::spoilt(backups, &self.address, chance), "metertap"),
            Kind::Lines => (lines::spoilt(&of_text(lines, chance), chance), "jsonl"),
            Kind::Table => (table::spoilt(&of_text(tables, chance), chance), "csv"),
            Kind::Capture => (capture::spoilt(&of_text(captures, chance), chance), "txt"),
        };
        if chance.is_one_in(LEFT_DAMAGED) {
            bytes::damage(&mut bytes, chance);
        }
        HostileFile { name: format!("hostile-{}.{ending}", self.number), kind, bytes }
    }
}

impl Iterator for Corpus {
    type Item = HostileFile;

    fn next(&mut self) -> Option<HostileFile> {
        let kind = *self.chance.one(&Kind::ALL)?;
        Some(self.file(kind))
    }
}

/// One file in this many is damaged after all its checksums have been computed.
const LEFT_DAMAGED: u64 = 25;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_files() {
        let written = House::begin().written;
        let files =
            |seed| Corpus::new(written.clone(), seed).take(20).map(|file| file.bytes).collect::<Vec<_>>();
        assert_eq!(files(7), files(7));
        assert_ne!(files(7), files(8));
    }
}
