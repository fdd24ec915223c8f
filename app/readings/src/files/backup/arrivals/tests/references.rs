//! References of restored meters to each other.

use super::*;

#[test]
fn a_part_of_a_meter_refers_to_it_under_its_new_key() {
    let part = |of: &str| Some(Role::Part { of: key(of) });
    let mut arrivals = arrivals(&[record("p1-0a", "Hall")], true);
    arrivals.take(Piece::Meter(record("p1-0a", "Hall")));
    arrivals.take(Piece::Meter(MeterRecord {
        role: part("p1-0a"),
        source: port(2),
        ..record("p1-0b", "Car")
    }));
    arrivals.take(Piece::Meter(MeterRecord {
        role: part("p1-0x"),
        source: port(3),
        ..record("p1-0c", "Shed")
    }));
    let [hall, car, shed] = meters(arrivals).try_into().expect("three meters");
    assert_ne!(hall.key, key("p1-0a"), "the log that it replaces still has this name");
    assert_eq!((car.role, shed.role), (part(&hall.key.0), None));
}
