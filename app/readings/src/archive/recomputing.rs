//! Recomputes totals, and keeps what users have confirmed about counters.

use std::collections::{BTreeMap, BTreeSet};

use super::Archive;
use super::internal::json;
use crate::entry::Moment;
use crate::log::journal::{HeldBack, LogError};
use crate::store::disk::Disk;
use crate::store::{Internal, MeterKey};

/// For each log, the moments at which its confirmed readings were received.
type Confirmed = BTreeMap<MeterKey, BTreeSet<Moment>>;

impl<D: Disk> Archive<D> {
    /// Recomputes a meter's totals from the readings that are kept, imported ones included. Returns how many quarters
    /// of an hour count differently now.
    ///
    /// # Errors
    /// If the disk cannot be read or written; in that case, totals that are not recomputed yet stay as they were.
    pub async fn recompute(&self, meter: &MeterKey) -> Result<u64, LogError> {
        let mut changed = 0;
        for log in self.logs(meter) {
            let mut next = Some(i64::MIN);
            while let Some(from) = next {
                let recomputed = self.journal().recompute(&log, from).await?;
                changed += recomputed.changed;
                next = recomputed.next;
            }
        }
        Ok(changed)
    }

    /// Returns the jumps at which a meter's counters are held back.
    ///
    /// # Errors
    /// If the disk cannot be read.
    pub async fn held_back(&self, meter: &MeterKey) -> Result<Vec<HeldBack>, LogError> {
        self.journal().held_back(meter).await
    }

    /// Notes that the user has confirmed the reading that was received from a meter at the moment `at`.
    ///
    /// # Errors
    /// If the disk cannot be read or written.
    pub async fn confirm(&self, meter: &MeterKey, at: Moment) -> Result<(), LogError> {
        let mut confirmed = self.confirmed().await?;
        let moments = confirmed.entry(meter.clone()).or_default();
        moments.extend(self.journal().confirmed(meter));
        moments.insert(at);
        self.journal().confirm(meter, moments.clone());
        self.set_internal(Internal::Confirmed, Some(&json(&confirmed)?)).await
    }

    /// Forgets what was confirmed for a meter that was removed, because another meter may get its key.
    pub(super) async fn forget_confirmed(&self, meter: &MeterKey) -> Result<(), LogError> {
        self.journal().confirm(meter, BTreeSet::new());
        let mut confirmed = self.confirmed().await?;
        if confirmed.remove(meter).is_none() {
            return Ok(());
        }
        let text = if confirmed.is_empty() { None } else { Some(json(&confirmed)?) };
        self.set_internal(Internal::Confirmed, text.as_deref()).await
    }

    pub(super) async fn find_confirmed(&self) -> Result<(), LogError> {
        for (meter, moments) in self.confirmed().await? {
            self.journal().confirm(&meter, moments);
        }
        Ok(())
    }

    async fn confirmed(&self) -> Result<Confirmed, LogError> {
        let text = self.internal(Internal::Confirmed).await?;
        // A record that does not parse counts as empty.
        Ok(text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
    }
}
