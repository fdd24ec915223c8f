//! Random readings for tests.

use metertap_decoder::number::Number;
use metertap_decoder::reading::{
    Integrity, Measurement, Phase, Protocol, Quantity, Reading, Scaling, TimeSource, Unit, ValueError,
};
use metertap_decoder::register::{Obis, Printed, RegisterId, Value};
use metertap_decoder::time::MeterTime;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use crate::entry::{Entry, Moment};

/// Fewer than `most` entries, with consecutive or arbitrary numbers.
pub(crate) fn entries(most: usize) -> impl Strategy<Value = Vec<Entry>> {
    let seqs = prop_oneof![4 => (1_u64..1 << 40).prop_map(Some), 1 => Just(None)];
    let entry = (reading(), moment(), any::<u64>()).prop_map(|(reading, received, seq)| Entry {
        reading,
        received,
        seq,
    });
    (vec(entry, 0..most), seqs).prop_map(|(mut entries, first)| {
        if let Some(first) = first {
            (first..).zip(&mut entries).for_each(|(seq, entry)| entry.seq = seq);
        }
        entries
    })
}

fn reading() -> impl Strategy<Value = Reading> {
    let name = || option::of(prop_oneof![3 => Just("KFM-6970631405353535".to_owned()), 1 => ".{0,30}"]);
    let sources = select([TimeSource::Meter, TimeSource::Received].as_slice());
    let integrities = select([Integrity::Authenticated, Integrity::Checked, Integrity::Unchecked].as_slice());
    let values = prop_oneof![4 => list(), 1 => vec(measurement(), 0..8)];
    (name(), name(), name(), select(Protocol::ALL), option::of(time()), sources, integrities, values)
        .prop_map(|(meter, maker, model, protocol, time, time_source, integrity, values)| Reading {
            meter: meter.map(Into::into),
            maker: maker.map(Into::into),
            model: model.map(Into::into),
            protocol,
            time,
            time_source,
            integrity,
            values,
        })
}

/// A list with the same registers in the same order each time, as most meters send it.
fn list() -> impl Strategy<Value = Vec<Measurement>> {
    (any::<i32>(), -3_i8..1, 0_i64..1 << 40).prop_map(|(power, scaler, energy)| {
        let value = |register, quantity: Quantity, value| Measurement {
            register: RegisterId::Obis(register),
            quantity: Some(quantity),
            phase: None,
            tariff: None,
            channel: None,
            storage: None,
            time: None,
            value: Value::Number(value),
            unit: quantity.unit(),
            error: None,
            scaling: Scaling::Wire,
        };
        vec![
            value(Obis::new(1, 0, 16, 7, 0), Quantity::ActivePower, Number::new(power.into(), scaler)),
            value(Obis::new(1, 0, 1, 8, 0), Quantity::ActiveEnergyImport, Number::new(energy.into(), -3)),
        ]
    })
}

fn measurement() -> impl Strategy<Value = Measurement> {
    let tariff = option::of(1_u32..9);
    let names = (
        register(),
        option::of(select(Quantity::ALL)),
        option::of(select(Phase::ALL)),
        tariff,
        any::<Option<u8>>(),
    );
    let errors = option::weighted(0.1, select([ValueError::Invalid, ValueError::Implausible].as_slice()));
    let scalings = select(
        [Scaling::Unstated, Scaling::Wire, Scaling::Table, Scaling::Inferred, Scaling::Stated].as_slice(),
    );
    let storage = option::weighted(0.1, any::<u64>());
    let units = option::of(select(Unit::ALL));
    (names, storage, option::weighted(0.2, time()), value(), units, errors, scalings).prop_map(
        |((register, quantity, phase, tariff, channel), storage, time, value, unit, error, scaling)| {
            Measurement {
                register,
                quantity,
                phase,
                tariff,
                channel,
                storage,
                time,
                value,
                unit,
                error,
                scaling,
            }
        },
    )
}

fn register() -> impl Strategy<Value = RegisterId> {
    prop_oneof![
        any::<[u8; 6]>().prop_map(|groups| RegisterId::Obis(Obis(groups))),
        "[!-'*-~]{1,16}".prop_map(|code| RegisterId::Printed(Printed::new(&code).unwrap())),
        any::<u16>().prop_map(RegisterId::Position),
        any::<u16>().prop_map(RegisterId::Record),
        any::<u16>().prop_map(RegisterId::Kmp),
        any::<(u8, u16)>().prop_map(|(function, address)| RegisterId::Modbus { function, address }),
        "[!-'*-~]{1,16}".prop_map(|label| RegisterId::Tic(Printed::new(&label).unwrap())),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        3 => (any::<i64>(), any::<i8>()).prop_map(|(mantissa, scaler)| Value::Number(Number::new(mantissa.into(), scaler))),
        1 => (any::<i128>(), any::<i8>()).prop_map(|(mantissa, scaler)| Value::Number(Number::new(mantissa, scaler))),
        1 => ".{0,40}".prop_map(|text| Value::Text(text.into())),
        1 => time().prop_map(|time| Value::Text(time.to_string().into())),
        1 => vec(any::<u8>(), 0..20).prop_map(|bytes| Value::Octets(bytes.into())),
    ]
}

fn time() -> impl Strategy<Value = MeterTime> {
    let clock = (0_i8..24, 0_i8..60, 0_i8..60);
    let offset = prop_oneof![3 => Just(60_i16), 1 => any::<i16>()];
    let year = prop_oneof![8 => 2020_i16..2040, 1 => 0_i16..=9999];
    (year, 1_i8..=12, 1_i8..=28, clock, offset).prop_map(|(year, month, day, clock, offset)| {
        MeterTime::new(year, month, day, clock, offset).unwrap()
    })
}

fn moment() -> impl Strategy<Value = Moment> {
    prop_oneof![
        8 => 1_795_224_610_000_i64..1_795_228_210_000,
        1 => any::<i64>(),
    ]
    .prop_map(Moment)
}
