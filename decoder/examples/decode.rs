//! Decodes a file or standard input, bytes or hex text, and prints one reading per line as JSON.
//!
//! `decode [--key HEX32] [--auth-key HEX32] [--protocol NAME] [--profile NAME] [--zone Europe/Oslo] [FILE]`
//!
//! The answers of a Modbus meter do not state their meaning: `--profile` names the file in `meters/modbus/` that does.
//!
//! Readings go to standard output, faults to standard error as `<code> at octet <n>: <sentence>`. Exit status: 0 if
//! there is a reading and no fault, 1 if there is no reading or any fault, 2 if the arguments or the file are unusable,
//! or if the output cannot be written.

use std::io::{Read, Write};
use std::process::ExitCode;
use std::{env, fs, io};

use metertap_decoder::cipher::Keys;
use metertap_decoder::hex;
use metertap_decoder::rail::{By, Chosen, Profile};
use metertap_decoder::reading::Reading;
use metertap_decoder::session::{Notice, Output, Session, Setup};
use metertap_decoder::stack::Stack;
use metertap_decoder::time::{Instant, Zone};

fn main() -> ExitCode {
    let (bytes, question) =
        match Question::from_arguments().and_then(|question| Ok((question.bytes()?, question))) {
            Ok(ready) => ready,
            Err(problem) => {
                eprintln!("{problem}");
                return ExitCode::from(2);
            }
        };
    let stacks = question.stack.as_slice();
    let stacks = if stacks.is_empty() { Stack::ALL } else { stacks };
    let answers = stacks.iter().rev().map(|stack| decode(&bytes, *stack, &question));
    let Some(answer) = answers.max_by_key(Answer::rank) else { return ExitCode::from(2) };
    answer.print().unwrap_or(ExitCode::from(2))
}

#[derive(Default)]
struct Question {
    keys: Keys,
    stack: Option<Stack>,
    zone: Zone,
    profile: Option<&'static Profile>,
    file: Option<String>,
}

impl Question {
    fn from_arguments() -> Result<Self, String> {
        let mut question = Self::default();
        let mut arguments = env::args().skip(1);
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or(format!("{argument} needs a value"));
            match argument.as_str() {
                "--key" => question.keys.encryption = Some(key(&value()?)?),
                "--auth-key" => question.keys.authentication = Some(key(&value()?)?),
                "--protocol" => question.stack = Some(stack(&value()?)?),
                "--profile" => {
                    let name = value()?;
                    let profile = Profile::named(&name).ok_or(format!("{name} is not a profile"))?;
                    question.profile = Some(profile);
                    question.stack = question.stack.or(Some(Stack::Modbus));
                }
                "--zone" => {
                    let name = value()?;
                    question.zone = zone(&name).ok_or(format!("{name} is not a time zone"))?;
                }
                option if option.starts_with("--") => {
                    return Err(format!(
                        "{option} is not an option; the options are at the top of examples/decode.rs"
                    ));
                }
                _ if question.file.is_some() => return Err("one file at a time".into()),
                _ => question.file = Some(argument),
            }
        }
        Ok(question)
    }

    fn bytes(&self) -> Result<Vec<u8>, String> {
        let mut bytes = Vec::new();
        match &self.file {
            Some(file) => bytes = fs::read(file).map_err(|error| format!("{file}: {error}"))?,
            None => {
                io::stdin().read_to_end(&mut bytes).map_err(|error| error.to_string())?;
            }
        }
        Ok(hex::read(&bytes).unwrap_or(bytes))
    }
}

fn key(digits: &str) -> Result<[u8; 16], String> {
    let key = hex::read(digits).and_then(|bytes| bytes.try_into().ok());
    key.ok_or("a key has 32 hex digits".into())
}

fn stack(name: &str) -> Result<Stack, String> {
    let protocol = name.parse().map_err(|_| format!("{name} is not a protocol"))?;
    Stack::of_protocol(protocol).ok_or(format!("{name} is not supported yet"))
}

struct Answer {
    outputs: Vec<Output>,
}

fn decode(bytes: &[u8], stack: Stack, question: &Question) -> Answer {
    let setup = Setup {
        stack,
        keys: question.keys.clone(),
        zone: question.zone,
        ask: None,
        profile: question.profile.map(|profile| Chosen { profile, by: By::Person }.into()),
    };
    let mut session = Session::new(setup, Instant(0));
    session.handle_bytes(Instant(0), bytes);
    let mut outputs = Vec::new();
    loop {
        match session.poll() {
            // The end of the file counts as silence on the line.
            Output::Wait(Some(deadline)) => session.handle_timeout(deadline),
            Output::Wait(None) => return Answer { outputs },
            output => outputs.push(output),
        }
    }
}

impl Answer {
    /// How well a protocol explains the bytes; the highest rank wins. The rank is the number of readings received from
    /// their beginning; if there are none, the number of all readings. Fewer faulty bytes break a tie. Without any
    /// reading, the deepest error wins, then the most faulty bytes.
    fn rank(&self) -> (usize, usize, u8, u64) {
        let faults = self.outputs.iter().filter_map(|output| match output {
            Output::Notice(Notice::Fault(error, span)) => Some((error.depth(), span.length)),
            _ => None,
        });
        let (depth, faulty) =
            faults.fold((0, 0), |(depth, sum), (own, length)| (own.max(depth), sum + length));
        let whole = self.readings().filter(|reading| reading.has_beginning()).count();
        match self.readings().count() {
            0 => (0, 0, depth, faulty),
            readings => (whole, if whole == 0 { readings } else { 0 }, 0, u64::MAX - faulty),
        }
    }

    fn readings(&self) -> impl Iterator<Item = &Reading> {
        self.outputs.iter().filter_map(|output| match output {
            Output::Reading(reading, _) => Some(reading),
            _ => None,
        })
    }

    fn print(&self) -> io::Result<ExitCode> {
        let mut faults = 0;
        for reading in self.readings() {
            let line = serde_json::to_string(reading).map_err(io::Error::other)?;
            writeln!(io::stdout(), "{line}")?;
        }
        for output in &self.outputs {
            if let Output::Notice(Notice::Fault(error, span)) = output {
                faults += 1;
                writeln!(io::stderr(), "{} at octet {}: {error}", error.code(), span.at)?;
            }
        }
        let readings = self.readings().count();
        if readings + faults == 0 {
            writeln!(
                io::stderr(),
                "file.no-telegram at octet 0: these bytes contain no telegram of a known protocol"
            )?;
        }
        Ok(ExitCode::from(u8::from(readings == 0 || faults > 0)))
    }
}

#[cfg(not(target_family = "wasm"))]
fn zone(name: &str) -> Option<Zone> {
    Zone::named(name)
}

/// On wasm, only the host knows time zones, and this example calls no host.
#[cfg(target_family = "wasm")]
fn zone(name: &str) -> Option<Zone> {
    (name == Zone::UTC.name()).then_some(Zone::UTC)
}
