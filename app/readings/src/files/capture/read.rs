//! Parses text as a capture. The text may come from anybody, so no text causes a panic.

use std::str::from_utf8;

use metertap_decoder::cipher::Keys;
use metertap_decoder::hex;

use super::{Capture, Event, Redaction, TITLE, Timed, VERSION};

/// A line that is not valid in a capture.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Flaw {
    /// The number of the line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub what: &'static str,
}

/// The file as text, if it is a capture or a talk (a test's dialogue, as in `tests/talks`); `None` otherwise.
pub(super) fn lines_of(file: &[u8]) -> Option<&str> {
    let text = from_utf8(file).ok()?;
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let first = text.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#'))?;
    (first.starts_with(TITLE.trim_end()) || first.starts_with("ask ")).then_some(text)
}

pub(super) fn read(text: &str) -> Result<Capture, Flaw> {
    let (mut capture, mut room) = (Capture::default(), MOST_BYTES);
    for (place, line) in text.lines().enumerate() {
        let line = line.split('#').next().unwrap_or_default().trim();
        if !line.is_empty() {
            take(&mut capture, line, &mut room).map_err(|what| Flaw { line: place + 1, what })?;
        }
    }
    Ok(capture)
}

/// Parses a line. `room` is the number of bytes that may still follow as hex digits.
fn take(capture: &mut Capture, line: &str, room: &mut usize) -> Result<(), &'static str> {
    let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let rest = rest.trim();
    let head = &mut capture.head;
    match word {
        "metertap" => {
            let version = line.strip_prefix(TITLE).and_then(|version| version.trim().parse().ok());
            return match version {
                Some(VERSION) => Ok(()),
                Some(_) => Err("this page does not know its version"),
                None => Err("it has no version"),
            };
        }
        // A talk's first line, which says what the session requests.
        "ask" => {}
        "began" => head.began = Some(rest.parse().map_err(|_| "not a date and time")?),
        "protocol" => head.protocol = Some(rest.parse().map_err(|_| "not a known protocol")?),
        "line" => head.line = Some(rest.parse().map_err(|_| "not a line setting")?),
        "redacted" => head.redaction = if rest.is_empty() { Redaction::Done } else { Redaction::Blind },
        "encryption-key" => head.keys = Keys { encryption: Some(key(rest)?), ..head.keys.clone() },
        "authentication-key" => head.keys = Keys { authentication: Some(key(rest)?), ..head.keys.clone() },
        _ => return happened(capture, word, rest, room),
    }
    Ok(())
}

/// Parses a line that begins with its time.
fn happened(capture: &mut Capture, time: &str, what: &str, room: &mut usize) -> Result<(), &'static str> {
    let at = time.parse().map_err(|_| "neither a word of the head nor a time")?;
    if capture.events.last().is_some_and(|last| last.at > at) {
        return Err("its time is before that of the line above");
    }
    let (sign, rest) = what.split_once(' ').unwrap_or((what, ""));
    let event = match sign {
        "<" => Event::Heard(bytes(rest, room)?),
        ">" => Event::Said(bytes(rest, room)?),
        "line" => Event::Line(rest.trim().parse().map_err(|_| "not a line setting")?),
        // What a talk expects to happen. A capture ignores it.
        "reading" | "fault" | "noise" | "found" | "crowded" | "searched" | "rest" => return Ok(()),
        _ => return Err("neither received, nor sent, nor a line setting"),
    };
    capture.events.push(Timed { at, event });
    Ok(())
}

/// Parses hex digits, and text in quotes; `00*66` repeats a byte.
fn bytes(text: &str, room: &mut usize) -> Result<Vec<u8>, &'static str> {
    let mut bytes = Vec::new();
    for (place, part) in text.split('"').enumerate() {
        if place % 2 == 1 {
            bytes.extend(part.replace("\\r", "\r").replace("\\n", "\n").into_bytes());
            continue;
        }
        for token in part.split_whitespace() {
            let (digits, count) = token.split_once('*').unwrap_or((token, "1"));
            let count = count.parse().ok().filter(|count| *count <= MOST_REPEATED);
            let (stretch, count) = (pairs(digits)?, count.ok_or("not a possible number of repetitions")?);
            let length = stretch.len().saturating_mul(count);
            *room = room.checked_sub(length).ok_or("more bytes than a capture can have")?;
            bytes.extend(stretch.repeat(count));
        }
    }
    Ok(bytes)
}

fn pairs(digits: &str) -> Result<Vec<u8>, &'static str> {
    let bytes: Option<Vec<u8>> = hex::pairs(digits.as_bytes()).collect();
    bytes.ok_or("neither hex digits nor text in quotes")
}

fn key(text: &str) -> Result<[u8; 16], &'static str> {
    pairs(text)?.try_into().map_err(|_| "not a key of 32 hex digits")
}

/// The largest number after a `*`, which repeats the bytes before it.
const MOST_REPEATED: usize = 10_000;
/// The most bytes that a capture's hex digits may stand for: more than the page ever records. Without a limit, a few
/// thousand characters with repetitions could stand for gigabytes.
const MOST_BYTES: usize = 32 << 20;
