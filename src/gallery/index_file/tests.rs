//! Rows that a file might hold, changed at random.

use super::read::check_rows;
use super::write::put;
use crate::face::compare::{Face, Form};
use crate::fingerprint::compare::Finger;
use crate::index::Index;
use crate::modality::{SelfSearch, Stored};
use crate::subject::SubjectId;
use crate::synth::{FaceGenerator, TemplateGenerator};

/// The content of a frame of these.
fn content<M: Stored>(modality: M, templates: impl Iterator<Item = M::Template>) -> Vec<u8> {
    let mut index = Index::new(modality);
    for (n, template) in templates.enumerate() {
        index.add(SubjectId::new(format!("p{}", n / 2)).unwrap(), (&template, n as u64)).unwrap();
    }
    let (segment, rows) = index.segment(0).unwrap();
    let (mut out, mut row) = (Vec::new(), Vec::new());
    for (place, (name, sample, label)) in rows.enumerate() {
        row.clear();
        index.modality().encode_row(segment, place, &mut row);
        put(&mut out, name, sample as u32, label, &row);
    }
    out
}

/// Whole, cut, and with a byte changed: it is refused, or read, written back the same, and compared.
fn tried<M: Stored + SelfSearch>(modality: &M, content: &[u8], trials: usize) {
    check_rows(modality, content);
    for trial in 0..trials {
        let at = trial * 7919 % content.len();
        check_rows(modality, &content[..at]);
        let mut changed = content.to_vec();
        changed[at] = changed[at].wrapping_add((trial % 255) as u8 + 1);
        check_rows(modality, &changed);
    }
}

#[test]
fn changed_rows_are_refused_or_harmless() {
    let people = TemplateGenerator::new(1);
    tried(&Finger::default(), &content(Finger::default(), (0..3).map(|n| people.probe(n, 0))), 6000);
    let people = FaceGenerator::new(1);
    for rows in [Form::F32, Form::F16, Form::I8, Form::Bit] {
        let face = Face::default().with_rows(rows).unwrap();
        let face = face.clone().with_scan(Form::Bit).unwrap_or(face);
        tried(&face, &content(face.clone(), (0..3).map(|n| people.embedding(n, 0))), 1500);
    }
}
