//! [`Doubt`]: what to tell the user about a clock that is not believed.

use std::fmt;

use super::{Certain, HOUR};
use crate::entry::Moment;
use crate::store::MeterKey;

/// The computer's clock is more than a day ahead of certain time.
#[derive(Clone, Debug, PartialEq)]
pub struct Doubt {
    /// What the clock said before it went ahead.
    pub from: Moment,
    /// What the clock says now.
    pub to: Moment,
    /// What must happen before the clock is believed.
    pub wait: Wait,
}

/// What must happen before a clock that went ahead is believed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Wait {
    /// The page has to be open for this many more hours.
    Hours(i64),
    /// This meter's own clock contradicts the computer's: the user has to say which is right.
    Meter(MeterKey),
    /// No meter's clock confirms the step, and the step is too long to be confirmed by open time. The user has to
    /// decide.
    Person,
}

impl Certain {
    /// Returns the doubt about the computer's clock; `None` if there is none.
    #[must_use]
    pub fn doubt(&self) -> Option<Doubt> {
        let from = Moment(self.steps.first().filter(|_| self.is_doubtful())?.from);
        let against = self.steps.iter().find_map(|step| step.against.clone());
        let left = self.steps.iter().try_fold(1, |most: i64, step| Some(most.max(step.left()?)));
        let wait = match (against, left) {
            (Some(meter), _) => Wait::Meter(meter),
            (None, Some(left)) => Wait::Hours((left - 1) / HOUR + 1),
            (None, None) => Wait::Person,
        };
        Some(Doubt { from, to: Moment(self.wall), wait })
    }
}

impl fmt::Display for Wait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hours(1) => f.write_str("about an hour more with this page open confirms it"),
            Self::Hours(hours) => write!(f, "about {hours} hours more with this page open confirm it"),
            Self::Meter(meter) => write!(f, "the clock of meter {} disagrees", meter.0),
            Self::Person => f.write_str("no meter's own clock has confirmed it yet"),
        }
    }
}
