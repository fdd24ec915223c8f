//! [`Zone`]: the time zone of the place where a meter is installed, for clocks that state no offset.
//!
//! A zone is a table of the moments at which clocks change. UTC and Central European Time are built in. The caller
//! supplies others, from a browser's `Intl` or, natively, from a database.

#[cfg(all(feature = "zones", not(target_family = "wasm")))]
mod database;

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;

use crate::civil::{self, DateTime};

/// A time zone. Copies share one table, which is kept until the program ends.
#[derive(Clone, Copy)]
pub struct Zone(&'static Rules);

struct Rules {
    name: &'static str,
    /// Seconds that clocks are ahead of UTC before the first change.
    first: i32,
    /// In chronological order.
    changes: &'static [Change],
}

#[derive(Clone, Copy)]
struct Change {
    /// Seconds since 1970-01-01T00:00:00Z.
    at: i64,
    /// Seconds that clocks are ahead of UTC before the change, and after it.
    before: i32,
    after: i32,
    /// Whether the change begins summer time.
    summer: bool,
}

/// How often clocks of a zone show a local time, and how many seconds they are ahead of UTC then.
///
/// Exhaustive: a change of the offset skips a time or repeats it once.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Occurrence {
    /// The common case: the seconds ahead of UTC.
    Once(i32),
    /// Clocks are put forward past this time.
    Never {
        /// Seconds ahead of UTC before the change.
        before: i32,
        /// Seconds ahead of UTC after the change.
        after: i32,
    },
    /// Clocks are put back to before this time, and show it again.
    Twice {
        /// Seconds ahead of UTC the first time.
        before: i32,
        /// Seconds ahead of UTC the second time.
        after: i32,
    },
}

/// The table is not that of a time zone.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct NotAZone;

impl fmt::Display for NotAZone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not the table of a time zone")
    }
}

impl core::error::Error for NotAZone {}

impl Zone {
    /// Coordinated Universal Time.
    pub const UTC: Self = Self(&Rules { name: "UTC", first: 0, changes: &[] });

    /// Central European Time, the zone of most meters with a HAN or P1 port.
    pub const CENTRAL_EUROPE: Self =
        Self(&Rules { name: "Europe/Berlin", first: HOUR, changes: &CENTRAL_EUROPE });

    /// Builds the zone of this name. `offset` takes seconds after 1970-01-01T00:00:00Z and returns how many seconds the
    /// zone's clocks are ahead of UTC then; it is called several thousand times. The table is kept until the program
    /// ends.
    ///
    /// # Errors
    /// [`NotAZone`] if `offset` ever returns `None`, or if its answers are not those of a time zone; also if `name` is
    /// empty, is longer than 64 bytes, or contains anything but printable ASCII without spaces.
    pub fn sampled(name: &str, offset: impl Fn(i64) -> Option<i32>) -> Result<Self, NotAZone> {
        let first = offset(START).ok_or(NotAZone)?;
        let (mut changes, mut last) = (Vec::new(), first);
        for sample in (START..END).step_by(SAMPLED) {
            let next = sample + SAMPLED as i64;
            let after = offset(next).ok_or(NotAZone)?;
            if after == last {
                continue;
            }
            let (mut early, mut late) = (sample, next);
            while late - early > MINUTE {
                let middle = early + (late - early) / MINUTE / 2 * MINUTE;
                *(if offset(middle).ok_or(NotAZone)? == last { &mut early } else { &mut late }) = middle;
            }
            changes.push((late, after));
            last = after;
        }
        Self::from_changes(name, first, &changes)
    }

