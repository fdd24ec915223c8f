//! Stage 5: registers and tables → a [`Reading`].
//!
//! Every register becomes one measurement, in the meter's order. What no table knows keeps its name and its value and
//! has no quantity; a number is only ever shifted by powers of ten.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::error::ParseError;
use crate::meter::{self, Meaning, Meter};
use crate::reading::{Integrity, Measurement, Protocol, Quantity, Reading, TimeSource, Unit, ValueError};
use crate::register::{Obis, RawTime, RawUnit, Register, RegisterId, Value};
use crate::time::MeterTime;

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
}

impl Known {
    /// A P1 identification line: three letters of the maker, a baud letter, then the model behind an optional `\2`. It
    /// names a kind of meter, not one of them; another kind on the line is another meter.
    pub(crate) fn introduce(&mut self, identification: &str) {
        let maker = identification.get(..3).map(str::to_uppercase);
        let rest = identification.get(4..).unwrap_or_default();
        let model = match rest.strip_prefix('\\') {
            Some(escaped) => escaped.get(1..).unwrap_or_default(),
            None => rest,
        };
        let model = Some(model.trim()).filter(|model| !model.is_empty()).map(String::from);
        if (&maker, &model) != (&self.maker, &self.model) {
            *self = Self { maker, model, ..Self::default() };
        }
    }
}

