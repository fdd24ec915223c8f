//! The time zones of the world, from the database in `jiff`. In a browser, the browser supplies them.

use jiff::Timestamp;
use jiff::tz::TimeZoneDatabase;

use super::Zone;

impl Zone {
    /// The time zone with this IANA name; `None` if there is none.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let rules = TimeZoneDatabase::bundled().get(name).ok()?;
        let offset = |unix| Some(rules.to_offset(Timestamp::from_second(unix).ok()?).seconds());
        Self::sampled(name, offset).ok()
    }
}
