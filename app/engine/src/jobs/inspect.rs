//! A telegram taken apart for a person who wants to see its octets: the decoder's anatomy, with the keys of its meter.

use metertap_decoder::anatomy::{self, Anatomy, Stage};
use metertap_decoder::cipher::Keys;
use metertap_decoder::session::Setup;
use metertap_decoder::stack::Stack;
use metertap_decoder::time::Zone;
use metertap_protocol::{Event, Layer};
use metertap_readings::store::MeterKey;

use super::Job;
use crate::platform::Platform;

/// A telegram, and what is known of whoever sent it.
#[derive(Clone, Debug, Default)]
pub struct Telegram {
    /// As it was heard.
    pub octets: Vec<u8>,
    /// What its meter speaks; `None` where nobody knows.
    pub stack: Option<Stack>,
    /// The keys of its meter.
    pub keys: Keys,
    /// What the meter said before it.
    pub before: Vec<u8>,
    /// The zone of its clock.
    pub zone: Zone,
}

impl<P: Platform> Job<P> {
    /// Answers [`Command::Inspect`](metertap_protocol::Command::Inspect).
    pub(super) async fn inspect(self, meter: MeterKey, telegram: Telegram) {
        self.tell(Event::Anatomy { meter, layers: layers(&telegram) });
    }
}

/// The octets as they were heard, and what they become.
#[must_use]
pub fn layers(Telegram { octets, stack, keys, before, zone }: &Telegram) -> Vec<Layer> {
    let take_apart = |stack| {
        let setup = Setup { stack, keys: keys.clone(), zone: *zone, ask: None, profile: None };
        Anatomy::of(&setup, before, octets)
    };
    let anatomy = match stack {
        Some(stack) => take_apart(*stack),
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
