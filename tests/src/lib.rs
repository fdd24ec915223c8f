//! What the tests of this folder share: sessions on a fake clock, and the comparison of readings with the truth.

use metertap_decoder::cipher::Keys;
use metertap_decoder::reading::{Measurement, Reading, Scaling, ValueError};
use metertap_decoder::session::{Output, Session, Setup};
use metertap_decoder::stack::Stack;
use metertap_decoder::time::Instant;
use metertap_simulator::{Model, TrueValue};

pub mod captures;
pub mod detecting;
pub mod golden;
pub mod leaks;
pub mod outgoing;
pub mod partner;
pub mod push;
pub mod recording;
pub mod spelled;
pub mod talk;

/// All outputs of a session for these bytes, and for the silence after them.
pub fn decode(setup: &Setup, bytes: &[u8]) -> Vec<Output> {
    decode_pieces(setup, [bytes])
}

/// As [`decode`], for bytes that arrive in pieces.
pub fn decode_pieces<'a>(setup: &Setup, pieces: impl IntoIterator<Item = &'a [u8]>) -> Vec<Output> {
    let mut session = Session::new(setup.clone(), Instant(0));
    let mut outputs = Vec::new();
    for piece in pieces {
        session.handle_bytes(Instant(0), piece);
        outputs.extend(drain(&mut session).0);
    }
    loop {
        let (said, deadline) = drain(&mut session);
        outputs.extend(said);
        match deadline {
            Some(deadline) => session.handle_timeout(deadline),
            None => return outputs,
        }
    }
}

/// Drains a session: all its outputs until `Wait`, and the deadline for which it waits.
pub fn drain(session: &mut Session) -> (Vec<Output>, Option<Instant>) {
    let mut outputs = Vec::new();
    loop {
        match session.poll() {
            Output::Wait(deadline) => return (outputs, deadline),
            output => outputs.push(output),
        }
    }
}

/// The readings among outputs.
pub fn readings(outputs: &[Output]) -> Vec<&Reading> {
    outputs
        .iter()
        .filter_map(|output| match output {
            Output::Reading(reading, _) => Some(reading),
            _ => None,
        })
        .collect()
}

/// The setup of a session that reads this simulated meter.
pub fn setup(model: Model) -> Setup {
    let keys = model
        .keys()
        .map(|keys| Keys { encryption: Some(keys.encryption), authentication: keys.authentication });
    Setup {
        stack: Stack::of_protocol(model.protocol()).unwrap_or_default(),
        keys: keys.unwrap_or_default(),
        ..Setup::default()
    }
}

/// A measurement as a value of the simulator's truth, so that both can be compared and printed.
pub fn as_truth(measurement: &Measurement) -> TrueValue {
    TrueValue {
        register: measurement.register.to_string(),
        quantity: measurement.quantity.map(|quantity| quantity.as_str()),
        value: measurement.value.to_string(),
        unit: measurement.unit.map(|unit| unit.as_str()),
        phase: measurement.phase.map(|phase| phase.as_str()),
        tariff: measurement.tariff,
        channel: measurement.channel,
        storage: measurement.storage,
        time: measurement.time.map(|time| time.to_string()),
        error: measurement.error.map(|error| match error {
            ValueError::Invalid => "invalid",
            ValueError::Implausible => "implausible",
        }),
        scaling: match measurement.scaling {
            Scaling::Unstated | Scaling::Wire => None,
            Scaling::Table => Some("table"),
            Scaling::Inferred => Some("inferred"),
            Scaling::Stated => Some("stated"),
        },
    }
}
