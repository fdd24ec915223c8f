//! [`Limits`]: the user's settings for notices, for the whole house.

use serde::{Deserialize, Serialize};

/// The user's settings for notices, for the whole house. Nothing is set at first.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Limits {
    /// The most power that the house should take, in watts.
    #[serde(default)]
    pub power: Option<u32>,
    /// The main fuse of each phase, in amperes.
    #[serde(default)]
    pub fuse: Option<u32>,
    /// The names of the rules that are switched off.
    #[serde(default)]
    pub off: Vec<String>,
    /// Whether notices become system notifications, if the browser allows it.
    #[serde(default)]
    pub system: bool,
    /// The name of the peak rule that applies here; `None` if the time zone decides.
    #[serde(default)]
    pub peaks: Option<String>,
}
