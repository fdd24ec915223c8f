//! Names whose encoding breaks the standard. To a strict reader, their bytes would be other values.

use super::tag::OCTET_STRING;

/// What follows at a position where such a name may be.
pub(crate) enum Ahead<'a> {
    Name(&'a [u8]),
    /// Perhaps a name: the bytes end inside it.
    Cut,
    Other,
}

/// Looks for a name without tags.
///
/// Meters of EG.D (Sagemcom XT211) describe a value by class, name and attribute without any tag, as the attribute
/// descriptor of an event notification does (IEC 62056-5-3, 8.4). Read strictly, the zero at the start of the class
/// would be null, and the FF inside would be a tag that no meter sends.
pub(crate) fn untagged_name(rest: &[u8]) -> Ahead<'_> {
    let fits = |(at, byte): (usize, &u8)| match at {
        0 => *byte == 0,
        1 => *byte != 0,
        7 => *byte == 0xFF,
        8 => (1..=0x7F).contains(byte),
        _ => true,
    };
    match rest.get(..UNTAGGED_NAME) {
        _ if !rest.iter().take(UNTAGGED_NAME).enumerate().all(fits) => Ahead::Other,
        Some(descriptor) => descriptor.get(2..8).map_or(Ahead::Other, Ahead::Name),
        None => Ahead::Cut,
    }
}

/// Looks for a name with swapped tag and length. `rest` begins after the length.
///
/// Landis+Gyr's ZMF100 swaps the tag and the length of a name. Read strictly, the name would be a number, followed by
/// an unknown tag or by a tag whose value does not fit.
pub(crate) fn name_with_swapped_tag(rest: &[u8]) -> Ahead<'_> {
    let fits = |(at, byte): (usize, &u8)| match at {
        0 => *byte == OCTET_STRING,
        1 => *byte <= 1,
        4 => matches!(byte, 0 | 1 | 7 | 8),
        6 => *byte == 0xFF,
        _ => true,
    };
    match rest.get(..SWAPPED_NAME) {
        _ if !rest.iter().take(SWAPPED_NAME).enumerate().all(fits) => Ahead::Other,
        Some(name) => name.get(1..).map_or(Ahead::Other, Ahead::Name),
        None => Ahead::Cut,
    }
}

/// Length of class, name and attribute in bytes.
pub(crate) const UNTAGGED_NAME: usize = 9;
/// Length of a name in bytes, without its length byte: the tag and the code.
pub(crate) const SWAPPED_NAME: usize = 7;

#[cfg(test)]
mod tests {
    use super::super::axdr::{Datum, Reader};
    use crate::error::ParseError;

    const UNTAGGED: &[u8] = &[2, 2, 0, 3, 1, 0, 1, 7, 0, 0xFF, 2, 6, 0, 0, 7, 0xA4];
    const SWAPPED: &[u8] = &[2, 2, 6, 9, 1, 0, 0x1F, 7, 0, 0xFF, 0x12, 0, 9];

    /// The two values of a structure.
    fn pair(bytes: &[u8]) -> [Option<Datum<'_>>; 2] {
        let mut reader = Reader::new(bytes);
        assert!(matches!(reader.next(), Some(Datum::List(_))));
        [reader.next(), reader.next()]
    }

    #[test]
    fn reads_names_without_tags_and_with_swapped_tags() {
        let name = |code: &'static [u8]| Some(Datum::Octets(code));
        assert_eq!(pair(UNTAGGED), [name(&[1, 0, 1, 7, 0, 0xFF]), Some(Datum::Integer(1956))]);
        assert_eq!(pair(SWAPPED), [name(&[1, 0, 0x1F, 7, 0, 0xFF]), Some(Datum::Integer(9))]);
    }

    #[test]
    fn a_prefix_of_a_name_is_not_a_name() {
        assert_eq!(pair(&[2, 2, 0, 9, 1, 5]), [Some(Datum::Null), Some(Datum::Octets(&[5]))]);
        let numbers = [2, 2, 6, 9, 1, 0, 0, 6, 0, 0, 0, 1];
        assert_eq!(pair(&numbers), [Some(Datum::Integer(151_060_480)), Some(Datum::Integer(1))]);
    }

    #[test]
    fn a_cut_name_is_undecided_while_bytes_may_follow() {
        for whole in [UNTAGGED, SWAPPED] {
            for cut in 1..whole.len() {
                let mut reader = Reader::new(&whole[..cut]).going_on();
                assert_eq!((reader.pass(), reader.fault()), (None, Some(ParseError::Truncated)), "{cut}");
            }
        }
    }
}
