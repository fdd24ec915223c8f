//! [`MeterKey`]: the log's key of a meter.

use serde::{Deserialize, Serialize};

/// The log's key of a meter: given once, never changed, `[a-z0-9-]`.
#[derive(Clone, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct MeterKey(pub String);
