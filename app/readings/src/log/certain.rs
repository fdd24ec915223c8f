//! [`Certain`]: the latest moment that has surely been reached. What deletes by time goes by it, never by one look at the
//! computer's clock.
//!
//! A clock is set by people, by networks and by an empty battery, and one look cannot tell a wrong clock from a computer
//! that was asleep. So each step that the clock makes ahead of the time that the page was open is kept aside until it is
//! confirmed: by hours of open time in which the clock and the meters' own clocks go on together, or by the person. A
//! meter's clock may be wrong by years and still tell how much time has passed: what counts is its distance from certain
//! time, and that clock also bounds how far certain time moves. A clock that goes back takes certain time along at once,
//! since that deletes nothing.
//!
//! Only time that was certain is deleted by; while more than a day waits for confirmation, nothing is.

mod doubt;
mod text;

pub use doubt::{Doubt, Wait};

use metertap_decoder::time::Instant;

use crate::entry::Moment;
use crate::store::MeterKey;
use crate::store::retention::Retention;

/// The latest moment that has surely been reached, and what waits to be.
#[derive(Debug, Default)]
pub struct Certain {
    /// What the computer's clock said at the last look. Numbers and not moments: a clock may say what no calendar has.
    wall: i64,
    /// The time of the last look by the clock that is never set.
    now: u64,
    /// What the computer's clock went ahead that nobody has confirmed, the oldest step first.
    steps: Vec<Step>,
    /// What it has gone ahead since in smaller pieces; negative where it fell behind.
    creep: i64,
    fallen: Option<Fallen>,
    /// How often it was seen to move by itself since the page was opened.
    moves: u32,
    /// When a meter last agreed with it.
    agreed: Option<u64>,
    /// Whether nothing but the computer's clock has ever said what time it is.
    unproved: bool,
    meters: Vec<Clock>,
}

/// A step ahead: a night's sleep, a fortnight with the page closed, or a wrong clock.
#[derive(Debug, Default)]
struct Step {
    /// What the clock said before it.
    from: i64,
    /// By how much it went ahead.
    lead: i64,
    /// For how long the page has been open since.
    open: i64,
    /// For how much of that a meter's clock agreed.
    agreed: i64,
    /// The meter whose clock says that it is not so.
    against: Option<MeterKey>,
}

/// The clock has gone back behind what was certain: an empty battery says 1970 until the network is asked.
#[derive(Clone, Copy, Debug)]
struct Fallen {
    /// What would be certain had it not.
    high: i64,
    /// For how long the page has been open since.
    open: i64,
}

/// A meter's own clock.
#[derive(Debug)]
struct Clock {
    meter: MeterKey,
    /// How far certain time is ahead of it, once that was learned.
    known: Option<i64>,
    /// What it was heard to say since the page was opened.
    heard: Option<Witness>,
}

/// Where a meter's clock is compared from.
#[derive(Clone, Copy, Debug)]
struct Witness {
    said: i64,
    at: u64,
    moves: u32,
    /// Since when it has gone steadily.
    steady: u64,
    /// When it was last heard.
    last: u64,
    /// What it would have certain time be at zero of the clock that is never set; none unless it agrees with the computer's
    /// clock, and was compared with certain time before.
    bound: Option<i64>,
}

impl Certain {
    /// Goes on with what was kept when the page was last open. Where nothing is kept, what is certain is that the newest
    /// reading was received, and in an empty log the clock is all there is.
    #[must_use]
    pub fn resume(kept: Option<&str>, newest: Option<Moment>, wall: Moment, now: Instant) -> Self {
        let unproved = kept.is_none() && newest.is_none();
        let wall_then = newest.unwrap_or(wall).min(wall).0;
        let mut certain = Self { wall: wall_then, now: now.0, unproved, ..Self::default() };
        for line in kept.unwrap_or_default().lines() {
            certain.read(line);
        }
        certain.go_on(wall, now, true);
        // A log may have come out of a file right before the page was closed.
        newest.into_iter().for_each(|newest| certain.restored(newest));
        certain
    }

    /// A log came out of a file whose newest reading was received at that moment. In a browser that knew no time but the
    /// computer's, that is what is certain, and what the clock is ahead of it waits to be confirmed.
    pub fn restored(&mut self, newest: Moment) {
        let lead = self.moment().0.saturating_sub(newest.0);
        if self.unproved && lead > DAY {
            self.unproved = false;
            self.steps.insert(0, Step { from: newest.0, lead, ..Step::default() });
        }
    }

    /// Looks at both clocks.
    pub fn look(&mut self, wall: Moment, now: Instant) {
        self.go_on(wall, now, false);
    }

