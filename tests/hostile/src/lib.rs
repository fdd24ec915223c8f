//! Files that were made to do harm: backups, readings as JSON Lines, tables and recordings.
//!
//! Each begins as a file that a house of simulated meters wrote. Its structure is known here, so that what is changed is a
//! frame, a row, a cell, a value or an octet of a telegram. Whatever vouches for it is computed anew: lengths, the CRC-32
//! of a row, the checksum of a telegram, the SHA-256 of a backup. So most files get past the outer check, and it is seen
//! what lies behind it. A few are left as they were damaged.
//!
//! ```text
//! House ─► what it wrote ─► Corpus ─► HostileFile, HostileFile, …
//! ```
//!
//! A corpus is a pure function of its seed.
#![allow(clippy::unwrap_used, clippy::missing_panics_doc, reason = "it is for tests")]

mod backup;
mod capture;
mod house;
mod json;
mod lines;
mod octets;
mod row;
mod table;
mod telegram;

use metertap_native::Chance;

pub use house::House;

/// A file, and what it pretends to be.
#[derive(Clone, Debug)]
pub struct HostileFile {
    /// What it is called.
    pub name: String,
    /// What it pretends to be.
    pub kind: Kind,
    /// What is in it.
    pub octets: Vec<u8>,
}

/// What a file pretends to be.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Kind {
    /// A backup.
    Backup,
    /// Readings, one a line.
    Lines,
    /// A table.
    Table,
    /// What went over a meter's line.
    Capture,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Backup, Self::Lines, Self::Table, Self::Capture];
}

/// Files without end.
#[derive(Clone, Debug)]
pub struct Corpus {
    written: Written,
    /// An address that nobody has named, for files to name.
    address: String,
    chance: Chance,
    number: u64,
}

/// What a house wrote.
#[derive(Clone, Debug, Default)]
pub struct Written {
    /// Backups, with keys and passwords.
    pub backups: Vec<Vec<u8>>,
    /// Readings as JSON Lines.
    pub lines: Vec<String>,
    /// Tables.
    pub tables: Vec<String>,
    /// What went over lines.
    pub captures: Vec<String>,
}

impl Corpus {
    /// The files that come of what a house wrote, by this seed.
    #[must_use]
    pub fn new(written: Written, seed: u64) -> Self {
        Self { written, address: "ws://evil.example/".to_owned(), chance: Chance::new(seed), number: 0 }
    }

    /// The same, with brokers and bridges at this address.
    #[must_use]
    pub fn naming(self, address: &str) -> Self {
        Self { address: address.to_owned(), ..self }
    }

    /// The next file that pretends to be this.
    pub fn file(&mut self, kind: Kind) -> HostileFile {
        self.number += 1;
        let (Written { backups, lines, tables, captures }, chance) = (&self.written, &mut self.chance);
        let of_text = |all: &[String], chance: &mut Chance| chance.one(all).cloned().unwrap_or_default();
        let (mut octets, ending) = match kind {
            Kind::Backup => (backup::spoilt(backups, &self.address, chance), "metertap"),
            Kind::Lines => (lines::spoilt(&of_text(lines, chance), chance), "jsonl"),
            Kind::Table => (table::spoilt(&of_text(tables, chance), chance), "csv"),
            Kind::Capture => (capture::spoilt(&of_text(captures, chance), chance), "txt"),
        };
        if chance.is_one_in(LEFT_DAMAGED) {
            octets::damage(&mut octets, chance);
        }
        HostileFile { name: format!("hostile-{}.{ending}", self.number), kind, octets }
    }
}

impl Iterator for Corpus {
    type Item = HostileFile;

    fn next(&mut self) -> Option<HostileFile> {
        let kind = *self.chance.one(&Kind::ALL)?;
        Some(self.file(kind))
    }
}

/// One in so many is damaged where nothing mends it.
const LEFT_DAMAGED: u64 = 25;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_files() {
        let written = House::begin().written;
        let files =
            |seed| Corpus::new(written.clone(), seed).take(20).map(|file| file.octets).collect::<Vec<_>>();
        assert_eq!(files(7), files(7));
        assert_ne!(files(7), files(8));
    }
}
