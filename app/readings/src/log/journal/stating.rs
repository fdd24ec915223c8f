//! What users state about a meter, as far as the journal applies it: see [`crate::log::totals::stating`].

use std::collections::HashMap;
use std::rc::Rc;

use super::Journal;
use super::tail::LogContext;
use crate::entry::Entry;
use crate::log::totals::stating;
use crate::stated::Stated;
use crate::store::MeterKey;
use crate::store::disk::Disk;

impl<D: Disk> Journal<D> {
    /// Replaces all statements, by log. They apply to all entries read from now on. A stated clock also applies to the
    /// roll-ups computed from now on.
    pub fn state(&self, stated: HashMap<MeterKey, Rc<Stated>>) {
        *self.stated.borrow_mut() = stated;
    }

    /// What the user has stated about a log's meter.
    #[must_use]
    pub fn stated(&self, log: &MeterKey) -> Rc<Stated> {
        self.stated.borrow().get(log).cloned().unwrap_or_default()
    }

    /// Sets the current name of each log's meter, and the earliest name, by which its roll-ups know it.
    pub fn call(&self, called: HashMap<MeterKey, (String, String)>) {
        *self.called.borrow_mut() = called;
    }

    pub(super) fn context(&self, log: &MeterKey) -> LogContext {
        LogContext { confirmed: self.confirmed(log), called: self.called.borrow().get(log).cloned() }
    }

    pub(super) fn told(&self, log: &MeterKey, entries: Vec<Entry>) -> Vec<Entry> {
        let stated = self.stated(log);
        if stated.is_empty() {
            return entries;
        }
        entries.into_iter().map(|entry| stating::told(entry, &stated)).collect()
    }
}
