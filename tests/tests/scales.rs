//! Scales that no telegram says: a wrong one is noticed, and a right one is never marked.
//!
//! A row whose scale is wrong by a power of ten is the same as a meter that sends a power of ten more or less than the row
//! says, so the rows stay as they are and the meters are changed.

#[path = "scales/household.rs"]
mod household;

use metertap_decoder::number::Number;
use metertap_decoder::reading::{Measurement, Quantity, Reading, Scaling, ValueError};
use metertap_decoder::register::Value;
use metertap_decoder::session::{Output, Session, Setup};
use metertap_decoder::stack::Stack;
use metertap_decoder::time::Instant;
use metertap_tests::drain;
use metertap_tests::push::{Datum, date_time, push};

use self::household::{Moment, day, others};

/// Values that have one scale together.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum ScaleGroup {
    Voltage,
    Current,
    Power,
    Energy,
}

/// The powers of ten of V, A, W and kWh that a last digit is worth.
#[derive(Clone, Copy, Debug)]
struct Scalers {
    voltage: i8,
    current: i8,
    power: i8,
    energy: i8,
}

impl Scalers {
    fn of(&mut self, kind: ScaleGroup) -> &mut i8 {
        match kind {
            ScaleGroup::Voltage => &mut self.voltage,
            ScaleGroup::Current => &mut self.current,
            ScaleGroup::Power => &mut self.power,
            ScaleGroup::Energy => &mut self.energy,
        }
    }
}

/// A meter's list: how it is written, and how large its makers' papers say its values are.
struct ScaledList {
    name: &'static str,
    write: fn(&Moment, &Scalers) -> Option<Vec<Datum>>,
    scalers: Scalers,
    /// Kinds that nothing in the list can be held against, with the reason.
    without_relation: &'static [(ScaleGroup, &'static str)],
}

const LISTS: &[ScaledList] = &[
    ScaledList {
        name: "Kamstrup 6841131…243",
        write: |moment, scalers| kamstrup("6841131BN243101090", moment, scalers),
        scalers: Scalers { voltage: 0, current: -2, power: 0, energy: -2 },
        without_relation: &[],
    },
    ScaledList {
        name: "Kamstrup 6841131…245",
        write: |moment, scalers| kamstrup("6841131BN245101090", moment, scalers),
        scalers: Scalers { voltage: 0, current: -2, power: 0, energy: -3 },
        without_relation: &[],
    },
    ScaledList {
        name: "Kamstrup 6851131…243",
        write: |moment, scalers| kamstrup("6851131BN243101090", moment, scalers),
        scalers: Scalers { voltage: 0, current: -3, power: 0, energy: -2 },
        without_relation: &[],
    },
    ScaledList {
        name: "Landis+Gyr E450",
        write: landis_gyr,
        scalers: Scalers { voltage: 0, current: -2, power: 0, energy: -3 },
        without_relation: &[],
    },
    ScaledList {
        name: "Kaifa",
        write: kaifa,
        scalers: Scalers { voltage: -1, current: -3, power: 0, energy: -3 },
        without_relation: &[],
    },
    ScaledList {
        name: "AM550, 12 places",
        write: am550,
        scalers: Scalers { voltage: -1, current: -2, power: 0, energy: -3 },
        without_relation: &[(ScaleGroup::Energy, "no counter is in it")],
    },
    ScaledList {
        name: "AM550, 9 places",
        write: am550_of_nine,
        scalers: Scalers { voltage: 0, current: 0, power: 0, energy: -3 },
        without_relation: &[(ScaleGroup::Voltage, "none is in it"), (ScaleGroup::Current, "none is in it")],
    },
    ScaledList {
        name: "Wiener Netze",
        write: wien,
        scalers: Scalers { voltage: 0, current: 0, power: 0, energy: -3 },
        without_relation: &[(ScaleGroup::Voltage, "none is in it"), (ScaleGroup::Current, "none is in it")],
    },
    ScaledList {
        name: "Netz Burgenland",
        write: burgenland,
        scalers: Scalers { voltage: 0, current: -2, power: 0, energy: -3 },
        without_relation: &[],
    },
];

