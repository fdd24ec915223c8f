//! Mode 2 of M-Bus, which sends the high byte of each number first. Apator's ELF answers in it.

use alloc::vec::Vec;

use super::heads::dib;
use super::record::{FILLER, SPECIAL};
use super::value::Data;
use super::vib::Vib;
use crate::cursor::Cursor;

/// Converts an answer to mode 1, with the low byte first (EN 13757-3:2004, 4.1). Returns the CI field of mode 1 and the
/// converted bytes, or `None` if `ci` does not announce mode 2.
pub(crate) fn turned(ci: u8, user: &[u8]) -> Option<(u8, Vec<u8>)> {
    let lengths: &[usize] = match ci {
        // Identification, maker; version, medium, access number, status; configuration.
        0x76 => &[4, 2, 1, 1, 1, 1, 2],
        // Identification; access number, status; both units; the counters.
        0x77 => &[4, 1, 1, 2, 4, 4],
        _ => return None,
    };
    let mut cursor = Cursor::new(user);
    let mut turned = Vec::with_capacity(user.len());
    for length in lengths {
        turned.extend(cursor.take(*length).unwrap_or_default().iter().rev());
    }
    turned.extend(records(cursor.rest()));
    Some((ci & !MOST_SIGNIFICANT_FIRST, turned))
}

/// Converts records. Bytes that cannot be parsed stay as they are.
fn records(records: &[u8]) -> Vec<u8> {
    let mut turned = Vec::with_capacity(records.len());
    let mut cursor = Cursor::new(records);
    while let Some(dif) = cursor.u8() {
        turned.push(dif);
        if dif == FILLER {
            continue;
        }
        let head = cursor.rest();
        if dif & SPECIAL == SPECIAL
            || dib(dif, &mut cursor).and_then(|_| Vib::read(&mut cursor, None)).is_err()
        {
            turned.extend_from_slice(head);
            return turned;
        }
        let data = cursor.rest();
        let is_read = Data::read(dif, &mut cursor).is_ok();
        turned.extend(head.iter().take(head.len() - data.len()));
        let data = data.get(..data.len() - cursor.rest().len()).unwrap_or_default();
        // Data of variable length begin with a length byte, which stays in front.
        let (length, bytes) =
            data.split_at(usize::from(dif & SPECIAL == VARIABLE && is_read).min(data.len()));
        turned.extend_from_slice(length);
        turned.extend(bytes.iter().rev());
        if !is_read {
            turned.extend_from_slice(cursor.rest());
            return turned;
        }
    }
    turned
}

/// The bit of the CI field that marks mode 2.
const MOST_SIGNIFICANT_FIRST: u8 = 0x04;
/// The low bits of a DIF whose data are preceded by a length.
const VARIABLE: u8 = 0x0D;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mode_2_is_turned_into_mode_1() {
        let user = [0x43, 0x21, 0x09, 0x87, 0x06, 0x01, 0x52, 0x04, 0x0A, 0x10, 0, 5, 0x02, 0x6C, 0x23, 0x12];
        let wanted =
            [0x87, 0x09, 0x21, 0x43, 0x01, 0x06, 0x52, 0x04, 0x0A, 0x10, 5, 0, 0x02, 0x6C, 0x12, 0x23];
        assert_eq!(turned(0x76, &user), Some((0x72, wanted.into())));
        let fixed = [1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 1, 2, 3, 4];
        assert_eq!(
            turned(0x77, &fixed),
            Some((0x73, [4, 3, 2, 1, 5, 6, 8, 7, 4, 3, 2, 1, 4, 3, 2, 1].into()))
        );
        assert_eq!((turned(0x72, &user), turned(0x76, &[])), (None, Some((0x72, Vec::new()))));
    }

    /// EN 13757-3:2004, 4.1, mode 2: the high byte comes first.
    #[test]
    fn records_of_mode_2_are_reversed_as_far_as_they_can_be_read() {
        let most_first = [0x02, 0x6C, 0x23, 0x12, 0x2F, 0x0D, 0x78, 2, b'a', b'b', 0x01, 0x13, 5, 0x0F, 1, 2];
        let least_first =
            [0x02, 0x6C, 0x12, 0x23, 0x2F, 0x0D, 0x78, 2, b'b', b'a', 0x01, 0x13, 5, 0x0F, 1, 2];
        assert_eq!(super::records(&most_first), least_first);
        assert_eq!(super::records(&[0x04, 0x13, 1, 2]), [0x04, 0x13, 1, 2]);
    }
}
