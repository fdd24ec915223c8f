//! Data lines as meters print them.

use super::*;
use alloc::string::{String, ToString};

fn one(line: &str) -> Register {
    let telegram = alloc::format!("/MTP5TEST\r\n\r\n{line}\r\n!");
    let mut registers = Vec::new();
    let parsed = parse(telegram.as_bytes(), Zone::default(), &mut Codes::default(), &mut registers);
    assert_eq!((parsed.identification, parsed.faults.as_slice()), ("MTP5TEST", &[][..]));
    assert_eq!(registers.len(), 1);
    registers.remove(0)
}

fn moment(register: &Register) -> String {
    match register.time {
        Some(RawTime::Valid(time)) => time.to_string(),
        other => alloc::format!("{other:?}"),
    }
}

/// The line forms of DSMR 5.0.2, 6.12.
#[test]
fn reads_numbers_with_units_and_time_stamps() {
    let power = one("1-0:1.7.0(01.193*kW)");
    assert_eq!(power.value, Value::Number(Number::new(1193, -3)));
    assert_eq!(power.unit, RawUnit::printed("kW"));
    let gas = one("0-1:24.2.1(101209112500W)(12785.123*m3)");
    assert_eq!(gas.value, Value::Number(Number::new(12_785_123, -3)));
    assert_eq!(moment(&gas), "2010-12-09T11:25:00+01:00");
    let clock = one("0-0:1.0.0(101209113020S)");
    assert_eq!(moment(&clock), "2010-12-09T11:30:20+02:00");
}

/// Values that equal those of the last telegram, values that changed, and values that share a part.
#[test]
fn the_result_does_not_depend_on_the_previous_telegram() {
    let lines = [
        ["0-0:1.0.0(101209113020W)", "0-0:1.0.0(101209113030W)", "0-0:1.0.0(101209113030W)"],
        ["1-0:0.9.1(113020)", "1-0:0.9.1(113030)", "1-0:0.9.1(113030)"],
        ["0-0:96.1.1(4B384547)", "0-0:96.1.1(4B384547)", "0-0:96.1.1(4B38454748)"],
        ["0-0:96.13.0()", "0-0:96.13.0()", "0-0:96.13.1()"],
        ["1-0:1.7.0(01.193*kW)", "1-0:1.7.0(01.193)", "1-0:1.7.0(01.193*kW)"],
        ["1-0:99.97.0(0)(0-0:96.7.19)", "1-0:99.97.0(0)(0-0:96.7.19)", "1-0:99.97.0(0)\r\n(0-0:96.7.19)"],
        ["0-1:24.2.1(101209112500W)(12785.123*m3)", "0-1:24.2.1(101209112500W)(12785.124*m3)", "nothing"],
        ["0-1:96.1.0(00)", "0-1:96.1.0(00)\r\n(01)", "0-1:96.1.0(00)"],
        ["0-2:96.1.0(00)", "0-2:96.1.0(00)(01)", "0-2:96.1.0(00)x"],
    ];
    let read = |telegram: usize, codes: &mut Codes| {
        let lines = lines.map(|line| line[telegram]).join("\r\n");
        let text = alloc::format!("/MTP5TEST\r\n\r\n{lines}\r\n!");
        let mut registers = Vec::new();
        let Telegram { time, faults, .. } = parse(text.as_bytes(), Zone::default(), codes, &mut registers);
        (registers, time, faults)
    };
    let mut codes = Codes::default();
    for telegram in [0, 0, 1, 1, 2, 2, 0, 2, 1, 0] {
        assert_eq!(read(telegram, &mut codes), read(telegram, &mut Codes::default()), "{telegram}");
    }
}

/// The gas line of DSMR 2.2 and 3.
#[test]
fn joins_a_value_on_the_next_line() {
    let gas = one("0-1:24.3.0(090212160000)(00)(60)(1)(0-1:24.2.1)(m3)\r\n(00123.456)");
    assert_eq!(gas.value, Value::Number(Number::new(123_456, -3)));
    assert_eq!(gas.unit, RawUnit::printed("m3"));
    assert_eq!(moment(&gas), "2009-02-12T16:00:00+01:00");
}

#[test]
fn keeps_multiple_values_as_sent() {
    let log = one("1-0:99.97.0(1)(0-0:96.7.19)(101208152415W)(0000000240*s)");
    assert_eq!(log.value, Value::Text("(1)(0-0:96.7.19)(101208152415W)(0000000240*s)".into()));
    assert_eq!(one("0-0:96.13.0()").value, Value::Text("".into()));
    assert_eq!(one("0-0:96.1.1(4B384547)").value, Value::Text("4b384547".into()));
}

