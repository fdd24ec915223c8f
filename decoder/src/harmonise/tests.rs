//! Registers as meters send them, and the readings made from them.

use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use super::*;
use crate::number::Number;
use crate::reading::{Quantity, Scaling, Unit, ValueError};
use crate::register::{RawUnit, RegisterId};

const ORIGIN: Origin = Origin {
    protocol: Protocol::P1,
    integrity: Integrity::Checked,
    announced: None,
    time: None,
    zone: Zone::CENTRAL_EUROPE,
};

fn printed(obis: &str, number: Number, unit: &str) -> Register {
    let unit = RawUnit::printed(unit);
    Register { id: obis.parse().unwrap(), value: Value::Number(number), unit, time: None }
}

fn texted(obis: &str, text: &str) -> Register {
    Register { id: obis.parse().unwrap(), value: Value::Text(text.into()), unit: RawUnit::None, time: None }
}

fn read(mut registers: Vec<Register>) -> Reading {
    harmonise(&mut Known::default(), &mut registers, ORIGIN).0
}

fn read_as(protocol: Protocol, mut registers: Vec<Register>) -> Reading {
    harmonise(&mut Known::default(), &mut registers, Origin { protocol, ..ORIGIN }).0
}

fn shown(reading: &Reading) -> Vec<String> {
    let unit = |value: &Measurement| value.unit.map_or("-", Unit::as_str);
    let line = |value: &Measurement| alloc::format!("{:?} {} {}", value.quantity, value.value, unit(value));
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
fn text_becomes_a_number_only_in_numeric_registers() {
    let reading =
        read(vec![texted("0-0:96.14.0", "0002"), texted("0-0:96.1.1", "4b38"), texted("0-0:96.13.0", "")]);
    assert_eq!(shown(&reading), ["Some(TariffIndicator) 2 -", "Some(MeterId) 4b38 -", "Some(Message)  -"]);
    assert_eq!(reading.meter.as_deref(), Some("K8"));
}

#[test]
fn a_text_is_not_a_measurement() {
    let reading = read(vec![texted("0-1:24.2.1", "(211123200000)(m3)(1.2)"), texted("1-0:1.8.0", "")]);
    assert_eq!(shown(&reading), ["None (211123200000)(m3)(1.2) -", "Some(ActiveEnergyImport)  -"]);
}

#[test]
fn an_unknown_list_keeps_its_values() {
    let mut registers = (1..=4).map(|n| texted(&alloc::format!("list:{n}"), "x")).collect();
    let (reading, fault) = harmonise(&mut Known::default(), &mut registers, ORIGIN);
    assert_eq!(fault, Some(ParseError::ListUnknown { length: 4 }));
    assert_eq!((reading.values.len(), reading.values[0].quantity), (4, None));
}

#[test]
fn states_the_source_of_a_scale_and_marks_implausible_values() {
    let of_swiss_list = |volts| {
        let whole = |obis: &str, number| printed(obis, Number::whole(number), "");
        let registers = vec![texted("0-0:42.0.0", "LGZ1030650000001"), whole("1-0:32.7.0", volts)];
        let registers = &mut registers.clone();
        let origin = Origin { protocol: Protocol::DlmsHdlc, ..ORIGIN };
        harmonise(&mut Known::default(), registers, origin).0
    };
    let volts = |reading: &Reading| {
        let value = &reading.values[1];
        (value.value.to_string(), value.scaling, value.error)
    };
    assert_eq!(volts(&of_swiss_list(232)), ("232".into(), Scaling::Table, None));
    assert_eq!(volts(&of_swiss_list(2322)), ("2322".into(), Scaling::Table, Some(ValueError::Implausible)));
    assert_eq!(volts(&of_swiss_list(23)), ("23".into(), Scaling::Table, Some(ValueError::Implausible)));
    let wire = read(vec![printed("1-0:32.7.0", Number::new(2322, 0), "V")]);
    assert_eq!(
        (wire.values[0].scaling, wire.values[0].error),
        (Scaling::Wire, Some(ValueError::Implausible))
    );
}

/// An EMH ED300L.
#[test]
fn an_unsigned_power_takes_its_direction_from_the_status_word() {
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
        printed("6.8.0", Number::new(7, 0), "kvarh"),
        printed("1.8.0*01", Number::new(156_392, -2), "kWh"),
        texted("F.F", "00"),
        texted("0-0:C.1.0*255", "63355730"),
        texted("1-0:1.8.1", "032942.0231"),
        texted("C.90", "1"),
    ];
    let reading = harmonise(&mut known, &mut registers, Origin { protocol: Protocol::Iec62056, ..ORIGIN }).0;
    let wanted = [
        "Some(Voltage) 238.3 V",
        "Some(ReactiveEnergyQ2) 7 kvarh",
        "Some(ActiveEnergyImport) 1563.92 kWh",
        "Some(ErrorFlags) 00 -",
        "Some(MeterId) 63355730 -",
        "Some(ActiveEnergyImport) 32942.0231 kWh",
        "None 1 -",
    ];
    assert_eq!(shown(&reading), wanted);
    assert_eq!((reading.values[2].storage, reading.values[5].scaling), (Some(1), Scaling::Table));
    assert_eq!(reading.model.as_deref(), Some("eHZ-E0018E"));
}

