//! The stored form of a print: its template, and before it the reference that searches compare, so that nothing is prepared when a
//! gallery is opened.
//!
//! `form u16 | reference length u32 | reference | template`; the form is that of references
//! ([`FORM`](crate::fingerprint::compare::FORM)).

use zeroize::Zeroizing;

use crate::bytes::Reader;
use crate::fingerprint::compare::{FORM, Finger, FingerReference};
use crate::fingerprint::template::FingerTemplate;
use crate::format::{decode_template, encode_template};
use crate::limits::Limits;
use crate::modality::Comparator;

pub(in crate::gallery) fn encode_finger(template: &FingerTemplate, reference: &FingerReference) -> Zeroizing<Vec<u8>> {
    let (mut row, template) = (Zeroizing::new(Vec::new()), Zeroizing::new(encode_template(template)));
    reference.encode(&mut row);
    let length = [row.len(), template.len(), 6].into_iter().fold(0, usize::saturating_add);
    let mut out = Zeroizing::new(Vec::with_capacity(length));
    out.extend_from_slice(&FORM.to_be_bytes());
    out.extend_from_slice(&u32::try_from(row.len()).unwrap_or(u32::MAX).to_be_bytes());
    out.extend_from_slice(&row);
    out.extend_from_slice(&template);
    out
}

/// The parts of a stored print: the reference if it is of the current form, and the template.
fn parts(bytes: &[u8]) -> Option<(Option<&[u8]>, &[u8])> {
    let mut reader = Reader::new(bytes);
    let form = reader.u16()?;
    let length = usize::try_from(reader.u32()?).ok()?;
    let reference = reader.take(length)?;
    Some(((form == FORM).then_some(reference), reader.rest()))
}

/// The template of a stored print.
pub(in crate::gallery) fn decode_finger(bytes: &[u8]) -> Option<FingerTemplate> {
    decode_template(parts(bytes)?.1, &Limits::default()).ok()
}

/// The reference of a stored print, made again from the template if it is of another form.
pub(in crate::gallery) fn reference_of(bytes: &[u8]) -> Option<FingerReference> {
    match parts(bytes)? {
        (Some(reference), _) => FingerReference::decode(reference),
        (None, template) => {
            let template = decode_template(template, &Limits::default()).ok()?;
            let Ok(reference) = Comparator::<Finger>::new().reference(&template);
            Some(reference)
        }
    }
}

/// A stored print whose reference is of another form, with a reference of the current one.
pub(in crate::gallery) fn renewed(bytes: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (None, template) = parts(bytes)? else { return None };
    let template = decode_template(template, &Limits::default()).ok()?;
    let Ok(reference) = Comparator::<Finger>::new().reference(&template);
    Some(encode_finger(&template, &reference))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fingerprint::minutia::{Minutia, MinutiaKind};
    use crate::geometry::Angle;

    fn print() -> (FingerTemplate, FingerReference) {
        let minutia = |n: u16| Minutia {
            x: f32::from(n * 17 % 300),
            y: f32::from(n * 29 % 300),
            direction: Angle::from_radians(f32::from(n)),
            kind: MinutiaKind::Ending,
            quality: 50,
        };
        let template = FingerTemplate::new(300, 300, (0..30).map(minutia).collect()).unwrap();
        let Ok(reference) = Comparator::<Finger>::new().reference(&template);
        (template, reference)
    }

    #[test]
    fn both_parts_come_back_and_an_old_reference_is_made_again() {
        let (template, reference) = print();
        let mut bytes = encode_finger(&template, &reference);
        assert!(decode_finger(&bytes).is_some_and(|again| again == template));
        assert!(reference_of(&bytes).is_some_and(|again| again == reference));
        // The stored words are taken as they are: a changed one gives another reference, unless the form is another.
        bytes[20] ^= 1;
        assert!(reference_of(&bytes).is_some_and(|other| other != reference));
        assert!(renewed(&bytes).is_none());
        bytes[1] ^= 1;
        assert!(reference_of(&bytes).is_some_and(|again| again == reference));
        assert!(decode_finger(&bytes).is_some_and(|again| again == template));
        assert!(renewed(&bytes).is_some_and(|new| *new == *encode_finger(&template, &reference)));
    }

    #[test]
    fn what_is_cut_is_refused() {
        let (template, reference) = print();
        let bytes = encode_finger(&template, &reference);
        for end in 0..bytes.len() {
            assert!(decode_finger(&bytes[..end]).is_none(), "cut at {end}");
        }
        let row = bytes.len() - encode_template(&template).len();
        assert!((0..row).all(|end| reference_of(&bytes[..end]).is_none()));
        let mut longer = bytes.clone();
        longer[2..6].copy_from_slice(&u32::MAX.to_be_bytes());
        assert!(reference_of(&longer).is_none() && decode_finger(&longer).is_none());
    }
}
