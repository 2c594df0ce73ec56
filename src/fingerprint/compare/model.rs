//! Features of a matching, and the raw similarity that they add up to: the log odds of a logistic regression, one
//! fitted on minutiae alone and one on minutiae and ridge flow (`examples/fit_comparison`; with flow
//! `--odds 10 --signs --ridge 1e-5` on the images of the twelve sets of real prints).
//!
//! What strangers show is the mean over 17,280 comparisons of different fingers, made without early termination: the B parts
//! of FVC2002 DB1 to DB3 and FVC2004 DB1 to DB3, images and the standard network. It explains a score and decides none.

use super::explanation::{Aspect, Evidence};

/// Defines the features, each with its weight without ridge flow and its weight with it; then what it is among strangers, and
/// what it is about.
macro_rules! features {
    ($(#[doc = $doc:literal] $name:ident: $plain:literal, $flow:literal; $strangers:literal, $aspect:ident;)+) => {
        /// The features of one matching.
        #[derive(Clone, Copy, Debug, Default)]
        pub(crate) struct Features {
            $(#[doc = $doc] pub(crate) $name: f32,)+
        }

        impl Features {
            /// Names, weights without ridge flow and weights with it, in the order in which they are added.
            const MODEL: &'static [(&'static str, f32, f32)] = &[$((stringify!($name), $plain, $flow)),+];

            /// Meanings, values among strangers and what they are about, in the same order.
            const WORDS: &'static [(&'static str, f32, Aspect)] = &[$(($doc, $strangers, Aspect::$aspect)),+];

            /// The values in the order of the model.
            #[inline(always)]
            fn values(&self) -> [f32; Self::MODEL.len()] {
                [$(self.$name),+]
            }
        }
    };
}

features! {
    /// Matched pairs.
    pairs: -0.1227, 0.0; 8.37, Number;
    /// Their share of the minutiae where the prints overlap.
    share: 1.2703, 2.46; 0.31, Share;
    /// Pairs times share.
    pairs_times_share: 0.2354, 0.0; 2.62, Share;
    /// How near the minutiae of pairs lie to one another, summed.
    closeness: 0.0273, 0.0; 5.6, Fit;
    /// How well their directions agree, summed.
    alignment: -0.1863, 0.0; 6.87, Fit;
    /// Similarity of their neighborhoods, summed.
    similarity: 0.3662, 0.0; 3.59, Surroundings;
    /// Closeness, alignment and similarity together, summed.
    joint: 0.2339, 0.0; 3.4, Fit;
    /// Pairs of the same kind.
    same_kind: 0.2108, 0.2588; 4.73, Kinds;
    /// Pairs whose neighborhoods are very similar.
    very_similar: 0.4081, 0.3649; 0.017, Surroundings;
    /// How far beyond chance the number of pairs is, nats.
    surprise: 0.0061, 0.0; 9.26, Number;
    /// Absolute logarithm of the scale between the prints.
    scale: -12.7322, -16.8492; 0.035, Fit;
    /// Minutiae of the overlap in the print that has fewer there.
    overlap: -0.0933, 0.1394; 24.97, Share;
    /// Share of the pairs of all minutiae.
    share_of_all: 12.1465, 2.7902; 0.177, Share;
    /// Joint closeness times share.
    joint_times_share: 0.4253, 0.1579; 1.06, Share;
    /// Mean similarity of neighborhoods.
    mean_similarity: -2.4723, 5.8076; 0.424, Surroundings;
    /// Mean distance of pairs, pixels.
    mean_distance: -0.3727, -0.5592; 5.52, Fit;
    /// Mean difference of directions, radians.
    mean_angle: -17.3739, -9.5822; 0.164, Fit;
    /// How well edges between pairs agree, times the number of pairs.
    consistency: 0.5598, 0.5608; 2.41, Arrangement;
    /// Spread of the pairs over the print, hundreds of pixels.
    spread: 2.9507, 4.529; 0.697, Arrangement;
    /// Quality of the minutiae of the overlap without a partner, summed.
    quality_against: -0.0848, -0.4102; 33.1, Share;
    /// Quality of the pairs, weighted by closeness and summed.
    quality_for: 0.1513, 0.1156; 4.33, Number;
    /// Square root of the joint closeness.
    root_of_joint: -1.4755, 0.0; 1.81, Fit;
    /// Square root of the number of cells of ridge flow in common, tenths.
    root_of_cells: 0.0, 3.7742; 1.29, RidgeFlow;
    /// Mean cosine of twice the difference of orientations.
    flow_cosine: 0.0, 1.1058; 0.564, RidgeFlow;
    /// Mean absolute logarithm of the ratio of ridge periods.
    period: 0.0, -16.3295; 0.15, RidgeFlow;
}

/// Constant without ridge flow.
const BIAS_PLAIN: f32 = -3.6019;
/// Constant with ridge flow.
const BIAS_FLOW: f32 = -11.0576;

impl Features {
    /// The features with their names.
    pub(crate) fn named(&self) -> impl Iterator<Item = (&'static str, f32)> {
        Self::MODEL.iter().map(|feature| feature.0).zip(self.values())
    }

    /// Log odds from minutiae alone.
    #[inline(always)]
    pub(crate) fn plain(&self) -> f32 {
        self.values().iter().zip(Self::MODEL).fold(BIAS_PLAIN, |sum, (value, (_, weight, _))| sum + value * weight)
    }

    /// Log odds from minutiae and ridge flow.
    #[inline(always)]
    pub(crate) fn with_flow(&self) -> f32 {
        self.values().iter().zip(Self::MODEL).fold(BIAS_FLOW, |sum, (value, (_, _, weight))| sum + value * weight)
    }

    /// The features that count, each with what it adds to the log odds of typical strangers.
    pub(crate) fn evidence(&self, with_flow: bool) -> Vec<Evidence> {
        let words = Self::MODEL.iter().zip(Self::WORDS);
        let all =
            self.values().into_iter().zip(words).map(|(value, (&(name, plain, flow), &(words, strangers, aspect)))| {
                let weight = if with_flow { flow } else { plain };
                let meaning = words.trim().trim_end_matches('.');
                Evidence { name, aspect, meaning, value, strangers, weight, contribution: (value - strangers) * weight }
            });
        all.filter(|e| e.weight != 0.0).collect()
    }

    /// Log odds of typical strangers.
    pub(crate) fn of_strangers(with_flow: bool) -> f32 {
        let bias = if with_flow { BIAS_FLOW } else { BIAS_PLAIN };
        Self::MODEL.iter().zip(Self::WORDS).fold(bias, |sum, ((_, plain, flow), (_, strangers, _))| {
            sum + strangers * if with_flow { flow } else { plain }
        })
    }
}
