//! [`Leaving`]: decides which of a meter's data may leave the page.
//!
//! Entries and the newest values go in, and come out as [`Cleared`]. A [`crate::broker::profile::Profile`] accepts
//! nothing else, so no message can bypass this filter. Unless the user lets the meter's identification leave, the
//! filter promises: no text, name or number in the output is, contains, or is contained in an identification that the
//! meter has sent so far, in any spelling that [`metertap_decoder::identity`] knows. Such values are replaced by short
//! hashes, so that equal values stay equal. Such a maker or model is left out. Only times, numbers with a unit, and
//! parts of fewer than six characters are exempt, because they may match by chance. If a meter sends more than 64
//! different identifications, the old ones are forgotten.
//!
//! Captures are redacted byte by byte, by the same spellings: [`crate::files::capture::redacted`].

use metertap_decoder::identity::{Identities, identifies, is_model};
use metertap_decoder::reading::{Measurement, Protocol, Quantity, Reading, Unit};
use metertap_decoder::register::{Printed, RegisterId, Value};
use metertap_decoder::time::MeterTime;

use crate::entry::Entry;
use crate::names::{STAND_IN, hash, is_name};
use crate::view::newest::Newest;

/// The identifications of one meter, and whether they may leave.
#[derive(Clone, Debug)]
pub struct Leaving {
    identified: bool,
    stand_in: String,
    /// The identification known before the first reading.
    remembered: Option<String>,
    known: Identities,
}

/// Data that may leave.
#[derive(Clone, Debug, PartialEq)]
pub struct Cleared<T>(T);

impl<T> Cleared<T> {
    /// The data.
    pub fn get(&self) -> &T {
        &self.0
    }
}

impl Leaving {
    /// `stand_in` replaces the meter's identification. `remembered` is that identification, if it was received before.
    #[must_use]
    pub fn new(identified: bool, stand_in: &str, remembered: Option<&str>) -> Self {
        let mut leaving = Self {
            identified,
            stand_in: stand_in.into(),
            remembered: remembered.map(String::from),
            known: Identities::default(),
        };
        leaving.begin();
        leaving
    }

    /// Learns the identifications in a reading.
    pub fn learn(&mut self, reading: &Reading) {
        if self.known.count() > MOST_KNOWN {
            self.begin();
        }
        self.known.take(reading);
        self.known.settle();
    }

    /// Filters an entry of the log, and learns its identifications.
    pub fn entry(&mut self, entry: &Entry) -> Cleared<Entry> {
        self.learn(&entry.reading);
        let mut entry = entry.clone();
        if !self.identified {
            let reading = &mut entry.reading;
            let is_known = reading.meter.is_some() || reading.values.iter().any(is_meter_id);
            reading.maker = reading.maker.take().filter(|maker| self.is_maker(maker));
            let model = reading.model.take();
            reading.model = model.filter(|model| {
                self.is_model(model, Some(reading.protocol), reading.meter.as_deref(), &reading.values)
            });
            reading.meter = is_known.then(|| self.stand_in.as_str().into());
            reading.values.iter_mut().for_each(|value| self.clear(value));
        }
        Cleared(entry)
    }

    /// Filters the newest values of the meter.
    #[must_use]
    pub fn newest(&self, newest: &Newest) -> Cleared<Newest> {
        let mut newest = newest.clone();
        if !self.identified {
            let values: Vec<Measurement> =
                newest.values.iter().map(|known| known.measurement.clone()).collect();
            newest.maker = newest.maker.take().filter(|maker| self.is_maker(maker));
            let model = newest.model.take();
            newest.model =
                model.filter(|model| self.is_model(model, newest.protocol, newest.meter.as_deref(), &values));
            newest.meter = newest.meter.map(|_| self.stand_in.clone());
            newest.values.iter_mut().for_each(|known| self.clear(&mut known.measurement));
        }
        Cleared(newest)
    }

    fn begin(&mut self) {
        self.known = Identities::default();
        self.remembered.iter().for_each(|name| self.known.add_name(name));
        self.known.settle();
    }

    fn clear(&self, measurement: &mut Measurement) {
        if identifies(measurement) || !is_measured(measurement) && self.known.tells(&measurement.value) {
            let text = measurement.value.to_string();
            measurement.value = Value::Text(hash(&text, STAND_IN).into());
        }
        if let RegisterId::Printed(name) = measurement.register
            && self.known.tells_text(name.as_str())
            && let Some(name) = Printed::new(&hash(name.as_str(), STAND_IN))
        {
            measurement.register = RegisterId::Printed(name);
        }
    }

    fn is_maker(&self, maker: &str) -> bool {
        is_name(maker) && !self.known.tells_text(maker)
    }

    /// Whether a text is a model that may leave. Logs of earlier versions have numbers where models should be.
    fn is_model(
        &self,
        model: &str,
        protocol: Option<Protocol>,
        meter: Option<&str>,
        values: &[Measurement],
    ) -> bool {
        let is_one = protocol.is_none_or(|protocol| is_model(model, protocol, meter, values));
        is_one && !self.known.tells_text(model)
    }
}

fn is_meter_id(value: &Measurement) -> bool {
    value.quantity == Some(Quantity::MeterId)
}

/// Whether a value is of a kind that identifies nothing: a time, or a number of a quantity with a unit. Such a number
/// may equal the meter's identification by chance: a counter passes through all numbers.
fn is_measured(measurement: &Measurement) -> bool {
    let Measurement { quantity: Some(quantity), value, error: None, .. } = measurement else { return false };
    match value {
        Value::Number(_) => quantity.unit().is_some_and(|unit| unit != Unit::One),
        Value::Text(text) => *quantity == Quantity::Clock && text.parse::<MeterTime>().is_ok(),
        Value::Octets(_) => false,
    }
}

