use super::*;
use crate::log::later;
use crate::samples::bytes;
use proptest::prelude::*;

fn span() -> impl Strategy<Value = Span> {
    let moments = (any::<i64>(), any::<i64>()).prop_map(|(one, other)| (one.min(other), one.max(other)));
    (any::<u64>(), any::<u32>(), any::<u16>(), moments, any::<u32>()).prop_map(
        |(first, more, entries, (from, to), bytes)| Span {
            first,
            last: first.saturating_add(more.into()),
            entries: entries.into(),
            from: Moment(from),
            to: Moment(to),
            bytes: bytes.into(),
        },
    )
}

proptest! {
    #[test]
    fn rows_round_trip(all in prop::collection::vec(span(), 0..20), body in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut read = Directory::default();
        prop_assert_eq!(read.read_row(0, &written(&all)), Ok(()));
        prop_assert_eq!(read.spans(), all);
        let _ = read.read_row(1, &sealed(MAGIC, VERSION, &body));
    }
}

#[test]
fn one_more_chunk_rewrites_one_row() {
    let span =
        |first| Span { first, last: first + 9, entries: 10, from: Moment(0), to: Moment(9), bytes: 99 };
    let mut directory = Directory::default();
    let rows: Vec<i64> = (0..1025)
        .map(|place| {
            directory.push(span(1 + place * 10));
            match directory.rows_of(1).collect::<Vec<_>>().as_slice() {
                [RowChange::Put(Shelf::Directory, row, _)] => *row,
                other => panic!("{other:?}"),
            }
        })
        .collect();
    assert_eq!((rows[0], rows[1023], rows[1024]), (0, 0, 1));
    assert_eq!(directory.since(15).len(), 1024);
    assert_eq!(directory.since(20).first().map(|span| span.first), Some(11));
    assert!(directory.since(u64::MAX).is_empty());
}

#[test]
fn forgetting_writes_nothing_and_later_rows_keep_their_places() {
    let span =
        |first| Span { first, last: first + 9, entries: 10, from: Moment(0), to: Moment(9), bytes: 99 };
    let (mut directory, mut disk) = (Directory::default(), std::collections::BTreeMap::new());
    let mut push = |directory: &mut Directory, places: std::ops::Range<u64>| {
        let chunks = places.clone().count();
        places.for_each(|place| directory.push(span(1 + place * 10)));
        for row in directory.rows_of(chunks) {
            let RowChange::Put(Shelf::Directory, row, bytes) = row else { panic!("{row:?}") };
            disk.insert(row, bytes);
        }
    };
    push(&mut directory, 0..2100);
    let kept_rows = directory.forget_before(15_001);
    assert_eq!(kept_rows, RowChange::Delete(Shelf::Directory, i64::MIN..=0));
    (2100..2200).for_each(|place| push(&mut directory, place..place + 1));
    disk.remove(&0);
    assert_eq!(disk.keys().copied().collect::<Vec<_>>(), [1, 2]);
    let mut read = Directory::default();
    disk.iter().for_each(|(row, bytes)| assert_eq!(read.read_row(*row, bytes), Ok(())));
    let _ = read.forget_before(15_001);
    assert_eq!(read, directory);
    assert_eq!(directory.spans().first().map(|span| span.first), Some(15_001));
}

/// What version 1 wrote stays readable forever. The bytes are in a file: the second row of a meter's directory, which
/// lists three chunks so far.
#[test]
fn a_row_of_version_1_is_read() {
    let mut directory = Directory::default();
    assert_eq!(directory.read_row(1, &bytes(include_str!("version-1.hex"))), Ok(()));
    assert_eq!(directory, Directory { spans: OF_VERSION_1.to_vec(), gone: 1024 });
}

#[test]
fn a_row_of_a_newer_version_is_refused_with_its_version() {
    let bytes = bytes(include_str!("version-1.hex"));
    assert_eq!(Directory::default().read_row(1, &later(&bytes)), Err(Damage::Version(9)));
}

/// Readings every ten seconds: an hour, an hour with two damaged rows, and ten minutes in which the clock was set back
/// by an hour and a half.
const OF_VERSION_1: &[Span] = &[
    Span {
        first: 368_641,
        last: 369_000,
        entries: 360,
        from: Moment(1_795_222_800_012),
        to: Moment(1_795_226_390_012),
        bytes: 1437,
    },
    Span {
        first: 369_001,
        last: 369_360,
        entries: 358,
        from: Moment(1_795_226_400_012),
        to: Moment(1_795_229_990_013),
        bytes: 1442,
    },
    Span {
        first: 369_361,
        last: 369_420,
        entries: 60,
        from: Moment(1_795_224_600_000),
        to: Moment(1_795_230_590_000),
        bytes: 389,
    },
];
