//! Stage 5: registers and tables → a [`Reading`].
//!
//! Every register becomes one measurement, in the meter's order. What no table knows keeps its name and its value and
//! has no quantity; a number is only ever shifted by powers of ten.

use alloc::borrow::Cow;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::mem::take;

use smol_str::{SmolStr, StrExt, ToSmolStr, format_smolstr};

use crate::error::ParseError;
use crate::meter::{self, Meaning, Meter, Scale};
use crate::number::Number;
use crate::reading::{
    Integrity, Measurement, Protocol, Quantity, Reading, Scaling, TimeSource, Unit, ValueError,
};
use crate::register::{Obis, RawTime, RawUnit, Register, RegisterId, Value};
use crate::time::MeterTime;
use crate::vif::RecordHeader;

/// What a telegram is, besides its registers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Origin {
    pub(crate) protocol: Protocol,
    pub(crate) integrity: Integrity,
    /// How many values its list announced, where it did.
    pub(crate) announced: Option<usize>,
    /// The moment that the telegram states outside its registers.
    pub(crate) time: Option<RawTime>,
}

/// What the meter on this line has said of itself so far: not every list repeats it.
#[derive(Debug, Default)]
pub(crate) struct Known {
    identification: Option<String>,
    maker: Option<String>,
    model: Option<String>,
    meter: Option<&'static Meter>,
    /// The identification line last heard.
    introduced: Option<String>,
    /// The value that `identification` was made of.
    named: Option<Value>,
    /// Whether energy flows out, where the meter tells it apart from its power.
    exports: Option<bool>,
    /// Maker, identification and device type, as in the header of an M-Bus answer.
    met: Option<(Option<u16>, [u8; 4], u8)>,
}

impl Known {
    /// The maker's letters begin the meter's name, which is made anew where they change.
    pub(crate) fn is_by(&mut self, maker: &str) {
        if self.maker.as_deref() != Some(maker) {
            self.maker = Some(maker.into());
            self.named = None;
        }
    }

    /// Which way the energy flows, for meters that send a power without its sign.
    pub(crate) fn flows(&mut self, exports: Option<bool>) {
        self.exports = exports;
    }

    /// A P1 identification line: three letters of the maker, a baud letter, then the model behind an optional `\2`. It
    /// names a kind of meter, not one of them; another kind on the line is another meter.
    pub(crate) fn introduce(&mut self, identification: &str) {
        if self.introduced.as_deref() == Some(identification) {
            return;
        }
        let maker = identification.get(..3).map(StrExt::to_ascii_uppercase_smolstr);
        let rest = identification.get(4..).unwrap_or_default();
        let model = match rest.strip_prefix('\\') {
            Some(escaped) => escaped.get(1..).unwrap_or_default(),
            None => rest,
        };
        let model = Some(model.trim().trim_start_matches('-')).filter(|model| !model.is_empty());
        let name = maker.as_deref().zip(model);
        let meter = name.and_then(|(maker, model)| Meter::of_identification(maker, model));
        let (maker, model) = (maker.map(String::from), model.map(String::from));
        *self = Self { maker, model, meter, introduced: Some(identification.into()), ..Self::default() };
    }

    /// The header of an M-Bus answer: its maker as a number, eight decimal digits, the last ones first, and its device
    /// type. Each answer has it, and several meters share a bus.
    pub(crate) fn meet(&mut self, maker: Option<u16>, digits: [u8; 4], device_type: u8) {
        let met = Some((maker, digits, device_type));
        if self.met == met {
            return;
        }
        let maker = maker.and_then(letters);
        let mut identification = String::with_capacity(LONGEST_NAME);
        if let Some(maker) = &maker {
            identification.push_str(maker);
            identification.push('-');
        }
        let nibbles = digits.iter().rev().flat_map(|octet| [octet >> 4, octet & 0x0F]);
        let digits = nibbles.filter_map(|nibble| char::from_digit(nibble.into(), 16));
        identification.extend(digits.map(|digit| digit.to_ascii_uppercase()));
        *self = Self { identification: Some(identification), maker, met, ..Self::default() };
    }
}

/// The maker's three letters, five bits each (EN 13757-7, 7.3.2); `None` where they are none.
fn letters(maker: u16) -> Option<String> {
    let letter = |shift: u16| char::from_u32(u32::from(maker >> shift & 0x1F) + u32::from(b'A') - 1);
    [10, 5, 0].into_iter().map(|shift| letter(shift).filter(char::is_ascii_uppercase)).collect()
}

