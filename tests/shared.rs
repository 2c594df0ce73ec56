//! What is shared between threads says so in its type.

use selfsame::gallery::Gallery;
use selfsame::index::{Candidate, Index, IndexError, Search};
use selfsame::protect::{FaceProtector, FingerProtector, Renewable};
use selfsame::{
    Comparator, Embedding, Extractor, Face, Finger, FingerImage, FingerTemplate, Score, SubjectId, Threshold,
};

fn shared<T: Send + Sync>() {}

#[test]
fn public_types_go_to_other_threads() {
    shared::<(Extractor, FingerImage, FingerTemplate, Embedding, SubjectId, Score, Threshold)>();
    shared::<(Comparator<Finger>, Comparator<Face>, Index<Finger>, Index<Face>, Candidate<Score>)>();
    shared::<(Search<'_, Score>, IndexError<std::convert::Infallible>)>();
    shared::<(Gallery, Renewable<FaceProtector>, Renewable<FingerProtector>)>();
}
