//! Plain data for `serde`: numbers, texts and lists that come back as they were, and nothing biometric.

use selfsame::fingerprint::quality::{QualityReason, QualityReasons};
use selfsame::gallery::Identified;
use selfsame::gallery::seal::SecretKey;
use selfsame::index::{Candidate, Index, Search};
use selfsame::synth::FaceGenerator;
use selfsame::{Cosine, Embedding, Face, FingerImage, FingerPosition, FingerTemplate, Fmr, Minutia, Score, SubjectId};
use serde_json::{from_value, json, to_value};

#[test]
fn plain_data_are_numbers_texts_and_lists() {
    assert_eq!(to_value(Score::from_decibels(42.5)).unwrap(), json!(42.5));
    assert_eq!(from_value::<Score>(json!(42.5)).unwrap(), Score::from_decibels(42.5));
    assert!(from_value::<Score>(json!(-1.0)).is_err() && from_value::<Score>(json!(1001.0)).is_err());
    assert_eq!(to_value(Fmr::new(1e-3).unwrap()).unwrap(), json!(1e-3));
    assert!(from_value::<Fmr>(json!(2.0)).is_err());
    assert_eq!(from_value::<Cosine>(json!(0.5)).unwrap(), Cosine::new(0.5).unwrap());
    assert!(from_value::<Cosine>(json!(1.5)).is_err());
    assert_eq!(to_value(SubjectId::new("ada").unwrap()).unwrap(), json!("ada"));
    assert!(from_value::<SubjectId>(json!("ada\u{202e}")).is_err());
    assert_eq!(to_value(FingerPosition::LeftThumb).unwrap(), json!(6));
    assert!(from_value::<FingerPosition>(json!(11)).is_err());
    let reasons: QualityReasons = [QualityReason::TooDry, QualityReason::LowContrast].into_iter().collect();
    assert_eq!(to_value(reasons).unwrap(), json!(["too dry", "low contrast"]));
    assert_eq!(from_value::<QualityReasons>(to_value(reasons).unwrap()).unwrap(), reasons);
}

#[test]
fn candidates_and_reports_are_named_fields() {
    let people = FaceGenerator::new(1);
    let mut index = Index::<Face>::default();
    index.insert(SubjectId::new("ada").unwrap(), (&people.embedding(1, 0), 7)).unwrap();
    let found = index.identify(&index.prepare(&people.embedding(1, 0)).unwrap(), &Search::top(1)).unwrap();
    let value = to_value(&found).unwrap();
    assert_eq!((&value[0]["subject"], &value[0]["sample"], &value[0]["label"]), (&json!("ada"), &json!(0), &json!(7)));
    assert_eq!(from_value::<Vec<Candidate<Cosine>>>(value).unwrap(), found);
    let identified: Identified = from_value(json!({ "subject": "ada", "score": 60.0 })).unwrap();
    assert_eq!(identified.score, Some(Score::from_decibels(60.0)));
    let report = selfsame::gallery::CheckReport::default();
    assert_eq!(to_value(&report).unwrap()["problems"], json!([]));
}

/// Compiles only for types that are not `Serialize`: for others there are two of these.
trait NotSerialize<A> {
    fn holds() {}
}

struct Ambiguous;

impl<T: ?Sized> NotSerialize<()> for T {}
impl<T: ?Sized + serde::Serialize> NotSerialize<Ambiguous> for T {}

#[test]
fn nothing_biometric_and_no_key_can_be_written() {
    <FingerTemplate as NotSerialize<_>>::holds();
    <FingerImage as NotSerialize<_>>::holds();
    <Minutia as NotSerialize<_>>::holds();
    <Embedding as NotSerialize<_>>::holds();
    <SecretKey as NotSerialize<_>>::holds();
    <selfsame::protect::FaceCode as NotSerialize<_>>::holds();
    <selfsame::protect::FingerCode as NotSerialize<_>>::holds();
    <Index<Face> as NotSerialize<_>>::holds();
}
