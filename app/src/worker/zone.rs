//! Time zones, as the browser knows them.

use metertap_decoder::time::Zone;
use metertap_engine::clock::UnknownZone;

use crate::browser::locale::ZoneClock;

/// The zone with this name, as the browser knows it.
pub(super) fn named(name: &str) -> Result<Zone, UnknownZone> {
    let unknown = || UnknownZone(name.to_owned());
    let clock = ZoneClock::of(name).ok_or_else(unknown)?;
    let offset = |unix: i64| Some(clock.offset_minutes(unix.checked_mul(1000)?)? * 60);
    Zone::sampled(name, offset).map_err(|_| unknown())
}