/// A Landis+Gyr UH50: 9.7 is the value of a pulse here, but apparent power in an electricity meter.
#[test]
fn a_heat_meters_codes_are_looked_up_in_its_own_table_only() {
    let registers = vec![
        printed("6.8", Number::new(29_055, -3), "MWh"),
        printed("6.26*01", Number::new(156_392, -2), "m3"),
        texted("9.20", "43210987"),
        texted("9.7", "20000"),
        texted("32.7", "1"),
        texted("F.F", "00"),
    ];
    let reading = read_as(Protocol::Iec62056, registers);
    let wanted = [
        "Some(HeatEnergy) 29055 kWh",
        "Some(HeatVolume) 1563.92 m3",
        "Some(MeterId) 43210987 -",
        "None 20000 -",
        "None 1 -",
        "Some(ErrorFlags) 00 -",
    ];
    assert_eq!(shown(&reading), wanted);
    assert_eq!(reading.values[1].storage, Some(1));
}

/// Pafal prints a counter without a unit. The other energies of the readout show the unit.
#[test]
fn a_register_without_a_unit_takes_the_unit_of_its_readout() {
    let bare = || vec![texted("1.8.0", "019446.38"), texted("1.6.0", "4.5"), texted("32.7.0", "230")];
    let kilo =
        ["Some(ActiveEnergyImport) 19446.38 kWh", "Some(DemandImportPeak) 4500 W", "Some(Voltage) 230 V"];
    let reading = read_as(Protocol::Iec62056, bare());
    assert_eq!(shown(&reading), kilo);
    assert!(reading.values.iter().all(|value| value.scaling == Scaling::Table));
    assert_eq!(shown(&read_as(Protocol::P1, bare()))[0], "Some(ActiveEnergyImport) 19446.38 -");
    let with = |unit| [bare(), vec![printed("2.8.0", Number::whole(1), unit)]].concat();
    assert_eq!(shown(&read_as(Protocol::Iec62056, with("MWh")))[0], "Some(ActiveEnergyImport) 19446380 kWh");
    let two = [with("MWh"), vec![printed("3.8.0", Number::whole(1), "kvarh")]].concat();
    assert_eq!(shown(&read_as(Protocol::Iec62056, two))[0], "Some(ActiveEnergyImport) 19446.38 -");
    assert_eq!(
        shown(&read_as(Protocol::DlmsHdlc, vec![texted("1-0:1.8.0", "1")])),
        ["Some(ActiveEnergyImport) 1 -"]
    );
}

/// Holley's DTZ541 sends the sums of a day and since the last reset. In a Landis+Gyr, 96 is a billing period.
#[test]
fn a_sum_over_a_span_of_time_is_not_an_earlier_counter_value() {
    let registers = || {
        vec![
            printed("1-0:1.8.0*96", Number::whole(4), "kWh"),
            printed("1-0:1.9.0*2", Number::whole(5), "kWh"),
        ]
    };
    let sums = read_as(Protocol::Sml, registers());
    assert_eq!(shown(&sums), ["None 4 kWh", "None 5 kWh"]);
    assert_eq!((sums.values[0].storage, sums.values[1].storage), (None, Some(2)));
    let periods = read_as(Protocol::Iec62056, registers());
    assert_eq!(
        (periods.values[0].quantity, periods.values[0].storage),
        (Some(Quantity::ActiveEnergyImport), Some(96))
    );
}

