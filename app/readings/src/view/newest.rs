//! [`Newest`]: the newest value of every register of a meter.
//!
//! A Norwegian meter spreads its registers over three lists, so each of the newest values has its own moment.
//!
//! A line whose telegrams name different registers each time would fill memory and screen. So at most
//! [`MOST_REGISTERS`] are kept, those received last. The log has all of them.

use metertap_decoder::number::Number;
use metertap_decoder::reading::{Integrity, Measurement, Protocol, Quantity, ValueError};
use metertap_decoder::register::Value;

use crate::entry::{Entry, Moment};
use crate::power::{net_power, of_the_past, sum};

/// The newest value of every register, in the order in which the meter first sent the registers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Newest {
    /// One value for each register and storage number, at most [`MOST_REGISTERS`].
    pub values: Vec<Known>,
    /// Whether there were more than [`MOST_REGISTERS`] registers.
    pub is_partial: bool,
    /// Net power in watts, import positive, from the newest reading that has enough to compute it.
    pub net_power: Option<Number>,
    /// The newest reading's number; 0 before the first.
    pub seq: u64,
    /// When the newest reading was received.
    pub received: Option<Moment>,
    /// The meter's identification; `None` until it has been received.
    pub meter: Option<String>,
    /// The maker's three letters.
    pub maker: Option<String>,
    /// The model.
    pub model: Option<String>,
    /// The protocol of the newest telegram.
    pub protocol: Option<Protocol>,
    /// How certain it is that the newest telegram is what the meter sent.
    pub integrity: Option<Integrity>,
}

/// A register's newest value and where it comes from.
#[derive(Clone, Debug, PartialEq)]
pub struct Known {
    /// As the meter sent it.
    pub measurement: Measurement,
    /// When it was received.
    pub received: Moment,
    /// The number of its reading.
    pub seq: u64,
}

impl Newest {
    /// Takes an entry, unless this one or a newer one was taken already.
    pub fn take(&mut self, entry: &Entry) {
        if entry.seq <= self.seq {
            return;
        }
        self.seq = entry.seq;
        self.received = Some(entry.received);
        let reading = &entry.reading;
        self.net_power = net_power(reading).or(self.net_power);
        self.protocol = Some(reading.protocol);
        self.integrity = Some(reading.integrity);
        for (mine, theirs) in [
            (&mut self.meter, &reading.meter),
            (&mut self.maker, &reading.maker),
            (&mut self.model, &reading.model),
        ] {
            if let Some(theirs) = theirs {
                *mine = Some(theirs.to_string());
            }
        }
        for measurement in &reading.values {
            let known = Known { measurement: measurement.clone(), received: entry.received, seq: entry.seq };
            let same = |old: &&mut Known| {
                old.measurement.register == measurement.register
                    && old.measurement.storage == measurement.storage
            };
            match self.values.iter_mut().find(same) {
                Some(old) => *old = known,
                None => self.add(known),
            }
        }
    }

    /// Adds a new register. If there is no room, it replaces the register that has not been received for the longest
    /// time.
    fn add(&mut self, known: Known) {
        if self.values.len() >= MOST_REGISTERS {
            self.is_partial = true;
            let oldest = self.values.iter().enumerate().min_by_key(|(_, old)| old.seq);
            let Some(place) = oldest.filter(|(_, old)| old.seq < known.seq).map(|(place, _)| place) else {
                return;
            };
            self.values.remove(place);
        }
        self.values.push(known);
    }
}

impl Newest {
    /// Whether a value is of a sub-meter that was removed: its channel keeps sending its last position and time, while
    /// another channel has a meter of the same kind with a later time. A meter that merely has not sent for a day does
    /// not count as removed.
    #[must_use]
    pub fn is_of_a_dead_channel(&self, known: &Known) -> bool {
        let Measurement { quantity, channel, time, error, .. } = &known.measurement;
        if channel.is_none_or(|channel| channel == 0) || quantity.is_none() || of_the_past(&known.measurement)
        {
            return false;
        }
        // A time that the meter marks as invalid was never set, or is no longer updated.
        let own = time.filter(|_| *error != Some(ValueError::Invalid)).map(|time| time.unix_seconds());
        self.values.iter().map(|other| &other.measurement).any(|other| {
            let is_alike = other.quantity == *quantity && other.channel != *channel && !of_the_past(other);
            let is_of_a_channel = other.channel.is_some_and(|channel| channel > 0) && other.error.is_none();
            let goes_on = match (own, other.time.map(|time| time.unix_seconds())) {
                (Some(own), Some(other)) => other.saturating_sub(own) > SILENT,
                (None, Some(_)) => *error == Some(ValueError::Invalid),
                (_, None) => false,
            };
            is_alike && is_of_a_channel && goes_on
        })
    }

