//! Brokers that accept the connection but no messages, or only some of them.

use super::*;

/// The pauses between the next connections, in milliseconds.
fn pauses(bench: &mut Bench, count: usize) -> Vec<u64> {
    let mut pauses = Vec::new();
    for _ in 0..count {
        while !matches!(bench.states.last(), Some(State::Waiting(_))) {
            bench.wait();
        }
        let before = bench.now;
        bench.wait();
        pauses.push(bench.now.0 - before.0);
    }
    pauses
}

fn assert_about(pauses: &[u64], usual: &[u64]) {
    assert_eq!(pauses.len(), usual.len());
    for (pause, usual) in pauses.iter().zip(usual) {
        assert!((usual * 4 / 5..=usual * 6 / 5).contains(pause), "{pauses:?} around {usual:?}");
    }
}

/// Status, info and state are accepted each time. That does not count as success.
#[test]
fn retries_back_off_when_a_broker_refuses_each_reading() {
    let mut bench = Bench::new(2, 0, Some(Habits { forbids_readings: true, ..Habits::default() }));
    assert_eq!(bench.states.last(), Some(&State::Waiting(Refusal::Publish)));
    let usual = [1000, 2000, 5000, 10_000, 30_000, 60_000, 120_000, 300_000, 300_000];
    assert_about(&pauses(&mut bench, usual.len()), &usual);
    let connected = bench.states.iter().filter(|state| matches!(state, State::Connected(_))).count();
    assert_eq!(connected, 1, "only before the first refusal: {:?}", bench.states);
    assert_eq!((bench.cursor, bench.forwarder.waiting()), (0, 2));
    bench.habits = up();
    pauses(&mut bench, 1);
    assert_eq!(bench.states.last(), Some(&State::Connected(Version::V5)));
    assert_eq!(bench.cursor, 2);
    bench.disconnect();
    assert_about(&pauses(&mut bench, 1), &[1000]);
}

#[test]
fn a_broker_that_acknowledges_nothing_is_disconnected_and_doubtful() {
    let mut bench = Bench::new(2, 0, Some(Habits { acknowledges: false, ..Habits::default() }));
    assert_eq!(bench.until, Some(Instant(30_000)));
    bench.wait();
    // The broker answers pings, but that is not enough.
    while bench.broker.is_some() {
        bench.wait();
    }
    assert_eq!(bench.now, Instant(30_000));
    assert_eq!(bench.states.last(), Some(&State::Waiting(Refusal::Unacknowledged)));
    assert_about(&pauses(&mut bench, 3), &[1000, 2000, 5000]);
    assert_eq!(bench.states.last(), Some(&State::Doubtful), "an accepted connection proves nothing");
    bench.habits = up();
    pauses(&mut bench, 1);
    assert_eq!(bench.states.last(), Some(&State::Connected(Version::V5)));
    assert_eq!(bench.cursor, 2);
}

#[test]
fn without_waiting_readings_an_acknowledged_status_means_connected() {
    let mut bench = Bench::new(0, 0, Some(Habits { acknowledges: false, ..Habits::default() }));
    while bench.broker.is_some() {
        bench.wait();
    }
    assert_eq!(bench.states.last(), Some(&State::Waiting(Refusal::Unacknowledged)));
    bench.habits = up();
    bench.wait();
    assert_eq!(bench.states.last(), Some(&State::Connected(Version::V5)));
}

#[test]
fn slow_acknowledgements_do_not_end_the_connection() {
    let mut bench = Bench::new(3, 0, Some(Habits { acknowledges: false, ..Habits::default() }));
    for _ in 0..6 {
        bench.now = Instant(bench.now.0 + 29_000);
        bench.acknowledge(0);
    }
    assert_eq!((bench.cursor, bench.broker.is_some()), (3, true));
}

/// A reading counts as sent only once its PUBACK has come, so QoS 0 is useless.
#[test]
fn a_broker_with_only_qos_0_is_recognised_and_sent_nothing() {
    let mut bench = Bench::new(2, 0, Some(Habits { acknowledges_nothing: true, ..Habits::default() }));
    assert_eq!(bench.states, [State::Connecting, State::Waiting(Refusal::Qos)]);
    assert_eq!((bench.published.len(), bench.cursor), (0, 0));
    bench.habits = up();
    bench.wait();
    assert_eq!(bench.cursor, 2);
}

#[test]
fn a_broker_without_retain_is_sent_nothing_to_retain() {
    let mut bench = Bench::new(2, 0, Some(Habits { retains: false, ..Habits::default() }));
    assert_eq!(bench.states.last(), Some(&State::Connected(Version::V5)));
    assert_eq!((bench.now, bench.cursor), (Instant(0), 2), "without waiting");
    assert!(bench.published.iter().all(|message| !message.retain), "{:?}", bench.published);
    let will = bench.broker.as_ref().and_then(|broker| broker.client.as_ref()?.1.as_ref());
    assert_eq!(will.map(|will| will.retain), Some(false));
    // Another broker may take the place of this one, and may retain messages.
    bench.habits = None;
    bench.disconnect();
    bench.wait();
    bench.habits = up();
    bench.wait();
    assert!(bench.published.iter().any(|message| message.retain));
}

/// The entry is never sent, nor is anything after it, and the refusal is reported.
#[test]
fn a_reading_too_large_for_the_broker_is_not_sent() {
    let mut bench = Bench::new(2, 0, Some(Habits { maximum_packet: Some(200), ..Habits::default() }));
    assert_eq!(bench.states.last(), Some(&State::Waiting(Refusal::Publish)));
    assert_eq!((bench.seqs(), bench.cursor), (vec![], 0));
    assert_about(&pauses(&mut bench, 3), &[1000, 2000, 5000]);
}

/// Trying again without retained messages does not help here, so it is not done without end.
#[test]
fn a_broker_that_refuses_what_is_not_asked_for_is_not_tried_without_waiting() {
    let mut bench = Bench::new(2, 0, Some(Habits { refuses_to_retain: true, ..Habits::default() }));
    assert_about(&pauses(&mut bench, 5), &[1000, 2000, 5000, 10_000, 30_000]);
    bench.habits = up();
    pauses(&mut bench, 1);
    assert_eq!((bench.states.last(), bench.cursor), (Some(&State::Connected(Version::V5)), 2));
}
