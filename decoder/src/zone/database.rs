//! The zones of the world natively: out of the database that `jiff` brings along. In a browser the browser knows them.

use jiff::Timestamp;
use jiff::tz::TimeZoneDatabase;

use super::Zone;

impl Zone {
    /// The zone of that IANA name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let rules = TimeZoneDatabase::bundled().get(name).ok()?;
        let offset = |unix| Some(rules.to_offset(Timestamp::from_second(unix).ok()?).seconds());
        Self::sampled(name, offset).ok()
    }
}
