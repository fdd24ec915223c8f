//! Identifications of meters: which registers contain them, how they may be spelled, and whether a value reveals one.
//!
//! Captures are checked byte by byte before they leave the user's device (`redact`), and messages to a broker value by
//! value ([`Identities::tells`]). [`is_model`] keeps a meter's number out of a reading's `model`.
//!
//! An identification is found as text, as the hex digits of the text, as BCD digits, and as an integer. In a text, case
//! and gaps do not matter, and the maker's letters and leading zeros may be missing. Each spelling is also found
//! backwards: M-Bus sends the last byte first, even of a text.

mod model;
mod name;
mod spelling;

use alloc::string::{String, ToString};
use alloc::vec::Vec;

pub use self::model::is_model;
use self::model::is_serial;
pub(crate) use self::model::{fingerprint, introduced};
pub use self::name::{identification, is_called, is_placeholder, is_same_meter};
pub(crate) use self::name::{inscribed, is_blank, maker_of, with_maker};
use self::spelling::{Found, Spelling, Spellings, decoded, is_digits, is_printed, letters, tells};
use crate::hex;
use crate::label::is_personal;
use crate::reading::{Measurement, Protocol, Quantity, Reading};
use crate::register::{Obis, RegisterId, Value};

/// The identifications of meters, with all of their spellings.
#[derive(Clone, Debug, Default)]
pub struct Identities {
    known: Vec<Identity>,
    /// How many of `known` have their spellings in `spellings`.
    settled: usize,
    spellings: Spellings,
}

#[derive(Clone, Debug, PartialEq)]
struct Identity {
    bytes: Vec<u8>,
    kind: IdentityKind,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum IdentityKind {
    /// A number, possibly with letters that state maker or type.
    Number,
    /// A message to the household: no letter of it may remain.
    Words,
    /// Bytes that are not text, possibly with a maker's three letters near their beginning.
    Octets,
}

/// Whether a value is an identification, according to its quantity or its register.
#[must_use]
pub fn identifies(value: &Measurement) -> bool {
    matches!(kind_of(value), Some(IdentityKind::Number | IdentityKind::Octets))
}

/// All identifications in a reading: those of the meter, and those of devices connected to it.
pub fn identifications(reading: &Reading) -> impl Iterator<Item = String> {
    let values = reading.values.iter().filter(|value| identifies(value)).map(|value| value.value.to_string());
    reading.meter.iter().map(ToString::to_string).chain(values)
}

impl Identities {
    /// Adds the identifications in a reading.
    pub fn take(&mut self, reading: &Reading) {
        for value in reading.values.iter().filter(|value| identifies(value)) {
            self.take_value(value, reading.protocol);
        }
        if let Some(name) = &reading.meter {
            self.add_name(name);
        }
    }

    /// Adds the messages in a reading, which only the household may read.
    pub(crate) fn take_messages(&mut self, reading: &Reading) {
        for value in reading.values.iter().filter(|value| kind_of(value) == Some(IdentityKind::Words)) {
            self.take_value(value, reading.protocol);
        }
    }

    /// Adds the name that a reading gives a meter: the maker's three letters, and the meter's own identification. Any
    /// other identification is accepted as well.
    pub fn add_name(&mut self, name: &str) {
        self.add_text(model::own_number(name), IdentityKind::Number);
    }

    /// Computes the spellings of everything added since the last call. Until then, these identifications are not
    /// recognised.
    pub fn settle(&mut self) {
        if self.settled == self.known.len() {
            return;
        }
        self.settled = self.known.len();
        let mut spellings = Vec::new();
        for (number, identity) in (1..).zip(&self.known) {
            spelling::add_spellings(&mut spellings, identity, number);
        }
        self.spellings = Spellings::new(spellings);
    }

    /// Whether a value is a known identification, contains one, or is contained in one.
    #[must_use]
    pub fn tells(&self, value: &Value) -> bool {
        match value {
            Value::Text(text) => self.tells_text(text),
            Value::Number(_) => self.tells_text(&value.to_string()),
            Value::Octets(bytes) => self.is_in(bytes) || self.tells_text(&value.to_string()),
        }
    }

    /// Like [`tells`](Self::tells), for a text.
    #[must_use]
    pub fn tells_text(&self, text: &str) -> bool {
        let bytes = text.as_bytes();
        let texts = [letters(bytes), letters(&decoded(bytes))];
        self.is_in(bytes) || texts.iter().any(|letters| self.is_in(letters) || self.has_part(letters))
    }