    fn go_on(&mut self, wall: Moment, now: Instant, was_closed: bool) {
        let passed = between(self.now, now.0);
        let slip = wall.0.saturating_sub(self.wall).saturating_sub(passed);
        (self.wall, self.now) = (wall.0, now.0);
        // There are clocks that go on while the computer sleeps.
        let open = passed.min(LOOKS_APART);
        let agrees = self.agreed.is_some_and(|at| between(at, now.0) <= FRESH);
        for step in &mut self.steps {
            step.open = step.open.saturating_add(open);
            if agrees && step.against.is_none() {
                step.agreed = step.agreed.saturating_add(open);
            }
        }
        if let Some(fallen) = &mut self.fallen {
            fallen.high = fallen.high.saturating_add(passed);
            fallen.open = fallen.open.saturating_add(open);
        }
        self.fallen.take_if(|fallen| fallen.open >= LONG);
        self.creep = self.creep.saturating_add(slip);
        if self.creep > CREEP {
            let lead = std::mem::take(&mut self.creep);
            self.go_ahead(lead, was_closed);
        } else if self.creep < -CREEP {
            let back = std::mem::take(&mut self.creep);
            self.go_back(back.saturating_neg());
        }
        self.settle();
    }

    /// Hears what a meter's own clock says, right after a look.
    pub fn hear(&mut self, meter: &MeterKey, Moment(said): Moment) {
        let place = self.meters.iter().position(|clock| clock.meter == *meter).unwrap_or_else(|| {
            self.meters.push(Clock { meter: meter.clone(), known: None, heard: None });
            self.meters.len() - 1
        });
        let (now, moves) = (self.now, self.moves);
        let Some(Clock { known, heard, .. }) = self.meters.get_mut(place) else { return };
        let new = Witness { said, at: now, moves, steady: now, last: now, bound: None };
        let is_new = heard.is_none();
        let heard = heard.get_or_insert(new);
        let step = said.saturating_sub(heard.said).saturating_sub(between(heard.at, now));
        let mut is_set = false;
        if heard.moves != moves {
            // What moved is not known: the computer may have been asleep.
            (heard.said, heard.at, heard.moves) = (said, now, moves);
        } else if step.saturating_abs() > UNSTEADY {
            // The meter's clock was set, or stands still: it tells nothing of what was before.
            *heard = new;
            is_set = true;
        }
        (heard.last, heard.bound) = (now, None);
        let steady = between(heard.steady, now);
        let near = |then: i64, to: i64| then.saturating_sub(to).saturating_abs() <= DAY;
        if (is_new || self.fallen.is_some()) && near(said, self.wall) {
            // One of both was set while nobody listened, and now they show the same time.
            is_set |= known.is_some_and(|known| !near(said.saturating_add(known), self.wall));
        }
        known.take_if(|_| is_set);
        let known = *known;
        // A clock that was never compared before agrees where it shows the same time.
        let then = said.saturating_add(known.unwrap_or(0));
        let (certain, ahead) = (self.moment().0, self.ahead());
        let agrees = near(then, self.wall);
        if agrees {
            (self.agreed, self.unproved) = (Some(now), false);
        } else if known.is_none() {
        } else if let Some(fallen) = &mut self.fallen {
            // Whoever says that the clock should not have fallen keeps that in mind.
            if near(then, fallen.high) {
                fallen.open = 0;
            }
        } else if ahead <= CREEP || then < certain.saturating_sub(DAY) {
            // What is certain cannot be undone: it is the meter's clock that was set.
            is_set = true;
        } else if then < self.wall {
            for step in &mut self.steps {
                (step.agreed, step.against) = (0, Some(meter.clone()));
            }
        }
        if agrees || is_set {
            self.withdraw(meter);
        }
        let is_learned = match known {
            None => ahead <= CREEP && self.fallen.is_none() && steady >= SHORT,
            // It may be a little slow.
            Some(_) => (-CREEP..0).contains(&then.saturating_sub(certain)),
        };
        if let Some(clock) = self.meters.get_mut(place) {
            clock.known.take_if(|_| is_set);
            if is_learned {
                clock.known = Some(certain.saturating_sub(said));
            }
            if let Some(heard) = &mut clock.heard
                && agrees
            {
                heard.bound = known.map(|_| then.saturating_sub_unsigned(now));
            }
        }
    }

    /// The person says that the computer's clock is right.
    pub fn confirm(&mut self) {
        *self = Self { wall: self.wall, now: self.now, ..Self::default() };
    }

    /// A meter was removed.
    pub fn forget(&mut self, meter: &MeterKey) {
        self.meters.retain(|clock| clock.meter != *meter);
        self.withdraw(meter);
    }

    /// The latest moment that has surely been reached.
    #[must_use]
    pub fn moment(&self) -> Moment {
        Moment(self.wall.saturating_sub(self.ahead()).saturating_sub(self.creep.max(0)))
    }

    /// Readings from before this moment may go; `None` where none may.
    #[must_use]
    pub fn limit(&self, retention: Retention) -> Option<Moment> {
        if self.is_doubtful() { None } else { retention.limit(self.moment()) }
    }

    /// Whether the clock is so far ahead of what is certain that nothing is deleted by time.
    #[must_use]
    pub fn is_doubtful(&self) -> bool {
        self.ahead() > DAY
    }

    /// What waits to be confirmed.
    fn ahead(&self) -> i64 {
        self.steps.iter().fold(0, |sum: i64, step| sum.saturating_add(step.lead))
    }

