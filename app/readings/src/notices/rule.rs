//! [`Rule`]: a row of `notices.toml`.

use metertap_decoder::number::Number;
use metertap_decoder::reading::{Quantity, Unit};

use super::limits::Limits;

/// What is watched, and when it is worth a notice.
#[derive(Debug, PartialEq)]
pub struct Rule {
    /// Its name in the list and in settings.
    pub name: &'static str,
    /// What happened, in a few words.
    pub title: &'static str,
    /// What it means and what to do.
    pub means: &'static str,
    /// What is looked at.
    pub subject: Subject,
    /// On which side of the limit it is worth a notice.
    pub side: Side,
    /// Where the limit is.
    pub limit: Limit,
    /// How far behind the limit it is over: in the subject's unit, or as a share of what the person has set.
    pub hysteresis: Number,
    /// Milliseconds that it must last.
    pub duration: i64,
    /// Milliseconds that it must be over.
    pub settles: i64,
    /// The quantities of which a meter must send one; empty where any meter will do.
    pub needs: &'static [Quantity],
    /// Whether it may become a notification of the system.
    pub tells: bool,
}

/// What is looked at.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Subject {
    /// How long a meter has said nothing, in its usual intervals.
    Silence,
    /// Seconds between two readings, more than ten usual intervals apart.
    Gap,
    /// The power that the house takes, in watts.
    Power,
    /// The current of a phase, in amperes.
    Current,
    /// The voltage of a phase, in volts.
    Voltage,
    /// The least that flowed in an hour of the night.
    Night,
    /// How far a counter fell.
    Fall,
    /// Seconds between the meter's clock and the computer's, whichever is ahead.
    Clock,
    /// What the interval under way will come to, in hundredths of what raises no peak.
    Peak,
    /// Hundredths of the storage that are taken.
    Storage,
    /// Seconds since the broker took a reading, while some wait for it.
    Sink,
}

/// On which side of a limit something is worth a notice.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Side {
    /// Above it.
    Above,
    /// Below it.
    Below,
}

/// Where a limit is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Limit {
    /// Always there.
    Fixed(Number),
    /// At this share of the power that the person has set; nowhere until they have.
    OfPower(Number),
    /// At this share of the fuse that the person has set; nowhere until they have.
    OfFuse(Number),
}

impl Rule {
    /// The rule of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        RULES.iter().find(|rule| rule.name == name)
    }

    /// All rules about that.
    pub fn about(subject: Subject) -> impl Iterator<Item = &'static Self> {
        RULES.iter().filter(move |rule| rule.subject == subject)
    }

    /// Whether it can say anything of a meter that sends these quantities.
    #[must_use]
    pub fn is_offered(&self, sends: impl Fn(Quantity) -> bool) -> bool {
        self.needs.is_empty() || self.needs.iter().any(|quantity| sends(*quantity))
    }

    /// The limit, and where it is over again; none where the person has set nothing, or wants nothing of it.
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
    /// The unit of its values; none of a plain number, and of what flows at night or falls, which has the counter's own.
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

    /// Milliseconds between two values after which what was before counts no more.
    #[must_use]
    pub const fn patience(self) -> i64 {
        match self {
            Self::Night => 30 * HOUR,
            _ => HOUR / 12,
        }
    }
}

/// Shares of what a person has set.
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
    fn what_a_person_has_not_set_has_no_limit() {
        let (power, fuse) = (Rule::named("power").unwrap(), Rule::named("fuse").unwrap());
        let nothing = Limits::default();
        assert_eq!((power.limits(&nothing), fuse.limits(&nothing)), (None, None));
        let set = Limits { power: Some(5000), fuse: Some(25), ..Limits::default() };
        assert_eq!(power.limits(&set).map(text), Some(("5000".into(), "4750.00".into())));
        assert_eq!(fuse.limits(&set).map(text), Some(("23.75".into(), "21.25".into())));
    }

    /// EN 50160, 4.2.2: 230 V ± 10 %.
    #[test]
    fn voltages_are_watched_on_both_sides() {
        let limits = |name: &str| Rule::named(name).unwrap().limits(&Limits::default()).map(text);
        assert_eq!(limits("voltage-low"), Some(("207".into(), "209".into())));
        assert_eq!(limits("voltage-high"), Some(("253".into(), "251".into())));
        let off = Limits { off: vec!["voltage-low".into()], ..Limits::default() };
        assert_eq!(Rule::named("voltage-low").unwrap().limits(&off), None);
    }

    #[test]
    fn a_rule_is_offered_where_the_meter_sends_what_it_needs() {
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
