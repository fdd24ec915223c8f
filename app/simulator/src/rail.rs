//! [`Map`]: the registers of Modbus meters on a DIN rail, according to the makers' register lists.

use std::collections::BTreeMap;

use crate::household::{Household, Supply};
use crate::noise::Topic;
use crate::truth::{TrueValue, Truth, decimal};

/// A meter on a DIN rail.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum RailModel {
    /// Eastron SDM630: floats, with the identification in holding registers.
    Sdm630,
    /// Eastron SDM120, one phase.
    Sdm120,
    /// The same with firmware that does not identify the meter.
    Sdm120Nameless,
    /// Carlo Gavazzi EM340: integers in tenths and thousandths, low word first.
    Em340,
    /// ABB B23: integers in tenths and hundredths, energies of 64 bits.
    B23,
    /// Peacefair PZEM-004T v3: one phase, no direction, no identification.
    Pzem004t,
    /// Orno OR-WE-516: floats, in kilowatts.
    Orno516,
    /// Eltako DSZ15DZMOD: Eastron's addresses, with integers.
    Dsz15,
    /// A weather sensor that answers the same questions as a meter.
    Weather,
}

/// The exception code with which a meter refuses a question.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[repr(u8)]
pub(crate) enum Refusal {
    Function = 1,
    Address = 2,
    Count = 3,
}

/// The registers of a meter at one moment.
#[derive(Debug, Default)]
pub(crate) struct Map {
    words: BTreeMap<(u8, u16), u16>,
    /// The truths, by the address of their first word, each with the number of words.
    truths: BTreeMap<(u8, u16), (u16, TrueValue)>,
    /// A word that has another value if it is asked for alone.
    alone: Option<((u8, u16), u16)>,
    /// The first and the last word of ranges in which every word exists. Words without a value read as zero.
    plain: Vec<(u8, u16, u16)>,
    most: u16,
}

impl RailModel {
    pub(crate) const fn phases(self) -> usize {
        match self {
            Self::Sdm630 | Self::Em340 | Self::B23 | Self::Orno516 | Self::Dsz15 => 3,
            Self::Sdm120 | Self::Sdm120Nameless | Self::Pzem004t | Self::Weather => 1,
        }
    }
}

impl Map {
    pub(crate) fn of(model: RailModel, household: &Household, second: i64) -> Self {
        let supply = household.supply(second);
        let serial = household.noise().between(Topic::Serial, 0, 10_000_000, 99_999_999);
        let mut map = Self { most: 80, ..Self::default() };
        match model {
            RailModel::Sdm630 => map.eastron(&supply, Some((serial, 0x70, "SDM630")), 3),
            RailModel::Sdm120 => map.eastron(&supply, Some((serial, 0x20, "SDM120")), 1),
            RailModel::Sdm120Nameless => map.eastron(&supply, None, 1),
            RailModel::Em340 => map.gavazzi(&supply, serial),
            RailModel::B23 => map.abb(&supply, serial),
            RailModel::Pzem004t => map.pzem(&supply),
            RailModel::Orno516 => map.orno(&supply),
            RailModel::Dsz15 => map.eltako(&supply),
            RailModel::Weather => map.weather(),
        }
        map
    }

    /// The words that a question asks for, with the truths of all values whose words it covers completely.
    pub(crate) fn read(&self, function: u8, first: u16, count: u16) -> Result<(Vec<u8>, Truth), Refusal> {
        if count == 0 || count > self.most {
            return Err(Refusal::Count);
        }
        if let Some((_, word)) = self.alone.filter(|(place, _)| count == 1 && *place == (function, first)) {
            return Ok((word.to_be_bytes().to_vec(), Truth::default()));
        }
        let is_plain =
            |at: u16| self.plain.iter().any(|(of, from, to)| *of == function && (*from..=*to).contains(&at));
        let mut data = Vec::new();
        for at in first..first.checked_add(count).ok_or(Refusal::Address)? {
            let word = self.words.get(&(function, at)).copied();
            let word = word.or_else(|| is_plain(at).then_some(0)).ok_or(Refusal::Address)?;
            data.extend(word.to_be_bytes());
        }
        let within = self.truths.range((function, first)..(function, first + count));
        let whole = within.filter(|((_, at), (words, _))| at + words <= first + count);
        let values = whole.map(|(_, (_, value))| value.clone()).collect();
        Ok((data, Truth { values, ..Truth::default() }))
    }

