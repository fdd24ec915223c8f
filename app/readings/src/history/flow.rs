//! [`Flow`]: a quantity counted on its way into the house or out of it, whichever registers count it.

use metertap_decoder::reading::{Quantity, Unit};
use serde::{Deserialize, Serialize};

use crate::log::totals::track::Track;

/// A quantity, and the meter's channel through which it flows.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
pub struct Flow {
    /// The quantity that is counted.
    pub quantity: Quantity,
    /// The sub-meter's channel; `None` for the meter itself.
    pub channel: Option<u8>,
}

impl Flow {
    /// A flow through the meter itself.
    #[must_use]
    pub const fn of_meter(quantity: Quantity) -> Self {
        Self { quantity, channel: None }
    }

    /// The flow that a track counts, and its tariff. `None` for a track that counts nothing a household pays for, for a
    /// single phase, and for any unit but the quantity's own.
    #[must_use]
    pub fn of(track: Track) -> Option<(Self, Option<u32>)> {
        match track {
            Track::Register { quantity, phase: None, tariff, channel, unit, .. }
                if is_paid(quantity) && unit.is_some() && unit == quantity.unit() =>
            {
                Some((Self { quantity, channel: channel.filter(|channel| *channel > 0) }, tariff))
            }
            _ => None,
        }
    }

    /// The unit in which it is counted.
    #[must_use]
    pub const fn unit(self) -> Option<Unit> {
        self.quantity.unit()
    }

    /// Whether it leaves the house.
    #[must_use]
    pub fn is_out(self) -> bool {
        self.quantity == Quantity::ActiveEnergyExport
    }
}

const fn is_paid(quantity: Quantity) -> bool {
    matches!(
        quantity,
        Quantity::ActiveEnergyImport
            | Quantity::ActiveEnergyExport
            | Quantity::GasVolume
            | Quantity::GasVolumeCorrected
            | Quantity::WaterVolume
            | Quantity::HeatEnergy
            | Quantity::CoolingEnergy
    )
}
