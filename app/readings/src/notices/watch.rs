//! [`Watch`]: whether a value is beyond its limit, for how long, and when that ends.

use metertap_decoder::number::Number;

use super::limits::Limits;
use super::rule::{Rule, Side};
use crate::entry::Moment;

/// Applies one rule to one value.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Watch(State);

#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum State {
    /// There is no notice.
    #[default]
    Quiet,
    /// Beyond the limit, but not for long enough yet.
    Beyond { since: Moment, seen: Moment, worst: Number },
    /// There is a notice. `over` is the moment at which the value came back, if it has.
    Told { worst: Number, over: Option<Moment> },
}

/// A change of a notice.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Change {
    /// The notice begins.
    Begun {
        /// Since when the value has been beyond the limit.
        since: Moment,
        /// The worst value since then.
        value: Number,
    },
    /// The notice ends.
    Ended {
        /// When the value came back.
        at: Moment,
        /// The worst value of the whole time.
        worst: Number,
    },
}

impl Watch {
    /// A watch whose notice began before a restart.
    #[must_use]
    pub const fn told(worst: Number) -> Self {
        Self(State::Told { worst, over: None })
    }

    /// Whether there is a notice that has not ended.
    #[must_use]
    pub const fn is_told(&self) -> bool {
        matches!(self.0, State::Told { .. })
    }

    /// Takes the next value. If the rule has no limit, an existing notice ends.
    pub fn see(&mut self, rule: &Rule, set: &Limits, value: Number, at: Moment) -> Option<Change> {
        let Some((limit, over_at)) = rule.limits(set) else { return self.end(at) };
        let beyond = is_beyond(rule.side, value, limit);
        match self.0 {
            State::Quiet if beyond => self.goes_on(rule, at, at, value),
            State::Quiet => None,
            State::Beyond { .. } if !beyond => {
                self.0 = State::Quiet;
                None
            }
            State::Beyond { since, seen, worst } => {
                let is_fresh = at.0.saturating_sub(seen.0) <= rule.subject.patience().max(rule.duration);
                let (since, worst) =
                    if is_fresh { (since, worse(rule.side, worst, value)) } else { (at, value) };
                self.goes_on(rule, since, at, worst)
            }
            State::Told { worst, over } => {
                let worst = worse(rule.side, worst, value);
                // The notice continues while the value is between the limit and the value at which a notice ends.
                let is_over = !is_beyond(rule.side, value, over_at);
                let over = if is_over { Some(over.unwrap_or(at)) } else { None };
                self.0 = State::Told { worst, over };
                let since = over.filter(|since| at.0.saturating_sub(since.0) >= rule.settles)?;
                self.0 = State::Quiet;
                Some(Change::Ended { at: since, worst })
            }
        }
    }

    /// Ends the notice, because the value is no longer watched.
    pub fn end(&mut self, at: Moment) -> Option<Change> {
        match std::mem::take(&mut self.0) {
            State::Told { worst, .. } => Some(Change::Ended { at, worst }),
            State::Quiet | State::Beyond { .. } => None,
        }
    }

    fn goes_on(&mut self, rule: &Rule, since: Moment, at: Moment, worst: Number) -> Option<Change> {
        if at.0.saturating_sub(since.0) < rule.duration {
            self.0 = State::Beyond { since, seen: at, worst };
            return None;
        }
        self.0 = State::Told { worst, over: None };
        Some(Change::Begun { since, value: worst })
    }
}

fn is_beyond(side: Side, value: Number, limit: Number) -> bool {
    match side {
        Side::Above => value.compare(limit).is_gt(),
        Side::Below => value.compare(limit).is_lt(),
    }
}

fn worse(side: Side, one: Number, other: Number) -> Number {
    if is_beyond(side, other, one) { other } else { one }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule() -> &'static Rule {
        Rule::named("voltage-low").unwrap()
    }

    /// Takes a voltage every ten seconds. Returns the indices at which a notice began (`true`) or ended.
    fn changes(volts: &[&str]) -> Vec<(usize, bool)> {
        let (mut watch, set) = (Watch::default(), Limits::default());
        let mut all = Vec::new();
        for (number, volts) in volts.iter().enumerate() {
            let at = Moment(i64::try_from(number).unwrap() * 10_000);
            match watch.see(rule(), &set, volts.parse().unwrap(), at) {
                Some(Change::Begun { .. }) => all.push((number, true)),
                Some(Change::Ended { .. }) => all.push((number, false)),
                None => {}
            }
        }
        all
    }

    /// The notice begins after a minute below 207 V, and ends after a minute at 209 V or more (`notices.toml`).
    #[test]
    fn a_notice_begins_once_and_ends_once() {
        let volts =
            [vec!["230"; 3], vec!["206.9"; 20], vec!["208"; 20], vec!["209"; 20], vec!["230"; 20]].concat();
        assert_eq!(changes(&volts), [(9, true), (49, false)]);
    }

    #[test]
    fn a_short_condition_is_not_reported_and_a_flickering_one_only_once() {
        let short = [vec!["200"; 6], vec!["230"], vec!["200"; 6], vec!["230"; 20]].concat();
        assert_eq!(changes(&short), []);
        let flaps = [vec!["206"; 7], ["208.5", "206.5"].repeat(50), ["230", "206"].repeat(50)].concat();
        assert_eq!(changes(&flaps), [(6, true)]);
    }

    #[test]
    fn the_worst_value_is_kept() {
        let (mut watch, set) = (Watch::default(), Limits::default());
        let mut see =
            |volts: &str, second: i64| watch.see(rule(), &set, volts.parse().unwrap(), Moment(second * 1000));
        assert_eq!((see("206", 0), see("204", 30)), (None, None));
        let begun = see("205", 60);
        assert_eq!(begun, Some(Change::Begun { since: Moment(0), value: "204".parse().unwrap() }));
        assert_eq!((see("199.5", 70), see("230", 80)), (None, None));
        let ended = see("230", 140);
        assert_eq!(ended, Some(Change::Ended { at: Moment(80_000), worst: "199.5".parse().unwrap() }));
    }

    #[test]
    fn values_before_a_long_silence_do_not_count() {
        let (mut watch, set) = (Watch::default(), Limits::default());
        let mut see = |second: i64| watch.see(rule(), &set, "200".parse().unwrap(), Moment(second * 1000));
        assert_eq!((see(0), see(10), see(3600)), (None, None, None));
        assert!(matches!(see(3660), Some(Change::Begun { since: Moment(3_600_000), .. })));
    }

    #[test]
    fn switching_a_rule_off_ends_its_notice() {
        let mut watch = Watch::told("200".parse().unwrap());
        let off = Limits { off: vec!["voltage-low".into()], ..Limits::default() };
        let seen = watch.see(rule(), &off, "200".parse().unwrap(), Moment(5));
        assert!(matches!(seen, Some(Change::Ended { at: Moment(5), .. })) && !watch.is_told());
    }
}
