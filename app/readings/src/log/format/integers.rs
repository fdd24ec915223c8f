//! Encodes a column of whole numbers in few bytes.
//!
//! ```text
//! form │ heads: `order` numbers │ bits, the highest first, in runs of 64 numbers
//!                                 7 bits: width w │ each: ones, a zero, w low bits
//! ```
//!
//! A meter's counters hardly change, and its measurements flicker around a value. So the encoding stores the numbers
//! (`order` 0), their differences (1), or the differences of these differences (2), whichever is shortest. The heads
//! are the first number and, for order 2, the first difference. The rest is folded, so that none is negative, and
//! written in a Rice code: the part above the low `w` bits as that many ones and a zero, then the low bits. Each run
//! has the width that suits it best. A run of zeros consists of its width only. If nothing but zeros follows the heads,
//! there are no runs. Differences wrap, so that none overflows. Numbers beyond 64 bits are possible but rare: a column
//! with such a number is written without this encoding.
//!
//! Measured over an hour of simulated meters at 10 s, this takes 0.24 to 0.59 bytes a value. pco 1.1 takes 0.30 to
//! 0.91, because its tables take more bytes than they save on 360 numbers.

use super::bytes::{Bytes, Write};

pub(in crate::log) fn write(column: &Column, out: &mut Vec<u8>) {
    let narrow = match column {
        Column::Still { number, .. } => return write_still(*number, out),
        Column::Narrow(numbers) => numbers,
        Column::Wide(numbers) => {
            out.push(WIDE);
            return numbers.iter().for_each(|number| out.signed(*number));
        }
    };
    if let Some(first) = narrow.first().filter(|first| narrow.iter().all(|number| number == *first)) {
        return write_still(*first, out);
    }
    let order = shortest(narrow);
    let differences = differences(narrow, order);
    let rest: Vec<u64> = differences.iter().skip(order).copied().map(fold).collect();
    let still = rest.iter().all(|number| *number == 0);
    let [form, ..] = order.to_le_bytes();
    out.push(if still { form | STILL } else { form });
    differences.iter().take(order).for_each(|head| out.signed((*head).into()));
    if !still {
        let mut bits = BitWriter { out, word: 0, filled: 0 };
        rest.chunks(RUN).for_each(|run| write_run(run, &mut bits));
        bits.finish();
    }
}

/// Writes a column of equal numbers: the number, unless it is zero, and no differences.
fn write_still(number: i64, out: &mut Vec<u8>) {
    out.push(STILL | u8::from(number != 0));
    if number != 0 {
        out.signed(number.into());
    }
}

/// Reads a column of `count` numbers, which must fill the bytes. Returns `None` if the bytes are damaged.
pub(in crate::log) fn read(bytes: &[u8], count: usize) -> Option<Column> {
    let mut bytes = Bytes(bytes);
    let form = bytes.byte()?;
    if form == WIDE {
        // Each number takes at least one byte, so the count cannot ask for more memory than the bytes justify.
        if count > bytes.0.len() {
            return None;
        }
        let numbers = (0..count).map(|_| bytes.signed()).collect::<Option<_>>()?;
        bytes.end()?;
        return Some(Column::Wide(numbers));
    }
    let order = usize::from(form & !STILL);
    if order > MOST_ORDER {
        return None;
    }
    let mut numbers = Vec::with_capacity(count);
    for _ in 0..order.min(count) {
        numbers.push(i64::try_from(bytes.signed()?).ok()?);
    }
    if form & STILL != 0 {
        numbers.resize(count, 0);
        bytes.end()?;
    } else {
        let mut bits = BitReader { bytes: bytes.0, at: 0 };
        while numbers.len() < count {
            read_run(RUN.min(count - numbers.len()), &mut bits, &mut numbers)?;
        }
        bits.end()?;
    }
    sum_up(&mut numbers, order);
    Some(Column::Narrow(numbers))
}

#[derive(Clone, Debug)]
pub(in crate::log) enum Column {
    /// All numbers are the same: scalers and texts hardly ever change, nor do the counters of a house at night.
    Still {
        number: i64,
        count: usize,
        /// How many numbers there will be.
        room: usize,
    },
    /// Each number fits 64 bits.
    Narrow(Vec<i64>),
    /// At least one number does not fit 64 bits.
    Wide(Vec<i128>),
}

impl Column {
    pub(in crate::log) fn with_room(count: usize) -> Self {
        Self::Still { number: 0, count: 0, room: count }
    }

    pub(in crate::log) fn push(&mut self, number: i128) {
        match i64::try_from(number) {
            Ok(narrow) => self.push_narrow(narrow),
            Err(_) => self.push_unlike(number),
        }
    }

