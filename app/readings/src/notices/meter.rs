//! [`MeterWatch`]: applies the rules to a meter.

use std::collections::BTreeMap;

use metertap_decoder::number::Number;
use metertap_decoder::reading::{Measurement, Phase, Quantity, TimeSource};
use metertap_decoder::register::Value;
use metertap_decoder::time::Zone;

use super::limits::Limits;
use super::night::Night;
use super::rule::{Rule, Subject};
use super::watch::{Change, Watch};
use crate::entry::{Entry, Moment};
use crate::log::totals::track::Track;
use crate::power::{difference, net_power, of_the_past};

/// How a reading was received.
#[derive(Clone, Copy, Debug)]
pub struct Way {
    /// How often the meter sends, in milliseconds, once that is known.
    pub interval: Option<u32>,
    /// Whether it came over a line, not from a simulator, so that the meter's clock and the computer's can be compared.
    pub on_line: bool,
    /// The house's zone.
    pub zone: Zone,
}

/// Applies the rules to a meter.
#[derive(Debug, Default)]
pub struct MeterWatch {
    watches: BTreeMap<(&'static str, Option<String>), Watch>,
    /// When the meter last sent a reading that was stored.
    heard: Option<Moment>,
    /// When it last sent a reading that the disk did not take.
    not_kept: Option<Moment>,
    interval: Option<u32>,
    /// The last identification received.
    meter: Option<String>,
    counters: Vec<(Track, Number)>,
    nights: Vec<(Track, Night)>,
}

/// A change of a notice.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// The rule.
    pub rule: &'static Rule,
    /// A phase, a channel or a register; `None` for the whole meter.
    pub place: Option<String>,
    /// The unit of the value.
    pub unit: Option<String>,
    /// What changed.
    pub change: Change,
    /// When the notice ended, if it had already ended when it became known.
    pub until: Option<Moment>,
}

impl MeterWatch {
    /// Sets when the meter last sent before a restart.
    pub const fn spoke(&mut self, at: Option<Moment>) {
        self.heard = at;
    }

    /// Resumes a notice of this rule from before a restart.
    pub fn resume(&mut self, rule: &'static Rule, place: Option<String>, worst: Number) {
        self.watches.insert((rule.name, place), Watch::told(worst));
    }

    /// Takes a reading; returns what has changed.
    pub fn hear(&mut self, entry: &Entry, way: Way, set: &Limits) -> Vec<Told> {
        let at = entry.received;
        let mut told = Vec::new();
        self.look_back(at, way, set, &mut told);
        self.heard = Some(at);
        self.interval = way.interval.or(self.interval);
        self.see(Subject::Silence, None, Number::whole(0), (at, set), &mut told);
        if let Some(power) = net_power(&entry.reading) {
            self.see(Subject::Power, None, power, (at, set), &mut told);
        }
        for value in entry.reading.values.iter().filter(|value| is_present(value)) {
            let Value::Number(number) = value.value else { continue };
            if let (Some(phase), Some(subject)) = (phase(value), of_phase(value)) {
                let number = if subject == Subject::Current { size(number) } else { number };
                self.see(subject, Some(phase.to_string()), number, (at, set), &mut told);
            }
        }
        if let Some(seconds) = clock_off(entry).filter(|_| way.on_line) {
            self.see(Subject::Clock, None, Number::whole(seconds.into()), (at, set), &mut told);
        }
        self.look_at_counters(entry, way.zone, set, &mut told);
        told
    }

    /// Notes that the meter has sent a reading that the disk did not take. It is missing from the record, but the meter
    /// is not silent.
    pub const fn not_kept(&mut self, at: Moment) {
        self.not_kept = Some(at);
    }

    /// Checks whether the meter has been silent for too long. Call it as time passes.
    pub fn wait(&mut self, now: Moment, set: &Limits) -> Vec<Told> {
        let mut told = Vec::new();
        if let (Some(heard), Some(interval)) =
            (self.heard.max(self.not_kept), self.interval.filter(|interval| *interval > 0))
        {
            let tenths = now.0.saturating_sub(heard.0).saturating_mul(10) / i64::from(interval);
            self.see(Subject::Silence, None, Number::new(tenths.into(), -1), (now, set), &mut told);
        }
        told
    }

    /// Takes the expected mean power of the interval in progress, in percent of the highest power that raises no peak.
    pub fn expect(&mut self, hundredths: Number, now: Moment, set: &Limits) -> Vec<Told> {
        let mut told = Vec::new();
        self.see(Subject::Peak, None, hundredths, (now, set), &mut told);
        told
    }

    /// Ends all notices of the meter, because it is no longer read.
    pub fn stop(&mut self, now: Moment) -> Vec<Told> {
        let mut told = Vec::new();
        for ((name, place), watch) in &mut self.watches {
            if let (Some(change), Some(rule)) = (watch.end(now), Rule::named(name)) {
                told.push(Told { rule, place: place.clone(), unit: None, change, until: None });
            }
        }
        (self.heard, self.not_kept, self.interval) = (None, None, None);
        told
    }

    /// Checks whether there was a gap since the meter last sent.
    fn look_back(&self, at: Moment, way: Way, set: &Limits, told: &mut Vec<Told>) {
        let Some(heard) = self.heard else { return };
        let silence = at.0.saturating_sub(heard.0);
        let interval = i64::from(way.interval.or(self.interval).unwrap_or_default());
        if silence > interval.saturating_mul(USUAL) {
            let seconds = Number::whole((silence / 1000).into());
            at_once(Subject::Gap, None, None, (seconds, heard, at), set, told);
        }
    }

