//! [`TypedPosition`]: a counter's position that a user has read off the meter.
//!
//! Typed positions go into a log of their own beside the meter's, like the rows of an imported table: the meter's log
//! never changes. A position counts as received just before its time. So the position at midnight on the first of a
//! month is the end of the month before.

use metertap_decoder::number::Number;
use metertap_decoder::reading::{Integrity, Measurement, Protocol, Quantity, Reading, Scaling, TimeSource};
use metertap_decoder::register::{RegisterId, Value};
use serde::{Deserialize, Serialize};

use crate::as_text;
use crate::entry::{Entry, Moment};

/// A counter's position that a user has read off the meter.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
pub struct TypedPosition {
    /// When the counter had this position.
    pub at: Moment,
    /// The counter.
    pub counter: TypedCounter,
    /// The position, in its quantity's own unit.
    #[serde(with = "as_text")]
    pub value: Number,
}

/// A counter that a user can read off.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub struct TypedCounter {
    /// The meter's name of the register.
    #[serde(with = "as_text")]
    pub register: RegisterId,
    /// What it counts.
    pub quantity: Quantity,
    /// The tariff that it counts.
    pub tariff: Option<u32>,
    /// The sub-meter's channel.
    pub channel: Option<u8>,
}

/// What is known of a counter around a position.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Neighbours {
    /// The last position before.
    pub before: Option<Number>,
    /// The first position after.
    pub after: Option<Number>,
    /// Whether readings were received in the same quarter of an hour, or a position of this counter was typed in it.
    pub heard: bool,
}

/// Why a position is not kept.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoPosition {
    /// Its time is in the future.
    Future,
    /// Its time is before 2000; totals leave such times out.
    Past,
    /// It is below zero, or has more digits than a meter shows.
    Size,
    /// Readings were received in that quarter of an hour, or a position of this counter is stored for it already.
    Heard,
    /// The counter was higher before.
    Lower {
        /// The position before.
        #[serde(with = "as_text")]
        before: Number,
    },
    /// The counter was lower afterwards.
    Higher {
        /// The position after.
        #[serde(with = "as_text")]
        after: Number,
    },
    /// The meter already has the largest number of typed positions.
    Many,
    /// There is no such meter any more.
    Nobody,
    /// The log could not be read or written.
    Unkept,
}

/// What to do with a position.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Typing {
    /// Keep it.
    Keep(TypedPosition),
    /// Remove it.
    TakeBack(TypedPosition),
}

/// Reads a position as a user writes it, where numbers have this decimal mark. Returns `None` if the text is not a
/// number, or if its mark may separate thousands: `10,329` is ten thousand in London, and `10.329` in Berlin.
#[must_use]
pub fn written_position(text: &str, decimal_mark: char) -> Option<Number> {
    // Thousands may be separated by spaces, as on the screen.
    let text: String = text.chars().filter(|letter| !letter.is_whitespace()).collect();
    let (whole, mark, rest) = match text.find(['.', ',']) {
        Some(at) => (text.get(..at)?, text.get(at..=at)?, text.get(at + 1..)?),
        None => return text.parse().ok(),
    };
    let are_thousands =
        !mark.starts_with(decimal_mark) && rest.len() == 3 && whole.len() <= 3 && !whole.starts_with('0');
    if are_thousands || rest.contains(['.', ',']) {
        return None;
    }
    format!("{whole}.{rest}").parse().ok()
}

impl TypedPosition {
    /// The typed position that an entry of a log holds; `None` if it holds none.
    #[must_use]
    pub fn of(entry: &Entry) -> Option<Self> {
        let value = entry.reading.values.first()?;
        let Measurement { register, quantity: Some(quantity), tariff, channel, .. } = *value else {
            return None;
        };
        let Value::Number(number) = value.value else { return None };
        let at = Moment(entry.received.0.saturating_add(1));
        Some(Self { at, counter: TypedCounter { register, quantity, tariff, channel }, value: number })
    }

    /// When its reading counts as received.
    #[must_use]
    pub const fn received(&self) -> Moment {
        Moment(self.at.0.saturating_sub(1))
    }

    /// The position as a reading of a meter with this identification.
    #[must_use]
    pub fn reading(&self, meter: Option<&str>) -> Reading {
        Reading {
            meter: meter.map(Into::into),
            maker: None,
            model: None,
            protocol: Protocol::Table,
            time: None,
            time_source: TimeSource::Received,
            integrity: Integrity::Unchecked,
            values: vec![self.counter.measurement(self.value)],
        }
    }