/// A number at that scale, its rest cut off; none where it does not fit.
fn digits(amount: i64, finest: i8, scaler: i8) -> Option<i64> {
    let coarser = scaler - finest;
    let factor = 10_i64.checked_pow(coarser.unsigned_abs().into())?;
    if coarser >= 0 { Some(amount / factor) } else { amount.checked_mul(factor) }
}

fn wide(amount: i64, finest: i8, scaler: i8) -> Option<Datum> {
    u32::try_from(digits(amount, finest, scaler)?).ok().map(Datum::U32)
}

fn narrow(amount: i64, finest: i8, scaler: i8) -> Option<Datum> {
    u16::try_from(digits(amount, finest, scaler)?).ok().map(Datum::U16)
}

impl Moment {
    fn powers(&self, scalers: &Scalers) -> Option<Vec<Datum>> {
        let (active, reactive): (i64, i64) = (self.power.iter().sum(), self.reactive.iter().sum());
        let all = [active.max(0), (-active).max(0), reactive.max(0), (-reactive).max(0)];
        all.into_iter().map(|amount| wide(amount, 0, scalers.power)).collect()
    }

    fn voltages(&self, write: fn(i64, i8, i8) -> Option<Datum>, scalers: &Scalers) -> Option<Vec<Datum>> {
        self.voltage.into_iter().map(|amount| write(amount, -2, scalers.voltage)).collect()
    }

    fn currents(&self, write: fn(i64, i8, i8) -> Option<Datum>, scalers: &Scalers) -> Option<Vec<Datum>> {
        self.current.into_iter().map(|amount| write(amount, -3, scalers.current)).collect()
    }

    fn energies(&self, scalers: &Scalers) -> Option<Vec<Datum>> {
        let all = [self.import, self.export, 0, 0];
        all.into_iter().map(|amount| wide(amount, -3, scalers.energy)).collect()
    }
}

/// Names and values in turn.
fn named(b: u8, codes: &[[u8; 3]], values: Vec<Datum>) -> Vec<Datum> {
    codes.iter().zip(values).flat_map(|([c, d, e], value)| [Datum::obis([1, b, *c, *d, *e]), value]).collect()
}

const POWERS: [[u8; 3]; 4] = [[1, 7, 0], [2, 7, 0], [3, 7, 0], [4, 7, 0]];
const ENERGIES: [[u8; 3]; 4] = [[1, 8, 0], [2, 8, 0], [3, 8, 0], [4, 8, 0]];
const VOLTAGES: [[u8; 3]; 3] = [[32, 7, 0], [52, 7, 0], [72, 7, 0]];
const CURRENTS: [[u8; 3]; 3] = [[31, 7, 0], [51, 7, 0], [71, 7, 0]];

fn kamstrup(model: &str, moment: &Moment, scalers: &Scalers) -> Option<Vec<Datum>> {
    let mut list = vec![Datum::Visible("Kamstrup_V0001".into()), Datum::obis([1, 1, 0, 0, 5])];
    list.extend([Datum::Visible("5700000000000001".into()), Datum::obis([1, 1, 96, 1, 1])]);
    list.push(Datum::Visible(model.into()));
    list.extend(named(1, &POWERS, moment.powers(scalers)?));
    list.extend(named(1, &CURRENTS, moment.currents(wide, scalers)?));
    list.extend(named(1, &VOLTAGES, moment.voltages(narrow, scalers)?));
    list.extend(named(1, &ENERGIES, moment.energies(scalers)?));
    Some(list)
}

fn landis_gyr(moment: &Moment, scalers: &Scalers) -> Option<Vec<Datum>> {
    let mut list = vec![Datum::obis([0, 0, 42, 0, 0]), Datum::text("LGZ1030650000001")];
    list.extend(named(0, &POWERS, moment.powers(scalers)?));
    list.extend(named(1, &ENERGIES[..2], moment.energies(scalers)?));
    list.extend(named(0, &CURRENTS, moment.currents(narrow, scalers)?));
    list.extend(named(0, &VOLTAGES, moment.voltages(narrow, scalers)?));
    Some(list)
}