/// Makes a reading of the registers, and leaves none of them; the fault, if any, is what kept some of it without
/// meaning.
pub(crate) fn harmonise(
    known: &mut Known,
    registers: &mut Vec<Register>,
    origin: Origin,
) -> (Reading, Option<ParseError>) {
    let survey = Survey::of(known.met.map(|(_, _, device_type)| device_type), registers);
    let (supplement, fault) = supplement(known, registers, &survey, &origin);
    let context = Context {
        protocol: origin.protocol,
        medium: known.meter.map(|meter| meter.medium),
        exports: known.exports,
        devices: &survey.devices,
    };
    let mut values = Vec::with_capacity(registers.len());
    // Not pushed one by one, so that each is made in its place.
    values.extend(registers.iter_mut().map(|register| {
        let scaling = supplement.complete(register);
        measurement(register, scaling, &context)
    }));
    registers.clear();
    let own = Own::of(&values);
    if known.met.is_none() {
        identify(known, origin.protocol, &values, &own);
    }
    let time = clock(&values, &own).or(match origin.time {
        Some(RawTime::Valid(time)) => Some(time),
        _ => None,
    });
    let reading = Reading {
        meter: known.identification.clone(),
        maker: known.maker.clone(),
        model: known.model.clone(),
        protocol: origin.protocol,
        time,
        time_source: TimeSource::Meter,
        integrity: origin.integrity,
        values,
    };
    (reading, fault)
}

/// What the tables add to the registers of one telegram.
#[derive(Default)]
struct Supplement {
    /// Names, scalers and units of the values without names.
    unnamed: &'static [Scale],
    /// Scalers and units by name.
    names: Option<&'static Meter>,
}

/// Finds the names, scalers and units that the meter leaves out.
fn supplement(
    known: &mut Known,
    registers: &[Register],
    survey: &Survey,
    origin: &Origin,
) -> (Supplement, Option<ParseError>) {
    if registers.first().is_some_and(|first| matches!(first.unit, RawUnit::Record(_))) {
        return (Supplement::default(), None);
    }
    let value = |at: usize| registers.get(at).map(|register| &register.value);
    if let Some(Value::Text(maker)) = survey.maker.and_then(value) {
        known.is_by(maker);
    }
    if let Some(Value::Text(name)) = survey.device_name.and_then(value)
        && !is_p1(origin.protocol)
        && let Some(maker) = name.get(..3).filter(|maker| maker.bytes().all(|o| o.is_ascii_uppercase()))
    {
        known.is_by(maker);
    }
    if let Some(version @ (Value::Text(_) | Value::Octets(_))) =
        value(survey.list_version.unwrap_or_default())
        && !matches!(version, Value::Octets(octets) if octets.len() > LONGEST_VERSION)
    {
        let model = survey.model.and_then(value).map(text).unwrap_or_default();
        if let Some(meter) = Meter::of_list(version, &model) {
            known.meter = Some(meter);
            known.is_by(meter.maker);
        }
    }
    known.meter = survey.meter.or(known.meter);
    if let (None, Some(maker)) = (known.meter, &known.maker) {
        known.meter = Meter::of_maker(maker, origin.protocol);
    }
    let names = known.meter;
    if survey.unnamed == 0 {
        return (Supplement { unnamed: &[], names }, None);
    }
    let length = origin.announced.unwrap_or(registers.len());
    match Meter::unnamed(known.meter, length, registers) {
        Some((meter, unnamed)) => {
            if known.maker.is_none() && !meter.maker.is_empty() {
                known.is_by(meter.maker);
            }
            (Supplement { unnamed, names }, None)
        }
        None => {
            let is_unknown = survey.unnamed == registers.len();
            (Supplement { unnamed: &[], names }, is_unknown.then_some(ParseError::ListUnknown { length }))
        }
    }
}

