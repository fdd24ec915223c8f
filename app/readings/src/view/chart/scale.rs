//! Steps that people count power and time in.

/// The axis of power, in watts: from tick to tick, zero among them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Scale {
    pub(super) bottom: f64,
    pub(super) top: f64,
    step: f64,
}

impl Scale {
    /// At most so many steps of 1, 2 or 5 times a power of ten. A house that takes almost nothing is not blown up to a
    /// mountain range: the scale spans [`LEAST_POWER`] at least.
    pub(super) fn new(lowest: f64, highest: f64, most: f64) -> Self {
        let (lowest, highest) = (lowest.min(0.0), highest.max(0.0));
        let highest = if highest - lowest < LEAST_POWER { lowest + LEAST_POWER } else { highest };
        let rough = ((highest - lowest) / most).max(1.0);
        let decade = 10_f64.powf(rough.log10().floor());
        let steps = [1.0, 2.0, 5.0, 10.0].map(|digit| digit * decade);
        let step = steps.into_iter().find(|step| *step >= rough * 0.999).unwrap_or(rough);
        Self { bottom: (lowest / step).floor() * step, top: (highest / step).ceil() * step, step }
    }

    pub(super) fn ticks(self) -> impl Iterator<Item = f64> {
        let count = whole((self.top - self.bottom) / self.step);
        // Counted from zero, so that zero is exactly zero.
        let first = (self.bottom / self.step).round();
        (0..=count).map(move |index| (first + f64::from(index)) * self.step)
    }

    /// As many places as the steps need.
    pub(super) fn label(self, power: f64) -> String {
        if self.in_kilowatts() {
            let places = usize::from(self.step < 1000.0) + usize::from(self.step < 100.0);
            named(power / 1000.0, places, "kW")
        } else {
            named(power, 0, "W")
        }
    }

    /// A value between the ticks; whole watts.
    pub(super) fn exact(self, power: f64) -> String {
        if self.in_kilowatts() { named(power / 1000.0, 3, "kW") } else { named(power, 0, "W") }
    }

    /// From where [`crate::view::figure::Figure`] writes kilowatts as well, so that a screen speaks one language.
    fn in_kilowatts(self) -> bool {
        self.top.max(-self.bottom) >= 10_000.0
    }
}

/// With a true minus sign and a space that does not break.
fn named(number: f64, places: usize, unit: &str) -> String {
    let digits = format!("{:.places$}", number.abs());
    let nothing = digits.chars().all(|letter| matches!(letter, '0' | '.'));
    let sign = if number < 0.0 && !nothing { "\u{2212}" } else { "" };
    format!("{sign}{digits}\u{a0}{unit}")
}

/// The shortest step that people count time in, in milliseconds, of which no more than `most` fit into the span.
pub(super) fn time_step(span: f64, most: f64) -> i64 {
    let fits = |step: &&i64| span / (**step as f64) <= most.max(1.0);
    TIME_STEPS.iter().find(fits).copied().unwrap_or_else(|| {
        let days = whole((span / most.max(1.0) / DAY as f64).ceil().max(1.0));
        DAY.saturating_mul(days.into())
    })
}

/// The nearest whole number; the largest there is for what is beyond, and 0 for what is no number.
#[allow(clippy::cast_possible_truncation, reason = "that is what becomes of floats")]
pub(super) fn whole(number: f64) -> i32 {
    number.round() as i32
}

/// Watts.
const LEAST_POWER: f64 = 100.0;
/// Milliseconds.
pub(super) const DAY: i64 = 86_400_000;
/// 1, 2, 5, 10, 15, 30 seconds and minutes; 1, 2, 3, 6, 12 hours; a day.
const TIME_STEPS: &[i64] = &[
    1000, 2000, 5000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000, 900_000, 1_800_000,
    3_600_000, 7_200_000, 10_800_000, 21_600_000, 43_200_000, DAY,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn power_is_written_in_round_steps_with_zero_among_them() {
        let labels = |lowest, highest, most| {
            let scale = Scale::new(lowest, highest, most);
            scale.ticks().map(|power| scale.label(power)).collect::<Vec<_>>()
        };
        assert_eq!(labels(0.0, 1380.0, 6.0), ["0\u{a0}W", "500\u{a0}W", "1000\u{a0}W", "1500\u{a0}W"]);
        assert_eq!(
            labels(-3000.0, 12_000.0, 4.0),
            ["\u{2212}5\u{a0}kW", "0\u{a0}kW", "5\u{a0}kW", "10\u{a0}kW", "15\u{a0}kW"]
        );
        assert_eq!(labels(0.0, 3.0, 4.0).last().map(String::as_str), Some("100\u{a0}W"), "calm stays flat");
        assert_eq!(labels(-3.0, 0.0, 4.0).first().map(String::as_str), Some("\u{2212}50\u{a0}W"));
    }

    #[test]
    fn time_is_counted_as_on_a_clock() {
        for (span, most, step) in [
            (60_000.0, 6.0, 10_000),
            (300_000.0, 8.0, 60_000),
            (600_000.0, 8.0, 120_000),
            (3_600_000.0, 8.0, 600_000),
            (86_400_000.0, 8.0, 10_800_000),
            (31.0 * 86_400_000.0, 8.0, 4 * DAY),
        ] {
            assert_eq!(time_step(span, most), step, "{span} ms");
        }
    }
}
