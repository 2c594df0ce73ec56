//! Taking templates out in the clear.

use std::fmt;

use super::error::GalleryError;
use super::handle::Gallery;
use super::log::EventKind;
use super::people::Content;
use super::remove::Sample;
use crate::face::embedding::Embedding;
use crate::fingerprint::position::FingerPosition;
use crate::fingerprint::template::FingerTemplate;
use crate::subject::SubjectId;

/// A template or an embedding that left its gallery. `Debug` shows whose.
///
/// ```
/// # use std::sync::Arc;
/// # use selfsame::gallery::disk::MemoryDisk;
/// use selfsame::gallery::{Exported, Gallery, Samples};
/// # use selfsame::gallery::seal::{RawKey, SecretKey};
/// # use selfsame::synth::TemplateGenerator;
/// # use selfsame::{FingerPosition::RightThumb, SubjectId};
/// # let key = Arc::new(RawKey::new(SecretKey::random()?));
/// # let template = TemplateGenerator::new(1).reference(0);
/// # let jo = SubjectId::new("jo")?;
/// # let gallery = Gallery::builder(key).create_on(MemoryDisk::new())?;
/// gallery.enroll(&jo, &Samples::new().finger(RightThumb, template))?;
/// let mut minutiae = 0;
/// let handed_out = gallery.export_in_the_clear(&mut |exported| {
///     if let Exported::Finger { template, .. } = exported {
///         minutiae += template.minutiae().len();
///     }
///     true
/// })?;
/// assert!(handed_out == 1 && minutiae > 10);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
    /// Hands out every template and embedding **in the clear**, by name. Whoever gets them can make fingers of them, and no passphrase takes them
    /// back. The export stands in the log before the first is handed out. `sink` says whether to go on; tells how many were handed out. What is handed out
    /// is the gallery as of the call; searches and changes go on meanwhile.
    ///
    /// # Errors
    /// [`GalleryError::Seal`] or [`GalleryError::Io`] when a record does not open or cannot be read; [`GalleryError::Io`] when the log cannot be written.
    pub fn export_in_the_clear(&self, sink: &mut dyn FnMut(Exported) -> bool) -> Result<u64, GalleryError> {
        let mut people = self.shared.people.all();
        people.sort_by(|a, b| a.0.cmp(&b.0));
        let records: usize = people.iter().map(|(_, entry)| entry.records.len()).sum();
        self.record(self.event(EventKind::Export).count(records))?;
        let mut count = 0;
        for (subject, entry) in &people {
            for kept in &entry.records {
                let subject = subject.clone();
                let exported = match (entry.open(kept)?, Sample::of(kept.place)) {
                    (Content::Finger(template), Some(Sample::Finger { position, impression })) => {
                        Exported::Finger { subject, position, impression, template }
                    }
                    (Content::Face(embedding), Some(Sample::Face { picture })) => {
                        Exported::Face { subject, picture, embedding }
                    }
                    _ => continue,
                };
                count += 1;
                if !sink(exported) {
                    return Ok(count);
                }
            }
        }
        Ok(count)
    }
}
