//! [`Load`]: how much of the main fuse each phase uses.

use metertap_decoder::number::Number;
use metertap_decoder::reading::{Phase, Quantity};
use metertap_decoder::register::Value;

use super::newest::Newest;

/// The load of a phase.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Load {
    /// The phase.
    pub phase: Phase,
    /// The current in amperes; negative if the phase feeds in and the meter reports that.
    pub current: Number,
    /// The current without its sign, in percent of the main fuse, rounded; `None` if the fuse's size is unknown.
    pub hundredths: Option<u32>,
}

/// The load of each phase, from the currents that the meter itself sends. `fuse` is in amperes.
#[must_use]
pub fn loads(newest: &Newest, fuse: Option<u16>) -> Vec<Load> {
    let values = newest.values.iter().map(|known| &known.measurement).filter(|value| {
        value.quantity == Some(Quantity::Current)
            && value.unit == Quantity::Current.unit()
            && value.channel.is_none_or(|channel| channel == 0)
            && value.storage.is_none()
            && value.error.is_none()
    });
    let mut loads: Vec<Load> = values
        .filter_map(|value| match (value.phase?, &value.value) {
            (phase @ (Phase::L1 | Phase::L2 | Phase::L3), Value::Number(current)) => {
                let hundredths = fuse.and_then(|fuse| hundredths(*current, fuse));
                Some(Load { phase, current: *current, hundredths })
            }
            _ => None,
        })
        .collect();
    loads.sort_by_key(|load| load.phase.as_str());
    loads.dedup_by_key(|load| load.phase);
    loads
}

fn hundredths(current: Number, fuse: u16) -> Option<u32> {
    let thousandths = current.mantissa_at(current.scaler.min(-3))?.checked_abs()?;
    let one = 10_i128.checked_pow(u32::from(current.scaler.min(-3).unsigned_abs()))?;
    let whole = i128::from(fuse).checked_mul(one)?;
    let rounded = thousandths.checked_mul(200)?.checked_add(whole)?.checked_div(whole.checked_mul(2)?)?;
    u32::try_from(rounded).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{entry, measurement, reading};
    use metertap_decoder::reading::Measurement;

    fn current(register: &str, phase: Option<Phase>, value: &str) -> Measurement {
        Measurement { phase, ..measurement(register, Quantity::Current, value) }
    }

    /// 12.3 of 25 A are 49.2 %, 20 are 80, 25.13 are 100.52.
    #[test]
    fn each_phase_is_compared_with_the_fuse() {
        let values = vec![
            current("1-0:71.7.0", Some(Phase::L3), "25.13"),
            current("1-0:31.7.0", Some(Phase::L1), "12.3"),
            current("1-0:51.7.0", Some(Phase::L2), "-20"),
            current("1-0:91.7.0", None, "3"),
            Measurement { channel: Some(2), ..current("0-2:31.7.0", Some(Phase::L1), "9") },
        ];
        let mut newest = Newest::default();
        newest.take(&entry(1, 0, reading(values)));
        let seen = |fuse| {
            let loads = loads(&newest, fuse);
            loads.into_iter().map(|load| (load.phase, load.hundredths)).collect::<Vec<_>>()
        };
        let (l1, l2, l3) = (Phase::L1, Phase::L2, Phase::L3);
        assert_eq!(seen(Some(25)), [(l1, Some(49)), (l2, Some(80)), (l3, Some(101))]);
        assert_eq!(seen(None), [(l1, None), (l2, None), (l3, None)]);
        assert_eq!(seen(Some(0)), [(l1, None), (l2, None), (l3, None)]);
    }
}
