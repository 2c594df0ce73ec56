//! Score histograms.

/// Shares of genuine and impostor scores in equal bins from the lowest score to the highest.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Histogram {
    /// Lower end of the first bin.
    pub low: f64,
    /// Width of a bin.
    pub width: f64,
    /// Share of genuine scores per bin, with sum 1.
    pub genuine: Vec<f64>,
    /// Share of impostor scores per bin, with sum 1.
    pub impostor: Vec<f64>,
}

impl Histogram {
    /// Counts scores into `bins` bins. Scores that are not finite are left out.
    ///
    /// ```
    /// use selfsame::eval::Histogram;
    /// let h = Histogram::new(&[3.0, 4.0], &[0.0, 0.5, 1.0, 1.0], 4);
    /// assert_eq!(h.impostor, [0.5, 0.5, 0.0, 0.0]);
    /// assert_eq!(h.genuine, [0.0, 0.0, 0.0, 1.0]);
    /// ```
    #[must_use]
    pub fn new(genuine: &[f64], impostor: &[f64], bins: usize) -> Self {
        let bins = bins.max(1);
        let finite = || genuine.iter().chain(impostor).copied().filter(|s| s.is_finite());
        let (low, high) = finite().fold((f64::MAX, f64::MIN), |(l, h), s| (l.min(s), h.max(s)));
        let (low, high) = if low > high { (0.0, 1.0) } else { (low, high) };
        let width = if high > low { (high - low) / bins as f64 } else { 1.0 };
        let count = |scores: &[f64]| {
            let mut shares = vec![0.0; bins];
            let mut total = 0.0;
            for s in scores.iter().filter(|s| s.is_finite()) {
                let bin = (((s - low) / width) as usize).min(bins - 1);
                if let Some(b) = shares.get_mut(bin) {
                    *b += 1.0;
                }
                total += 1.0;
            }
            if total > 0.0 {
                shares.iter_mut().for_each(|s| *s /= total);
            }
            shares
        };
        Self { low, width, genuine: count(genuine), impostor: count(impostor) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_add_to_one_and_odd_scores_do_no_harm() {
        let h = Histogram::new(&[1.0, 2.0, f64::NAN], &[5.0, f64::INFINITY], 7);
        assert!((h.genuine.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        assert!((h.impostor.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        assert_eq!(Histogram::new(&[2.0], &[2.0], 3).genuine, [1.0, 0.0, 0.0]);
        assert_eq!(Histogram::new(&[], &[], 0).genuine, [0.0]);
    }
}
