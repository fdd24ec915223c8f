//! A talk: a conversation with a meter as text, played to a session on a fake clock.
//!
//! ```text
//! # what the talk shows, and where its bytes are from
//! ask kmp                          what the session asks
//! 0 line 1200 8N2                  the session sets the line to this at millisecond 0
//! 0 > 80 3F 01 05 8A 0D            the session sends these bytes; every byte is compared
//! 150 < 40 3F 01 …                 the session receives these bytes
//! 900 reading kmp:60=55006         the session returns a reading of these registers, in the units of docs/reading.md
//! 900 fault dialogue.silent        the session returns a fault with that code
//! 900 found 1 12345678             the session has found a meter with this address and number
//! 2400 rest                        the session sends nothing more until this time
//! ```
//!
//! Milliseconds count from the beginning, and the session's deadlines are kept to the millisecond. A text in quotes
//! stands for its bytes, and may contain `\r` and `\n`. `00*66` stands for 66 zero bytes. Everything that the session
//! sends or returns must be in the talk, in that order and at that time.

use metertap_decoder::hex;
use metertap_decoder::line::Line;
use metertap_decoder::question::{
    Address, Ask, Baud, LoadProfile, Question, Rail, Search, Secondary, SignOn,
};
use metertap_decoder::rail::{By, Choice};
use metertap_decoder::schedule::Schedule;
use metertap_decoder::session::{Notice, Output, Session, Setup, Span};
use metertap_decoder::stack::Stack;
use metertap_decoder::time::Instant;

/// Plays a talk, with a minute between two rounds.
///
/// # Panics
/// If the session sends or returns anything that is not in the talk, or at another time.
pub fn play(name: &str, text: &str) {
    let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default().trim());
    let mut lines = lines.filter(|line| !line.is_empty()).peekable();
    let asked = lines.next().and_then(|line| line.strip_prefix("ask ")).expect(name);
    let (stack, question) = question(asked).expect(asked);
    let chosen = asked.strip_prefix("rail ").filter(|chosen| *chosen != "scan");
    let profile = chosen.map(|name| Choice { name: name.into(), by: By::Person });
    let ask = Some(Ask::new(question, Schedule::every(60)));
    let setup = Setup { stack, ask, profile, ..Setup::default() };
    let mut player =
        Player { session: Session::new(setup, Instant(0)), events: Vec::new(), heard: 0, end: 0 };
    let mut expected = Vec::new();
    let mut deadline = player.drain(0);
    for line in lines {
        let (time, what) = line.split_once(' ').expect(line);
        let time: u64 = time.parse().expect(line);
        while let Some(due) = deadline.filter(|due| *due <= time) {
            player.session.handle_timeout(Instant(due));
            deadline = player.drain(due);
        }
        match what.split_once(' ') {
            Some(("<", bytes)) => {
                let bytes = bytes_of(bytes);
                player.heard += bytes.len() as u64;
                player.session.handle_bytes(Instant(time), &bytes);
                deadline = player.drain(time);
            }
            Some((">", bytes)) => expected.push(format!("{time} > {}", shown(&bytes_of(bytes)))),
            _ if what == "rest" => {}
            _ => expected.push(line.to_owned()),
        }
    }
    assert_eq!(player.events.join("\n"), expected.join("\n"), "{name}");
}

/// The stack and the question of a talk, from its line that begins with `ask`.
fn question(text: &str) -> Option<(Stack, Question)> {
    let mut words = text.split(' ');
    Some(match (words.next()?, words.next(), words.next()) {
        ("emi", None, None) => (Stack::Emi, Question::Emi(LoadProfile::Leave)),
        ("emi", Some("profile"), None) => (Stack::Emi, Question::Emi(LoadProfile::Fetch)),
        ("rail", None, None) => (Stack::Modbus, Question::Rail(Rail::default())),
        ("rail", Some("scan"), None) => (Stack::Modbus, Question::Scan(Line::INFRARED)),
        ("rail", Some(_profile), None) => (Stack::Modbus, Question::Rail(Rail::default())),
        ("kmp", None, None) => (Stack::Kmp, Question::Kmp),
        ("sml", None, None) => (Stack::Sml, Question::Sml),
        ("iec62056", None, None) => (Stack::Iec62056, Question::Iec62056(SignOn::default())),
        ("iec62056", Some("wake"), None) => {
            (Stack::Iec62056, Question::Iec62056(SignOn { wake: true, ..SignOn::default() }))
        }
        ("iec62056", Some("listen"), None) => (Stack::Iec62056, Question::Listen(Line::MODE_D)),
        ("iec62056", Some(address), None) => {
            (Stack::Iec62056, Question::Iec62056(SignOn { address: address.into(), wake: false }))
        }
        ("mbus", Some("primary"), Some(address)) => {
            (Stack::Mbus, Question::Mbus(Address::Primary(address.parse().ok()?), Baud::B2400))
        }
        ("mbus", Some("secondary"), Some(number)) => {
            let identification = u32::from_str_radix(number, 16).ok()?;
            let secondary = Secondary { identification, ..Secondary::ANY };
            (Stack::Mbus, Question::Mbus(Address::Secondary(secondary), Baud::B2400))
        }
        ("mbus", Some("search"), Some("primary")) => {
            (Stack::Mbus, Question::Search(Search::Primary, Baud::B9600))
        }
        ("mbus", Some("search"), Some("secondary")) => {
            (Stack::Mbus, Question::Search(Search::Secondary, Baud::B2400))
        }
        _ => return None,
    })
}

