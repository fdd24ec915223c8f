//! The bytes that arrive if receiver and sender have different line settings: the receiver samples bits at the wrong
//! moments.

use metertap_decoder::line::{Line, Parity};

/// The bytes that a receiver with the settings `set` makes of bytes sent with the settings `sent`.
///
/// The receiver waits for a start bit and samples the middle of each following bit, at its own baud rate. It does not
/// check parity, because adapters pass damaged bytes on like any others.
#[must_use]
pub fn heard(bytes: &[u8], sent: Line, set: Line) -> Vec<u8> {
    if sent == set {
        return bytes.to_vec();
    }
    let bits: Vec<bool> = bytes.iter().flat_map(|byte| character(*byte, sent)).collect();
    // The line is idle after the last bit.
    let level = |at: usize| bits.get(at).copied().unwrap_or(true);
    let (faster, slower) = (wide(sent.baud), wide(set.baud.max(1)));
    let middle = |start: usize, bit: usize| start + (2 * bit + 1) * faster / (2 * slower);
    let behind = usize::from(set.parity != Parity::None) + usize::from(set.data_bits) + 1;
    let mut heard = Vec::new();
    let mut at = 0;
    while let Some(start) = (at..bits.len()).find(|start| !level(*start)) {
        let data = (0..usize::from(set.data_bits)).map(|bit| u8::from(level(middle(start, bit + 1))) << bit);
        heard.push(data.sum());
        // If the stop bit is wrong, the line must become idle before another character can begin.
        at = middle(start, behind);
        while at < bits.len() && !level(at) {
            at += 1;
        }
        at = at.max(start + 1);
    }
    heard
}

/// The bits of a character: start bit, data from the lowest bit on, parity, stop bits.
fn character(byte: u8, line: Line) -> Vec<bool> {
    let data: Vec<bool> = (0..line.data_bits).map(|bit| byte >> bit & 1 == 1).collect();
    let odd = data.iter().filter(|bit| **bit).count() % 2 == 1;
    let parity = match line.parity {
        Parity::None => None,
        Parity::Even => Some(odd),
        Parity::Odd => Some(!odd),
    };
    let stop = std::iter::repeat_n(true, line.stop_bits.into());
    [false].into_iter().chain(data).chain(parity).chain(stop).collect()
}

fn wide(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> Line {
        text.parse().unwrap()
    }

    #[test]
    fn the_same_line_settings_receive_what_was_sent() {
        assert_eq!(heard(b"/?!\r\n", Line::SIGN_ON, Line::SIGN_ON), b"/?!\r\n");
        // For a receiver that expects one stop bit, a second one is a pause.
        assert_eq!(heard(&[0x40, 0x3F, 0x0D], Line::KMP, line("1200 8N1")), [0x40, 0x3F, 0x0D]);
    }

    /// In `/`, five bits are set, so even parity sets the eighth.
    #[test]
    fn eight_data_bits_receive_the_parity_of_seven() {
        assert_eq!(heard(b"/?", Line::SIGN_ON, line("300 8N1")), [b'/' | 0x80, b'?']);
    }

    #[test]
    fn another_baud_rate_receives_something_else() {
        let slow = heard(b"/ISk5MT174-0001\r\n", line("9600 7E1"), Line::SIGN_ON);
        assert!(slow.len() <= 1, "{slow:02X?}");
        let fast = heard(b"/?!\r\n", Line::SIGN_ON, line("9600 7E1"));
        assert!(fast.len() > 5 && !fast.starts_with(b"/"), "{fast:02X?}");
    }
}
