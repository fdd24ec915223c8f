//! [`Role`]: what a meter measures in the house.

use serde::{Deserialize, Serialize};

use super::MeterKey;

/// What a meter measures in the house.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// It measures between the house and the grid.
    Grid,
    /// It measures what the house produces.
    Production,
    /// It measures a large consumer, such as a car or a heat pump.
    Consumer,
    /// It measures a part of what another meter measures.
    Part {
        /// The meter that measures the whole.
        of: MeterKey,
    },
    /// Gas.
    Gas,
    /// Water.
    Water,
    /// Heat.
    Heat,
    /// Cooling.
    Cooling,
}

impl Role {
    /// The roles that refer to no other meter.
    pub const CHOICES: [Self; 7] =
        [Self::Grid, Self::Production, Self::Consumer, Self::Gas, Self::Water, Self::Heat, Self::Cooling];
}
