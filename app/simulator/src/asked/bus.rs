//! A wired M-Bus. A meter answers when it is addressed. If several meters answer at once, their answers collide.
//!
//! EN 13757-2, 5 (link layer) and EN 13757-7, 8.4 (secondary addresses). A zero bit draws current. Bytes sent at the
//! same time therefore arrive as their bitwise AND.

use metertap_decoder::line::Line;

use super::Said;
use crate::household::Household;
use crate::model::Model;
use crate::truth::Truth;
use crate::{cyble, ultraheat};

#[derive(Clone, Debug)]
pub(super) struct Bus {
    meters: Vec<Slave>,
}

/// A meter on the bus.
#[derive(Clone, Debug)]
struct Slave {
    model: Model,
    household: Household,
    address: u8,
    is_selected: bool,
    /// The frame count bit of the last question, and the index of the telegram that answered it.
    answered: Option<(bool, usize)>,
}

impl Bus {
    pub(super) fn new(meters: &[(Model, u64, u8)]) -> Option<Self> {
        let belong = |model| matches!(model, Model::UltraheatT550 | Model::CybleWater);
        let slave = |&(model, seed, address): &(Model, u64, u8)| Slave {
            model,
            household: Household::new(seed, 1),
            address,
            is_selected: false,
            answered: None,
        };
        let all = meters.iter().all(|(model, ..)| belong(*model));
        all.then(|| Self { meters: meters.iter().map(slave).collect() })
    }

    pub(super) fn hear(&mut self, now: u64, moment: i64, line: Line, bytes: &[u8]) -> Option<Said> {
        // The meters detect the baud rate. Data bits and parity are fixed.
        if (Line { baud: line.baud, ..Line::HAN }) != line || !(300..=9600).contains(&line.baud) {
            return None;
        }
        let answers = self.meters.iter_mut().filter_map(|meter| meter.hear(bytes, moment));
        let mut answers: Vec<(Vec<u8>, Option<Truth>)> = answers.collect();
        let (bytes, truth) = match answers.len() {
            0 => return None,
            1 => answers.remove(0),
            _ => (collide(&answers), None),
        };
        Some(Said { at: now + REACTION, line, bytes, truth })
    }
}

impl Slave {
    fn hear(&mut self, bytes: &[u8], moment: i64) -> Option<(Vec<u8>, Option<Truth>)> {
        match *bytes {
            [0x10, control, address, sum, 0x16] if sum == control.wrapping_add(address) => {
                if !(address == self.address || address == 254 || (address == 253 && self.is_selected)) {
                    return None;
                }
                match control {
                    0x40 => {
                        self.answered = None;
                        if address == 253 {
                            self.is_selected = false;
                        }
                        Some((vec![0xE5], None))
                    }
                    0x5B | 0x7B => self.answer(control & 0x20 != 0, moment),
                    _ => None,
                }
            }
            [0x68, 0x0B, 0x0B, 0x68, 0x53 | 0x73, 253, 0x52, .., _, 0x16] => {
                let telegrams = self.telegrams(moment);
                let own = telegrams.first()?.0.get(7..15)?;
                let mask = bytes.get(7..15)?;
                self.is_selected = fits(mask, own);
                self.answered = None;
                self.is_selected.then(|| (vec![0xE5], None))
            }
            _ => None,
        }
    }

    /// Answers a question. If the frame count bit is the same as before, the master asks for the same telegram again.
    fn answer(&mut self, count: bool, moment: i64) -> Option<(Vec<u8>, Option<Truth>)> {
        let mut telegrams = self.telegrams(moment);
        let place = match self.answered {
            Some((before, place)) if before == count => place,
            Some((_, place)) => (place + 1) % telegrams.len(),
            None => 0,
        };
        self.answered = Some((count, place));
        let (bytes, truth) = telegrams.swap_remove(place);
        Some((readdressed(bytes, self.address), Some(truth)))
    }

    fn telegrams(&self, moment: i64) -> Vec<(Vec<u8>, Truth)> {
        match self.model {
            Model::UltraheatT550 => ultraheat::telegrams(&self.household, moment).into(),
            _ => vec![cyble::answer(&self.household, moment)],
        }
    }
}

