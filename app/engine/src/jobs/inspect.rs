//! Takes a telegram apart for a user who wants to see its bytes: the decoder's anatomy, with the meter's keys.

use metertap_decoder::anatomy::{self, Anatomy, Stage};
use metertap_decoder::cipher::Keys;
use metertap_decoder::session::Setup;
use metertap_decoder::stack::Stack;
use metertap_decoder::time::Zone;
use metertap_protocol::{Event, Layer};
use metertap_readings::store::MeterKey;

use super::Job;
use crate::platform::Platform;

/// A telegram, and what is known about the meter that sent it.
#[derive(Clone, Debug, Default)]
pub struct Telegram {
    /// The telegram's bytes, as received.
    pub octets: Vec<u8>,
    /// The protocol stack of its meter; `None` if that is not known.
    pub stack: Option<Stack>,
    /// The keys of its meter.
    pub keys: Keys,
    /// Telegrams that the meter sent before it.
    pub before: Vec<u8>,
    /// The time zone of the meter's clock.
    pub zone: Zone,
}

impl<P: Platform> Job<P> {
    /// Answers [`Command::Inspect`](metertap_protocol::Command::Inspect).
    pub(super) async fn inspect(self, meter: MeterKey, telegram: Telegram) {
        self.tell(Event::Anatomy { meter, layers: layers(&telegram) });
    }
}

/// The layers of a telegram: the bytes as received, and what each step of decoding makes of them.
#[must_use]
pub fn layers(Telegram { octets, stack, keys, before, zone }: &Telegram) -> Vec<Layer> {
    let take_apart = |stack| {
        let setup = Setup { stack, keys: keys.clone(), zone: *zone, ask: None, profile: None };
        Anatomy::of(&setup, before, octets)
    };
    let anatomy = match stack {
        Some(stack) => take_apart(*stack),
        // If the stack is not known, uses the stack that names the most bytes. If several name equally many bytes, uses
        // the most likely one.
        None => {
            let all = Stack::ALL.iter().rev().map(|stack| take_apart(*stack));
            all.max_by_key(understood).unwrap_or_default()
        }
    };
    anatomy.layers.into_iter().map(Layer::from).collect()
}

/// How many bytes of the telegram have a name.
fn understood(anatomy: &Anatomy) -> usize {
    let leaves = anatomy.layers.iter().take(1).flat_map(anatomy::Layer::leaves);
    leaves.filter(|field| field.stage != Stage::Unknown).map(|field| field.length).sum()
}
