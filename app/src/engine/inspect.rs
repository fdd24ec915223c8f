//! A telegram taken apart for a person who wants to see its octets: the decoder's anatomy, with the keys of its meter.

use metertap_decoder::anatomy::{self, Anatomy, Stage};
use metertap_decoder::cipher::Keys;
use metertap_decoder::session::Setup;
use metertap_decoder::stack::Stack;
use metertap_readings::store::{MeterKey, SourceRecord};
use metertap_simulator::Model;

use super::desk::Desk;
use super::meter::Meter;
use crate::protocol::{Event, Layer};

impl Desk {
    /// Answers [`Command::Inspect`](crate::protocol::Command::Inspect).
    pub(crate) fn inspect(&self, key: &MeterKey, octets: &[u8]) {
        let known = self.change(key, |meter| (stack(meter), keys(meter), meter.kept.before(octets)));
        let (stack, keys, before) = known.unwrap_or_default();
        let take_apart = |stack| {
            let setup = Setup { stack, keys: keys.clone(), zone: self.zone.get(), ask: None };
            Anatomy::of(&setup, &before, octets)
        };
        let anatomy = match stack {
            Some(stack) => take_apart(stack),
            // What nobody has found out is what makes most of the octets; of equals it is the likeliest.
            None => {
                let all = Stack::ALL.iter().rev().map(|stack| take_apart(*stack));
                all.max_by_key(understood).unwrap_or_default()
            }
        };
        let layers = anatomy.layers.into_iter().map(Layer::from).collect();
        self.tell(&Event::Anatomy { meter: key.clone(), layers });
    }
}

/// What the telegrams of a meter are.
fn stack(meter: &Meter) -> Option<Stack> {
    let state = &meter.state;
    let protocol = match &state.record.source {
        SourceRecord::Serial { spoken, .. } | SourceRecord::Bridge { spoken, .. } => spoken.protocol,
        SourceRecord::Simulated { model, .. } => Model::named(model).map(Model::protocol),
        SourceRecord::File { .. } => None,
    };
    let read = || state.newest.last().map(|entry| entry.reading.protocol);
    protocol.or_else(read).and_then(Stack::of_protocol)
}

fn keys(meter: &Meter) -> Keys {
    let model = match &meter.state.record.source {
        SourceRecord::Simulated { model, .. } => Model::named(model),
        _ => None,
    };
    match model.and_then(Model::keys) {
        Some(keys) => Keys { encryption: Some(keys.encryption), authentication: keys.authentication },
        None => meter.keys.clone(),
    }
}

/// How many octets have a name.
fn understood(anatomy: &Anatomy) -> usize {
    let leaves = anatomy.layers.iter().take(1).flat_map(anatomy::Layer::leaves);
    leaves.filter(|field| field.stage != Stage::Unknown).map(|field| field.length).sum()
}
