//! Export of templates without encryption.

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

/// An exported template or embedding. `Debug` shows only the subject.
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
        /// The subject.
        subject: SubjectId,
        /// The finger.
        position: FingerPosition,
        /// The number of the impression.
        impression: u16,
        /// The template.
        template: FingerTemplate,
    },
    /// A picture of a face.
    Face {
        /// The subject.
        subject: SubjectId,
        /// The number of the picture.
        picture: u16,
        /// The embedding, made by the gallery's face model.
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
    /// Passes every template and embedding to `sink`, **unencrypted** and with the subject's name. Anyone who obtains
    /// them can make fake fingers from them, and no passphrase takes them back. The log records the export before the
    /// first is passed on. `sink` returns whether to continue. Returns how many were passed. The export covers the
    /// gallery as of the call; searches and changes continue meanwhile.
    ///
    /// # Errors
    /// [`GalleryError::Seal`] or [`GalleryError::Io`] when a record does not open or cannot be read;
    /// [`GalleryError::Io`] when the log cannot be written.
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
