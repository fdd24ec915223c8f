//! [`Tape`]: what went over a meter's line since a recording began. While no recording is running, the events of the
//! last minute, up to 64 KiB.
//!
//! A recording is held in memory, up to 8 MiB, and never more than can be opened again.

use std::collections::VecDeque;

use metertap_decoder::line::Line;
use metertap_protocol::{LARGEST_RECORDING, Recorded};
use metertap_readings::entry::Moment;
use metertap_readings::files::capture::{Capture, Event, Head, Timed};

/// The newest events on a line.
#[derive(Debug, Default)]
pub struct Tape {
    happened: VecDeque<(Moment, Event)>,
    /// The number of bytes in the events.
    bytes: usize,
    /// The line setting before the first event.
    line: Option<Line>,
    /// When the recording began. `None` while no recording is running.
    since: Option<Moment>,
}

impl Tape {
    /// Appends an event. Returns whether there was room for it.
    pub fn put(&mut self, at: Moment, event: Event) -> bool {
        let count = count(&event);
        if self.since.is_some() && (self.bytes + count > LONGEST || self.text(count) > LARGEST_RECORDING) {
            return false;
        }
        self.bytes += count;
        match (self.happened.back_mut(), event) {
            (Some((last, Event::Heard(heard))), Event::Heard(bytes)) if *last == at => {
                heard.extend(bytes);
            }
            (_, event) => self.happened.push_back((at, event)),
        }
        if self.since.is_none() {
            let is_old = |happened: &Moment| happened.0 < at.0 - MINUTE;
            while self.bytes > IN_PASSING || self.happened.front().is_some_and(|(at, _)| is_old(at)) {
                self.drop_oldest();
            }
        }
        true
    }

    /// The most bytes of the file if this many more bytes are recorded: three for each recorded byte, and [`LINE`] for
    /// each event and for each 64 recorded bytes.
    fn text(&self, more: usize) -> usize {
        let bytes = self.bytes + more;
        3 * bytes + LINE * (self.happened.len() + 1 + bytes / 64)
    }

    fn drop_oldest(&mut self) {
        let Some((_, event)) = self.happened.pop_front() else { return };
        self.bytes -= count(&event);
        if let Event::Line(line) = event {
            self.line = Some(line);
        }
    }

    /// Starts a recording at `since`, without the events before it; `None` ends the recording.
    pub fn record(&mut self, since: Option<Moment>) {
        if since.is_some() {
            while !self.happened.is_empty() {
                self.drop_oldest();
            }
        }
        self.since = since;
    }

    /// The size of the recording, and when it began.
    #[must_use]
    pub fn recorded(&self) -> Recorded {
        Recorded { since: self.since, octets: self.bytes as u64, note: None }
    }

    /// The recording in the form of a file.
    #[must_use]
    pub fn captured(&self) -> Capture {
        let began = self.since.or(self.happened.front().map(|(at, _)| *at));
        let first = began.unwrap_or_default().0;
        let timed = |(at, event): &(Moment, Event)| {
            // The clock may have been set back, but no event may be earlier than the one before.
            Timed { at: u64::try_from(at.0 - first).unwrap_or_default(), event: event.clone() }
        };
        let mut events: Vec<Timed> = self.happened.iter().map(timed).collect();
        let mut latest = 0;
        for timed in &mut events {
            latest = timed.at.max(latest);
            timed.at = latest;
        }
        Capture { head: Head { began, line: self.line, ..Head::default() }, events }
    }
}

fn count(event: &Event) -> usize {
    match event {
        Event::Heard(bytes) | Event::Said(bytes) => bytes.len(),
        Event::Line(_) => 0,
    }
}

/// Bytes of the longest recording: two hours of a Dutch meter, a day of a Norwegian one.
const LONGEST: usize = 8 * 1024 * 1024;
/// Bytes of a line besides its content: a time of up to twelve digits, the direction, spaces and the line end.
const LINE: usize = 16;
/// Bytes that are held while no recording is running.
const IN_PASSING: usize = 64 * 1024;
const MINUTE: i64 = 60_000;

#[cfg(test)]
mod tests {
    use super::*;

    /// A slow line brings a few bytes at a time, and the time of each takes more room in the file than they do.
    #[test]
    fn a_recording_of_single_bytes_can_be_opened_again() {
        let mut tape = Tape::default();
        tape.record(Some(Moment(0)));
        // Three years after the recording began, a time has twelve digits.
        let (mut at, step) = (Moment(100_000_000_000), 1000);
        while tape.put(at, Event::Heard(vec![0xAA])) {
            at.0 += step;
        }
        let text = tape.captured().to_text().len();
        assert!((LARGEST_RECORDING / 10 * 9..LARGEST_RECORDING).contains(&text), "{text}");
    }
}
