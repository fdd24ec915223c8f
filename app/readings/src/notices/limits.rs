//! [`Limits`]: what a person has set for the whole house.

use serde::{Deserialize, Serialize};

/// What a person has set for the whole house. Nothing is set at first.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Limits {
    /// The most power that the house should take, in watts.
    #[serde(default)]
    pub power: Option<u32>,
    /// What the main fuse carries on each phase, in amperes.
    #[serde(default)]
    pub fuse: Option<u32>,
    /// The rules that are not wanted, by name.
    #[serde(default)]
    pub off: Vec<String>,
    /// Whether notices become notifications of the system, where the browser allows it.
    #[serde(default)]
    pub system: bool,
    /// The rule of peaks that applies here, by name; none where the time zone says which.
    #[serde(default)]
    pub peaks: Option<String>,
}
