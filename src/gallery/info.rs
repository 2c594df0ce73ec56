//! Information about a gallery and its subjects.

use std::fmt;

use super::error::GalleryError;
use super::error::id_text;
use super::handle::Gallery;
use super::log::{EventKind, Hash};
use super::remove::Sample;
use crate::face::embedding::FaceModel;
use crate::subject::SubjectId;

/// Information about a gallery.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Info {
    /// The random id, fixed for the gallery's lifetime; [`GalleryBuilder::expect_id`](super::GalleryBuilder::expect_id)
    /// compares it.
    pub id: [u8; 16],
    /// The generation of its keys: 1 at first, one more with each rotation.
    pub generation: u32,
    /// The number of subjects.
    pub subjects: usize,
    /// The number of templates and embeddings.
    pub records: u64,
    /// Bytes of the file of records.
    pub record_bytes: u64,
    /// How many of them no longer count, because something was replaced or removed; [`Gallery::compact`] frees them.
    pub dead_bytes: u64,
    /// The number of entries in the log.
    pub log_entries: u64,
    /// The number of its first entry: those before were retired ([`Gallery::retire_log`]).
    pub log_first: u64,
    /// The root of the Merkle tree over the entries.
    pub log_root: Hash,
    /// The model of its faces.
    pub face_model: Option<FaceModel>,
    /// Whether it has an anchor, which is then required to open it.
    pub anchored: bool,
}

impl Info {
    /// The id as 32 hexadecimal digits.
    #[must_use]
    pub fn id_text(&self) -> String {
        id_text(&self.id)
    }
}

impl fmt::Debug for Info {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Info({}, {} subjects, {} entries)", self.id_text(), self.subjects, self.log_entries)
    }
}

/// A subject and its enrolled samples. `Debug` shows the subject and the number of samples.
///
/// ```
/// # use std::sync::Arc;
/// # use selfsame::gallery::disk::MemoryDisk;
/// use selfsame::gallery::{Gallery, Sample, Samples};
/// # use selfsame::gallery::seal::{RawKey, SecretKey};
/// # use selfsame::synth::TemplateGenerator;
/// use selfsame::{FingerPosition::RightThumb, SubjectId};
/// # let key = Arc::new(RawKey::new(SecretKey::random()?));
/// # let template = TemplateGenerator::new(1).reference(0);
/// # let jo = SubjectId::new("jo")?;
/// # let gallery = Gallery::builder(key).create_on(MemoryDisk::new())?;
/// gallery.enroll(&jo, &Samples::new().finger(RightThumb, template.clone()).finger(RightThumb, template))?;
/// let page = gallery.subjects(None, 100)?; // the next page starts after the last name of this one
/// assert_eq!(page[0].subject, jo);
/// let second = Sample::Finger { position: RightThumb, impression: 1 };
/// assert_eq!(page[0].samples[1], second);
/// gallery.remove_sample(&jo, second)?;
/// assert_eq!(gallery.info().records, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Listed {
    /// The subject.
    pub subject: SubjectId,
    /// The samples, fingers first.
    pub samples: Vec<Sample>,
}

impl fmt::Debug for Listed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Listed({:?}, {} samples)", self.subject, self.samples.len())
    }
}

impl Gallery {
    /// The gallery's id, which distinguishes it from every other gallery.
    #[must_use]
    pub fn id(&self) -> [u8; 16] {
        self.shared.id
    }

    /// Information about the gallery in its current state.
    #[must_use]
    pub fn info(&self) -> Info {
        let (subjects, records) = (self.len(), self.records());
        let (record_bytes, dead_bytes) = self.shared.record_bytes();
        let ledger = self.ledger();
        let state = &ledger.state;
        Info {
            id: self.shared.id,
            generation: ledger.keys().generation,
            subjects,
            records,
            record_bytes,
            dead_bytes,
            log_entries: state.log.len(),
            log_first: state.retired.len(),
            log_root: state.log.root(),
            face_model: self.face_model(),
            anchored: state.settings.anchored,
        }
    }

    /// A page of the subjects by name: at most `count`, starting after `after` or at the first. The log records the
    /// listing.
    ///
    /// # Errors
    /// An error when the log cannot be written.
    pub fn subjects(&self, after: Option<&SubjectId>, count: usize) -> Result<Vec<Listed>, GalleryError> {
        let mut all = self.shared.people.all();
        all.retain(|(subject, _)| after.is_none_or(|after| subject > after));
        if count < all.len() {
            all.select_nth_unstable_by(count, |a, b| a.0.cmp(&b.0));
            all.truncate(count);
        }
        all.sort_by(|a, b| a.0.cmp(&b.0));
        let listed: Vec<Listed> = all
            .into_iter()
            .map(|(subject, entry)| {
                let samples = entry.records.iter().filter_map(|kept| Sample::of(kept.place)).collect();
                Listed { subject, samples }
            })
            .collect();
        self.note(self.event(EventKind::List).count(listed.len()))?;
        Ok(listed)
    }
}
