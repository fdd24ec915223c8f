//! A detection and a simulated meter on a fake clock. If the line settings differ from the meter's, the detection gets
//! the bytes that a receiver would read from the meter's bits.

use std::collections::BTreeMap;

use metertap_decoder::detection::{Attempt, Clue, Detection, Evidence, Found, Hints};
use metertap_decoder::line::Line;
use metertap_decoder::session::Setup;
use metertap_decoder::time::Instant;
use metertap_simulator::{Asked, Meter, heard};

/// The other end of the line.
#[derive(Debug)]
pub enum Other {
    /// A meter that pushes with these line settings. It begins after this many milliseconds.
    Pushes(Meter, Line, u64),
    /// A meter that answers.
    Answers(Asked),
    /// No meter.
    Nobody,
}

/// The course of a detection. Each time is in milliseconds after the beginning.
#[derive(Debug, Default)]
pub struct Course {
    /// What was found, and when.
    pub found: Option<(u64, Found)>,
    /// What was tried, and when.
    pub tried: Vec<(u64, Attempt)>,
    /// When bytes were sent to the meter.
    pub said: Vec<u64>,
    /// Modbus meters that the user must identify: when they were found, the profile that they seem to fit, and their
    /// address.
    pub unrecognised: Vec<(u64, Option<&'static str>, u8)>,
    /// The evidence from each round of attempts that found nothing.
    pub nothing: Vec<Evidence>,
}

/// Bytes on the line as they were sent, with the sender's line settings. The key is the time of arrival, and a running
/// number.
type Wire = BTreeMap<(u64, u64), (Vec<u8>, Line)>;

/// Runs a detection for at most `until` milliseconds.
#[must_use]
pub fn detect(hints: Hints, setup: Setup, mut other: Other, until: u64) -> Course {
    let mut course = Course::default();
    let mut wire = Wire::new();
    let mut count = 0;
    let mut put = |wire: &mut Wire, begins: u64, bytes: &[u8], line: Line| {
        for (place, piece) in bytes.chunks(PIECE).enumerate() {
            count += 1;
            let arrived = begins + line.milliseconds(place * PIECE + piece.len());
            wire.insert((arrived, count), (piece.to_vec(), line));
        }
    };
    if let Other::Pushes(meter, line, from) = &mut other {
        let telegrams = meter.take_while(|telegram| *from + telegram.due < until);
        for telegram in telegrams {
            put(&mut wire, *from + telegram.due, &telegram.bytes, *line);
        }
    }
    let mut detection = Detection::new(hints, setup, Instant(0));
    // A browser closes and opens the port for every setting.
    let (mut now, mut set, mut open) = (0, Line::SIGN_ON, 0);
    loop {
        let deadline = loop {
            match detection.poll() {
                Clue::Trying(attempt) => course.tried.push((now, attempt)),
                Clue::Line(line) => (set, open) = (line, now + REOPENING),
                Clue::Transmit(bytes) => {
                    course.said.push(now);
                    let left = now.max(open) + set.milliseconds(bytes.len());
                    if let Other::Answers(meter) = &mut other {
                        for said in meter.hear(left, set, &bytes) {
                            put(&mut wire, said.at, &said.bytes, said.line);
                        }
                    }
                }
                Clue::Found(found) => {
                    course.found = Some((now, *found));
                    return course;
                }
                Clue::Unrecognised { like, address, .. } => {
                    course.unrecognised.push((now, like.map(|profile| profile.name), address));
                }
                Clue::Nothing(evidence) => course.nothing.push(evidence),
                Clue::Wait(deadline) => break deadline.map(|deadline| deadline.0),
            }
        };
        let next = wire.first_key_value().map(|((at, _), _)| *at);
        let Some(at) = next.into_iter().chain(deadline).min().filter(|at| *at <= until) else {
            return course;
        };
        now = now.max(at);
        if next == Some(at) {
            let Some((_, (bytes, line))) = wire.pop_first() else { return course };
            let bytes = heard(&bytes, line, set);
            if now >= open && !bytes.is_empty() {
                detection.handle_bytes(Instant(now), &bytes);
            }
        } else {
            detection.handle_timeout(Instant(now));
        }
    }
}

/// The most bytes that arrive at once.
const PIECE: usize = 16;
/// Milliseconds to close a port and open it again.
const REOPENING: u64 = 60;
