//! Swedish meters with a P1 port, according to the grid operators' recommendation for the local customer interface.
//! They have no tariffs. They send reactive registers, and both directions of every phase. Nothing identifies the
//! meter.

use crate::clock::{CENTRAL_EUROPE, Clock};
use crate::household::Household;
use crate::list::{ENERGIES, POWERS};
use crate::p1::{Print, Telegram};
use crate::register_value::Magnitude;
use crate::truth::Truth;

/// A three-phase meter.
pub(crate) fn push(household: &Household, millisecond: i64) -> (Vec<u8>, Truth) {
    let second = millisecond.div_euclid(1000);
    let supply = household.supply(second);
    let mut telegram = Telegram::new("LGF5METERTAP");
    telegram.clock(Clock::new(CENTRAL_EUROPE, second));
    telegram.shown(&supply, &ENERGIES, print);
    telegram.shown(&supply, &POWERS, print);
    telegram.shown(&supply, &ACTIVE_PHASES, print);
    telegram.shown(&supply, &REACTIVE_PHASES, print);
    telegram.shown(&supply, &[[32, 7, 0], [52, 7, 0], [72, 7, 0]], print);
    telegram.shown(&supply, &[[31, 7, 0], [51, 7, 0], [71, 7, 0]], print);
    telegram.checked()
}

fn print(kind: Magnitude) -> Print {
    match kind {
        Magnitude::ActivePower => Print(4, 3, "kW"),
        Magnitude::ReactivePower => Print(4, 3, "kVAr"),
        Magnitude::ActiveEnergy => Print(8, 3, "kWh"),
        Magnitude::ReactiveEnergy => Print(8, 3, "kVArh"),
        Magnitude::Current => Print(3, 1, "A"),
        Magnitude::Voltage => Print(3, 1, "V"),
    }
}

const ACTIVE_PHASES: [[u8; 3]; 6] = [[21, 7, 0], [22, 7, 0], [41, 7, 0], [42, 7, 0], [61, 7, 0], [62, 7, 0]];
const REACTIVE_PHASES: [[u8; 3]; 6] =
    [[23, 7, 0], [24, 7, 0], [43, 7, 0], [44, 7, 0], [63, 7, 0], [64, 7, 0]];

#[cfg(test)]
mod tests {
    use super::*;

    /// The counts are those of the recommendation's table: a clock, 4 counters, 4 powers, 12 powers of phases, 3
    /// voltages, 3 currents.
    #[test]
    fn has_the_registers_of_the_recommendation() {
        let (bytes, truth) = push(&Household::new(1, 3), 1_795_224_610_000);
        assert_eq!(truth.values.len(), 27);
        assert_eq!(truth.meter, None);
        let text = String::from_utf8(bytes).unwrap();
        let energy = text.lines().find_map(|line| line.strip_prefix("1-0:1.8.0(")).unwrap();
        assert_eq!(energy.len(), "00010501.076*kWh)".len());
    }
}
