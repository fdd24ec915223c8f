//! [`Group`]: a label, optionally a time stamp, data, and a checksum.
//!
//! A group is parsed from its end: the last character is the checksum, the character before it is the separator. The
//! label ends at the first separator. So the data may contain the separator, as dates and the data of `EJP.` do.

use crate::error::{Flaw, FrameError};
use crate::label::{Label, Mode};
use crate::vocabulary::Quantity;

use super::character::{is_damaged, seven};

/// Which characters the checksum covers, and which character separates fields.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Rule {
    /// From the label to the end of the data: meters until 2013, and Linky's historic mode.
    First,
    /// Also the last separator: meters designed after 2013 (Enedis-NOI-CPT_02E).
    Second,
    /// Like the second rule, with tabs (Enedis-NOI-CPT_54E, 5.3.6).
    Standard,
}

/// A group with a correct checksum.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Group<'a> {
    pub(crate) label: &'a str,
    /// The text between the label and the checksum, time stamps included.
    pub(crate) data: &'a [u8],
}

impl Rule {
    pub(crate) const ALL: [Self; 3] = [Self::First, Self::Second, Self::Standard];

    pub(crate) const fn mode(self) -> Mode {
        match self {
            Self::First | Self::Second => Mode::Historic,
            Self::Standard => Mode::Standard,
        }
    }

    pub(crate) const fn separator(self) -> u8 {
        match self.mode() {
            Mode::Historic => b' ',
            Mode::Standard => b'\t',
        }
    }

    /// Parses the text between LF and CR as a group.
    pub(crate) fn read(self, text: &[u8]) -> Result<Group<'_>, FrameError> {
        let malformed = FrameError::Malformed(Flaw::Group);
        let (check, body) = text.split_last().ok_or(malformed)?;
        let (separator, fields) = body.split_last().ok_or(malformed)?;
        let summed = if self == Self::First { fields } else { body };
        let (found, computed) = (seven(*check), sum(summed));
        if found != computed {
            return Err(FrameError::Checksum { found: found.into(), computed: computed.into() });
        }
        if text.iter().any(|character| is_damaged(*character)) {
            return Err(FrameError::Malformed(Flaw::Parity));
        }
        let is_one = |byte: &u8| matches!(byte, b' '..=b'~') || *byte == self.separator();
        let end = fields.iter().position(|byte| *byte == self.separator()).ok_or(malformed)?;
        let label = fields.get(..end).and_then(label).ok_or(malformed)?;
        let data = fields.get(end + 1..).unwrap_or_default();
        (*separator == self.separator() && data.iter().all(is_one))
            .then_some(Group { label, data })
            .ok_or(malformed)
    }
}

/// Six bits of the sum, as a printable character (Enedis-NOI-CPT_54E, 5.3.6).
pub(crate) fn sum(bytes: &[u8]) -> u8 {
    let sum = bytes.iter().fold(0_u8, |sum, byte| sum.wrapping_add(seven(*byte)));
    (sum & 0x3F) + 0x20
}

/// The first rule by which the group is valid; `None` if there is none.
pub(crate) fn rule_of(text: &[u8]) -> Option<Rule> {
    Rule::ALL.into_iter().find(|rule| rule.read(text).is_ok())
}

/// Recomputes the checksum of `text`, a group whose data were changed; `before` is the original. Restores the half of
/// an address that states maker and type, because other groups can be interpreted only with it.
pub(crate) fn close(text: &mut [u8], before: &[u8]) -> Option<()> {
    let rule = rule_of(before)?;
    let group = rule.read(before).ok()?;
    if rule.mode().label(group.label).is_some_and(Label::is_address) {
        let start = group.label.len() + 1;
        let kind = start..start + KIND;
        text.get_mut(kind.clone())?.copy_from_slice(before.get(kind)?);
    }
    let (check, body) = text.split_last_mut()?;
    let summed = if rule == Rule::First { body.split_last()?.1 } else { body };
    *check = sum(summed);
    Some(())
}

