//! Corrections in files: how JSON Lines has them among readings.

use serde::{Deserialize, Serialize};

use crate::stated::Correction;
use crate::store::MeterKey;

/// What a user has corrected of a meter, as a line of JSON Lines. By `correction` it is told from a reading.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct CorrectionLine {
    /// The correction.
    pub correction: Correction,
    /// The identification that the meter sends, as in its readings.
    pub meter: Option<String>,
    /// The meter's key in the browser that wrote the file.
    pub of: MeterKey,
    /// None, so that a program which adds up the values of all lines passes over this one.
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
