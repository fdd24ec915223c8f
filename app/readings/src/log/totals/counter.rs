//! [`Counter`]: positions and what was counted, across exchanges of the meter, wraps to zero and impossible values.
//!
//! Positions that can follow each other form a *line*. These are the rules of counting:
//!
//! - A position that the meter cannot have reached since the previous one ([`Pace`]), or that lies below it, is *held*
//!   and counts nothing. The next position decides: if it follows from the line before, the held one was a glitch; if
//!   it follows from the held one and has moved on, the held line is confirmed and continues.
//! - If a confirmed line lies further up, the step to it counts. A fall to below half of the last position is an
//!   exchange even without another identification, if the new line begins below where the current one began, or more
//!   than a day after that: nothing was counted between the two meters. Any other fall is subtracted, so that it
//!   cancels the rise before it.
//! - A position that the user has confirmed need not wait for another one.
//! - Falling back within a day to where a line was left undoes everything counted since.
//! - Another identification that continues from the current position within two hours may be another name of this
//!   meter, and counts. An identification that first appears after a night counts as well, once it alternates with the
//!   first identification. If the first identification then has a lower position, there are two meters after all.
//! - Any other identification is another meter at once: nothing was counted between the two. When the first
//!   identification comes back, it continues from its own position.
//! - A counter that goes from the last tenth of its range to the first has wrapped to zero, if it went no further than
//!   a twentieth of the range: a larger step is more likely an exchange. Falling back undoes the wrap.
//!
//! Nothing held is lost: the readings are in the log, so totals can be recomputed.

mod line;
mod pace;
mod stated;

pub(in crate::log) use line::{Line, Position};
pub(in crate::log) use pace::Pace;
pub(in crate::log) use stated::Applied;

use self::pace::{coarse, elapsed};
use super::decimal::power_of_ten;

/// A counter over some period. All numbers are mantissas of one scaler, which the caller knows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::log) struct Counter {
    pub(in crate::log) pace: Pace,
    pub(in crate::log) first: Position,
    /// What was counted on lines that were left.
    pub(in crate::log) settled: i128,
    /// What was counted by switching to the current line.
    pub(in crate::log) crossed: i128,
    /// The current line.
    pub(in crate::log) now: Line,
    /// The line that the next position has to confirm.
    pub(in crate::log) held: Option<Line>,
    /// The line before the current one, whose count is settled. The counter may come back to it.
    pub(in crate::log) before: Option<Line>,
    /// What the user has stated about the counter. Not stored on the disk.
    pub(in crate::log) stated: Applied,
}

impl Counter {
    /// A counter with a single position.
    pub(in crate::log) fn at(position: Position, pace: Pace) -> Self {
        let now = Line { first: position, last: position, counted: 0 };
        let stated = Applied::default();
        Self { pace, first: position, settled: 0, crossed: 0, now, held: None, before: None, stated }
    }

    /// A counter that never left its line.
    pub(in crate::log) fn of_line(line: Line, pace: Pace) -> Self {
        Self { now: line, ..Self::at(line.first, pace) }
    }

    /// What was counted, without what is held.
    pub(in crate::log) fn counted(&self) -> i128 {
        self.settled.saturating_add(self.crossed).saturating_add(self.now.counted)
    }

    /// The last confirmed position.
    pub(in crate::log) fn last(&self) -> i128 {
        self.now.last.number
    }

    /// What is held of the current meter, until its next position confirms it.
    pub(in crate::log) fn held_back(&self) -> Option<Line> {
        self.held.filter(|held| !held.first.is_of_another_meter(&self.now.last))
    }

    pub(in crate::log) fn push(&mut self, position: Position, scaler: i8) {
        self.take(Line { first: position, last: position, counted: 0 }, scaler);
    }

