//! Finger positions.

/// A finger position with the codes of ISO/IEC 19794-2 (0 unknown, 1 to 5 the right hand from the thumb, 6 to 10 the
/// left).
///
/// ```
/// use selfsame::FingerPosition;
/// assert_eq!(FingerPosition::from_code(7), Some(FingerPosition::LeftIndex));
/// assert_eq!(FingerPosition::LeftIndex.code(), 7);
/// assert_eq!(FingerPosition::from_code(11), None);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum FingerPosition {
    /// Not known.
    #[default]
    Unknown = 0,
    /// Right thumb.
    RightThumb = 1,
    /// Right index finger.
    RightIndex = 2,
    /// Right middle finger.
    RightMiddle = 3,
    /// Right ring finger.
    RightRing = 4,
    /// Right little finger.
    RightLittle = 5,
    /// Left thumb.
    LeftThumb = 6,
    /// Left index finger.
    LeftIndex = 7,
    /// Left middle finger.
    LeftMiddle = 8,
    /// Left ring finger.
    LeftRing = 9,
    /// Left little finger.
    LeftLittle = 10,
}

impl FingerPosition {
    /// All positions in the order of their codes.
    pub const ALL: [Self; 11] = [
        Self::Unknown,
        Self::RightThumb,
        Self::RightIndex,
        Self::RightMiddle,
        Self::RightRing,
        Self::RightLittle,
        Self::LeftThumb,
        Self::LeftIndex,
        Self::LeftMiddle,
        Self::LeftRing,
        Self::LeftLittle,
    ];

    /// The code of the standard, 0 to 10.
    #[must_use]
    pub fn code(self) -> u8 {
        self as u8
    }

    /// The position with a code; `None` above 10.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.get(usize::from(code)).copied()
    }

    /// Whether the two can be the same finger: they are equal, or one is unknown.
    #[must_use]
    pub fn fits(self, other: Self) -> bool {
        self == other || self == Self::Unknown || other == Self::Unknown
    }

    /// A label for a gallery: the position in the lowest 8 bits, and the caller's tag in the highest 32.
    ///
    /// ```
    /// use selfsame::FingerPosition;
    /// let label = FingerPosition::RightRing.label(2026);
    /// assert_eq!(FingerPosition::of_label(label), Some(FingerPosition::RightRing));
    /// assert_eq!(FingerPosition::tag_of_label(label), 2026);
    /// // The label of a template that was enrolled without one.
    /// assert_eq!(FingerPosition::of_label(0), Some(FingerPosition::Unknown));
    /// ```
    #[must_use]
    pub fn label(self, tag: u32) -> u64 {
        u64::from(tag) << 32 | u64::from(self.code())
    }

    /// The position in a label that [`FingerPosition::label`] made; `None` when its lowest 32 bits are not a code.
    #[must_use]
    pub fn of_label(label: u64) -> Option<Self> {
        u8::try_from(label & 0xFFFF_FFFF).ok().and_then(Self::from_code)
    }

    /// The tag in a label that [`FingerPosition::label`] made.
    #[must_use]
    pub fn tag_of_label(label: u64) -> u32 {
        (label >> 32) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_labels_come_back() {
        for (code, position) in (0..).zip(FingerPosition::ALL) {
            assert_eq!(position.code(), code);
            assert_eq!(FingerPosition::from_code(code), Some(position));
            for tag in [0, 1, u32::MAX] {
                let label = position.label(tag);
                assert_eq!(
                    (FingerPosition::of_label(label), FingerPosition::tag_of_label(label)),
                    (Some(position), tag)
                );
            }
        }
        assert_eq!(FingerPosition::of_label(11), None);
        assert_eq!(FingerPosition::of_label(256), None);
    }

    #[test]
    fn an_unknown_position_fits_all_and_others_themselves() {
        let fitting = |p: FingerPosition| FingerPosition::ALL.iter().filter(|o| p.fits(**o)).count();
        assert_eq!(fitting(FingerPosition::Unknown), 11);
        assert!(FingerPosition::ALL[1..].iter().all(|&p| fitting(p) == 2));
    }
}
