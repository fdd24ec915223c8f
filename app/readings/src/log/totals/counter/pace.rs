//! [`Pace`]: how much a counter can have counted between two readings.
//!
//! Nobody knows the fuse of every house, so these are bounds that no house reaches: what exceeds them is not
//! consumption. They need not be tight. A wrong number is mostly far off, and what stays below the bound cancels out
//! when the counter falls back (see [`super::Counter`]).

use metertap_decoder::reading::{Quantity, Unit};

use super::Position;
use crate::log::totals::decimal::power_of_ten;

/// The kind of a counter, as far as its pace is concerned.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::log) enum Pace {
    /// Electrical energy behind a fuse, in kilowatt hours.
    Electricity,
    /// Heat or cooling energy, in kilowatt hours.
    Heat,
    /// Gas, water or heating water, in cubic metres.
    Volume,
    /// An unknown kind.
    Unknown,
}

/// Each quantity that adds up has a pace: a new one without a pace does not compile.
const _: () = {
    let mut rest = Quantity::ALL;
    while let [first, others @ ..] = rest {
        let adds_up = matches!(
            first.unit(),
            Some(
                Unit::KilowattHour
                    | Unit::KilovarHour
                    | Unit::KilovoltAmpereHour
                    | Unit::CubicMetre
                    | Unit::Hour
            )
        );
        assert!(!adds_up || Pace::of_quantity(*first).is_some());
        rest = others;
    }
};

impl Pace {
    /// The pace of a quantity that only ever counts up; `None` for any other.
    pub(in crate::log) const fn of_quantity(quantity: Quantity) -> Option<Self> {
        use Quantity as Q;
        Some(match quantity {
            Q::ActiveEnergyImport
            | Q::ActiveEnergyExport
            | Q::ReactiveEnergyImport
            | Q::ReactiveEnergyExport
            | Q::ReactiveEnergyQ1
            | Q::ReactiveEnergyQ2
            | Q::ReactiveEnergyQ3
            | Q::ReactiveEnergyQ4
            | Q::ApparentEnergyImport
            | Q::ApparentEnergyExport => Self::Electricity,
            Q::HeatEnergy | Q::CoolingEnergy => Self::Heat,
            Q::GasVolume | Q::GasVolumeCorrected | Q::WaterVolume | Q::HeatVolume => Self::Volume,
            Q::OperatingTime
            | Q::Pulses
            | Q::PowerFailures
            | Q::LongPowerFailures
            | Q::VoltageSags
            | Q::VoltageSwells => Self::Unknown,
            _ => return None,
        })
    }

    /// The most that can be counted between two positions, in mantissas of this scaler.
    pub(super) fn most(self, from: &Position, to: &Position, scaler: i8) -> i128 {
        let Some(elapsed) = elapsed(from, to) else { return i128::MAX };
        self.within(elapsed, from.kilowatts.max(to.kilowatts), scaler)
            .saturating_add(coarse(from, to, scaler))
    }

    /// Like [`Self::most`], for a house that is not behind transformers.
    pub(super) fn most_of_a_house(self, from: &Position, to: &Position, scaler: i8) -> i128 {
        let most = self.most(from, to, scaler);
        match (self, elapsed(from, to)) {
            (Self::Electricity, Some(elapsed)) => most.min(energy(FUSE_KILOWATTS, elapsed, scaler)),
            _ => most,
        }
    }

    /// The largest step that is not remembered. A larger one is undone if the counter falls back to where the step
    /// began.
    pub(super) fn notable(self, from: &Position, to: &Position, scaler: i8) -> i128 {
        let usual = match self {
            Self::Unknown => power_of_ten(-i16::from(scaler)).saturating_mul(NOTABLE_UNITS),
            _ => self.within(NOTABLE_TIME, from.kilowatts.max(to.kilowatts), scaler),
        };
        usual.saturating_add(coarse(from, to, scaler))
    }

    /// What can be counted in this many milliseconds. `kilowatts` is the power that the meter itself sends; 0 if it
    /// sends none.
    fn within(self, milliseconds: i64, kilowatts: u32, scaler: i8) -> i128 {
        let an_hour = match self {
            Self::Electricity => {
                // Within a minute, the meter's own power is evidence. But a kettle and a car charger may have been
                // switched on and off in between.
                let witness = kilowatts > 0 && milliseconds <= WITNESSED;
                let least = match milliseconds {
                    _ if witness => WITNESSED_KILOWATTS,
                    // A portal's table may be of a whole building, and does not tell its fuse or its power.
                    LONG.. if kilowatts == 0 => BUILDING_KILOWATTS,
                    _ => FUSE_KILOWATTS,
                };
                // The power comes from the same telegram, and may be just as wrong.
                kilowatts.min(BUILDING_KILOWATTS).saturating_mul(3).max(least)
            }
            Self::Heat => HEAT_KILOWATTS,
            Self::Volume => CUBIC_METRES,
            Self::Unknown => return i128::MAX,
        };
        energy(an_hour, milliseconds, scaler)
    }
}

/// What this many units an hour add up to in this many milliseconds.
#[inline(never)]
fn energy(an_hour: u32, milliseconds: i64, scaler: i8) -> i128 {
    let time = i128::from(milliseconds.saturating_add(JITTER));
    power_of_ten(-i16::from(scaler)).saturating_mul(an_hour.into()).saturating_mul(time) / HOUR
}

/// Two units of the coarser of the two positions: one list of a meter may have a coarser resolution than another.
pub(super) fn coarse(from: &Position, to: &Position, scaler: i8) -> i128 {
    let resolution = i16::from(from.resolution.max(to.resolution));
    power_of_ten(resolution - i16::from(scaler)).saturating_mul(2)
}

/// The milliseconds between two positions; `None` if version 1 wrote one of them, or if a clock was set back in
/// between.
pub(super) fn elapsed(from: &Position, to: &Position) -> Option<i64> {
    let elapsed = to.at?.0.saturating_sub(from.at?.0);
    (elapsed >= 0).then_some(elapsed)
}

/// Three phases of 100 A at 230 V: the largest fuse in front of a meter without transformers (in EN 50470-1, 100 A is
/// the second largest preferred current).
const FUSE_KILOWATTS: u32 = 69;
/// Three phases of 36 A.
const WITNESSED_KILOWATTS: u32 = 25;
const WITNESSED: i64 = 60_000;
/// Behind transformers, where readings are minutes apart. A wrong number mostly exceeds this as well.
const BUILDING_KILOWATTS: u32 = 1000;
const LONG: i64 = NOTABLE_TIME + 1;
/// A block of flats takes a few hundred kilowatts.
const HEAT_KILOWATTS: u32 = 1000;
/// A G100 gas meter passes 160 m³ an hour (EN 1359); a large water meter of a building passes less.
const CUBIC_METRES: u32 = 160;
/// How many milliseconds late a reading may have been.
const JITTER: i64 = 10_000;
const NOTABLE_TIME: i64 = 300_000;
const NOTABLE_UNITS: i128 = 1000;
const HOUR: i128 = 3_600_000;
