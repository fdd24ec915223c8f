//! The time zone of this computer, as a table of its rules.

use metertap_decoder::time::Zone;

use crate::browser::{clock, locale};

/// The zone that the browser names now. Its clock is asked what it shows, a zone being all that it knows of the world.
///
/// # Errors
/// The browser's name of it, where nobody knows what that is.
pub fn here() -> Result<Zone, String> {
    let name = locale::zone().unwrap_or_default();
    // A zone lasts as long as the program: each is made once.
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

/// What ICU calls the zone of a computer that names one which it does not know; clocks show UTC then.
const NOBODY_KNOWS: &str = "Etc/Unknown";
