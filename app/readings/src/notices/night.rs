//! [`Night`]: whether a flow ever stopped between one and five o'clock.

use metertap_decoder::number::Number;
use metertap_decoder::time::Zone;

use crate::entry::Moment;
use crate::power::difference;

/// A counter's positions at the beginning of each hour of a night.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Night {
    day: i64,
    /// The positions at one, two, three, four and five o'clock, as far as they were received.
    hours: [Option<Number>; HOURS],
}

impl Night {
    /// Takes the counter's position at this moment. The first position between five and six o'clock returns the least
    /// that flowed in any hour of the night, in the counter's unit. Every other position returns `None`, and so does a
    /// night in which a position is missing or the counter fell.
    pub fn see(&mut self, value: Number, at: Moment, zone: Zone) -> Option<Number> {
        let local = zone.local(at.0.div_euclid(1000))?;
        let (hour, _, _) = local.time().parts();
        let place = usize::try_from(hour).ok()?.checked_sub(FIRST).filter(|place| *place < HOURS)?;
        let day = local.date().number();
        if self.day != day {
            *self = Self { day, hours: [None; HOURS] };
        }
        let known = self.hours.get_mut(place).filter(|known| known.is_none())?;
        *known = Some(value);
        if place + 1 < HOURS {
            return None;
        }
        let flowed = self.hours.iter().zip(self.hours.iter().skip(1)).map(|pair| match pair {
            (Some(from), Some(to)) => difference(*to, *from).filter(|flowed| flowed.mantissa >= 0),
            _ => None,
        });
        let flowed: Option<Vec<Number>> = flowed.collect();
        flowed?.into_iter().min_by(|one, other| one.compare(*other))
    }
}

/// The hours from one to five o'clock, as clocks show them. An autumn hour that clocks show twice counts as one hour.
/// The spring night has no position in the skipped hour, and is not judged.
const FIRST: usize = 1;
const HOURS: usize = 5;

#[cfg(test)]
mod tests {
    use super::*;

    /// A counter in litres, every ten minutes from midnight in Oslo's winter time, and the result of each night.
    fn nights(position: impl Fn(i64) -> i64, days: i64) -> Vec<String> {
        let (zone, mut night) = (Zone::named("Europe/Oslo").unwrap(), Night::default());
        let midnight = "2026-01-09T23:00:00Z".parse::<Moment>().unwrap();
        let minutes = (0..days * 1440).step_by(10);
        let see = |minute: i64| {
            let value = Number::new(position(minute).into(), -3);
            night.see(value, Moment(midnight.0 + minute * 60_000), zone)
        };
        minutes.filter_map(see).map(|least| least.to_string()).collect()
    }

    #[test]
    fn a_flow_that_never_stops_is_reported_each_morning() {
        assert_eq!(nights(|minute| minute / 10, 2), ["0.006", "0.006"]);
        // A litre an hour, but none from three to four o'clock.
        let stops = |minute: i64| {
            let hour = minute / 60;
            hour - i64::from(hour % 24 > 3) - hour / 24
        };
        assert_eq!(nights(stops, 2), ["0.000", "0.000"]);
    }

    #[test]
    fn an_incompletely_recorded_night_is_not_judged() {
        let (zone, mut night) = (Zone::UTC, Night::default());
        let mut see = |hour: i64| night.see(Number::whole(hour.into()), Moment(hour * 3_600_000), zone);
        assert_eq!([1, 2, 4, 5].map(&mut see), [None; 4]);
        assert_eq!([25, 26, 27, 28].map(&mut see), [None; 4]);
        assert_eq!(see(29).map(|least| least.to_string()), Some("1".into()));
    }
}