    /// The sum of all tariffs of a quantity, if the meter sends no total itself. All of them must be from one reading,
    /// and there must be at least two.
    #[must_use]
    pub fn total_of_tariffs(&self, quantity: Quantity) -> Option<Number> {
        let of_quantity = self.values.iter().filter(|known| {
            let Measurement { quantity: other, phase, channel, .. } = &known.measurement;
            *other == Some(quantity) && (*phase, *channel) == (None, None) && !of_the_past(&known.measurement)
        });
        let (mut tariffs, mut total) = (Vec::new(), Number::whole(0));
        for known in of_quantity {
            let Measurement { tariff, value, unit, error, .. } = &known.measurement;
            let (Some(tariff), Value::Number(number), None) = (tariff, value, error) else { return None };
            let is_first_of_it = !tariffs.iter().any(|(other, _)| other == tariff);
            if *unit != quantity.unit() || !is_first_of_it || tariffs.iter().any(|(_, seq)| *seq != known.seq)
            {
                return None;
            }
            tariffs.push((*tariff, known.seq));
            total = sum(total, *number)?;
        }
        (tariffs.len() > 1).then_some(total)
    }
}

/// The most registers kept of a meter: far more than any telegram of the corpus has.
pub const MOST_REGISTERS: usize = 500;
/// The time of a removed sub-meter is more than this many seconds behind: even sub-meters with a battery send once a
/// day (prEN 13757-4, OMS).
const SILENT: i64 = 3 * 86_400;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{measurement, reading};

    fn newest(values: Vec<Measurement>) -> Newest {
        let mut newest = Newest::default();
        newest.take(&crate::samples::entry(1, 0, reading(values)));
        newest
    }

    fn gas(channel: u8, time: &str, value: &str) -> Measurement {
        let gas = measurement(&format!("0-{channel}:24.2.1"), Quantity::GasVolume, value);
        Measurement { channel: Some(channel), time: time.parse().ok(), ..gas }
    }

    fn dead(newest: &Newest) -> Vec<u8> {
        let dead = newest.values.iter().filter(|known| newest.is_of_a_dead_channel(known));
        dead.filter_map(|known| known.measurement.channel).collect()
    }

    /// After an exchange, the old gas meter's channel sends its last position for years.
    #[test]
    fn a_channel_that_never_changes_is_not_a_meter() {
        let old = gas(1, "2021-03-16T10:00:00+01:00", "981.443");
        let new = gas(2, "2026-11-21T02:00:00+01:00", "12.5");
        assert_eq!(dead(&newest(vec![old.clone(), new.clone()])), [1]);
        assert_eq!(dead(&newest(vec![new.clone(), old.clone()])), [1], "in either order");
        assert_eq!(
            dead(&newest(vec![old.clone()])),
            [0_u8; 0],
            "the only channel's meter may have lost its radio"
        );
        let late = gas(1, "2026-11-20T03:00:00+01:00", "981.443");
        assert_eq!(dead(&newest(vec![late, new.clone()])), [0_u8; 0], "two meters, one of them a day late");
        let water = Measurement { quantity: Some(Quantity::WaterVolume), ..old.clone() };
        assert_eq!(dead(&newest(vec![water, new.clone()])), [0_u8; 0], "another kind");
        let unset = Measurement { time: None, error: Some(ValueError::Invalid), ..old.clone() };
        assert_eq!(dead(&newest(vec![unset, new.clone()])), [1]);
        let untimed = Measurement { time: None, ..old };
        assert_eq!(
            dead(&newest(vec![untimed, new])),
            [0_u8; 0],
            "without a time, nothing shows that it was removed"
        );
    }

    #[test]
    fn tariffs_are_summed_when_the_meter_sends_no_total() {
        let tariff = |tariff: u32, value: &str| Measurement {
            tariff: Some(tariff),
            ..measurement(&format!("1-0:1.8.{tariff}"), Quantity::ActiveEnergyImport, value)
        };
        let total = |values| {
            newest(values).total_of_tariffs(Quantity::ActiveEnergyImport).map(|total| total.to_string())
        };
        assert_eq!(total(vec![tariff(1, "10329.481"), tariff(2, "8210.5")]).as_deref(), Some("18539.981"));
        assert_eq!(total(vec![tariff(1, "10329.481")]), None, "one tariff is not the total of the others");
        let own = measurement("1-0:1.8.0", Quantity::ActiveEnergyImport, "18539.981");
        assert_eq!(total(vec![tariff(1, "10329.481"), tariff(2, "8210.5"), own]), None, "the meter sends it");
        let wrong = Measurement { error: Some(ValueError::Implausible), ..tariff(2, "8210.5") };
        assert_eq!(total(vec![tariff(1, "10329.481"), wrong]), None);
        let unitless = Measurement { unit: None, ..tariff(2, "8210.5") };
        assert_eq!(total(vec![tariff(1, "10329.481"), unitless]), None);
    }

    /// Register, quantity and value of each measurement.
    fn entry(seq: u64, values: &[(&str, &str, &str)]) -> Entry {
        let values: Vec<_> = values
            .iter()
            .map(|(register, quantity, value)| {
                serde_json::json!({"register": register, "quantity": quantity, "value": value, "unit": "W"})
            })
            .collect();
        serde_json::from_value(serde_json::json!({
            "v": 1, "meter": null, "protocol": "dlms-hdlc", "time": null, "integrity": "checked",
            "values": values, "received": "2026-11-21T01:30:10.000Z", "seq": seq,
        }))
        .unwrap()
    }

    #[test]
    fn each_register_keeps_its_newest_value_and_its_place() {
        let mut newest = Newest::default();
        newest
            .take(&entry(1, &[("1-0:1.7.0", "active-power-import", "10"), ("1-0:32.7.0", "voltage", "230")]));
        newest.take(&entry(2, &[("1-0:1.7.0", "active-power-import", "12")]));
        newest.take(&entry(1, &[("1-0:1.7.0", "active-power-import", "10")]));
        let shown: Vec<_> =
            newest.values.iter().map(|known| (known.measurement.value.to_string(), known.seq)).collect();
        assert_eq!(shown, [("12".to_owned(), 2), ("230".to_owned(), 1)]);
        assert_eq!(newest.seq, 2);
    }

    /// A line that names a hundred different registers in each telegram, and one register that stays.
    #[test]
    fn only_the_newest_of_many_new_registers_are_kept() {
        let mut newest = Newest::default();
        for seq in 1..=20 {
            let names: Vec<String> = (0..100).map(|number| format!("1-{seq}:{number}.7.0")).collect();
            let mut values: Vec<_> = names.iter().map(|name| (name.as_str(), "voltage", "1")).collect();
            values.push(("1-0:1.7.0", "active-power-import", "250"));
            newest.take(&entry(seq, &values));
            assert!(newest.values.len() <= MOST_REGISTERS);
            assert_eq!(newest.is_partial, seq >= 5, "{seq}");
        }
        let heard = |known: &Known| known.measurement.register.to_string();
        assert_eq!(newest.values.iter().filter(|known| heard(known) == "1-0:1.7.0").count(), 1);
        assert!(newest.values.iter().any(|known| heard(known).starts_with("1-20:")));
        assert!(!newest.values.iter().any(|known| heard(known).starts_with("1-1:")));
    }

    #[test]
    fn net_power_holds_until_the_next_reading_with_power() {
        let mut newest = Newest::default();
        let (import, export) = ("active-power-import", "active-power-export");
        newest.take(&entry(1, &[("1-0:1.7.0", import, "0"), ("1-0:2.7.0", export, "431")]));
        newest.take(&entry(2, &[("1-0:1.7.0", import, "0")]));
        assert_eq!(newest.net_power.map(|net| net.to_string()).as_deref(), Some("-431"));
        newest.take(&entry(3, &[("1-0:1.7.0", import, "250")]));
        assert_eq!(newest.net_power.map(|net| net.to_string()).as_deref(), Some("250"));
    }
}
