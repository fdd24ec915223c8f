//! [`Timeline`]: which meters' readings make up a history, from when to when, and what statistics leave out of them.
//!
//! If a meter replaced another one, the history of the old meter comes before that of the new one. Each meter is
//! counted by itself: the total is the old counter's difference plus the new one's, and the step between the two
//! counters is not counted. In a stretch that is left out, counters move on, but what they count is in no total.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use metertap_decoder::time::Zone;

use super::calendar::Span;
use crate::entry::Moment;
use crate::log::calendar::{Day, Quarter};
use crate::log::journal::Grain;
use crate::stated::{Correction, CorrectionKind};
use crate::store::MeterKey;

/// The stretches of a history, in chronological order.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Timeline(Vec<Stretch>);

/// A period in which one meter's readings make up the history.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Stretch {
    /// The meter.
    pub meter: MeterKey,
    /// The time, in whole quarters of an hour.
    pub span: Span,
    /// Whether statistics count it.
    pub counts: bool,
}

/// Why one meter cannot have replaced another.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum NoReplacement {
    /// They are the same meter.
    Itself,
    /// The other meter replaced this one, directly or through others.
    Circle,
    /// A third meter has already replaced the other one.
    Taken,
}

impl Timeline {
    /// The timeline of a meter, from what is stated about each meter.
    #[must_use]
    pub fn of<'a>(meter: &MeterKey, stated: impl Fn(&MeterKey) -> &'a [Correction]) -> Self {
        let mut members = chain(meter, &stated);
        members.reverse();
        let mut left_out: Vec<Span> = members.iter().flat_map(|(meter, _)| left_out(stated(meter))).collect();
        left_out.sort_by_key(|span| span.from);
        Self(members.into_iter().flat_map(|(meter, span)| cut(&meter, span, &left_out)).collect())
    }

    /// All stretches.
    pub fn stretches(&self) -> impl Iterator<Item = &Stretch> {
        self.0.iter()
    }

    /// The meters, the oldest first, each with the time in which its readings make up the history.
    #[must_use]
    pub fn members(&self) -> Vec<(&MeterKey, Span)> {
        let of_one = self.0.chunk_by(|one, next| one.meter == next.meter);
        of_one
            .filter_map(|stretches| {
                let (first, last) = (stretches.first()?, stretches.last()?);
                Some((&first.meter, Span { from: first.span.from, to: last.span.to }))
            })
            .collect()
    }
}

impl Stretch {
    /// The quarters of an hour or days of a range that lie in the stretch, in chronological order. A day in which the
    /// stretch begins or ends is given as its quarters.
    #[must_use]
    pub fn pieces(
        &self,
        grain: Grain,
        range: RangeInclusive<i64>,
        zone: Zone,
    ) -> Vec<(Grain, RangeInclusive<i64>)> {
        let (begins, ends) = (self.span.from > FIRST, self.span.to < LAST);
        let from = if begins { Quarter::of(self.span.from).0 } else { i64::MIN };
        let to = if ends { Quarter::of(self.span.to).0 - 1 } else { i64::MAX };
        let (mut first, mut last) = range.into_inner();
        if grain == Grain::Quarters {
            return some([(grain, first.max(from)..=last.min(to))]);
        }
        let (mut head, mut tail) = (NONE, NONE);
        if begins {
            let day = Day::of(Quarter(from), zone);
            let quarters = day.quarters(zone);
            let is_cut = quarters.start < from;
            if is_cut && (first..=last).contains(&day.0) {
                head = from..=to.min(quarters.end - 1);
            }
            first = first.max(day.0 + i64::from(is_cut));
        }
        if ends {
            let day = Day::of(Quarter(to), zone);
            let quarters = day.quarters(zone);
            let is_cut = to < quarters.end - 1;
            if is_cut && (first..=last).contains(&day.0) {
                tail = quarters.start..=to;
            }
            last = last.min(day.0 - i64::from(is_cut));
        }
        some([(Grain::Quarters, head), (grain, first..=last), (Grain::Quarters, tail)])
    }
}

