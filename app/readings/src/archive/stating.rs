//! Passes what users state about their meters to the journal, whenever records of meters or imports have changed.

use std::borrow::Cow;
use std::collections::HashMap;
use std::rc::Rc;

use metertap_decoder::reading::Reading;

use super::Archive;
use crate::entry::{Entry, Moment};
use crate::log::totals::stating;
use crate::stated::Stated;
use crate::store::MeterKey;
use crate::store::disk::{Change, Disk};

impl<D: Disk> Archive<D> {
    /// Applies what the user has stated to a reading of a meter's own log. Every reader of the log sees the result.
    #[must_use]
    pub fn told<'a>(&self, meter: &MeterKey, received: Moment, reading: &'a Reading) -> Cow<'a, Reading> {
        let stated = self.journal().stated(meter);
        if stated.is_empty() {
            return Cow::Borrowed(reading);
        }
        let entry = Entry { reading: reading.clone(), received, seq: 0 };
        Cow::Owned(stating::told(entry, &stated).reading)
    }

    pub(super) fn note(&self, changes: &[Change]) {
        self.0.mirror.borrow_mut().note(changes);
        self.apply_statements();
    }

    /// Applies what is stated about a meter to its own log, and to the readings that a backup restored, but not to
    /// another program's table: such a table holds what that program made of the readings.
    pub(super) fn apply_statements(&self) {
        let (mirror, ledger) = (self.0.mirror.borrow(), self.0.ledger.borrow());
        let mut stated = HashMap::new();
        for meter in mirror.meters() {
            let of_meter = Rc::new(Stated::of(&meter.stated));
            if of_meter.is_empty() {
                continue;
            }
            let heard = ledger.imports.iter().filter(|import| import.meter == meter.key && import.heard);
            let logs = heard.map(|import| &import.log).chain([&meter.key]);
            stated.extend(logs.map(|log| (log.clone(), Rc::clone(&of_meter))));
        }
        self.journal().state(stated);
        let mut called = HashMap::new();
        for meter in mirror.meters() {
            // Roll-ups of earlier builds identify the meter by its first name, in the spelling of that time.
            let Some(name) = &meter.identification else { continue };
            let first = meter.formerly.as_ref().unwrap_or(name);
            let imports = ledger.imports.iter().filter(|import| import.meter == meter.key);
            let logs = imports.map(|import| &import.log).chain([&meter.key]);
            called.extend(logs.map(|log| (log.clone(), (name.clone(), first.clone()))));
        }
        self.journal().call(called);
    }
}
