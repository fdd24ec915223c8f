//! [`Times`]: the durations of repeated measurements.

/// Milliseconds, shortest first.
#[derive(Clone, Debug)]
pub struct Times(Vec<f64>);

impl Times {
    /// The durations, in any order.
    pub fn of(times: impl IntoIterator<Item = f64>) -> Self {
        let mut times: Vec<f64> = times.into_iter().collect();
        times.sort_by(f64::total_cmp);
        Self(times)
    }

    /// The duration at that percentile. NaN if there are no durations.
    #[must_use]
    pub fn at(&self, hundredth: usize) -> f64 {
        let last = self.0.len().saturating_sub(1);
        self.0.get((self.0.len() * hundredth / 100).min(last)).copied().unwrap_or(f64::NAN)
    }

    /// The number of durations.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.len()
    }
}
