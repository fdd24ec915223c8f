//! Changes bytes without knowing what they mean.

use metertap_native::Chance;

/// Changes one to three bytes. Their number stays the same.
pub(crate) fn substitute(octets: &mut [u8], chance: &mut Chance) {
    for _ in 0..=chance.below(3) {
        let (place, octet) = (chance.place(octets.len()), chance.below(256));
        let Some(there) = octets.get_mut(place) else { return };
        *there = match chance.below(4) {
            0 => *there ^ (1 << (octet % 8)),
            1 => 0xFF,
            2 => 0,
            _ => u8::try_from(octet).unwrap_or_default(),
        };
    }
}

/// Changes, cuts off, removes or repeats some bytes.
pub(crate) fn damage(octets: &mut Vec<u8>, chance: &mut Chance) {
    let (at, count) = (chance.place(octets.len()), 1 + chance.place(40));
    let end = (at + count).min(octets.len());
    match chance.below(5) {
        0 => octets.truncate(at),
        1 => drop(octets.drain(at..end)),
        2 => {
            let again = octets.get(at..end).unwrap_or_default().to_vec();
            octets.splice(at..at, again);
        }
        3 => octets.extend(vec![0; count]),
        _ => substitute(octets, chance),
    }
}
