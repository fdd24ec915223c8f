//! Corrections in files: how they are written among readings in JSON Lines.

use serde::{Deserialize, Serialize};

use crate::stated::Correction;
use crate::store::MeterKey;

/// What a user has corrected for a meter, as a line of JSON Lines. The field `correction` distinguishes the line from a
/// reading.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct CorrectionLine {
    /// The correction.
    pub correction: Correction,
    /// The identification that the meter sends, as in its readings.
    pub meter: Option<String>,
    /// The meter's key in the browser that wrote the file.
    pub of: MeterKey,
    /// Always empty, so that a program that adds up the values of all lines ignores this one.
    #[serde(default)]
    pub values: [(); 0],
}

impl CorrectionLine {
    /// The line, without a line end.
    #[must_use]
    pub fn to_json(&self) -> String {
        // This cannot fail: every key is a string, and writing to a string in memory always succeeds.
        serde_json::to_string(self).unwrap_or_default()
    }
}
