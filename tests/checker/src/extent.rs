//! [`Extents`]: how many readings of a log notices report as lost, and when they were received.

use crate::{Evidence, Told};

/// The readings of one log that notices report as lost.
#[derive(Debug)]
pub(crate) struct Extents(Vec<Extent>);

#[derive(Debug)]
struct Extent {
    from: String,
    to: String,
    /// How many more missing readings the notice excuses.
    left: u64,
}

impl Extents {
    /// What the notices report about this log.
    pub(crate) fn of(evidence: &Evidence, log: &str) -> Self {
        let parts = evidence.notices.iter().flat_map(|notice| notice.split("; "));
        let is_called = |name: &str| evidence.names.contains(&(name.to_owned(), log.to_owned()));
        let extents = parts.filter_map(|part| {
            let (name, what) = part.rsplit_once(": ")?;
            is_called(name).then(|| Extent::read(what)).flatten()
        });
        Self(extents.collect())
    }

    /// Whether a notice excuses this missing reading. If so, it excuses one reading fewer from then on.
    pub(crate) fn name(&mut self, told: &Told) -> bool {
        let has = |extent: &&mut Extent| {
            extent.left > 0 && (&*extent.from..=&*extent.to).contains(&told.received.as_str())
        };
        // The extent that ends first is used, because later readings may need the others.
        let named = self.0.iter_mut().filter(has).min_by(|one, other| one.to.cmp(&other.to));
        named.map(|extent| extent.left -= 1).is_some()
    }
}

impl Extent {
    /// `N readings from MOMENT to MOMENT`.
    fn read(text: &str) -> Option<Self> {
        let words: Vec<&str> = text.split(' ').collect();
        let [count, "readings", "from", from, "to", to] = words[..] else { return None };
        Some(Self { from: from.to_owned(), to: to.to_owned(), left: count.parse().ok()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(log: &str, received: &str) -> Told {
        Told { log: log.into(), received: received.into(), ..Told::default() }
    }

    #[test]
    fn a_notice_excuses_only_its_meter_time_and_number_of_readings() {
        let mut evidence = Evidence::default();
        evidence.names.insert(("Hall: left".into(), "a".into()));
        evidence.notices.push("other: 9 readings from 2026-01-01T00 to 2026-01-03T00; Hall: left: 2 readings from 2026-01-02T00 to 2026-01-02T09".into());
        let mut extents = Extents::of(&evidence, "a");
        assert!(!extents.name(&told("a", "2026-01-01T12")), "the notice is about another meter");
        assert!(extents.name(&told("a", "2026-01-02T00")) && extents.name(&told("a", "2026-01-02T09")));
        assert!(!extents.name(&told("a", "2026-01-02T05")), "the notice excuses only two");
        assert!(!Extents::of(&evidence, "b").name(&told("b", "2026-01-02T00")));
    }
}
