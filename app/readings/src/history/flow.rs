//! [`Flow`]: something that is counted on its way into the house or out of it, whatever the registers are called that
//! count it.

use metertap_decoder::reading::{Quantity, Unit};
use serde::{Deserialize, Serialize};

use crate::log::totals::track::Track;

/// What flows, and through which of the meter's channels.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
pub struct Flow {
    /// What is counted.
    pub quantity: Quantity,
    /// The sub-meter's channel; none of the meter itself.
    pub channel: Option<u8>,
}

impl Flow {
    /// A flow through the meter itself.
    #[must_use]
    pub const fn of_meter(quantity: Quantity) -> Self {
        Self { quantity, channel: None }
    }

    /// The flow that a track counts, and at which tariff; none where it counts nothing that a household pays for, a single
    /// phase, or something in a unit that nobody knows the size of.
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

    /// The unit that it is counted in.
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

/// What a household buys or sells.
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