struct Player {
    session: Session,
    events: Vec<String>,
    /// The number of bytes that the session has received.
    heard: u64,
    /// The number of bytes that the session's outputs have accounted for.
    end: u64,
}

impl Player {
    /// Records the outputs of the session at this time. Returns its deadline.
    fn drain(&mut self, now: u64) -> Option<u64> {
        loop {
            let event = match self.session.poll() {
                Output::Wait(deadline) => {
                    assert!(self.end <= self.heard);
                    return deadline.map(|deadline| deadline.0);
                }
                Output::Line(line) => format!("line {line}"),
                Output::Transmit(bytes) => format!("> {}", shown(&bytes)),
                Output::Reading(reading, span) => {
                    self.account(span);
                    let registers =
                        reading.values.iter().map(|value| format!("{}={}", value.register, value.value));
                    ["reading".to_owned()].into_iter().chain(registers).collect::<Vec<_>>().join(" ")
                }
                Output::Notice(Notice::Fault(error, span)) => {
                    self.account(span);
                    format!("fault {}", error.code())
                }
                Output::Notice(Notice::Noise(span)) => {
                    self.account(span);
                    format!("noise {}", span.length)
                }
                Output::Notice(Notice::Talk(span)) => {
                    self.account(span);
                    continue;
                }
                Output::Notice(Notice::Found(address, secondary)) => {
                    format!("found {} {}", address_of(address), secondary.map_or("nameless".into(), number))
                }
                Output::Notice(Notice::Recognised { chosen, address, line }) => {
                    format!("recognised {} at {address}, {line}", chosen.profile.name)
                }
                Output::Notice(Notice::Unrecognised { like, address, line }) => {
                    format!("unrecognised {} at {address}, {line}", like.map_or("", |like| like.name))
                }
                Output::Remembered(reading, span) => {
                    self.account(span);
                    let values =
                        reading.values.iter().map(|value| format!(" {}={}", value.register, value.value));
                    format!(
                        "remembered {}{}",
                        reading.time.map_or("-".into(), |time| time.to_string()),
                        values.collect::<String>()
                    )
                }
                Output::Notice(Notice::Fetched { done, of }) => format!("fetched {done} of {of}"),
                Output::Notice(Notice::Crowded(address)) => format!("crowded {}", address_of(address)),
                Output::Notice(Notice::Searched { done, of }) => format!("searched {done} of {of}"),
                Output::Notice(notice) => format!("{notice:?}"),
            };
            self.events.push(format!("{now} {event}"));
        }
    }

    /// Checks that each byte is accounted for once. A fault about a reading lies inside the reading's span.
    fn account(&mut self, span: Span) {
        let end = span.at + span.length;
        assert!(span.length == 0 || span.at == self.end || end <= self.end, "{span:?} at {}", self.end);
        self.end = self.end.max(end);
    }
}

fn address_of(address: Address) -> String {
    match address {
        Address::Primary(address) => address.to_string(),
        Address::Secondary(secondary) => number(secondary),
    }
}

fn number(secondary: Secondary) -> String {
    format!("{:08X}", secondary.identification)
}

/// The bytes that hex digits and texts in quotes stand for.
fn bytes_of(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (place, part) in text.split('"').enumerate() {
        if place % 2 == 0 {
            for token in part.split_whitespace() {
                let (byte, count) = token.split_once('*').unwrap_or((token, "1"));
                bytes.extend(hex::read(byte).expect(token).repeat(count.parse().expect(token)));
            }
        } else {
            bytes.extend(part.replace("\\r", "\r").replace("\\n", "\n").into_bytes());
        }
    }
    bytes
}

fn shown(bytes: &[u8]) -> String {
    hex::upper(bytes)
}
