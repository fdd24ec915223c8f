//! The time zone of this computer, as a table of its rules.

use metertap_decoder::time::Zone;

use crate::browser::{clock, locale};

/// The zone that the browser currently names. Its rules are read off the clock of that zone, because browsers provide
/// nothing else.
///
/// # Errors
/// The browser's name for the zone, if the zone is unknown.
pub fn here() -> Result<Zone, String> {
    let name = locale::zone().unwrap_or_default();
    // The table of a zone is kept as long as the program runs, so it is not created again while the name is the same.
    if let Some(zone) = HERE.get().filter(|zone| zone.name() == name) {
        return Ok(zone);
    }
    if name == NOBODY_KNOWS {
        return Err(name);
    }
    let offset = |unix: i64| Some(clock::offset_minutes(unix.checked_mul(1000)?) * 60);
    let zone = Zone::sampled(&name, offset).map_err(|_| name)?;
    HERE.set(Some(zone));
    Ok(zone)
}

thread_local! {
    static HERE: std::cell::Cell<Option<Zone>> = const { std::cell::Cell::new(None) };
}

/// ICU's name for a zone that the computer names and ICU does not know. Clocks show UTC in that case.
const NOBODY_KNOWS: &str = "Etc/Unknown";
