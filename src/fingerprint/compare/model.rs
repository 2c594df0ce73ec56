//! From features to one raw similarity.

use super::evidence::Features;

/// Raw similarity of one matching; larger is more alike.
pub(crate) fn raw(f: &Features) -> f32 {
    f[13] + 0.3 * f[6]
}
