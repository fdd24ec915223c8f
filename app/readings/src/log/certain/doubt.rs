//! [`Doubt`]: what there is to say of a clock that is not believed.

use std::fmt;

use super::{Certain, HOUR};
use crate::entry::Moment;
use crate::store::MeterKey;

/// The computer's clock is more than a day ahead of what is certain.
#[derive(Clone, Debug, PartialEq)]
pub struct Doubt {
    /// What it said before it went ahead.
    pub from: Moment,
    /// What it says now.
    pub to: Moment,
    /// What it takes to believe it.
    pub wait: Wait,
}

/// What it takes to believe a clock that went ahead.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Wait {
    /// So many hours more of the page being open.
    Hours(i64),
    /// This meter's own clock says that it is not so: a person must say who is right.
    Meter(MeterKey),
    /// No meter's own clock confirms it, and it is too much to be believed without.
    Person,
}

impl Certain {
    /// What there is to say of it.
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
            Self::Hours(1) => f.write_str("about an hour more of this page being open confirms it"),
            Self::Hours(hours) => write!(f, "about {hours} hours more of this page being open confirm it"),
            Self::Meter(meter) => write!(f, "the clock of meter {} says otherwise", meter.0),
            Self::Person => f.write_str("no meter's own clock has confirmed it yet"),
        }
    }
}
