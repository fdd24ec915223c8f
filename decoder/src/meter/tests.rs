//! Look-ups in the tables.

use super::*;

#[test]
fn codes_mean_what_iec_62056_61_says() {
    let of = |code: &str| meaning(code.parse().unwrap());
    let energy = of("1-0:1.8.2").unwrap();
    assert!(matches!(energy.meaning, Meaning::Quantity(Quantity::ActiveEnergyImport)));
    assert_eq!((energy.tariff, energy.channel, energy.phase), (Some(2), None, None));
    assert_eq!(of("1-0:52.7.0").unwrap().phase, Some(Phase::L2));
    assert_eq!(of("0-3:96.1.0").unwrap().channel, Some(3));
    assert_eq!(of("0-0:96.1.0").unwrap().channel, None);
    assert!(of("1-0:99.97.0").is_none());
    // Tariffs have the numbers 1 to 63; larger numbers belong to the maker.
    assert!(of("1-0:1.8.63").is_some() && of("1-0:1.8.64").is_none() && of("1-0:1.8.128").is_none());
}

#[test]
fn every_row_of_every_meter_has_a_meaning_and_a_unit() {
    for meter in METERS {
        let places = meter.lists.iter().flat_map(|list| list.places);
        let rows = places.filter_map(|place| place.scale.as_ref()).chain(meter.scale);
        for row in rows {
            assert!(meaning(row.obis).is_some(), "{}: registers/obis.toml has no {}", meter.name, row.obis);
            let known = row.unit.is_empty() || UNITS.iter().any(|(printed, _)| *printed == row.unit);
            assert!(known, "{}: registers/unit.toml has no {}", meter.name, row.unit);
        }
        assert!(
            meter.line.parse::<crate::line::Line>().is_ok(),
            "{}: `line` is not a line setting",
            meter.name
        );
    }
}

#[test]
fn the_case_of_a_prefix_matters_in_mixed_case() {
    let of = |text| unit(&RawUnit::printed(text));
    for (text, shift) in
        [("kWh", 0), ("KWH", 0), ("Kwh", 0), ("MWH", 3), ("mwh", 3), ("mWh", -6), ("mWH", -6)]
    {
        assert_eq!(of(text), Some((Unit::KilowattHour, shift)), "{text}");
    }
    assert_eq!((of("KVARH"), of("kVArh")), (Some((Unit::KilovarHour, 0)), Some((Unit::KilovarHour, 0))));
    assert_eq!((of("GV"), of("MV"), of("mV")), (None, Some((Unit::Volt, 6)), Some((Unit::Volt, -3))));
}

/// For years, a test in a firmware project accepted this value.
#[test]
fn no_home_has_2322_volts() {
    let bounds = plausible(Quantity::Voltage, Unit::Volt).unwrap();
    let volts = |mantissa, scaler| bounds.hold(Number::new(mantissa, scaler));
    assert!(volts(2322, -1) && volts(400, 0) && volts(0, 0));
    assert!(!volts(2322, 0) && !volts(-1, -3) && !volts(1, 40));
    assert!(plausible(Quantity::GasVolume, Unit::CubicMetre).is_none());
}

#[test]
fn transformer_models_are_distinguished() {
    let name =
        |version: &str, model| Meter::of_list(&Value::Text(version.into()), model).map(|meter| meter.name);
    assert_eq!(name("Kamstrup_V0001", "6841121BN2"), Some("kamstrup-omnipower"));
    assert_eq!(name("Kamstrup_V0001", "6851121BN2"), Some("kamstrup-omnipower-ct"));
    assert_eq!(name("KFM_001", ""), Some("kaifa-ma304h3e"));
    assert_eq!(name("nobody", ""), None);
}

/// A heat meter's battery must last for years, and a water meter's for its whole life.
#[test]
fn battery_meters_are_polled_at_intervals_of_minutes() {
    for stack in [Stack::Kmp, Stack::Mbus, Stack::Iec62056] {
        assert!(usual_schedule(stack).every >= 300, "{stack:?}");
    }
}
