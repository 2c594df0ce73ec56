//! Who is enrolled, in memory and ready to be searched.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::error::GalleryError;
use super::record::{Place, What, decode_face, decode_finger};
use crate::face::embedding::Embedding;
use crate::face::index::{FaceIndex, FaceIndexError, FaceInput, FaceModel, Form};
use crate::fingerprint::compare::Finger;
use crate::fingerprint::template::FingerTemplate;
use crate::index::Index;
use crate::subject::SubjectId;

/// What a record holds, opened.
pub(super) enum Content {
    Finger(FingerTemplate),
    Face(Embedding),
}

/// Reads an opened record.
pub(super) fn decode(place: Place, plaintext: &[u8]) -> Option<Content> {
    match place.what {
        What::Directory => None,
        What::Finger => decode_finger(plaintext).map(Content::Finger),
        What::Face => decode_face(plaintext).map(Content::Face),
    }
}

/// The two indexes.
pub(super) struct People {
    fingers: RwLock<Index<Finger>>,
    faces: Option<FaceIndex>,
    /// What is enrolled of whom.
    places: RwLock<HashMap<SubjectId, Vec<Place>>>,
}

impl People {
    pub(super) fn new(model: Option<&FaceModel>) -> Result<Self, GalleryError> {
        let fingers = Index::builder().build().map_err(|_| GalleryError::Stopped)?;
        let faces = model.map(|model| FaceIndex::builder(model.clone()).scan(Form::I8).build()).transpose()?;
        Ok(Self { fingers: RwLock::new(fingers), faces, places: RwLock::default() })
    }

    pub(super) fn fingers(&self) -> RwLockReadGuard<'_, Index<Finger>> {
        self.fingers.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn fingers_mut(&self) -> RwLockWriteGuard<'_, Index<Finger>> {
        self.fingers.write().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn faces(&self) -> Result<&FaceIndex, GalleryError> {
        self.faces.as_ref().ok_or(GalleryError::NoFaceModel)
    }

    /// Adds what was read from a record; `false` when it does not fit the gallery.
    pub(super) fn add(&self, subject: &SubjectId, place: Place, content: &Content) -> bool {
        let mut places = self.places.write().unwrap_or_else(PoisonError::into_inner);
        places.entry(subject.clone()).or_default().push(place);
        drop(places);
        match (content, place.finger()) {
            (Content::Finger(template), Some(finger)) => {
                self.fingers_mut().insert_labelled(subject.clone(), template, finger.label(0)).is_ok()
            }
            (Content::Face(embedding), None) => {
                self.faces.as_ref().is_some_and(|faces| faces.add(subject, FaceInput::Embedding(embedding)).is_ok())
            }
            _ => false,
        }
    }

    /// Puts a subject's records in the place of those that are there; no search sees the subject without.
    pub(super) fn replace(&self, subject: &SubjectId, contents: &[(Place, Content)]) -> Result<(), FaceIndexError> {
        let embeddings: Vec<FaceInput<'_>> = contents
            .iter()
            .filter_map(|(_, content)| match content {
                Content::Face(embedding) => Some(FaceInput::Embedding(embedding)),
                Content::Finger(_) => None,
            })
            .collect();
        let mut places = self.places.write().unwrap_or_else(PoisonError::into_inner);
        places.insert(subject.clone(), contents.iter().map(|(place, _)| *place).collect());
        drop(places);
        let mut fingers = self.fingers_mut();
        fingers.remove(subject);
        for (place, content) in contents {
            if let (Content::Finger(template), Some(finger)) = (content, place.finger()) {
                // Fingerprints fit every index; a full one holds four thousand million.
                let _ = fingers.insert_labelled(subject.clone(), template, finger.label(0));
            }
        }
        drop(fingers);
        match &self.faces {
            Some(faces) if !embeddings.is_empty() && faces.contains(subject) => faces.update(subject, embeddings),
            Some(faces) => {
                faces.remove(subject);
                embeddings.into_iter().try_for_each(|embedding| faces.add(subject, embedding))
            }
            None => Ok(()),
        }
    }

    /// Everybody, in no order.
    pub(super) fn subjects(&self) -> Vec<SubjectId> {
        self.places.read().unwrap_or_else(PoisonError::into_inner).keys().cloned().collect()
    }

    /// How many of a subject's records are of a kind; `None` when nobody of this name is enrolled.
    pub(super) fn count(&self, subject: &SubjectId, kind: impl Fn(Place) -> bool) -> Option<usize> {
        let places = self.places.read().unwrap_or_else(PoisonError::into_inner);
        places.get(subject).map(|places| places.iter().filter(|place| kind(**place)).count())
    }

    pub(super) fn remove(&self, subject: &SubjectId) {
        self.places.write().unwrap_or_else(PoisonError::into_inner).remove(subject);
        self.fingers_mut().remove(subject);
        if let Some(faces) = &self.faces {
            faces.remove(subject);
        }
    }
}