impl Supplement {
    /// Completes a register, and tells who said how large its value is.
    fn complete(&self, register: &mut Register) -> Scaling {
        let row = match register.id {
            RegisterId::Position(place) => self.unnamed.get(usize::from(place).saturating_sub(1)),
            RegisterId::Obis(obis) => self.names.and_then(|meter| meter.scale(obis)),
            _ => None,
        };
        if let (RegisterId::Position(_), Some(row)) = (register.id, row) {
            register.id = row.obis.into();
        }
        // Printed digits without a unit are text until somebody knows better.
        if let (Value::Text(text), Some(row)) = (&register.value, row)
            && !row.unit.is_empty()
            && let Ok(number) = text.parse()
        {
            register.value = Value::Number(number);
        }
        match (&mut register.value, register.unit, row) {
            (Value::Number(number), RawUnit::None, Some(row)) => {
                *number = number.shifted(row.scaler).unwrap_or(*number);
                register.unit = RawUnit::printed(row.unit);
                if row.unit.is_empty() && row.scaler == 0 { Scaling::Unstated } else { Scaling::Table }
            }
            (Value::Number(_), RawUnit::Printed(_) | RawUnit::Dlms(_) | RawUnit::Kmp(_), _) => Scaling::Wire,
            _ => Scaling::Unstated,
        }
    }
}

/// What a register's meaning may hang on, besides its name.
struct Context<'a> {
    protocol: Protocol,
    medium: Option<&'a str>,
    exports: Option<bool>,
    devices: &'a Devices,
}

/// Takes the text or the octets out of the register.
fn measurement(register: &mut Register, scaling: Scaling, context: &Context<'_>) -> Measurement {
    let &Context { protocol, medium, exports, devices } = context;
    if let RawUnit::Record(header) = register.unit {
        return recorded(register, header, devices);
    }
    let sent = meter::unit(&register.unit);
    let meaning = match register.id {
        RegisterId::Obis(obis) => meter::meaning(obis),
        RegisterId::Kmp(id) => meter::kmp_meaning(id),
        RegisterId::Printed(code) => meter::printed_meaning(code.as_str(), sent.map(|(unit, _)| unit)),
        RegisterId::Position(_) | RegisterId::Record(_) => None,
    };
    let channel = meaning.and_then(|meaning| meaning.channel);
    let quantity = match meaning.map(|meaning| meaning.meaning) {
        Some(Meaning::Quantity(quantity)) => Some(quantity),
        Some(Meaning::ByDevice) => meter::of_device(devices.of_channel(channel), sent.map(|(unit, _)| unit)),
        Some(Meaning::Volume) => meter::volume_of_medium(medium),
        Some(Meaning::ByDirection) => exports.map(|exports| match exports {
            true => Quantity::ActivePowerExport,
            false => Quantity::ActivePowerImport,
        }),
        None => None,
    };
    let moment = register.time.and_then(RawTime::valid);
    let clock = moment.filter(|_| quantity == Some(Quantity::Clock));
    let is_number = quantity.is_none_or(Quantity::is_number);
    let number = match (&register.value, sent) {
        _ if clock.is_some() => None,
        (Value::Number(number), Some((_, shift))) => Some(number.shifted(shift).unwrap_or(*number)),
        (Value::Number(_), None) if matches!(register.unit, RawUnit::Printed(_)) => None,
        (Value::Number(number), None) if is_number => Some(*number),
        (Value::Text(text), _) if is_number && quantity.is_some() => text.parse().ok(),
        _ => None,
    };
    let invalid = (register.time == Some(RawTime::Invalid)).then_some(ValueError::Invalid);
    let measured = |value, unit, error| Measurement {
        register: register.id,
        quantity,
        phase: meaning.and_then(|meaning| meaning.phase),
        tariff: meaning.and_then(|meaning| meaning.tariff),
        channel,
        storage: meaning.and(storage(register.id)),
        time: moment.filter(|_| clock.is_none()),
        value,
        unit,
        error: invalid.or(error),
        scaling,
    };
    if let Some(number) = number {
        let unspoken = || unspoken_unit(quantity?, channel, protocol);
        let unit = sent.map(|(unit, _)| unit).or_else(unspoken);
        let error = quantity.zip(unit).and_then(|(quantity, unit)| implausible(quantity, number, unit));
        return measured(Value::Number(number), unit, error);
    }
    let value = match (&mut register.value, register.unit) {
        _ if let Some(moment) = clock => Value::Text(moment.to_text()),
        (Value::Number(number), RawUnit::Printed(unit)) => Value::Text(format_smolstr!("{number}*{unit}")),
        // Digits that are a name: of an M-Bus or KMP meter, say.
        (Value::Number(number), _) => Value::Text(number.to_smolstr()),
        (Value::Text(text), _) => Value::Text(take(text)),
        (Value::Octets(octets), _) => {
            calendar(register.id, octets).map_or_else(|| Value::Octets(take(octets)), Value::Text)
        }
    };
    measured(value, None, None)
}

