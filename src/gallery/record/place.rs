//! The place of a record.

use crate::fingerprint::position::FingerPosition;
use crate::gallery::seal::Padding;

/// The kind of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub(in crate::gallery) enum What {
    /// The subject's identity and table of contents.
    Directory = 0,
    /// A template of a finger.
    Finger = 1,
    /// An embedding of a face.
    Face = 2,
}

impl What {
    pub(in crate::gallery) fn code(self) -> u8 {
        match self {
            Self::Directory => 0,
            Self::Finger => 1,
            Self::Face => 2,
        }
    }

    fn from_code(code: u8) -> Option<Self> {
        [Self::Directory, Self::Finger, Self::Face].into_iter().find(|what| what.code() == code)
    }
}

/// The place of a record among those of its subject. The directory sorts first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::gallery) struct Place {
    pub(in crate::gallery) what: What,
    /// The code of the finger; 0 for everything else.
    pub(in crate::gallery) position: u8,
    /// The number of the impression or picture.
    pub(in crate::gallery) slot: u16,
}

impl Place {
    pub(in crate::gallery) const DIRECTORY: Self = Self { what: What::Directory, position: 0, slot: 0 };
    /// Length of an encoded place, bytes.
    pub(in crate::gallery) const LEN: usize = 4;

    pub(in crate::gallery) fn encode(self) -> [u8; Self::LEN] {
        let [high, low] = self.slot.to_be_bytes();
        [self.what.code(), self.position, high, low]
    }

    pub(in crate::gallery) fn decode(bytes: [u8; Self::LEN]) -> Option<Self> {
        let [what, position, high, low] = bytes;
        let place = Self { what: What::from_code(what)?, position, slot: u16::from_be_bytes([high, low]) };
        let fits = match place.what {
            What::Directory => place == Self::DIRECTORY,
            What::Finger => place.finger().is_some(),
            What::Face => position == 0,
        };
        fits.then_some(place)
    }

    /// The finger, for a finger's place.
    pub(in crate::gallery) fn finger(self) -> Option<FingerPosition> {
        if self.what == What::Finger { FingerPosition::from_code(self.position) } else { None }
    }

    /// How records of this kind are padded.
    pub(in crate::gallery) fn padding(self) -> Padding {
        match self.what {
            What::Directory => Padding::Steps,
            What::Finger => Padding::Classes,
            // Embeddings of one model all have the same length, which reveals nothing.
            What::Face => Padding::None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_written_places_are_read() {
        let finger = Place { what: What::Finger, position: 10, slot: 300 };
        assert_eq!(Place::decode(finger.encode()), Some(finger));
        assert_eq!(Place::decode([1, 11, 0, 0]), None);
        assert_eq!(Place::decode([0, 0, 0, 1]), None);
        assert_eq!(Place::decode([2, 1, 0, 0]), None);
        assert_eq!(Place::decode([3, 0, 0, 0]), None);
    }
}
