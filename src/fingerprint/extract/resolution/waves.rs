//! The period on which most of the ridge area agrees.

use super::super::normalize::quantile;
use super::super::params::{
    CHECK_AMPLITUDE, CHECK_AMPLITUDE_SHARE, CHECK_NEAR, CHECK_POWER, CHECK_SHARE, CHECK_SPREAD, CHECK_STRONG,
    CHECK_VOTES, CHECK_WITHIN,
};
use super::pyramid::Vote;

/// Step of the histogram of periods, natural logarithms.
const STEP: f32 = 0.03;
/// Bins of the histogram, from 1 to 60 pixels.
const BINS: usize = 137;

/// The agreed period in pixels and the share of the ridge area that has it; `None` when hardly any window shows a wave.
pub(super) fn agreed(votes: &[Vote]) -> Option<(f32, f32)> {
    let clear: Vec<&Vote> = votes.iter().filter(|vote| vote.share >= CHECK_SHARE).collect();
    let amplitudes: Vec<f32> = clear.iter().map(|vote| vote.amplitude).collect();
    let least = CHECK_AMPLITUDE.max(CHECK_AMPLITUDE_SHARE * quantile(&amplitudes, CHECK_STRONG));
    let counted: Vec<(f32, f32)> = clear
        .into_iter()
        .filter(|vote| vote.amplitude >= least)
        .map(|vote| (vote.period.ln(), vote.share.powi(CHECK_POWER) * vote.area))
        .collect();
    if counted.len() < CHECK_VOTES {
        return None;
    }
    let mut center = mode(&counted);
    // The mean of what is near, weighted by nearness, has no steps.
    for _ in 0..3 {
        let (mut sum, mut moment) = (0f32, 0f32);
        for &(period, weight) in &counted {
            let weight = weight * (-0.5 * ((period - center) / CHECK_NEAR).powi(2)).exp();
            sum += weight;
            moment += weight * period;
        }
        center = if sum > 0.0 { moment / sum } else { center };
    }
    let all: f32 = counted.iter().map(|(_, weight)| weight).sum();
    let near: f32 = counted.iter().filter(|(period, _)| (period - center).abs() < CHECK_WITHIN).map(|(_, w)| w).sum();
    Some((center.exp(), near / all))
}

/// The top of the smoothed histogram.
fn mode(counted: &[(f32, f32)]) -> f32 {
    let mut histogram = [0f32; BINS];
    for &(period, weight) in counted {
        let bin = (period / STEP).max(0.0) as usize;
        histogram[bin.min(BINS - 1)] += weight;
    }
    let reach = (3.0 * CHECK_SPREAD / STEP) as usize;
    let smooth = |at: usize| -> f32 {
        let near = at.saturating_sub(reach)..(at + reach + 1).min(BINS);
        near.map(|bin| histogram[bin] * (-0.5 * (at.abs_diff(bin) as f32 * STEP / CHECK_SPREAD).powi(2)).exp()).sum()
    };
    let smoothed: Vec<f32> = (0..BINS).map(smooth).collect();
    let top = (0..BINS).rev().max_by(|&a, &b| smoothed[a].total_cmp(&smoothed[b])).unwrap_or(0);
    (top as f32 + 0.5) * STEP
}