fn implausible(quantity: Quantity, value: Number, unit: Unit) -> Option<ValueError> {
    (!meter::is_plausible(quantity, value, unit)).then_some(ValueError::Implausible)
}

/// A record of an M-Bus telegram, whose header names the unit that its number is in.
fn recorded(register: &mut Register, header: RecordHeader, devices: &Devices) -> Measurement {
    let channel = u8::try_from(header.subunit).ok();
    let quantity = channel.and_then(|channel| header.quantity(devices.of_channel(Some(channel))));
    let is_number = quantity.is_none_or(Quantity::is_number);
    let measured = |value, unit: Option<Unit>, error| Measurement {
        register: register.id,
        quantity,
        phase: header.meaning.phase,
        tariff: Some(header.tariff).filter(|tariff| *tariff > 0),
        channel: channel.filter(|channel| *channel > 0),
        storage: Some(header.storage).filter(|storage| *storage > 0),
        time: None,
        value,
        unit,
        error: if header.invalid { Some(ValueError::Invalid) } else { error },
        scaling: if unit.is_some() { Scaling::Wire } else { Scaling::Unstated },
    };
    if let Value::Number(number) = register.value
        && is_number
    {
        let unit = header.meaning.unit;
        let error = quantity.zip(unit).and_then(|(quantity, unit)| implausible(quantity, number, unit));
        return measured(Value::Number(number), unit, error);
    }
    let value = match &mut register.value {
        Value::Number(number) => Value::Text(number.to_smolstr()),
        Value::Text(text) => Value::Text(take(text)),
        Value::Octets(octets) => Value::Octets(take(octets)),
    };
    measured(value, None, None)
}

/// Group F counts the values of earlier billing periods (IEC 62056-61, 5.5); the present one has 255.
fn storage(register: RegisterId) -> Option<u64> {
    let period: Option<u64> = match register {
        RegisterId::Obis(Obis([.., period])) => Some(period.into()),
        RegisterId::Printed(code) => code.as_str().split_once(['*', '&'])?.1.parse().ok(),
        _ => None,
    };
    period.filter(|period| (1..255).contains(period))
}

/// Ratios have no unit to send, a gas meter that was never linked leaves its cubic metres out, and Kamstrup's water
/// meters call the hours of their hour counter a plain number. Anything else without a unit stays without one: nobody
/// knows its scale.
fn unspoken_unit(quantity: Quantity, channel: Option<u8>, protocol: Protocol) -> Option<Unit> {
    let hours = |unit: &Unit| protocol == Protocol::Kmp && *unit == Unit::Hour;
    quantity.unit().filter(|unit| *unit == Unit::One || channel.is_some() || hours(unit))
}

/// Date and time of day in registers of their own: IEC 62056-61, 1-0:0.9.1 and 0.9.2, as COSEM time and date.
fn calendar(register: RegisterId, octets: &[u8]) -> Option<SmolStr> {
    let text = match (register, octets) {
        (RegisterId::Obis(Obis([_, _, 0, 9, 1, _])), [hour, minute, second, _hundredths]) => {
            format_smolstr!("{hour:02}:{minute:02}:{second:02}")
        }
        (RegisterId::Obis(Obis([_, _, 0, 9, 2, _])), [high, low, month, day, _weekday]) => {
            format_smolstr!("{:04}-{month:02}-{day:02}", u16::from_be_bytes([*high, *low]))
        }
        _ => return None,
    };
    Some(text)
}

/// Whether texts are written as the hex digits of their octets (DSMR 5.0.2, 6.4).
fn is_p1(protocol: Protocol) -> bool {
    matches!(protocol, Protocol::P1 | Protocol::P1Encrypted)
}

/// Where the values lie that tell of the meter itself: the first of each that is not empty.
#[derive(Default)]
struct Own {
    id: Option<usize>,
    model: Option<usize>,
    clock: Option<usize>,
}

impl Own {
    fn of(values: &[Measurement]) -> Self {
        let mut own = Self::default();
        for (at, value) in values.iter().enumerate() {
            own.notice(at, value);
        }
        own
    }

    fn notice(&mut self, at: usize, value: &Measurement) {
        let place = match value.quantity {
            Some(Quantity::MeterId) => &mut self.id,
            Some(Quantity::MeterModel) => &mut self.model,
            Some(Quantity::Clock) if value.error.is_none() => &mut self.clock,
            _ => return,
        };
        let is_empty = match &value.value {
            Value::Number(_) => false,
            Value::Text(text) => text.is_empty(),
            Value::Octets(octets) => octets.is_empty(),
        };
        if !is_empty && value.channel.is_none() {
            place.get_or_insert(at);
        }
    }
}

