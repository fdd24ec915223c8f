//! A telegram taken apart for a person who wants to see its octets: the decoder's anatomy, with the keys of its meter.

use metertap_decoder::anatomy::{self, Anatomy, Stage};
use metertap_decoder::session::Setup;
use metertap_decoder::stack::Stack;
use metertap_decoder::time::Zone;
use metertap_protocol::Layer;

use super::meter::Meter;

/// The octets as they were heard, and what they become; of a meter, or of nobody's.
#[must_use]
pub fn layers(meter: Option<&Meter>, octets: &[u8], zone: Zone) -> Vec<Layer> {
    let known = meter.map(|meter| (meter.stack(), meter.keys(), meter.octets.before(octets)));
    let (stack, keys, before) = known.unwrap_or_default();
    let take_apart = |stack| {
        let setup = Setup { stack, keys: keys.clone(), zone, ask: None };
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
    anatomy.layers.into_iter().map(Layer::from).collect()
}

/// How many octets have a name.
fn understood(anatomy: &Anatomy) -> usize {
    let leaves = anatomy.layers.iter().take(1).flat_map(anatomy::Layer::leaves);
    leaves.filter(|field| field.stage != Stage::Unknown).map(|field| field.length).sum()
}
