//! [`Identities`]: what meters are known by, in all the forms in which it may go over a line, and what is put in the place
//! of each.
//!
//! A substitute has the length and the form of what it replaces: letters of makers and types stay, and of the digits the
//! first, which may tell a generation; the others become zeros and a number that counts the identifications of the capture.
//! So two meters stay two, and one stays one.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::reading::{Measurement, Protocol, Quantity, Reading};
use crate::register::{Obis, RegisterId, Value};

/// What was found, and how to recognise it.
#[derive(Debug, Default)]
pub(super) struct Identities {
    known: Vec<Identity>,
    /// The longest first, so that a part of a number is never taken for the whole.
    forms: Vec<Form>,
    /// Which octets a form begins with: most begin none.
    begins: Vec<u8>,
}

#[derive(Debug, PartialEq)]
struct Identity {
    octets: Vec<u8>,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    /// A number with letters that tell maker or type.
    Number,
    /// A message to the household: no letter of it stays.
    Words,
    /// Octets that are no text, with a maker's three letters near their beginning, perhaps.
    Octets,
}

/// One way to send an identification.
#[derive(Debug)]
struct Form {
    was: Vec<u8>,
    becomes: Vec<u8>,
}

impl Identities {
    /// What a reading is known by.
    pub(super) fn take(&mut self, reading: &Reading) {
        for value in &reading.values {
            if let Some(kind) = kind_of(value) {
                self.take_value(&value.value, kind, reading.protocol);
            }
        }
        if let Some(name) = &reading.meter {
            self.add_name(name);
        }
    }

    /// The name that a reading gives a meter: three letters of its maker, and what the meter calls itself.
    pub(super) fn add_name(&mut self, name: &str) {
        let number = match name.split_once('-') {
            Some((maker, number)) if maker.len() == 3 => number,
            _ => name,
        };
        self.add(number.as_bytes(), Kind::Number);
    }

    fn take_value(&mut self, value: &Value, kind: Kind, protocol: Protocol) {
        match value {
            Value::Octets(octets) if octets.iter().all(u8::is_ascii_graphic) => self.add(octets, kind),
            Value::Octets(octets) => self.add(octets, Kind::Octets),
            Value::Number(number) => self.add(format!("{number}").as_bytes(), kind),
            Value::Text(text) => {
                // P1 writes texts as the hex digits of their octets (DSMR 5.0.2, 6.4).
                let is_p1 = matches!(protocol, Protocol::P1 | Protocol::P1Encrypted);
                let spelled = if is_p1 { from_hex(text) } else { None };
                let spelled = spelled.filter(|octets| octets.iter().all(|octet| *octet >= b' '));
                self.add(spelled.as_deref().unwrap_or(text.as_bytes()), kind);
            }
        }
    }

    /// The digits of an address, as M-Bus codes them: the last ones first.
    pub(super) fn add_digits(&mut self, octets: [u8; 4]) {
        let digits: String = octets.iter().rev().map(|octet| format!("{octet:02X}")).collect();
        // Letters are wildcards of a search.
        if digits.bytes().all(|digit| digit.is_ascii_digit()) {
            self.add(digits.as_bytes(), Kind::Number);
        }
    }

    /// A system title, or what else is no text.
    pub(super) fn add_octets(&mut self, octets: &[u8]) {
        self.add(octets, Kind::Octets);
    }

    /// The device addresses of IEC 62056-21 (6.3.1): `/?12345678!`.
    pub(super) fn said(&mut self, octets: &[u8]) {
        for behind in octets.split(|octet| *octet == b'/') {
            if let Some(address) =
                behind.strip_prefix(b"?").and_then(|rest| rest.split(|o| *o == b'!').next())
            {
                self.add(address, Kind::Number);
            }
        }
    }

    fn add(&mut self, octets: &[u8], kind: Kind) {
        let identity = Identity { octets: octets.into(), kind };
        if octets.len() >= SHORTEST
            && tells(octets)
            && self.known.len() < MOST
            && !self.known.contains(&identity)
        {
            self.known.push(identity);
        }
    }

    pub(super) fn count(&self) -> usize {
        self.known.len()
    }

    /// Nothing more is to be found: settles what becomes of each.
    pub(super) fn settle(&mut self) {
        for (number, identity) in (1..).zip(&self.known) {
            forms(&mut self.forms, identity, number);
        }
        self.forms.retain(|form| tells(&form.was));
        self.forms.sort_by(|one, other| other.was.len().cmp(&one.was.len()).then(one.was.cmp(&other.was)));
        self.forms.dedup_by(|one, other| one.was == other.was);
        self.begins = self.forms.iter().filter_map(|form| form.was.first().copied()).collect();
        self.begins.sort_unstable();
        self.begins.dedup();
    }