/// Whether a meter's secondary address matches the mask. A digit F matches every digit of the number, and a byte FF
/// matches every byte of the other parts.
fn fits(mask: &[u8], own: &[u8]) -> bool {
    mask.iter().zip(own).enumerate().all(|(place, (mask, own))| match place {
        0..4 => [0xF0, 0x0F].into_iter().all(|half| mask & half == half || mask & half == own & half),
        _ => *mask == 0xFF || mask == own,
    })
}

/// The telegram with this primary address in place of its own, and with its checksum corrected.
fn readdressed(mut bytes: Vec<u8>, address: u8) -> Vec<u8> {
    let sum = bytes.len() - 2;
    bytes[sum] = bytes[sum].wrapping_sub(bytes[5]).wrapping_add(address);
    bytes[5] = address;
    bytes
}

fn collide(answers: &[(Vec<u8>, Option<Truth>)]) -> Vec<u8> {
    let longest = answers.iter().map(|(bytes, _)| bytes.len()).max().unwrap_or_default();
    let at = |place: usize| answers.iter().filter_map(move |(bytes, _)| bytes.get(place));
    (0..longest).map(|place| at(place).fold(0xFF, |all, byte| all & byte)).collect()
}

/// Milliseconds that a meter takes to answer.
const REACTION: u64 = 40;

#[cfg(test)]
mod tests {
    use super::*;

    fn hear(bus: &mut Bus, bytes: &[u8]) -> Option<Vec<u8>> {
        bus.hear(0, 1_795_219_230_000, Line::HAN, bytes).map(|said| said.bytes)
    }

    #[test]
    fn only_the_addressed_meter_answers() {
        let mut bus = Bus::new(&[(Model::UltraheatT550, 1, 1), (Model::CybleWater, 2, 7)]).unwrap();
        assert_eq!(hear(&mut bus, &[0x10, 0x40, 0x07, 0x47, 0x16]), Some(vec![0xE5]));
        assert_eq!(hear(&mut bus, &[0x10, 0x40, 0x08, 0x48, 0x16]), None);
        let telegram = hear(&mut bus, &[0x10, 0x7B, 0x07, 0x82, 0x16]).unwrap();
        let [0x68, .., sum, 0x16] = &telegram[..] else { panic!("{telegram:02X?}") };
        let computed = telegram[4..telegram.len() - 2].iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
        assert_eq!((telegram[5], *sum), (7, computed));
    }

    #[test]
    fn the_frame_count_bit_asks_for_the_next_telegram_or_the_same() {
        let mut bus = Bus::new(&[(Model::UltraheatT550, 1, 1)]).unwrap();
        let mut ask = |control: u8| hear(&mut bus, &[0x10, control, 0x01, control + 1, 0x16]).unwrap();
        ask(0x40);
        let first = ask(0x7B);
        assert_eq!(first[first.len() - 3], 0x1F);
        assert_eq!(ask(0x7B), first);
        let second = ask(0x5B);
        assert_ne!((second[second.len() - 3], &second), (0x1F, &first));
    }

    #[test]
    fn a_wildcard_selects_several_meters_and_their_answers_collide() {
        let mut bus = Bus::new(&[(Model::UltraheatT550, 1, 0), (Model::CybleWater, 2, 0)]).unwrap();
        let mut any = vec![0x68, 0x0B, 0x0B, 0x68, 0x53, 0xFD, 0x52];
        any.extend([0xFF; 8]);
        any.extend([0x9A, 0x16]);
        assert_eq!(hear(&mut bus, &any), Some(vec![0xE5]));
        let both = hear(&mut bus, &[0x10, 0x7B, 0xFD, 0x78, 0x16]).unwrap();
        let one = bus.meters[0].telegrams(1_795_219_230_000)[0].0.clone();
        assert!(both.starts_with(&[0x68]) && both != one);
        assert!(fits(&[0x78, 0x56, 0x34, 0xF2, 0xFF, 0xFF, 0xFF, 7], &[0x78, 0x56, 0x34, 0x12, 1, 2, 3, 7]));
        assert!(!fits(&[0x78, 0x56, 0x34, 0xF3, 0xFF, 0xFF, 0xFF, 7], &[0x78, 0x56, 0x34, 0x12, 1, 2, 3, 7]));
    }
}