/// Checks whether `meter` can have replaced `old`.
///
/// # Errors
/// The reason why it cannot.
pub fn may_replace<'a>(
    meter: &MeterKey,
    old: &MeterKey,
    records: impl Iterator<Item = (&'a MeterKey, &'a [Correction])> + Clone,
) -> Result<(), NoReplacement> {
    let stated = |meter: &MeterKey| {
        records.clone().find(|(key, _)| *key == meter).map_or(&[] as &[Correction], |(_, stated)| stated)
    };
    if meter == old {
        return Err(NoReplacement::Itself);
    }
    // A meter in the chain may have no time of its own, and is then in no timeline.
    if chain(old, stated).iter().any(|(member, _)| member == meter) {
        return Err(NoReplacement::Circle);
    }
    match successors(records).get(old) {
        Some(other) if *other != meter => Err(NoReplacement::Taken),
        _ => Ok(()),
    }
}

/// For each meter that was replaced, the meter that replaced it. The meters of a circle of replacements are left out,
/// because none of them is the last.
pub fn successors<'a>(
    records: impl Iterator<Item = (&'a MeterKey, &'a [Correction])>,
) -> BTreeMap<&'a MeterKey, &'a MeterKey> {
    let mut all = BTreeMap::new();
    for (key, stated) in records {
        if let Some((_, old)) = predecessor(stated) {
            all.entry(old).or_insert(key);
        }
    }
    let mut unseen: BTreeSet<_> = all.keys().copied().collect();
    while let Some(first) = unseen.pop_first() {
        let (mut way, mut at) = (vec![first], all.get(first).copied());
        while let Some(next) = at.filter(|next| unseen.remove(next)) {
            way.push(next);
            at = all.get(next).copied();
        }
        let circle = at.and_then(|again| way.iter().position(|met| *met == again));
        for met in circle.map(|begin| way.split_off(begin)).unwrap_or_default() {
            all.remove(met);
        }
    }
    all
}

/// The meters that make up a history, each with its time, the newest first. If the statements say that a meter replaced
/// itself, directly or through others, its history has no other meter.
fn chain<'a>(meter: &MeterKey, stated: impl Fn(&MeterKey) -> &'a [Correction]) -> Vec<(MeterKey, Span)> {
    let mut members: Vec<(MeterKey, Span)> = Vec::new();
    let (mut next, mut to) = (Some(meter), LAST);
    while let Some(member) = next
        && members.iter().all(|(known, _)| known != member)
    {
        let before = predecessor(stated(member));
        let from = before.map_or(FIRST, |(from, _)| from.min(to));
        members.push((member.clone(), Span { from, to }));
        (next, to) = (before.map(|(_, earlier)| earlier), from);
    }
    match next {
        Some(again) if again == meter => vec![(meter.clone(), Span { from: FIRST, to: LAST })],
        _ => members,
    }
}

fn left_out(stated: &[Correction]) -> impl Iterator<Item = Span> {
    stated.iter().filter_map(|correction| match correction.what {
        CorrectionKind::LeftOut { until, .. } => Some(Span { from: correction.from, to: until }),
        _ => None,
    })
}

/// The meter that was replaced, and when.
fn predecessor(stated: &[Correction]) -> Option<(Moment, &MeterKey)> {
    stated.iter().find_map(|correction| match &correction.what {
        CorrectionKind::Replaced { meter } => Some((correction.from, meter)),
        _ => None,
    })
}

/// A meter's time, cut where something is left out.
fn cut(meter: &MeterKey, span: Span, left_out: &[Span]) -> Vec<Stretch> {
    let stretch = |from: Moment, to: Moment, counts: bool| Stretch {
        meter: meter.clone(),
        span: Span { from, to },
        counts,
    };
    let (mut all, mut at) = (Vec::new(), span.from);
    for out in left_out.iter().filter(|out| out.meets(span)) {
        let (from, to) = (out.from.max(at), out.to.min(span.to));
        if from >= to {
            continue;
        }
        if at < from {
            all.push(stretch(at, from, true));
        }
        all.push(stretch(from, to, false));
        at = to;
    }
    if at < span.to {
        all.push(stretch(at, span.to, true));
    }
    all
}

fn some<const N: usize>(pieces: [(Grain, RangeInclusive<i64>); N]) -> Vec<(Grain, RangeInclusive<i64>)> {
    pieces.into_iter().filter(|(_, range)| !range.is_empty()).collect()
}

/// The bounds of a period without a beginning or an end.
const FIRST: Moment = Moment(i64::MIN);
const LAST: Moment = Moment(i64::MAX);
#[allow(clippy::reversed_empty_ranges, reason = "it is empty")]
const NONE: RangeInclusive<i64> = 1..=0;

#[cfg(test)]
mod tests;