    fn put(&mut self, (function, at): (u8, u16), words: &[u16], value: TrueValue) {
        let register = format!("modbus:{function}:{at:04X}");
        for (place, word) in (at..).zip(words) {
            self.words.insert((function, place), *word);
        }
        let count = u16::try_from(words.len()).unwrap_or_default();
        self.truths.insert((function, at), (count, TrueValue { register, ..value }));
    }

    /// Adds a float, given in thousandths of its own unit. The value in readings is larger by `shift` powers of ten.
    fn real(&mut self, at: (u8, u16), thousandths: i64, shift: i8, value: TrueValue) {
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_precision_loss,
            reason = "as the meter itself does"
        )]
        let real = (thousandths as f64 / 1000.0) as f32;
        let bits = real.to_bits();
        // The shortest decimal that parses to the same float.
        let value = TrueValue { value: shifted(&real.to_string(), shift), ..value };
        self.put(at, &[high(bits), low(bits)], value);
    }

    fn whole(&mut self, at: (u8, u16), amount: i64, scaler: i8, value: TrueValue) {
        let bits = bits(amount);
        let value = TrueValue { value: decimal(amount, scaler), ..value };
        self.put(at, &[high(bits), low(bits)], value);
    }

    fn low_first(&mut self, at: (u8, u16), amount: i64, scaler: i8, value: TrueValue) {
        let bits = bits(amount);
        let value = TrueValue { value: decimal(amount, scaler), ..value };
        self.put(at, &[low(bits), high(bits)], value);
    }

    fn word(&mut self, at: (u8, u16), amount: i64, scaler: i8, value: TrueValue) {
        let value = TrueValue { value: decimal(amount, scaler), ..value };
        self.put(at, &[low(bits(amount))], value);
    }

    fn eastron(&mut self, supply: &Supply, identity: Option<(i64, u16, &'static str)>, phases: usize) {
        self.plain = vec![(4, 0x0000, 0x004F), (4, 0x00C8, 0x0107), (4, 0x0156, 0x0181)];
        if let Some((serial, code, name)) = identity {
            self.whole((3, 0xFC00), serial, 0, TrueValue::new("", "meter-id", ""));
            self.put((3, 0xFC02), &[code], TrueValue::new("", "meter-model", name));
        }
        let total = Total::of(supply);
        for (at, phase) in (0..).zip(PHASES.into_iter().take(phases)) {
            let place = usize::from(at);
            let own = (phases > 1).then_some(phase);
            let power = supply.power[place];
            let apparent = apparent(supply, place);
            let at = 2 * at;
            let of = |quantity, unit| TrueValue { phase: own, ..measured(quantity, unit) };
            let volts = TrueValue { phase: Some(phase), ..measured("voltage", "V") };
            let amperes = TrueValue { phase: Some(phase), ..measured("current", "A") };
            self.real((4, at), supply.voltage[place] * 100, 0, volts);
            self.real((4, 0x06 + at), supply.current[place], 0, amperes);
            self.real((4, 0x0C + at), power * 1000, 0, of("active-power", "W"));
            self.real((4, 0x12 + at), apparent * 1000, 0, of("apparent-power-import", "VA"));
            self.real((4, 0x18 + at), supply.reactive[place] * 1000, 0, of("reactive-power-import", "var"));
            self.real((4, 0x1E + at), factor(power, apparent), 0, of("power-factor", "1"));
        }
        if phases > 1 {
            self.real((4, 0x34), total.power * 1000, 0, measured("active-power", "W"));
            self.real((4, 0x38), total.apparent * 1000, 0, measured("apparent-power-import", "VA"));
            self.real((4, 0x3C), total.reactive * 1000, 0, measured("reactive-power-import", "var"));
            self.real((4, 0x3E), factor(total.power, total.apparent), 0, measured("power-factor", "1"));
        }
        self.real((4, 0x46), 50_010, 0, measured("frequency", "Hz"));
        self.real((4, 0x48), total.import, 0, measured("active-energy-import", "kWh"));
        self.real((4, 0x4A), total.export, 0, measured("active-energy-export", "kWh"));
    }

    fn gavazzi(&mut self, supply: &Supply, serial: i64) {
        self.plain = vec![(4, 0x0000, 0x0067), (4, 0x5000, 0x5006)];
        self.most = 50;
        self.alone = Some(((4, 0x0B), 340));
        let name = format!("ET{serial:08}N");
        let letters: Vec<u8> = name.bytes().chain([0; 14]).take(14).collect();
        let words: Vec<u16> = letters.chunks(2).map(|two| u16::from_be_bytes([two[0], two[1]])).collect();
        self.put((4, 0x5000), &words, TrueValue::new("", "meter-id", name));
        let total = Total::of(supply);
        for (at, phase) in (0..).zip(PHASES) {
            let place = usize::from(at);
            let at = 2 * at;
            let of = |quantity, unit| TrueValue { phase: Some(phase), ..measured(quantity, unit) };
            self.low_first((4, at), supply.voltage[place], -1, of("voltage", "V"));
            self.low_first((4, 0x0C + at), supply.current[place], -3, of("current", "A"));
            self.low_first((4, 0x12 + at), supply.power[place] * 10, -1, of("active-power", "W"));
        }
        self.low_first((4, 0x28), total.power * 10, -1, measured("active-power", "W"));
        self.word((4, 0x33), 500, -1, measured("frequency", "Hz"));
        self.low_first((4, 0x34), total.import / 100, -1, measured("active-energy-import", "kWh"));
        self.low_first((4, 0x4E), total.export / 100, -1, measured("active-energy-export", "kWh"));
    }

    fn abb(&mut self, supply: &Supply, serial: i64) {
        self.plain = vec![(3, 0x5000, 0x5007), (3, 0x5B00, 0x5B0B), (3, 0x5B12, 0x5B13)];
        self.most = 125;
        self.whole((3, 0x8900), serial, 0, TrueValue::new("", "meter-id", ""));
        for (at, letters) in (0x8960..).zip([*b"B2", *b"3 "]) {
            self.words.insert((3, at), u16::from_be_bytes(letters));
        }
        let total = Total::of(supply);
        for (at, phase) in (0..).zip(PHASES) {
            let place = usize::from(at);
            let at = 2 * at;
            let of = |quantity, unit| TrueValue { phase: Some(phase), ..measured(quantity, unit) };
            self.whole((3, 0x5B00 + at), supply.voltage[place], -1, of("voltage", "V"));
            self.whole((3, 0x5B0C + at), supply.current[place] / 10, -2, of("current", "A"));
            self.whole((3, 0x5B16 + at), supply.power[place] * 100, -2, of("active-power", "W"));
        }
        self.whole((3, 0x5B14), total.power * 100, -2, measured("active-power", "W"));
        self.word((3, 0x5B2C), 4999, -2, measured("frequency", "Hz"));
        for (at, amount, quantity) in
            [(0x5000, total.import, "active-energy-import"), (0x5004, total.export, "active-energy-export")]
        {
            let hundredths = amount / 10;
            let words = [0, 0, high(bits(hundredths)), low(bits(hundredths))];
            let value = TrueValue { value: decimal(hundredths, -2), ..measured(quantity, "kWh") };
            self.put((3, at), &words, value);
        }
    }

    fn pzem(&mut self, supply: &Supply) {
        self.plain = vec![(4, 0x0000, 0x0009)];
        self.most = 10;
        let (power, apparent) = (supply.power[0].abs(), apparent(supply, 0));
        let volts = TrueValue { phase: Some("l1"), ..measured("voltage", "V") };
        let amperes = TrueValue { phase: Some("l1"), ..measured("current", "A") };
        self.word((4, 0), supply.voltage[0], -1, volts);
        self.low_first((4, 1), supply.current[0], -3, amperes);
        self.low_first((4, 3), power * 10, -1, measured("active-power-import", "W"));
        self.low_first((4, 5), Total::of(supply).import, -3, measured("active-energy-import", "kWh"));
        self.word((4, 7), 500, -1, measured("frequency", "Hz"));
        self.word((4, 8), factor(power, apparent).min(1000) / 10, -2, measured("power-factor", "1"));
        self.word((4, 9), 0, 0, TrueValue::default());
    }

    fn orno(&mut self, supply: &Supply) {
        self.plain = vec![(3, 0x000E, 0x0035), (3, 0x0100, 0x0111)];
        self.most = 60;
        let total = Total::of(supply);
        for (at, phase) in (0..).zip(PHASES) {
            let place = usize::from(at);
            let at = 2 * at;
            let of = |quantity, unit| TrueValue { phase: Some(phase), ..measured(quantity, unit) };
            self.real((3, 0x0E + at), supply.voltage[place] * 100, 0, of("voltage", "V"));
            self.real((3, 0x16 + at), supply.current[place], 0, of("current", "A"));
            self.real((3, 0x1E + at), supply.power[place], 3, of("active-power", "W"));
        }
        self.real((3, 0x14), 50_000, 0, measured("frequency", "Hz"));
        self.real((3, 0x1C), total.power, 3, measured("active-power", "W"));
        self.real((3, 0x34), factor(total.power, total.apparent), 0, measured("power-factor", "1"));
        self.real((3, 0x0108), total.import, 0, measured("active-energy-import", "kWh"));
        self.real((3, 0x0110), total.export, 0, measured("active-energy-export", "kWh"));
    }

    fn eltako(&mut self, supply: &Supply) {
        self.plain = vec![(4, 0x0000, 0x004F)];
        let total = Total::of(supply);
        for (at, phase) in (0..).zip(PHASES) {
            let place = usize::from(at);
            let at = 2 * at;
            let of = |quantity, unit| TrueValue { phase: Some(phase), ..measured(quantity, unit) };
            self.whole((4, at), supply.voltage[place] * 10, -2, of("voltage", "V"));
            self.whole((4, 0x06 + at), supply.current[place] / 10, -2, of("current", "A"));
            self.whole((4, 0x0C + at), supply.power[place], 0, of("active-power", "W"));
        }
        self.whole((4, 0x34), total.power, 0, measured("active-power", "W"));
        self.whole((4, 0x48), total.import / 10, -2, measured("active-energy-import", "kWh"));
        self.whole((4, 0x4A), total.export / 10, -2, measured("active-energy-export", "kWh"));
    }

    /// Temperatures and a humidity, as floats.
    fn weather(&mut self) {
        self.plain = vec![(4, 0x0000, 0x0003)];
        self.real((4, 0), 28_300, 0, TrueValue::default());
        self.real((4, 2), 61_200, 0, TrueValue::default());
    }
}

