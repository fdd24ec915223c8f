//! [`HeldWork`]: how much is stored for each meter. The first reading on screen does not need this code, so it is
//! fetched later.

use futures_util::future::LocalBoxFuture;
use metertap_protocol::HeldStep;
use metertap_readings::archive::Archive;
use metertap_readings::log::journal::HeldBack;
use metertap_readings::log::totals::track::Track;
use metertap_readings::store::MeterKey;

use crate::fact::{Fact, Facts, LogNews};
use crate::part::Work;
use crate::platform::Platform;

/// Finds out how much is stored for each meter, and which counter steps are held back.
pub struct HeldWork<P: Platform> {
    pub(super) archive: Archive<P::Disk>,
    pub(super) facts: Facts<P>,
}

impl<P: Platform> Work for HeldWork<P> {
    fn go_on(self) -> LocalBoxFuture<'static, ()> {
        let Self { archive, facts } = self;
        Box::pin(async move {
            let (mut meters, mut steps) = (Vec::new(), Vec::new());
            for record in archive.meters().await.unwrap_or_default() {
                let back = archive.held_back(&record.key).await.unwrap_or_default();
                steps.extend(back.into_iter().filter_map(|back| step(&record.key, back)));
                if let Ok(held) = archive.held(&record.key).await {
                    meters.push((record.key, held));
                }
            }
            facts.tell(Fact::Log(LogNews::Measured(meters, steps)));
        })
    }
}

/// A held-back step in the form that windows show. `None` for tracks other than registers.
fn step(meter: &MeterKey, held: HeldBack) -> Option<HeldStep> {
    let Track::Register { register, unit, .. } = held.track else { return None };
    Some(HeldStep {
        meter: meter.clone(),
        register: register.to_string(),
        from: held.from.to_string(),
        to: held.to.to_string(),
        unit: unit.map(|unit| unit.to_string()),
        at: held.at,
    })
}
