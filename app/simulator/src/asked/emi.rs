//! Portugal's EMI meters at their HAN port (DEF-C44-509/N): registers of different widths, and the load profile.

use metertap_decoder::crc::crc16_modbus;
use metertap_decoder::line::Line;

use super::{EmiModel, Said};
use crate::clock::{Clock, PORTUGAL};
use crate::household::{Household, Supply};
use crate::noise::Topic;
use crate::truth::{TrueValue, Truth, decimal};

#[derive(Clone, Debug)]
pub(super) struct Emi {
    model: EmiModel,
    household: Household,
    heard: Vec<u8>,
    last: u64,
}

/// A register's bytes, and its true value if a reading must contain it.
type Register = (Vec<u8>, Option<TrueValue>);

impl Emi {
    pub(super) fn new(model: EmiModel, seed: u64) -> Self {
        let household = Household::new(seed, if model.has_three_phases { 3 } else { 1 });
        Self { model, household, heard: Vec::new(), last: 0 }
    }

    pub(super) fn hear(&mut self, now: u64, moment: i64, line: Line, bytes: &[u8]) -> Option<Said> {
        let stop_bits = if self.model.is_second_edition { 1 } else { 2 };
        let own = Line { stop_bits, ..Line::INFRARED };
        // A receiver checks only the first stop bit, so a meter set to one stop bit also receives bytes with two. The
        // simulated meter set to two is strict, and receives nothing on a line with one stop bit.
        if line.stop_bits < own.stop_bits {
            return None;
        }
        if now > self.last + PAUSE {
            self.heard.clear();
        }
        self.last = now;
        self.heard.extend(crate::heard(bytes, line, Line { stop_bits: line.stop_bits, ..own }));
        let length = match self.heard.get(1)? {
            0x44 => 6,
            0x45 => 10,
            _ => 8,
        };
        let (body, check) = self.heard.get(..length)?.split_last_chunk::<2>()?;
        if crc16_modbus(body).to_le_bytes() != *check {
            return None;
        }
        let body = body.to_vec();
        self.heard.clear();
        if body[0] != ADDRESS {
            return None;
        }
        let second = moment.div_euclid(1000);
        let (mut bytes, truth) = match self.answer(&body, second) {
            Ok((data, values)) => {
                let count = u8::try_from(data.len()).unwrap_or(u8::MAX);
                let truth = Truth { values, ..Truth::default() };
                ([&[ADDRESS, body[1], count][..], &data].concat(), Some(truth))
            }
            Err(code) => (vec![ADDRESS, body[1] | 0x80, code], None),
        };
        let check = crc16_modbus(&bytes);
        bytes.extend(check.to_le_bytes());
        Some(Said { at: now + REACTION, line: own, bytes, truth })
    }