    /// Checks whether the position can be kept, at this moment.
    ///
    /// # Errors
    /// The reason why it cannot be kept.
    pub fn check(&self, now: Moment, neighbours: &Neighbours) -> Result<(), NoPosition> {
        if self.at > now {
            return Err(NoPosition::Future);
        }
        if self.at <= EARLIEST {
            return Err(NoPosition::Past);
        }
        let is_of_a_meter = self.value.mantissa >= 0
            && self.value.scaler >= FINEST
            && self.value.compare(Number::whole(LARGEST)).is_lt();
        if !is_of_a_meter {
            return Err(NoPosition::Size);
        }
        if neighbours.heard {
            return Err(NoPosition::Heard);
        }
        match *neighbours {
            Neighbours { before: Some(before), .. } if self.value.compare(before).is_lt() => {
                Err(NoPosition::Lower { before })
            }
            Neighbours { after: Some(after), .. } if self.value.compare(after).is_gt() => {
                Err(NoPosition::Higher { after })
            }
            _ => Ok(()),
        }
    }
}

impl TypedCounter {
    /// A value of this counter.
    #[must_use]
    pub fn measurement(&self, value: Number) -> Measurement {
        let Self { register, quantity, tariff, channel } = *self;
        Measurement {
            register,
            quantity: Some(quantity),
            phase: None,
            tariff,
            channel,
            storage: None,
            time: None,
            value: Value::Number(value),
            unit: quantity.unit(),
            error: None,
            scaling: Scaling::Unstated,
        }
    }
}

/// What a meter that is not connected may count, and the names of these counters (EN 62056-6-1 and EN 13757-1, by
/// medium).
pub const COUNTERS: [(Quantity, &str); 5] = [
    (Quantity::ActiveEnergyImport, "1-0:1.8.0"),
    (Quantity::ActiveEnergyExport, "1-0:2.8.0"),
    (Quantity::GasVolume, "7-0:3.0.0"),
    (Quantity::WaterVolume, "8-0:1.0.0"),
    (Quantity::HeatEnergy, "6-0:1.0.0"),
];
/// The most typed positions of a meter: one a week for nearly forty years.
pub const MOST_POSITIONS: usize = 2000;
/// The source that is recorded for a log of typed positions, and for a meter with no other log.
pub const TYPED_BY_HAND: &str = "Typed by hand";

/// 2000-01-01T00:00:00Z.
const EARLIEST: Moment = Moment(946_684_800_000);
const FINEST: i8 = -6;
const LARGEST: i128 = 1_000_000_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Moment = Moment(1_795_262_400_000);

    fn position(at: Moment, value: &str) -> TypedPosition {
        let (quantity, register) = COUNTERS[0];
        let counter =
            TypedCounter { register: register.parse().unwrap(), quantity, tariff: None, channel: None };
        TypedPosition { at, counter, value: value.parse().unwrap() }
    }

    fn between(before: &str, after: &str) -> Neighbours {
        let number = |text: &str| Some(text.parse().unwrap());
        Neighbours { before: number(before), after: number(after), heard: false }
    }

    #[test]
    fn a_position_lies_between_its_neighbours() {
        let check = |value, neighbours| position(NOW, value).check(NOW, &neighbours);
        assert_eq!(check("10329.5", Neighbours::default()), Ok(()));
        assert_eq!(check("10329.5", between("10329.50", "10329.500")), Ok(()));
        let before = "10330".parse().unwrap();
        assert_eq!(check("10329.9", between("10330", "10400")), Err(NoPosition::Lower { before }));
        let after = "10400".parse().unwrap();
        assert_eq!(check("10400.001", between("10330", "10400")), Err(NoPosition::Higher { after }));
        assert_eq!(check("5", Neighbours { heard: true, ..Neighbours::default() }), Err(NoPosition::Heard));
    }

    #[test]
    fn a_position_needs_a_past_time_and_a_possible_size() {
        let check = |at, value| position(Moment(at), value).check(NOW, &Neighbours::default());
        assert_eq!(check(NOW.0 + 1, "5"), Err(NoPosition::Future));
        assert_eq!(check(EARLIEST.0, "5"), Err(NoPosition::Past));
        for value in ["-1", "0.0000001", "1000000000000"] {
            assert_eq!(check(NOW.0, value), Err(NoPosition::Size), "{value}");
        }
    }

    #[test]
    fn a_thousands_separator_is_not_a_decimal_mark() {
        for (mark, text, number) in [
            ('.', "10329.481", Some("10329.481")),
            ('.', "10 329.481", Some("10329.481")),
            ('.', "10\u{202f}329", Some("10329")),
            ('.', "10329,481", Some("10329.481")),
            ('.', "10329,48", Some("10329.48")),
            ('.', "0,329", Some("0.329")),
            ('.', "10,329", None),
            ('.', "1,010,329", None),
            ('.', "10,329.481", None),
            (',', "10,329", Some("10.329")),
            (',', "10.329", None),
            (',', "10.329,481", None),
            ('.', "", None),
            ('.', "ten", None),
        ] {
            let number = number.map(|number| number.parse().unwrap());
            assert_eq!(written_position(text, mark), number, "{text} with {mark}");
        }
    }

    #[test]
    fn a_position_is_read_from_its_log_as_it_was_typed() {
        let typed = position(NOW, "10329.481");
        let entry = Entry { reading: typed.reading(Some("4530")), received: typed.received(), seq: 1 };
        assert_eq!(TypedPosition::of(&entry), Some(typed));
    }
}