    /// Replaces all that is found.
    pub(super) fn replace(&self, octets: &mut [u8]) {
        let mut at = 0;
        while let Some(rest) = octets.get_mut(at..).filter(|rest| !rest.is_empty()) {
            let may_begin = rest.first().is_some_and(|first| self.begins.binary_search(first).is_ok());
            let mut forms = self.forms.iter().filter(|_| may_begin);
            let form = forms.find(|form| rest.starts_with(&form.was));
            if let Some((form, place)) =
                form.and_then(|form| Some((form, rest.get_mut(..form.becomes.len())?)))
            {
                place.copy_from_slice(&form.becomes);
                at += form.becomes.len();
            } else {
                at += 1;
            }
        }
    }

    /// Whether half of anything is in there: one flipped bit leaves a half as it was.
    pub(super) fn may_hide_in(&self, octets: &[u8]) -> bool {
        self.forms.iter().any(|form| {
            let (first, last) = form.was.split_at(form.was.len() / 2);
            let halves = [first, last].into_iter().filter(|half| count_telling(half) >= 2);
            halves.into_iter().any(|half| octets.windows(half.len()).any(|window| window == half))
        })
    }
}

/// Whether a value is an identification, by its meaning or its name, and of which kind.
fn kind_of(value: &Measurement) -> Option<Kind> {
    match value.quantity {
        Some(Quantity::MeterId) => return Some(Kind::Number),
        Some(_) => return None,
        None => {}
    }
    match value.register {
        // Device ids of the meter and of what is connected to it, and messages (IEC 62056-6-1, 7.4.2).
        RegisterId::Obis(Obis([_, _, 96, 1, ..] | [_, _, 42 | 0, 0, ..])) => Some(Kind::Number),
        RegisterId::Obis(Obis([_, _, 96, 13, ..])) => Some(Kind::Words),
        // The public key that signs a German meter's readings.
        RegisterId::Obis(Obis([129, 129, 199, 130, 5, _])) => Some(Kind::Octets),
        RegisterId::Printed(code) => {
            let is = |names: &[&str]| names.iter().any(|name| code.as_str().starts_with(name));
            if is(&["96.13."]) {
                Some(Kind::Words)
            } else {
                is(&["0.0", "C.1", "96.1."]).then_some(Kind::Number)
            }
        }
        _ => None,
    }
}

/// All forms of an identification.
fn forms(forms: &mut Vec<Form>, identity: &Identity, number: u64) {
    let was = identity.octets.clone();
    let becomes = substitute(&was, identity.kind, number);
    if identity.kind != Kind::Octets {
        let start = was.iter().rposition(|octet| !octet.is_ascii_digit()).map_or(0, |at| at + 1);
        let (digits, others) = (was.get(start..), becomes.get(start..));
        if let (Some(digits), Some(others)) = (digits, others) {
            numbers(forms, digits, others);
            // A longer number begins with what many meters have in common; titles and addresses hold its end.
            if let (Some(digits), Some(others)) = (digits.last_chunk::<8>(), others.last_chunk::<8>()) {
                numbers(forms, digits, others);
            }
        }
    }
    texts(forms, was, becomes);
}

/// A text, and the hex digits of it.
fn texts(forms: &mut Vec<Form>, was: Vec<u8>, becomes: Vec<u8>) {
    for digits in [b"0123456789ABCDEF", b"0123456789abcdef"] {
        forms.push(Form { was: to_hex(&was, digits), becomes: to_hex(&becomes, digits) });
    }
    forms.push(Form { was, becomes });
}

/// Digits as text, as binary coded digits and as an integer, the last two in both orders.
fn numbers(forms: &mut Vec<Form>, digits: &[u8], others: &[u8]) {
    if digits.len() < FEWEST_DIGITS {
        return;
    }
    texts(forms, digits.to_vec(), others.to_vec());
    let mut both = |was: Vec<u8>, becomes: Vec<u8>| {
        let turned = |octets: &[u8]| octets.iter().rev().copied().collect();
        forms.push(Form { was: turned(&was), becomes: turned(&becomes) });
        forms.push(Form { was, becomes });
    };
    both(packed(digits), packed(others));
    let value = |digits: &[u8]| str::from_utf8(digits).ok().and_then(|digits| digits.parse::<u64>().ok());
    if let (Some(was), Some(becomes)) = (value(digits), value(others)) {
        let width = if u32::try_from(was.max(becomes)).is_ok() { 4 } else { 8 };
        let end = |value: u64| value.to_be_bytes().into_iter().skip(8 - width).collect::<Vec<u8>>();
        both(end(was), end(becomes));
    }
}

