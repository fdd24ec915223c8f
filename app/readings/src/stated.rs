//! [`Stated`]: what a user states about a meter's numbers and its clock. Each statement holds from a moment on.
//!
//! A [`Correction`] is stored beside the log, in the meter's record. The log keeps what was received. Its readers get
//! the values with the corrections applied, and each corrected value is marked. Two kinds of corrections concern a
//! history as a whole and change no value: that a meter replaced another one, and that statistics leave a period out.
//! [`crate::history::timeline`] applies these.

mod ratio;

use metertap_decoder::number::Number;
use metertap_decoder::reading::{Quantity, Unit};
use metertap_decoder::register::RegisterId;
use serde::{Deserialize, Serialize};

pub use self::ratio::{NotARatio, Ratio, product};
use crate::entry::Moment;
use crate::meter_key::MeterKey;
use crate::plain::plain;

/// A statement of a user about a meter.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Correction {
    /// Since when it holds: the beginning of a quarter of an hour.
    pub from: Moment,
    /// The statement.
    pub what: CorrectionKind,
}

/// The kinds of statements.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CorrectionKind {
    /// The meter is behind current transformers and does not know their ratio: the energies, powers and currents that
    /// it sends are those behind the transformers.
    CurrentTransformer {
        /// The current before the transformers divided by the current behind them.
        ratio: Ratio,
    },
    /// The same for voltage transformers: energies, powers and voltages.
    VoltageTransformer {
        /// The voltage before the transformers divided by the voltage behind them.
        ratio: Ratio,
    },
    /// The value of one count of a register that has no unit.
    Count {
        /// The meter's own name of the register.
        #[serde(with = "text")]
        register: RegisterId,
        /// The sub-meter's channel.
        #[serde(default)]
        channel: Option<u8>,
        /// The quantity that is counted.
        quantity: Quantity,
        /// How much of the quantity's own unit one count is.
        ratio: Ratio,
    },
    /// The meter's clock is off.
    Clock {
        /// By how many minutes its clock has to be put forward; negative if it is ahead. Whole quarters of an hour.
        minutes: i16,
    },
    /// The meter replaced another one: the other one's history comes before this meter's.
    Replaced {
        /// The meter that was replaced.
        meter: MeterKey,
    },
    /// Statistics leave out everything until a moment.
    LeftOut {
        /// The first moment that counts again: the end of a quarter of an hour.
        until: Moment,
        /// The reason, in the user's words.
        why: String,
    },
}

/// A number of a meter, as statements identify it.
#[derive(Clone, Copy, Debug)]
pub struct CorrectedNumber {
    /// The register.
    pub register: RegisterId,
    /// What it measures.
    pub quantity: Option<Quantity>,
    /// The sub-meter's channel.
    pub channel: Option<u8>,
    /// Whether the telegram has a unit for it.
    pub has_unit: bool,
}

/// What statements do to a number.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Factor {
    /// The number is multiplied by this.
    pub by: Number,
    /// The quantity that it becomes, in that quantity's own unit; `None` if it keeps its quantity.
    pub quantity: Option<Quantity>,
}

/// The statements about a meter's numbers and its clock, in chronological order.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Stated(Vec<Correction>);

impl Correction {
    /// Whether both are about the same thing from the same moment on, or both name a replaced meter. Then the later
    /// statement replaces the earlier one.
    #[must_use]
    pub fn is_about_the_same(&self, other: &Self) -> bool {
        let is_replacement = |correction: &Self| matches!(correction.what, CorrectionKind::Replaced { .. });
        let is_at_once = self.from == other.from || (is_replacement(self) && is_replacement(other));
        is_at_once && self.what.subject() == other.what.subject()
    }

    /// Returns the correction with its times widened to whole quarters of an hour, and without invisible characters in
    /// its text; `None` if it is not a valid statement.
    #[must_use]
    pub fn possible(mut self) -> Option<Self> {
        self.from = Moment(quarter(self.from));
        let is_possible = match &mut self.what {
            CorrectionKind::CurrentTransformer { .. }
            | CorrectionKind::VoltageTransformer { .. }
            | CorrectionKind::Replaced { .. } => true,
            CorrectionKind::Count { quantity, .. } => COUNTED.contains(quantity),
            CorrectionKind::Clock { minutes } => *minutes % 15 == 0 && minutes.unsigned_abs() <= MOST_MINUTES,
            CorrectionKind::LeftOut { until, why } => {
                *until = Moment(quarter(Moment(until.0.saturating_add(QUARTER - 1))));
                *why = plain(why.trim(), MOST_LETTERS);
                self.from < *until && !why.is_empty()
            }
        };
        is_possible.then_some(self)
    }
}

