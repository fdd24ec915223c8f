//! Meters that print their readout at the optical head. An electricity meter like EasyMeter's Q3D does so without being
//! asked. A heat meter like Siemens' 2WR5 does so on request.

use metertap_decoder::register::Obis;

use crate::clock::{CENTRAL_EUROPE, Clock};
use crate::household::Household;
use crate::noise::Topic;
use crate::readout::Readout;
use crate::register_value::RegisterValue;
use crate::truth::{TrueValue, Truth, decimal};

/// The electricity meter's readout.
pub(crate) fn push(household: &Household, millisecond: i64) -> (Vec<u8>, Truth) {
    let supply = household.supply(millisecond.div_euclid(1000));
    let serial = household.noise().between(Topic::Serial, 0, 0, 99_999_999);
    let mut readout = Readout::new("ESY5Q3DA1024 V3.03");
    readout.number("1-0:0.0.0*255", "1-0:0.0.0", &format!("1119{serial:08}"));
    readout.line_end();
    for code in [[1, 8, 0], [2, 8, 0]] {
        let Some(shown) = RegisterValue::of(&supply, code) else { continue };
        let [c, d, e] = code;
        let register = Obis::new(1, 0, c, d, e);
        let printed = format!("{register}*255({:0>16}*kWh)", decimal(shown.digits(-7), -7));
        readout.line(&printed, shown.truth(register, -7));
    }
    // The meter has its own codes for power with a sign: 21, 41, 61 and 1. The standard ones are 36, 56, 76 and 16.
    for (c, signed) in [(21, 36), (41, 56), (61, 76), (1, 16)] {
        let Some(shown) = RegisterValue::of(&supply, [signed, 7, 0]) else { continue };
        let register = Obis::new(1, 0, c, 7, 255);
        let (sign, digits) =
            if shown.digits(-2) < 0 { ("-", -shown.digits(-2)) } else { ("", shown.digits(-2)) };
        let printed = format!("{register}*255({sign}{:0>9}*W)", decimal(digits, -2));
        readout.line(&printed, shown.truth(register, -2));
    }
    readout.line("1-0:96.5.5*255(A2)", TrueValue::new("1-0:96.5.5", None, "A2"));
    let fabrication = format!("1ESY{serial:010}");
    let value = TrueValue::new("0-0:96.1.255", "meter-id", &fabrication);
    readout.line(&format!("0-0:96.1.255*255({fabrication})"), value);
    readout.pushed()
}

/// The heat meter's readout.
pub(crate) fn answer(household: &Household, millisecond: i64) -> (Vec<u8>, Truth) {
    let second = millisecond.div_euclid(1000);
    let clock = Clock::new(CENTRAL_EUROPE, second);
    let key_date = second - second.rem_euclid(YEAR);
    let serial = household.noise().between(Topic::Serial, 0, 0, 99_999_999);
    let mut readout = Readout::new("SIEC2WR5");
    energy(&mut readout, "6.8", None, household, second);
    volume(&mut readout, "6.26", None, household, second);
    readout.set("9.21(00010213)", [TrueValue::new("9.21", None, "00010213")]);
    volume(&mut readout, "6.26*01", Some(1), household, key_date);
    energy(&mut readout, "6.8*01", Some(1), household, key_date);
    readout.set("F(0)", [TrueValue::new("F", None, 0)]);
    readout.number("9.20", "9.20", &format!("{serial:08}"));
    readout.set("6.35(60*m)", [TrueValue::new("6.35", None, "60").unit("min")]);
    readout.set("6.6(0017.2*kW)", [TrueValue::new("6.6", None, "17200").unit("W")]);
    readout.line_end();
    let maximum = |celsius: &str| TrueValue::new("9.4", None, celsius).unit("°C");
    readout.set("9.4(088*C&082*C)", [maximum("88"), maximum("82")]);
    let hours = second.div_euclid(3600).rem_euclid(1_000_000);
    let value = TrueValue::new("6.31", "operating-time", hours).unit("h");
    readout.set(&format!("6.31({hours:07}*h)"), [value]);
    readout.set("6.8.1()", [TrueValue::new("6.8.1", None, "")]);
    let time = clock.rfc3339_unflagged();
    readout.set(&format!("9.36({})", clock.readout()), [TrueValue::new("9.36", "clock", &time)]);
    readout.is_at(time);
    readout.line_end();
    readout.answered()
}

fn energy(readout: &mut Readout, code: &str, storage: Option<u64>, household: &Household, second: i64) {
    let kilowatt_hours = household.gas(second) / 100;
    let value = TrueValue::new(code, "heat-energy", kilowatt_hours).unit("kWh");
    let printed = format!("{code}({:0>8}*MWh)", decimal(kilowatt_hours, -3));
    readout.set(&printed, [TrueValue { storage, ..value }]);
}

/// The volume of water that gives off this heat when it cools by some thirty kelvins: 35 Wh a litre.
fn volume(readout: &mut Readout, code: &str, storage: Option<u64>, household: &Household, second: i64) {
    let cubic_metres = decimal(household.gas(second) * 10 / 35 / 10, -2);
    let value = TrueValue::new(code, "heat-volume", &cubic_metres).unit("m3");
    readout.set(&format!("{code}({cubic_metres:0>8}*m3)"), [TrueValue { storage, ..value }]);
}

/// The distance between key dates, in seconds. The meter knows no leap years.
const YEAR: i64 = 365 * 86_400;

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-21T02:30:10+01:00.
    const NIGHT: i64 = 1_795_224_610_000;

    #[test]
    fn the_truth_is_what_is_printed() {
        let (bytes, truth) = push(&Household::new(4, 3), NIGHT);
        let text = String::from_utf8(bytes).unwrap();
        let import = &truth.values[1];
        assert!(text.contains(&format!("1-0:1.8.0*255({:0>16}*kWh)\r\n", import.value)), "{text}");
        let power = truth.values.iter().find(|value| value.register == "1-0:1.7.255").unwrap();
        assert!(text.contains(&format!("1-0:1.7.255*255({:0>9}*W)", power.value)), "{text}");

        let (bytes, truth) = answer(&Household::new(4, 3), NIGHT);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let kilowatt_hours: i64 = truth.values[0].value.parse().unwrap();
        assert!(text.contains(&format!(
            "6.8({:04}.{:03}*MWh)",
            kilowatt_hours / 1000,
            kilowatt_hours % 1000
        )));
        assert!(text.contains("9.36(2026-11-21&02:30:10)"), "{text}");
        assert_eq!(truth.time.as_deref(), Some("2026-11-21T02:30:10+01:00"));
    }
}
