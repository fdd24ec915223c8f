//! Readings for tests, with registers and values as in their JSON (docs/reading.md).

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use metertap_decoder::hex;
use metertap_decoder::reading::{Integrity, Measurement, Protocol, Quantity, Reading, Scaling, TimeSource};
use metertap_decoder::register::Value;

use crate::entry::{Entry, Moment};
use crate::store::disk::{Change, Disk, RowChange, Shelf};
use crate::store::{Internal, MemoryDisk, MeterKey, Record};

pub(crate) fn entry(seq: u64, received: i64, reading: Reading) -> Entry {
    Entry { reading, received: Moment(received), seq }
}

/// Futures over memory never wait, so polling once is enough.
pub(crate) fn at_once<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => answer,
        Poll::Pending => panic!("something in memory waited"),
    }
}

/// A disk as build e888b7f wrote it, version 2. One meter sent a telegram every ten seconds for three hours. Its
/// counter began at 500.000 kWh and rose by a watt hour each time. Exceptions are 900,000.000 kWh after half an hour
/// and at the end of a quarter, and 0.000 kWh once.
pub(crate) fn earlier_build() -> MemoryDisk {
    let database = include_str!("../../../tests/databases/e888b7f.json");
    let database: serde_json::Value = serde_json::from_str(database).unwrap();
    let (stores, mut changes) = (database["stores"].as_object().unwrap(), Vec::new());
    for (store, rows) in stores {
        for row in rows.as_array().unwrap() {
            let text = |name: &str| row[1][name].as_str().unwrap().to_owned();
            changes.push(match store.as_str() {
                "meters" => Change::Add(Record::Meter(serde_json::from_str(&text("record")).unwrap())),
                "settings" => Change::Add(Record::Setting(text("name"), text("value"))),
                "internal" => {
                    Change::Add(Record::Internal(Internal::of(&text("name")).unwrap(), text("value")))
                }
                store => {
                    let shelf = Shelf::ALL.iter().find(|shelf| shelf.as_str() == store).unwrap();
                    let meter = MeterKey(row[0][0].as_str().unwrap().to_owned());
                    let bytes = hex::read(text("hex")).unwrap();
                    Change::Rows(meter, vec![RowChange::Put(*shelf, row[0][1].as_i64().unwrap(), bytes)])
                }
            });
        }
    }
    let disk = MemoryDisk::default();
    at_once(disk.commit(changes)).unwrap();
    disk
}

/// The bytes of a file that lists them in hex.
pub(crate) fn bytes(digits: &str) -> Vec<u8> {
    hex::read(digits).unwrap()
}

/// A Norwegian list 1: only the power taken from the grid.
pub(crate) fn han_list_1(power: &str) -> Reading {
    reading(vec![measurement("1-0:1.7.0", Quantity::ActivePowerImport, power)])
}

pub(crate) fn reading(values: Vec<Measurement>) -> Reading {
    Reading {
        meter: Some("KFM-6970631405353535".into()),
        maker: Some("KFM".into()),
        model: Some("MA304H3E".into()),
        protocol: Protocol::DlmsHdlc,
        time: None,
        time_source: TimeSource::Meter,
        integrity: Integrity::Checked,
        values,
    }
}

/// A value in its quantity's own unit; a number if it parses as one.
pub(crate) fn measurement(register: &str, quantity: Quantity, value: &str) -> Measurement {
    Measurement {
        register: register.parse().unwrap(),
        quantity: Some(quantity),
        phase: None,
        tariff: None,
        channel: None,
        storage: None,
        time: None,
        value: value.parse().map_or_else(|_| Value::Text(value.into()), Value::Number),
        unit: quantity.unit(),
        error: None,
        scaling: Scaling::Unstated,
    }
}
