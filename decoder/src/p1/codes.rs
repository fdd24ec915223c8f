//! [`Codes`]: remembers the OBIS codes of the last telegram, and its values that are slow to parse. The next telegram
//! repeats most of them.

use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::register::{Obis, Register, Value};

/// The codes of the last telegram, each at the place of its register. A meter prints the same codes in the same order,
/// and comparing a code takes a tenth of the time of parsing it.
#[derive(Debug, Default)]
pub(crate) struct Codes(Vec<KnownCode>);

/// A code as it was printed.
#[derive(Debug)]
struct KnownCode {
    /// The bytes of the code and of the parenthesis after it, as a little-endian number.
    bytes: u128,
    /// Masks all bits of those bytes.
    mask: u128,
    length: usize,
    obis: Obis,
    said: Option<Box<Said>>,
}

/// The text after a code, from the first parenthesis of the line to the last, and its register.
#[derive(Debug)]
struct Said {
    printed: Vec<u8>,
    register: Register,
}

impl Codes {
    /// The maximum memory held, in bytes: a `Vec` grows to up to twice what it needs.
    pub(crate) const MEMORY: usize = 2 * MOST * size_of::<KnownCode>() + MOST * Said::MEMORY;

    /// The code at the start of a line, and its length. `place` is the index of the line's register.
    #[inline]
    pub(super) fn read(&mut self, place: usize, line: &[u8]) -> Option<(Obis, usize)> {
        if let (Some(known), Some(bytes)) = (self.0.get(place), line.first_chunk())
            && u128::from_le_bytes(*bytes) & known.mask == known.bytes
        {
            return Some((known.obis, known.length));
        }
        self.learn(place, line)
    }

    /// If the text after the code is the same as in the last telegram, returns the register of the code, and the rest
    /// of the text.
    #[inline]
    pub(super) fn same<'a>(
        &self,
        place: usize,
        obis: Obis,
        behind: &'a [u8],
    ) -> Option<(&Register, &'a [u8])> {
        let said = self.0.get(place)?.said.as_ref()?;
        let next =
            behind.strip_prefix(said.printed.as_slice()).filter(|_| said.register.id == obis.into())?;
        Some((&said.register, next))
    }

    /// Remembers the text after the code at this place, and its register. Clocks are left out: they change with each
    /// telegram.
    pub(super) fn remember(&mut self, place: usize, printed: &[u8], register: &Register) {
        let is_it = |known: &&mut KnownCode| register.id == known.obis.into() && !is_of_a_clock(known.obis);
        let Some(known) = self.0.get_mut(place).filter(is_it) else { return };
        match &mut known.said {
            _ if printed.len() > LONGEST_SAID => known.said = None,
            // A changed value reuses the memory.
            Some(said) => {
                said.printed.clear();
                said.printed.extend_from_slice(printed);
                said.register.clone_from(register);
            }
            None => {
                known.said = Some(Box::new(Said { printed: printed.to_vec(), register: register.clone() }));
            }
        }
    }

    pub(crate) fn held(&self) -> usize {
        let said = self.0.iter().filter_map(|known| known.said.as_ref());
        self.0.capacity() * size_of::<KnownCode>() + said.map(|said| said.held()).sum::<usize>()
    }

    fn learn(&mut self, place: usize, line: &[u8]) -> Option<(Obis, usize)> {
        let (obis, length) = Obis::at_start(line)?;
        // The parenthesis is compared too, so that a longer code with the same beginning does not match.
        if let (Some(b'('), Some(bytes)) = (line.get(length), line.first_chunk())
            && let Some(unused) =
                u32::try_from(length).ok().and_then(|length| 120_u32.checked_sub(8 * length))
            && place < MOST
        {
            let mask = u128::MAX >> unused;
            let known =
                KnownCode { bytes: u128::from_le_bytes(*bytes) & mask, mask, length, obis, said: None };
            match self.0.get_mut(place) {
                Some(before) => *before = known,
                None => {
                    self.0.resize_with(place, || NO_CODE);
                    self.0.push(known);
                }
            }
        }
        Some((obis, length))
    }
}

