//! Modbus meters on a DIN rail, several on one pair of wires. The addressed meter answers (Modbus over Serial Line
//! 1.02).

use metertap_decoder::crc::crc16_modbus;
use metertap_decoder::line::Line;

use super::Said;
use crate::household::Household;
use crate::rail::{Map, RailModel, Refusal};
use crate::truth::Truth;

#[derive(Clone, Debug)]
pub(super) struct Wires {
    line: Line,
    meters: Vec<Slave>,
    heard: Vec<u8>,
    last: u64,
}

/// A meter on the pair of wires.
#[derive(Clone, Debug)]
struct Slave {
    model: RailModel,
    household: Household,
    address: u8,
}

impl Wires {
    pub(super) fn new(line: Line, meters: &[(RailModel, u64, u8)]) -> Self {
        let slave = |&(model, seed, address): &(RailModel, u64, u8)| {
            let household = Household::new(seed, model.phases());
            Slave { model, household, address }
        };
        Self { line, meters: meters.iter().map(slave).collect(), heard: Vec::new(), last: 0 }
    }

    pub(super) fn hear(&mut self, now: u64, moment: i64, line: Line, bytes: &[u8]) -> Option<Said> {
        // A frame begins after a pause.
        if now > self.last + PAUSE {
            self.heard.clear();
        }
        self.last = now;
        // A receiver checks only the first stop bit.
        self.heard.extend(crate::heard(bytes, line, Line { stop_bits: line.stop_bits, ..self.line }));
        let frame = self.heard.get(..QUESTION)?;
        let (body, check) = frame.split_last_chunk::<2>()?;
        if crc16_modbus(body).to_le_bytes() != *check {
            return None;
        }
        let body = body.to_vec();
        self.heard.clear();
        let meter = self.meters.iter().find(|meter| meter.address == body[0])?;
        let (answer, truth) = meter.answer(&body, moment);
        let mut bytes = answer;
        let check = crc16_modbus(&bytes);
        bytes.extend(check.to_le_bytes());
        Some(Said { at: now + REACTION, line: self.line, bytes, truth })
    }
}

impl Slave {
    fn answer(&self, body: &[u8], moment: i64) -> (Vec<u8>, Option<Truth>) {
        let (function, word) = (body[1], |at: usize| u16::from_be_bytes([body[at], body[at + 1]]));
        let refused = |refusal: Refusal| (vec![self.address, function | 0x80, refusal as u8], None);
        if !matches!(function, 3 | 4) {
            return refused(Refusal::Function);
        }
        let map = Map::of(self.model, &self.household, moment.div_euclid(1000));
        match map.read(function, word(2), word(4)) {
            Ok((data, truth)) => {
                let count = u8::try_from(data.len()).unwrap_or(u8::MAX);
                ([&[self.address, function, count][..], &data].concat(), Some(truth))
            }
            Err(refusal) => refused(refusal),
        }
    }
}

/// The length of a question for registers, in bytes.
const QUESTION: usize = 8;
/// Milliseconds of silence that end a frame.
const PAUSE: u64 = 100;
/// Milliseconds that a meter takes to answer.
const REACTION: u64 = 40;

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(wires: &mut Wires, now: u64, body: &[u8]) -> Option<Vec<u8>> {
        let question = [body, &crc16_modbus(body).to_le_bytes()].concat();
        wires.hear(now, 1_795_219_230_000, Line::INFRARED, &question).map(|said| said.bytes)
    }

    #[test]
    fn only_the_addressed_meter_answers_and_refuses_unknown_registers() {
        let meters = [(RailModel::Sdm630, 1, 1), (RailModel::Em340, 2, 2)];
        let mut wires = Wires::new(Line::INFRARED, &meters);
        let kind = asked(&mut wires, 0, &[1, 3, 0xFC, 2, 0, 1]).unwrap();
        assert_eq!(kind[..5], [1, 3, 2, 0, 0x70]);
        assert_eq!(asked(&mut wires, 500, &[2, 4, 0, 0x0B, 0, 1]).unwrap()[..5], [2, 4, 2, 1, 0x54]);
        assert_eq!(asked(&mut wires, 1000, &[2, 3, 0xFC, 2, 0, 1]).unwrap()[..3], [2, 0x83, 2]);
        assert_eq!(asked(&mut wires, 1500, &[3, 4, 0, 0, 0, 2]), None);
        assert_eq!(asked(&mut wires, 2000, &[1, 6, 0, 0, 0, 2]).unwrap()[..3], [1, 0x86, 1]);
    }
}