    /// Appends a number that fits 64 bits.
    pub(in crate::log) fn push_narrow(&mut self, number: i64) {
        match self {
            Self::Narrow(numbers) => numbers.push(number),
            Self::Still { number: known, count, .. } if *count == 0 || *known == number => {
                *known = number;
                *count += 1;
            }
            Self::Still { .. } | Self::Wide(_) => self.push_unlike(number.into()),
        }
    }

    /// Appends a number that does not fit the form in which the numbers so far are held.
    #[cold]
    fn push_unlike(&mut self, number: i128) {
        *self = match (std::mem::take(self), i64::try_from(number)) {
            (Self::Still { number: known, count, room }, Ok(narrow)) => {
                let mut numbers = Vec::with_capacity(room.max(count + 1));
                numbers.resize(count, known);
                numbers.push(narrow);
                Self::Narrow(numbers)
            }
            (Self::Wide(mut numbers), _) => {
                numbers.push(number);
                Self::Wide(numbers)
            }
            (others, _) => {
                let numbers = (0..others.len()).filter_map(|place| others.at(place));
                Self::Wide(numbers.chain([number]).collect())
            }
        }
    }

    pub(in crate::log) fn len(&self) -> usize {
        match self {
            Self::Still { count, .. } => *count,
            Self::Narrow(numbers) => numbers.len(),
            Self::Wide(numbers) => numbers.len(),
        }
    }

    pub(in crate::log) fn last(&self) -> Option<i128> {
        self.at(self.len().checked_sub(1)?)
    }

    pub(in crate::log) fn at(&self, place: usize) -> Option<i128> {
        match self {
            Self::Still { number, count, .. } => (place < *count).then_some(i128::from(*number)),
            Self::Narrow(numbers) => numbers.get(place).map(|number| i128::from(*number)),
            Self::Wide(numbers) => numbers.get(place).copied(),
        }
    }

    /// The number at this index, if it fits this type.
    pub(in crate::log) fn narrow<T: TryFrom<i128>>(&self, place: usize) -> Option<T> {
        T::try_from(self.at(place)?).ok()
    }
}

impl Default for Column {
    fn default() -> Self {
        Self::with_room(0)
    }
}

impl FromIterator<i128> for Column {
    fn from_iter<I: IntoIterator<Item = i128>>(numbers: I) -> Self {
        let mut column = Self::default();
        numbers.into_iter().for_each(|number| column.push(number));
        column
    }
}

/// Order 1 replaces each number from the second on by its difference from the one before. Order 2 then does the same
/// with these differences, from the third on.
fn differences(numbers: &[i64], order: usize) -> Vec<i64> {
    let mut differences = numbers.to_vec();
    for pass in 1..=order {
        let mut before = differences.get(pass - 1).copied().unwrap_or_default();
        for difference in differences.iter_mut().skip(pass) {
            let number = *difference;
            *difference = number.wrapping_sub(before);
            before = number;
        }
    }
    differences
}

fn sum_up(numbers: &mut [i64], order: usize) {
    for pass in (1..=order).rev() {
        let mut before = numbers.get(pass - 1).copied().unwrap_or_default();
        for number in numbers.iter_mut().skip(pass) {
            *number = number.wrapping_add(before);
            before = *number;
        }
    }
}

/// The order whose differences take the fewest bits, estimated from their lengths.
fn shortest(numbers: &[i64]) -> usize {
    let (mut bits, mut before, mut step) = ([0_u64; MOST_ORDER + 1], 0_i64, 0_i64);
    for (place, number) in numbers.iter().enumerate() {
        let first = number.wrapping_sub(before);
        let second = first.wrapping_sub(step);
        (before, step) = (*number, first);
        // Heads are in no run, so the estimate leaves them out.
        let differences = [*number, first, second].into_iter().take(place + 1);
        bits.iter_mut().zip(differences).for_each(|(bits, difference)| *bits += bits_of(fold(difference)));
    }
    bits.iter().enumerate().min_by_key(|(_, bits)| **bits).map_or(0, |(order, _)| order)
}

fn bits_of(number: u64) -> u64 {
    u64::from(64 - number.leading_zeros())
}

/// The width with which a run takes the fewest bits, and how many it takes.
fn best_width(run: &[u64]) -> (u32, u64) {
    let largest = run.iter().copied().max().unwrap_or_default();
    if largest == 0 {
        return (ZEROS, 0);
    }
    let bits = |width| run.iter().map(|number| length(*number, width)).sum::<u64>();
    let long: u64 = run.iter().map(|number| bits_of(*number)).sum();
    // Starts with the mean length and goes to smaller or larger widths as long as that helps.
    let widest = 63 - largest.leading_zeros();
    let mean = u32::try_from(long / run.len().max(1) as u64).map_or(widest, |mean| mean.min(widest));
    let mut best = (mean, bits(mean));
    for down in (0..mean).rev().map(|width| (width, bits(width))) {
        if down.1 > best.1 {
            break;
        }
        best = down;
    }
    for up in (best.0 + 1..=widest).map(|width| (width, bits(width))) {
        if up.1 >= best.1 {
            break;
        }
        best = up;
    }
    best
}

