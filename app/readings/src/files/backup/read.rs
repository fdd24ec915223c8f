//! [`Reader`]: decodes bytes into frames.

use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use super::setting::Named;
use super::{
    CURSOR, END, IMPORT, LOG, MAGIC, MANIFEST, METER, MOST_BYTES, Piece, ROW, Refusal, SETTING, VERSION,
};
use crate::store::MeterKey;
use crate::store::disk::Shelf;

/// Reads a backup piece by piece.
#[derive(Clone, Debug, Default)]
pub struct Reader {
    /// The bytes that were pushed. Those from `place` on belong to no returned frame yet.
    bytes: Vec<u8>,
    place: usize,
    begun: bool,
    ended: bool,
    digest: Sha256,
}

impl Reader {
    /// Takes the next bytes of the file.
    pub fn push(&mut self, bytes: &[u8]) {
        self.bytes.drain(..self.place);
        self.place = 0;
        self.bytes.extend_from_slice(bytes);
    }

    /// Returns the next frame; `None` if more bytes are needed or the end was read. After a refusal, the reader is of
    /// no further use.
    #[allow(clippy::should_implement_trait, reason = "an iterator would end at its first None")]
    pub fn next(&mut self) -> Option<Result<Piece, Refusal>> {
        if !self.begun {
            let head = self.take(MAGIC.len() + 1)?;
            match head.split_last() {
                Some((&VERSION, MAGIC)) => {}
                Some((version, MAGIC)) => return Some(Err(Refusal::Version(*version))),
                _ => return Some(Err(Refusal::Foreign)),
            }
            self.begun = true;
            self.digest.update(head);
        }
        while !self.ended {
            let head = *self.rest().first_chunk::<HEAD>()?;
            let [kind, length @ ..] = head;
            let length = usize::try_from(u32::from_le_bytes(length)).unwrap_or(usize::MAX);
            if length > MOST_BYTES {
                return Some(Err(Refusal::Malformed));
            }
            let whole = self.take(HEAD + length)?;
            let bytes = whole.get(HEAD..).unwrap_or_default();
            if kind == END {
                return self.end(bytes).err().map(Err);
            }
            let read = frame(kind, bytes);
            self.digest.update(whole);
            match read {
                Ok(Some(frame)) => return Some(Ok(frame)),
                Ok(None) => {}
                Err(refusal) => return Some(Err(refusal)),
            }
        }
        None
    }

    fn end(&mut self, bytes: &[u8]) -> Result<(), Refusal> {
        self.ended = true;
        // A fuzzer cannot guess checksums.
        let sound = cfg!(fuzzing) || self.digest.clone().finalize().as_slice() == bytes;
        if sound { Ok(()) } else { Err(Refusal::Checksum) }
    }

    /// Checks that the file ends where the backup does. Returns a digest, which shows whether the file is the same when
    /// it is read again.
    ///
    /// # Errors
    /// If its end is missing, or bytes follow it.
    pub fn finish(self) -> Result<Seal, Refusal> {
        match (self.begun, self.ended, self.rest().is_empty()) {
            (true, true, true) => Ok(Seal(self.digest.finalize().into())),
            (true, true, false) => Err(Refusal::Malformed),
            (true, false, _) => Err(Refusal::Truncated),
            (false, ..) if MAGIC.starts_with(self.rest()) => Err(Refusal::Truncated),
            (false, ..) => Err(Refusal::Foreign),
        }
    }

    fn rest(&self) -> &[u8] {
        self.bytes.get(self.place..).unwrap_or_default()
    }

    fn take(&mut self, count: usize) -> Option<Vec<u8>> {
        let taken = self.rest().get(..count)?.to_vec();
        self.place += count;
        Some(taken)
    }
}

/// The digest of a file that was read to its end.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Seal([u8; 32]);

/// Decodes a frame. Returns `None` for a setting with an unknown name or an invalid value.
fn frame(kind: u8, bytes: &[u8]) -> Result<Option<Piece>, Refusal> {
    if kind == SETTING {
        let setting: Named = json(bytes).ok_or(Refusal::Malformed)?;
        return Ok(setting.setting().map(Piece::Setting));
    }
    other(kind, bytes).map(Some).ok_or(Refusal::Malformed)
}

fn other(kind: u8, bytes: &[u8]) -> Option<Piece> {
    Some(match kind {
        MANIFEST => Piece::Manifest(json(bytes)?),
        LOG => Piece::Log(MeterKey(str::from_utf8(bytes).ok()?.to_owned())),
        ROW => {
            let (shelf, rest) = bytes.split_first()?;
            let (number, row) = rest.split_first_chunk()?;
            let shelf = Shelf::ALL.get(usize::from(*shelf))?;
            Piece::Row(*shelf, i64::from_le_bytes(*number), row.to_vec())
        }
        METER => Piece::Meter(json(bytes)?),
        CURSOR => Piece::Cursor(json(bytes)?),
        IMPORT => Piece::Import(json(bytes)?),
        _ => return None,
    })
}

fn json<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    serde_json::from_slice(bytes).ok()
}

/// The bytes of a frame's kind and length.
const HEAD: usize = 5;