/// Takes identification and model from the values, where they are in them.
fn identify(known: &mut Known, protocol: Protocol, values: &[Measurement], own: &Own) {
    let value = |at: Option<usize>| values.get(at?).map(|value| &value.value);
    if let Some(id) = value(own.id).filter(|id| known.named.as_ref() != Some(*id)) {
        let text = text(id);
        let id_text = if is_p1(protocol) { spelled(&text) } else { None };
        let id_text = id_text.unwrap_or_else(|| text.into_owned());
        known.identification = Some(match (inscribed(id), &known.maker) {
            (Some(inscribed), _) => inscribed,
            // What a block check does not cover must not make another meter of one.
            (None, Some(_)) if protocol == Protocol::Iec62056 => id_text,
            (None, Some(maker)) if !id_text.starts_with(maker.as_str()) => {
                alloc::format!("{maker}-{id_text}")
            }
            (None, _) => id_text,
        });
        known.named = Some(id.clone());
    }
    if let Some(model) = value(own.model).map(text)
        && known.model.as_deref() != Some(&*model)
    {
        known.model = Some(model.into_owned());
    }
}

/// The number on the face of a German meter, `1EMH0012345678`, as its server id codes it (DIN 43863-5): length, medium,
/// maker, block, number.
fn inscribed(id: &Value) -> Option<String> {
    let Value::Octets(octets) = id else { return None };
    let &[9 | 10, medium, m, a, k, block, n1, n2, n3, n4] = octets.as_slice() else { return None };
    let maker = [m, a, k].map(char::from);
    let number = u32::from_be_bytes([n1, n2, n3, n4]);
    let [m, a, k] = maker;
    let is_maker = maker.iter().all(char::is_ascii_uppercase);
    is_maker.then(|| alloc::format!("{medium}{m}{a}{k}{block:02X}{number:08}"))
}

fn text(value: &Value) -> Cow<'_, str> {
    match value {
        Value::Text(text) => Cow::Borrowed(text),
        other => Cow::Owned(other.to_string()),
    }
}

/// The text that hex digits spell, if it is printable (DSMR 5.0.2, 6.4: S(n) values are hex-coded text).
fn spelled(digits: &str) -> Option<String> {
    let pairs = digits.as_bytes().chunks(2).map(|pair| core::str::from_utf8(pair).ok());
    let octets = pairs
        .map(|pair| pair.filter(|pair| pair.len() == 2).and_then(|pair| u8::from_str_radix(pair, 16).ok()));
    let letters = octets.map(|octet| octet.filter(|octet| octet.is_ascii_graphic()).map(char::from));
    letters.collect::<Option<String>>().filter(|text| !text.is_empty())
}

fn clock(values: &[Measurement], own: &Own) -> Option<MeterTime> {
    match &values.get(own.clock?)?.value {
        Value::Text(text) => text.parse().ok(),
        _ => None,
    }
}

/// What the registers tell together, seen in one pass.
struct Survey {
    /// Where the list's version and the meter's model lie.
    list_version: Option<usize>,
    model: Option<usize>,
    /// Where its maker's letters lie.
    maker: Option<usize>,
    /// Where the logical device name lies, which begins with them as well.
    device_name: Option<usize>,
    /// How many registers have no name.
    unnamed: usize,
    /// The meter that alone has one of them.
    meter: Option<&'static Meter>,
    devices: Devices,
}

impl Survey {
    fn of(device_type: Option<u8>, registers: &[Register]) -> Self {
        let devices = Devices([None; MOST_CHANNELS]);
        let mut survey = Self {
            list_version: None,
            model: None,
            maker: None,
            device_name: None,
            unnamed: 0,
            meter: None,
            devices,
        };
        survey.devices.add(0, device_type);
        for (at, register) in registers.iter().enumerate() {
            match (register.id, &register.value) {
                (RegisterId::Position(_), _) => survey.unnamed += 1,
                (RegisterId::Obis(DEVICE_NAME), _) => survey.device_name = survey.device_name.or(Some(at)),
                (RegisterId::Obis(LIST_VERSION), _) => survey.list_version = survey.list_version.or(Some(at)),
                (RegisterId::Obis(MAKER | MAKER_BEFORE_2015), _) => survey.maker = survey.maker.or(Some(at)),
                (RegisterId::Obis(METER_MODEL), _) => survey.model = survey.model.or(Some(at)),
                (RegisterId::Obis(Obis([0, channel, 24, 1, 0, _])), Value::Text(text)) => {
                    survey.devices.add(channel, text.parse().ok());
                }
                (RegisterId::Record(_), Value::Number(number)) => {
                    if let Some(subunit) = register.unit.names_a_device_type() {
                        survey.devices.add(subunit, u8::try_from(number.mantissa).ok());
                    }
                }
                (RegisterId::Kmp(id), _) => survey.meter = survey.meter.or_else(|| Meter::of_kmp(id)),
                _ => {}
            }
        }
        survey
    }
}

