//! What frames of a file might hold, changed at random.

use super::check;
use super::table::Contents;
use crate::face::compare::{Face, Form};
use crate::face::embedding::Embedding;
use crate::fingerprint::compare::Finger;
use crate::fingerprint::minutia::{Minutia, MinutiaKind};
use crate::fingerprint::template::{FingerTemplate, RidgeFlow};
use crate::geometry::Angle;
use crate::index::Index;
use crate::modality::{Modality, Stored};
use crate::subject::SubjectId;

/// What the frames of these hold.
fn contents<M: Stored>(modality: M, templates: impl Iterator<Item = M::Template>) -> Contents {
    let mut index = Index::new(modality);
    for (n, template) in templates.enumerate() {
        index.add(SubjectId::new(format!("p{}", n / 2)).unwrap(), (&template, n as u64)).unwrap();
    }
    Contents::of(&index, 0)
}

/// Whole, cut, and with a byte changed: it is refused, or read and written back the same.
fn tried(content: &[u8], trials: usize, check: impl Fn(&[u8])) {
    check(content);
    for trial in 0..trials {
        let at = trial * 7919 % content.len();
        check(&content[..at]);
        let mut changed = content.to_vec();
        changed[at] = changed[at].wrapping_add((trial % 255) as u8 + 1);
        check(&changed);
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
fn changed_contents_are_refused_or_harmless() {
    let finger = Finger::default();
    let prints = contents(finger.clone(), (0..5).map(print));
    assert_eq!(prints.groups.len(), 3, "two prints are a group");
    prints.groups.iter().for_each(|group| tried(group, 2000, |content| check::group(&finger, content)));
    let probe = finger.prepare(&print(9)).unwrap();
    tried(&prints.table, 6000, |content| check::table(&finger, content, &probe));
    for rows in [Form::F32, Form::F16, Form::I8, Form::Bit] {
        let modality = Face::default().with_rows(rows).unwrap();
        let modality = modality.clone().with_scan(Form::Bit).unwrap_or(modality);
        let faces = contents(modality.clone(), (0..3).map(face));
        assert_eq!(faces.groups.len(), 1);
        tried(&faces.groups[0], 1500, |content| check::group(&modality, content));
    }
}