/// Adds a statement to those about a meter, in chronological order. It replaces an earlier statement about the same
/// thing. Returns whether the statement is kept: a meter has at most [`MOST_STATEMENTS`].
#[must_use]
pub fn restate(stated: &mut Vec<Correction>, statement: Correction) -> bool {
    stated.retain(|other| !other.is_about_the_same(&statement));
    let is_kept = stated.len() < MOST_STATEMENTS;
    if is_kept {
        stated.push(statement);
    }
    stated.sort_by_key(|statement| statement.from);
    is_kept
}

impl CorrectionKind {
    /// What it is about: its kind, and for a count also the register and the channel.
    fn subject(&self) -> (u8, Option<(RegisterId, Option<u8>)>) {
        match self {
            Self::CurrentTransformer { .. } => (0, None),
            Self::VoltageTransformer { .. } => (1, None),
            Self::Count { register, channel, .. } => (2, Some((*register, *channel))),
            Self::Clock { .. } => (3, None),
            Self::Replaced { .. } => (4, None),
            Self::LeftOut { .. } => (5, None),
        }
    }

    /// Whether it is about single numbers or the clock, not about the history as a whole.
    #[must_use]
    pub const fn is_of_readings(&self) -> bool {
        !matches!(self, Self::Replaced { .. } | Self::LeftOut { .. })
    }

    fn touches(&self, number: &CorrectedNumber) -> bool {
        let of_meter = |touched: fn(Quantity) -> bool| {
            number.quantity.is_some_and(touched) && number.channel.is_none_or(|channel| channel == 0)
        };
        match self {
            Self::CurrentTransformer { .. } => of_meter(is_of_current),
            Self::VoltageTransformer { .. } => of_meter(is_of_voltage),
            Self::Count { register, channel, .. } => {
                let counts = number
                    .quantity
                    .is_some_and(|quantity| quantity == Quantity::Pulses || COUNTED.contains(&quantity));
                counts && !number.has_unit && (*register, *channel) == (number.register, number.channel)
            }
            Self::Clock { .. } | Self::Replaced { .. } | Self::LeftOut { .. } => false,
        }
    }
}

impl Stated {
    /// The statements about single numbers or the clock.
    #[must_use]
    pub fn of(statements: &[Correction]) -> Self {
        let mut statements: Vec<Correction> =
            statements.iter().filter(|statement| statement.what.is_of_readings()).cloned().collect();
        statements.sort_by_key(|statement| statement.from);
        Self(statements)
    }

    /// Whether nothing is stated.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// By how many minutes the meter's clock has to be put forward at this moment; `None` if not at all.
    #[must_use]
    pub fn clock(&self, at: Moment) -> Option<i16> {
        let clock = |statement: &Correction| match statement.what {
            CorrectionKind::Clock { minutes } => Some(minutes),
            _ => None,
        };
        self.until(at).filter_map(clock).last().filter(|minutes| *minutes != 0)
    }

    /// Whether any statement is about the clock.
    #[must_use]
    pub fn has_clock(&self) -> bool {
        self.0.iter().any(|statement| matches!(statement.what, CorrectionKind::Clock { .. }))
    }

    /// The factor that applies to a number at this moment; `None` if none does. The ratios of both kinds of
    /// transformers are multiplied. The value of a count already includes them.
    #[must_use]
    pub fn factor(&self, number: &CorrectedNumber, at: Moment) -> Option<Factor> {
        let (mut current, mut voltage, mut count) = (None, None, None);
        for statement in self.until(at).filter(|statement| statement.what.touches(number)) {
            match &statement.what {
                CorrectionKind::CurrentTransformer { ratio } => current = Some(ratio.factor()),
                CorrectionKind::VoltageTransformer { ratio } => voltage = Some(ratio.factor()),
                CorrectionKind::Count { quantity, ratio, .. } => count = Some((ratio.factor(), *quantity)),
                CorrectionKind::Clock { .. }
                | CorrectionKind::Replaced { .. }
                | CorrectionKind::LeftOut { .. } => {}
            }
        }
        if let Some((by, quantity)) = count {
            return Some(Factor { by, quantity: Some(quantity) });
        }
        let one = Number::whole(1);
        let by = product(current.unwrap_or(one), voltage.unwrap_or(one))?;
        (by != one).then_some(Factor { by, quantity: None })
    }