    /// The number of known identifications.
    #[must_use]
    pub fn count(&self) -> usize {
        self.known.len()
    }

    /// Adds the eight digits of an M-Bus address. Its first byte has the last two.
    pub(crate) fn add_digits(&mut self, bytes: [u8; 4]) {
        let [first, second, third, fourth] = bytes;
        let digits = hex::upper(&[fourth, third, second, first]);
        // Letters are the wildcards of a search.
        if is_digits(digits.as_bytes()) {
            self.add(digits.as_bytes(), IdentityKind::Number);
        }
    }

    /// Adds a system title, or another identification that is not text.
    pub(crate) fn add_bytes(&mut self, bytes: &[u8]) {
        self.add(bytes, IdentityKind::Octets);
    }

    /// Adds a server id, if it contains the number on the meter's front (DIN 43863-5).
    pub(crate) fn add_server_id(&mut self, bytes: &[u8]) {
        if let Some(number) = spelling::number_of_server(bytes) {
            self.add(bytes, IdentityKind::Octets);
            self.add(alloc::format!("{number:08}").as_bytes(), IdentityKind::Number);
        }
    }

    /// Adds the text at the model's position in an identification line (IEC 62056-21, 6.3.2), if it is or contains the
    /// meter's number.
    pub(crate) fn heard(&mut self, line: &[u8]) {
        self.settle();
        let Ok(line) = str::from_utf8(line) else { return };
        let is_by_a_maker = line.bytes().take(3).all(|letter| letter.is_ascii_alphabetic());
        let named = if is_by_a_maker { introduced(line).unwrap_or_default() } else { line };
        if is_serial(named) || self.tells_text(named) {
            self.add(named.as_bytes(), IdentityKind::Number);
        }
    }

    /// Adds the device addresses in IEC 62056-21 requests (6.3.1): `/?12345678!`.
    pub(crate) fn said(&mut self, bytes: &[u8]) {
        for behind in bytes.split(|byte| *byte == b'/') {
            if let Some(address) =
                behind.strip_prefix(b"?").and_then(|rest| rest.split(|o| *o == b'!').next())
            {
                self.add(address, IdentityKind::Number);
            }
        }
    }

    pub(crate) fn replace(&self, bytes: &mut [u8]) {
        let mut at = 0;
        while let Some(end) = self.replace_first(bytes, at) {
            // The substitute keeps the maker's letters, and may thereby contain another identification.
            if let Some(substitute) = bytes.get_mut(at..end) {
                self.replace_first(substitute, 0);
            }
            at = end;
        }
    }

    /// Replaces the first identification found, and returns its end.
    fn replace_first(&self, bytes: &mut [u8], from: usize) -> Option<usize> {
        let Found { spelling, at, width, length } = self.spellings.first(bytes, from)?;
        spelling.replace(bytes.get_mut(at..at + length)?, width);
        Some(at + length)
    }

    /// Whether the bytes contain half of any identification: one flipped bit leaves one half intact.
    pub(crate) fn may_hide_in(&self, bytes: &[u8]) -> bool {
        let halves = |spelling: &Spelling| spelling.halves().collect::<Vec<_>>();
        !bytes.is_empty()
            && Spellings::new(self.spellings.all.iter().flat_map(halves).collect()).first(bytes, 0).is_some()
    }

    fn take_value(&mut self, value: &Measurement, protocol: Protocol) {
        let Some(kind) = kind_of(value) else { return };
        match &value.value {
            Value::Octets(bytes) if is_printed(bytes) => self.add(bytes, kind),
            Value::Octets(bytes) => self.add(bytes, IdentityKind::Octets),
            Value::Number(number) => self.add(number.to_string().as_bytes(), kind),
            Value::Text(text) => {
                // P1 sends texts as the hex digits of their bytes (DSMR 5.0.2, 6.4).
                let spells = model::has_identification_line(protocol);
                let spelled = if spells { decoded(text.as_bytes()) } else { Vec::new() };
                if !spelled.is_empty() && is_printed(&spelled) {
                    self.add(&spelled, kind);
                }
                // Hex digits that spell no number may themselves be a number.
                let spells_a_number =
                    spelled.len() >= FEWEST_DIGITS && letters(&spelled).len() == spelled.len();
                if !spells_a_number {
                    self.add_text(text, kind);
                }
            }
        }
    }