fn length(number: u64, width: u32) -> u64 {
    ones_before(number, width).map_or(MOST_ONES + 64, |ones| ones + 1 + width).into()
}

/// How many ones precede a number that is written with this width; `None` if the number is written in full.
fn ones_before(number: u64, width: u32) -> Option<u32> {
    u32::try_from(number >> width).ok().filter(|ones| *ones < MOST_ONES)
}

fn write_run(run: &[u64], bits: &mut BitWriter<'_>) {
    let (width, _) = best_width(run);
    bits.write(width.into(), 7);
    if width == ZEROS {
        return;
    }
    for number in run.iter().copied() {
        match ones_before(number, width) {
            Some(ones) => {
                bits.write((1 << (ones + 1)) - 2, ones + 1);
                bits.write(number & ((1 << width) - 1), width);
            }
            None => {
                bits.write((1 << MOST_ONES) - 1, MOST_ONES);
                bits.write(number, 64);
            }
        }
    }
}

fn read_run(count: usize, bits: &mut BitReader<'_>, numbers: &mut Vec<i64>) -> Option<()> {
    let width = u32::try_from(bits.read(7)).ok()?;
    if width >= ZEROS {
        numbers.resize(numbers.len() + count, 0);
        return (width == ZEROS).then_some(());
    }
    for _ in 0..count {
        let ones = bits.peek().leading_ones();
        let number = if ones < MOST_ONES {
            bits.at += ones as usize + 1;
            u64::from(ones) << width | bits.read(width)
        } else {
            bits.at += MOST_ONES as usize;
            bits.read(64)
        };
        numbers.push((number >> 1).cast_signed() ^ -(number & 1).cast_signed());
    }
    // Reading past the end of the bytes gives zeros, so damage is checked once a run.
    (bits.at <= bits.bytes.len() * 8).then_some(())
}

fn fold(difference: i64) -> u64 {
    (difference << 1 ^ difference >> 63).cast_unsigned()
}

struct BitWriter<'a> {
    out: &'a mut Vec<u8>,
    word: u64,
    filled: u32,
}

impl BitWriter<'_> {
    /// Writes the low `count` bits, at most 64. All higher bits must be zero.
    fn write(&mut self, bits: u64, count: u32) {
        if count > 32 {
            self.write(bits >> 32, count - 32);
            return self.write(bits & 0xFFFF_FFFF, 32);
        }
        self.word = self.word << count | bits;
        self.filled += count;
        while self.filled >= 8 {
            self.filled -= 8;
            self.out.push(lowest(self.word >> self.filled));
        }
    }

    /// Writes the last byte, filled up with zeros.
    fn finish(self) {
        if self.filled > 0 {
            self.out.push(lowest(self.word << (8 - self.filled)));
        }
    }
}

const fn lowest(word: u64) -> u8 {
    let [byte, ..] = word.to_le_bytes();
    byte
}

struct BitReader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl BitReader<'_> {
    /// The next bits from the highest on: at least 57, with zeros after the end.
    fn peek(&self) -> u64 {
        let rest = self.bytes.get(self.at / 8..).unwrap_or_default();
        let word = rest.first_chunk().copied().unwrap_or_else(|| {
            let mut word = [0; 8];
            word.iter_mut().zip(rest).for_each(|(to, byte)| *to = *byte);
            word
        });
        u64::from_be_bytes(word) << (self.at % 8)
    }

    /// Reads `count` bits, at most 64.
    fn read(&mut self, count: u32) -> u64 {
        if count > 32 {
            let high = self.read(count - 32);
            return high << 32 | self.read(32);
        }
        let bits = self.peek().unbounded_shr(64 - count);
        self.at += count as usize;
        bits
    }

    /// `Some` if at most the padding of the last byte is left.
    fn end(&self) -> Option<()> {
        (self.at.div_ceil(8) == self.bytes.len()).then_some(())
    }
}

/// How many numbers share a width.
const RUN: usize = 64;
/// This many ones, without a zero, precede a number that is written in full.
const MOST_ONES: u32 = 24;
/// The width of a run of zeros.
const ZEROS: u32 = 64;
const MOST_ORDER: usize = 2;
/// A flag in the form: after the heads, all differences are zero and none is written.
const STILL: u8 = 0x04;
const WIDE: u8 = 0x08;

#[cfg(test)]
mod tests;