/// Replaces the letters and digits of a message by `X`, and keeps its spacing.
pub(crate) fn blank(text: &mut [u8]) {
    let Some(group) = rule_of(text).and_then(|rule| Some((rule, rule.read(text).ok()?))) else { return };
    let (rule, group) = group;
    let is_message = |label: &Label| label.quantity == Some(Quantity::Message);
    if rule.mode().label(group.label).is_some_and(is_message) {
        let start = group.label.len() + 1;
        let end = text.len().saturating_sub(2);
        let letters = text.get_mut(start..end).into_iter().flatten();
        letters.filter(|letter| letter.is_ascii_alphanumeric()).for_each(|letter| *letter = b'X');
    }
}

/// Whether a text begins like a group, with a known label of either mode.
pub(crate) fn is_begun(text: &[u8]) -> bool {
    [Rule::First, Rule::Standard].into_iter().any(|rule| {
        let end = text.iter().position(|byte| *byte == rule.separator());
        let name = end.and_then(|end| label(text.get(..end)?));
        name.is_some_and(|name| rule.mode().label(name).is_some())
    })
}

/// The text as a label: letters, digits and signs. In all documents a label has at most nine characters; sixteen leave
/// room.
fn label(text: &[u8]) -> Option<&str> {
    let is_one = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'_');
    let is_label = text.first().is_some_and(u8::is_ascii_alphabetic) && text.iter().all(is_one);
    str::from_utf8(text).ok().filter(|text| is_label && text.len() <= LONGEST_LABEL)
}

/// The number of digits of an address that state maker, year and type.
const KIND: usize = 6;
const LONGEST_LABEL: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    fn code(rule: Rule, text: &[u8]) -> Option<&'static str> {
        rule.read(text).err().map(|error| crate::error::Error::from(error).code())
    }

    /// Enedis-NOI-CPT_54E, 5.3.6, and the same group by both historic rules (Enedis-NOI-CPT_02E).
    #[test]
    fn each_rule_has_its_checksum() {
        let papp = Group { label: "PAPP", data: b"00760" };
        assert_eq!(Rule::First.read(b"PAPP 00760 ."), Ok(papp));
        assert_eq!(Rule::Second.read(b"PAPP 00760 N"), Ok(papp));
        assert_eq!(Rule::Standard.read(b"IRMS1\t003\t1"), Ok(Group { label: "IRMS1", data: b"003" }));
        assert_eq!(code(Rule::Second, b"PAPP 00760 ."), Some("frame.checksum"));
        assert_eq!(code(Rule::First, b"IRMS1\t003\t1"), Some("frame.checksum"));
    }

    /// A blank may be a checksum, and data may contain blanks.
    #[test]
    fn a_group_is_read_from_its_end() {
        assert_eq!(Rule::First.read(b"PTEC HP..  "), Ok(Group { label: "PTEC", data: b"HP.." }));
        let date = Rule::First.read(b"DATE 14/01/26 18:15:02 /");
        assert_eq!(date, Ok(Group { label: "DATE", data: b"14/01/26 18:15:02" }));
    }

    /// The checksum covers neither bit 6 nor the parity bits.
    #[test]
    fn errors_that_the_checksum_misses_are_found() {
        assert_eq!(code(Rule::First, b"PAPP 00\xB760 ."), Some("frame.malformed"));
        assert_eq!(code(Rule::First, b"P\x01PP 00760 ."), Some("frame.malformed"));
        assert_eq!(code(Rule::First, b""), Some("frame.malformed"));
    }

    #[test]
    fn a_known_label_begins_a_group() {
        assert!(is_begun(b"PAPP 0") && is_begun(b"EAST\t0"));
        assert!(!is_begun(b"PAPP\t0") && !is_begun(b"EAST 0") && !is_begun(b"PAPP") && !is_begun(b""));
    }
}
