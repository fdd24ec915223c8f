//! [`Retention`]: for how long a meter's raw readings are kept.

use serde::{Deserialize, Serialize};

use crate::entry::Moment;

/// For how long raw readings are kept.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Retention {
    /// Forever.
    #[default]
    Forever,
    /// For this many days.
    Days(u32),
}

impl Retention {
    /// What a user can choose from.
    pub const CHOICES: [Self; 5] =
        [Self::Days(31), Self::Days(92), Self::Days(366), Self::Days(3 * 366), Self::Forever];

    /// Readings from before this moment may be deleted; `None` if none may.
    #[must_use]
    pub fn limit(self, now: Moment) -> Option<Moment> {
        match self {
            Self::Forever => None,
            Self::Days(days) => Some(Moment(now.0.saturating_sub(i64::from(days).saturating_mul(DAY)))),
        }
    }

    /// How many bytes of readings accumulate in the long run; for readings kept forever, how many in a year.
    #[must_use]
    pub fn octets(self, octets_a_day: u64) -> u64 {
        match self {
            Self::Forever => octets_a_day.saturating_mul(366),
            Self::Days(days) => octets_a_day.saturating_mul(days.into()),
        }
    }
}

const DAY: i64 = 86_400_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_past_their_days_may_be_deleted() {
        let now: Moment = "2026-11-21T12:00:00Z".parse().unwrap();
        assert_eq!(Retention::Days(31).limit(now).unwrap().to_string(), "2026-10-21T12:00:00.000Z");
        assert_eq!(Retention::Forever.limit(now), None);
        assert_eq!(Retention::Days(u32::MAX).limit(Moment(i64::MIN)), Some(Moment(i64::MIN)));
    }

    #[test]
    fn sizes_follow_from_the_size_of_a_day() {
        assert_eq!(Retention::Days(31).octets(86_400), 31 * 86_400);
        assert_eq!(Retention::Forever.octets(86_400), 366 * 86_400);
    }
}
