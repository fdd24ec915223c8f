//! [`Truth`]: a year of a house with solar panels, with its totals between any two moments. The totals are computed
//! here, and not by the crates under test.

use std::fmt::Write as _;

use metertap_readings::entry::Moment;

use crate::now;

/// In milliseconds.
const QUARTER: i64 = 900_000;
const DAY: i64 = 96 * QUARTER;
/// More than a year.
const DAYS: i64 = 400;

/// The counters of a house with solar panels at a quarter-hour: watt-hours imported at each of two tariffs, watt-hours
/// exported, litres of gas, and watts.
#[derive(Clone, Copy, Debug, Default)]
struct Position {
    import: [i64; 2],
    export: i64,
    litres: i64,
    watts: i64,
}

/// All positions, a quarter-hour apart, and the moment of the first.
#[derive(Clone, Debug)]
pub struct Truth {
    from: i64,
    positions: Vec<Position>,
}

impl Truth {
    /// The last 400 days, up to the last full quarter-hour.
    #[must_use]
    #[allow(clippy::new_without_default, reason = "the result depends on the current time")]
    pub fn new() -> Self {
        #[allow(clippy::cast_possible_truncation, reason = "milliseconds since 1970")]
        let last = now() as i64 / QUARTER * QUARTER;
        let from = (last - DAYS * DAY) / DAY * DAY;
        let (mut at, mut positions) = (Position::default(), Vec::new());
        let mut chance: u64 = 7;
        for place in 0..=(last - from) / QUARTER {
            positions.push(at);
            chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let (quarter, day) = (place % 96, place / 96);
            let noise = i64::try_from(chance >> 55).unwrap_or_default();
            // Solar panels produce most at noon and more in summer. Cooking takes place in the evening.
            let season = 1000 - (day % 365 - 182).abs() * 5;
            let sun = (1_600 - (quarter - 48) * (quarter - 48) * 4).max(0) * season.max(100) / 500;
            let evening = if (72..84).contains(&quarter) { 1_800 } else { 0 };
            let watts = 160 + noise + evening - sun;
            let tariff = usize::from((28..88).contains(&quarter));
            at.import[tariff] += watts.max(0) / 4;
            at.export += (-watts).max(0) / 4;
            at.litres += if (24..36).contains(&quarter) { 60 } else { 4 };
            at.watts = watts;
        }
        Self { from, positions }
    }

    /// JSON Lines in the form of the page's export.
    #[must_use]
    pub fn lines(&self) -> String {
        let mut text = String::new();
        for (number, at) in (1..).zip(&self.positions) {
            let moment = Moment(self.from + (number - 1) * QUARTER);
            let second = moment.to_string().get(..19).unwrap_or_default().to_owned();
            let kilo = |number: i64| format!("{}.{:03}", number / 1000, number % 1000);
            let value = |register: &str, quantity: &str, more: &str, value: String, unit: &str| {
                format!(
                    r#"{{"register":"{register}","quantity":"{quantity}",{more}"value":"{value}","unit":"{unit}"}}"#
                )
            };
            let values = [
                value("1-0:1.8.1", "active-energy-import", r#""tariff":1,"#, kilo(at.import[0]), "kWh"),
                value("1-0:1.8.2", "active-energy-import", r#""tariff":2,"#, kilo(at.import[1]), "kWh"),
                value("1-0:2.8.0", "active-energy-export", "", kilo(at.export), "kWh"),
                value("1-0:1.7.0", "active-power-import", "", at.watts.max(0).to_string(), "W"),
                value("1-0:2.7.0", "active-power-export", "", (-at.watts).max(0).to_string(), "W"),
                value("0-1:24.2.1", "gas-volume", r#""channel":1,"#, kilo(at.litres), "m3"),
            ]
            .join(",");
            let _ = writeln!(
                text,
                r#"{{"v":1,"meter":"SIM-HISTORY","maker":"SIM","model":"Panels","protocol":"p1","time":"{second}Z","time_source":"meter","integrity":"checked","values":[{values}],"received":"{moment}","seq":{number}}}"#
            );
        }
        text
    }

    /// The last position before a moment. A reading at the moment itself belongs to the time after it.
    fn before(&self, moment: i64) -> Position {
        let place = usize::try_from((moment - self.from - 1).div_euclid(QUARTER).max(0)).unwrap_or_default();
        self.positions[place.min(self.positions.len() - 1)]
    }

    /// Watt-hours imported and exported, and litres, between two moments.
    #[must_use]
    pub fn between(&self, from: i64, to: i64) -> [i64; 3] {
        let (one, other) = (self.before(from), self.before(to));
        let import = other.import[0] + other.import[1] - one.import[0] - one.import[1];
        [import, other.export - one.export, other.litres - one.litres]
    }
}
