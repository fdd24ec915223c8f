//! A Kamstrup meter at its optical head: it answers requests (protocol description, 3.1, 3.2 and 6.2).

use metertap_decoder::crc::crc16_xmodem;
use metertap_decoder::line::Line;

use super::Said;
use crate::household::Household;
use crate::kmp::Answer;
use crate::model::Model;
use crate::{flowiq, multical};

#[derive(Clone, Debug)]
pub(super) struct Kmp {
    model: Model,
    household: Household,
    heard: Vec<u8>,
}

impl Kmp {
    pub(super) fn new(model: Model, household: Household) -> Self {
        Self { model, household, heard: Vec::new() }
    }

    pub(super) fn hear(&mut self, now: u64, moment: i64, bytes: &[u8]) -> Option<Said> {
        self.heard.extend_from_slice(bytes);
        let stop = self.heard.iter().position(|byte| *byte == STOP)?;
        let heard: Vec<u8> = self.heard.drain(..=stop).collect();
        let start = heard.iter().rposition(|byte| *byte == REQUEST)?;
        let body = plain(&heard[start + 1..heard.len() - 1])?;
        let (body, check) = body.split_last_chunk::<2>()?;
        if crc16_xmodem(body).to_be_bytes() != *check {
            return None;
        }
        let (bytes, truth) = self.answer(body, moment)?.bytes();
        Some(Said { at: now + REACTION, line: Line::KMP, bytes, truth: Some(truth) })
    }

    fn answer(&self, body: &[u8], moment: i64) -> Option<Answer> {
        let is_heat = self.model == Model::Multical403;
        match body {
            [METER, GET_TYPE] if is_heat => Some(Answer::of_type(4, 'F', 1)),
            [METER, GET_TYPE] => Some(Answer::of_type(9, 'C', 2)),
            [METER, GET_SERIAL_NUMBER] => Some(Answer::of_serial_number(&self.household)),
            [METER, GET_REGISTER, count @ 1..=8, ids @ ..] if ids.len() == usize::from(*count) * 2 => {
                let wanted = ids.chunks(2).map(|id| u16::from(id[0]) << 8 | u16::from(id[1])).collect();
                let mut answer = Answer::of_registers().only(wanted);
                let second = moment.div_euclid(1000);
                if is_heat {
                    multical::everything(&mut answer, &self.household, second);
                } else {
                    flowiq::everything(&mut answer, &self.household, second);
                }
                Some(answer)
            }
            _ => None,
        }
    }
}

fn plain(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut plain = Vec::new();
    let mut bytes = bytes.iter();
    while let Some(byte) = bytes.next() {
        plain.push(if *byte == ESCAPE { !bytes.next()? } else { *byte });
    }
    Some(plain)
}

const REQUEST: u8 = 0x80;
const STOP: u8 = 0x0D;
const ESCAPE: u8 = 0x1B;
const METER: u8 = 0x3F;
const GET_TYPE: u8 = 0x01;
const GET_SERIAL_NUMBER: u8 = 0x02;
const GET_REGISTER: u8 = 0x10;
/// Milliseconds that the meter takes to answer.
const REACTION: u64 = 120;

#[cfg(test)]
mod tests {
    use super::*;

    /// The requests are those printed in the protocol description, 6.2.2 and 6.2.4.
    #[test]
    fn answers_known_registers_and_ignores_garbage() {
        let mut meter = Kmp::new(Model::Multical403, Household::new(1, 1));
        let said = meter.hear(50, 0, &[0x80, 0x3F, 0x02, 0x35, 0xE9, 0x0D]).unwrap();
        assert_eq!((said.at, &said.bytes[..3]), (170, &[0x40, 0x3F, 0x02][..]));
        let of_128 = [0x80, 0x3F, 0x10, 0x01, 0x00, 0x1B, 0x7F, 0xD4, 0x08, 0x0D];
        let said = meter.hear(50, 0, &of_128).unwrap();
        assert_eq!((said.bytes.len(), said.truth.unwrap().values.len()), (6, 0));
        assert_eq!(meter.hear(50, 0, &[0x80, 0x3F, 0x02, 0x35, 0xE8, 0x0D]), None);
        assert_eq!(meter.hear(50, 0, &[0x3F, 0x02]), None);
    }
}
