//! Removing people and their samples.

use std::sync::Arc;

use super::error::GalleryError;
use super::handle::Gallery;
use super::log::EventKind;
use super::params::MAX_EVENTS;
use super::people::Kept;
use super::person::Person;
use super::record::{Place, What};
use crate::fingerprint::position::FingerPosition;
use crate::subject::SubjectId;

/// One sample of a subject, as [`Gallery::subjects`](super::Gallery::subjects) and an export name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sample {
    /// An impression of a finger.
    Finger {
        /// The finger.
        position: FingerPosition,
        /// The number of the impression.
        impression: u16,
    },
    /// A picture of a face.
    Face {
        /// The number of the picture.
        picture: u16,
    },
}

impl Sample {
    pub(super) fn of(place: Place) -> Option<Self> {
        match place.what {
            What::Directory => None,
            What::Finger => place.finger().map(|position| Self::Finger { position, impression: place.slot }),
            What::Face => Some(Self::Face { picture: place.slot }),
        }
    }

    fn place(self) -> Place {
        match self {
            Self::Finger { position, impression } => {
                Place { what: What::Finger, position: position.code(), slot: impression }
            }
            Self::Face { picture } => Place { what: What::Face, position: 0, slot: picture },
        }
    }
}

impl Gallery {
    /// Removes subjects: searches no longer find them. Their sealed bytes stay in the file of records until the next
    /// [`Gallery::compact`] or [`Gallery::rotate_keys`], and anyone with the gallery's keys can still open them; use [`Gallery::erase`] for
    /// subjects who must be forgotten. Returns how many were enrolled.
    ///
    /// # Errors
    /// [`GalleryError::Io`] when the disk fails; [`GalleryError::TooManySubjects`] for more than 48,000.
    #[cfg_attr(feature = "tracing", tracing::instrument(level = "debug", skip_all))]
    pub fn delete(&self, subjects: &[SubjectId]) -> Result<usize, GalleryError> {
        let mut writer = self.begin()?;
        let (mut events, mut gone, mut records) = (Vec::new(), Vec::new(), 0_i64);
        for subject in subjects {
            let Some(entry) = self.shared.people.get(subject).filter(|_| !gone.contains(&subject)) else { continue };
            if events.len() == MAX_EVENTS {
                return Err(GalleryError::TooManySubjects { max: MAX_EVENTS });
            }
            writer.records.gone(&entry.tag).inspect_err(|_| self.ledger().stop())?;
            records += entry.records.len() as i64;
            events.push(self.event(EventKind::Delete).subject(entry.uid));
            gone.push(subject);
        }
        if !gone.is_empty() {
            self.commit_records(&mut writer, -(gone.len() as i64), -records, events)?;
            gone.iter().for_each(|subject| self.shared.people.remove(subject));
        }
        drop(writer);
        self.changed()?;
        Ok(gone.len())
    }

    /// Removes one sample of a subject who has others. Its sealed bytes stay as for [`Gallery::delete`].
    ///
    /// # Errors
    /// [`GalleryError::UnknownSubject`], [`GalleryError::UnknownSample`], [`GalleryError::LastSample`];
    /// [`GalleryError::Io`] when the disk fails.
    pub fn remove_sample(&self, subject: &SubjectId, sample: Sample) -> Result<(), GalleryError> {
        let mut writer = self.begin()?;
        let entry = self.shared.people.get(subject).ok_or(GalleryError::UnknownSubject)?;
        let place = sample.place();
        let kept: Vec<&Kept> = entry.records.iter().filter(|kept| kept.place != place).collect();
        if kept.len() == entry.records.len() {
            return Err(GalleryError::UnknownSample);
        }
        if kept.is_empty() {
            return Err(GalleryError::LastSample);
        }
        let prepared = kept.into_iter().map(|kept| entry.open_prepared(kept)).collect::<Result<Vec<_>, _>>()?;
        let mut person = Person::of(&entry)?;
        person.forget(place);
        let (sealed, source) = (person.seal(&writer.source.keys, &[])?, Arc::clone(&writer.source));
        let changed = sealed.write(&mut writer.records, &source).inspect_err(|_| self.ledger().stop())?;
        let event = self.event(EventKind::RemoveSample).subject(entry.uid).count(1);
        self.commit_records(&mut writer, 0, -1, vec![event])?;
        let shown = self.shared.people.replace(subject, changed.into(), prepared);
        shown.inspect_err(|_| self.ledger().stop())?;
        drop(writer);
        self.changed()
    }
}