/// Whether this is the clock, its date, or its time of day.
fn is_of_a_clock(obis: Obis) -> bool {
    matches!(obis, Obis::CLOCK | Obis([_, _, 0, 9, ..]))
}

impl Said {
    /// The text of a value is no longer than what was printed, and is preceded by a reference count; a `Vec` grows to
    /// up to twice what it needs.
    const MEMORY: usize = size_of::<Self>() + 3 * LONGEST_SAID + 2 * size_of::<usize>();

    fn held(&self) -> usize {
        let value = match &self.register.value {
            Value::Number(_) => 0,
            Value::Text(text) => text.len(),
            Value::Octets(bytes) => bytes.len(),
        };
        size_of::<Self>() + self.printed.capacity() + value
    }
}

/// Fills places whose line has no code. It matches no bytes.
const NO_CODE: KnownCode = KnownCode { bytes: 1, mask: 0, length: 0, obis: Obis([0; 6]), said: None };

/// More registers than any telegram seen: codes beyond this place are parsed each time.
const MOST: usize = 256;

/// Bytes remembered after a code: an identification has 36, and a log of two power failures 67.
const LONGEST_SAID: usize = 96;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::register::RawUnit;

    #[test]
    fn a_remembered_code_equals_the_parsed_code() {
        let mut codes = Codes::default();
        let lines =
            ["1-0:1.8.0(000001*kWh)", "1-0:1.8.0*255(00001*kWh)", "1-0:1.8.01(00001*kWh)", "1-0:1.8.0(1)"];
        for _ in 0..2 {
            for line in lines {
                // All at the same place, so that each is compared with the code before it, and at a place after a gap.
                for place in [7, 2] {
                    assert_eq!(codes.read(place, line.as_bytes()), Obis::at_start(line.as_bytes()), "{line}");
                }
            }
        }
        assert_eq!(codes.read(2, b"no code at all, but long enough"), None);
        assert_eq!(codes.read(3, b"no code either, at another place"), None);
    }

    #[test]
    fn a_remembered_value_is_found_only_after_its_own_code() {
        let mut codes = Codes::default();
        let (obis, _) = codes.read(0, b"0-0:96.1.1(4B384547)\r\n").unwrap();
        let register = Register {
            id: obis.into(),
            value: Value::Text("4b384547".into()),
            unit: RawUnit::None,
            time: None,
        };
        codes.remember(0, b"(4B384547)", &register);
        assert_eq!(codes.same(0, obis, b"(4B384547)\r\n"), Some((&register, &b"\r\n"[..])));
        for (place, code, behind) in [
            (0, obis, &b"(4B384548)\r\n"[..]),
            (0, obis, b"(4B3845"),
            (0, Obis::CLOCK, b"(4B384547)"),
            (1, obis, b"(4B384547)"),
        ] {
            assert_eq!(codes.same(place, code, behind), None);
        }
        // Another code is at this place now.
        assert!(codes.read(0, b"0-0:96.1.0(4B384547)\r\n").is_some());
        assert_eq!(codes.same(0, obis, b"(4B384547)\r\n"), None);
    }

    #[test]
    fn holds_no_more_than_its_memory_limit() {
        let mut codes = Codes::default();
        for place in 0..1000 {
            let (obis, _) = codes.read(place, b"1-0:1.8.0(000001*kWh)").unwrap();
            let value = Value::Text("x".repeat(LONGEST_SAID).into());
            let register = Register { id: obis.into(), value, unit: RawUnit::None, time: None };
            codes.remember(place, &[b'x'; LONGEST_SAID], &register);
            codes.remember(place + 1, &[b'x'; LONGEST_SAID + 1], &register);
        }
        assert!((1..=Codes::MEMORY).contains(&codes.held()));
    }
}
