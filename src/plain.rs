//! Plain data as `serde` sees it (feature `serde`): numbers are numbers, names are texts, sets are lists. Templates, embeddings, codes and
//! keys implement nothing of it.

use serde::de::{Deserialize, Deserializer, Error as _};
use serde::ser::{Serialize, Serializer};

use crate::face::compare::Cosine;
use crate::fingerprint::position::FingerPosition;
use crate::fingerprint::quality::{QualityReason, QualityReasons};
use crate::image::Ppi;
use crate::score::{Fmr, Score, Threshold};
use crate::subject::SubjectId;

/// A type that is written as another one, and read from it with a check.
macro_rules! written_as {
    ($type:ty, $form:ty, $to:expr, $from:expr) => {
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let to: fn(&$type) -> $form = $to;
                to(self).serialize(serializer)
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let from: fn($form) -> Result<$type, String> = $from;
                from(<$form>::deserialize(deserializer)?).map_err(D::Error::custom)
            }
        }
    };
}

fn decibels(value: f32) -> Result<Score, String> {
    let in_range = (0.0..=Score::MAX).contains(&value);
    if in_range { Ok(Score::from_decibels(value)) } else { Err(format!("a score lies in 0..=1000 dB, not at {value}")) }
}

written_as!(Score, f32, |score| score.decibels(), decibels);
written_as!(Threshold, f32, |threshold| threshold.score().decibels(), |value| decibels(value).map(Threshold::at_score));
written_as!(Fmr, f64, |fmr| fmr.get(), |value| Fmr::new(value).map_err(|e| e.to_string()));
written_as!(Cosine, f32, |cosine| cosine.value(), |value| Cosine::new(value).map_err(|e| e.to_string()));
written_as!(Ppi, f32, |ppi| ppi.get(), |value| Ppi::new(value).map_err(|e| e.to_string()));
written_as!(SubjectId, String, |id| id.as_str().to_owned(), |text| SubjectId::new(text).map_err(|e| e.to_string()));
written_as!(FingerPosition, u8, |position| position.code(), |code| {
    FingerPosition::from_code(code).ok_or_else(|| format!("a finger position has a code of 0 to 10, not {code}"))
});
written_as!(QualityReason, String, |reason| reason.name().to_owned(), |name| {
    let known = QualityReason::ALL.into_iter().find(|reason| reason.name() == name);
    known.ok_or_else(|| format!("no reason is named {name:?}"))
});
written_as!(QualityReasons, Vec<QualityReason>, |reasons| reasons.iter().collect(), |reasons| {
    Ok(reasons.into_iter().collect())
});
