//! Rows that a file might hold, changed at random.

use super::read::check_rows;
use super::write::put;
use crate::face::compare::{Face, Form};
use crate::face::embedding::Embedding;
use crate::fingerprint::compare::Finger;
use crate::fingerprint::minutia::{Minutia, MinutiaKind};
use crate::fingerprint::template::{FingerTemplate, RidgeFlow};
use crate::geometry::Angle;
use crate::index::Index;
use crate::modality::{SelfSearch, Stored};
use crate::subject::SubjectId;

/// The content of a frame of these.
fn content<M: Stored>(modality: M, templates: impl Iterator<Item = M::Template>) -> Vec<u8> {
    let mut index = Index::new(modality);
    for (n, template) in templates.enumerate() {
        index.add(SubjectId::new(format!("p{}", n / 2)).unwrap(), (&template, n as u64)).unwrap();
    }
    let segment = index.segment(0).unwrap();
    let (mut out, mut row) = (Vec::new(), Vec::new());
    for (place, (name, sample, label)) in index.rows_of(0).enumerate() {
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

fn print(number: u32) -> FingerTemplate {
    let at = |i: u32| ((i * i * 7 + number * 31) % 400) as f32;
    let minutiae = (0..20 + number * 7).map(|i| Minutia {
        x: at(i),
        y: at(i + 5),
        direction: Angle::from_degrees(at(i + 9)),
        kind: MinutiaKind::Ending,
        quality: 50,
    });
    let (columns, rows) = (25_u16, 25_u16);
    let cells = usize::from(columns) * usize::from(rows);
    let map = |by: usize| (0..cells).map(|i| (i * by + number as usize) as u8 | 1).collect::<Vec<u8>>();
    let flow = RidgeFlow { cell: 16, columns, rows, orientation: map(3), coherence: map(5), period: map(7) };
    FingerTemplate::new(400, 400, minutiae.collect()).unwrap().with_ridge_flow(flow).unwrap()
}

fn face(number: usize) -> Embedding {
    let components: Vec<f32> = (0..66).map(|i| ((i * 7 + number * 31) % 13) as f32 - 6.0).collect();
    Embedding::from_slice(&components).unwrap()
}

#[test]
fn changed_rows_are_refused_or_harmless() {
    tried(&Finger::default(), &content(Finger::default(), (0..3).map(print)), 6000);
    for rows in [Form::F32, Form::F16, Form::I8, Form::Bit] {
        let modality = Face::default().with_rows(rows).unwrap();
        let modality = modality.clone().with_scan(Form::Bit).unwrap_or(modality);
        tried(&modality, &content(modality.clone(), (0..3).map(face)), 1500);
    }
}
