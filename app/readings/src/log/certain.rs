//! [`Certain`]: the latest moment that has certainly been reached. Deletion by age uses this moment, never a single
//! look at the computer's clock.
//!
//! Users, networks and empty batteries set clocks, and a single look cannot tell a wrong clock from a computer that was
//! asleep. So if the clock moves ahead by more than the time the page was open, the difference is set aside as a step
//! until it is confirmed. Hours of open time confirm a step if no meter's clock contradicts it. A step of more than a
//! month also needs a meter's clock that advances with the computer's. The user can confirm any step.
//!
//! A meter's clock may be wrong by years, since only changes of its distance from certain time count. A meter's clock
//! that agrees also limits how far certain time moves. If the computer's clock goes back behind certain time, certain
//! time goes back at once, since that deletes nothing.
//!
//! While more than a day is unconfirmed, nothing is deleted by age.

mod doubt;
mod text;

pub use doubt::{Doubt, Wait};

use metertap_decoder::time::Instant;

use crate::entry::Moment;
use crate::store::MeterKey;
use crate::store::retention::Retention;

/// The latest moment that has certainly been reached, and the steps that are unconfirmed.
#[derive(Debug, Default)]
pub struct Certain {
    /// What the computer's clock said at the last look. A plain number and not a [`Moment`], because a clock may show a
    /// time that no calendar has.
    wall: i64,
    /// The time of the last look by the monotonic clock.
    now: u64,
    /// The unconfirmed steps of the computer's clock, the oldest first.
    steps: Vec<Step>,
    /// How far the computer's clock has moved ahead since the latest step, in moves too small to be steps; negative if
    /// it fell behind.
    creep: i64,
    fallen: Option<Fallen>,
    /// How often the computer's clock was seen to jump since the page was opened.
    moves: u32,
    /// When a meter's clock last agreed with the computer's.
    agreed: Option<u64>,
    /// Whether the computer's clock has been the only source of time so far.
    unproved: bool,
    meters: Vec<Clock>,
}

/// A step ahead: a night's sleep, a fortnight with the page closed, or a wrong clock.
#[derive(Debug, Default)]
struct Step {
    /// What the clock said before the step.
    from: i64,
    /// By how many milliseconds the clock went ahead.
    lead: i64,
    /// For how many milliseconds the page has been open since.
    open: i64,
    /// For how many of these milliseconds a meter's clock agreed.
    agreed: i64,
    /// The meter whose clock contradicts this step.
    against: Option<MeterKey>,
}

/// Set when the clock has gone back behind certain time by more than a day: after an empty battery it says 1970 until
/// it is set from the network.
#[derive(Clone, Copy, Debug)]
struct Fallen {
    /// What certain time would be if the clock had not gone back.
    high: i64,
    /// For how many milliseconds the page has been open since, or since a meter's clock last contradicted the fall.
    open: i64,
}

#[derive(Debug)]
struct Clock {
    meter: MeterKey,
    /// How far certain time is ahead of this clock, once that is known.
    known: Option<i64>,
    /// What this clock has said since the page was opened.
    heard: Option<Witness>,
}

/// The moment from which a meter's clock is compared with the monotonic clock.
#[derive(Clone, Copy, Debug)]
struct Witness {
    said: i64,
    at: u64,
    moves: u32,
    /// Since when the clock has advanced steadily.
    steady: u64,
    /// When the clock was last received.
    last: u64,
    /// The latest certain time that this clock allows, as an offset from the zero of the monotonic clock. `None` unless
    /// the clock agrees with the computer's and was compared with certain time before.
    bound: Option<i64>,
}

impl Certain {
    /// Restores the state kept when the page was last open. If nothing was kept, certain time is when the newest
    /// reading was received. If the log is empty too, or that moment is later than the computer's clock, certain time
    /// is what the computer's clock says.
    #[must_use]
    pub fn resume(kept: Option<&str>, newest: Option<Moment>, wall: Moment, now: Instant) -> Self {
        let unproved = kept.is_none() && newest.is_none();
        let wall_then = newest.unwrap_or(wall).min(wall).0;
        let mut certain = Self { wall: wall_then, now: now.0, unproved, ..Self::default() };
        for line in kept.unwrap_or_default().lines() {
            certain.read(line);
        }
        certain.go_on(wall, now, true);
        // A log may have been restored from a file right before the page was closed.
        newest.into_iter().for_each(|newest| certain.restored(newest));
        certain
    }

    /// Notes that a log was restored from a file whose newest reading was received at this moment. If this browser had
    /// no source of time but the computer's clock, and the moment is more than a day before certain time, the moment
    /// becomes certain time. The clock's lead over that moment is then unconfirmed.
    pub fn restored(&mut self, newest: Moment) {
        let lead = self.moment().0.saturating_sub(newest.0);
        if self.unproved && lead > DAY {
            self.unproved = false;
            self.steps.insert(0, Step { from: newest.0, lead, ..Step::default() });
        }
    }

    /// Looks at the computer's clock and the monotonic clock.
    pub fn look(&mut self, wall: Moment, now: Instant) {
        self.go_on(wall, now, false);
    }