/// e-MUCS P1 1.7 with the values of its example. Hungary's line with this code has another layout.
#[test]
fn monthly_peaks_are_registers_of_past_periods() {
    let peaks = "0-0:98.1.0(2)(1-0:1.6.0)(1-0:1.6.0)(200501000000S)(200423192538S)(03.695*kW)\
                 (200401000000S)(200305122139S)(05.980*kW)";
    let read = |line: &str| {
        let mut registers = Vec::new();
        parse(
            alloc::format!("/MTP5TEST\r\n\r\n{line}\r\n!").as_bytes(),
            Zone::default(),
            &mut Codes::default(),
            &mut registers,
        );
        registers
    };
    let registers = read(peaks);
    assert_eq!(registers.len(), 3);
    assert_eq!(registers[0].value.to_string(), peaks.strip_prefix("0-0:98.1.0").unwrap());
    assert_eq!(
        (registers[1].id.to_string(), registers[1].value.to_string()),
        ("1-0:1.6.0*1".into(), "3.695".into())
    );
    assert_eq!(moment(&registers[2]), "2020-03-05T12:21:39+02:00");
    assert_eq!(read("0-0:98.1.0(230701000000S)(000040.777*kWh)(000008.950*kWh)(3.5*kW)").len(), 1);
    // As meters send them, with the oldest first; and with an end that cannot be read.
    let oldest_first = peaks.replace("200501000000S", "200301000000S");
    let first = |line: &str| read(line)[1].id.to_string();
    assert_eq!((first(peaks).as_str(), first(&oldest_first).as_str()), ("1-0:1.6.0*1", "1-0:1.6.0*2"));
    assert_eq!(first(&oldest_first.replace("200401000000S", "")), "1-0:1.6.0*1");
}

/// NES, in Denmark; Iskra's M551T in Slovenia; Iskra's IE.5 in Belgium.
#[test]
fn a_time_has_several_notations_and_places() {
    let clock = one("0-0:1.0.0(20240111 09:35:00)");
    assert_eq!(moment(&clock), "2024-01-11T09:35:00+01:00");
    let peak = one("1-0:1.6.0(08.796*kW)(260102010000)");
    assert_eq!(
        (peak.value.to_string().as_str(), moment(&peak).as_str()),
        ("8.796", "2026-01-02T01:00:00+01:00")
    );
    let telegram = b"/ISK9\\2M551T-200\r\n\r\n1-0:0.9.1(222553)\r\n1-0:0.9.2(251002)\r\n!";
    let time = parse(telegram, Zone::default(), &mut Codes::default(), &mut Vec::new()).time;
    assert_eq!(time, Some(RawTime::Valid("2025-10-02T22:25:53+02:00".parse().unwrap())));
}

#[test]
fn a_unit_may_have_blanks_around_it() {
    for line in ["1-0:14.7.0(0000.049*kHz )", "1-0:14.7.0(0000.049 *kHz)", "1-0:14.7.0(0000.049* kHz)"] {
        let frequency = one(line);
        assert_eq!(
            (frequency.value.to_string().as_str(), frequency.unit),
            ("0.049", RawUnit::printed("kHz"))
        );
    }
    assert_eq!(one("0-0:96.1.9(123X)").value, Value::Text("123X".into()));
}

#[test]
fn signs_commas_and_lone_stars_lose_no_number() {
    let of = |line: &str| {
        let register = one(line);
        (register.value.to_string(), register.unit)
    };
    assert_eq!(of("1-0:31.7.0(+002.3*A)"), ("2.3".into(), RawUnit::printed("A")));
    assert_eq!(of("1-0:32.7.0(231,5*V)"), ("231.5".into(), RawUnit::printed("V")));
    assert_eq!(of("1-0:13.7.0(1.00*)"), ("1.00".into(), RawUnit::None));
    let peak = one("1-0:1.6.0(1.124*kW 250625171500)");
    let moment = peak.time.and_then(RawTime::valid).unwrap().to_string();
    assert_eq!((peak.value.to_string().as_str(), moment.as_str()), ("1.124", "2025-06-25T17:15:00+02:00"));
    // Digits with a letter are a name.
    assert_eq!(of("0-0:96.1.1(12345678A)"), ("12345678A".into(), RawUnit::None));
}

/// A Belgian meter whose gas meter was never linked sends both of these.
#[test]
fn reads_a_unit_without_its_star_and_marks_an_impossible_moment() {
    let energy = one("1-0:1.8.1(000123.456kWh)");
    assert_eq!(energy.unit, RawUnit::printed("kWh"));
    let current = one("1-0:31.7.0(005A)");
    assert_eq!((current.value.to_string().as_str(), current.unit), ("5", RawUnit::printed("A")));
    let text = one("0-0:96.1.1(45303034333030353937383531314B)");
    assert_eq!(text.value.to_string(), "45303034333030353937383531314b", "the hex digits of E0043005978511K");
    let gas = one("0-1:24.2.3(632525252525W)(00000.000)");
    assert_eq!(gas.time, Some(RawTime::Invalid));
}

#[test]
fn an_invalid_line_does_not_affect_the_others() {
    let text = b"/MTP5TEST\r\n\r\n1-0:1.7.0(01.193*kW)\r\nrubbish\r\n1-0:2.7.0(00.000*kW)\r\n!";
    let mut registers = Vec::new();
    let parsed = parse(text, Zone::default(), &mut Codes::default(), &mut registers);
    assert_eq!((registers.len(), parsed.faults), (2, Vec::from([ParseError::Line])));
}