    fn answer(&self, body: &[u8], second: i64) -> Result<(Vec<u8>, Vec<TrueValue>), u8> {
        if self.model.is_closed {
            return Err(ACCESS_DENIED);
        }
        let (mut data, mut values) = (Vec::new(), Vec::new());
        match *body {
            [_, 0x04, a, b, c, d] => {
                let (first, count) = (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
                let supply = self.household.supply(second);
                for at in first..first.checked_add(count).ok_or(NO_SUCH_REGISTER)? {
                    let (bytes, value) = self.register(at, second, &supply).ok_or(NO_SUCH_REGISTER)?;
                    data.extend(bytes);
                    values.extend(value);
                }
            }
            [_, 0x45, 0, a, b, c, d, count] => {
                let first = u32::from_be_bytes([a, b, c, d]);
                for number in first..first.checked_add(count.into()).ok_or(NO_SUCH_ENTRY)? {
                    data.extend(self.entry(number, second).ok_or(NO_SUCH_ENTRY)?);
                }
            }
            _ => return Err(NO_SUCH_FUNCTION),
        }
        if data.len() > MOST {
            return Err(TOO_LONG);
        }
        // An answer of odd length is padded with one byte.
        data.resize(data.len().next_multiple_of(2), 0);
        Ok((data, values))
    }

    fn register(&self, at: u16, second: i64, supply: &Supply) -> Option<Register> {
        let three = self.model.has_three_phases;
        let total: i64 = supply.power.iter().sum();
        let [night, day] = supply.energy.import.map(|import| import / 3600);
        let plain = |bytes: Vec<u8>| Some((bytes, None));
        Some(match at {
            0x01 => return plain(Clock::new(PORTUGAL, second).cosem_with_deviation().to_vec()),
            0x02 => {
                let number = self.household.noise().between(Topic::Serial, 0, 0, 9_999_999_999);
                return plain(format!("{number:010}").into_bytes());
            }
            0x03 => return plain(vec![0, 1, 4, 0x32, 7, 0xE3]),
            0x04..=0x06 => return plain(b"0213K".to_vec()),
            0x0B => return plain(vec![if supply.tariff == 1 { 1 } else { 3 }]),
            0x0C..=0x12 => return plain(LIMIT.to_be_bytes().to_vec()),
            0x16 => wide("1-0:1.8.0", "active-energy-import", night + day),
            0x17 => {
                wide("1-0:2.8.0", "active-energy-export", supply.energy.export.iter().sum::<i64>() / 3600)
            }
            0x26 => tariff("1-0:1.8.1", 1, night),
            0x27 => tariff("1-0:1.8.2", 2, 0),
            0x28 => tariff("1-0:1.8.3", 3, day),
            0x6C | 0x6E | 0x70 if three || at == 0x6C => {
                let place = usize::from(at - 0x6C) / 2;
                narrow(
                    ["1-0:32.7.0", "1-0:52.7.0", "1-0:72.7.0"][place],
                    ("voltage", "V"),
                    supply.voltage[place],
                    place,
                )
            }
            0x6D | 0x6F | 0x71 if three || at == 0x6D => {
                let place = usize::from(at - 0x6D) / 2;
                let tenths = (supply.current[place] + 50) / 100;
                narrow(["1-0:31.7.0", "1-0:51.7.0", "1-0:71.7.0"][place], ("current", "A"), tenths, place)
            }
            0x72 if three => {
                let tenths: i64 = supply.current.iter().map(|current| (current + 50) / 100).sum();
                return plain(short(tenths));
            }
            0x73..=0x78 if three => {
                let (place, is_out) = (usize::from(at - 0x73) / 2, (at - 0x73) % 2 == 1);
                let amount = if is_out { -supply.power[place] } else { supply.power[place] };
                let name =
                    ["1-0:21.7.0", "1-0:22.7.0", "1-0:41.7.0", "1-0:42.7.0", "1-0:61.7.0", "1-0:62.7.0"];
                power(name[usize::from(at - 0x73)], is_out, amount, Some(PHASES[place]))
            }
            0x79 => power("1-0:1.7.0", false, total, None),
            0x7A => power("1-0:2.7.0", true, -total, None),
            0x7B => return plain(short(961)),
            0x7F => return plain(short(500)),
            0x80 if self.model.is_second_edition => {
                return plain([&[1, 2, 9, 10][..], &[0xFF; 10]].concat());
            }
            0x80 => return plain([&[1, 2, 9, 10][..], &[0xFF; 4]].concat()),
            0x81 => return plain(900_u32.to_be_bytes().to_vec()),
            0x82 | 0x83 => return plain(self.model.entries.to_be_bytes().to_vec()),
            0x84 => return plain(vec![1]),
            0xB1 if self.model.is_second_edition => {
                return plain(total.unsigned_abs().to_be_bytes()[4..].to_vec());
            }
            _ => return None,
        })
    }

    /// An entry of the load profile: the energy of one quarter-hour. Entry 1 is the oldest.
    fn entry(&self, number: u32, second: i64) -> Option<Vec<u8>> {
        let behind = self.model.entries.checked_sub(number).filter(|_| number > 0)?;
        let end = second - second.rem_euclid(900) - 900 * i64::from(behind);
        let (before, after) = (self.household.energy(end - 900), self.household.energy(end));
        let taken = after.imported() / 3600 - before.imported() / 3600;
        let given = (after.export.iter().sum::<i64>()) / 3600 - before.export.iter().sum::<i64>() / 3600;
        let clock = Clock::new(PORTUGAL, end).cosem_with_deviation();
        let [taken, given] =
            [taken, given].map(|amount| u32::try_from(amount).unwrap_or_default().to_be_bytes());
        Some([&clock[..], &[0], &taken, &given].concat())
    }
}

fn wide(name: &str, quantity: &'static str, watt_hours: i64) -> Register {
    let value = TrueValue::new(name, quantity, decimal(watt_hours, -3)).unit("kWh");
    (long(watt_hours), Some(value))
}

fn tariff(name: &str, tariff: u32, watt_hours: i64) -> Register {
    let (bytes, value) = wide(name, "active-energy-import", watt_hours);
    (bytes, value.map(|value| TrueValue { tariff: Some(tariff), ..value }))
}

fn narrow(name: &str, (quantity, unit): (&'static str, &'static str), tenths: i64, place: usize) -> Register {
    let value = TrueValue::new(name, quantity, decimal(tenths, -1)).unit(unit);
    (short(tenths), Some(TrueValue { phase: Some(PHASES[place]), ..value }))
}

fn power(name: &str, is_out: bool, watts: i64, phase: Option<&'static str>) -> Register {
    let quantity = if is_out { "active-power-export" } else { "active-power-import" };
    let value = TrueValue { phase, ..TrueValue::new(name, quantity, watts.max(0)).unit("W") };
    (long(watts.max(0)), Some(value))
}

fn long(amount: i64) -> Vec<u8> {
    u32::try_from(amount).unwrap_or_default().to_be_bytes().to_vec()
}

fn short(amount: i64) -> Vec<u8> {
    u16::try_from(amount).unwrap_or_default().to_be_bytes().to_vec()
}

const PHASES: [&str; 3] = ["l1", "l2", "l3"];
const ADDRESS: u8 = 1;
/// 6.9 kVA, in VA.
const LIMIT: u32 = 6900;
const NO_SUCH_FUNCTION: u8 = 1;
const NO_SUCH_REGISTER: u8 = 2;
const ACCESS_DENIED: u8 = 0x81;
const NO_SUCH_ENTRY: u8 = 0x83;
const TOO_LONG: u8 = 0x84;
/// The most bytes of data in one answer.
const MOST: usize = 250;
/// Milliseconds of silence that end a frame.
const PAUSE: u64 = 100;
/// Milliseconds that the meter takes to answer.
const REACTION: u64 = 150;
