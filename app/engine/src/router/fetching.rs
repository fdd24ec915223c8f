//! The load profile that a meter stores: fetched while live readings continue, and kept in a log of its own.

use futures_util::FutureExt;
use metertap_protocol::{Event, Trouble};
use metertap_readings::store::MeterKey;

use super::{Rest, Router};
use crate::platform::Platform;

impl<P: Platform> Router<P> {
    /// `done` of `of` entries of a meter's load profile were fetched. Keeps the profile when it is complete.
    pub(super) fn has_fetched(&mut self, key: &MeterKey, done: u32, of: u32) {
        if self.meters.fetched(key, done, of) {
            self.keep_profile(key);
        }
    }

    /// Fetches a meter's load profile from its beginning. If `on` is `false`, keeps what was fetched and stops
    /// fetching.
    pub(super) fn fetch(&mut self, key: MeterKey, on: bool) -> Rest {
        if on {
            drop(self.meters.take_profile(&key));
            self.change(&key, |record| record.fetched = None);
        } else {
            self.keep_profile(&key);
        }
        self.hand.clone().restart_reading(key).boxed_local()
    }

    /// The fetched load profile could not be kept. It is fetched again the next time that the meter is read.
    pub(super) fn has_not_kept_profile(&mut self, key: &MeterKey, trouble: Trouble) {
        self.change(key, |record| record.fetched = None);
        self.tell(&Event::Notice { meter: Some(key.clone()), trouble });
        self.show(key);
    }

    fn keep_profile(&mut self, key: &MeterKey) {
        let (profile, at) = (self.meters.take_profile(key), self.platform.moment());
        self.change(key, |record| record.fetched = Some(at));
        if !profile.is_empty() {
            self.jobs.keep_profile(key.clone(), profile);
        }
    }
}
