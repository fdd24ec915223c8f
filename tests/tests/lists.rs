//! Lists without register names are recognised if everything that can be checked is right, and otherwise not at all.

use metertap_decoder::reading::{Quantity, Reading};
use metertap_decoder::session::Setup;
use metertap_decoder::stack::Stack;
use metertap_tests::push::{Datum, date_time, push};
use metertap_tests::{decode, readings};

fn read(values: &[Datum]) -> Reading {
    let setup = Setup { stack: Stack::HdlcDlms, ..Setup::default() };
    let outputs = decode(&setup, &push(40_000, values));
    (*readings(&outputs).first().expect("a reading")).clone()
}

fn shown(reading: &Reading) -> Vec<String> {
    let told = reading
        .values
        .iter()
        .filter(|value| value.quantity.is_some_and(|quantity| quantity.unit().is_some()));
    told.map(|value| {
        format!("{} {} {}", value.register, value.value, value.unit.map_or("-", |unit| unit.as_str()))
    })
    .collect()
}

/// Whether no value of the reading has a quantity.
fn is_unknown(reading: &Reading) -> bool {
    reading.values.iter().all(|value| value.quantity.is_none() && value.unit.is_none())
}

fn number(value: u32) -> Datum {
    Datum::U32(value)
}

fn text(value: &str) -> Datum {
    Datum::text(value)
}

/// Elektro Ljubljana's list of 2024 (amsreader, issues 869 and 956), with other numbers.
fn of_twelve() -> Vec<Datum> {
    let mut list = vec![text("ISK1030711111111"), text("UP_3f")];
    list.extend([2298, 2311, 2304, 210, 35, 702].map(Datum::U16));
    list.extend([2120, 0, 0, 190].map(number));
    list
}

fn of_nine() -> Vec<Datum> {
    let mut list = vec![text("ISK1030711111111")];
    list.extend([810, 0, 9_000_300, 4_000_100, 5_000_200, 70, 30, 40].map(number));
    list
}

fn of_wien() -> Vec<Datum> {
    let mut list = vec![Datum::Octets(date_time(40_000))];
    list.extend([1_000_000, 2000, 3000, 4000, 500, 0, 20, 0].map(number));
    list
}

#[test]
fn a_list_is_recognised_by_its_types_and_sums() {
    let wanted = [
        "1-0:32.7.0 229.8 V",
        "1-0:52.7.0 231.1 V",
        "1-0:72.7.0 230.4 V",
        "1-0:31.7.0 2.10 A",
        "1-0:51.7.0 0.35 A",
        "1-0:71.7.0 7.02 A",
        "1-0:1.7.0 2120 W",
        "1-0:2.7.0 0 W",
        "1-0:3.7.0 0 var",
        "1-0:4.7.0 190 var",
    ];
    assert_eq!(shown(&read(&of_twelve())), wanted);
    let wanted = [
        "1-0:1.7.0 810 W",
        "1-0:2.7.0 0 W",
        "1-0:1.8.0 9000.300 kWh",
        "1-0:1.8.1 4000.100 kWh",
        "1-0:1.8.2 5000.200 kWh",
        "1-0:2.8.0 0.070 kWh",
        "1-0:2.8.1 0.030 kWh",
        "1-0:2.8.2 0.040 kWh",
    ];
    assert_eq!(shown(&read(&of_nine())), wanted);
    assert_eq!(read(&of_nine()).meter.as_deref(), Some("ISK1030711111111"));
    assert_eq!(shown(&read(&of_wien()))[0], "1-0:1.8.0 1000.000 kWh");
    // Netz Burgenland's list, with the numbers of a published log (Tasmota, issue 23027).
    let mut burgenland = [228, 226, 230, 781, 1482, 643].map(Datum::U16).to_vec();
    burgenland.extend([5432, 0, 40_091_000, 0].map(number));
    burgenland.push(text("30000000"));
    let reading = read(&burgenland);
    assert_eq!(
        shown(&reading)[3..7],
        ["1-0:31.7.0 7.81 A", "1-0:51.7.0 14.82 A", "1-0:71.7.0 6.43 A", "1-0:1.7.0 5432 W"]
    );
    assert_eq!(reading.meter.as_deref(), Some("LGZ-30000000"));
}

#[test]
fn unknown_elements_of_a_list_stay_as_sent() {
    let mut list =
        vec![text("ISK1020711111111"), text("ISK11111111"), number(640), number(0), number(0), number(7)];
    list.extend([Datum::U16(2311), number(0), number(0)]);
    let reading = read(&list);
    assert_eq!(shown(&reading), ["1-0:1.7.0 640 W", "1-0:32.7.0 231.1 V"]);
    assert_eq!(
        (reading.values[5].register.to_string(), reading.values[5].value.to_string()),
        ("list:6".into(), "7".into())
    );
}

