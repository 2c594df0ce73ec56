//! Taking templates out in the clear.

use std::fmt;

use super::core::Update;
use super::people::{self, Content};
use super::{Gallery, GalleryError, check};
use crate::audit::EventKind;
use crate::face::embedding::Embedding;
use crate::fingerprint::position::FingerPosition;
use crate::fingerprint::template::FingerTemplate;
use crate::subject::SubjectId;

/// A template or an embedding that left its gallery. `Debug` shows whose.
#[non_exhaustive]
pub enum Exported {
    /// An impression of a finger.
    Finger {
        /// Whose.
        subject: SubjectId,
        /// Which finger.
        position: FingerPosition,
        /// Which impression of it.
        impression: u16,
        /// The template.
        template: FingerTemplate,
    },
    /// A picture of a face.
    Face {
        /// Whose.
        subject: SubjectId,
        /// Which picture.
        picture: u16,
        /// The embedding, of the gallery's model.
        embedding: Embedding,
    },
}

impl fmt::Debug for Exported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Finger { subject, .. } | Self::Face { subject, .. }) = self;
        write!(f, "Exported({subject:?})")
    }
}

impl Gallery {
    /// Hands out every template and embedding **in the clear**. Whoever gets them can make fingers of them, and no passphrase takes them
    /// back. The export stands in the log before the first is handed out. `sink` says whether to go on; tells how many were handed out.
    ///
    /// # Errors
    /// [`GalleryError::Tampered`] when something was found to be wrong, after what is right was handed out; [`GalleryError::Store`].
    pub fn export_in_the_clear(&self, sink: &mut dyn FnMut(Exported) -> bool) -> Result<u64, GalleryError> {
        let mut core = self.core();
        let records = usize::try_from(core.manifest.records).unwrap_or(usize::MAX);
        core.commit(Update::event(self.event(EventKind::Export).count(records)))?;
        core.anchored()?;
        let (mut count, mut going) = (0, true);
        let report = check::walk(&core, false, &mut |subject, place, plaintext| {
            if !going {
                return true;
            }
            let subject = subject.clone();
            let exported = match (people::decode(place, plaintext), place.finger()) {
                (Some(Content::Finger(template)), Some(position)) => {
                    Exported::Finger { subject, position, impression: place.slot, template }
                }
                (Some(Content::Face(embedding)), None) => Exported::Face { subject, picture: place.slot, embedding },
                _ => return false,
            };
            count += 1;
            going = sink(exported);
            true
        })?;
        if report.is_sound() { Ok(count) } else { Err(GalleryError::Tampered(Box::new(report))) }
    }
}