    /// Adds a text, which may be the hex digits of bytes that are not text.
    fn add_text(&mut self, text: &str, kind: IdentityKind) {
        let bytes = text.as_bytes();
        self.add(bytes, kind);
        if !is_digits(bytes) {
            let spelled = decoded(bytes);
            self.add(&spelled, if is_printed(&spelled) { kind } else { IdentityKind::Octets });
        }
    }

    fn add(&mut self, bytes: &[u8], kind: IdentityKind) {
        // Spaces and hyphens only make a number easier to read.
        let bytes = if kind == IdentityKind::Octets { bytes.into() } else { spelling::without_gaps(bytes) };
        let tells = tells(&bytes)
            || bytes.len() >= FEWEST_DIGITS && bytes.iter().any(|byte| !matches!(byte, 0 | b'0'));
        let identity = Identity { bytes, kind };
        if identity.bytes.len() >= SHORTEST
            && tells
            && self.known.len() < MOST
            && !self.known.contains(&identity)
        {
            self.known.push(identity);
        }
    }

    /// Whether the bytes contain an identification that is too long to be a word or a year.
    fn is_in(&self, bytes: &[u8]) -> bool {
        let is_long = |found: &Found<'_>| found.spelling.is_binary() || found.length > SHORTEST;
        (0..bytes.len()).any(|at| self.spellings.at(bytes, at).is_some_and(|found| is_long(&found)))
    }

    /// Whether a text, or the digits in it, are part of an identification, and too long to be so by chance.
    fn has_part(&self, text: &[u8]) -> bool {
        let is_part = |part: &[u8]| {
            let zeros = part.iter().take_while(|byte| **byte == b'0').count();
            let own = self.known.iter().filter(|identity| identity.kind == IdentityKind::Number);
            let mut wholes = own.map(|identity| letters(&identity.bytes));
            part.len() >= zeros + FEWEST_DIGITS
                && wholes.any(|whole| whole.windows(part.len()).any(|window| window == part))
        };
        is_part(text) || spelling::runs(text).any(|run| is_part(text.get(run).unwrap_or_default()))
    }
}

/// The kind of identification that a value is, according to its quantity or its register; `None` if it is not one.
fn kind_of(value: &Measurement) -> Option<IdentityKind> {
    match value.quantity {
        Some(Quantity::MeterId) => return Some(IdentityKind::Number),
        Some(Quantity::Message) => return Some(IdentityKind::Words),
        Some(_) => return None,
        None => {}
    }
    match value.register {
        // Device ids of the meter and of devices connected to it, and messages (IEC 62056-6-1, 7.4.2).
        RegisterId::Obis(Obis([_, _, 96, 1, ..] | [_, _, 42 | 0, 0, ..])) => Some(IdentityKind::Number),
        RegisterId::Obis(Obis([_, _, 96, 13, ..])) => Some(IdentityKind::Words),
        // The public key that signs a German meter's readings.
        RegisterId::Obis(Obis([129, 129, 199, 130, 5, _])) => Some(IdentityKind::Octets),
        RegisterId::Printed(code) => printed_kind(code.as_str()),
        RegisterId::Tic(label) if is_personal(label.as_str()) => Some(IdentityKind::Number),
        _ => None,
    }
}

/// Like [`kind_of`], for the code of a printed register, with or without the medium. Heat meters print their numbers as
/// 9.20 and 9.21 (Landis+Gyr 2WR5), and electricity meters print their bus address as C.90.
fn printed_kind(code: &str) -> Option<IdentityKind> {
    let code = code.split_once(':').map_or(code, |(_, groups)| groups);
    let code = code.split(['*', '&']).next().unwrap_or_default();
    let is =
        |groups: &str| code.strip_prefix(groups).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    match () {
        () if is("96.13") => Some(IdentityKind::Words),
        () if ["0.0", "C.1", "C.90", "96.1", "42.0", "9.20", "9.21"].into_iter().any(is) => {
            Some(IdentityKind::Number)
        }
        () => None,
    }
}

/// The most identifications kept. A line never has so many: the rest is noise that happens to decode.
const MOST: usize = 500;
/// Bytes of the shortest identification: anything shorter is a word, or chance.
const SHORTEST: usize = 4;
/// This many digits are a meter's number, not a model.
const FEWEST_DIGITS: usize = 6;
