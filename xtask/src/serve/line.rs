//! A slow line between a site and its visitors. All connections share it.

use std::{
    io::{self, Write},
    sync::{Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};

/// The properties of a slow line.
#[derive(Clone, Copy, Debug)]
pub struct Line {
    /// The bandwidth.
    pub bits_per_second: u32,
    /// The time from a request to the first byte of the answer.
    pub latency: Duration,
}

/// A line, and the time at which it is free again.
#[derive(Debug)]
pub(super) struct Pace {
    line: Line,
    free: Mutex<Instant>,
}

impl Pace {
    pub(super) fn new(line: Line) -> Self {
        Self { line, free: Mutex::new(Instant::now()) }
    }

    /// Waits for the latency of the line.
    pub(super) fn wait(&self) {
        thread::sleep(self.line.latency);
    }

    /// Sends a packet when the line is free.
    pub(super) fn send(&self, stream: &mut impl Write, packet: &[u8]) -> io::Result<()> {
        let time = Duration::from_secs(packet.len() as u64 * 8) / self.line.bits_per_second;
        let gone = {
            let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
            *free = (*free).max(Instant::now()) + time;
            *free
        };
        thread::sleep(gone.saturating_duration_since(Instant::now()));
        stream.write_all(packet)
    }
}

/// The number of bytes in a packet on most lines.
pub(super) const PACKET: usize = 1440;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_are_sent_no_faster_than_the_line_allows() {
        let pace = Pace::new(Line { bits_per_second: 1_000_000, latency: Duration::ZERO });
        let (begun, mut sent) = (Instant::now(), Vec::new());
        for packet in [[7; 1250]; 10] {
            pace.send(&mut sent, &packet).unwrap();
        }
        assert_eq!(sent.len(), 12_500);
        assert!(begun.elapsed() >= Duration::from_millis(100), "{:?}", begun.elapsed());
    }
}