/// Recorded from a Kamstrup on 20 October at 04:43:32 local time, and from an Aidon on 21 July at 22:00:05. Both
/// clocks keep standard time in summer, whatever their flag says.
#[test]
fn a_standard_time_clock_follows_its_row_and_not_its_flag() {
    for (version, states, says) in [
        ("Kamstrup_V0001", "2017-10-20T03:43:30+02:00", "2017-10-20T03:43:30+01:00"),
        ("AIDON_V0001", "2020-07-21T21:00:00Z", "2020-07-21T21:00:00+01:00"),
        ("KFM_001", "2020-07-21T21:00:00+02:00", "2020-07-21T21:00:00+02:00"),
    ] {
        let time = Some(RawTime::Valid(states.parse().unwrap()));
        let clock = Register { time, ..texted("0-0:1.0.0", "") };
        let mut registers = vec![texted("1-1:0.2.129", version), clock];
        let origin = Origin { protocol: Protocol::DlmsHdlc, time, ..ORIGIN };
        let reading = harmonise(&mut Known::default(), &mut registers, origin).0;
        assert_eq!(
            (reading.time.unwrap().to_string(), reading.values[1].value.to_string()),
            (says.into(), says.into())
        );
        let mut registers = vec![texted("1-1:0.2.129", version)];
        let reading = harmonise(&mut Known::default(), &mut registers, origin).0;
        assert_eq!(reading.time.unwrap().to_string(), says);
    }
}

/// Maxima of a tariff (Elster).
#[test]
fn group_e_is_the_tariff_of_quantities_with_tariffs() {
    let reading = read(vec![
        printed("1-0:1.6.1", Number::new(948, -2), "kW"),
        printed("1-0:1.2.1", Number::whole(1), "kW"),
    ]);
    assert_eq!(shown(&reading), ["Some(DemandImportPeak) 9480 W", "None 1000 W"]);
    assert_eq!((reading.values[0].tariff, reading.values[1].tariff), (Some(1), None));
}

/// ESO in Lithuania prints kHz. With an unknown unit, only the unit is lost.
#[test]
fn a_printed_unit_may_have_a_prefix() {
    let of = |unit| shown(&read(vec![printed("1-0:14.7.0", Number::new(49, -3), unit)])).remove(0);
    assert_eq!(of("kHz"), "Some(Frequency) 49 Hz");
    assert_eq!(of("xHz"), "Some(Frequency) 0.049 -");
}

#[test]
fn an_earlier_billing_periods_value_is_not_the_present_one() {
    let reading = read(vec![printed("1-0:1.8.0*2", Number::whole(7), "kWh"), texted("1-0:96.50.1*1", "DZG")]);
    assert_eq!(reading.values.iter().map(|value| value.storage).collect::<Vec<_>>(), [Some(2), None]);
}

/// A ZMD prints `1.8.1*00(0000.0000*kWh)` for periods that have not occurred yet; Pafal's *00 is the present.
#[test]
fn a_period_that_has_not_occurred_is_not_the_current_one() {
    let energy = |code: &str| printed(code, Number::whole(7), "kWh");
    let quantities = |codes: &[&str]| -> Vec<bool> {
        let reading = read_as(Protocol::Iec62056, codes.iter().map(|code| energy(code)).collect());
        reading.values.iter().map(|value| value.quantity.is_some()).collect()
    };
    assert_eq!(quantities(&["1.8.1", "1.8.1*12", "1.8.1*00", "1.8.1&00"]), [true, true, false, false]);
    assert_eq!(quantities(&["1.8.1*00", "2.8.1*00"]), [true, true]);
    assert_eq!(quantities(&["1.8.0*00", "1.8.1"]), [true, true]);
}

