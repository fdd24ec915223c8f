//! [`Rule`]: a row of `notices.toml`.

use metertap_decoder::number::Number;
use metertap_decoder::reading::{Quantity, Unit};

use super::limits::Limits;

/// A subject, and the condition for a notice about it.
#[derive(Debug, PartialEq)]
pub struct Rule {
    /// Its name in the list and in settings.
    pub name: &'static str,
    /// What happened, in a few words.
    pub title: &'static str,
    /// What it means and what to do.
    pub means: &'static str,
    /// What is watched.
    pub subject: Subject,
    /// On which side of the limit a value is worth a notice.
    pub side: Side,
    /// The limit.
    pub limit: Limit,
    /// How far the value must come back behind the limit for the notice to end: in the subject's unit, or as a share of
    /// the user's setting.
    pub hysteresis: Number,
    /// For how many milliseconds the value must be beyond the limit.
    pub duration: i64,
    /// For how many milliseconds the value must be back for the notice to end.
    pub settles: i64,
    /// A meter must send at least one of these quantities; empty if any meter will do.
    pub needs: &'static [Quantity],
    /// Whether it may become a system notification.
    pub tells: bool,
}

/// What is watched.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Subject {
    /// How long a meter has sent nothing, as a multiple of its usual interval.
    Silence,
    /// The seconds between two readings, if more than ten usual intervals.
    Gap,
    /// The power that the house takes, in watts.
    Power,
    /// The current of a phase, in amperes.
    Current,
    /// The voltage of a phase, in volts.
    Voltage,
    /// The least that flowed in any hour of the night, in the counter's unit.
    Night,
    /// How far a counter fell, in its unit.
    Fall,
    /// Seconds between the meter's clock and the computer's, whichever is ahead.
    Clock,
    /// The expected mean power of the interval in progress, in percent of the highest power that does not raise the
    /// month's peak.
    Peak,
    /// The used storage in percent.
    Storage,
    /// For how many seconds readings have been waiting while the broker accepted none.
    Sink,
}

/// On which side of a limit a value leads to a notice.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Side {
    /// Above it.
    Above,
    /// Below it.
    Below,
}

/// A limit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Limit {
    /// Always this number, in the subject's unit.
    Fixed(Number),
    /// This share of the power that the user has set; no limit if none is set.
    OfPower(Number),
    /// This share of the fuse that the user has set; no limit if none is set.
    OfFuse(Number),
}

impl Rule {
    /// The rule with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        RULES.iter().find(|rule| rule.name == name)
    }

    /// All rules about this subject.
    pub fn about(subject: Subject) -> impl Iterator<Item = &'static Self> {
        RULES.iter().filter(move |rule| rule.subject == subject)
    }

    /// Whether the rule applies to a meter that sends these quantities.
    #[must_use]
    pub fn is_offered(&self, sends: impl Fn(Quantity) -> bool) -> bool {
        self.needs.is_empty() || self.needs.iter().any(|quantity| sends(*quantity))
    }

    /// The limit, and the value at which the notice ends. `None` if the user has not set the value that the limit
    /// needs, or has switched the rule off.
    #[must_use]
    pub fn limits(&self, set: &Limits) -> Option<(Number, Number)> {
        if set.off.iter().any(|name| name == self.name) {
            return None;
        }
        let (limit, back) = match self.limit {
            Limit::Fixed(limit) => (limit, self.hysteresis),
            Limit::OfPower(share) => of(share, self.hysteresis, set.power?)?,
            Limit::OfFuse(share) => of(share, self.hysteresis, set.fuse?)?,
        };
        let over = match self.side {
            Side::Above => crate::power::difference(limit, back),
            Side::Below => crate::power::sum(limit, back),
        };
        Some((limit, over?))
    }
}

impl Subject {
    /// The unit of its values. `None` for plain numbers, and for the flow at night and a fall, which have the counter's
    /// unit.
    #[must_use]
    pub const fn unit(self) -> Option<Unit> {
        match self {
            Self::Power => Some(Unit::Watt),
            Self::Current => Some(Unit::Ampere),
            Self::Voltage => Some(Unit::Volt),
            Self::Silence
            | Self::Gap
            | Self::Night
            | Self::Fall
            | Self::Clock
            | Self::Peak
            | Self::Storage
            | Self::Sink => None,
        }
    }

    /// The longest pause between two values in milliseconds. After a longer pause, earlier values no longer count. A
    /// rule with a longer `duration` allows a pause of that duration.
    #[must_use]
    pub const fn patience(self) -> i64 {
        match self {
            Self::Night => 30 * HOUR,
            _ => HOUR / 12,
        }
    }
}

/// The limit and the hysteresis that are these shares of the user's setting.
fn of(share: Number, back: Number, set: u32) -> Option<(Number, Number)> {
    let of_set = |share: Number| {
        let mantissa = share.mantissa.checked_mul(i128::from(set))?;
        Some(Number::new(mantissa, share.scaler))
    };
    Some((of_set(share)?, of_set(back)?))
}

const HOUR: i64 = 3_600_000;

include!(concat!(env!("OUT_DIR"), "/notices.rs"));

#[cfg(test)]
mod tests {
    use super::*;

    fn text((limit, over): (Number, Number)) -> (String, String) {
        (limit.to_string(), over.to_string())
    }

    #[test]
    fn a_rule_has_no_limit_until_the_user_sets_one() {
        let (power, fuse) = (Rule::named("power").unwrap(), Rule::named("fuse").unwrap());
        let nothing = Limits::default();
        assert_eq!((power.limits(&nothing), fuse.limits(&nothing)), (None, None));
        let set = Limits { power: Some(5000), fuse: Some(25), ..Limits::default() };
        assert_eq!(power.limits(&set).map(text), Some(("5000".into(), "4750.00".into())));
        assert_eq!(fuse.limits(&set).map(text), Some(("23.75".into(), "21.25".into())));
    }

    /// EN 50160, 4.2.2: 230 V ± 10 %.
    #[test]
    fn voltages_have_a_lower_and_an_upper_limit() {
        let limits = |name: &str| Rule::named(name).unwrap().limits(&Limits::default()).map(text);
        assert_eq!(limits("voltage-low"), Some(("207".into(), "209".into())));
        assert_eq!(limits("voltage-high"), Some(("253".into(), "251".into())));
        let off = Limits { off: vec!["voltage-low".into()], ..Limits::default() };
        assert_eq!(Rule::named("voltage-low").unwrap().limits(&off), None);
    }

    #[test]
    fn a_rule_is_offered_if_the_meter_sends_what_it_needs() {
        let offered = |sends: &[Quantity]| -> Vec<&str> {
            let rules = RULES.iter().filter(|rule| rule.is_offered(|quantity| sends.contains(&quantity)));
            rules.map(|rule| rule.name).collect()
        };
        let always = ["silent", "gap", "counter-back", "clock-off", "storage", "not-forwarded"];
        assert_eq!(offered(&[]), always);
        assert!(offered(&[Quantity::WaterVolume]).contains(&"water-at-night"));
        assert!(!offered(&[Quantity::WaterVolume]).contains(&"gas-at-night"));
        assert!(offered(&[Quantity::ActivePowerImport]).contains(&"power"));
    }
}