/// Makes a reading; the fault, if any, is what kept some of it without meaning.
pub(crate) fn harmonise(
    known: &mut Known,
    mut registers: Vec<Register>,
    origin: Origin,
) -> (Reading, Option<ParseError>) {
    let fault = complete(known, &mut registers, origin.announced).err();
    let devices = Devices::of(&registers);
    let measured = registers.into_iter().map(|register| measurement(register, origin.protocol, &devices));
    let values: Vec<Measurement> = measured.collect();
    identify(known, origin.protocol, &values);
    let time = clock(&values).or(match origin.time {
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

/// Gives registers the names, scalers and units that the meter leaves out.
fn complete(
    known: &mut Known,
    registers: &mut [Register],
    announced: Option<usize>,
) -> Result<(), ParseError> {
    if let Some(version) = text_of(registers, LIST_VERSION).or_else(|| first_value(registers)) {
        let model = text_of(registers, METER_MODEL).unwrap_or_default();
        if let Some(meter) = Meter::of_list(&version, &model) {
            known.meter = Some(meter);
            known.maker = Some(meter.maker.into());
        }
    }
    let unnamed = registers.iter().all(|register| matches!(register.id, RegisterId::Position(_)));
    if unnamed && !registers.is_empty() {
        let length = announced.unwrap_or(registers.len());
        let own = known.meter.and_then(|meter| meter.list(length));
        let list = own.or_else(|| Meter::anonymous_list(length)).ok_or(ParseError::ListUnknown { length })?;
        for (register, row) in registers.iter_mut().zip(list) {
            register.id = row.obis.into();
            supply(register, row);
        }
    } else if let Some(meter) = known.meter {
        for register in registers.iter_mut() {
            if let RegisterId::Obis(obis) = register.id
                && let Some(row) = meter.scale(obis)
            {
                supply(register, row);
            }
        }
    }
    Ok(())
}

fn supply(register: &mut Register, row: &meter::Scale) {
    if register.unit != RawUnit::None {
        return;
    }
    if let Value::Number(number) = &mut register.value {
        *number = number.shifted(row.scaler).unwrap_or(*number);
        if !row.unit.is_empty() {
            register.unit = RawUnit::Printed(row.unit.into());
        }
    }
}

fn measurement(register: Register, protocol: Protocol, devices: &Devices) -> Measurement {
    let meaning = match register.id {
        RegisterId::Obis(obis) => meter::meaning(obis),
        RegisterId::Position(_) => None,
    };
    let channel = meaning.and_then(|meaning| meaning.channel);
    let sent = meter::unit(&register.unit);
    let quantity = match meaning.map(|meaning| meaning.meaning) {
        Some(Meaning::Quantity(quantity)) => Some(quantity),
        Some(Meaning::ByDevice) => meter::of_device(devices.of_channel(channel), sent.map(|(unit, _)| unit)),
        None => None,
    };
    let mut value = match (register.value, &register.unit, sent) {
        (Value::Number(number), RawUnit::Printed(unit), None) => {
            Value::Text(alloc::format!("{number}*{unit}"))
        }
        (Value::Number(number), _, Some((_, shift))) => {
            Value::Number(number.shifted(shift).unwrap_or(number))
        }
        (Value::Text(text), _, _) if quantity.is_some_and(Quantity::is_number) => {
            text.parse().map_or(Value::Text(text), Value::Number)
        }
        (Value::Text(text), ..) if protocol == Protocol::P1 && is_hex(&text) => {
            Value::Text(text.to_ascii_lowercase())
        }
        (Value::Octets(octets), ..) => calendar(register.id, &octets).unwrap_or(Value::Octets(octets)),
        (value, ..) => value,
    };
    let mut time = match register.time {
        Some(RawTime::Valid(time)) => Some(time),
        _ => None,
    };
    if let (Some(Quantity::Clock), Some(moment)) = (quantity, time) {
        value = Value::Text(moment.to_string());
        time = None;
    }
    let unit = match (&value, sent) {
        (Value::Number(_), Some((unit, _))) => Some(unit),
        (Value::Number(_), None) => quantity.and_then(|quantity| unspoken_unit(quantity, channel)),
        _ => None,
    };
    Measurement {
        register: register.id,
        quantity,
        phase: meaning.and_then(|meaning| meaning.phase),
        tariff: meaning.and_then(|meaning| meaning.tariff),
        channel,
        time,
        value,
        unit,
        error: (register.time == Some(RawTime::Invalid)).then_some(ValueError::Invalid),
    }
}

/// Ratios have no unit to send, and a gas meter that was never linked leaves its cubic metres out. Anything else
/// without a unit stays without one: nobody knows its scale.
fn unspoken_unit(quantity: Quantity, channel: Option<u8>) -> Option<Unit> {
    quantity.unit().filter(|unit| *unit == Unit::One || channel.is_some())
}

/// Date and time of day in registers of their own: IEC 62056-61, 1-0:0.9.1 and 0.9.2, as COSEM time and date.
fn calendar(register: RegisterId, octets: &[u8]) -> Option<Value> {
    let text = match (register, octets) {
        (RegisterId::Obis(Obis([_, _, 0, 9, 1, _])), [hour, minute, second, _hundredths]) => {
            alloc::format!("{hour:02}:{minute:02}:{second:02}")
        }
        (RegisterId::Obis(Obis([_, _, 0, 9, 2, _])), [high, low, month, day, _weekday]) => {
            alloc::format!("{:04}-{month:02}-{day:02}", u16::from_be_bytes([*high, *low]))
        }
        _ => return None,
    };
    Some(Value::Text(text))
}

fn is_hex(text: &str) -> bool {
    !text.is_empty() && text.len().is_multiple_of(2) && text.bytes().all(|octet| octet.is_ascii_hexdigit())
}

/// Takes identification and model from the values, where they are in them.
fn identify(known: &mut Known, protocol: Protocol, values: &[Measurement]) {
    let own = |quantity: Quantity| {
        let of =
            values.iter().filter(move |value| value.quantity == Some(quantity) && value.channel.is_none());
        of.map(|value| value.value.to_string()).find(|text| !text.is_empty())
    };
    if let Some(id) = own(Quantity::MeterId) {
        let id = if protocol == Protocol::P1 { spelled(&id).unwrap_or(id) } else { id };
        known.identification = Some(match &known.maker {
            Some(maker) => alloc::format!("{maker}-{id}"),
            None => id,
        });
    }
    if let Some(model) = own(Quantity::MeterModel) {
        known.model = Some(model);
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

fn clock(values: &[Measurement]) -> Option<MeterTime> {
    let clock =
        values.iter().find(|value| value.quantity == Some(Quantity::Clock) && value.error.is_none())?;
    match &clock.value {
        Value::Text(text) => text.parse().ok(),
        _ => None,
    }
}

fn text_of(registers: &[Register], obis: Obis) -> Option<String> {
    registers.iter().find(|register| register.id == obis.into()).map(|register| register.value.to_string())
}

fn first_value(registers: &[Register]) -> Option<String> {
    registers.first().map(|register| register.value.to_string())
}

/// The sub-meters' device types: register 0-c:24.1.0.
struct Devices(Vec<(u8, u8)>);

impl Devices {
    fn of(registers: &[Register]) -> Self {
        let device = |register: &Register| match (register.id, &register.value) {
            (RegisterId::Obis(Obis([0, channel, 24, 1, 0, _])), Value::Text(text)) => {
                Some((channel, text.parse::<u8>().ok()?))
            }
            _ => None,
        };
        Self(registers.iter().filter_map(device).collect())
    }

    fn of_channel(&self, channel: Option<u8>) -> Option<u8> {
        self.0.iter().find(|(of, _)| Some(*of) == channel).map(|(_, device)| *device)
    }
}

const LIST_VERSION: Obis = Obis::new(1, 1, 0, 2, 129);
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
        let unit = if unit.is_empty() { RawUnit::None } else { RawUnit::Printed(unit.into()) };
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

    fn read(registers: Vec<Register>) -> Reading {
        harmonise(&mut Known::default(), registers, ORIGIN).0
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
            texted("0-0:96.1.1", "4B38"),
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
        let registers = (1..=4).map(|n| texted(&alloc::format!("list:{n}"), "x")).collect();
        let (reading, fault) = harmonise(&mut Known::default(), registers, ORIGIN);
        assert_eq!(fault, Some(ParseError::ListUnknown { length: 4 }));
        assert_eq!((reading.values.len(), reading.values[0].quantity), (4, None));
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