#[test]
fn a_list_is_not_recognised_by_its_number_of_elements_alone() {
    let with = |list: Vec<Datum>, at: usize, datum: Datum| {
        let mut list = list;
        list[at] = datum;
        list
    };
    for (what, list) in [
        ("another width", with(of_twelve(), 2, number(2298))),
        ("a sign", with(of_twelve(), 8, Datum::I32(2120))),
        ("another maker", with(of_twelve(), 0, text("LGZ1030711111111"))),
        ("a voltage that no grid has", with(of_twelve(), 3, Datum::U16(702))),
        ("a power too high for the currents", with(of_twelve(), 8, number(212_000))),
        ("a total that is not a sum", with(of_nine(), 3, number(9_100_300))),
        ("a name that is a number", with(of_nine(), 0, number(7))),
        ("a clock that is a text", with(of_wien(), 0, text("ISK103071111"))),
        (
            "a date with a thirteenth month",
            with(of_wien(), 0, Datum::Octets([&date_time(1)[..2], &[13], &date_time(1)[3..]].concat())),
        ),
        ("a list in a list", with(of_wien(), 3, Datum::Array(vec![number(3000)]))),
        ("one more", [of_twelve(), vec![number(0)]].concat()),
        ("one less", of_twelve()[..11].to_vec()),
        (
            "four elements of an AM550, a list without a description",
            vec![text("ISK1030711111111"), text("UP"), number(7), number(8)],
        ),
    ] {
        let reading = read(&list);
        assert!(is_unknown(&reading), "{what}: {:?}", shown(&reading));
        assert_eq!(reading.values.len(), list.len(), "{what}");
    }
}

/// A list that was recognised once need not pass every check again, because a fuse may blow.
#[test]
fn a_list_that_was_recognised_once_is_recognised_without_voltage() {
    let mut dead = of_twelve();
    dead[2] = Datum::U16(413);
    let bytes = [push(1, &dead), push(2, &of_twelve()), push(3, &dead)].concat();
    let setup = Setup { stack: Stack::HdlcDlms, ..Setup::default() };
    let outputs = decode(&setup, &bytes);
    let known: Vec<bool> = readings(&outputs).into_iter().map(|reading| !is_unknown(reading)).collect();
    assert_eq!(known, [false, true, true]);
}

/// Variations of the known lists: any types in any order. A value that gets a quantity has the type and size of that
/// quantity.
#[test]
fn no_variation_of_a_list_gets_a_false_meaning() {
    let mut random = 7_u64;
    let mut next = |most: u64| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) % most
    };
    let mut named = 0;
    for _ in 0..10_000 {
        let mut list = match next(3) {
            0 => of_twelve(),
            1 => of_nine(),
            _ => of_wien(),
        };
        let original = list.clone();
        for _ in 0..=next(3) {
            let (one, other) = (next(list.len() as u64) as usize, next(list.len() as u64) as usize);
            match next(6) {
                0 => list.swap(one, other),
                1 => drop(list.remove(one)),
                2 => list.insert(one, number(u32::try_from(next(1 << 24)).unwrap())),
                3 => list[one] = Datum::U16(u16::try_from(next(65_536)).unwrap()),
                4 => {
                    list[one] =
                        Datum::Octets((0..next(14)).map(|_| u8::try_from(next(256)).unwrap()).collect())
                }
                _ => list[one] = Datum::U8(u8::try_from(next(256)).unwrap()),
            }
        }
        if list.is_empty() {
            continue;
        }
        let reading = read(&list);
        if is_unknown(&reading) {
            continue;
        }
        named += 1;
        let kinds = |list: &[Datum]| list.iter().map(std::mem::discriminant).collect::<Vec<_>>();
        assert_eq!(kinds(&list), kinds(&original), "{list:?}\n{:?}", shown(&reading));
        for value in &reading.values {
            if value.quantity == Some(Quantity::Voltage) {
                let volts: f64 = value.value.to_string().parse().unwrap();
                assert!(volts == 0.0 || (150.0..=300.0).contains(&volts), "{volts} V in {list:?}");
            }
        }
    }
    // Numbers that change places with similar ones cannot be distinguished from the original.
    assert!(named < 1500, "{named} variations of 10,000 were recognised as the list itself");
}