    /// Adds the counter of a later period, with the same scaler.
    pub(in crate::log) fn join(&mut self, later: &Self, scaler: i8) {
        if self.stated.era != later.stated.era {
            return self.restart(later);
        }
        match later.before {
            // Only earlier positions can show which of the two lines is the glitch.
            Some(before) if later.has_two_lines() => {
                self.take(before, scaler);
                self.take(later.now, scaler);
            }
            Some(before) => {
                // A second line proves that the first was not a glitch, unless the first lies above all that followed.
                let is_glitch = later.first.number > before.last.number
                    && self.goes(&self.now.last, &before.first, scaler)
                    && !self.goes(&later.first, &before.first, scaler);
                let mut first = if is_glitch { before.first } else { later.first };
                if later.is_tentative()
                    && [before.last, later.now.last].iter().any(|known| known.meter == self.now.last.meter)
                {
                    // This meter continues under one of its names.
                    first.meter = self.now.last.meter;
                }
                let counted = later.settled.max(1);
                self.take(Line { first, last: before.last, counted }, scaler);
                self.settled = self.counted().saturating_add(later.settled).saturating_sub(counted);
                (self.crossed, self.now, self.before) = (later.crossed, later.now, later.before);
            }
            None if later.is_plain() => self.take(later.now, scaler),
            None => {
                // `later` has come back to its current line. What it counted on other lines mostly belongs to a meter
                // that has been exchanged since.
                let counted = later.settled.max(1);
                self.take(Line { first: later.first, last: later.first, counted }, scaler);
                self.settled = self.settled.saturating_add(later.settled).saturating_sub(counted);
                self.take(later.now, scaler);
            }
        }
        match later.held {
            // `later` compared the held line with a more recent position, so its judgement stands.
            Some(held) if self.held.is_none() && self.now.last.number == later.now.last.number => {
                self.held = Some(held);
            }
            Some(held) => self.take(held, scaler),
            None => {}
        }
    }

    /// Whether the counter never left its first line.
    pub(in crate::log) fn is_plain(&self) -> bool {
        self.before.is_none() && (self.settled, self.crossed) == (0, 0) && self.first == self.now.first
    }

    /// Whether the counter can go from one position to the other, whatever the identification.
    fn goes(&self, from: &Position, to: &Position, scaler: i8) -> bool {
        self.step(&Position { meter: None, ..*from }, to, scaler).is_some()
    }

    /// Whether the counter left one line, and nothing else happened.
    fn has_two_lines(&self) -> bool {
        self.before.is_some_and(|before| before.counted == self.settled && before.first == self.first)
            || self.started_over()
    }

    /// Whether the line before was a single position that nothing afterwards confirmed.
    fn started_over(&self) -> bool {
        self.settled == 0 && self.first == self.now.first
    }

    pub(in crate::log) fn mantissas(&mut self) -> impl Iterator<Item = &mut i128> {
        let lines = [Some(&mut self.now), self.held.as_mut(), self.before.as_mut()];
        let of_lines = lines
            .into_iter()
            .flatten()
            .flat_map(|line| [&mut line.first.number, &mut line.last.number, &mut line.counted]);
        [&mut self.first.number, &mut self.settled, &mut self.crossed].into_iter().chain(of_lines)
    }

    #[inline(never)]
    fn take(&mut self, line: Line, scaler: i8) {
        if let Some(step) = self.step(&self.now.last, &line.first, scaler) {
            return self.follow(step, line, scaler);
        }
        if self.now.last.is_of_another_meter(&line.first) {
            return self.change(line, scaler);
        }
        if let Some((before, step)) = self.before_excursion(&line, scaler) {
            return self.come_back(before, step, line);
        }
        let held = match self.held.take() {
            None => line,
            Some(held) => match self.step(&held.last, &line.first, scaler) {
                Some(step) => held.and(step, line),
                None if self.is_steady(&held, &line, scaler) => {
                    let (to, on) = (self.now.last.to(&held.first), held.last.to(&line.first));
                    self.now = self.now.and(to, held).and(on, line);
                    return;
                }
                None => line,
            },
        };
        // A number that stands still proves nothing. A number that counts on does.
        if held.counted > 0 || held.first.confirmed { self.switch(held) } else { self.held = Some(held) }
    }

    /// How much was counted, if the counter can go from one position to the other. Not inlined, to keep the page small.
    #[inline(never)]
    fn step(&self, from: &Position, to: &Position, scaler: i8) -> Option<i128> {
        if from.is_of_another_meter(to) {
            return None;
        }
        let (step, most) = (from.to(to), self.most(from, to, scaler));
        if step >= 0 {
            return (step <= most).then_some(step);
        }
        if step.saturating_add(coarse(from, to, scaler)) >= 0 {
            return Some(step);
        }
        let end = end(from.number, scaler);
        let goes_over = from.number >= end / 10 * 9 && (0..end / 10).contains(&to.number);
        // What version 1 counted stays until it is recomputed.
        let furthest = if elapsed(from, to).is_some() { end / 20 } else { end };
        Some(end.saturating_add(step)).filter(|step| goes_over && *step <= most.min(furthest))
    }

