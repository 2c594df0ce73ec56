//! From features to one raw similarity: the log odds of a logistic regression.

use super::evidence::Features;
use super::params::{BIAS_FLOW, BIAS_PLAIN, WEIGHTS_FLOW, WEIGHTS_PLAIN};

/// Log odds from minutiae alone.
#[inline(always)]
pub(crate) fn plain(f: &Features) -> f32 {
    f.iter().zip(&WEIGHTS_PLAIN).fold(BIAS_PLAIN, |sum, (f, w)| sum + f * w)
}

/// Log odds from minutiae and ridge flow.
#[inline(always)]
pub(crate) fn with_flow(f: &Features) -> f32 {
    f.iter().zip(&WEIGHTS_FLOW).fold(BIAS_FLOW, |sum, (f, w)| sum + f * w)
}
