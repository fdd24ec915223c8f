//! Changes telegrams, and computes their checksums again.

use metertap_decoder::crc::{crc16_arc, crc16_x25};
use metertap_native::Chance;

use crate::bytes;

/// Changes some of the P1 telegrams or HDLC frames in the bytes of a line, and makes their checksums valid again. If
/// there are none, changes single bytes.
pub(crate) fn spoil(heard: &mut [u8], chance: &mut Chance) {
    let mut telegrams = p1(heard);
    if telegrams.is_empty() {
        telegrams = hdlc(heard);
    }
    if telegrams.is_empty() {
        return bytes::substitute(heard, chance);
    }
    for _ in 0..=chance.below(3) {
        let Some((from, to)) = chance.one(&telegrams).copied() else { return };
        let Some(telegram) = heard.get_mut(from..to) else { return };
        if telegram.first() == Some(&b'/') {
            change_p1(telegram, chance)
        } else {
            change_hdlc(telegram, chance)
        }
    }
}

/// The positions of P1 telegrams, from `/` to the end of the checksum.
fn p1(heard: &[u8]) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(begin) = heard.iter().skip(from).position(|byte| *byte == b'/').map(|at| at + from) {
        let Some(end) = heard.iter().skip(begin).position(|byte| *byte == b'!').map(|at| at + begin) else {
            break;
        };
        from = end + 1 + CRC_DIGITS;
        if from <= heard.len() {
            found.push((begin, from));
        }
    }
    found
}

fn change_p1(telegram: &mut [u8], chance: &mut Chance) {
    let (said, checksum) = telegram.split_at_mut(telegram.len() - CRC_DIGITS);
    let inside = said.len() - 1;
    for _ in 0..=chance.below(4) {
        let place = 1 + chance.place(inside - 1);
        // Mostly, a digit becomes another digit, and a separator another separator.
        let letters: &[u8] = if said[place].is_ascii_digit() { b"0123456789" } else { b"()*.:-\r\nkWV\0" };
        let letters: &[u8] = if chance.is_one_in(6) { b"()<>:*-.9\xFF" } else { letters };
        said[place] = letters[chance.place(letters.len())];
    }
    checksum.copy_from_slice(format!("{:04X}", crc16_arc(said)).as_bytes());
}

/// The positions of HDLC frames, from flag to flag (ISO/IEC 13239; the length is in the format field, IEC 62056-46,
/// 6.4.2).
fn hdlc(heard: &[u8]) -> Vec<(usize, usize)> {
    let (mut found, mut at) = (Vec::new(), 0);
    while let Some([FLAG, high, low]) = heard.get(at..).and_then(<[u8]>::first_chunk).copied() {
        let length = usize::from(high & 0x07) << 8 | usize::from(low);
        let end = at + length + 2;
        if high >> 4 != 0xA || heard.get(end - 1) != Some(&FLAG) || length < SHORTEST {
            break;
        }
        found.push((at, end));
        at = end;
    }
    found
}

fn change_hdlc(frame: &mut [u8], chance: &mut Chance) {
    let end = frame.len() - 3;
    let Some(said) = frame.get_mut(HEADER..end) else { return };
    bytes::substitute(said, chance);
    let checksum = crc16_x25(&frame[1..end]);
    frame[end..end + 2].copy_from_slice(&checksum.to_le_bytes());
}

/// The number of hex digits of a P1 telegram's checksum.
const CRC_DIGITS: usize = 4;
const FLAG: u8 = 0x7E;
/// The most bytes that flag, format, both addresses, control and the header's checksum take in a meter's frame.
const HEADER: usize = 10;
/// The fewest bytes between the flags of a frame with content.
const SHORTEST: usize = 16;

#[cfg(test)]
mod tests {
    use metertap_decoder::session::{Output, Session, Setup};
    use metertap_decoder::stack::Stack;
    use metertap_decoder::time::Instant;
    use metertap_readings::fault::Code;
    use metertap_simulator::{Meter, Model};

    use super::*;

    /// A changed telegram may be refused for its content, but not for its checksum.
    #[test]
    fn changed_telegrams_have_a_valid_checksum() {
        for (model, stack) in [(Model::Dsmr5, Stack::P1), (Model::KaifaMa304h3e, Stack::HdlcDlms)] {
            let (mut chance, mut readings) = (Chance::new(1), 0);
            for telegram in Meter::new(model, 1, 1_795_219_200).take(200) {
                let mut heard = telegram.bytes;
                spoil(&mut heard, &mut chance);
                let mut session = Session::new(Setup { stack, ..Setup::default() }, Instant(0));
                session.handle_bytes(Instant(0), &heard);
                loop {
                    match session.poll() {
                        Output::Reading(..) | Output::Remembered(..) => readings += 1,
                        Output::Wait(_) => break,
                        Output::Notice(notice) => assert!(
                            !format!("{notice:?}").contains("Checksum"),
                            "{model:?} {notice:?} {:?}",
                            Code::FrameChecksum
                        ),
                        Output::Transmit(_) | Output::Line(_) => {}
                    }
                }
            }
            assert!(readings > 50, "{model:?}: {readings}");
        }
    }
}