/// The sums over all phases.
struct Total {
    power: i64,
    reactive: i64,
    apparent: i64,
    /// In watt-hours.
    import: i64,
    export: i64,
}

impl Total {
    fn of(supply: &Supply) -> Self {
        let (power, reactive): (i64, i64) = (supply.power.iter().sum(), supply.reactive.iter().sum());
        let apparent = (power.pow(2) + reactive.pow(2)).isqrt();
        let export = supply.energy.export.iter().sum::<i64>() / 3600;
        Self { power, reactive, apparent, import: supply.energy.imported() / 3600, export }
    }
}

fn measured(quantity: &'static str, unit: &'static str) -> TrueValue {
    TrueValue::new("", quantity, "").unit(unit)
}

fn apparent(supply: &Supply, place: usize) -> i64 {
    (supply.power[place].pow(2) + supply.reactive[place].pow(2)).isqrt()
}

/// The power factor in thousandths.
fn factor(power: i64, apparent: i64) -> i64 {
    (power * 1000).checked_div(apparent).unwrap_or(1000).clamp(-1000, 1000)
}

/// A plain decimal, shifted by this many powers of ten.
fn shifted(plain: &str, shift: i8) -> String {
    let (whole, fraction) = plain.split_once('.').unwrap_or((plain, ""));
    let mantissa: i64 = format!("{whole}{fraction}").parse().unwrap_or_default();
    decimal(mantissa, shift - i8::try_from(fraction.len()).unwrap_or_default())
}

fn bits(amount: i64) -> u32 {
    u32::try_from(amount.rem_euclid(1 << 32)).unwrap_or_default()
}

fn high(bits: u32) -> u16 {
    u16::try_from(bits >> 16).unwrap_or_default()
}

fn low(bits: u32) -> u16 {
    u16::try_from(bits & 0xFFFF).unwrap_or_default()
}

const PHASES: [&str; 3] = ["l1", "l2", "l3"];
