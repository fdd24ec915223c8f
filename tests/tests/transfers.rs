//! A push in several frames, with other frames between them or with some of them missing.

use metertap_decoder::session::{Notice, Output, Span};
use metertap_simulator::{Meter, Model};
use metertap_tests::{decode, readings, setup};

/// The frames of a meter's first push.
fn frames(model: Model) -> Vec<Vec<u8>> {
    let bytes = Meter::new(model, 1, 1_795_219_200).next().unwrap().bytes;
    let mut rest = &bytes[..];
    let mut frames = Vec::new();
    while let [first, second, third, ..] = *rest {
        let length = match first {
            0x7E => usize::from(u16::from_be_bytes([second, third]) & 0x7FF) + 2,
            _ => usize::from(second) + 6,
        };
        let (frame, behind) = rest.split_at(length);
        frames.push(frame.to_vec());
        rest = behind;
    }
    frames
}

/// A session's outputs for these pieces: readings, fault codes and noise, each with its number of bytes.
fn heard(model: Model, pieces: &[&[u8]]) -> Vec<String> {
    let name = |output: &Output| match output {
        Output::Reading(reading, Span { length, .. }) => {
            format!("{} values in {length}", reading.values.len())
        }
        Output::Notice(Notice::Fault(error, Span { length, .. })) => format!("{} in {length}", error.code()),
        Output::Notice(Notice::Noise(Span { length, .. })) => format!("noise in {length}"),
        other => format!("{other:?}"),
    };
    decode(&setup(model), &pieces.concat()).iter().map(name).collect()
}

/// A short frame of the master. Forum threads report such a frame before a push, and between the frames of a push.
const SHORT_FRAME: &[u8] = &[0x10, 0x40, 0x01, 0x41, 0x16];

#[test]
fn a_short_frame_is_noise_before_a_push_and_content_within_it() {
    let model = Model::KaifaMa309m;
    let frames = frames(model);
    let [first, last] = &frames[..] else { panic!("{} segments", frames.len()) };
    assert_eq!(heard(model, &[SHORT_FRAME, first, last]), ["noise in 5", "13 values in 282"]);
    assert_eq!(heard(model, &[first, SHORT_FRAME, last]), ["13 values in 287"]);
    assert_eq!(heard(model, &[first, last, SHORT_FRAME]), ["13 values in 282", "noise in 5"]);
}

#[test]
fn a_lost_segment_loses_its_push() {
    let model = Model::KaifaMa309m;
    let frames = frames(model);
    let [first, last] = &frames[..] else { panic!("{} segments", frames.len()) };
    let lost = "frame.malformed in 26";
    assert_eq!(heard(model, &[last, first, last]), [lost, "13 values in 282"]);
    assert_eq!(heard(model, &[first, first, last]), ["frame.malformed in 256", "13 values in 282"]);
    assert_eq!(heard(model, &[first, SHORT_FRAME]), ["frame.truncated in 256", "noise in 5"]);
}

#[test]
fn an_unfinished_transfer_loses_nothing_of_the_next() {
    let model = Model::LandisGyrE450;
    let frames = frames(model);
    let whole = frames.concat();
    let unfinished = frames[..2].concat();
    let outputs = heard(model, &[&unfinished, &whole]);
    let reading = format!("16 values in {}", whole.len());
    assert_eq!(outputs, [format!("frame.malformed in {}", unfinished.len()), reading]);
}

#[test]
fn repeated_missing_or_misordered_blocks_give_no_reading() {
    let model = Model::LandisGyrE450;
    let frames = frames(model);
    let [one, two, three, four] = &frames[..] else { panic!("{} blocks", frames.len()) };
    let orders: [&[&Vec<u8>]; 5] = [
        &[one, two, two, three, four],
        &[one, three, four],
        &[two, three, four],
        &[one, three, two, four],
        &[one, two, four, three],
    ];
    for (order, pieces) in orders.into_iter().enumerate() {
        let pieces: Vec<&[u8]> = pieces.iter().map(|piece| piece.as_slice()).collect();
        let outputs = heard(model, &pieces);
        assert!(!outputs.is_empty(), "{order}");
        assert!(outputs.iter().all(|output| output.starts_with("frame.malformed")), "{order}: {outputs:?}");
    }
}

/// Two pushes at once, as meters of one firmware version send them. No reading is assembled from parts of both.
#[test]
fn interleaved_transfers_never_mix() {
    let bytes: Vec<Vec<u8>> =
        [Model::LandisGyrE450, Model::IskraemecoAm550].map(frames).into_iter().flatten().collect();
    let (e450, am550) = bytes.split_at(frames(Model::LandisGyrE450).len());
    let longer = e450.len().max(am550.len());
    let turns = (0..longer).flat_map(|at| [e450.get(at), am550.get(at)]).flatten();
    let interleaved: Vec<u8> = turns.flatten().copied().collect();
    let outputs = decode(&setup(Model::LandisGyrE450), &interleaved);
    assert!(readings(&outputs).is_empty(), "{outputs:?}");
}
