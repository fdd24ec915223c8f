//! A slow operation on one meter does not block the others.

use std::future::pending;
use std::pin::pin;
use std::task::{Context, Waker};

use super::*;

/// A disk that is slow to change this meter's rows.
fn slow() -> MemoryDisk {
    let disk = MemoryDisk::default();
    disk.slow(Some(&meter()));
    disk
}

fn is_ready(future: std::pin::Pin<&mut impl Future>) -> bool {
    future.poll(&mut Context::from_waker(Waker::noop())).is_ready()
}

fn other() -> MeterKey {
    MeterKey("other".into())
}

/// Operations on the other meter complete at once.
fn assert_goes_on(journal: &Journal<MemoryDisk>) {
    assert!(is_ready(pin!(journal.append(&other(), Moment(START), &said(START)))), "appended");
    assert!(is_ready(pin!(journal.range(&other(), 0..=9, 9))), "read");
    assert!(is_ready(pin!(journal.thin(&other(), FAR, FAR))), "thinned");
    assert!(is_ready(pin!(journal.remove(&other()))), "removed");
}

#[test]
fn a_slow_change_of_one_meter_delays_no_other() {
    let journal = journal(&slow());
    let (house, reading) = (meter(), said(START));
    let mut appending = pin!(journal.append(&house, Moment(START), &reading));
    assert!(!is_ready(appending.as_mut()));
    assert_goes_on(&journal);
    assert!(!is_ready(appending.as_mut()));
}

#[test]
fn a_slow_backup_delays_no_other_meter() {
    let disk = MemoryDisk::default();
    append_hours(&journal(&disk), 0..2);
    let journal = journal(&disk);
    let never = async |_, _, _| -> Result<(), LogError> { pending().await };
    let house = meter();
    let mut backing = pin!(journal.back_up(&house, never));
    assert!(!is_ready(backing.as_mut()));
    assert_goes_on(&journal);
}

/// Reopening the disk waits for the change in progress, and all other operations wait for the reopening.
#[test]
fn a_disk_is_not_replaced_during_a_change() {
    let journal = journal(&slow());
    let (house, other, reading) = (meter(), other(), said(START));
    let mut appending = Box::pin(journal.append(&house, Moment(START), &reading));
    assert!(!is_ready(appending.as_mut()));
    let mut renewing = pin!(journal.renew(std::future::ready(Ok(Vec::new()))));
    assert!(!is_ready(renewing.as_mut()));
    let mut late = pin!(journal.append(&other, Moment(START), &reading));
    assert!(!is_ready(late.as_mut()), "it would be written to the disk that is replaced");
    drop(appending);
    assert!(is_ready(renewing.as_mut()));
    assert!(is_ready(late.as_mut()));
}
