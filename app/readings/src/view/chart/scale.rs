//! [`Scale`]: an axis of values with round steps.

/// The quantity of an axis.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Axis {
    /// The unit's symbol.
    pub unit: &'static str,
    /// The symbol of a thousand of the units, if large values are written in thousands.
    pub thousands: Option<&'static str>,
    /// The least range of the axis, so that small variations do not look like a mountain range.
    pub least: f64,
    /// The step, if it does not depend on the room.
    pub step: Option<f64>,
    /// Whether the axis includes zero, on which areas and bars stand. Zero would only flatten curves of voltages and
    /// temperatures.
    pub zero: bool,
}

impl Axis {
    /// An axis of power.
    pub const POWER: Self = Self { unit: "W", thousands: Some("kW"), least: 100.0, step: None, zero: true };

    /// An axis of the hours of a day.
    pub const HOURS: Self = Self { unit: "h", thousands: None, least: 24.0, step: Some(6.0), zero: true };

    /// An axis of a counted quantity.
    #[must_use]
    pub const fn counted(unit: &'static str) -> Self {
        Self { unit, thousands: None, least: 0.01, step: None, zero: true }
    }

    /// An axis of a measured quantity.
    #[must_use]
    pub const fn measured(unit: &'static str) -> Self {
        Self { unit, thousands: None, least: 0.1, step: None, zero: false }
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Scale {
    pub(super) bottom: f64,
    pub(super) top: f64,
    step: f64,
    axis: Axis,
}

impl Scale {
    /// A scale with steps of 1, 2 or 5 times a power of ten. It has at most `most` steps, or one more if both ends are
    /// rounded outwards.
    pub(super) fn new((lowest, highest): (f64, f64), most: f64, axis: Axis) -> Self {
        let (lowest, highest) =
            if axis.zero { (lowest.min(0.0), highest.max(0.0)) } else { (lowest, highest) };
        let highest = if highest - lowest < axis.least { lowest + axis.least } else { highest };
        let rough = (highest - lowest) / most.max(1.0);
        let decade = 10_f64.powf(rough.log10().floor());
        let steps = [1.0, 2.0, 5.0, 10.0].map(|digit| digit * decade);
        let step =
            axis.step.or_else(|| steps.into_iter().find(|step| *step >= rough * 0.999)).unwrap_or(rough);
        Self { bottom: (lowest / step).floor() * step, top: (highest / step).ceil() * step, step, axis }
    }

    pub(super) fn ticks(self) -> impl Iterator<Item = f64> {
        let count = whole((self.top - self.bottom) / self.step).min(MOST_TICKS);
        // Counted from zero, so that the tick at zero is exactly zero.
        let first = (self.bottom / self.step).round();
        (0..=count).map(move |index| (first + f64::from(index)) * self.step)
    }

    /// A number and its unit, with the decimal places that the steps need.
    pub(super) fn label(self, value: f64) -> String {
        self.named(value, self.unit())
    }

    pub(super) fn number(self, value: f64) -> String {
        self.named(value, "")
    }

    fn named(self, value: f64, unit: &str) -> String {
        let (by, _) = self.written();
        named(value / by, places(self.step / by), unit)
    }

    pub(super) fn unit(self) -> &'static str {
        self.written().1
    }

    /// A value between the ticks, rounded to a whole unit.
    pub(super) fn exact(self, value: f64) -> String {
        match self.written() {
            (1.0, unit) => named(value, 0, unit),
            (by, unit) => named(value / by, 3, unit),
        }
    }

    /// Switches to thousands of the unit at the same value as [`crate::view::figure::Figure`], so that a screen is
    /// consistent.
    fn written(self) -> (f64, &'static str) {
        let thousands = self.axis.thousands.filter(|_| self.top.max(-self.bottom) >= 10_000.0);
        thousands.map_or((1.0, self.axis.unit), |unit| (1000.0, unit))
    }
}

/// How many decimal places the steps have, at most nine.
fn places(step: f64) -> usize {
    let places = (0..9).zip([1.0, 0.1, 0.01, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8]);
    places.into_iter().find(|(_, finest)| step >= finest * 0.999).map_or(9, |(places, _)| places)
}

/// A number with a true minus sign and a no-break space.
fn named(number: f64, places: usize, unit: &str) -> String {
    let digits = format!("{:.places$}", number.abs());
    let nothing = digits.chars().all(|letter| matches!(letter, '0' | '.'));
    let sign = if number < 0.0 && !nothing { "\u{2212}" } else { "" };
    let space = if unit.is_empty() { "" } else { "\u{a0}" };
    format!("{sign}{digits}{space}{unit}")
}

/// The nearest whole number, limited to the range of `i32`; 0 for NaN.
#[allow(clippy::cast_possible_truncation, reason = "pixels are whole numbers")]
pub(super) fn whole(number: f64) -> i32 {
    number.round() as i32
}

/// More ticks than fit any canvas.
const MOST_TICKS: i32 = 200;

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(lowest: f64, highest: f64, most: f64, axis: Axis) -> Vec<String> {
        let scale = Scale::new((lowest, highest), most, axis);
        scale.ticks().map(|value| scale.label(value).replace('\u{a0}', " ")).collect()
    }

    #[test]
    fn power_is_written_in_round_steps_with_zero_among_them() {
        let labels = |lowest, highest, most| labels(lowest, highest, most, Axis::POWER);
        assert_eq!(labels(0.0, 1380.0, 6.0), ["0 W", "500 W", "1000 W", "1500 W"]);
        assert_eq!(labels(-3000.0, 12_000.0, 4.0), ["\u{2212}5 kW", "0 kW", "5 kW", "10 kW", "15 kW"]);
        assert_eq!(
            labels(0.0, 3.0, 4.0).last().map(String::as_str),
            Some("100 W"),
            "small variations stay flat"
        );
        assert_eq!(labels(-3.0, 0.0, 4.0).first().map(String::as_str), Some("\u{2212}50 W"));
    }

    #[test]
    fn small_amounts_have_as_many_places_as_they_need() {
        assert_eq!(
            labels(0.0, 0.42, 3.0, Axis::counted("kWh")),
            ["0.0 kWh", "0.2 kWh", "0.4 kWh", "0.6 kWh"]
        );
        assert_eq!(labels(0.0, 0.0, 2.0, Axis::counted("m³")), ["0.000 m³", "0.005 m³", "0.010 m³"]);
        assert_eq!(labels(0.0, 12_000.0, 3.0, Axis::counted("kWh")).last().unwrap(), "15000 kWh");
    }

    #[test]
    fn the_axis_of_a_day_has_a_tick_every_six_hours() {
        assert_eq!(labels(0.0, 24.0, 3.0, Axis::HOURS), ["0 h", "6 h", "12 h", "18 h", "24 h"]);
    }

    #[test]
    fn measured_curves_use_the_full_height() {
        assert_eq!(
            labels(229.1, 232.4, 4.0, Axis::measured("V")),
            ["229 V", "230 V", "231 V", "232 V", "233 V"]
        );
        assert_eq!(labels(50.0, 50.0, 2.0, Axis::measured("Hz")), ["50.00 Hz", "50.05 Hz", "50.10 Hz"]);
    }
}
