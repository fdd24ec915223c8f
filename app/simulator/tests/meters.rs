//! Properties of every simulated meter, tested through the public interface.

use metertap_decoder::crc::{crc16_arc, crc16_kermit, crc16_x25, crc16_xmodem};
use metertap_decoder::line::Line;
use metertap_decoder::reading::{Protocol, Quantity, Unit};
use metertap_simulator::{Meter, Model, Telegram, TrueValue};

/// 2026-11-21T02:59:50+01:00, ten seconds before a full hour.
const START: i64 = 1_795_226_390;

fn telegrams(model: Model, seconds: u64) -> impl Iterator<Item = Telegram> {
    Meter::new(model, 1, START).take_while(move |telegram| telegram.due < seconds * 1000)
}

fn number(telegram: &Telegram, register: &str) -> Option<i64> {
    let TrueValue { value, .. } = telegram.truth.values.iter().find(|value| value.register == register)?;
    value.replace('.', "").parse().ok()
}

#[test]
fn names_are_in_kebab_case_and_find_their_model() {
    for &model in Model::ALL {
        assert_eq!(Model::named(model.name()), Some(model));
        let kebab =
            |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || "-.".contains(letter);
        assert!(model.name().chars().all(kebab), "{}", model.name());
    }
    assert_eq!(Model::named("no-such-meter"), None);
}

