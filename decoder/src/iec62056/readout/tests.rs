//! Data sets of all forms.

use super::*;
use alloc::string::{String, ToString};
use alloc::{format, vec};

fn read(data: &str, headless: bool) -> (Readout, Vec<String>) {
    let mut registers = Vec::new();
    let readout = parse(data.as_bytes(), headless, Zone::default(), &mut registers);
    let line = |register: &Register| {
        let unit =
            if let RawUnit::Printed(unit) = register.unit { format!("*{unit}") } else { String::new() };
        let time = match register.time {
            Some(RawTime::Valid(time)) => format!(" at {time}"),
            Some(RawTime::Invalid) => " at no time".into(),
            None => String::new(),
        };
        format!("{} {}{unit}{time}", register.id, register.value)
    };
    (readout, registers.iter().map(line).collect())
}

/// IEC 62056-21, 6.5: data sets with and without line ends, with one value and with several.
#[test]
fn reads_data_sets_of_every_form() {
    let data = "6.8(0029.055*MWh)6.26*01(01563.92*m3)F(0)6.8.1()9.4(088*C&082*C)\r\n\
        81.7.6(  80*Deg)\r\n31.7.0(+000.8*A)\r\n1-0:1.7.255*255(-000142.30*W)\r\n0.2.0(V01.69#EEA3546C)\r\n\
        1-0:1.8.1*07(0006334.294*kWh)\r\n9.6(000&00010213&0)\r\nP.01(1)(2)(3)\r\n(4)\r\n";
    let (readout, registers) = read(data, false);
    assert_eq!(readout, Readout::default());
    assert_eq!(
        registers,
        [
            "6.8 29.055*MWh",
            "6.26*01 1563.92*m3",
            "F 0",
            "6.8.1 ",
            "9.4 88*C",
            "9.4 82*C",
            "81.7.6 80*Deg",
            "31.7.0 0.8*A",
            "1-0:1.7.255 -142.30*W",
            "0.2.0 V01.69#EEA3546C",
            "1-0:1.8.1*7 6334.294*kWh",
            "9.6 000&00010213&0",
            "P.01 (1)(2)(3)(4)",
        ]
    );
}

#[test]
fn a_value_has_the_time_that_follows_it() {
    let (_, registers) = read("1.6.0(02.468*kW)(1703100930)2.6.0(00.000*kW)(0000000000)", false);
    let wanted = ["1.6.0 2.468*kW at 2017-03-10T09:30:00+01:00", "2.6.0 0.000*kW at no time"];
    assert_eq!(registers, wanted);
    let (_, registers) = read("1.6.0(02.468*kW)(17-03-10)(09:30)", false);
    assert_eq!(registers, wanted[..1]);
    let (_, registers) = read("1.6.0*5(2.468*kW 0170310093000)", false);
    assert_eq!(registers, ["1.6.0*5 2.468*kW at 2017-03-10T09:30:00+01:00"]);
    let (_, registers) = read("1-0:1.6.0*255(1140716101053)(1.5*kW)", false);
    assert_eq!(registers, ["1-0:1.6.0 1.5*kW at 2014-07-16T10:10:53+02:00"]);
}

/// Pafal prints units only with present values. Elster prints commas in times, and blanks.
#[test]
fn an_earlier_value_has_the_unit_of_its_register() {
    let (_, registers) =
        read("1.8.1(02288.481*kWh)1.8.1*02(02229.372)1.8.2*02(1)1.6.0( 9.48 * kW)(16-03-14,18:45)", false);
    let wanted = [
        "1.8.1 2288.481*kWh",
        "1.8.1*02 2229.372*kWh",
        "1.8.2*02 1",
        "1.6.0 9.48*kW at 2016-03-14T18:45:00+01:00",
    ];
    assert_eq!(registers, wanted);
}

#[test]
fn a_unit_without_a_star_must_be_known() {
    let (_, registers) = read("1.8.0(000123.4kWh)1.7.0(0.5 kW)0.0.0(12345678A)C.1.0(123456kx)", false);
    assert_eq!(registers, ["1.8.0 123.4*kWh", "1.7.0 0.5*kW", "0.0.0 12345678A", "C.1.0 123456kx"]);
    assert_eq!(read("1.8.0(000123,4*kWh)13.7.0(1.00*)", false).1, ["1.8.0 123.4*kWh", "13.7.0 1.00"]);
}

/// As a Landis+Gyr ZMD prints them: digits beside a text are neither a number nor a moment.
#[test]
fn digits_beside_a_text_stay_as_sent() {
    let (_, registers) =
        read("C.1.0(1603141845)(EVU)C.2.1(0004711081)(     )C.2.2(000000000000)(          )", false);
    assert_eq!(
        registers,
        ["C.1.0 (1603141845)(EVU)", "C.2.1 (0004711081)(     )", "C.2.2 (000000000000)(          )"]
    );
}

/// As Iskra, Siemens (electricity) and Siemens (heat) print it. In the last one, the digit 2 before the date means UTC.
#[test]
fn date_and_time_of_day_are_the_clock() {
    for (data, time) in [
        ("1-0:0.9.1*255(201455)\r\n1-0:0.9.2*255(0170318)\r\n", "2017-03-18T20:14:55+01:00"),
        ("0.9.1(21:10:29)0.9.2(24-03-21)", "2024-03-21T21:10:29+01:00"),
        ("9.36(2017-07-18&01:36:47)", "2017-07-18T01:36:47+02:00"),
        ("0.9.4(2240321211029)", "2024-03-21T21:10:29+00:00"),
    ] {
        let time = Some(RawTime::Valid(time.parse().unwrap()));
        assert_eq!(read(data, false).0.time, time, "{data}");
    }
    assert_eq!(read("0.9.1(211029)", false).0.time, None);
}

#[test]
fn the_first_data_set_of_a_headless_readout_may_be_cut() {
    let data = "1.7.0*255(000747.85*W)\r\n1-0:41.7.0*255(000737.28*W)\r\n";
    let (readout, registers) = read(data, true);
    assert_eq!(
        (readout.faults, registers),
        (vec![ParseError::Line], vec!["1-0:41.7.0 737.28*W".to_string()])
    );
    assert_eq!(read(data, false).1.len(), 2);
    assert_eq!(read("0.0.0(1)\r\n1.8.0(2*kWh)\r\n", true).1.len(), 2);
    // It may be the rest of 21.8.0.
    assert_eq!(read("1.8.0(1*kWh)\r\n2.8.0(2*kWh)\r\n", true).1, ["2.8.0 2*kWh"]);
    assert_eq!(read("1.8.0(1*kWh)\r\n", true).1.len(), 0);
    assert_eq!(read("F.F(00)\r\n1.8.0(2*kWh)\r\n", true).1.len(), 2);
    assert_eq!(read("1-0:1.8.0(1*kWh)\r\n1-0:2.8.0(2*kWh)\r\n", true).1.len(), 2);
}

#[test]
fn an_invalid_data_set_does_not_affect_the_others() {
    let (readout, registers) = read("\u{6}050\r\nrubbish\r\n1.8.0(2*kWh)\r\n2.8.0(3*kWh", false);
    assert_eq!((readout.faults, registers), (vec![ParseError::Line; 2], vec!["1.8.0 2*kWh".to_string()]));
    assert_eq!(read("(ERROR)", false).0.faults, [ParseError::Refused(0)]);
}