    fn go_ahead(&mut self, mut lead: i64, was_closed: bool) {
        self.has_moved();
        let mut from = self.wall.saturating_sub(lead);
        if let Some(fallen) = self.fallen.take_if(|fallen| self.wall >= fallen.high.saturating_sub(DAY)) {
            // It is back: what was certain before is so again.
            self.steps.clear();
            (from, lead) = (fallen.high, self.wall.saturating_sub(fallen.high).max(0));
        }
        let mut step = Step { from, ..Step::default() };
        let short = self.steps.iter().map(|step| step.lead).filter(|lead| *lead <= DAY).sum::<i64>();
        if lead.saturating_add(short) > DAY {
            // Short steps in a row are a long one. What meters have agreed to so far they go on to judge. Of a page that is
            // open for an hour or two each day, what it was open for counts on as much as it was open for all of the step.
            let mut weighed: i128 = 0;
            for before in self.steps.drain(..).rev() {
                lead = lead.saturating_add(before.lead);
                weighed += i128::from(before.open) * i128::from(before.lead);
                step = Step { lead: 0, open: 0, ..before };
            }
            if was_closed {
                step.open = i64::try_from(weighed / i128::from(lead)).unwrap_or_default();
            }
        }
        if lead > 0 {
            self.steps.push(Step { lead, ..step });
        }
    }

    fn go_back(&mut self, mut back: i64) {
        self.has_moved();
        while back > 0 {
            // What went ahead last is what comes back.
            let Some(mut step) = self.steps.pop() else { break };
            if step.lead > back {
                step.lead -= back;
                self.steps.push(step);
                back = 0;
            } else {
                back -= step.lead.max(0);
            }
        }
        for step in &mut self.steps {
            (step.open, step.agreed) = (0, 0);
        }
        if back > DAY {
            let high = self.wall.saturating_add(back);
            let high = self.fallen.map_or(high, |fallen| fallen.high.max(high));
            self.fallen = Some(Fallen { high, open: 0 });
        }
    }

    fn has_moved(&mut self) {
        self.moves = self.moves.wrapping_add(1);
        self.agreed = None;
    }

    /// A meter's clock says nothing any more against what went ahead.
    fn withdraw(&mut self, meter: &MeterKey) {
        for step in &mut self.steps {
            step.against.take_if(|against| against == meter);
        }
    }

    /// Takes in what is confirmed, as far as the meters' clocks go along.
    fn settle(&mut self) {
        let (from, before) = (self.steps.first().map(|step| step.from), self.ahead());
        self.steps.retain(|step| step.left().is_none_or(|left| left > 0));
        let Some(from) = from.filter(|_| self.ahead() < before) else { return };
        let now = self.now;
        let heard = self.meters.iter().filter_map(|clock| clock.heard);
        let bounds = heard.filter(|heard| between(heard.last, now) <= FRESH).filter_map(|heard| heard.bound);
        let bound = bounds.min().map(|bound| bound.saturating_add_unsigned(now));
        let beyond = bound.map_or(0, |bound| self.moment().0.saturating_sub(bound));
        if beyond > 0 {
            let lead = beyond.min(before.saturating_sub(self.ahead()));
            self.steps.insert(0, Step { from, lead, ..Step::default() });
        }
    }
}

impl Step {
    /// How much longer it takes to be confirmed; `None` where time alone does not.
    fn left(&self) -> Option<i64> {
        if self.against.is_some() {
            return None;
        }
        let is_short = self.lead <= DAY;
        let (agreed, open) =
            if is_short { (HOUR, Some(SHORT)) } else { (SHORT, (self.lead <= MONTH).then_some(LONG)) };
        let by_meters = (self.agreed > 0).then(|| agreed.saturating_sub(self.agreed));
        let by_time = open.map(|open| open.saturating_sub(self.open));
        by_meters.into_iter().chain(by_time).min().map(|left| left.max(0))
    }
}

/// Milliseconds by the clock that is never set.
fn between(one: u64, other: u64) -> i64 {
    i64::try_from(other.saturating_sub(one)).unwrap_or(i64::MAX)
}

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;
const MONTH: i64 = 31 * DAY;

/// How long the page must be open for a step of more than a day that a meter's clock confirms, and for a shorter one
/// where no meter has a clock.
const SHORT: i64 = 3 * HOUR;
/// The same for a step of up to a month where no meter has a clock.
const LONG: i64 = 12 * HOUR;
/// What both clocks may differ by before it is a step: networks set clocks by seconds.
const CREEP: i64 = HOUR / 6;
/// What counts as open time between two looks: they are a minute apart.
const LOOKS_APART: i64 = HOUR / 6;
/// How long a meter's word lasts: some are asked once an hour.
const FRESH: i64 = 2 * HOUR;
/// What a meter's clock may jump by and still be the same: some say a quarter of an hour for all of it.
const UNSTEADY: i64 = HOUR / 2;

#[cfg(test)]
mod tests;