fn kaifa(moment: &Moment, scalers: &Scalers) -> Option<Vec<Datum>> {
    let mut list = ["KFM_001", "6970000000000001", "MA304H4"].map(Datum::text).to_vec();
    list.extend(moment.powers(scalers)?);
    list.extend(moment.currents(wide, scalers)?);
    list.extend(moment.voltages(wide, scalers)?);
    list.push(Datum::Octets(date_time(moment.second)));
    list.extend(moment.energies(scalers)?);
    Some(list)
}

fn am550(moment: &Moment, scalers: &Scalers) -> Option<Vec<Datum>> {
    let mut list = ["ISK1030700000001", "UP_3f"].map(Datum::text).to_vec();
    list.extend(moment.voltages(narrow, scalers)?);
    list.extend(moment.currents(narrow, scalers)?);
    list.extend(moment.powers(scalers)?);
    Some(list)
}

fn am550_of_nine(moment: &Moment, scalers: &Scalers) -> Option<Vec<Datum>> {
    let mut list = vec![Datum::text("ISK1030700000001")];
    list.extend(moment.powers(scalers)?.into_iter().take(2));
    for total in [moment.import, moment.export] {
        let all = digits(total, -3, scalers.energy)?;
        list.extend(
            [all, all / 3, all - all / 3].map(|part| Datum::U32(u32::try_from(part).unwrap_or(u32::MAX))),
        );
    }
    Some(list)
}

fn wien(moment: &Moment, scalers: &Scalers) -> Option<Vec<Datum>> {
    let mut list = vec![Datum::Octets(date_time(moment.second))];
    list.extend(moment.energies(scalers)?);
    list.extend(moment.powers(scalers)?);
    Some(list)
}

fn burgenland(moment: &Moment, scalers: &Scalers) -> Option<Vec<Datum>> {
    let mut list = moment.voltages(narrow, scalers)?;
    list.extend(moment.currents(narrow, scalers)?);
    list.extend(moment.powers(scalers)?.into_iter().take(2));
    list.extend(moment.energies(scalers)?.into_iter().take(2));
    list.push(Datum::text("30000000"));
    Some(list)
}

/// Hands each reading of a day over until it is enough.
fn read(
    list: &ScaledList,
    scalers: &Scalers,
    day: &[Moment],
    mut see: impl FnMut(&Moment, &Reading) -> bool,
) {
    let mut session = Session::new(Setup { stack: Stack::HdlcDlms, ..Setup::default() }, Instant(0));
    for moment in day {
        let Some(values) = (list.write)(moment, scalers) else { continue };
        session.handle_octets(Instant(0), &push(moment.second, &values));
        for output in drain(&mut session).0 {
            if let Output::Reading(reading, _) = output
                && see(moment, &reading)
            {
                return;
            }
        }
    }
}

fn kind_of(value: &Measurement) -> Option<ScaleGroup> {
    Some(match value.quantity? {
        Quantity::Voltage => ScaleGroup::Voltage,
        Quantity::Current => ScaleGroup::Current,
        Quantity::ActivePowerImport
        | Quantity::ActivePowerExport
        | Quantity::ReactivePowerImport
        | Quantity::ReactivePowerExport => ScaleGroup::Power,
        Quantity::ActiveEnergyImport | Quantity::ActiveEnergyExport => ScaleGroup::Energy,
        _ => return None,
    })
}

