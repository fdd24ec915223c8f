//! Totals that are computed anew, and what a person has confirmed of a counter.

use std::collections::{BTreeMap, BTreeSet};

use metertap_readings::entry::Moment;
use metertap_readings::log::journal::HeldBack;
use metertap_readings::store::MeterKey;

use super::objects::{from_json, json};
use super::{Log, failed};
use crate::browser::indexed_db::DatabaseError;

/// By log, when what was confirmed of it was received.
type Confirmed = BTreeMap<MeterKey, BTreeSet<Moment>>;

impl Log {
    /// Computes a meter's totals anew from the readings that are kept, imported ones included. Answers with how many
    /// quarters of an hour count otherwise than before.
    pub(crate) async fn recompute(&self, meter: &MeterKey) -> Result<u64, DatabaseError> {
        let mut changed = 0;
        for log in self.logs(meter) {
            let mut next = Some(i64::MIN);
            while let Some(from) = next {
                let recomputed = self.journal.recompute(&log, from).await.map_err(failed)?;
                changed += recomputed.changed;
                next = recomputed.next;
            }
        }
        Ok(changed)
    }

    /// What a meter's counters are held back at.
    pub(crate) async fn held_back(&self, meter: &MeterKey) -> Result<Vec<HeldBack>, DatabaseError> {
        self.journal.held_back(meter).await.map_err(failed)
    }

    /// What was received of a meter at that moment is right, its person says.
    pub(crate) async fn confirm(&self, meter: &MeterKey, at: Moment) -> Result<(), DatabaseError> {
        let mut confirmed = self.confirmed().await?;
        let moments = confirmed.entry(meter.clone()).or_default();
        moments.extend(self.journal.confirmed(meter));
        moments.insert(at);
        self.journal.confirm(meter, moments.clone());
        self.set_internal(CONFIRMED, Some(&json(&confirmed)?)).await
    }

    /// Nothing is confirmed of a meter that was removed: another one may get its key.
    pub(super) async fn forget_confirmed(&self, meter: &MeterKey) -> Result<(), DatabaseError> {
        self.journal.confirm(meter, BTreeSet::new());
        let mut confirmed = self.confirmed().await?;
        if confirmed.remove(meter).is_none() {
            return Ok(());
        }
        let text = if confirmed.is_empty() { None } else { Some(json(&confirmed)?) };
        self.set_internal(CONFIRMED, text.as_deref()).await
    }

    /// The record that keeps what was confirmed, as it is known here.
    pub(super) fn known_confirmed(&self) -> Result<Option<(&'static str, String)>, DatabaseError> {
        let confirmed: Confirmed = self.journal.all_confirmed();
        if confirmed.is_empty() {
            return Ok(None);
        }
        Ok(Some((CONFIRMED, json(&confirmed)?)))
    }

    /// Finds what was confirmed.
    pub(super) async fn find_confirmed(&self) -> Result<(), DatabaseError> {
        for (meter, moments) in self.confirmed().await? {
            self.journal.confirm(&meter, moments);
        }
        Ok(())
    }

    async fn confirmed(&self) -> Result<Confirmed, DatabaseError> {
        // Whoever reads a record that makes no sense reads none.
        Ok(self.internal(CONFIRMED).await?.and_then(|text| from_json(&text).ok()).unwrap_or_default())
    }
}

const CONFIRMED: &str = "confirmed";
