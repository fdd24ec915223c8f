use super::*;
use crate::samples::{entry, measurement, reading};
use metertap_decoder::time::MeterTime;

const WAY: Way = Way { interval: Some(10_000), on_line: true, zone: Zone::UTC };

/// A meter that sends every ten seconds. Collects the changes: the rule, the place, whether it began, and the second.
struct House {
    watch: MeterWatch,
    set: Limits,
    told: Vec<(&'static str, Option<String>, bool, i64)>,
}

impl House {
    fn new() -> Self {
        let set = Limits { power: Some(3000), fuse: Some(16), ..Limits::default() };
        Self { watch: MeterWatch::default(), set, told: Vec::new() }
    }

    fn hear(&mut self, second: i64, values: Vec<Measurement>) {
        let entry = entry(1, second * 1000, reading(values));
        let told = self.watch.hear(&entry, WAY, &self.set);
        self.note(second, told);
    }

    fn wait(&mut self, second: i64) {
        let told = self.watch.wait(Moment(second * 1000), &self.set);
        self.note(second, told);
    }

    fn note(&mut self, second: i64, told: Vec<Told>) {
        for told in told {
            let began = matches!(told.change, Change::Begun { .. });
            self.told.push((told.rule.name, told.place, began, second));
        }
    }
}

fn on_phase(register: &str, quantity: Quantity, phase: Phase, value: &str) -> Measurement {
    Measurement { phase: Some(phase), ..measurement(register, quantity, value) }
}

#[test]
fn a_silent_meter_is_reported_once_until_it_sends() {
    let mut house = House::new();
    for second in (0..600).step_by(10) {
        house.hear(second, vec![]);
        house.wait(second + 5);
    }
    assert_eq!(house.told, []);
    for second in (600..1000).step_by(10) {
        house.wait(second);
    }
    for second in (1000..2000).step_by(10) {
        house.hear(second, vec![]);
    }
    // The last reading is at 590. More than three intervals have passed at 630, and the rule's minute at 690.
    assert_eq!(house.told, [("silent", None, true, 690), ("silent", None, false, 1000)]);
}

#[test]
fn a_gap_is_reported_when_the_meter_sends_again_also_after_a_restart() {
    let mut house = House::new();
    house.hear(0, vec![]);
    house.hear(890, vec![]);
    house.hear(900, vec![]);
    house.hear(2000, vec![]);
    assert_eq!(house.told, [("gap", None, true, 2000)]);
    let mut house = House::new();
    house.watch.spoke(Some(Moment(0)));
    house.hear(5000, vec![]);
    assert_eq!(house.told, [("gap", None, true, 5000)]);
    // A meter that is read once an hour has no gaps.
    let mut house = House::new();
    let hourly = Way { interval: Some(3_600_000), ..WAY };
    for hour in 0..5 {
        let told = house.watch.hear(&entry(1, hour * 3_600_000, reading(vec![])), hourly, &house.set);
        house.note(hour, told);
    }
    assert_eq!(house.told, []);
}

#[test]
fn power_current_and_voltage_are_reported_once_per_phase() {
    let mut house = House::new();
    for second in (0..600).step_by(10) {
        let high = (100..300).contains(&second);
        house.hear(
            second,
            vec![
                measurement("1-0:1.7.0", Quantity::ActivePowerImport, if high { "3100" } else { "400" }),
                measurement("1-0:2.7.0", Quantity::ActivePowerExport, "0"),
                on_phase("1-0:31.7.0", Quantity::Current, Phase::L1, if high { "15.3" } else { "2" }),
                on_phase("1-0:51.7.0", Quantity::Current, Phase::L2, "15.1"),
                on_phase("1-0:32.7.0", Quantity::Voltage, Phase::L1, if high { "206" } else { "231" }),
                on_phase("1-0:52.7.0", Quantity::Voltage, Phase::L2, if high { "254" } else { "231" }),
                on_phase("1-0:72.7.0", Quantity::Voltage, Phase::L3, "0"),
            ],
        );
    }
    let l = |phase: &str| Some(phase.to_owned());
    assert_eq!(
        house.told,
        [
            ("power", None, true, 130),
            ("fuse", l("l1"), true, 130),
            ("voltage-low", l("l1"), true, 160),
            ("voltage-high", l("l2"), true, 160),
            ("power", None, false, 360),
            ("fuse", l("l1"), false, 360),
            ("voltage-low", l("l1"), false, 360),
            ("voltage-high", l("l2"), false, 360),
        ]
    );
}

#[test]
fn water_that_never_stops_at_night_is_reported_once() {
    let mut house = House::new();
    let water = |litres: i64| Measurement {
        channel: Some(2),
        ..measurement("0-2:24.2.1", Quantity::WaterVolume, &format!("{}.{:03}", litres / 1000, litres % 1000))
    };
    // Three nights with a leak of six litres an hour, then one night without.
    for minute in (0..4 * 1440).step_by(10) {
        let litres = if minute < 3 * 1440 { minute / 10 } else { 432 + (minute - 3 * 1440) / 600 };
        house.hear(minute * 60, vec![water(litres)]);
    }
    let told: Vec<_> = house.told.iter().filter(|(rule, ..)| *rule != "gap").cloned().collect();
    let place = Some("2".to_owned());
    assert_eq!(
        told,
        [
            ("water-at-night", place.clone(), true, 5 * 3600),
            ("water-at-night", place, false, (72 + 5) * 3600)
        ]
    );
}

#[test]
fn gas_is_reported_after_three_nights() {
    let mut house = House::new();
    for hour in 0..120 {
        let litres = if hour < 96 { hour } else { 96 };
        house.hear(hour * 3600, vec![measurement("0-1:24.2.1", Quantity::GasVolume, &litres.to_string())]);
    }
    house.told.retain(|(rule, ..)| *rule != "gap");
    assert_eq!(
        house.told,
        [("gas-at-night", None, true, 53 * 3600), ("gas-at-night", None, false, 101 * 3600)]
    );
}

#[test]
fn a_falling_counter_is_reported_and_an_exchanged_meter_is_not() {
    let mut house = House::new();
    let energy = |value: &str| measurement("1-0:1.8.0", Quantity::ActiveEnergyImport, value);
    // 10.33 is 10.334 with fewer decimal places.
    for (second, value) in
        (0..).step_by(10).zip(["10.332", "10.334", "10.33", "10.340", "9.100", "9.101", "9.102"])
    {
        house.hear(second, vec![energy(value)]);
    }
    let register = Some("1-0:1.8.0".to_owned());
    assert_eq!(house.told, [("counter-back", register, true, 40)]);
    house.told.clear();
    let mut exchanged = entry(1, 70_000, reading(vec![energy("0.001")]));
    exchanged.reading.meter = Some("KFM-6970631405359999".into());
    let told = house.watch.hear(&exchanged, WAY, &house.set);
    assert_eq!(told, []);
}

#[test]
fn a_clock_hours_off_is_reported_after_an_hour() {
    let mut house = House::new();
    for second in (0..4 * 3600).step_by(10) {
        let off = if (3600..9000).contains(&second) { 7200 } else { 3 };
        let mut entry = entry(1, second * 1000, reading(vec![]));
        entry.reading.time = MeterTime::from_unix(second + off, 60);
        let told = house.watch.hear(&entry, WAY, &house.set);
        house.note(second, told);
    }
    assert_eq!(house.told, [("clock-off", None, true, 7200), ("clock-off", None, false, 9600)]);
}

#[test]
fn a_meter_no_longer_read_has_no_ongoing_notice() {
    let mut house = House::new();
    house.watch.resume(Rule::named("silent").unwrap(), None, Number::whole(4));
    let told = house.watch.stop(Moment(9000));
    house.note(9, told);
    house.wait(10_000);
    assert_eq!(house.told, [("silent", None, false, 9)]);
}