/// What the household says of a register, at the finest scale that the household has.
fn truth(moment: &Moment, value: &Measurement) -> Option<(i64, i8)> {
    let of = |all: [i64; 3]| value.phase.and_then(|phase| all.get(phase as usize).copied());
    let (active, reactive): (i64, i64) = (moment.power.iter().sum(), moment.reactive.iter().sum());
    Some(match (value.quantity?, value.tariff) {
        (Quantity::Voltage, _) => (of(moment.voltage)?, -2),
        (Quantity::Current, _) => (of(moment.current)?, -3),
        (Quantity::ActivePowerImport, _) => (active.max(0), 0),
        (Quantity::ActivePowerExport, _) => ((-active).max(0), 0),
        (Quantity::ReactivePowerImport, _) => (reactive.max(0), 0),
        (Quantity::ReactivePowerExport, _) => ((-reactive).max(0), 0),
        (Quantity::ActiveEnergyImport, None) => (moment.import, -3),
        (Quantity::ActiveEnergyExport, None) => (moment.export, -3),
        _ => return None,
    })
}

fn number(value: &Measurement) -> Option<Number> {
    match value.value {
        Value::Number(number) => Some(number),
        _ => None,
    }
}

#[test]
fn no_right_value_is_marked_in_any_household() {
    for seed in [1, 2] {
        for (household, moments) in others(&day(seed)) {
            for list in LISTS {
                let mut count = 0;
                read(list, &list.scalers, &moments, |moment, reading| {
                    for value in &reading.values {
                        assert_eq!(value.error, None, "{}, {household}: {value:?} at {moment:?}", list.name);
                        if let (Some((amount, finest)), Some(number)) = (truth(moment, value), number(value))
                        {
                            let wanted = Number::new(
                                digits(amount, finest, number.scaler).unwrap().into(),
                                number.scaler,
                            );
                            assert_eq!(number, wanted, "{}, {household}: {value:?} at {moment:?}", list.name);
                            assert!(value.unit.is_some() && value.scaling == Scaling::Table, "{value:?}");
                            count += 1;
                        }
                    }
                    false
                });
                assert!(count > 5000, "{}, {household}: {count} values", list.name);
            }
        }
    }
}

/// Whether a reading shows that a kind has another scale than its row says: it is marked, without a unit, without a
/// meaning, or what another row says and the household as well.
fn notices(kind: ScaleGroup, moment: &Moment, reading: &Reading) -> bool {
    let mut of_kind = reading.values.iter().filter(|value| kind_of(value) == Some(kind)).peekable();
    let is_unknown = of_kind.peek().is_none();
    is_unknown
        || of_kind.any(|value| {
            let is_right = || {
                let Some(((amount, finest), number)) = truth(moment, value).zip(number(value)) else {
                    return false;
                };
                value.scaling == Scaling::Inferred
                    && digits(amount, finest, number.scaler)
                        .is_some_and(|digits| i128::from(digits) == number.mantissa)
            };
            value.error == Some(ValueError::Implausible) || value.unit.is_none() || is_right()
        })
}

/// What is left passes for something else that a row states (a tenth of the power, whole amperes), or for phases that are
/// counted each by itself while they cancel each other.
#[test]
fn a_wrong_scale_of_a_row_is_noticed() {
    let kinds = [ScaleGroup::Voltage, ScaleGroup::Current, ScaleGroup::Power, ScaleGroup::Energy];
    let (mut tried, mut missed) = (0, Vec::new());
    for seed in [1, 2, 3] {
        let moments = day(seed);
        for (household, moments) in others(&moments).into_iter().take(3) {
            for list in LISTS {
                for kind in kinds {
                    if list.without_relation.iter().any(|(without, _)| *without == kind) {
                        continue;
                    }
                    for off in [-2, -1, 1, 2] {
                        let mut scalers = list.scalers;
                        *scalers.of(kind) += off;
                        let (mut is_sent, mut is_noticed) = (false, false);
                        read(list, &scalers, &moments, |moment, reading| {
                            is_sent = true;
                            is_noticed = notices(kind, moment, reading);
                            is_noticed
                        });
                        tried += u32::from(is_sent);
                        if is_sent && !is_noticed {
                            missed.push(format!("{} {kind:?} {off} ({household}, {seed})", list.name));
                        }
                    }
                }
            }
        }
    }
    println!("{} of {tried} wrong scales are noticed; not {missed:#?}", tried as usize - missed.len());
    assert!(missed.len() * 20 <= tried as usize, "{} of {tried}: {missed:#?}", missed.len());
}
