//! [`List`]: the notices, the newest last.

use std::collections::VecDeque;

use metertap_decoder::number::Number;
use serde::{Deserialize, Serialize};

use super::limits::Limits;
use super::rule::Rule;
use crate::entry::Moment;
use crate::store::MeterKey;

/// A notice.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Noticed {
    /// The name of its rule.
    pub rule: String,
    /// The meter; `None` if the notice is about the page itself.
    pub meter: Option<MeterKey>,
    /// The place at the meter: a phase, a channel or a register.
    pub place: Option<String>,
    /// The worst value as a decimal. While the notice lasts, this is the worst value before the notice was given.
    pub value: String,
    /// The value's unit; `None` for seconds, percentages and multiples.
    pub unit: Option<String>,
    /// When it began.
    pub from: Moment,
    /// When it ended; `None` while it lasts.
    pub to: Option<Moment>,
}

/// What the screen of notices shows.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct Board {
    /// The user's settings.
    pub limits: Limits,
    /// The notices, the newest last.
    pub list: Vec<Noticed>,
}

/// The notices, the newest last, and at most [`MOST`] of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct List {
    all: VecDeque<Noticed>,
}

impl List {
    /// Reads a list from its text. A text that does not parse gives an empty list.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let mut all: VecDeque<Noticed> = serde_json::from_str(text).unwrap_or_default();
        let too_many = all.len().saturating_sub(MOST);
        all.drain(..too_many);
        Self { all }
    }

    /// The text to store.
    #[must_use]
    pub fn written(&self) -> String {
        // This cannot fail: every key is a string, and writing to a string in memory always succeeds.
        serde_json::to_string(&self.all).unwrap_or_default()
    }

    /// All notices, the newest last.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Noticed> {
        self.all.iter()
    }

    /// Adds a notice that begins. If the list is full, the oldest notice that has ended is removed, or else the oldest
    /// of all.
    pub fn begin(&mut self, noticed: Noticed) {
        if self.all.len() >= MOST {
            let over = self.all.iter().position(|noticed| noticed.to.is_some()).unwrap_or_default();
            drop(self.all.remove(over));
        }
        self.all.push_back(noticed);
    }

    /// Ends the ongoing notice of this rule, meter and place, and stores its worst value.
    pub fn end(
        &mut self,
        rule: &Rule,
        meter: Option<&MeterKey>,
        place: Option<&str>,
        at: Moment,
        worst: Number,
    ) {
        let is_it = |noticed: &&mut Noticed| {
            noticed.to.is_none()
                && noticed.rule == rule.name
                && noticed.meter.as_ref() == meter
                && noticed.place.as_deref() == place
        };
        if let Some(noticed) = self.all.iter_mut().rev().find(is_it) {
            noticed.to = Some(at.max(noticed.from));
            noticed.value = worst.to_string();
        }
    }

    /// Ends all ongoing notices that satisfy the condition.
    pub fn end_all(&mut self, at: Moment, is: impl Fn(&Noticed) -> bool) {
        for noticed in self.all.iter_mut().filter(|noticed| noticed.to.is_none() && is(noticed)) {
            noticed.to = Some(at.max(noticed.from));
        }
    }

    /// Removes all notices that have ended.
    pub fn clear(&mut self) {
        self.all.retain(|noticed| noticed.to.is_none());
    }
}

/// The most notices: few enough to be sent as a whole.
pub const MOST: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;

    fn noticed(rule: &str, at: i64) -> Noticed {
        let (rule, value) = (rule.to_owned(), "1".to_owned());
        Noticed { rule, meter: None, place: None, value, unit: None, from: Moment(at), to: None }
    }

    #[test]
    fn the_list_is_bounded_and_keeps_ongoing_notices() {
        let mut list = List::default();
        list.begin(noticed("storage", 0));
        for at in 1..1000 {
            list.begin(Noticed { to: Some(Moment(at)), ..noticed("gap", at) });
        }
        assert_eq!((list.iter().count(), list.iter().next().unwrap().rule.as_str()), (MOST, "storage"));
        let kept = List::read(&list.written());
        assert_eq!(kept, list);
        list.end(Rule::named("storage").unwrap(), None, None, Moment(2000), Number::whole(93));
        let first = list.iter().next().unwrap();
        assert_eq!((first.to, first.value.as_str()), (Some(Moment(2000)), "93"));
        list.clear();
        assert_eq!(list, List::default());
        assert_eq!(List::read("{"), List::default());
        let many: Vec<_> = (0..300).map(|at| noticed("gap", at)).collect();
        let read = List::read(&serde_json::to_string(&many).unwrap());
        assert!(read.iter().eq(&many[300 - MOST..]), "the newest are kept");
    }
}
