//! [`Label`]: the meanings of the labels of France's TIC and of the digits in a meter's address, as listed in
//! `registers/tic.toml`.

use crate::vocabulary::{Phase, Quantity, Unit};

#[derive(Debug)]
pub(crate) struct Label {
    pub(crate) name: &'static str,
    form: Form,
    widths: &'static [u8],
    /// The number's unit in readings, and the power of ten by which the number is shifted to it; `None` if the data are
    /// not a number.
    pub(crate) unit: Option<(Unit, i8)>,
    /// Whether the unit depends on the type of the meter.
    pub(crate) by_type: bool,
    pub(crate) quantity: Option<Quantity>,
    pub(crate) phase: Option<Phase>,
    pub(crate) tariff: Option<u32>,
    pub(crate) storage: Option<u64>,
    pub(crate) has_moment: bool,
    /// Whether single-phase meters send the label as well; their value has no phase number.
    pub(crate) is_alone: bool,
    /// Whether the data are as personal as the meter's address.
    pub(crate) is_personal: bool,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Form {
    Digits,
    Hex,
    /// Capital letters, digits and signs.
    Code,
    Text,
    /// `14/01/26 18:15:02`.
    Date,
    /// No data: the time stamp before them is the content.
    Moment,
}

/// The mode of a line: two tables of labels.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Mode {
    Historic,
    Standard,
}

/// What the type in an address states about the meter.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MeterType {
    pub(crate) model: &'static str,
    pub(crate) has_three_phases: bool,
    /// The unit of PMAX, if known.
    pub(crate) peak: Option<&'static str>,
}

impl Mode {
    pub(crate) fn label(self, name: &str) -> Option<&'static Label> {
        let labels = self.labels();
        labels.get(labels.binary_search_by_key(&name, |label| label.name).ok()?)
    }

    /// Whether a name differs from a label only in bit 6 of one character. If the parity bit is flipped too, checksum
    /// and parity are still correct.
    pub(crate) fn nearly_has(self, name: &str) -> bool {
        let is_near = |label: &Label| {
            let pairs = label.name.bytes().zip(name.bytes());
            let mut differences = pairs.map(|(one, other)| one ^ other).filter(|difference| *difference != 0);
            label.name.len() == name.len()
                && differences.next() == Some(BIT_6)
                && differences.next().is_none()
        };
        self.labels().iter().any(is_near)
    }

    const fn labels(self) -> &'static [Label] {
        match self {
            Self::Historic => HISTORIC,
            Self::Standard => STANDARD,
        }
    }

    pub(crate) const fn other(self) -> Self {
        match self {
            Self::Historic => Self::Standard,
            Self::Standard => Self::Historic,
        }
    }
}

impl Label {
    pub(crate) fn form(&self) -> Form {
        self.form
    }

    pub(crate) fn is_address(&self) -> bool {
        self.quantity == Some(Quantity::MeterId)
    }

    /// Whether the label can have these data, by their width and characters. The checksum of a group misses a flip of
    /// bit 6, which turns a digit into a letter. This check finds it, except in free text.
    pub(crate) fn fits(&self, data: &[u8]) -> bool {
        let are_wide = self.widths.iter().any(|width| usize::from(*width) == data.len());
        match self.form {
            Form::Digits => are_wide && data.iter().all(u8::is_ascii_digit),
            Form::Hex => are_wide && data.iter().all(u8::is_ascii_hexdigit),
            Form::Code => are_wide && data.iter().all(|byte| matches!(byte, b' '..=b'_')),
            Form::Text => are_wide,
            Form::Date => !data.is_empty(),
            Form::Moment => data.is_empty(),
        }
    }
}

pub(crate) fn is_personal(name: &str) -> bool {
    [Mode::Historic, Mode::Standard].iter().filter_map(|mode| mode.label(name)).any(|label| label.is_personal)
}

pub(crate) fn maker_of(address: &str) -> Option<&'static str> {
    maker(*address.as_bytes().first_chunk()?)
}

pub(crate) fn type_of(address: &str) -> Option<MeterType> {
    meter_type(*address.as_bytes().get(4..)?.first_chunk()?)
}

/// The bit of a character that the checksum does not cover.
const BIT_6: u8 = 0x40;

include!(concat!(env!("OUT_DIR"), "/tic.rs"));

#[cfg(test)]
mod tests {
    use super::*;

    /// Enedis-NOI-CPT_54E, 6.1 and 6.2.
    #[test]
    fn a_label_is_looked_up_in_its_own_mode() {
        let east = Mode::Standard.label("EAST").unwrap();
        assert_eq!((east.unit, east.tariff), (Some((Unit::KilowattHour, -3)), None));
        assert!(Mode::Historic.label("EAST").is_none());
        assert_eq!(Mode::Standard.label("SMAXSN1-1").unwrap().storage, Some(1));
        assert_eq!(Mode::Standard.label("EASF10").unwrap().tariff, Some(10));
        // The distributor's indexes count the same energy a second time.
        assert_eq!(Mode::Standard.label("EASD01").unwrap().quantity, None);
    }

    #[test]
    fn data_have_the_width_that_their_label_states() {
        let papp = Mode::Historic.label("PAPP").unwrap();
        assert!(papp.fits(b"00760"));
        for wrong in [&b"0076"[..], b"007600", b"0076p", b"00 60", b""] {
            assert!(!papp.fits(wrong), "{wrong:?}");
        }
        assert!(Mode::Standard.label("STGE").unwrap().fits(b"003A4401"));
        assert!(!Mode::Standard.label("STGE").unwrap().fits(b"003A440q"));
    }

    /// `HP..` with bit 6 of a dot flipped has the same checksum.
    #[test]
    fn a_code_has_no_lower_case_letters() {
        let ptec = Mode::Historic.label("PTEC").unwrap();
        assert!(ptec.fits(b"HP..") && ptec.fits(b"HPJB") && !ptec.fits(b"HPn."));
        assert!(Mode::Historic.label("DEMAIN").unwrap().fits(b"----"));
    }

    #[test]
    fn a_label_with_a_flipped_bit_is_nearly_known() {
        assert!(Mode::Standard.nearly_has("IRMSq") && Mode::Historic.nearly_has("IINSTs"));
        for other in ["IRMS1", "IRMSr9", "iRMSq", "DebP", ""] {
            assert!(!Mode::Standard.nearly_has(other), "{other}");
        }
    }

    /// Euridis, list of makers and types.
    #[test]
    fn an_address_gives_maker_and_type() {
        assert_eq!(maker_of("021961450117"), Some("SAG"));
        assert_eq!(maker_of("991961450117"), None);
        let linky = type_of("021961450117").unwrap();
        assert_eq!((linky.model, linky.has_three_phases), ("Linky, one phase, 60 A", false));
        assert!(type_of("031776034842").unwrap().has_three_phases);
        assert_eq!(type_of("029831405412").unwrap().peak, Some("W"));
        assert!(type_of("0219").is_none() && maker_of("").is_none());
    }
}
