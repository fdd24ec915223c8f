//! The time zone here, as the browser knows it.

use std::cell::Cell;
use std::rc::Rc;

use metertap_decoder::time::Zone;
use metertap_engine::clock::UnknownZone;

use crate::browser::locale::ZoneClock;
use crate::browser::{clock, locale};

/// The zone of this computer. Clones share it.
#[derive(Clone, Debug, Default)]
pub(super) struct Here(Rc<Cell<Option<Zone>>>);

impl Here {
    /// The zone that the browser names now. Its clock is asked what it shows, a zone being all that it knows of the world.
    pub(super) fn zone(&self) -> Result<Zone, UnknownZone> {
        let name = locale::zone().unwrap_or_default();
        // A zone lasts as long as the program: each is made once.
        if let Some(zone) = self.0.get().filter(|zone| zone.name() == name) {
            return Ok(zone);
        }
        if name == NOBODY_KNOWS {
            return Err(UnknownZone(name));
        }
        let offset = |unix: i64| Some(clock::offset_minutes(unix.checked_mul(1000)?) * 60);
        let zone = Zone::sampled(&name, offset).map_err(|_| UnknownZone(name))?;
        self.0.set(Some(zone));
        Ok(zone)
    }
}

/// The zone of that name, as the browser knows it.
pub(super) fn named(name: &str) -> Result<Zone, UnknownZone> {
    let unknown = || UnknownZone(name.to_owned());
    let clock = ZoneClock::of(name).ok_or_else(unknown)?;
    let offset = |unix: i64| Some(clock.offset_minutes(unix.checked_mul(1000)?)? * 60);
    Zone::sampled(name, offset).map_err(|_| unknown())
}

/// What ICU calls the zone of a computer that names one which it does not know; clocks show UTC then.
const NOBODY_KNOWS: &str = "Etc/Unknown";
