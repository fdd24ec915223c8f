//! The entries fetched so far from the load profiles that meters store.

use std::mem::take;

use metertap_decoder::reading::Reading;
use metertap_protocol::Fetching;
use metertap_readings::entry::Moment;
use metertap_readings::files::import::LoadProfile;
use metertap_readings::store::MeterKey;

use super::Meters;
use super::meter::Meter;

impl Meters {
    /// Takes an entry of a meter's load profile.
    pub(crate) fn remembers(&mut self, key: &MeterKey, entry: Reading, now: Moment) {
        if let Some(meter) = self.fetched_of(key) {
            meter.profile.take(entry, now);
        }
    }

    /// `done` of `of` entries of a meter's load profile were fetched. Returns whether that is all.
    pub(crate) fn fetched(&mut self, key: &MeterKey, done: u32, of: u32) -> bool {
        let Some(meter) = self.fetched_of(key) else { return false };
        meter.state.fetching = Some(Fetching { done, of });
        done >= of
    }

    /// Takes the entries of a meter's load profile that were fetched. Ends the fetching.
    pub(crate) fn take_profile(&mut self, key: &MeterKey) -> LoadProfile {
        let Some(meter) = self.get_mut(key) else { return LoadProfile::default() };
        meter.state.fetching = None;
        take(&mut meter.profile)
    }

    /// The meter, if its load profile is wanted.
    fn fetched_of(&mut self, key: &MeterKey) -> Option<&mut Meter> {
        self.get_mut(key).filter(|meter| meter.state.record.fetched.is_none())
    }
}