    fn go_on(&mut self, wall: Moment, now: Instant, was_closed: bool) {
        let passed = between(self.now, now.0);
        let slip = wall.0.saturating_sub(self.wall).saturating_sub(passed);
        (self.wall, self.now) = (wall.0, now.0);
        // Some monotonic clocks advance while the computer sleeps.
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

    /// Compares a meter's own clock with the computer's clock and with certain time. Call it right after
    /// [`look`](Self::look).
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
            // It is unknown which clock moved: the computer may have been asleep.
            (heard.said, heard.at, heard.moves) = (said, now, moves);
        } else if step.saturating_abs() > UNSTEADY {
            // The meter's clock was set, or stands still. Its earlier times no longer prove anything.
            *heard = new;
            is_set = true;
        }
        (heard.last, heard.bound) = (now, None);
        let steady = between(heard.steady, now);
        let near = |then: i64, to: i64| then.saturating_sub(to).saturating_abs() <= DAY;
        if (is_new || self.fallen.is_some()) && near(said, self.wall) {
            // One of the two clocks was set while the meter was not being read, and now they show the same time.
            is_set |= known.is_some_and(|known| !near(said.saturating_add(known), self.wall));
        }
        known.take_if(|_| is_set);
        let known = *known;
        // A clock that was never compared before agrees if it shows the same time.
        let then = said.saturating_add(known.unwrap_or(0));
        let (certain, ahead) = (self.moment().0, self.ahead());
        let agrees = near(then, self.wall);
        if agrees {
            (self.agreed, self.unproved) = (Some(now), false);
        } else if known.is_none() {
        } else if let Some(fallen) = &mut self.fallen {
            // This meter says that the clock should not have gone back, so the waiting time starts again.
            if near(then, fallen.high) {
                fallen.open = 0;
            }
        } else if ahead <= CREEP || then < certain.saturating_sub(DAY) {
            // Certain time cannot be undone, so it is the meter's clock that was set.
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
            // The meter's clock may be a little slow.
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

    /// Makes the computer's clock certain time, because the user says that it is right.
    pub fn confirm(&mut self) {
        *self = Self { wall: self.wall, now: self.now, ..Self::default() };
    }

    /// Forgets a meter that was removed.
    pub fn forget(&mut self, meter: &MeterKey) {
        self.meters.retain(|clock| clock.meter != *meter);
        self.withdraw(meter);
    }

    /// The latest moment that has certainly been reached.
    #[must_use]
    pub fn moment(&self) -> Moment {
        Moment(self.wall.saturating_sub(self.ahead()).saturating_sub(self.creep.max(0)))
    }

    /// Readings from before this moment may be deleted; `None` if nothing may be deleted.
    #[must_use]
    pub fn limit(&self, retention: Retention) -> Option<Moment> {
        if self.is_doubtful() { None } else { retention.limit(self.moment()) }
    }

    /// Whether the clock is so far ahead of certain time that nothing is deleted by age.
    #[must_use]
    pub fn is_doubtful(&self) -> bool {
        self.ahead() > DAY
    }

    /// The sum of the unconfirmed steps in milliseconds.
    fn ahead(&self) -> i64 {
        self.steps.iter().fold(0, |sum: i64, step| sum.saturating_add(step.lead))
    }

    fn go_ahead(&mut self, mut lead: i64, was_closed: bool) {
        self.has_moved();
        let mut from = self.wall.saturating_sub(lead);
        if let Some(fallen) = self.fallen.take_if(|fallen| self.wall >= fallen.high.saturating_sub(DAY)) {
            // The clock is right again, so what was certain before it went back is certain again.
            self.steps.clear();
            (from, lead) = (fallen.high, self.wall.saturating_sub(fallen.high).max(0));
        }
        let mut step = Step { from, ..Step::default() };
        let short = self.steps.iter().map(|step| step.lead).filter(|lead| *lead <= DAY).sum::<i64>();
        if lead.saturating_add(short) > DAY {
            // If this step and the short ones before it exceed a day, all unconfirmed steps become one. That step keeps
            // the start, the objecting meter and the agreed time of the earliest. If the page was closed, it also keeps
            // the mean open time of all steps, weighted by their leads. So a page that is open for an hour or two each
            // day confirms the step as well.
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
            // A step back undoes the latest step ahead first.
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

    /// Withdraws a meter's objection to the steps ahead.
    fn withdraw(&mut self, meter: &MeterKey) {
        for step in &mut self.steps {
            step.against.take_if(|against| against == meter);
        }
    }

    /// Adopts the confirmed steps, as far as the meters' clocks allow.
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
    /// The milliseconds until this step is confirmed; `None` if time alone does not confirm it.
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

/// The milliseconds between two times of the monotonic clock.
fn between(one: u64, other: u64) -> i64 {
    i64::try_from(other.saturating_sub(one)).unwrap_or(i64::MAX)
}

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;
const MONTH: i64 = 31 * DAY;

/// How long the page must be open until a step is confirmed: a step of more than a day if a meter's clock confirms it,
/// and a shorter step if no meter has a clock.
const SHORT: i64 = 3 * HOUR;
/// How long the page must be open until a step of more than a day and up to a month is confirmed, if no meter has a
/// clock.
const LONG: i64 = 12 * HOUR;
/// How far the computer's clock and the monotonic clock may drift apart before the difference counts as a step:
/// networks adjust clocks by seconds.
const CREEP: i64 = HOUR / 6;
/// The longest time between two looks that counts as open time. Looks are a minute apart.
const LOOKS_APART: i64 = HOUR / 6;
/// How long a time from a meter's clock stays valid: some meters are read once an hour.
const FRESH: i64 = 2 * HOUR;
/// How far a meter's clock may jump and still count as steady: some repeat the same time for a quarter of an hour.
const UNSTEADY: i64 = HOUR / 2;

#[cfg(test)]
mod tests;