/// The sub-meters' device types by channel: register 0-c:24.1.0, or an M-Bus record; that of the meter itself is 0.
struct Devices([Option<u8>; MOST_CHANNELS]);

impl Devices {
    fn add(&mut self, channel: u8, device: Option<u8>) {
        if let Some(place) = self.0.get_mut(usize::from(channel)) {
            *place = place.or(device);
        }
    }

    fn of_channel(&self, channel: Option<u8>) -> Option<u8> {
        *self.0.get(usize::from(channel?))?
    }
}

/// Letters of the name of an M-Bus meter: three of its maker, a hyphen, eight digits.
const LONGEST_NAME: usize = 12;
/// Sub-meters have channels 1 to 4 (DSMR) or 6 (e-MUCS).
const MOST_CHANNELS: usize = 16;

/// The most octets that name a list and are no text: an OBIS code.
const LONGEST_VERSION: usize = 6;

/// IEC 62056-6-2, 6.2.24: it begins with the maker's three letters.
const DEVICE_NAME: Obis = Obis::new(0, 0, 42, 0, 0);
const LIST_VERSION: Obis = Obis::new(1, 1, 0, 2, 129);
/// The maker's letters that SML meters send, since the FNN's Lastenheft Basiszähler and before it.
const MAKER: Obis = Obis([1, 0, 96, 50, 1, 1]);
const MAKER_BEFORE_2015: Obis = Obis([129, 129, 199, 130, 3, 255]);
/// Kamstrup's meter type, the only one on which scalers hang.
const METER_MODEL: Obis = Obis::new(1, 1, 96, 1, 1);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::Number;
    use alloc::vec;

    const ORIGIN: Origin =
        Origin { protocol: Protocol::P1, integrity: Integrity::Checked, announced: None, time: None };

    fn printed(obis: &str, number: Number, unit: &str) -> Register {
        let unit = RawUnit::printed(unit);
        Register { id: obis.parse().unwrap(), value: Value::Number(number), unit, time: None }
    }

    fn texted(obis: &str, text: &str) -> Register {
        Register {
            id: obis.parse().unwrap(),
            value: Value::Text(text.into()),
            unit: RawUnit::None,
            time: None,
        }
    }

    fn read(mut registers: Vec<Register>) -> Reading {
        harmonise(&mut Known::default(), &mut registers, ORIGIN).0
    }

    fn shown(reading: &Reading) -> Vec<String> {
        let unit = |value: &Measurement| value.unit.map_or("-", Unit::as_str);
        let line =
            |value: &Measurement| alloc::format!("{:?} {} {}", value.quantity, value.value, unit(value));
        reading.values.iter().map(line).collect()
    }

    #[test]
    fn shifts_to_the_canonical_unit_and_keeps_every_digit() {
        let reading = read(vec![
            printed("1-0:1.7.0", Number::new(1193, -3), "kW"),
            printed("1-0:1.8.1", Number::new(5_017_120, 0), "Wh"),
            printed("0-0:17.0.0", Number::new(16, 0), "A"),
            printed("1-0:3.7.0", Number::new(1, -3), "kVAr"),
            printed("1-0:1.99.0", Number::new(12, -1), "foo"),
        ]);
        let wanted = [
            "Some(ActivePowerImport) 1193 W",
            "Some(ActiveEnergyImport) 5017.120 kWh",
            "Some(LimiterThreshold) 16 A",
            "Some(ReactivePowerImport) 1 var",
            "None 1.2*foo -",
        ];
        assert_eq!(shown(&reading), wanted);
    }

    #[test]
    fn a_sub_meters_device_type_says_what_it_counts() {
        let reading = read(vec![
            texted("0-1:24.1.0", "003"),
            printed("0-1:24.2.1", Number::new(5, 0), "m3"),
            texted("0-2:24.1.0", "007"),
            printed("0-2:24.2.1", Number::new(6, 0), "m3"),
            texted("0-3:24.1.0", "012"),
            printed("0-3:24.2.1", Number::new(7, 0), "GJ"),
        ]);
        let wanted = ["Some(GasVolume) 5 m3", "Some(WaterVolume) 6 m3", "Some(HeatEnergy) 7 GJ"];
        let volumes: Vec<String> =
            shown(&reading).into_iter().filter(|line| line.contains("m3") || line.contains("GJ")).collect();
        assert_eq!(volumes, wanted);
        assert_eq!(reading.values[3].channel, Some(2));
    }

    #[test]
    fn text_becomes_a_number_only_where_a_number_is_meant() {
        let reading = read(vec![
            texted("0-0:96.14.0", "0002"),
            texted("0-0:96.1.1", "4b38"),
            texted("0-0:96.13.0", ""),
        ]);
        assert_eq!(
            shown(&reading),
            ["Some(TariffIndicator) 2 -", "Some(MeterId) 4b38 -", "Some(Message)  -"]
        );
        assert_eq!(reading.meter.as_deref(), Some("K8"));
    }

    #[test]
    fn an_unknown_list_keeps_its_values() {
        let mut registers = (1..=4).map(|n| texted(&alloc::format!("list:{n}"), "x")).collect();
        let (reading, fault) = harmonise(&mut Known::default(), &mut registers, ORIGIN);
        assert_eq!(fault, Some(ParseError::ListUnknown { length: 4 }));
        assert_eq!((reading.values.len(), reading.values[0].quantity), (4, None));
    }

    #[test]
    fn tells_who_said_how_large_a_value_is_and_marks_what_no_home_has() {
        let kaifa = |volts| {
            let number = |place: u16, value| Register {
                id: RegisterId::Position(place),
                value: Value::Number(Number::whole(value)),
                unit: RawUnit::None,
                time: None,
            };
            let name = |place| Register { value: Value::Text("KFM_001".into()), ..number(place, 0) };
            let numbers = (4..9).map(|place| number(place, 5)).collect();
            read([(1..4).map(name).collect(), numbers, vec![number(9, volts)]].concat())
        };
        let volts = |reading: &Reading| {
            let value = &reading.values[8];
            (value.value.to_string(), value.scaling, value.error)
        };
        assert_eq!(volts(&kaifa(2322)), ("232.2".into(), Scaling::Table, None));
        assert_eq!(volts(&kaifa(23_220)), ("2322.0".into(), Scaling::Table, Some(ValueError::Implausible)));
        let wire = read(vec![printed("1-0:32.7.0", Number::new(2322, 0), "V")]);
        assert_eq!(
            (wire.values[0].scaling, wire.values[0].error),
            (Scaling::Wire, Some(ValueError::Implausible))
        );
    }

    /// The device number that libsml's issue 162 shows beside its octets.
    /// An EMH ED300L.
    #[test]
    fn a_power_without_its_sign_flows_as_the_status_word_says() {
        let mut known = Known::default();
        let mut quantity = |exports| {
            known.flows(exports);
            let mut registers = vec![printed("1-0:15.7.0", Number::new(1266, -1), "W")];
            harmonise(&mut known, &mut registers, ORIGIN).0.values[0].quantity
        };
        assert_eq!(quantity(Some(true)), Some(Quantity::ActivePowerExport));
        assert_eq!(quantity(Some(false)), Some(Quantity::ActivePowerImport));
        assert_eq!(quantity(None), None);
    }

    /// The codes of a Siemens TD3511, of a Siemens 2WR5, and of an EMH eHZ that prints no unit.
    #[test]
    fn printed_codes_are_looked_up_by_their_groups_and_units() {
        let mut known = Known::default();
        known.introduce("EMH5----eHZ-E0018E");
        let mut registers = vec![
            printed("32.7", Number::new(2383, -1), "V"),
            printed("6.8", Number::new(29_055, -3), "MWh"),
            printed("6.8.0", Number::new(7, 0), "kvarh"),
            printed("6.26*01", Number::new(156_392, -2), "m3"),
            texted("F.F", "00"),
            texted("0-0:C.1.0*255", "63355730"),
            texted("1-0:1.8.1", "032942.0231"),
            texted("C.90", "1"),
        ];
        let reading =
            harmonise(&mut known, &mut registers, Origin { protocol: Protocol::Iec62056, ..ORIGIN }).0;
        let wanted = [
            "Some(Voltage) 238.3 V",
            "Some(HeatEnergy) 29055 kWh",
            "Some(ReactiveEnergyQ2) 7 kvarh",
            "Some(HeatVolume) 1563.92 m3",
            "Some(ErrorFlags) 00 -",
            "Some(MeterId) 63355730 -",
            "Some(ActiveEnergyImport) 32942.0231 kWh",
            "None 1 -",
        ];
        assert_eq!(shown(&reading), wanted);
        assert_eq!((reading.values[3].storage, reading.values[6].scaling), (Some(1), Scaling::Table));
        assert_eq!(reading.model.as_deref(), Some("eHZ-E0018E"));
    }

    #[test]
    fn an_sml_meter_is_named_as_on_its_face() {
        let id = |octets: &[u8]| Register { value: Value::Octets(octets.into()), ..texted("1-0:96.1.0", "") };
        let maker = texted("1-0:96.50.1*1", "DZG");
        let origin = Origin { protocol: Protocol::Sml, ..ORIGIN };
        let mut known = Known::default();
        let mut named = |octets: &[u8]| {
            harmonise(&mut known, &mut vec![maker.clone(), id(octets)], origin).0.meter.unwrap_or_default()
        };
        assert_eq!(named(&[10, 1, b'D', b'Z', b'G', 0, 0x02, 0x65, 0xBA, 0x71]), "1DZG0040221297");
        assert_eq!(named(&[6, b'D', b'Z', b'G']), "DZG-06445a47");
    }

    #[test]
    fn an_earlier_billing_periods_value_is_not_the_present_one() {
        let reading =
            read(vec![printed("1-0:1.8.0*2", Number::whole(7), "kWh"), texted("1-0:96.50.1*1", "DZG")]);
        assert_eq!(reading.values.iter().map(|value| value.storage).collect::<Vec<_>>(), [Some(2), None]);
    }

    /// Register 68 is a volume; whether of heating water or of tap water, other registers tell.
    #[test]
    fn a_kmp_meter_shows_what_its_volume_is_of() {
        let register = |id, code, number| Register {
            id: RegisterId::Kmp(id),
            value: Value::Number(number),
            unit: RawUnit::Kmp(code),
            time: None,
        };
        let mut known = Known::default();
        let mut read = |registers: Vec<Register>| {
            let origin = Origin { protocol: Protocol::Kmp, ..ORIGIN };
            shown(&harmonise(&mut known, &mut registers.clone(), origin).0)
        };
        let volume = || register(68, 40, Number::new(21_027, -2));
        assert_eq!(read(vec![volume()]), ["None 210.27 m3"]);
        let heat = vec![
            volume(),
            register(60, 3, Number::new(55_006, -3)),
            register(89, 38, Number::new(786, -2)),
            register(74, 41, Number::whole(120)),
            register(1001, 51, Number::whole(1_234_567)),
            register(99, 51, Number::whole(0)),
            register(1004, 51, Number::whole(54_888)),
            register(582, 62, Number::whole(5152)),
            register(60, 255, Number::whole(66)),
        ];
        let wanted = [
            "Some(HeatVolume) 210.27 m3",
            "Some(HeatEnergy) 55006 kWh",
            "Some(TemperatureDifference) 7.86 °C",
            "Some(VolumeFlow) 0.120 m3/h",
            "Some(MeterId) 1234567 -",
            "Some(ErrorFlags) 0 -",
            "Some(OperatingTime) 54888 h",
            "None 5152 d",
            "Some(HeatEnergy) 66 -",
        ];
        assert_eq!(read(heat), wanted);
        assert_eq!(read(vec![volume()]), ["Some(HeatVolume) 210.27 m3"]);
        assert_eq!(
            read(vec![register(292, 37, Number::whole(20)), volume()])[1],
            "Some(WaterVolume) 210.27 m3"
        );
    }

    #[test]
    fn an_identification_line_introduces_the_meter() {
        let mut known = Known::default();
        known.introduce("ISk5\\2MT382-1000");
        assert_eq!((known.maker.as_deref(), known.model.as_deref()), (Some("ISK"), Some("MT382-1000")));
        known.identification = Some("ISK-1".into());
        known.introduce("ISk5\\2MT382-1000");
        assert_eq!(known.identification.as_deref(), Some("ISK-1"));
        known.introduce("LGF5E360");
        assert_eq!((known.identification, known.model.as_deref()), (None, Some("E360")));
    }
}
