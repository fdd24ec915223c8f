//! Stage 5: registers and tables → a [`Reading`].
//!
//! Every register becomes one measurement, in the meter's order. A register that no table knows keeps its name and its
//! value, and has no quantity. Numbers are only ever shifted by powers of ten.

use alloc::vec::Vec;
use core::mem::take;

use crate::error::ParseError;
use crate::reading::{Integrity, Measurement, Protocol, Reading, TimeSource};
use crate::register::{RawTime, RawUnit, Register, Value};
use crate::shape::Announced;
use crate::time::{MeterTime, Zone};

use known::{Own, identify, is_tic, name};
use meaning::{Meant, Surroundings, is_of_three_phases};
use measurement::{BLANK, clock, fill};
use proof::prove;
use record::fill_record;
use supplement::supplement;
use survey::Survey;

mod apparent;
mod known;
mod meaning;
mod measurement;
mod proof;
mod rail;
mod record;
mod steps;
mod supplement;
mod survey;

pub(crate) use known::Known;
/// The most bytes of memory held between two telegrams.
pub(crate) const MEMORY: usize = meaning::MEMORY + known::VALUES_KEPT * size_of::<Measurement>();

/// The properties of a telegram, besides its registers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Origin {
    pub(crate) protocol: Protocol,
    pub(crate) integrity: Integrity,
    /// What the list in the telegram announced, if there is a list.
    pub(crate) announced: Option<Announced>,
    /// The time that the telegram states outside its registers.
    pub(crate) time: Option<RawTime>,
    /// The time zone of the meter's place.
    pub(crate) zone: Zone,
}

/// Makes a reading from the registers, and empties the list of registers. The error, if any, says why part of the
/// reading has no meaning.
pub(crate) fn harmonise(
    known: &mut Known,
    registers: &mut Vec<Register>,
    origin: Origin,
) -> (Reading, Option<ParseError>) {
    let survey = Survey::of(origin.protocol, known.met.map(|(_, _, device_type)| device_type), registers);
    let (supplement, fault) = supplement(known, registers, &survey, &origin);
    known.remembered.within(Surroundings {
        protocol: origin.protocol,
        medium: known.meter.map(|meter| meter.medium),
        exports: known.exports,
        devices: survey.devices,
        is_heat: survey.is_heat,
        counts_in: survey.counts_in,
        profile: known.rail.map(|(_, chosen)| chosen.profile),
        has_three_phases: known
            .has_three_phases
            .unwrap_or_else(|| is_tic(origin.protocol) && is_of_three_phases(registers)),
    });
    let clock_of = known.meter.filter(|meter| meter.keeps_standard_time);
    let correct =
        |time: MeterTime| if clock_of.is_some() { time.in_standard_time(origin.zone) } else { time };
    let mut values = take(&mut known.room);
    values.reserve_exact(registers.len());
    values.resize_with(registers.len(), || BLANK);
    let (mut moment, mut own) = (None, Own::default());
    for (place, (register, measurement)) in registers.iter_mut().zip(&mut values).enumerate() {
        if let RawUnit::Record(header) = register.unit {
            fill_record(measurement, register, &header, &survey.devices);
            own.notice(place, measurement);
            continue;
        }
        let scaling = supplement.complete(register);
        let mut meant = known.remembered.meant(place, register);
        let unused;
        // Landis+Gyr's ZMD prints periods that have not occurred yet as *00: these are not present values. Nearly all
        // telegrams have none.
        if !survey.unused.is_empty() && survey.unused.contains(&place) {
            unused = Meant { quantity: None, ..*meant };
            meant = &unused;
        }
        if let (Some(_), Some(RawTime::Valid(time))) = (clock_of, &mut register.time) {
            *time = correct(*time);
        }
        if moment.is_none() && meant.channel.is_none() {
            moment = clock(register, meant);
        }
        fill(measurement, register, scaling, meant);
        own.notice(place, measurement);
    }
    let stated = stated_clock(registers, &values, &own);
    registers.clear();
    if known.met.is_none() || known.identification.is_none() || known.named.is_some() {
        identify(known, origin.protocol, &values, &own);
    }
    name(known, &values, &own);
    let time = moment.or(stated).or(origin.time.and_then(RawTime::valid).map(correct));
    if origin.protocol == Protocol::TicStandard {
        apparent::hold(&mut values);
    }
    if known.rail.is_some_and(|(_, chosen)| !chosen.profile.is_direct_current) {
        rail::hold(&mut values);
    }
    if let Some(meter) = supplement.meter() {
        prove(&mut known.proof, (meter, known.is_named), time, &mut values);
    }
    let reading = Reading {
        meter: known.identification.clone(),
        maker: known.maker.clone(),
        model: known.model(origin.protocol, &values),
        protocol: origin.protocol,
        time,
        time_source: TimeSource::Meter,
        integrity: origin.integrity,
        values,
    };
    (reading, fault)
}

/// The time in the value of a clock: in an M-Bus record, or as text.
fn stated_clock(registers: &[Register], values: &[Measurement], own: &Own) -> Option<MeterTime> {
    let at = own.clock?;
    match (registers.get(at)?.time, &values.get(at)?.value) {
        (Some(RawTime::Valid(time)), _) => Some(time),
        (_, Value::Text(text)) => text.parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
