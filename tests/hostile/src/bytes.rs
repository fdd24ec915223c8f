//! Changes bytes without knowing what they mean.

use metertap_native::Chance;

/// Changes one to three bytes. Their number stays the same.
pub(crate) fn substitute(bytes: &mut [u8], chance: &mut Chance) {
    for _ in 0..=chance.below(3) {
        let (place, byte) = (chance.place(bytes.len()), chance.below(256));
        let Some(there) = bytes.get_mut(place) else { return };
        *there = match chance.below(4) {
            0 => *there ^ (1 << (byte % 8)),
            1 => 0xFF,
            2 => 0,
            _ => u8::try_from(byte).unwrap_or_default(),
        };
    }
}

/// Changes, cuts off, removes, repeats or adds some bytes.
pub(crate) fn damage(bytes: &mut Vec<u8>, chance: &mut Chance) {
    let (at, count) = (chance.place(bytes.len()), 1 + chance.place(40));
    let end = (at + count).min(bytes.len());
    match chance.below(5) {
        0 => bytes.truncate(at),
        1 => drop(bytes.drain(at..end)),
        2 => {
            let again = bytes.get(at..end).unwrap_or_default().to_vec();
            bytes.splice(at..at, again);
        }
        3 => bytes.extend(vec![0; count]),
        _ => substitute(bytes, chance),
    }
}