    fn look_at_counters(&mut self, entry: &Entry, zone: Zone, set: &Limits, told: &mut Vec<Told>) {
        let meter = entry.reading.meter.as_deref();
        if meter.is_some() && self.meter.as_deref() != meter {
            self.meter = meter.map(str::to_owned);
            self.counters.clear();
            self.nights.clear();
        }
        for (track, number) in Track::values(entry).filter(|(track, _)| track.is_counter()) {
            let Track::Register { register, quantity, channel, unit, .. } = track else { continue };
            let place = Some(register.to_string());
            let unit = unit.map(|unit| unit.to_string());
            if let Some(before) = stood(&mut self.counters, track, number)
                && let Some(fall) = difference(before, number).filter(|fall| is_fall(*fall, before, number))
            {
                let at = entry.received;
                at_once(Subject::Fall, place, unit.clone(), (fall, at, at), set, told);
            }
            if let Some(rule) = Rule::about(Subject::Night).find(|rule| rule.needs.contains(&quantity)) {
                let least = self.night(track).and_then(|night| night.see(number, entry.received, zone));
                if let Some(least) = least {
                    let place = channel.map(|channel| channel.to_string());
                    self.see_by(rule, (place, unit), least, (entry.received, set), told);
                }
            }
        }
    }

    /// The night of a counter; `None` if there are too many counters.
    fn night(&mut self, track: Track) -> Option<&mut Night> {
        let place = self.nights.iter().position(|(known, _)| *known == track);
        if place.is_none() && self.nights.len() < MOST_COUNTERS {
            self.nights.push((track, Night::default()));
        }
        let place = place.or_else(|| self.nights.len().checked_sub(1))?;
        self.nights.get_mut(place).filter(|(known, _)| *known == track).map(|(_, night)| night)
    }

    fn see(
        &mut self,
        subject: Subject,
        place: Option<String>,
        value: Number,
        when: (Moment, &Limits),
        told: &mut Vec<Told>,
    ) {
        for rule in Rule::about(subject) {
            self.see_by(rule, (place.clone(), None), value, when, told);
        }
    }

    fn see_by(
        &mut self,
        rule: &'static Rule,
        (place, unit): (Option<String>, Option<String>),
        value: Number,
        (at, set): (Moment, &Limits),
        told: &mut Vec<Told>,
    ) {
        let watch = self.watches.entry((rule.name, place.clone())).or_default();
        if let Some(change) = watch.see(rule, set, value, at) {
            let unit = unit.or_else(|| rule.subject.unit().map(|unit| unit.to_string()));
            told.push(Told { rule, place, unit, change, until: None });
        }
    }
}

/// Stores a counter's position; returns its previous position.
fn stood(counters: &mut Vec<(Track, Number)>, track: Track, number: Number) -> Option<Number> {
    let known = counters.iter_mut().find(|(known, _)| *known == track);
    match known {
        Some((_, before)) => Some(std::mem::replace(before, number)),
        None => {
            if counters.len() < MOST_COUNTERS {
                counters.push((track, number));
            }
            None
        }
    }
}

/// Reports a notice that has already ended when it becomes known.
fn at_once(
    subject: Subject,
    place: Option<String>,
    unit: Option<String>,
    (value, from, to): (Number, Moment, Moment),
    set: &Limits,
    told: &mut Vec<Told>,
) {
    for rule in Rule::about(subject) {
        if rule.limits(set).is_some_and(|(limit, _)| value.compare(limit).is_gt()) {
            let change = Change::Begun { since: from, value };
            told.push(Told { rule, place: place.clone(), unit: unit.clone(), change, until: Some(to) });
        }
    }
}

fn is_present(value: &Measurement) -> bool {
    value.error.is_none() && value.unit.is_some() && !of_the_past(value)
}

/// The phase of a value; L1 if the meter names none, as some single-phase meters do.
fn phase(value: &Measurement) -> Option<Phase> {
    let phase = value.phase.unwrap_or(Phase::L1);
    matches!(phase, Phase::L1 | Phase::L2 | Phase::L3).then_some(phase)
}

/// The subject of a value that is watched on each phase. A phase without voltage is ignored: it does not exist, or the
/// meter does not measure it.
fn of_phase(value: &Measurement) -> Option<Subject> {
    let Value::Number(number) = value.value else { return None };
    match value.quantity? {
        Quantity::Current => Some(Subject::Current),
        Quantity::Voltage if number.compare(DEAD).is_gt() => Some(Subject::Voltage),
        _ => None,
    }
}

fn size(number: Number) -> Number {
    Number::new(number.mantissa.saturating_abs(), number.scaler)
}

/// Whether a counter fell, and was not merely sent with fewer decimal places than before.
fn is_fall(fall: Number, before: Number, now: Number) -> bool {
    let coarse = Number::new(1, before.scaler.max(now.scaler));
    fall.mantissa > 0 && fall.compare(coarse).is_gt()
}

/// The seconds between the meter's clock and the computer's.
fn clock_off(entry: &Entry) -> Option<i64> {
    let clock = entry.reading.time.filter(|_| entry.reading.time_source == TimeSource::Meter)?;
    let received = entry.received.0.div_euclid(1000);
    i64::try_from(clock.unix_seconds().abs_diff(received)).ok()
}

/// A silence of up to this many usual intervals is not a gap.
const USUAL: i64 = 10;
/// More counters than any meter has.
const MOST_COUNTERS: usize = 256;
/// In volts. A phase with at most this voltage is not connected, and is not reported as too low.
const DEAD: Number = Number::whole(50);

#[cfg(test)]
mod tests;
