//! [`Recent`]: the newest entries of a meter, without those whose registers are all in later ones.
//!
//! It takes entries in log order, and keeps what a screen needs when it opens. After a restart, the entries come from
//! the log. A P1 meter sends everything in each telegram, so one entry is enough. A Norwegian meter spreads its
//! registers over three lists, and sends the longest of them once an hour.

use std::collections::{HashSet, VecDeque};

use crate::entry::{Entry, Moment};
use crate::view::interval;
use crate::view::newest::MOST_REGISTERS;

/// The newest entries, and how often they come.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recent {
    entries: Vec<Entry>,
    moments: VecDeque<Moment>,
}

impl Recent {
    /// Takes an entry, and drops earlier ones whose registers are all in later entries too.
    pub fn take(&mut self, entry: Entry) {
        if self.moments.len() == MOMENTS {
            self.moments.pop_front();
        }
        self.moments.push_back(entry.received);
        self.entries.push(entry);
        let mut said = HashSet::new();
        let mut keep: Vec<bool> =
            self.entries.iter().rev().map(|entry| says_more(entry, &mut said)).collect();
        // The newest entry stays, even without values.
        if let Some(newest) = keep.first_mut() {
            *newest = true;
        }
        self.entries.retain(|_| keep.pop().unwrap_or(true));
    }

    /// The entries kept, oldest first.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// How often the meter sends, in milliseconds, once that is known.
    #[must_use]
    pub fn interval(&mut self) -> Option<u32> {
        interval::usual(self.moments.make_contiguous())
    }
}

/// Whether the entry has a register that is not in `said` yet. Adds all of its registers to `said`. Once there are more
/// registers than are shown, older entries add nothing.
fn says_more<'a>(entry: &'a Entry, said: &mut HashSet<&'a metertap_decoder::register::RegisterId>) -> bool {
    if said.len() >= MOST_REGISTERS {
        return false;
    }
    entry.reading.values.iter().filter(|value| said.insert(&value.register)).count() > 0
}

/// Enough moments that a list 2 in between does not change their median.
const MOMENTS: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{entry, han_list_1, measurement, reading};
    use metertap_decoder::reading::Quantity;

    fn list_2() -> metertap_decoder::reading::Reading {
        reading(vec![
            measurement("1-0:1.7.0", Quantity::ActivePowerImport, "5"),
            measurement("1-0:32.7.0", Quantity::Voltage, "230"),
        ])
    }

    fn kept(recent: &Recent) -> Vec<u64> {
        recent.entries().iter().map(|entry| entry.seq).collect()
    }

    #[test]
    fn keeps_the_newest_of_every_register_and_no_more() {
        let mut recent = Recent::default();
        recent.take(entry(1, 0, list_2()));
        recent.take(entry(2, 0, han_list_1("1")));
        assert_eq!(kept(&recent), [1, 2]);
        recent.take(entry(3, 0, han_list_1("2")));
        assert_eq!(kept(&recent), [1, 3]);
        recent.take(entry(4, 0, list_2()));
        assert_eq!(kept(&recent), [4]);
    }

    #[test]
    fn many_new_registers_keep_no_more_entries_than_are_shown() {
        let mut recent = Recent::default();
        for seq in 1..=50_u64 {
            let names = (0..100).map(|number| format!("1-{seq}:{number}.7.0"));
            let values = names.map(|name| measurement(&name, Quantity::Voltage, "1")).collect();
            recent.take(entry(seq, 0, reading(values)));
        }
        assert_eq!(kept(&recent), [46, 47, 48, 49, 50]);
    }

    #[test]
    fn keeps_the_newest_entry_even_without_values() {
        let mut recent = Recent::default();
        recent.take(entry(1, 0, han_list_1("1")));
        recent.take(entry(2, 0, reading(Vec::new())));
        assert_eq!(kept(&recent), [1, 2]);
        recent.take(entry(3, 0, han_list_1("1")));
        assert_eq!(kept(&recent), [3]);
    }

    #[test]
    fn measures_the_interval_of_the_last_entries_only() {
        let mut recent = Recent::default();
        for second in 0..20 {
            recent.take(entry(1, second * 10_000, han_list_1("1")));
        }
        assert_eq!(recent.interval(), Some(10_000));
        for second in 0..20 {
            recent.take(entry(1, 200_000 + second * 1000, han_list_1("1")));
        }
        assert_eq!(recent.interval(), Some(1000));
    }
}