/// The most identifications that are remembered. A meter that sends more of them changes its identification all the
/// time, so the old ones are forgotten.
const MOST_KNOWN: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{entry, measurement, reading};

    const NUMBER: &str = "6970631405353535";

    fn id() -> Measurement {
        measurement("0-0:96.1.0", Quantity::MeterId, NUMBER)
    }

    fn message(text: &str) -> Measurement {
        measurement("0-0:96.13.0", Quantity::Message, text)
    }

    /// The output for a value whose reading also has the meter's number.
    fn told(value: Measurement) -> Measurement {
        let entry = entry(7, 0, reading(vec![value, id()]));
        let told = Leaving::new(false, "kfm-1", None).entry(&entry);
        let [value, id] = told.get().reading.values.as_slice() else { panic!("every register occurs once") };
        assert_ne!(id.value.to_string(), NUMBER);
        value.clone()
    }

    #[test]
    fn an_identification_is_hashed_unless_it_may_leave() {
        let power = measurement("1-0:1.7.0", Quantity::ActivePowerImport, "1380");
        let entry = entry(7, 0, reading(vec![id(), message("(KFM-6970631405353535)"), power.clone()]));
        assert_eq!(Leaving::new(true, "kfm-1", None).entry(&entry).get(), &entry);
        let told = Leaving::new(false, "kfm-1", None).entry(&entry);
        assert!(!told.get().to_json().contains(NUMBER), "{}", told.get().to_json());
        assert_eq!((told.get().seq, told.get().reading.meter.as_deref()), (7, Some("kfm-1")));
        assert_eq!(told.get().reading.values[2], power);
        assert_eq!(told.get().reading.model.as_deref(), Some("MA304H3E"));
        // SHA-256 by coreutils.
        assert_eq!(told.get().reading.values[0].value.to_string(), "a5a5ae16");
    }

    #[test]
    fn a_value_that_contains_an_identification_or_part_of_one_is_hashed() {
        for text in [
            "no. 69 7063 1405-353535!",
            "36393730363331343035333533353335",
            "69.70.63.14.05.35.35.35",
            "3535350514637069",
            "05353535",
            "697063140535",
            "call 3140535",
        ] {
            assert_ne!(told(message(text)).value.to_string(), text);
        }
        let counted =
            Measurement { quantity: None, ..measurement("1-0:77.7.0", Quantity::TariffIndicator, NUMBER) };
        assert!(matches!(told(counted).value, Value::Text(_)));
        let bytes = Value::Octets([0xFF, 0x35, 0x35, 0x35, 0x05, 0x14, 0x63, 0x70, 0x69].into());
        assert!(matches!(told(Measurement { value: bytes, ..message("") }).value, Value::Text(_)));
        let unnamed =
            Measurement { register: "1-1:0.0.1".parse().unwrap(), quantity: None, ..message("4711") };
        assert_ne!(told(unnamed).value.to_string(), "4711", "an identification without a quantity");
        let named = Measurement { register: NUMBER.parse().unwrap(), ..message("") };
        assert_ne!(told(named).register.to_string(), NUMBER);
    }

    #[test]
    fn values_without_an_identification_are_unchanged() {
        let energy = measurement("1-0:1.8.0", Quantity::ActiveEnergyImport, "6970631405353535");
        let clock = measurement("0-0:1.0.0", Quantity::Clock, "2026-11-21T02:30:10+01:00");
        let unknown = Measurement {
            quantity: None,
            ..measurement("0-0:96.13.2", Quantity::Message, "A message to you")
        };
        let version = measurement("1-1:0.2.129", Quantity::ListVersion, "KFM_001");
        for value in
            [energy, clock, version, unknown, message("35353"), message("000000"), message("Good day!")]
        {
            assert_eq!(told(value.clone()), value);
        }
    }

    #[test]
    fn identifications_of_earlier_readings_are_known() {
        let hidden = |leaving: &mut Leaving| {
            let entry = entry(7, 0, Reading { meter: None, ..reading(vec![message(NUMBER)]) });
            leaving.entry(&entry).get().reading.values[0].value.to_string() != NUMBER
        };
        assert!(!hidden(&mut Leaving::new(false, "kfm-1", None)));
        let mut leaving = Leaving::new(false, "kfm-1", Some("KFM-6970631405353535"));
        assert!(hidden(&mut leaving));
        // A meter that changes its identification all the time.
        for number in 0..200 {
            let other =
                measurement("0-0:96.1.0", Quantity::MeterId, &format!("AUX{}", 900_000_000 + 7 * number));
            leaving.learn(&Reading { meter: None, ..reading(vec![other]) });
        }
        assert!(hidden(&mut leaving) && leaving.known.count() <= MOST_KNOWN + 1);
    }

    #[test]
    fn no_header_contains_an_identification() {
        let header = |maker: &str, model: &str| {
            let mut newest = Newest::default();
            let (maker, model) = (Some(maker.into()), Some(model.into()));
            let entry = entry(7, 0, Reading { maker, model, ..reading(vec![id()]) });
            newest.take(&entry);
            let mut leaving = Leaving::new(false, "kfm-1", None);
            let reading = leaving.entry(&entry).get().reading.clone();
            let newest = leaving.newest(&newest).get().clone();
            assert_eq!(newest.meter.as_deref(), Some("kfm-1"));
            assert_eq!(
                (reading.maker.as_deref(), reading.model.as_deref()),
                (newest.maker.as_deref(), newest.model.as_deref())
            );
            (newest.maker, newest.model)
        };
        assert_eq!(header("HAGER", "MA304H3E"), (Some("HAGER".into()), Some("MA304H3E".into())));
        assert_eq!(header("6970631", "MA304H3E-05353535"), (None, None));
    }
}
