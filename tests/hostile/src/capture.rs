//! Changes the lines of captures, and the telegrams in them.

use metertap_decoder::hex;
use metertap_native::Chance;
use metertap_readings::files::capture::{Capture, Event};

use crate::{json, telegram};

/// The capture with its telegrams or its lines changed.
pub(crate) fn spoilt(text: &str, chance: &mut Chance) -> Vec<u8> {
    let mut lines: Vec<String> = match chance.is_one_in(3) {
        true => text.lines().map(str::to_owned).collect(),
        false => with_other_telegrams(text, chance),
    };
    for _ in 0..chance.below(3) {
        let (place, other) = (chance.place(lines.len()), chance.place(lines.len()));
        let Some(line) = lines.get_mut(place) else { break };
        match chance.below(8) {
            0 => drop(lines.remove(place)),
            1 => lines.insert(place, lines[place].clone()),
            2 => *line = line.replace(" <", " >"),
            3 => line.push_str(" 00*10000"),
            4 => line.push_str(" # anything"),
            5 => lines.push(format!("{} < 00", u64::MAX)),
            6 => lines.insert(1.min(other), HEADS[chance.place(HEADS.len())].to_owned()),
            _ if chance.is_one_in(8) => *line = json::string(line.clone(), chance),
            _ => {}
        }
    }
    lines.join("\n").into_bytes()
}

/// Joins all bytes that were received, changes some of their telegrams, and splits the bytes into new lines.
fn with_other_telegrams(text: &str, chance: &mut Chance) -> Vec<String> {
    let capture = Capture::open(text.as_bytes()).unwrap_or_default();
    let mut head: Vec<String> = text.lines().take_while(|line| !line.is_empty()).map(str::to_owned).collect();
    let mut at = 0;
    let mut heard = Vec::new();
    for timed in capture.events {
        if let Event::Heard(bytes) = timed.event {
            heard.extend(bytes);
        }
    }
    let piece = 1 + chance.place(200);
    telegram::spoil(&mut heard, chance);
    for bytes in heard.chunks(piece) {
        let mut line = format!("{at} <");
        bytes.iter().for_each(|byte| line.extend([" ", &hex::upper(&[*byte])]));
        head.push(line);
        at += chance.below(30);
    }
    head
}

/// Valid and invalid lines of a head.
const HEADS: [&str; 8] = [
    "began 9999-12-31T23:59:59.999Z",
    "began 0000-01-01T00:00:00Z",
    "protocol sml",
    "line 300 7E1",
    "redacted blindly",
    "encryption-key 000102030405060708090A0B0C0D0E0F",
    "authentication-key 000102030405060708090A0B0C0D0E0F",
    "metertap capture 1",
];
