//! Where a counter stood at both ends of some time.

use metertap_decoder::number::Number;

use super::{Sum, SumKind};
use crate::entry::Moment;

impl Sum {
    /// Where a counter stood first, and when that was heard; `None` of what is no counter, and in roll-ups that version 1
    /// wrote.
    #[must_use]
    pub fn first(&self) -> Option<(Number, Moment)> {
        let SumKind::Counted(counter) = &self.kind else { return None };
        Some((self.number(counter.first.number), counter.first.at?))
    }

    /// Where a counter stood last, and since when it stands there; `None` as with [`Self::first`].
    #[must_use]
    pub fn last(&self) -> Option<(Number, Moment)> {
        let SumKind::Counted(counter) = &self.kind else { return None };
        Some((self.number(counter.last()), counter.now.last.at?))
    }
}
