//! German electricity meters with an infrared interface (FNN Lastenheft eHZ 2.1, and Lastenheft Basiszähler for the
//! newer ones). One sends the power of each phase, one is locked, and one encodes its power in too few bytes.

use metertap_decoder::hex;
use metertap_decoder::register::Obis;

use crate::household::{Household, Supply};
use crate::noise::Topic;
use crate::register_value::{Magnitude, RegisterValue};
use crate::sml::{Beside, Dialect, HOLLEY, ListResponse, STANDARD, short, signed, unsigned};
use crate::truth::{TrueValue, Truth};

/// A meter of the older Lastenheft that sends everything it can, as an Iskra MT175 does.
pub(crate) fn open(household: &Household, millisecond: i64) -> (Vec<u8>, Truth) {
    let second = millisecond.div_euclid(1000);
    let supply = household.supply(second);
    let [_, _, n1, n2, n3, n4] = number(household, 0, 0xFF_FFFF);
    let server = [6, b'I', b'S', b'K', 1, 0x0E, n1, n2, n3, n4];
    let mut list = ListResponse::new(STANDARD, server, format!("ISK-{}", hex::lower(&server)));
    maker(&mut list, Obis([129, 129, 199, 130, 3, 255]), "ISK");
    list.server_id(Obis::new(1, 0, 0, 0, 9));
    // The status word of the older Lastenheft: bit 5 is set while energy is exported.
    let status = if exports(&supply) { 0x0101A2 } else { 0x010182 };
    for code in [[1, 8, 0], [1, 8, 1], [1, 8, 2], [2, 8, 0], [2, 8, 1], [2, 8, 2]] {
        let status = (code[2] == 0).then_some(status);
        shown(&mut list, &supply, code, status, (-4, signed));
    }
    for code in [[16, 7, 0], [36, 7, 0], [56, 7, 0], [76, 7, 0]] {
        shown(&mut list, &supply, code, None, (0, signed));
    }
    let key: Vec<u8> = (0..48)
        .map(|at| u8::try_from(household.noise().draw(Topic::Serial, at) >> 56).unwrap_or(0))
        .collect();
    let register = Obis([129, 129, 199, 130, 5, 255]);
    list.bytes(&key, TrueValue::new(register, None, hex::lower(&key)), register);
    list.file(seconds(second))
}

/// A Holley meter into which nobody has entered the PIN.
pub(crate) fn locked(household: &Household, millisecond: i64) -> (Vec<u8>, Truth) {
    let second = millisecond.div_euclid(1000);
    let supply = household.supply(second);
    let mut list = modern(HOLLEY, household, *b"HLY", 2, 0, 99_999_999);
    shown(&mut list, &supply, [1, 8, 0], Some(status(&supply)), (0, unsigned_number));
    shown(&mut list, &supply, [2, 8, 0], None, (0, unsigned_number));
    list.file(seconds(second))
}

/// An older DZG meter. A reader needs its status word to know the direction of the power.
pub(crate) fn short_power(household: &Household, millisecond: i64) -> (Vec<u8>, Truth) {
    let second = millisecond.div_euclid(1000);
    let supply = household.supply(second);
    let mut list = modern(STANDARD, household, *b"DZG", 0, 42_000_000, 48_999_999);
    shown(&mut list, &supply, [1, 8, 0], Some(status(&supply)), (-4, unsigned_number));
    shown(&mut list, &supply, [2, 8, 0], None, (-4, unsigned_number));
    shown(&mut list, &supply, [16, 7, 0], None, (-2, short));
    list.file(seconds(second))
}

/// The first entries of meters of the newer Lastenheft. Their server id is the number on the front (DIN 43863-5).
fn modern(
    dialect: Dialect,
    household: &Household,
    letters: [u8; 3],
    block: u8,
    least: i64,
    most: i64,
) -> ListResponse {
    let [_, _, n1, n2, n3, n4] = number(household, least, most);
    let [m, a, k] = letters;
    let text = String::from_utf8_lossy(&letters);
    let digits = u32::from_be_bytes([n1, n2, n3, n4]);
    let name = format!("1{text}{block:02X}{digits:08}");
    let mut list = ListResponse::new(dialect, [10, 1, m, a, k, block, n1, n2, n3, n4], name);
    maker(&mut list, Obis([1, 0, 96, 50, 1, 1]), &text);
    list.server_id(Obis::new(1, 0, 96, 1, 0));
    list
}

fn maker(list: &mut ListResponse, register: Obis, letters: &str) {
    list.bytes(letters.as_bytes(), TrueValue::new(register, None, letters), register);
}

/// Adds a register of the household. The scaler refers to the canonical unit, and `coded` encodes the number as the
/// meter does.
fn shown(
    list: &mut ListResponse,
    supply: &Supply,
    code: [u8; 3],
    status: Option<u32>,
    (scaler, coded): (i8, fn(i64) -> Vec<u8>),
) {
    let Some(shown) = RegisterValue::of(supply, code) else { return };
    let [c, d, e] = code;
    let register = Obis::new(1, 0, c, d, e);
    // The canonical unit of energy is the kilowatt hour. The meter sends watt hours.
    let (unit, kilo) = if shown.kind == Magnitude::ActiveEnergy { (30, 3) } else { (27, 0) };
    let beside = Beside { status, unit, scaler: scaler + kilo };
    list.number(register, beside, &coded(shown.digits(scaler)), shown.truth(register, scaler));
}

/// The status word of the newer Lastenheft. Bit 2: always set. Bit 8: above the minimum load. Bit 11: the phases
/// together export energy. Bits 12 to 14: each phase exports energy. Bits 18 to 20: each phase has voltage.
fn status(supply: &Supply) -> u32 {
    let phases = (0..).zip(supply.power).filter(|(_, power)| *power < 0).map(|(phase, _)| 1 << (12 + phase));
    let sum = if exports(supply) { 1 << 11 } else { 0 };
    0x1C_0104 | sum | phases.sum::<u32>()
}

fn exports(supply: &Supply) -> bool {
    supply.power.iter().sum::<i64>() < 0
}

fn unsigned_number(number: i64) -> Vec<u8> {
    unsigned(number.unsigned_abs())
}

fn number(household: &Household, least: i64, most: i64) -> [u8; 6] {
    let number = household.noise().between(Topic::Serial, 0, least, most);
    let [_, _, rest @ ..] = number.to_be_bytes();
    rest
}

/// Seconds since the meter was first switched on.
fn seconds(second: i64) -> u32 {
    u32::try_from(second - FIRST_RUN).unwrap_or_default()
}

/// 2017-07-14T02:40:00Z.
const FIRST_RUN: i64 = 1_500_000_000;
