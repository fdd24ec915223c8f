//! Captures of simulated meters, and a session that replays a capture on a fake clock.

use metertap_decoder::cipher::Keys;
use metertap_decoder::session::{Output, Session, Setup};
use metertap_decoder::stack::Stack;
use metertap_decoder::time::Instant;
use metertap_readings::entry::Moment;
use metertap_readings::files::capture::{Capture, Event, Head, Timed};
use metertap_simulator::{Meter, Model, Telegram};

use crate::drain;

/// A capture of `count` telegrams of this meter, as an adapter would have recorded it, and the telegrams. `start` is in
/// seconds since 1970.
#[must_use]
pub fn recorded(model: Model, seed: u64, start: i64, count: usize) -> (Capture, Vec<Telegram>) {
    let telegrams: Vec<Telegram> = Meter::new(model, seed, start).take(count).collect();
    let setup = crate::setup(model);
    let head = Head {
        began: Some(Moment(start * 1000)),
        protocol: Some(model.protocol()),
        line: Some(model.line()),
        keys: setup.keys,
        ..Head::default()
    };
    let mut events = Vec::new();
    for telegram in &telegrams {
        // An adapter passes on several bytes in one piece.
        for (place, piece) in telegram.bytes.chunks(BYTES_AT_ONCE).enumerate() {
            let at = telegram.due + model.line().milliseconds((place + 1) * BYTES_AT_ONCE);
            events.push(Timed { at, event: Event::Heard(piece.to_vec()) });
        }
    }
    events.sort_by_key(|timed| timed.at);
    (Capture { head, events }, telegrams)
}

/// The setup of a session that reads a capture, from its head.
#[must_use]
pub fn setup(capture: &Capture) -> Setup {
    let Head { protocol, keys, .. } = &capture.head;
    let stack = protocol.and_then(Stack::of_protocol).unwrap_or_default();
    let Keys { encryption, authentication } = *keys;
    Setup { stack, keys: Keys { encryption, authentication }, ..Setup::default() }
}

/// All outputs of a session that receives a capture at the speed of the recording.
#[must_use]
pub fn replayed(capture: &Capture) -> Vec<Output> {
    let mut session = Session::new(setup(capture), Instant(0));
    let (mut outputs, mut deadline) = drain(&mut session);
    for Timed { at, event } in &capture.events {
        while let Some(due) = deadline.filter(|due| due.0 <= *at) {
            session.handle_timeout(due);
            let (said, next) = drain(&mut session);
            outputs.extend(said);
            deadline = next;
        }
        if let Event::Heard(bytes) = event {
            session.handle_bytes(Instant(*at), bytes);
            let (said, next) = drain(&mut session);
            outputs.extend(said);
            deadline = next;
        }
    }
    while let Some(due) = deadline {
        session.handle_timeout(due);
        let (said, next) = drain(&mut session);
        outputs.extend(said);
        deadline = next;
    }
    outputs
}

const BYTES_AT_ONCE: usize = 61;
