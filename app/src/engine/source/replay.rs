//! [`Replay`]: octets that were recorded, as fast as they can be read.

use std::future::pending;

use metertap_decoder::line::Line;
use metertap_decoder::time::Instant;

use super::{Gone, Heard, NotOpen, Source};
use crate::browser::clock::sleep;

/// A recording, from its first octet to its last.
#[derive(Debug)]
pub(crate) struct Replay {
    octets: Vec<u8>,
    at: usize,
}

impl Replay {
    /// Plays these octets.
    pub(crate) fn new(octets: Vec<u8>) -> Self {
        Self { octets, at: 0 }
    }
}

impl Source for Replay {
    async fn open(&mut self) -> Result<(), NotOpen> {
        self.at = 0;
        Ok(())
    }

    async fn read_until(&mut self, _deadline: Option<Instant>) -> Heard {
        let rest = self.octets.get(self.at..).unwrap_or_default();
        let Some(piece) = rest.chunks(PIECE).next() else { return Heard::End };
        let piece = piece.to_vec();
        // Others have their turn between two pieces of a long file.
        sleep(0).await;
        self.at += piece.len();
        Heard::Octets(piece)
    }

    /// A recording does not listen.
    async fn write(&mut self, _octets: &[u8]) -> Result<(), Gone> {
        Ok(())
    }

    /// Nor has it a speed.
    async fn set_line(&mut self, _line: Line) -> Result<(), Gone> {
        Ok(())
    }

    async fn close(&mut self) {}

    async fn changed(&self) {
        pending().await
    }
}

const PIECE: usize = 4096;
