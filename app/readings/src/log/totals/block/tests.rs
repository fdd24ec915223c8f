use super::*;
use crate::log::arbitrary::entries;
use crate::log::later;
use crate::log::totals::counter::{Counter, Line, Pace, Position};
use crate::samples::bytes;
use metertap_decoder::reading::{Phase, Quantity};
use metertap_decoder::register::RegisterId;
use proptest::prelude::*;

fn blocks() -> impl Strategy<Value = Block> {
    let period = (any::<i16>(), entries(6)).prop_map(|(period, entries)| {
        let rolled = entries.iter().fold(RollUp::default(), |mut rolled, entry| {
            rolled.add(entry);
            rolled
        });
        (i64::from(period), rolled)
    });
    prop::collection::btree_map(any::<i16>(), period, 0..6)
        .prop_map(|periods| Block(periods.into_values().collect()))
}

proptest! {
    #[test]
    fn any_block_round_trips(block in blocks()) {
        prop_assert_eq!(Block::read(&block.write()), Ok(block));
    }

    #[test]
    fn only_the_requested_tracks_are_read(block in blocks()) {
        let read = Block::read_tracks(&block.write(), |track| track == Track::NetPower).unwrap();
        for ((period, read), (expected, all)) in read.0.iter().zip(&block.0) {
            prop_assert_eq!((period, read.readings), (expected, all.readings));
            prop_assert_eq!(read.tracks.get(&Track::NetPower), all.tracks.get(&Track::NetPower));
            prop_assert!(read.tracks.len() <= 1);
        }
    }

    #[test]
    fn no_bytes_panic(body in prop::collection::vec(any::<u8>(), 0..300), block in blocks(), place in any::<prop::sample::Index>(), byte in any::<u8>()) {
        for version in [1, VERSION] {
            drop(Block::read(&sealed(MAGIC, version, &body)));
        }
        let mut bytes = block.write().split_off(8);
        let place = place.index(bytes.len());
        bytes[place] = byte;
        if let Ok(block) = Block::read(&sealed(MAGIC, VERSION, &bytes)) {
            let mut all = RollUp::default();
            block.0.values().for_each(|rolled| all.join(rolled));
        }
    }
}

/// Damaged roll-ups are recomputed from the chunks, so damage must be detected.
#[test]
fn damage_is_detected() {
    let bytes = Block(BTreeMap::from([(7, RollUp { readings: 3, ..RollUp::default() })])).write();
    for place in 4..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[place] ^= 1;
        assert_eq!(Block::read(&damaged), Err(Damage::Checksum));
    }
    assert_eq!(Block::read(b"MTC\x01"), Err(Damage::Foreign));
}

/// What version 1 wrote stays readable forever. The bytes are in a file. What they were made from is listed here, and
/// the expected totals were worked out by hand:
///
/// | quarter | meter | 1-0:1.7.0 | 1-0:32.7.0 | 1-0:1.8.0 | 0-1:24.2.1 |
/// |---|---|---|---|---|---|
/// | 1994710 | …535 | 1380 | 229.9 | 10329.481 | 2104.512 |
/// | 1994710 | …535 | 420 | 230.25 | 10329.490 | 2104.7 |
/// | 1994710 | …536 | 60 | | 0.125 | |
/// | 1994711 to …715 | …536 | | 231.4, 229.8, 233.1, 230.0, 228.7 | | |
#[test]
fn a_block_of_version_1_is_read() {
    let (power, volts) =
        (track("1-0:1.7.0", Quantity::ActivePowerImport), track("1-0:32.7.0", Quantity::Voltage));
    let energy = track("1-0:1.8.0", Quantity::ActiveEnergyImport);
    let gas = track("0-1:24.2.1", Quantity::GasVolume);
    // The house's list has the import and no export, so the import is its net power: 1380 + 420 + 60.
    let watts = Sum { values: 3, scaler: 0, least: 60, most: 1380, kind: SumKind::Measured(1860) };
    // Version 1 had no times. Nothing was counted between the old meter's 10329.490 and the new one's 0.125.
    let position =
        |number, meter| Position { number, at: None, meter, resolution: -3, kilowatts: 0, confirmed: false };
    let line = |first, last, counted| Line { first, last, counted };
    let exchanged = line(position(10_329_481, OLD), position(125, NEW), 9);
    let exchanged = Counter::of_line(exchanged, Pace::Electricity);
    let flowed = line(position(2_104_512, OLD), position(2_104_700, OLD), 188);
    let flowed = Counter::of_line(flowed, Pace::Volume);
    let first = RollUp {
        readings: 3,
        tracks: [
            (Track::NetPower, watts),
            (power, watts),
            (
                volts,
                Sum { values: 2, scaler: -2, least: 22_990, most: 23_025, kind: SumKind::Measured(46_015) },
            ),
            (
                energy,
                Sum {
                    values: 3,
                    scaler: -3,
                    least: 125,
                    most: 10_329_490,
                    kind: SumKind::Counted(exchanged),
                },
            ),
            (
                gas,
                Sum {
                    values: 2,
                    scaler: -3,
                    least: 2_104_512,
                    most: 2_104_700,
                    kind: SumKind::Counted(flowed),
                },
            ),
        ]
        .into(),
    };
    let later = [2314, 2298, 2331, 2300, 2287].map(|least| RollUp {
        readings: 1,
        tracks: [(volts, Sum { values: 1, scaler: -1, least, most: least, kind: SumKind::Measured(least) })]
            .into(),
    });
    let block = Block::read(&bytes(include_str!("version-1.hex"))).unwrap();
    assert_eq!(block, Block((1_994_710..).zip([first].into_iter().chain(later)).collect()));
    let counted = |track| block.0[&1_994_710].tracks[&track].counted().unwrap().to_string();
    assert_eq!((counted(energy).as_str(), counted(gas).as_str()), ("0.009", "0.188"));
}

#[test]
fn a_block_of_a_newer_version_is_refused_with_its_version() {
    let bytes = bytes(include_str!("version-1.hex"));
    assert_eq!(Block::read(&later(&bytes)), Err(Damage::Version(9)));
    assert_eq!(Damage::Version(9).code().as_str(), "store.version");
}

/// The voltage is that of phase 1, the gas that of the meter on channel 1.
fn track(register: &str, quantity: Quantity) -> Track {
    let register: RegisterId = register.parse().unwrap();
    let phase = (quantity == Quantity::Voltage).then_some(Phase::L1);
    let channel = (quantity == Quantity::GasVolume).then_some(1);
    Track::Register { register, quantity, phase, tariff: None, channel, unit: quantity.unit() }
}

/// CRC-32 of `KFM-6970631405353535` and of `KFM-6970631405353536`, by zlib.
const OLD: Option<u32> = Some(0x34a1_7c22);
const NEW: Option<u32> = Some(0xada8_2d98);
