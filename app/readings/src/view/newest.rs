//! [`Newest`]: the newest value of every register of a meter.
//!
//! Entries in, in the order of the log; out comes what a screen shows. A Norwegian meter spreads its registers over three
//! lists, so the newest values are not all of the same moment: each keeps its own.

use metertap_decoder::number::Number;
use metertap_decoder::reading::{Integrity, Measurement, Protocol};

use crate::entry::{Entry, Moment};
use crate::power::net_power;

/// The newest value of every register, in the order that the meter first sent them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Newest {
    /// One for each register.
    pub values: Vec<Known>,
    /// Net power in watts, import positive, of the newest reading that says enough to know it.
    pub net_power: Option<Number>,
    /// The newest reading's number; 0 before the first.
    pub seq: u64,
    /// When the newest reading was heard.
    pub received: Option<Moment>,
    /// The meter's identification, maker and model, as far as heard.
    pub meter: Option<String>,
    /// The maker's three letters.
    pub maker: Option<String>,
    /// The model.
    pub model: Option<String>,
    /// How the newest telegram came.
    pub protocol: Option<Protocol>,
    /// How sure it is that the newest telegram is what the meter sent.
    pub integrity: Option<Integrity>,
}

/// A register's newest value and where it is from.
#[derive(Clone, Debug, PartialEq)]
pub struct Known {
    /// As the meter sent it.
    pub measurement: Measurement,
    /// When it was heard.
    pub received: Moment,
    /// The number of its reading.
    pub seq: u64,
}

impl Newest {
    /// Takes in an entry, unless a newer one was taken already.
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
                None => self.values.push(known),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn net_power_stands_until_a_reading_says_it_anew() {
        let mut newest = Newest::default();
        let (import, export) = ("active-power-import", "active-power-export");
        newest.take(&entry(1, &[("1-0:1.7.0", import, "0"), ("1-0:2.7.0", export, "431")]));
        newest.take(&entry(2, &[("1-0:1.7.0", import, "0")]));
        assert_eq!(newest.net_power.map(|net| net.to_string()).as_deref(), Some("-431"));
        newest.take(&entry(3, &[("1-0:1.7.0", import, "250")]));
        assert_eq!(newest.net_power.map(|net| net.to_string()).as_deref(), Some("250"));
    }
}
