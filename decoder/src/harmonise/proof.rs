//! [`Proof`]: finds out by physics which of the scales in the rows of `meters/` a meter's values have.
//!
//! A scale that the telegram does not state is an assumption. The row's scale applies until the relations of
//! [`Flow`](crate::physics::Flow) refute it. After that, or if the rows leave the scale open, a scale of the rows
//! applies if it is the only one left, or the only one that fits. If several are possible, the currents keep their
//! digits and lose their unit. If none is left, the values are marked. No scale is ever invented.
//!
//! A refuted scale stays refuted for this meter. A scale that has held for long is given up only when several telegrams
//! in a row contradict it: the meter may measure current and power at two moments, and a heater may be switched on
//! between them.

use crate::harmonise::measurement::is_assumed;
use crate::harmonise::steps::Steps;
use crate::meter::{self, Meter, ScaleGroup};
use crate::number::Number;
use crate::physics::{Flow, Verdict};
use crate::reading::{Measurement, Scaling, ValueError};
use crate::register::{RawUnit, RegisterId, Value};
use crate::time::MeterTime;

/// What physics has shown about one meter's scales.
#[derive(Debug, Default)]
pub(super) struct Proof {
    settled: Option<Settled>,
    refuted: [Option<Scales>; MOST_REFUTED],
    steps: Steps,
}

/// The powers of ten by which the scales of a meter's currents and powers exceed the scales in its rows.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
struct Scales {
    current: i8,
    power: i8,
}

