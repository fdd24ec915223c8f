//! Scalers that no telegram contains: a wrong scaler is noticed, and a correct value is never marked.
//!
//! A wrong scaler in a table row has the same effect as a meter whose values are wrong by a power of ten. The test
//! therefore leaves the rows unchanged and changes the meters.

#[path = "scales/household.rs"]
mod household;
#[path = "scales/lists.rs"]
mod lists;

use metertap_decoder::number::Number;
use metertap_decoder::reading::{Measurement, Quantity, Reading, Scaling, ValueError};
use metertap_decoder::register::Value;
use metertap_decoder::session::{Output, Session, Setup};
use metertap_decoder::stack::Stack;
use metertap_decoder::time::Instant;
use metertap_tests::drain;
use metertap_tests::push::push;

use self::household::{Moment, day, others};
use self::lists::{LISTS, ScaleGroup, ScaledList, Scalers, digits};

/// Passes each reading of a day to `see`, until `see` returns true.
fn read(
    list: &ScaledList,
    scalers: &Scalers,
    day: &[Moment],
    mut see: impl FnMut(&Moment, &Reading) -> bool,
) {
    let mut session = Session::new(Setup { stack: Stack::HdlcDlms, ..Setup::default() }, Instant(0));
    for moment in day {
        let Some(values) = (list.write)(moment, scalers) else { continue };
        session.handle_bytes(Instant(0), &push(moment.second, &values));
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

/// The household's value of a register, as an integer and its power of ten, at the household's finest resolution.
fn truth(moment: &Moment, value: &Measurement) -> Option<(i64, i8)> {
    let of = |all: [i64; 3]| value.phase.and_then(|phase| all.get(phase as usize).copied());
    let (active, reactive): (i64, i64) = (moment.power.iter().sum(), moment.reactive.iter().sum());
    let of_phase = if value.phase.is_some() { of(moment.power)? } else { active };
    Some(match (value.quantity?, value.tariff) {
        (Quantity::Voltage, _) => (of(moment.voltage)?, -2),
        (Quantity::Current, _) => (of(moment.current)?, -3),
        (Quantity::ActivePowerImport, _) => (of_phase.max(0), 0),
        (Quantity::ActivePowerExport, _) => ((-of_phase).max(0), 0),
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
fn no_correct_value_is_marked_in_any_household() {
    for seed in [1, 2] {
        for (household, moments) in others(&day(seed)) {
            for list in LISTS {
                let (mut count, mut is_sent) = (0, false);
                read(list, &list.scalers, &moments, |moment, reading| {
                    is_sent = true;
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
                assert!(count > 2000 || !is_sent, "{}, {household}: {count} values", list.name);
            }
        }
    }
}

/// Whether a reading shows that a kind of quantity has another scaler than its row states. Either no value has such a
/// quantity, or one of these values is marked, has no unit, or has the household's value with an inferred scaler.
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

/// At most one wrong scaler in twenty is missed. With such a scaler, the values look like those of another row, such as
/// a tenth of the power or whole amperes. Or they look like those of a meter that counts each phase separately, while
/// import on one phase and export on another cancel each other in the sum.
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