    fn follow(&mut self, step: i128, line: Line, scaler: i8) {
        // What another meter has sent stays held until that meter's next position.
        self.held.take_if(|held| !held.first.is_of_another_meter(&line.first));
        // Falling back undoes a wrap to zero as well: the zero may have been a glitch.
        let goes_over = step > 0 && line.first.number < self.now.last.number;
        if goes_over || step > self.notable(&self.now.last, &line.first, scaler) {
            self.leave(step, line);
        } else {
            self.now = self.now.and(step, line);
        }
    }

    /// Handles another identification on the line: another meter, or another name of this one.
    fn change(&mut self, line: Line, scaler: i8) {
        let held = self.held.take_if(|held| !held.first.is_of_another_meter(&line.first));
        let before = self.before.filter(|before| !before.last.is_of_another_meter(&line.first));
        let returns = before.filter(|before| before.last.meter.is_some());
        let is_one = self.is_one_meter(&line, scaler)
            && returns.is_none_or(|before| before.last.number <= self.now.first.number);
        if is_one {
            if let Some(before) = returns.filter(|_| self.crossed == 0)
                && self.goes(&before.last, &self.now.first, scaler)
            {
                // So far, the other name was taken for another meter, so the step to it was not counted.
                self.crossed = before.last.to(&self.now.first);
            }
            // The counter continues from its position, whatever the name.
            let step = self.now.last.to(&line.first);
            return self.leave(step, line);
        }
        let Some(before) = returns else {
            if self.is_passing() {
                // A meter that sent a single position was only passing: the meter before it may come back.
                self.now = line;
                return;
            }
            return self.leave(0, line);
        };
        match (self.step(&before.last, &line.first, scaler), held) {
            (Some(step), _) => {
                if self.is_tentative() {
                    // The names turn out to be those of two meters: nothing was counted between the two.
                    self.crossed = 0;
                }
                self.leave(step, line);
            }
            // The meter cannot have reached this position: the next one decides.
            (None, held) => {
                let on = held.and_then(|held| Some((held, self.step(&held.last, &line.first, scaler)?)));
                let line = on.map_or(line, |(held, step)| held.and(step, line));
                if line.counted > 0 || line.first.confirmed {
                    self.leave(0, line);
                } else {
                    self.held = Some(line);
                }
            }
        }
    }

    /// Whether a position under another name may be of the same counter: it continues from here within two hours, or
    /// the counter has already continued under another name.
    fn is_one_meter(&self, line: &Line, scaler: i8) -> bool {
        let (from, to) = (Position { meter: None, ..self.now.last }, line.first);
        let is_soon = elapsed(&from, &to).is_some_and(|time| time <= LONGEST_SILENCE);
        // A counter that has already changed its name may be silent for a night.
        (is_soon || self.is_tentative())
            && self.pace != Pace::Unknown
            && (0..=self.most_of_a_house(&from, &to, scaler)).contains(&from.to(&to))
    }

    /// Whether this line is a single position of a meter other than the one before.
    fn is_passing(&self) -> bool {
        self.now.counted == 0
            && self.crossed == 0
            && self.before.is_some_and(|before| before.last.is_of_another_meter(&self.now.first))
    }

    /// Whether this line was taken for the same counter under another name.
    fn is_tentative(&self) -> bool {
        self.before.is_some_and(|before| {
            before.last.is_of_another_meter(&self.now.first)
                && self.crossed == before.last.to(&self.now.first)
        })
    }

    /// Returns the line before this one, if these positions continue it and the current line was only an excursion.
    fn before_excursion(&self, line: &Line, scaler: i8) -> Option<(Line, i128)> {
        let before = self.before.filter(|before| !before.last.is_of_another_meter(&self.now.first))?;
        // A single position that was never confirmed is not a meter, however long ago it was.
        let recent = self.now.counted == 0
            || elapsed(&self.now.first, &line.first).is_none_or(|time| time <= LONGEST_EXCURSION);
        let step = self.step(&before.last, &line.first, scaler).filter(|_| recent)?;
        // A counter does not come back across a wrap to zero.
        (step <= 0 || line.first.number >= before.last.number).then_some((before, step))
    }