#[derive(Clone, Copy, Debug)]
struct Settled {
    scales: Scales,
    /// How many telegrams the scale explained.
    held: u8,
    /// How many telegrams in a row have contradicted the scale.
    failed: u8,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Ruling {
    Taken(Scales),
    /// Several scales of the rows are possible, and none is likelier than the others.
    Unknown,
    /// No scale of the rows is possible.
    Contradicted,
}

/// Tests against physics all values whose scale comes from a row.
pub(super) fn prove(
    proof: &mut Proof,
    (meter, is_named): (&'static Meter, bool),
    time: Option<MeterTime>,
    values: &mut [Measurement],
) {
    if !values.iter().any(is_assumed) {
        return;
    }
    let flow = flow_of(values);
    let voltage = meter
        .scales(ScaleGroup::Voltage, is_named)
        .find(|shift| flow.shifted(*shift, 0, 0).is_voltage_of_a_grid() != Some(false));
    match voltage {
        Some(shift) => apply(values, ScaleGroup::Voltage, shift, Scaling::Table),
        None => mark(values, ScaleGroup::Voltage),
    }
    let flow = flow.shifted(voltage.unwrap_or_default(), 0, 0);
    let is_open = meter.leaves_open(ScaleGroup::Current, is_named);
    let ruling = proof.rule(&flow, meter, is_named);
    let scales = match ruling {
        Ruling::Taken(scales) => scales,
        Ruling::Unknown | Ruling::Contradicted => Scales::default(),
    };
    match ruling {
        Ruling::Taken(scales) => {
            let of_currents = if is_open && flow.has_current() { Scaling::Inferred } else { Scaling::Table };
            apply(values, ScaleGroup::Current, scales.current, of_currents);
            apply(values, ScaleGroup::Power, scales.power, Scaling::Table);
        }
        Ruling::Unknown => strip(values, ScaleGroup::Current, meter),
        Ruling::Contradicted => {
            [ScaleGroup::Current, ScaleGroup::Power].into_iter().for_each(|kind| mark(values, kind))
        }
    }
    let flow = flow.shifted(0, scales.current, scales.power);
    match proof.steps.shift(&flow, time, values, meter.scales(ScaleGroup::Energy, is_named)) {
        Some(shift) => apply(values, ScaleGroup::Energy, shift, Scaling::Table),
        None => {
            mark(values, ScaleGroup::Energy);
            // Nothing else shows whether energy or power is wrong.
            if flow.apparent_power().is_none() {
                mark(values, ScaleGroup::Power);
            }
        }
    }
}

impl Proof {
    fn rule(&mut self, flow: &Flow, meter: &Meter, is_named: bool) -> Ruling {
        let verdict = |scales: Scales| flow.shifted(0, scales.current, scales.power).verdict();
        if let Some(settled) = &mut self.settled {
            match verdict(settled.scales) {
                Verdict::Refuted => settled.failed = settled.failed.saturating_add(1),
                of_it => {
                    settled.failed = 0;
                    settled.held = settled.held.saturating_add(u8::from(of_it == Verdict::Fits));
                }
            }
            let stands = settled.failed == 0 || settled.held >= LONG && settled.failed < OFTEN;
            if stands {
                return Ruling::Taken(settled.scales);
            }
            let scales = settled.scales;
            self.refute(scales);
            self.settled = None;
        }
        let currents = meter.scales(ScaleGroup::Current, is_named);
        let all = || {
            let powers = || meter.scales(ScaleGroup::Power, is_named);
            currents.clone().flat_map(move |current| powers().map(move |power| Scales { current, power }))
        };
        for scales in all().filter(|scales| verdict(*scales) == Verdict::Refuted) {
            self.refute(scales);
        }
        let left = || all().filter(|scales| !self.refuted.contains(&Some(*scales)));
        let only =
            |mut of: &mut dyn Iterator<Item = Scales>| (&mut of).next().filter(|_| of.next().is_none());
        let is_open = meter.leaves_open(ScaleGroup::Current, is_named);
        let taken = match left().next() {
            None => return Ruling::Contradicted,
            Some(first) if first == Scales::default() && !is_open => Some(first),
            // Zero is zero at any scale.
            Some(first) if !flow.has_current() => return Ruling::Taken(Scales { current: 0, ..first }),
            Some(_) => only(&mut left())
                .or_else(|| only(&mut left().filter(|scales| verdict(*scales) == Verdict::Fits))),
        };
        let Some(scales) = taken else { return Ruling::Unknown };
        self.settled = Some(Settled { scales, held: 0, failed: 0 });
        Ruling::Taken(scales)
    }

    fn refute(&mut self, scales: Scales) {
        if !self.refuted.contains(&Some(scales))
            && let Some(place) = self.refuted.iter_mut().find(|place| place.is_none())
        {
            *place = Some(scales);
        }
    }
}

fn flow_of(values: &[Measurement]) -> Flow {
    let mut flow = Flow::default();
    for value in values {
        let is_present = (value.storage, value.tariff, value.channel) == (None, None, None);
        if let (true, Some(quantity), Some(_), Value::Number(number)) =
            (is_present, value.quantity, value.unit, &value.value)
            && value.error != Some(ValueError::Invalid)
        {
            flow.notice(quantity, value.phase, *number);
        }
    }
    flow
}

/// The values of a group that a row has scaled.
fn assumed(values: &mut [Measurement], kind: ScaleGroup) -> impl Iterator<Item = &mut Measurement> {
    values
        .iter_mut()
        .filter(move |value| is_assumed(value) && value.quantity.and_then(ScaleGroup::of) == Some(kind))
}

/// Shifts the values of a group by this power of ten, and judges again whether they are plausible in a home.
fn apply(values: &mut [Measurement], kind: ScaleGroup, shift: i8, scaling: Scaling) {
    for value in assumed(values, kind) {
        value.scaling = if shift == 0 { scaling } else { Scaling::Inferred };
        if shift != 0
            && let Value::Number(number) = &mut value.value
        {
            number.shift(shift);
            let is_possible = is_possible(value.quantity.zip(value.unit), *number);
            if value.error != Some(ValueError::Invalid) {
                value.error = (!is_possible).then_some(ValueError::Implausible);
            }
        }
    }
}

fn is_possible(of: Option<(crate::reading::Quantity, crate::reading::Unit)>, number: Number) -> bool {
    of.and_then(|(quantity, unit)| meter::plausible(quantity, unit)).is_none_or(|bounds| bounds.hold(number))
}

/// Marks values for which no scale of the rows is possible. Zero is valid at any scale.
fn mark(values: &mut [Measurement], kind: ScaleGroup) {
    for value in assumed(values, kind) {
        if value.error.is_none() && !matches!(value.value, Value::Number(Number { mantissa: 0, .. })) {
            value.error = Some(ValueError::Implausible);
        }
    }
}

/// Restores the digits as sent, because their scale is unknown.
fn strip(values: &mut [Measurement], kind: ScaleGroup, meter: &Meter) {
    for value in assumed(values, kind) {
        let RegisterId::Obis(obis) = value.register else { continue };
        let (Some(row), Value::Number(number)) = (meter.scale(obis), &mut value.value) else { continue };
        let to_canonical = meter::unit(&RawUnit::printed(row.unit)).map_or(0, |(_, shift)| shift);
        number.shift(row.scaler.saturating_add(to_canonical).saturating_neg());
        value.unit = None;
        value.scaling = Scaling::Unstated;
        value.error = value.error.filter(|error| *error == ValueError::Invalid);
    }
}

/// Currents and powers have at most three scales each.
const MOST_REFUTED: usize = 9;
/// A scale that explains this many telegrams has held for long.
const LONG: u8 = 3;
/// This many contradictions in a row are not a coincidence.
const OFTEN: u8 = 3;
