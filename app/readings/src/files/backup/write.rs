//! [`Writer`]: encodes frames as bytes.

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::setting::Named;
use super::{CURSOR, END, IMPORT, LOG, MAGIC, MANIFEST, METER, Piece, ROW, SETTING, VERSION};
use crate::store::disk::Shelf;

/// Writes a backup frame by frame.
#[derive(Clone, Debug, Default)]
pub struct Writer {
    begun: bool,
    digest: Sha256,
}

impl Writer {
    /// Appends the next frame to `out`.
    pub fn frame(&mut self, frame: &Piece, out: &mut Vec<u8>) {
        let (start, kind, bytes) = (out.len(), kind(frame), body(frame));
        if !std::mem::replace(&mut self.begun, true) {
            out.extend_from_slice(MAGIC);
            out.push(VERSION);
        }
        write(kind, &bytes, out);
        self.digest.update(out.get(start..).unwrap_or_default());
    }

    /// Appends the end.
    pub fn end(self, out: &mut Vec<u8>) {
        write(END, &self.digest.finalize(), out);
    }
}

fn write(kind: u8, bytes: &[u8], out: &mut Vec<u8>) {
    out.push(kind);
    // No row comes near four gigabytes, and a reader refuses a row above 16 MiB.
    out.extend(u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_le_bytes());
    out.extend_from_slice(bytes);
}

const fn kind(frame: &Piece) -> u8 {
    match frame {
        Piece::Manifest(_) => MANIFEST,
        Piece::Log(_) => LOG,
        Piece::Row(..) => ROW,
        Piece::Meter(_) => METER,
        Piece::Cursor(_) => CURSOR,
        Piece::Setting(_) => SETTING,
        Piece::Import(_) => IMPORT,
    }
}

fn body(frame: &Piece) -> Vec<u8> {
    match frame {
        Piece::Manifest(manifest) => json(manifest),
        Piece::Log(key) => key.0.as_bytes().to_vec(),
        Piece::Row(shelf, number, bytes) => {
            let place = Shelf::ALL.iter().position(|other| other == shelf).unwrap_or_default();
            let [place, ..] = place.to_le_bytes();
            [&[place], number.to_le_bytes().as_slice(), bytes].concat()
        }
        Piece::Meter(record) => json(record),
        Piece::Cursor(cursor) => json(cursor),
        Piece::Setting(setting) => json(&Named::from(setting)),
        Piece::Import(import) => json(import),
    }
}

fn json(value: &impl Serialize) -> Vec<u8> {
    // This cannot fail: every key is a string, and writing to memory always succeeds.
    serde_json::to_vec(value).unwrap_or_default()
}
