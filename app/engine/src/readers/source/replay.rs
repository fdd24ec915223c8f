//! [`Replay`]: recorded bytes, at the pace at which they arrived or as fast as they can be read.
//!
//! If a recording is replayed at its own pace, its times are those of the replay. If it is replayed as fast as
//! possible, its times are those of the recording: its clock advances with its bytes. So silences are as long as they
//! were, and readings get their original times.

use std::future::pending;

use metertap_decoder::line::Line;
use metertap_decoder::time::Instant;
use metertap_readings::entry::Moment;
use metertap_readings::files::capture::{Capture, Event};

use super::{Gone, NotOpen, Source, SourceNews};
use crate::clock::{Clock, earlier};

/// A recording, from its first byte to its last.
#[derive(Debug)]
pub struct Replay<C> {
    clock: C,
    /// The bytes that were received, each with the milliseconds since the start of the recording.
    heard: Vec<(u64, Vec<u8>)>,
    began: Option<Moment>,
    paced: bool,
    at: usize,
    /// When the replay was opened, and the moment of the recording's start.
    opened: (Instant, Moment),
    /// Milliseconds of the recording that have been replayed.
    over: u64,
    /// Bytes replayed since other tasks last had their turn.
    at_once: usize,
}

impl<C: Clock> Replay<C> {
    /// Replays a capture. `paced` has effect only if the capture has times.
    pub fn new(clock: C, capture: Capture, paced: bool) -> Self {
        let (paced, began) = (paced && capture.is_timed(), capture.head.began);
        let mut heard = Vec::new();
        for timed in capture.events {
            if let Event::Heard(bytes) = timed.event {
                let pieces = bytes.chunks(PIECE).map(|piece| (timed.at, piece.to_vec()));
                heard.extend(pieces.filter(|(_, piece)| !piece.is_empty()));
            }
        }
        let opened = (Instant::default(), Moment::default());
        Self { clock, heard, began, paced, at: 0, opened, over: 0, at_once: 0 }
    }
}

impl<C: Clock> Source for Replay<C> {
    async fn open(&mut self) -> Result<(), NotOpen> {
        (self.at, self.over) = (0, 0);
        self.opened = (self.clock.now(), self.began.unwrap_or_else(|| self.clock.moment()));
        Ok(())
    }

    async fn read_until(&mut self, deadline: Option<Instant>) -> SourceNews {
        let Some((at, bytes)) = self.heard.get(self.at) else { return SourceNews::End };
        let due = self.opened.0.after(*at);
        if self.paced {
            self.clock.until(earlier(Some(due), deadline)).await;
            if self.clock.now() < due {
                return SourceNews::Nothing;
            }
        } else {
            if self.at_once >= PIECE {
                // Lets other tasks run between two pieces of a long file.
                self.clock.sleep(0).await;
                self.at_once = 0;
            }
            if let Some(deadline) = deadline.filter(|deadline| *deadline < due) {
                self.over = self.over.max(deadline.0.saturating_sub(self.opened.0.0));
                return SourceNews::Nothing;
            }
            self.over = self.over.max(*at);
        }
        let bytes = bytes.clone();
        self.at += 1;
        self.at_once += bytes.len();
        SourceNews::Octets(bytes)
    }

    /// A recording ignores what is sent.
    async fn write(&mut self, _bytes: &[u8]) -> Result<(), Gone> {
        Ok(())
    }

    /// A recording has no speed.
    async fn set_line(&mut self, _line: Line) -> Result<(), Gone> {
        Ok(())
    }

    async fn close(&mut self) {}

    async fn changed(&mut self) {
        pending().await
    }

    fn now(&self) -> Instant {
        if self.paced { self.clock.now() } else { self.opened.0.after(self.over) }
    }

    fn moment(&self) -> Moment {
        if self.paced {
            self.clock.moment()
        } else {
            Moment(self.opened.1.0.saturating_add_unsigned(self.over))
        }
    }
}

const PIECE: usize = 4096;
