//! Neighbours of real telegrams: telegrams with other codes, counts, makers, spellings and orders. Each is written from
//! known facts, so that a false meaning is detected.
//!
//! The decoder may leave an unknown value without a meaning. Any meaning that it states must be the one that was
//! written.

mod names;
mod printed;
mod records;

use alloc::vec::Vec;

use crate::number::Number;
use crate::reading::{Measurement, Reading};
use crate::register::Value;

/// Decodes a telegram that the bytes choose, and checks its meaning.
pub fn neighbours(bytes: &[u8]) {
    let mut choices = Choices(bytes);
    match choices.below(6) {
        0 | 1 => printed::readout(&mut choices),
        2 => printed::begun_in_the_middle(&mut choices),
        3 => printed::peaks(&mut choices),
        4 => names::identification(&mut choices),
        _ => records::answer(&mut choices),
    }
}

/// Bytes as the source of all choices. When no bytes are left, the first option is chosen.
struct Choices<'a>(&'a [u8]);

impl Choices<'_> {
    fn below(&mut self, limit: usize) -> usize {
        let (first, rest) = self.0.split_first_chunk::<2>().unwrap_or((&[0, 0], &[]));
        self.0 = rest;
        usize::from(u16::from_le_bytes(*first)) % limit.max(1)
    }

    fn byte(&mut self) -> u8 {
        u8::try_from(self.below(256)).unwrap_or_default()
    }

    fn of<T: Copy + Default>(&mut self, all: &[T]) -> T {
        all.get(self.below(all.len())).copied().unwrap_or_default()
    }

    /// True with a chance of one in `count`; false if no bytes are left.
    fn one_in(&mut self, count: usize) -> bool {
        self.below(count) + 1 == count
    }

    fn digits(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| b'0' + u8::try_from(self.below(10)).unwrap_or_default()).collect()
    }
}

fn values<'r>(reading: &'r Reading, register: &str) -> impl Iterator<Item = &'r Measurement> + use<'r> {
    let register = register.parse().ok();
    reading.values.iter().filter(move |value| Some(value.register) == register)
}

/// A number without trailing zeros, so that equal numbers are identical.
fn plain(number: Number) -> (i128, i32) {
    let (mut mantissa, mut scaler) = (number.mantissa, i32::from(number.scaler));
    while mantissa != 0 && mantissa % 10 == 0 {
        (mantissa, scaler) = (mantissa / 10, scaler + 1);
    }
    if mantissa == 0 { (0, 0) } else { (mantissa, scaler) }
}

fn number(value: &Measurement) -> Option<Number> {
    match value.value {
        Value::Number(number) => Some(number),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same ten thousand telegrams in each run.
    #[test]
    fn no_neighbour_gets_a_false_meaning() {
        let mut state = 0x9E37_79B9_7F4A_7C15_u64;
        for _ in 0..10_000 {
            let choices: Vec<u8> = core::iter::repeat_with(|| {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                u8::try_from(state >> 56).unwrap_or_default()
            })
            .take(400)
            .collect();
            neighbours(&choices);
        }
    }
}
