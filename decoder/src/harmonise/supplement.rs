//! [`Supplement`]: the names, scalers and units that a meter omits, from the tables of meters.

use crate::error::ParseError;
use crate::harmonise::Origin;
use crate::harmonise::known::{Known, is_p1, text};
use crate::harmonise::survey::Survey;
use crate::meter::{Meter, Place, PositionalList, Scale};
use crate::rail::By;
use crate::reading::{Protocol, Scaling};
use crate::register::{RawUnit, Register, RegisterId, Value};

/// What the tables add to the registers of one telegram.
#[derive(Default)]
pub(super) struct Supplement {
    /// Names, scalers and units of the values without names.
    unnamed: &'static [Place],
    /// Scalers and units by name.
    names: Option<&'static Meter>,
    /// The meter that sends the list.
    list: Option<&'static Meter>,
    /// Where the scale of a Modbus meter's numbers comes from.
    rail: Scaling,
}

/// The error says that no row describes a list without names.
pub(super) fn supplement(
    known: &mut Known,
    registers: &[Register],
    survey: &Survey,
    origin: &Origin,
) -> (Supplement, Option<ParseError>) {
    let says_all = |first: &Register| {
        matches!(first.unit, RawUnit::Record(_))
            || matches!(first.id, RegisterId::Tic(_) | RegisterId::Modbus { .. })
    };
    if registers.first().is_some_and(says_all) {
        let rail = known.rail.map(|(_, chosen)| match chosen.by {
            By::Person => Scaling::Stated,
            By::Meter => Scaling::Table,
            By::Physics => Scaling::Inferred,
        });
        return (Supplement { rail: rail.unwrap_or_default(), ..Supplement::default() }, None);
    }
    let value = |at: usize| registers.get(at).map(|register| &register.value);
    if let Some(Value::Text(maker)) = survey.maker.and_then(value) {
        known.is_by(maker);
    }
    if let Some(Value::Text(name)) = survey.device_name.and_then(value)
        && !is_p1(origin.protocol)
        && let Some(maker) = name.get(..3).filter(|maker| maker.bytes().all(|o| o.is_ascii_uppercase()))
    {
        known.is_by(maker);
    }
    // Only lists in DLMS have versions.
    if matches!(origin.protocol, Protocol::DlmsHdlc | Protocol::DlmsMbus | Protocol::DlmsRaw)
        && let Some(version @ (Value::Text(_) | Value::Octets(_))) =
            value(survey.list_version.unwrap_or_default())
        && !matches!(version, Value::Octets(bytes) if bytes.len() > LONGEST_VERSION)
    {
        let model = survey.model.and_then(value).map(text).unwrap_or_default();
        if let Some(meter) = known.seek_by_list(version, &model) {
            known.meter = Some(meter);
            known.is_named = meter.named_by(&model).is_some();
            known.is_by(meter.maker);
        }
    }
    known.meter = survey.meter.or(known.meter);
    if let (None, None, Some(meter)) = (known.meter, &known.maker, survey.push.and_then(Meter::of_push)) {
        known.is_by(meter.maker);
    }
    known.seek_by_maker(origin.protocol);
    let names = known.meter;
    let named = Supplement { names, ..Supplement::default() };
    if survey.unnamed == 0 {
        return (named, None);
    }
    let list = origin
        .announced
        .as_ref()
        .and_then(|announced| PositionalList::of(announced.length, &announced.shape, registers, known.list));
    match list {
        Some((meter, list)) => {
            known.list = Some(list);
            if known.maker.is_none() && !meter.maker.is_empty() {
                known.is_by(meter.maker);
            }
            (Supplement { unnamed: list.places, list: Some(meter), ..named }, None)
        }
        None => {
            let is_unknown = survey.unnamed == registers.len();
            let length = origin.announced.map_or(registers.len(), |announced| announced.length);
            (named, is_unknown.then_some(ParseError::ListUnknown { length }))
        }
    }
}

impl Supplement {
    /// The meter whose rows give the scale of the numbers.
    pub(super) fn meter(&self) -> Option<&'static Meter> {
        self.list.or(self.names)
    }

    /// Completes a register, and returns where the scale of its value comes from.
    #[inline]
    pub(super) fn complete(&self, register: &mut Register) -> Scaling {
        if let (RegisterId::Modbus { .. }, Value::Number(_)) = (register.id, &register.value) {
            return self.rail;
        }
        let row = match register.id {
            RegisterId::Position(place) => {
                self.unnamed.get(usize::from(place).saturating_sub(1)).and_then(|place| place.scale.as_ref())
            }
            RegisterId::Obis(obis) => self.names.and_then(|meter| meter.scale(obis)),
            _ => None,
        };
        let completed = row.and_then(|row| complete_by(row, register));
        match (&register.value, &register.unit) {
            _ if let Some(scaling) = completed => scaling,
            (Value::Number(_), RawUnit::Printed(_) | RawUnit::Dlms(_) | RawUnit::Kmp(_)) => Scaling::Wire,
            _ => Scaling::Unstated,
        }
    }
}

/// Adds the content of a row. Returns where the scale of a number comes from; `None` if the row does not scale the
/// value.
fn complete_by(row: &Scale, register: &mut Register) -> Option<Scaling> {
    if register.id.is_position() {
        register.id = row.obis.into();
    }
    // Printed digits without a unit are text until a row gives the unit.
    if let Value::Text(text) = &register.value
        && !row.unit.is_empty()
        && let Ok(number) = text.parse()
    {
        register.value = Value::Number(number);
    }
    let (Value::Number(number), RawUnit::None) = (&mut register.value, &register.unit) else { return None };
    *number = number.shifted(row.scaler).unwrap_or(*number);
    register.unit = RawUnit::printed(row.unit);
    Some(if row.unit.is_empty() && row.scaler == 0 { Scaling::Unstated } else { Scaling::Table })
}

/// The longest list version that is not text, in bytes: an OBIS code.
const LONGEST_VERSION: usize = 6;
