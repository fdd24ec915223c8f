//! A counter's positions at both ends of a period.

use metertap_decoder::number::Number;

use super::{Sum, SumKind};
use crate::entry::Moment;

impl Sum {
    /// A counter's first position, and the moment at which it counts. `None` if this is not a counter, and in roll-ups
    /// that version 1 wrote.
    #[must_use]
    pub fn first(&self) -> Option<(Number, Moment)> {
        let SumKind::Counted(counter) = &self.kind else { return None };
        Some((self.number(counter.first.number), counter.first.at?))
    }

    /// A counter's last position, and since when the counter has been there. `None` as with [`Self::first`].
    #[must_use]
    pub fn last(&self) -> Option<(Number, Moment)> {
        let SumKind::Counted(counter) = &self.kind else { return None };
        Some((self.number(counter.last()), counter.now.last.at?))
    }
}
