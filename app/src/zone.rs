//! The time zone of this computer, as a table of its rules.

use metertap_decoder::time::Zone;

use crate::browser::{clock, locale};

/// The zone that the browser currently names. Its rules are read off the clock of that zone, because browsers provide
/// nothing else.
///
/// # Errors
/// The browser's name for the zone, if the zone is unknown.
pub fn here() -> Result<Zone, String> {
    // A browser takes half a millisecond to name its zone, and a chart that is dragged asks in each frame.
    let now = clock::monotonic_milliseconds();
    if let Some((zone, _)) = HERE.get().filter(|(_, named)| now.saturating_sub(*named) < NAME_HOLDS) {
        return Ok(zone);
    }
    let name = locale::zone().unwrap_or_default();
    // The table of a zone is never freed, so it is not created again while the name stays the same.
    if let Some((zone, _)) = HERE.get().filter(|(zone, _)| zone.name() == name) {
        HERE.set(Some((zone, now)));
        return Ok(zone);
    }
    if name == NOBODY_KNOWS {
        return Err(name);
    }
    let offset = |unix: i64| Some(clock::offset_minutes(unix.checked_mul(1000)?) * 60);
    let zone = Zone::sampled(&name, offset).map_err(|_| name)?;
    HERE.set(Some((zone, now)));
    Ok(zone)
}

thread_local! {
    /// The zone, and when the browser last named it, by the monotonic clock.
    static HERE: std::cell::Cell<Option<(Zone, u64)>> = const { std::cell::Cell::new(None) };
}

/// How long the browser's name for the zone is not requested again, in milliseconds.
const NAME_HOLDS: u64 = 1000;
/// ICU's name for a zone that the computer names and ICU does not know. Clocks show UTC in that case.
const NOBODY_KNOWS: &str = "Etc/Unknown";