    fn come_back(&mut self, before: Line, step: i128, line: Line) {
        if self.started_over() {
            self.first = before.first;
        }
        self.settled = self.settled.saturating_sub(before.counted);
        (self.crossed, self.now) = (0, before.and(step, line));
        (self.held, self.before) = (None, None);
    }

    /// Switches to a held line that has been confirmed.
    fn switch(&mut self, held: Line) {
        self.held = None;
        if self.is_plain() && self.now.counted == 0 && !held.first.confirmed {
            // Nothing ever followed the first position: it may be the glitch.
            self.first = held.first;
            return self.leave(0, held);
        }
        let exchanged = self.before.is_some_and(|before| before.last.is_of_another_meter(&self.now.first));
        if exchanged && self.now.counted == 0 && !held.first.confirmed {
            // The first position of an exchanged meter may be the glitch as well.
            self.now = held;
            return;
        }
        let step = self.now.last.to(&held.first);
        // Another meter starts below where the current line began, or long after that. A smaller fall undoes a rise.
        let is_long = elapsed(&self.now.first, &held.first).is_some_and(|time| time > LONGEST_EXCURSION);
        let is_new_meter = held.first.number.saturating_mul(2) < self.now.last.number
            && (is_long || held.first.number < self.now.first.number);
        let step = if is_new_meter { 0 } else { step };
        self.leave(step, held);
    }

    /// Leaves the current line for another one; the step between them counts `crossed`.
    #[inline(never)]
    fn leave(&mut self, crossed: i128, line: Line) {
        if self.is_on_the_way(&line) {
            self.crossed = self.crossed.saturating_add(crossed);
            self.now = line;
            return;
        }
        self.settled = self.counted();
        self.before = Some(self.now);
        (self.crossed, self.now) = (crossed, line);
    }

    /// Whether the current line is a single position above the line before, and the new line begins within a day of the
    /// line before: it is still the same excursion.
    fn is_on_the_way(&self, line: &Line) -> bool {
        self.now.counted == 0
            && self.crossed > 0
            && self.before.is_some_and(|before| {
                !before.last.is_of_another_meter(&line.first)
                    && !before.last.is_of_another_meter(&self.now.first)
                    && elapsed(&before.last, &line.first).is_some_and(|time| time <= LONGEST_EXCURSION)
            })
    }

    /// Whether three positions go up steadily, but faster than a house can count: then the connection is larger than
    /// any house's.
    fn is_steady(&self, held: &Line, line: &Line, scaler: i8) -> bool {
        if self.now.last.is_of_another_meter(&held.first) || held.last.is_of_another_meter(&line.first) {
            return false;
        }
        let steps = [(&self.now.last, &held.first), (&held.last, &line.first)];
        let [Some((one, first)), Some((other, second))] = steps.map(|(from, to)| {
            let time = elapsed(from, to).filter(|time| *time > 0)?;
            let most = self.most(from, to, scaler).saturating_mul(LARGEST_HOUSE);
            let step = from.to(to);
            (step > 0 && step <= most).then_some((step, i128::from(time)))
        }) else {
            return false;
        };
        let (one, other) = (one.saturating_mul(second), other.saturating_mul(first));
        one <= other.saturating_mul(4) && other <= one.saturating_mul(4)
    }
}

/// The position at which the counter wraps to zero: ten to the power of its whole digits, which are at least five.
fn end(position: i128, scaler: i8) -> i128 {
    let one = power_of_ten(-i16::from(scaler));
    let digits = (position / one).checked_ilog10().map_or(1, |log| log + 1).max(FEWEST_DIGITS);
    i16::try_from(digits).map_or(1, power_of_ten).saturating_mul(one)
}

const FEWEST_DIGITS: u32 = 5;
/// Milliseconds: a counter that stays away for longer is not on an excursion.
const LONGEST_EXCURSION: i64 = 86_400_000;
/// Milliseconds: meters that take turns under several names are read at least once an hour.
const LONGEST_SILENCE: i64 = 7_200_000;
/// A factory behind transformers takes at most this many times what a house can take.
const LARGEST_HOUSE: i128 = 20;

#[cfg(test)]
mod tests;
