//! Writes a capture as lines of text.

use std::fmt::Write;

use metertap_decoder::hex;

use super::{Event, Head, Redaction, TITLE, Timed, VERSION};

/// Writes the head of a capture, followed by an empty line.
#[must_use]
pub fn head(head: &Head) -> String {
    let mut text = format!("{TITLE}{VERSION}\n");
    let mut say = |word: &str, what: String| text.extend([word, " ", &what, "\n"]);
    if let Some(began) = head.began {
        say("began", began.to_string());
    }
    if let Some(protocol) = head.protocol {
        say("protocol", protocol.as_str().to_owned());
    }
    if let Some(line) = head.line {
        say("line", line.to_string());
    }
    for (word, key) in
        [("encryption-key", head.keys.encryption), ("authentication-key", head.keys.authentication)]
    {
        if let Some(key) = key {
            say(word, hex::upper(&key));
        }
    }
    text.push_str(match head.redaction {
        Redaction::None => "",
        Redaction::Done => "redacted\n",
        Redaction::Blind => "redacted blindly\n",
    });
    text + "\n"
}

/// Writes the lines of an event. Bytes received together are split into several lines if one line would be too long to
/// read.
#[must_use]
pub fn event(timed: &Timed) -> String {
    let mut text = String::new();
    match &timed.event {
        Event::Line(line) => line_of(&mut text, timed.at, "line", &line.to_string()),
        Event::Heard(bytes) => bytes_of(&mut text, timed.at, "<", bytes),
        Event::Said(bytes) => bytes_of(&mut text, timed.at, ">", bytes),
    }
    text
}

fn bytes_of(text: &mut String, at: u64, sign: &str, bytes: &[u8]) {
    if bytes.len() >= FEWEST_LETTERS && bytes.iter().all(is_plain) {
        for piece in bytes.chunks(TEXT_IN_A_LINE) {
            let said: String = piece.iter().map(|byte| char::from(*byte)).collect();
            let said = said.replace('\r', "\\r").replace('\n', "\\n");
            line_of(text, at, sign, &format!("\"{said}\""));
        }
    } else {
        bytes.chunks(BYTES_IN_A_LINE).for_each(|piece| line_of(text, at, sign, &spaced(piece)));
    }
}

fn line_of(text: &mut String, at: u64, sign: &str, what: &str) {
    // Writing to a string in memory always succeeds.
    let _ = writeln!(text, "{at} {sign} {what}");
}

/// Whether the byte can be written in quotes: a printable ASCII character that needs no escape, or a line end.
fn is_plain(byte: &u8) -> bool {
    matches!(byte, b' '..=b'~' | b'\r' | b'\n') && !matches!(byte, b'"' | b'#' | b'\\')
}

fn spaced(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| hex::upper(&[*byte])).collect::<Vec<_>>().join(" ")
}

/// Fewer bytes than this may all be printable by chance.
const FEWEST_LETTERS: usize = 6;
const BYTES_IN_A_LINE: usize = 64;
const TEXT_IN_A_LINE: usize = 120;
