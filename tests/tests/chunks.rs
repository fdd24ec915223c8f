//! A session gives the same outputs however the bytes are split into chunks. Noise is reported as it arrives, so only
//! its sum is compared.

use metertap_decoder::session::{Notice, Output};
use metertap_simulator::{Meter, Model, Telegram};
use metertap_tests::{decode, decode_pieces, setup};
use proptest::prelude::*;

/// Telegrams with noise before them, one of them damaged.
fn stream(model: Model, seed: u64, noise: &[u8], damage: usize) -> Vec<u8> {
    let meter = Meter::new(model, seed, 1_795_219_200).segmented(90);
    let telegrams: Vec<Telegram> = meter.take(3).collect();
    let mut bytes: Vec<u8> = telegrams.iter().flat_map(|telegram| telegram.bytes.clone()).collect();
    let at = damage % bytes.len();
    bytes[at] ^= 0x10;
    [noise, &bytes].concat()
}

fn with_noise_joined(outputs: Vec<Output>) -> Vec<Output> {
    let mut joined: Vec<Output> = Vec::new();
    for output in outputs {
        match (joined.last_mut(), output) {
            (Some(Output::Notice(Notice::Noise(before))), Output::Notice(Notice::Noise(more))) => {
                assert_eq!(before.at + before.length, more.at);
                before.length += more.length;
            }
            (_, output) => joined.push(output),
        }
    }
    joined
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn any_cut_gives_the_same_outputs(
        model in prop::sample::select(Model::ALL),
        seed: u64,
        noise in prop::collection::vec(any::<u8>(), 0..40),
        damage: usize,
        cuts in prop::collection::vec(1_usize..400, 1..60),
    ) {
        let bytes = stream(model, seed, &noise, damage);
        let mut rest = bytes.as_slice();
        let mut pieces = Vec::new();
        for cut in cuts.into_iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (piece, behind) = rest.split_at(cut.min(rest.len()));
            pieces.push(piece);
            rest = behind;
        }
        let whole = decode(&setup(model), &bytes);
        prop_assert_eq!(with_noise_joined(decode_pieces(&setup(model), pieces)), with_noise_joined(whole));
    }
}

#[test]
fn byte_by_byte_gives_the_same_outputs() {
    for model in Model::ALL {
        let bytes = stream(*model, 7, b"no/ise~", 300);
        let single = with_noise_joined(decode_pieces(&setup(*model), bytes.chunks(1)));
        assert_eq!(single, with_noise_joined(decode(&setup(*model), &bytes)), "{}", model.name());
    }
}
