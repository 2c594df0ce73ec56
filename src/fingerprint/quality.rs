//! Defects of a sample.

use std::fmt;

/// The reason why a sample is poor, in terms that help the person at the sensor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum QualityReason {
    /// Little of the finger is on the picture: press flat, in the middle.
    TooSmall,
    /// Ridges are broken into dots: moisten the finger, press harder.
    TooDry,
    /// Ridges run together: dry the finger or the plate, press less.
    TooWet,
    /// Ridges differ little from valleys: clean the sensor.
    LowContrast,
    /// Few minutiae were found, for any reason.
    FewMinutiae,
    /// Large parts have no clear ridge direction: smeared, moved or creased.
    NoRidgeFlow,
    /// Ridges seem brighter than valleys: invert the image ([`FingerImage::inverted`](crate::FingerImage::inverted)).
    BrightRidges,
    /// Ridges are closer together or farther apart than those of fingers at the stated resolution: state the right one
    /// ([`ridge_period`](crate::fingerprint::extract::ridge_period) estimates it).
    DoubtfulResolution,
}

impl QualityReason {
    /// All reasons.
    pub const ALL: [Self; 8] = [
        Self::TooSmall,
        Self::TooDry,
        Self::TooWet,
        Self::LowContrast,
        Self::FewMinutiae,
        Self::NoRidgeFlow,
        Self::BrightRidges,
        Self::DoubtfulResolution,
    ];

    /// A short name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::TooSmall => "too small",
            Self::TooDry => "too dry",
            Self::TooWet => "too wet",
            Self::LowContrast => "low contrast",
            Self::FewMinutiae => "few minutiae",
            Self::NoRidgeFlow => "no ridge flow",
            Self::BrightRidges => "bright ridges",
            Self::DoubtfulResolution => "doubtful resolution",
        }
    }
}

impl fmt::Display for QualityReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A set of reasons; empty for a good sample.
///
/// ```
/// use selfsame::fingerprint::quality::{QualityReason, QualityReasons};
/// let reasons: QualityReasons = [QualityReason::TooDry].into_iter().collect();
/// assert!(reasons.contains(QualityReason::TooDry) && !reasons.is_empty());
/// assert_eq!(reasons.to_string(), "too dry");
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct QualityReasons(u8);

impl QualityReasons {
    /// Whether the set contains a reason.
    #[must_use]
    pub fn contains(self, reason: QualityReason) -> bool {
        self.0 & 1 << reason as u8 != 0
    }

    /// Whether the set is empty.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The reasons, in the order of [`QualityReason::ALL`].
    pub fn iter(self) -> impl Iterator<Item = QualityReason> {
        QualityReason::ALL.into_iter().filter(move |r| self.contains(*r))
    }
}

impl FromIterator<QualityReason> for QualityReasons {
    fn from_iter<I: IntoIterator<Item = QualityReason>>(reasons: I) -> Self {
        Self(reasons.into_iter().fold(0, |set, reason| set | 1 << reason as u8))
    }
}

impl fmt::Debug for QualityReasons {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

impl fmt::Display for QualityReasons {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, reason) in self.iter().enumerate() {
            write!(f, "{}{reason}", if i > 0 { ", " } else { "" })?;
        }
        Ok(())
    }
}
