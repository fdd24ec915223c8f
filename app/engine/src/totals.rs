//! Totals that a person has computed anew, and steps of a counter that they confirm.

use std::rc::Rc;

use metertap_protocol::{Event, HeldStep};
use metertap_readings::entry::Moment;
use metertap_readings::log::journal::LogError;
use metertap_readings::log::totals::track::Track;
use metertap_readings::store::MeterKey;

use super::desk::Desk;
use super::trouble::not_kept;
use crate::platform::Platform;

impl<P: Platform> Desk<P> {
    /// Computes the totals of all meters anew from the readings that are kept.
    pub(crate) async fn recompute(self: &Rc<Self>) {
        self.tell(&Event::Recomputed { changed: None });
        match self.recompute_all().await {
            Ok(changed) => self.tell(&Event::Recomputed { changed: Some(changed) }),
            Err(error) => self.tell(&Event::Refused { trouble: not_kept(&error, self.platform.moment()) }),
        }
        self.tell_room().await;
    }

    /// What a counter is held back at is right, a person says: it counts from now on.
    pub(crate) async fn confirm(self: &Rc<Self>, meter: &MeterKey, at: Moment) {
        let confirmed = match self.log.confirm(meter, at).await {
            Ok(()) => self.log.recompute(meter).await.map(drop),
            failed => failed,
        };
        if let Err(error) = confirmed {
            self.tell(&Event::Refused { trouble: not_kept(&error, self.platform.moment()) });
        }
        self.tell_room().await;
    }

    async fn recompute_all(&self) -> Result<u64, LogError> {
        let meters: Vec<MeterKey> = self.meters.borrow().keys().cloned().collect();
        let mut changed = 0;
        for meter in meters {
            changed += self.log.recompute(&meter).await?;
        }
        Ok(changed)
    }

    /// What is held back of a meter, in the window's words.
    pub(super) async fn held_steps(&self, meter: &MeterKey) -> Vec<HeldStep> {
        let held = self.log.held_back(meter).await.unwrap_or_default();
        let step = |held: metertap_readings::log::journal::HeldBack| {
            let Track::Register { register, unit, .. } = held.track else { return None };
            let unit = unit.map(|unit| unit.to_string());
            let (from, to) = (held.from.to_string(), held.to.to_string());
            Some(HeldStep {
                meter: meter.clone(),
                register: register.to_string(),
                from,
                to,
                unit,
                at: held.at,
            })
        };
        held.into_iter().filter_map(step).collect()
    }
}