    /// The zone's name, such as `Europe/Berlin`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.0.name
    }

    /// Seconds that clocks are ahead of UTC before the first change, then each change: its time in seconds after
    /// 1970-01-01T00:00:00Z, and the seconds that clocks are ahead of UTC after it.
    pub fn changes(self) -> (i32, impl Iterator<Item = (i64, i32)>) {
        (self.0.first, self.0.changes.iter().map(|change| (change.at, change.after)))
    }

    /// Seconds that clocks are ahead of UTC at `unix`, in seconds after 1970-01-01T00:00:00Z.
    #[must_use]
    pub fn offset(self, unix: i64) -> i32 {
        let passed = self.0.changes.partition_point(|change| change.at <= unix);
        self.change(passed).map_or(self.0.first, |change| change.after)
    }

    /// The local time at `unix`, in seconds after 1970-01-01T00:00:00Z; `None` beyond the calendar.
    #[must_use]
    pub fn local(self, unix: i64) -> Option<DateTime> {
        DateTime::from_seconds(unix.checked_add(self.offset(unix).into())?)
    }

    /// How often clocks show this local time.
    #[must_use]
    pub fn occurrence(self, local: DateTime) -> Occurrence {
        self.found(local).0
    }

    /// The seconds after 1970-01-01T00:00:00Z at which clocks show a local time. If they show it twice, this is the
    /// first time. If they skip it, the offset before the change applies.
    #[must_use]
    pub fn unix(self, local: DateTime) -> i64 {
        let (Occurrence::Once(offset)
        | Occurrence::Never { before: offset, .. }
        | Occurrence::Twice { before: offset, .. }) = self.occurrence(local);
        local.seconds() - i64::from(offset)
    }

    /// Milliseconds that clocks are ahead of UTC at `unix`, in milliseconds after 1970-01-01T00:00:00Z.
    pub(crate) fn ahead(self, unix: i64) -> i64 {
        i64::from(self.offset(unix.div_euclid(1000))) * 1000
    }

    /// Minutes that a clock with this local time is ahead of UTC. `summer` is what the clock says about summer time, if
    /// anything.
    pub(crate) fn offset_minutes(self, local: DateTime, summer: Option<bool>) -> i16 {
        let offset = match self.found(local) {
            (Occurrence::Once(offset), passed) => self.claimed(offset, passed, summer),
            (Occurrence::Never { before, .. }, _) => before,
            // Winter time, unless the meter says that it is still summer.
            (Occurrence::Twice { before, after }, _) => match summer {
                Some(true) => before,
                _ => after,
            },
        };
        i16::try_from(offset / 60).unwrap_or_default()
    }

    /// The offset that a clock with this flag claims. A meter may keep summer time in winter, or the reverse. Its flag
    /// is trusted like the rest of its clock.
    fn claimed(self, offset: i32, passed: usize, summer: Option<bool>) -> i32 {
        let Some(change) = self.change(passed) else {
            return if summer == Some(true) { offset + HOUR } else { offset };
        };
        match summer {
            Some(true) if !change.summer => offset + self.shift(passed),
            Some(false) if change.summer => change.before,
            _ => offset,
        }
    }

    /// How many seconds clocks were put forward for the summer that the latest change ended; one hour if that change
    /// ended no summer. `passed` is the number of changes so far.
    fn shift(self, passed: usize) -> i32 {
        let summer = self.change(passed.saturating_sub(1)).filter(|change| change.summer);
        summer.map_or(HOUR, |summer| summer.after - summer.before)
    }

    /// Builds the zone from its table: the seconds ahead of UTC before the first change, then for each change its time
    /// and the seconds ahead of UTC after it.
    fn from_changes(name: &str, first: i32, changes: &[(i64, i32)]) -> Result<Self, NotAZone> {
        let is_name =
            (1..=LONGEST_NAME).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_graphic());
        let offsets = || core::iter::once(first).chain(changes.iter().map(|(_, after)| *after));
        let are_offsets = offsets().all(|offset| (-FARTHEST..=FARTHEST).contains(&offset));
        let are_moments = changes.iter().all(|(at, _)| DateTime::from_seconds(*at).is_some());
        // This distance ensures that no local time is shown three times.
        let in_order = changes.windows(2).all(|pair| matches!(pair, [(one, _), (other, _)] if other.checked_sub(*one).is_some_and(|apart| apart >= CLOSEST)));
        if !is_name || !are_offsets || !are_moments || !in_order || changes.len() > MOST {
            return Err(NotAZone);
        }
        let mut table: Vec<Change> = changes
            .iter()
            .zip(offsets())
            .map(|((at, after), before)| Change { at: *at, before, after: *after, summer: false })
            .collect();
        let ends: Vec<bool> =
            table.windows(2).map(|pair| matches!(pair, [begin, end] if is_summer(*begin, *end))).collect();
        table.iter_mut().zip(ends).for_each(|(change, summer)| change.summer = summer);
        let name = Box::leak(Box::from(name));
        Ok(Self(Box::leak(Box::new(Rules { name, first, changes: Box::leak(table.into_boxed_slice()) }))))
    }

    /// How often clocks show a local time, and how many changes have passed by then. If they skip or repeat it, the
    /// count includes the change that does so.
    fn found(self, local: DateTime) -> (Occurrence, usize) {
        let local = local.seconds();
        let first_end = |change: &Change| change.at + i64::from(change.before.min(change.after));
        let passed = self.0.changes.partition_point(|change| first_end(change) <= local);
        let Some(Change { at, before, after, .. }) = self.change(passed) else {
            return (Occurrence::Once(self.0.first), passed);
        };
        let shown = if local >= at + i64::from(before.max(after)) {
            Occurrence::Once(after)
        } else if before < after {
            Occurrence::Never { before, after }
        } else {
            Occurrence::Twice { before, after }
        };
        (shown, passed)
    }

    /// The latest change, if this many have passed; `None` if none has.
    fn change(self, passed: usize) -> Option<Change> {
        self.0.changes.get(passed.checked_sub(1)?).copied()
    }
}