#[test]
fn every_frame_and_telegram_has_a_valid_checksum() {
    for &model in Model::ALL {
        for Telegram { bytes, .. } in telegrams(model, 60) {
            match model.protocol() {
                Protocol::DlmsHdlc => {
                    let mut rest = &bytes[..];
                    while let [0x7E, high, low, ..] = *rest {
                        let length = usize::from(u16::from_be_bytes([high, low]) & 0x7FF);
                        let (frame, check) = rest[1..=length].split_at(length - 2);
                        assert_eq!(crc16_x25(frame).to_le_bytes(), check, "{model:?}");
                        let header = if model == Model::Kamstrup6841121 { 6 } else { 7 };
                        let check = crc16_x25(&rest[1..header]).to_le_bytes();
                        assert_eq!(rest[header..header + 2], check, "{model:?}");
                        if rest.len() == bytes.len() {
                            assert_eq!(rest[header + 2..header + 5], [0xE6, 0xE7, 0x00], "{model:?}");
                        }
                        assert_eq!(rest[length + 1], 0x7E, "{model:?}");
                        rest = &rest[length + 2..];
                    }
                    assert!(rest.is_empty(), "{model:?}: {bytes:02X?}");
                }
                Protocol::DlmsRaw => assert_eq!(bytes[..2], [0x0F, 0x80], "{model:?}"),
                Protocol::Kmp => {
                    let [0x40, inside @ .., 0x0D] = &bytes[..] else { panic!("{model:?}: {bytes:02X?}") };
                    let mut body = Vec::new();
                    let mut inside = inside.iter();
                    while let Some(byte) = inside.next() {
                        body.push(if *byte == 0x1B { !inside.next().unwrap() } else { *byte });
                    }
                    assert_eq!(crc16_xmodem(&body), 0, "{model:?}");
                }
                Protocol::Iec62056 => {
                    let text = String::from_utf8(bytes).unwrap();
                    let Some((_, block)) = text.split_once('\u{2}') else {
                        assert!(text.ends_with("\r\n!\r\n"), "{model:?}");
                        continue;
                    };
                    assert_eq!(block.bytes().fold(0, |check, byte| check ^ byte), 0, "{model:?}");
                }
                Protocol::Sml => {
                    let (file, check) = bytes.split_at(bytes.len() - 2);
                    let holley = model == Model::HolleyDtz541Locked;
                    let (standard, kermit) =
                        (crc16_x25(file).to_le_bytes(), crc16_kermit(file).to_be_bytes());
                    assert_eq!(check, if holley { kermit } else { standard }, "{model:?}");
                    assert_eq!(bytes.len() % 4, 0, "{model:?}");
                }
                Protocol::Mbus | Protocol::DlmsMbus => {
                    let mut rest = &bytes[..];
                    while let [0x68, length, again, 0x68, ref behind @ ..] = *rest {
                        let (body, end) = behind.split_at(length.into());
                        let sum = body.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
                        assert_eq!((again, end[0], end[1]), (length, sum, 0x16), "{model:?}");
                        rest = &end[2..];
                    }
                    assert!(rest.is_empty(), "{model:?}: {bytes:02X?}");
                }
                Protocol::P1Encrypted => {
                    assert_eq!(bytes[..3], [0xDB, 8, b'M'], "{model:?}");
                    let length = u16::from_be_bytes([bytes[11], bytes[12]]);
                    assert_eq!((bytes[10], usize::from(length)), (0x82, bytes.len() - 13), "{model:?}");
                }
                Protocol::TicHistoric | Protocol::TicStandard => {
                    assert!(bytes.iter().all(|byte| byte.count_ones() % 2 == 0), "{model:?}");
                    let text: String = bytes.iter().map(|byte| char::from(byte & 0x7F)).collect();
                    let inside = text.strip_prefix('\u{2}').and_then(|text| text.strip_suffix('\u{3}'));
                    for group in inside.unwrap().split_terminator('\r') {
                        let fields = group.strip_prefix('\n').unwrap();
                        let (summed, check) = fields.split_at(fields.len() - 1);
                        let summed = summed.strip_suffix(' ').unwrap_or(summed);
                        let sum: u32 = summed.bytes().map(u32::from).sum();
                        assert_eq!(
                            check,
                            char::from_u32((sum & 0x3F) + 0x20).unwrap().to_string(),
                            "{model:?}"
                        );
                    }
                }
                _ => {
                    let text = String::from_utf8(bytes).unwrap();
                    let (body, end) = text.split_at(text.find('!').unwrap() + 1);
                    let crc = format!("{:04X}\r\n", crc16_arc(body.as_bytes()));
                    assert_eq!(end, if model == Model::Dsmr2 { "\r\n" } else { &crc }, "{model:?}");
                }
            }
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_gives_different_bytes() {
    for &model in Model::ALL {
        let run = |seed| Meter::new(model, seed, START).take(20).collect::<Vec<_>>();
        assert_eq!(run(7), run(7));
        assert_ne!(run(7), run(8));
    }
}

#[test]
fn a_meter_that_starts_later_sends_the_same_values() {
    for &model in Model::ALL {
        let earlier: Vec<Telegram> =
            telegrams(model, 1300).filter(|telegram| telegram.due >= 1_200_000).collect();
        let later: Vec<Telegram> = Meter::new(model, 1, START + 1200).take(earlier.len()).collect();
        for (earlier, later) in earlier.iter().zip(&later) {
            assert_eq!(earlier.due, later.due + 1_200_000);
            assert_eq!(earlier.bytes, later.bytes);
            assert_eq!(earlier.truth.values, later.truth.values);
        }
        assert!(!later.is_empty());
    }
}

#[test]
fn counters_never_fall_over_the_years() {
    for &model in Model::ALL {
        let mut last: Vec<TrueValue> = Vec::new();
        for years in (0..20).step_by(4) {
            let start = START - 3 * 31_557_600 + years * 31_557_600;
            let first = Meter::new(model, 3, start - start.rem_euclid(3600)).take(8);
            let counters: Vec<TrueValue> = first
                .flat_map(|telegram| telegram.truth.values)
                .filter(|value| match value.unit {
                    Some(unit) => matches!(unit, "kWh" | "kvarh" | "m3"),
                    None => value.quantity.is_some_and(|quantity| quantity.contains("-energy-")),
                })
                .collect();
            assert!(!counters.is_empty(), "{model:?}");
            for (before, after) in last.iter().zip(&counters) {
                let digits = |value: &TrueValue| value.value.replace('.', "").parse::<i64>().unwrap();
                assert_eq!(before.register, after.register);
                assert!(digits(before) <= digits(after), "{model:?}: {before:?} {after:?}");
            }
            last = counters;
        }
    }
}

#[test]
fn norwegian_lists_come_when_they_are_due() {
    let pace = |model| -> Vec<(u64, usize)> {
        telegrams(model, 21).map(|telegram| (telegram.due, telegram.truth.values.len())).collect()
    };
    let kaifa = [
        (0, 13),
        (2000, 1),
        (4000, 1),
        (6000, 1),
        (8000, 1),
        (10_000, 13),
        (12_000, 1),
        (14_000, 1),
        (16_000, 1),
        (18_000, 1),
        (20_000, 18),
    ];
    assert_eq!(pace(Model::KaifaMa304h3e), kaifa);
    let aidon = [
        (0, 12),
        (2500, 1),
        (5000, 1),
        (7500, 1),
        (10_000, 17),
        (12_500, 1),
        (15_000, 1),
        (17_500, 1),
        (20_000, 12),
    ];
    assert_eq!(pace(Model::Aidon6525), aidon);
    assert_eq!(pace(Model::Kamstrup6841121), [(0, 13), (10_000, 13), (15_000, 18), (20_000, 13)]);
    // The meter keeps to its own clock, no matter when listening starts.
    let dues: Vec<u64> =
        Meter::new(Model::KaifaMa304h3e, 1, START + 3).take(3).map(|telegram| telegram.due).collect();
    assert_eq!(dues, [1000, 3000, 5000]);
}

#[test]
fn every_telegram_ends_before_the_next_one_is_due() {
    for &model in Model::ALL {
        let all: Vec<Telegram> = telegrams(model, 120).collect();
        let Line { baud, .. } = model.line();
        for pair in all.windows(2) {
            let bytes = u64::try_from(pair[0].bytes.len()).unwrap();
            let milliseconds = bytes * u64::from(model.line().bits_per_byte()) * 1000 / u64::from(baud);
            assert!(pair[0].due + milliseconds < pair[1].due, "{model:?}: {bytes} bytes");
        }
    }
}

/// An hour of the morning, in which a house both imports and exports.
#[test]
fn the_power_shown_adds_up_to_the_counters() {
    for model in [Model::Dsmr5, Model::Dsmr5SinglePhase] {
        let hour: Vec<Telegram> = Meter::new(model, 1, START + 5 * 3600).take(3601).collect();
        let [seconds @ .., end] = &hour[..] else { panic!("no telegrams") };
        for (power, counters) in
            [("1-0:1.7.0", ["1-0:1.8.1", "1-0:1.8.2"]), ("1-0:2.7.0", ["1-0:2.8.1", "1-0:2.8.2"])]
        {
            let total = |telegram: &Telegram| -> i64 {
                counters.iter().filter_map(|register| number(telegram, register)).sum()
            };
            let watt_seconds: i64 = seconds.iter().filter_map(|telegram| number(telegram, power)).sum();
            let counted = total(end) - total(&seconds[0]);
            assert!(watt_seconds > 0, "{model:?}: {power} stays at zero for an hour");
            // Two counters, each cut to whole watt-hours at both ends.
            assert!((watt_seconds / 3600 - counted).abs() <= 2, "{model:?}: {watt_seconds} {counted}");
        }
    }
}

#[test]
fn a_meter_has_an_identification_only_after_sending_it() {
    let meters: Vec<Option<String>> =
        Meter::new(Model::KaifaMa304h3e, 1, START + 2).take(6).map(|telegram| telegram.truth.meter).collect();
    assert_eq!(meters[..4], [None, None, None, None]);
    assert!(meters[4].as_deref().is_some_and(|meter| meter.starts_with("KFM-6970000") && meter.len() == 20));
    assert_eq!(meters[4], meters[5]);
    let nameless = |model| telegrams(model, 60).all(|telegram| telegram.truth.meter.is_none());
    for &model in Model::ALL {
        assert_eq!(nameless(model), matches!(model, Model::AidonSweden | Model::SwedishP1), "{model:?}");
    }
}

/// 2026-10-25: 00:59:50 UTC is 02:59:50 in summer time, and ten seconds later it is two o'clock again.
#[test]
fn clocks_go_back_in_autumn() {
    let times = |model| -> Vec<String> {
        let meter = Meter::new(model, 1, 1_792_889_990);
        meter.filter_map(|telegram| telegram.truth.time).take(3).collect()
    };
    assert_eq!(times(Model::Dsmr4)[..2], ["2026-10-25T02:59:50+02:00", "2026-10-25T02:00:00+01:00"]);
    assert_eq!(times(Model::AidonSweden)[1], "2026-10-25T02:00:00+01:00");
    let dsmr: Vec<String> = Meter::new(Model::Dsmr4, 1, 1_792_889_990)
        .take(2)
        .map(|telegram| String::from_utf8(telegram.bytes).unwrap())
        .collect();
    assert!(dsmr[0].contains("0-0:1.0.0(261025025950S)") && dsmr[1].contains("0-0:1.0.0(261025020000W)"));
}

#[test]
fn the_truth_uses_the_quantities_and_units_of_readings() {
    for &model in Model::ALL {
        for value in telegrams(model, 30).flat_map(|telegram| telegram.truth.values) {
            let Some(quantity) = value.quantity else { continue };
            // The telegrams of these meters state no unit, and no table does either.
            if value.unit.is_none() && matches!(model, Model::LandisGyrE450 | Model::SagemcomXt211) {
                continue;
            }
            let quantity: Quantity = quantity.parse().unwrap_or_else(|_| panic!("{value:?}"));
            // The threshold of a fuse is a current. That of a limiter is a power, and in France an apparent power.
            let unit = match (quantity, value.phase, model.protocol()) {
                (Quantity::LimiterThreshold, Some(_), _) => Some("A"),
                (Quantity::LimiterThreshold, None, Protocol::TicHistoric | Protocol::TicStandard) => {
                    Some("VA")
                }
                _ => quantity.unit().map(Unit::as_str),
            };
            assert_eq!(unit, value.unit, "{value:?}");
        }
    }
}

#[test]
fn long_lists_are_segmented_on_request() {
    let whole = Meter::new(Model::AidonSweden, 1, START).next().unwrap();
    let parts = Meter::new(Model::AidonSweden, 1, START).segmented(128).next().unwrap();
    assert_eq!(whole.truth, parts.truth);
    let frames = 5;
    let overhead = 12;
    assert_eq!(parts.bytes.len(), whole.bytes.len() + (frames - 1) * overhead);
    assert!(whole.bytes.len() - overhead <= frames * 128);
}

/// The sizes of captured telegrams of such meters, give or take a quarter.
#[test]
fn telegrams_are_as_long_as_real_ones() {
    for (model, bytes) in [
        (Model::KaifaMa304h3e, 123),
        (Model::Aidon6525, 270),
        (Model::AidonSweden, 581),
        (Model::Kamstrup6841121, 228),
        (Model::Dsmr5, 890),
        (Model::Dsmr4, 900),
        (Model::Dsmr2, 560),
        (Model::Emucs17, 1100),
        (Model::SwedishP1, 770),
        (Model::IskraMt175, 460),
        (Model::HolleyDtz541Locked, 212),
        (Model::DzgDvs74, 256),
        (Model::EasyMeterQ3d, 306),
        (Model::UltraheatT550, 160),
        (Model::CybleWater, 92),
    ] {
        let length = Meter::new(model, 1, START).next().unwrap().bytes.len();
        assert!((bytes * 3 / 4..bytes * 5 / 4).contains(&length), "{model:?}: {length}");
    }
}
