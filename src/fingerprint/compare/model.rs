//! Features of a matching, and the raw similarity that they add up to: the log odds of a logistic regression, one
//! fitted on minutiae alone and one on minutiae and ridge flow (`examples/fit_comparison`; with flow
//! `--odds 10 --signs --ridge 1e-5` on the images of the twelve sets of real prints).

/// Defines the features, each with its weight without ridge flow and its weight with it.
macro_rules! features {
    ($($(#[$doc:meta])* $name:ident: $plain:literal, $flow:literal;)+) => {
        /// The features of one matching.
        #[derive(Clone, Copy, Debug, Default)]
        pub(crate) struct Features {
            $($(#[$doc])* pub(crate) $name: f32,)+
        }

        impl Features {
            /// Names, weights without ridge flow and weights with it, in the order in which they are added.
            const MODEL: &'static [(&'static str, f32, f32)] = &[$((stringify!($name), $plain, $flow)),+];

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
    pairs: -0.1227, 0.0;
    /// Their share of the minutiae where the prints overlap.
    share: 1.2703, 2.46;
    /// Pairs times share.
    pairs_times_share: 0.2354, 0.0;
    /// How near the minutiae of pairs lie to one another, summed.
    closeness: 0.0273, 0.0;
    /// How well their directions agree, summed.
    alignment: -0.1863, 0.0;
    /// Similarity of their neighborhoods, summed.
    similarity: 0.3662, 0.0;
    /// Closeness, alignment and similarity together, summed.
    joint: 0.2339, 0.0;
    /// Pairs of the same kind.
    same_kind: 0.2108, 0.2588;
    /// Pairs whose neighborhoods are very similar.
    very_similar: 0.4081, 0.3649;
    /// How far beyond chance the number of pairs is, nats.
    surprise: 0.0061, 0.0;
    /// Absolute logarithm of the scale between the prints.
    scale: -12.7322, -16.8492;
    /// Minutiae of the overlap in the print that has fewer there.
    overlap: -0.0933, 0.1394;
    /// Share of the pairs of all minutiae.
    share_of_all: 12.1465, 2.7902;
    /// Joint closeness times share.
    joint_times_share: 0.4253, 0.1579;
    /// Mean similarity of neighborhoods.
    mean_similarity: -2.4723, 5.8076;
    /// Mean distance of pairs, pixels.
    mean_distance: -0.3727, -0.5592;
    /// Mean difference of directions, radians.
    mean_angle: -17.3739, -9.5822;
    /// How well edges between pairs agree, times the number of pairs.
    consistency: 0.5598, 0.5608;
    /// Spread of the pairs over the print, hundreds of pixels.
    spread: 2.9507, 4.529;
    /// Quality of the minutiae of the overlap without a partner, summed.
    quality_against: -0.0848, -0.4102;
    /// Quality of the pairs, weighted by closeness and summed.
    quality_for: 0.1513, 0.1156;
    /// Square root of the joint closeness.
    root_of_joint: -1.4755, 0.0;
    /// Square root of the number of cells of ridge flow in common, tenths.
    root_of_cells: 0.0, 3.7742;
    /// Mean cosine of twice the difference of orientations.
    flow_cosine: 0.0, 1.1058;
    /// Mean absolute logarithm of the ratio of ridge periods.
    period: 0.0, -16.3295;
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
}
