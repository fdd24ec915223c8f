//! Days and hours of tariffs, known in advance: the colours of Tempo, and the profile of a day (Enedis-NOI-CPT_54E,
//! 6.1.3 and 6.2.3.15).

use alloc::vec::Vec;

use crate::hex;

/// The colour of a day under Tempo.
///
/// Exhaustive: Tempo has three colours.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Colour {
    /// A cheap day: most days of the year.
    Blue,
    /// A day of medium price.
    White,
    /// An expensive day: 22 days in winter.
    Red,
}

/// A time of day at which the meter switches.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Switch {
    /// Hour of local time, from 0 to 23.
    pub hour: u8,
    /// Minute, from 0 to 59.
    pub minute: u8,
    /// The supplier's index from then on, from 1 to 10; `None` if it does not change.
    pub index: Option<u8>,
    /// Virtual relays 1 to 7, the first one in bit 0; a set bit means closed.
    pub relays: u8,
    /// The action of the dry contact.
    pub contact: Contact,
}

/// The action of the dry contact.
///
/// Exhaustive: the specification gives it two bits.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Contact {
    /// It does not change.
    Stays,
    /// It follows the setting for Tempo.
    ByTempo,
    /// It opens.
    Opens,
    /// It closes.
    Closes,
}

impl Colour {
    /// The colour of tomorrow, from DEMAIN; `None` if it is not known yet.
    #[must_use]
    pub fn of_tomorrow(demain: &str) -> Option<Self> {
        match demain {
            "BLEU" => Some(Self::Blue),
            "BLAN" => Some(Self::White),
            "ROUG" => Some(Self::Red),
            _ => None,
        }
    }

    /// The colour of the current period, from PTEC; `None` under other contracts.
    #[must_use]
    pub fn of_period(ptec: &str) -> Option<Self> {
        match ptec {
            "HCJB" | "HPJB" => Some(Self::Blue),
            "HCJW" | "HPJW" => Some(Self::White),
            "HCJR" | "HPJR" => Some(Self::Red),
            _ => None,
        }
    }

    pub(crate) const fn numbered(number: u32) -> Option<Self> {
        match number {
            1 => Some(Self::Blue),
            2 => Some(Self::White),
            3 => Some(Self::Red),
            _ => None,
        }
    }
}

/// The switches of a day, in the order of the text of PJOURF+1 or PPOINTE. The text has eleven blocks; those marked as
/// unused are skipped. `None` if the text is not a profile.
#[must_use]
pub fn profile(text: &str) -> Option<Vec<Switch>> {
    let blocks = text.split(' ');
    if blocks.clone().count() != BLOCKS {
        return None;
    }
    let used = blocks.filter(|block| *block != UNUSED);
    used.map(|block| switch(block.as_bytes())).collect()
}

/// `HHMMSSSS`: hour and minute, then sixteen bits in hex.
fn switch(block: &[u8]) -> Option<Switch> {
    let (clock, bits) = block.split_at_checked(4).filter(|(_, bits)| bits.len() == 4)?;
    let (hour, minute) = clock.split_at_checked(2)?;
    let number = |digits: &[u8]| {
        let digits = digits.iter().all(u8::is_ascii_digit).then_some(digits)?;
        str::from_utf8(digits).ok()?.parse::<u8>().ok()
    };
    let (hour, minute) = (number(hour)?, number(minute)?);
    let bits = u16::try_from(hex::number(bits)?).ok()?;
    let [_, low] = bits.to_be_bytes();
    let relays = u8::try_from(bits >> 4 & 0x7F).ok()?;
    let index = Some(low & 0x0F).filter(|index| (1..=10).contains(index));
    let contact = match bits >> 14 {
        0 => Contact::Stays,
        1 => Contact::ByTempo,
        2 => Contact::Opens,
        _ => Contact::Closes,
    };
    (hour < 24 && minute < 60).then_some(Switch { hour, minute, index, relays, contact })
}

const BLOCKS: usize = 11;
const UNUSED: &str = "NONUTILE";

#[cfg(test)]
mod tests {
    use super::*;

    /// Enedis-NOI-CPT_54E, 6.2.3.15, worked out by hand.
    #[test]
    fn a_profile_gives_each_switch_with_its_time() {
        let text =
            ["00008001", "0630C012", "22004030"].into_iter().chain([UNUSED; 8]).collect::<Vec<_>>().join(" ");
        let at = |hour, minute, index, relays, contact| Switch { hour, minute, index, relays, contact };
        let expected = [
            at(0, 0, Some(1), 0, Contact::Opens),
            at(6, 30, Some(2), 1, Contact::Closes),
            at(22, 0, None, 3, Contact::ByTempo),
        ];
        assert_eq!(profile(&text).unwrap(), expected);
    }

    #[test]
    fn unused_blocks_are_skipped_and_an_invalid_profile_is_refused() {
        let whole = [UNUSED; 11].join(" ");
        assert_eq!(profile(&whole), Some(Vec::new()));
        assert_eq!(profile(&whole[9..]), None);
        for wrong in ["24008001", "00608001", "0000800", "000080010", "0000800q", "+0008001"] {
            assert_eq!(profile(&whole.replacen(UNUSED, wrong, 1)), None, "{wrong}");
        }
    }

    #[test]
    fn colours_are_read_from_the_words_of_the_port() {
        assert_eq!(Colour::of_tomorrow("BLAN"), Some(Colour::White));
        assert_eq!(Colour::of_tomorrow("----"), None);
        assert_eq!(Colour::of_period("HPJR"), Some(Colour::Red));
        assert_eq!(Colour::of_period("HP.."), None);
    }
}
