//! [`Column`]: the place of a value in every row of a file of readings. [`Lists`]: remembers what was computed for each
//! list of registers that a meter sends.

use metertap_decoder::reading::{Measurement, Phase, Quantity, Scaling, Unit};
use metertap_decoder::register::RegisterId;

use crate::entry::Entry;
use crate::log::format::chunk::Shape;
use crate::names::flat_name;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Column {
    kind: Content,
    /// The position among values of the same kind in a reading, from 0. A reading may hold a quantity several times,
    /// such as the peaks of past months.
    nth: usize,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Content {
    what: What,
    unit: Option<Unit>,
    /// Whether the numbers include a factor that the user has stated.
    stated: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum What {
    /// A quantity with its phase, tariff, channel and storage number.
    Quantity(Quantity, Option<Phase>, Option<u32>, Option<u8>, Option<u64>),
    /// A register whose quantity is unknown, so that its own name is used.
    Register(RegisterId),
}

impl Column {
    /// The columns of values with these shapes, in their order.
    pub(super) fn of_shapes<'a>(shapes: impl Iterator<Item = &'a Shape>) -> Vec<Self> {
        Self::of(shapes.map(Content::of_shape))
    }

    fn of(kinds: impl Iterator<Item = Content>) -> Vec<Self> {
        let mut columns: Vec<Self> = Vec::new();
        for kind in kinds {
            let nth = columns.iter().filter(|column| column.kind == kind).count();
            columns.push(Self { kind, nth });
        }
        columns
    }

    /// Its name, such as `active_power_import_w`, `voltage_l1_v`, `active_energy_import_t1_kwh`, `gas_volume_ch1_m3`
    /// or `1-0:99.97.0`.
    pub(super) fn name(&self) -> String {
        let mut name = match self.kind.what {
            What::Register(register) => register.to_string(),
            What::Quantity(quantity, phase, tariff, channel, storage) => {
                let storage = storage.map(|storage| format!("_s{storage}")).unwrap_or_default();
                flat_name(quantity, phase, tariff, channel) + &storage
            }
        };
        if self.nth > 0 {
            name += &format!("_{}", self.nth + 1);
        }
        if let Some(unit) = self.kind.unit.and_then(suffix) {
            name = name + "_" + unit;
        }
        if self.kind.stated { name + "_stated" } else { name }
    }
}

impl Content {
    fn of(value: &Measurement) -> Self {
        let Measurement { quantity, phase, tariff, channel, storage, .. } = *value;
        let quantity = quantity.map(|quantity| What::Quantity(quantity, phase, tariff, channel, storage));
        let stated = value.scaling == Scaling::Stated;
        Self { what: quantity.unwrap_or(What::Register(value.register)), unit: value.unit, stated }
    }

    fn of_shape(shape: &Shape) -> Self {
        let Shape { quantity, phase, tariff, channel, storage, .. } = *shape;
        let quantity = quantity.map(|quantity| What::Quantity(quantity, phase, tariff, channel, storage));
        let stated = shape.scaling == Scaling::Stated;
        Self { what: quantity.unwrap_or(What::Register(shape.register)), unit: shape.unit, stated }
    }
}

/// What has been computed for each list. A meter has a few lists and repeats them.
#[derive(Clone, Debug)]
pub(super) struct Lists<T>(Vec<(Vec<Content>, T)>);

impl<T> Default for Lists<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Lists<T> {
    /// Returns what has been computed for the entry's list, and computes it if the list is new.
    pub(super) fn known(&mut self, entry: &Entry, find_out: impl FnOnce(&[Column]) -> T) -> Option<&T> {
        let values = &entry.reading.values;
        let same = |kinds: &[Content]| {
            kinds.len() == values.len()
                && kinds.iter().zip(values).all(|(kind, value)| *kind == Content::of(value))
        };
        let place = self.0.iter().position(|(kinds, _)| same(kinds)).unwrap_or_else(|| {
            if self.0.len() == MOST_LISTS {
                self.0.clear();
            }
            let kinds: Vec<Content> = values.iter().map(Content::of).collect();
            let found = find_out(&Column::of(kinds.iter().copied()));
            self.0.push((kinds, found));
            self.0.len() - 1
        });
        self.0.get(place).map(|(_, known)| known)
    }
}

/// A unit as part of a column's name; a plain ratio or count has none.
pub(super) const fn suffix(unit: Unit) -> Option<&'static str> {
    Some(match unit {
        Unit::Watt => "w",
        Unit::Var => "var",
        Unit::VoltAmpere => "va",
        Unit::KilowattHour => "kwh",
        Unit::KilovarHour => "kvarh",
        Unit::KilovoltAmpereHour => "kvah",
        Unit::Volt => "v",
        Unit::Ampere => "a",
        Unit::Hertz => "hz",
        Unit::Degree => "deg",
        Unit::One => return None,
        Unit::CubicMetre => "m3",
        Unit::CubicMetrePerHour => "m3_per_h",
        Unit::Kilogram => "kg",
        Unit::KilogramPerHour => "kg_per_h",
        Unit::Celsius => "celsius",
        Unit::Bar => "bar",
        Unit::Day => "d",
        Unit::Hour => "h",
        Unit::Minute => "min",
        Unit::Second => "s",
        Unit::Month => "months",
        Unit::Year => "years",
        Unit::Gigajoule => "gj",
        Unit::Megajoule => "mj",
        Unit::Gigacalorie => "gcal",
        Unit::JoulePerHour => "j_per_h",
        Unit::CubicMetrePerMinute => "m3_per_min",
        Unit::CubicMetrePerSecond => "m3_per_s",
        Unit::CubicFoot => "ft3",
        Unit::Percent => "percent",
        _ => return None,
    })
}

/// Every unit except `One` has a suffix: a new unit without one does not compile.
const _: () = {
    let mut rest = Unit::ALL;
    while let [first, others @ ..] = rest {
        assert!(suffix(*first).is_some() || matches!(first, Unit::One));
        rest = others;
    }
};

/// More lists than any meter has. A meter that keeps sending new lists must not exhaust memory.
const MOST_LISTS: usize = 64;