/// What is put in the place of an identification.
fn substitute(octets: &[u8], kind: Kind, number: u64) -> Vec<u8> {
    let mut becomes = octets.to_vec();
    if let Some(server_id) = server_id(octets, number) {
        return server_id;
    }
    if kind == Kind::Octets {
        let kept =
            octets.windows(3).take(LONGEST_HEAD).position(|maker| maker.iter().all(u8::is_ascii_uppercase));
        let mut left = number;
        for octet in becomes.iter_mut().skip(kept.map_or(0, |at| at + 3)).rev() {
            // Nothing below 128 and nothing above 199: no octet that any protocol escapes.
            *octet = 130 + u8::try_from(left % 64).unwrap_or_default();
            left /= 64;
        }
        return becomes;
    }
    let digits = octets.iter().filter(|octet| octet.is_ascii_digit()).count();
    let keeps_letters = kind == Kind::Number && digits >= FEWEST_DIGITS;
    let (mut left, mut digits_left) = (number, digits);
    for octet in becomes.iter_mut().rev() {
        if octet.is_ascii_digit() {
            digits_left -= 1;
            let digit = u8::try_from(left % 10).unwrap_or_default();
            if digits_left > 0 || !keeps_letters {
                *octet = b'0' + digit;
            }
            left /= 10;
        } else if !keeps_letters && (octet.is_ascii_alphabetic() || !octet.is_ascii()) {
            *octet = b'A' + u8::try_from(left % 26).unwrap_or_default();
            left /= 26;
        }
    }
    becomes
}

/// The server id of a German meter (DIN 43863-5): length, medium, maker, block, and a number of eight digits.
fn server_id(octets: &[u8], number: u64) -> Option<Vec<u8>> {
    let (&[9 | 10, _, m, a, k, _], digits) =
        octets.split_last_chunk::<4>().map(|(head, digits)| (head, *digits))?
    else {
        return None;
    };
    let number = u32::try_from(number).ok()?;
    let first = u32::from_be_bytes(digits) / EIGHTH_DIGIT;
    let becomes = (first * EIGHTH_DIGIT).checked_add(number)?.to_be_bytes();
    let head = octets.get(..octets.len() - becomes.len())?;
    [m, a, k].iter().all(u8::is_ascii_uppercase).then(|| [head, &becomes].concat())
}

/// Two digits an octet, a zero before an odd number of them.
fn packed(digits: &[u8]) -> Vec<u8> {
    let digits = digits.iter().map(|digit| digit & 0x0F);
    let padding = digits.len() % 2;
    let digits: Vec<u8> = core::iter::repeat_n(0, padding).chain(digits).collect();
    digits.as_chunks::<2>().0.iter().map(|[high, low]| high << 4 | low).collect()
}

fn to_hex(octets: &[u8], digits: &[u8; 16]) -> Vec<u8> {
    let digit = |value: u8| digits.get(usize::from(value)).copied().unwrap_or_default();
    octets.iter().flat_map(|octet| [digit(octet >> 4), digit(octet & 0x0F)]).collect()
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let digit = |digit: u8| char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let pair = |[high, low]: &[u8; 2]| Some(digit(*high)? << 4 | digit(*low)?);
    if rest.is_empty() && !pairs.is_empty() { pairs.iter().map(pair).collect() } else { None }
}

/// Whether octets are enough to recognise anything by: noughts are everywhere, and of four octets few happen by chance.
fn tells(octets: &[u8]) -> bool {
    let fewest = if octets.len() == 4 { 2 } else { 3 };
    octets.len() <= LONGEST && count_telling(octets) >= fewest
}

/// How many octets are no noughts.
fn count_telling(octets: &[u8]) -> usize {
    let are_digits = octets.len() > 4 && octets.iter().all(u8::is_ascii_digit);
    octets.iter().filter(|octet| **octet != if are_digits { b'0' } else { 0 }).count()
}

/// More identifications than a line can have; the rest is noise that decodes.
const MOST: usize = 500;
/// Octets of the shortest identification: less is a word, or chance.
const SHORTEST: usize = 4;
/// Octets of the longest identification: two public keys and more.
const LONGEST: usize = 512;
/// So many digits are a number of a meter's, and not of its kind.
const FEWEST_DIGITS: usize = 6;
/// What the first of eight digits counts.
const EIGHTH_DIGIT: u32 = 10_000_000;
/// Octets in which a maker's letters begin.
const LONGEST_HEAD: usize = 4;
