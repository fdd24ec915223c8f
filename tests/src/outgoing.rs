//! All bytes that a forwarder sends to a broker that accepts everything.

use metertap_decoder::reading::Reading;
use metertap_decoder::time::Instant;
use metertap_readings::broker::forward::{Forwarder, Output, Settings};
use metertap_readings::entry::{Entry, Moment};

/// All bytes that go over the socket, from CONNECT to the end of the connection. The first `waited` readings are in the
/// log before the connection opens. The others are appended one after the other while it is open.
#[must_use]
pub fn sent(settings: &Settings, readings: &[Reading], waited: usize) -> Vec<u8> {
    let entry = |(seq, reading): (u64, &Reading)| Entry {
        reading: reading.clone(),
        received: Moment(1_795_224_610_000),
        seq,
    };
    let log: Vec<Entry> = (1..).zip(readings).map(entry).collect();
    let (waiting, live) = log.split_at(waited.min(log.len()));
    let now = Instant(0);
    let mut forwarder = Forwarder::new(settings.clone(), 0, waiting, 1, now);
    let mut sent = Vec::new();
    run(&mut forwarder, &log, &mut sent);
    for entry in live {
        forwarder.handle_appended(now, entry);
        run(&mut forwarder, &log, &mut sent);
    }
    forwarder.handle_stop(now);
    run(&mut forwarder, &log, &mut sent);
    sent
}

fn run(forwarder: &mut Forwarder, log: &[Entry], sent: &mut Vec<u8>) {
    let now = Instant(0);
    let mut answers = Vec::new();
    loop {
        match forwarder.poll() {
            Output::Connect => answers.push(Answer::Opened),
            Output::Transmit(bytes) => {
                answers.push(Answer::Said(acknowledged(&bytes)));
                sent.extend(bytes);
            }
            Output::Fetch { from, most } => {
                let wanted = log.iter().filter(|entry| entry.seq >= from).take(most);
                answers.push(Answer::Entries(wanted.cloned().collect()));
            }
            Output::Close | Output::Cursor(_) | Output::State(_) => {}
            Output::Wait(_) => match answers.is_empty() {
                true => return,
                false => match answers.remove(0) {
                    Answer::Opened => forwarder.handle_open(now),
                    Answer::Said(bytes) => forwarder.handle_bytes(now, &bytes),
                    Answer::Entries(entries) => forwarder.handle_entries(now, entries),
                },
            },
        }
    }
}

enum Answer {
    Opened,
    Said(Vec<u8>),
    Entries(Vec<Entry>),
}

/// The CONNACK and PUBACK of MQTT 5 (3.2 and 3.4) that a broker without limits sends.
fn acknowledged(bytes: &[u8]) -> Vec<u8> {
    let mut answer = Vec::new();
    let mut rest = bytes;
    while let [kind, behind @ ..] = rest {
        let lengths = behind.iter().take_while(|byte| **byte & 0x80 != 0).count() + 1;
        let length =
            behind.iter().take(lengths).rev().fold(0, |sum, byte| sum << 7 | usize::from(byte & 0x7F));
        let packet = &behind[lengths..lengths + length];
        match kind >> 4 {
            1 => answer.extend([0x20, 3, 0, 0, 0]),
            3 => {
                let topic = usize::from(u16::from_be_bytes([packet[0], packet[1]]));
                answer.extend([0x40, 2, packet[topic + 2], packet[topic + 3]]);
            }
            _ => {}
        }
        rest = &behind[lengths + length..];
    }
    answer
}