/// A code for kvarh with a value in kWh has no meaning. A volume has no meaning if its sub-meter states no type
/// and others do.
#[test]
fn contradictory_values_have_no_meaning() {
    let reading = read(vec![
        printed("1-0:3.8.0", Number::whole(7), "kWh"),
        printed("1-0:32.7.0", Number::whole(7), "A"),
        texted("0-1:24.1.0", "003"),
        printed("0-2:24.2.1", Number::whole(6), "m3"),
    ]);
    assert_eq!(shown(&reading), ["None 7 kWh", "None 7 A", "Some(DeviceType) 3 -", "None 6 m3"]);
    let alone = read(vec![printed("0-2:24.2.1", Number::whole(6), "m3")]);
    assert_eq!(shown(&alone), ["Some(GasVolume) 6 m3"]);
}

/// Register 68 is a volume; other registers show whether it is heating water or tap water.
#[test]
fn other_registers_decide_the_medium_of_a_kmp_volume() {
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
    assert_eq!(read(vec![register(292, 37, Number::whole(20)), volume()])[1], "Some(WaterVolume) 210.27 m3");
}

/// The device number that libsml's issue 162 shows with its bytes.
#[test]
fn an_sml_meter_is_named_by_the_number_on_its_front() {
    let id = |bytes: &[u8]| Register { value: Value::Octets(bytes.into()), ..texted("1-0:96.1.0", "") };
    let maker = texted("1-0:96.50.1*1", "DZG");
    let origin = Origin { protocol: Protocol::Sml, ..ORIGIN };
    let mut known = Known::default();
    let mut named = |bytes: &[u8]| {
        harmonise(&mut known, &mut vec![maker.clone(), id(bytes)], origin).0.meter.unwrap_or_default()
    };
    assert_eq!(named(&[10, 1, b'D', b'Z', b'G', 0, 0x02, 0x65, 0xBA, 0x71]), "1DZG0040221297");
    assert_eq!(named(&[6, b'D', b'Z', b'G']), "DZG-06445a47");
}

/// DIN 43863-5: the server id contains the number too, and a register takes precedence.
#[test]
fn without_a_number_in_its_list_an_sml_meter_is_named_by_its_server_id() {
    let server = |number| Some([10, 1, b'E', b'M', b'H', 0, 0, 0, 0, number]);
    let origin = Origin { protocol: Protocol::Sml, ..ORIGIN };
    let mut known = Known::default();
    let mut read = |number, registers: Vec<Register>| {
        known.is_served_by(server(number));
        let reading = harmonise(&mut known, &mut registers.clone(), origin).0;
        (reading.meter.unwrap_or_default(), reading.maker.unwrap_or_default())
    };
    let energy = || printed("1-0:1.8.0", Number::whole(7), "kWh");
    assert_eq!(read(1, vec![energy()]), ("1EMH0000000001".into(), "EMH".into()));
    assert_eq!(read(2, vec![energy()]).0, "1EMH0000000002");
    assert_eq!(read(2, vec![texted("1-0:96.1.0", "1EMH0000000003")]).0, "1EMH0000000003");
    assert_eq!(read(2, vec![energy()]).0, "1EMH0000000003");
}

/// A register that was never filled must not merge two meters into one.
#[test]
fn the_first_valid_number_names_the_meter() {
    let named = |registers: Vec<Register>| read(registers).meter;
    let zeros = || texted("1-0:0.0.0", "00000000");
    assert_eq!(named(vec![zeros()]), None);
    assert_eq!(named(vec![zeros(), texted("0-0:96.1.1", "4b38")]).as_deref(), Some("K8"));
    assert_eq!(named(vec![texted("1-1:0.0.1", "        43210987")]).as_deref(), Some("43210987"));
    let mut bus = Known::default();
    bus.meet(Some(0x4CA3), [0; 4], 2);
    let origin = Origin { protocol: Protocol::Mbus, ..ORIGIN };
    let energy = || printed("1-0:1.8.0", Number::whole(7), "kWh");
    assert_eq!(harmonise(&mut bus, &mut vec![energy()], origin).0.meter, None);
    bus.meet(Some(0x4CA3), [0x21, 0, 0, 0], 2);
    let reading = harmonise(&mut bus, &mut vec![energy()], origin).0;
    assert_eq!((reading.meter.as_deref(), reading.maker.as_deref()), (Some("SEC-00000021"), Some("SEC")));
}