/// Whether clocks are put forward at `begin` and back at `end` within 300 days: that is summer time.
const fn is_summer(begin: Change, end: Change) -> bool {
    begin.after > begin.before && end.after < end.before && end.at - begin.at < LONGEST_SUMMER
}

/// [`Zone::CENTRAL_EUROPE`]: the zone of most meters with a HAN or P1 port.
impl Default for Zone {
    fn default() -> Self {
        Self::CENTRAL_EUROPE
    }
}

impl PartialEq for Zone {
    fn eq(&self, other: &Self) -> bool {
        self.0.name == other.0.name
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.name)
    }
}

/// In seconds.
const MINUTE: i64 = 60;
const HOUR: i32 = 3600;
/// The first and last sample: 1990-01-01 and 2101-01-01, both 00:00 UTC. No meter in the tables is older.
const START: i64 = 631_152_000;
const END: i64 = 4_133_980_800;
/// One week: in 2004, summer time in Tucumán lasted twelve days.
const SAMPLED: usize = 7 * 86_400;
/// No clock was ever further from UTC.
const FARTHEST: i32 = 26 * HOUR;
const CLOSEST: i64 = 2 * 26 * 3600;
const LONGEST_SUMMER: i64 = 300 * 86_400;
/// Up to four changes a year until 2100 are fewer than half of this. Each change takes 24 bytes.
const MOST: usize = 1024;
/// The longest existing name has 32 bytes.
const LONGEST_NAME: usize = 64;

/// From 1990 on: clocks are put forward on the last Sunday of March. They are put back on the last Sunday of September,
/// and since 1996 of October. Both are at 01:00 UTC (directive 2000/84/EC and its predecessors).
static CENTRAL_EUROPE: [Change; 2 * 111] = {
    let mut changes = [Change { at: 0, before: HOUR, after: HOUR, summer: false }; _];
    let (mut rest, mut year): (&mut [Change], i32) = (&mut changes, 1990);
    while let [spring, autumn, later @ ..] = rest {
        let end = if year < 1996 { 9 } else { 10 };
        *spring = Change { at: last_sunday(year, 3), before: HOUR, after: 2 * HOUR, summer: true };
        *autumn = Change { at: last_sunday(year, end), before: 2 * HOUR, after: HOUR, summer: false };
        (rest, year) = (later, year + 1);
    }
    changes
};

/// 01:00 UTC on the last Sunday of a month.
const fn last_sunday(year: i32, month: i32) -> i64 {
    let end = civil::days(year, month + 1, 1) - 1;
    // 1970-01-01 was a Thursday.
    (end - (end + 4).rem_euclid(7)) as i64 * 86_400 + 3600
}

#[cfg(test)]
mod tests;
