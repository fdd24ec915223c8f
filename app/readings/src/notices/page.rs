//! [`PageWatch`]: applies the rules to the page itself: its storage, and the connection to the broker.

use metertap_decoder::number::Number;

use super::limits::Limits;
use super::rule::{Rule, Subject};
use super::watch::{Change, Watch};
use crate::entry::Moment;

/// The current state of the page.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PageState {
    /// How many bytes of the browser's storage are used, and how many may be; `None` if the browser does not report it.
    pub room: Option<(u64, u64)>,
    /// When the disk was last full.
    pub full: Option<Moment>,
    /// The state of forwarding; `None` if nothing is forwarded.
    pub sink: Option<Sink>,
}

/// The state of forwarding.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sink {
    /// How many readings wait.
    pub waiting: u64,
    /// When the broker last accepted a reading.
    pub taken: Option<Moment>,
}

/// Applies the rules to the page itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PageWatch {
    storage: Watch,
    sink: Watch,
    /// Since when readings have been waiting.
    waits: Option<Moment>,
}

impl PageWatch {
    /// Resumes a notice of this rule from before a restart.
    pub fn resume(&mut self, rule: &Rule, worst: Number) {
        match rule.subject {
            Subject::Storage => self.storage = Watch::told(worst),
            Subject::Sink => self.sink = Watch::told(worst),
            _ => {}
        }
    }

    /// Looks at the page; returns what has changed.
    pub fn look(&mut self, state: &PageState, set: &Limits, now: Moment) -> Vec<(&'static Rule, Change)> {
        let mut changes = Vec::new();
        if let (Some(rule), Some(taken)) = (Rule::about(Subject::Storage).next(), taken(state, now)) {
            let change = self.storage.see(rule, set, taken, now);
            changes.extend(change.map(|change| (rule, change)));
        }
        let waits = self.waits(state.sink, now);
        if let Some(rule) = Rule::about(Subject::Sink).next() {
            let seconds = Number::whole((waits / 1000).into());
            let change = self.sink.see(rule, set, seconds, now);
            changes.extend(change.map(|change| (rule, change)));
        }
        changes
    }

    /// For how many milliseconds readings have been waiting while the broker accepted none.
    fn waits(&mut self, sink: Option<Sink>, now: Moment) -> i64 {
        let Some(sink) = sink.filter(|sink| sink.waiting > 0) else {
            self.waits = None;
            return 0;
        };
        let since = *self.waits.get_or_insert(now);
        now.0.saturating_sub(sink.taken.map_or(since, |taken| taken.max(since)).0)
    }
}

/// The used storage in percent: 100 for a day after the disk was full, whatever the browser says.
fn taken(state: &PageState, now: Moment) -> Option<Number> {
    if state.full.is_some_and(|full| now.0.saturating_sub(full.0) < DAY) {
        return Some(Number::whole(100));
    }
    let Some((used, all)) = state.room.filter(|(_, all)| *all > 0) else {
        // Without this zero, the notice would never end.
        return state.full.map(|_| Number::whole(0));
    };
    let hundredths = u128::from(used).checked_mul(100)?.checked_div(u128::from(all))?;
    i128::try_from(hundredths).ok().map(Number::whole)
}

const DAY: i64 = 86_400_000;

#[cfg(test)]
mod tests {
    use super::*;

    /// Looks every minute, `minutes` times; returns the minutes at which something began or ended.
    fn changes(minutes: i64, state: impl Fn(i64) -> PageState) -> Vec<(i64, &'static str, bool)> {
        let (mut watch, set) = (PageWatch::default(), Limits::default());
        let mut all = Vec::new();
        for minute in 0..minutes {
            let changes = watch.look(&state(minute), &set, Moment(minute * 60_000));
            let began = |change: &Change| matches!(change, Change::Begun { .. });
            all.extend(changes.iter().map(|(rule, change)| (minute, rule.name, began(change))));
        }
        all
    }

    /// A quota of 1,000: the notice begins at 91 % (above 90), and ends at 85.
    #[test]
    fn storage_running_out_is_reported_once() {
        let used = [100, 900, 909, 910, 950, 900, 860, 859, 850, 800];
        let told = changes(10, |minute| PageState {
            room: Some((used[usize::try_from(minute).unwrap()], 1000)),
            ..PageState::default()
        });
        assert_eq!(told, [(3, "storage", true), (7, "storage", false)]);
    }

    /// Chromium reports gigabytes of free space while the disk refuses everything.
    #[test]
    fn a_disk_that_was_full_counts_for_a_day() {
        let told = changes(3000, |minute| PageState {
            room: Some((1, 1000)),
            full: (minute >= 10).then_some(Moment(600_000)),
            ..PageState::default()
        });
        assert_eq!(told, [(10, "storage", true), (1450, "storage", false)]);
    }

    #[test]
    fn a_broker_that_accepts_nothing_for_15_minutes_is_reported_once() {
        let told = changes(200, |minute| {
            let waiting = if (10..100).contains(&minute) { 5 } else { 0 };
            PageState { sink: Some(Sink { waiting, taken: None }), ..PageState::default() }
        });
        assert_eq!(told, [(26, "not-forwarded", true), (100, "not-forwarded", false)]);
        // Some readings wait all the time, and the broker accepts one each minute.
        let told = changes(200, |minute| PageState {
            sink: Some(Sink { waiting: 3, taken: Some(Moment(minute * 60_000 - 1)) }),
            ..PageState::default()
        });
        assert_eq!(told, []);
    }
}
