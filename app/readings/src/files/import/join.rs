//! [`Join`]: which imported readings are new.

use std::collections::BTreeSet;

use crate::entry::Moment;
use crate::log::calendar::Quarter;
use crate::log::totals::block::Block;

/// Separates new readings from those in quarters of an hour for which a log already has readings.
#[derive(Clone, Debug, Default)]
pub struct Join {
    known: BTreeSet<i64>,
    /// How many readings were new.
    pub new: u64,
    /// How many readings were not new.
    pub doubles: u64,
    /// The earliest and the latest time of a new reading.
    pub span: Option<(Moment, Moment)>,
}

impl Join {
    /// Notes the quarters that a log has.
    pub fn knows(&mut self, quarters: &Block) {
        let with_readings = quarters.0.iter().filter(|(_, rolled)| rolled.readings > 0);
        self.known.extend(with_readings.map(|(quarter, _)| quarter));
    }

    /// Whether a reading received at this moment is new; counts it in either case.
    pub fn takes(&mut self, received: Moment) -> bool {
        let is_new = !self.known.contains(&Quarter::of(received).0);
        if is_new {
            self.new += 1;
            let (from, to) = self.span.unwrap_or((received, received));
            self.span = Some((from.min(received), to.max(received)));
        } else {
            self.doubles += 1;
        }
        is_new
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::totals::rollup::RollUp;

    #[test]
    fn a_quarter_belongs_to_one_log() {
        let moment = |text: &str| text.parse::<Moment>().unwrap();
        let rolled = RollUp { readings: 1, ..RollUp::default() };
        let known = Quarter::of(moment("2026-11-21T02:30:00Z")).0;
        let mut join = Join::default();
        join.knows(&Block([(known, rolled), (known + 2, RollUp::default())].into()));
        for (text, is_new) in [
            ("2026-11-21T02:29:59.999Z", true),
            ("2026-11-21T02:30:00Z", false),
            ("2026-11-21T02:44:59.999Z", false),
            ("2026-11-21T02:45:00Z", true),
            ("2026-11-21T03:00:00Z", true),
            ("2026-11-21T02:30:00Z", false),
        ] {
            assert_eq!(join.takes(moment(text)), is_new, "{text}");
        }
        assert_eq!((join.new, join.doubles), (3, 3));
        assert_eq!(join.span, Some((moment("2026-11-21T02:29:59.999Z"), moment("2026-11-21T03:00:00Z"))));
    }
}