    /// All factors that ever apply to a number.
    pub fn factors(&self, number: &CorrectedNumber) -> impl Iterator<Item = Factor> {
        let moments = self.0.iter().map(|statement| statement.from);
        moments.filter_map(|from| self.factor(number, from))
    }

    /// The factor of the house's net power at this moment; `None` if none applies.
    #[must_use]
    pub fn power(&self, at: Moment) -> Option<Number> {
        self.factor(&NET_POWER, at).map(|factor| factor.by)
    }

    /// How many statements about a number had come into force by this moment. If that differs between two positions of
    /// a counter, the later one does not continue the earlier one.
    #[must_use]
    pub fn era(&self, number: &CorrectedNumber, at: Moment) -> u32 {
        let touching = self.until(at).filter(|statement| statement.what.touches(number)).count();
        u32::try_from(touching).unwrap_or(u32::MAX)
    }

    /// Whether a factor comes into force after the first of these moments, and no later than the last.
    #[must_use]
    pub fn changes_between(&self, first: Moment, last: Moment) -> bool {
        let is_factor = |statement: &&Correction| !matches!(statement.what, CorrectionKind::Clock { .. });
        self.0.iter().filter(is_factor).any(|statement| first < statement.from && statement.from <= last)
    }

    /// What had come into force by this moment.
    fn until(&self, at: Moment) -> impl Iterator<Item = &Correction> {
        self.0.iter().take_while(move |statement| statement.from <= at)
    }
}

/// The beginning of the quarter of an hour that a moment lies in, in milliseconds since 1970.
const fn quarter(moment: Moment) -> i64 {
    moment.0.div_euclid(QUARTER).saturating_mul(QUARTER)
}

fn is_of_current(quantity: Quantity) -> bool {
    quantity == Quantity::Current || is_power_or_energy(quantity)
}

fn is_of_voltage(quantity: Quantity) -> bool {
    matches!(quantity, Quantity::Voltage | Quantity::VoltageLine) || is_power_or_energy(quantity)
}

/// Whether a quantity is electrical power or energy: heat does not go through transformers.
fn is_power_or_energy(quantity: Quantity) -> bool {
    use Quantity as Q;
    use Unit as U;
    let of_wires = matches!(
        quantity.unit(),
        Some(U::Watt | U::Var | U::VoltAmpere | U::KilowattHour | U::KilovarHour | U::KilovoltAmpereHour)
    );
    of_wires && !matches!(quantity, Q::HeatEnergy | Q::CoolingEnergy | Q::HeatPower | Q::LimiterThreshold)
}

/// The quantities that a count may stand for.
pub const COUNTED: &[Quantity] = &[
    Quantity::ActiveEnergyImport,
    Quantity::ActiveEnergyExport,
    Quantity::ReactiveEnergyImport,
    Quantity::ReactiveEnergyExport,
    Quantity::GasVolume,
    Quantity::WaterVolume,
    Quantity::HeatVolume,
    Quantity::HeatEnergy,
    Quantity::CoolingEnergy,
];

/// The most statements about a meter: more than a user makes.
pub const MOST_STATEMENTS: usize = 64;

const NET_POWER: CorrectedNumber = CorrectedNumber {
    register: RegisterId::Position(0),
    quantity: Some(Quantity::ActivePower),
    channel: None,
    has_unit: true,
};
/// Zones differ from UTC by at most fourteen hours.
const MOST_MINUTES: u16 = 14 * 60;
const QUARTER: i64 = 900_000;
/// The most letters of a reason.
const MOST_LETTERS: usize = 200;

mod text {
    use metertap_decoder::register::RegisterId;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(register: &RegisterId, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(register)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<RegisterId, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|_| serde::de::Error::custom("not a register"))
    }
}

#[cfg(test)]
mod tests;
