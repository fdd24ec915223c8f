//! [`Stated`]: what a person states of a meter's numbers and of its clock, each from a moment on.
//!
//! A [`Correction`] lies beside the log, in the meter's record. The log keeps what was heard; whoever reads it gets what is
//! stated applied, and the value says so. What is stated of a history as a whole, which meter took the place of which and
//! what no statistics count, changes no value: [`crate::history::timeline`] heeds it.

mod ratio;

use metertap_decoder::number::Number;
use metertap_decoder::reading::{Quantity, Unit};
use metertap_decoder::register::RegisterId;
use serde::{Deserialize, Serialize};

pub use self::ratio::{NotARatio, Ratio, product};
use crate::entry::Moment;
use crate::meter_key::MeterKey;

/// Something that a person states of a meter.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Correction {
    /// From when on it holds: the beginning of a quarter of an hour.
    pub from: Moment,
    /// What is stated.
    pub what: CorrectionKind,
}

/// What a person can state.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CorrectionKind {
    /// The meter is behind current transformers and does not know their ratio: its energies, powers and currents are
    /// those behind them.
    CurrentTransformer {
        /// Current before them over current behind them.
        ratio: Ratio,
    },
    /// The same of voltage transformers: energies, powers and voltages.
    VoltageTransformer {
        /// Voltage before them over voltage behind them.
        ratio: Ratio,
    },
    /// What one count of a register that says no unit stands for.
    Count {
        /// The meter's own name of the register.
        #[serde(with = "text")]
        register: RegisterId,
        /// The sub-meter's channel.
        #[serde(default)]
        channel: Option<u8>,
        /// What is counted.
        quantity: Quantity,
        /// How much of the quantity's own unit is one.
        ratio: Ratio,
    },
    /// The meter's clock is off.
    Clock {
        /// Minutes that its clock has to be put forward by; negative where it goes ahead. Whole quarters of an hour.
        minutes: i16,
    },
    /// The meter took the place of another one: what that one counted before belongs to this one's history.
    Replaced {
        /// Which.
        meter: MeterKey,
    },
    /// No statistics count what was used until a moment.
    LeftOut {
        /// The first moment that counts again: the end of a quarter of an hour.
        until: Moment,
        /// Why, in the person's words.
        why: String,
    },
}

/// A number of a meter, as far as statements tell numbers apart.
#[derive(Clone, Copy, Debug)]
pub struct CorrectedNumber {
    /// The register.
    pub register: RegisterId,
    /// What it measures.
    pub quantity: Option<Quantity>,
    /// The sub-meter's channel.
    pub channel: Option<u8>,
    /// Whether the telegram says a unit.
    pub has_unit: bool,
}

/// What becomes of a number.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Factor {
    /// What it is multiplied by.
    pub by: Number,
    /// What it is from then on, in that quantity's own unit; none where it stays what it is.
    pub quantity: Option<Quantity>,
}

/// All that is stated of a meter, in the order of time.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Stated(Vec<Correction>);

impl Correction {
    /// Whether both are about the same from the same moment on: the later one then stands for the earlier one.
    #[must_use]
    pub fn is_about_the_same(&self, other: &Self) -> bool {
        let is_replacement = |correction: &Self| matches!(correction.what, CorrectionKind::Replaced { .. });
        let is_at_once = self.from == other.from || (is_replacement(self) && is_replacement(other));
        is_at_once && self.what.subject() == other.what.subject()
    }

    /// The same from the beginning of its quarter of an hour on; none where a person cannot state that.
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
                *why = why.trim().chars().filter(|letter| !letter.is_control()).take(MOST_LETTERS).collect();
                self.from < *until && !why.is_empty()
            }
        };
        is_possible.then_some(self)
    }
}

impl CorrectionKind {
    /// Which numbers it is about.
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

    /// Whether it is about single numbers or the clock, and not about the history as a whole.
    #[must_use]
    pub const fn is_of_readings(&self) -> bool {
        !matches!(self, Self::Replaced { .. } | Self::LeftOut { .. })
    }

    /// Whether it touches that number.
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
    /// Those of these statements that are about single numbers or the clock.
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

    /// Minutes that the meter's clock is to be put forward by at that moment.
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

    /// What becomes of a number that counts at that moment. Both transformers' ratios are multiplied; what a count is
    /// worth has them in it.
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

    /// What has become or will become of a number at any time.
    pub fn factors(&self, number: &CorrectedNumber) -> impl Iterator<Item = Factor> {
        let moments = self.0.iter().map(|statement| statement.from);
        moments.filter_map(|from| self.factor(number, from))
    }

    /// What the house's net power is multiplied by at that moment.
    #[must_use]
    pub fn power(&self, at: Moment) -> Option<Number> {
        self.factor(&NET_POWER, at).map(|factor| factor.by)
    }

    /// How many statements about a number had come into force by that moment. Between two such times, a counter's numbers
    /// are not each other's successors.
    #[must_use]
    pub fn era(&self, number: &CorrectedNumber, at: Moment) -> u32 {
        let touching = self.until(at).filter(|statement| statement.what.touches(number)).count();
        u32::try_from(touching).unwrap_or(u32::MAX)
    }

    /// Whether a factor comes into force behind the first of these moments and before the last.
    #[must_use]
    pub fn changes_between(&self, first: Moment, last: Moment) -> bool {
        let is_factor = |statement: &&Correction| !matches!(statement.what, CorrectionKind::Clock { .. });
        self.0.iter().filter(is_factor).any(|statement| first < statement.from && statement.from <= last)
    }

    /// What has come into force by that moment.
    fn until(&self, at: Moment) -> impl Iterator<Item = &Correction> {
        self.0.iter().take_while(move |statement| statement.from <= at)
    }
}

/// The beginning of the quarter of an hour that a moment lies in, in milliseconds since 1970.
const fn quarter(moment: Moment) -> i64 {
    moment.0.div_euclid(QUARTER).saturating_mul(QUARTER)
}

/// Whether a quantity is as many times larger before current transformers as the current is.
fn is_of_current(quantity: Quantity) -> bool {
    quantity == Quantity::Current || is_power_or_energy(quantity)
}

fn is_of_voltage(quantity: Quantity) -> bool {
    matches!(quantity, Quantity::Voltage | Quantity::VoltageLine) || is_power_or_energy(quantity)
}

/// Of electricity: heat does not go through transformers.
fn is_power_or_energy(quantity: Quantity) -> bool {
    use Quantity as Q;
    use Unit as U;
    let of_wires = matches!(
        quantity.unit(),
        Some(U::Watt | U::Var | U::VoltAmpere | U::KilowattHour | U::KilovarHour | U::KilovoltAmpereHour)
    );
    of_wires && !matches!(quantity, Q::HeatEnergy | Q::CoolingEnergy | Q::HeatPower | Q::LimiterThreshold)
}

/// What a count may stand for.
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

/// More statements than a meter's person makes.
pub const MOST_STATEMENTS: usize = 64;

const NET_POWER: CorrectedNumber = CorrectedNumber {
    register: RegisterId::Position(0),
    quantity: Some(Quantity::ActivePower),
    channel: None,
    has_unit: true,
};
/// Zones are up to fourteen hours from UTC.
const MOST_MINUTES: u16 = 14 * 60;
const QUARTER: i64 = 900_000;
/// Of a reason.
const MOST_LETTERS: usize = 200;

/// A register as its text.
mod text {
    use metertap_decoder::register::RegisterId;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(register: &RegisterId, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(register)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<RegisterId, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|_| serde::de::Error::custom("no register"))
    }
}

#[cfg(test)]
mod tests;
