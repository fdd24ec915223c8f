//! [`Newest`]: the newest value of every register of a meter.
//!
//! Entries in, in the order of the log; out comes what a screen shows. A Norwegian meter spreads its registers over three
//! lists, so the newest values are not all of the same moment: each keeps its own.

use metertap_decoder::number::Number;
use metertap_decoder::reading::{Integrity, Measurement, Protocol, Quantity};
use metertap_decoder::register::Value;

use crate::entry::{Entry, Moment};

/// The newest value of every register, in the order that the meter first sent them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Newest {
    /// One for each register.
    pub values: Vec<Known>,
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
        self.protocol = Some(reading.protocol);
        self.integrity = Some(reading.integrity);
        for (mine, theirs) in [
            (&mut self.meter, &reading.meter),
            (&mut self.maker, &reading.maker),
            (&mut self.model, &reading.model),
        ] {
            if theirs.is_some() {
                mine.clone_from(theirs);
            }
        }
        for measurement in &reading.values {
            let known = Known { measurement: measurement.clone(), received: entry.received, seq: entry.seq };
            match self.values.iter_mut().find(|old| old.measurement.register == measurement.register) {
                Some(old) => *old = known,
                None => self.values.push(known),
            }
        }
    }

    /// Power through the meter in watts, import positive.
    ///
    /// A signed register is taken as it is. Otherwise it is import less export; an export that is older than the import
    /// counts only while nothing is imported, since a house does one or the other.
    #[must_use]
    pub fn net_power(&self) -> Option<Number> {
        if let Some((signed, _)) = self.total(Quantity::ActivePower) {
            return Some(signed);
        }
        match (self.total(Quantity::ActivePowerImport), self.total(Quantity::ActivePowerExport)) {
            (Some((import, heard)), Some((export, told))) if heard == told || import.mantissa == 0 => {
                difference(import, export)
            }
            (Some((import, heard)), Some((export, told))) => {
                if heard > told {
                    Some(import)
                } else {
                    difference(Number::whole(0), export)
                }
            }
            (Some((import, _)), None) => Some(import),
            (None, Some((export, _))) => difference(Number::whole(0), export),
            (None, None) => None,
        }
    }

    /// The value of the whole meter, not of a phase or a sub-meter, with the number of its reading.
    fn total(&self, quantity: Quantity) -> Option<(Number, u64)> {
        self.values.iter().find_map(|known| {
            let measurement = &known.measurement;
            let whole = measurement.phase.is_none()
                && measurement.channel.is_none()
                && measurement.tariff.is_none()
                && measurement.error.is_none();
            match measurement.value {
                Value::Number(number) if whole && measurement.quantity == Some(quantity) => {
                    Some((number, known.seq))
                }
                _ => None,
            }
        })
    }
}

/// `minuend - subtrahend`, with as many places as the finer of the two; `None` past what an `i128` holds.
fn difference(minuend: Number, subtrahend: Number) -> Option<Number> {
    let scaler = minuend.scaler.min(subtrahend.scaler);
    let mantissa = minuend.mantissa_at(scaler)?.checked_sub(subtrahend.mantissa_at(scaler)?)?;
    Some(Number::new(mantissa, scaler))
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

    const IMPORT: (&str, &str) = ("1-0:1.7.0", "active-power-import");
    const EXPORT: (&str, &str) = ("1-0:2.7.0", "active-power-export");

    fn net(entries: &[&[((&str, &str), &str)]]) -> Option<String> {
        let mut newest = Newest::default();
        for (values, seq) in entries.iter().zip(1..) {
            let values: Vec<_> =
                values.iter().map(|((register, quantity), value)| (*register, *quantity, *value)).collect();
            newest.take(&entry(seq, &values));
        }
        newest.net_power().map(|number| number.to_string())
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
    fn net_power_is_import_less_export() {
        assert_eq!(net(&[&[(IMPORT, "1380"), (EXPORT, "0")]]).as_deref(), Some("1380"));
        assert_eq!(net(&[&[(IMPORT, "0"), (EXPORT, "431")]]).as_deref(), Some("-431"));
        assert_eq!(net(&[&[(IMPORT, "0.5"), (EXPORT, "431")]]).as_deref(), Some("-430.5"));
        assert_eq!(net(&[&[(("1-0:16.7.0", "active-power"), "-12")]]).as_deref(), Some("-12"));
        assert_eq!(net(&[]), None);
    }

    #[test]
    fn an_older_export_counts_only_while_nothing_is_imported() {
        let ten_seconds = [(IMPORT, "0"), (EXPORT, "431")];
        assert_eq!(net(&[&ten_seconds, &[(IMPORT, "250")]]).as_deref(), Some("250"));
        assert_eq!(net(&[&ten_seconds, &[(IMPORT, "0")]]).as_deref(), Some("-431"));
    }
}
