use super::*;
use proptest::prelude::*;

fn written(numbers: &[i128]) -> Vec<u8> {
    let mut bytes = Vec::new();
    write(&numbers.iter().copied().collect(), &mut bytes);
    bytes
}

fn round(numbers: &[i128]) -> Option<Vec<i128>> {
    let column = read(&written(numbers), numbers.len())?;
    (0..numbers.len()).map(|place| column.at(place)).collect()
}

#[test]
fn constant_and_linear_columns_take_almost_nothing() {
    assert_eq!(written(&[2302; 360]).len(), 3);
    let even: Vec<i128> = (0..360).map(|second| 1_795_224_610 + 10 * second).collect();
    assert_eq!(written(&even).len(), 7);
    assert_eq!(round(&even), Some(even));
}

/// Numbers that are evenly spread over 16 values carry four bits of information each. The sign of a difference and the
/// code may add less than two more.
#[test]
fn a_flickering_value_takes_hardly_more_than_its_information() {
    let flicker: Vec<i128> =
        (0_u32..6400).map(|place| (place.wrapping_mul(2_654_435_761) >> 28).into()).collect();
    let bits = written(&flicker).len() as f64 * 8.0 / 6400.0;
    assert!((4.0..5.7).contains(&bits), "{bits}");
}

#[test]
fn an_outlier_does_not_widen_its_neighbours() {
    let mut numbers: Vec<i128> = (0..640).map(|place| 200 + place % 3).collect();
    let flat = written(&numbers).len();
    numbers[100] = i64::MAX.into();
    numbers[101] = i64::MIN.into();
    assert!(written(&numbers).len() < flat + 60);
    assert_eq!(round(&numbers), Some(numbers));
}

fn columns() -> impl Strategy<Value = Vec<i128>> {
    let number = prop_oneof![
        8 => -300_i128..300,
        2 => any::<i64>().prop_map(i128::from),
        1 => Just(i128::from(i64::MIN)),
    ];
    prop_oneof![
        9 => prop::collection::vec(number, 0..300),
        1 => prop::collection::vec(any::<i128>(), 0..20),
    ]
}

proptest! {
    #[test]
    fn reads_what_it_writes(numbers in columns()) {
        prop_assert_eq!(round(&numbers), Some(numbers));
    }

    #[test]
    fn nothing_panics(bytes in prop::collection::vec(any::<u8>(), 0..200), count in 0_usize..5000) {
        read(&bytes, count);
    }

    #[test]
    fn a_cut_or_lengthened_column_is_damage(numbers in columns(), more in any::<u8>()) {
        let mut bytes = written(&numbers);
        bytes.push(more);
        prop_assert!(read(&bytes, numbers.len()).is_none());
        bytes.truncate(bytes.len() - 2);
        prop_assert!(read(&bytes, numbers.len()).is_none());
    }
}
