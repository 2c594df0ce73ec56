//! What renewable templates cost in accuracy, how well they are unlinkable, and what a leaked key gives away.
//!
//! | question | file |
//! |---|---|
//! | how alike templates of one person under two keys are | `linkage` |
//! | faces: accuracy, linkage, inversion | `faces` |
//! | fingers: accuracy, linkage, inversion | `fingers` |
//! | minutiae from a finger's code and its key | `stitch` |
//!
//! The attacks are those of somebody who has the templates and the key. They succeed: whoever has both can make a sample that is taken for
//! the person. What is measured is how often.

mod faces;
mod fingers;
mod linkage;
mod stitch;

pub use faces::{FaceLeak, FaceProtection, faces};
pub use fingers::{FingerLeak, FingerProtection, fingers};
pub use linkage::{Linkage, unlinkability};

/// Pairs of each kind from which linkage is measured; with fewer the measure is mostly noise.
const LINKED_PAIRS: usize = 10_000;
/// People whose templates are inverted.
const INVERTED: usize = 1000;
/// Steps of the ascent that refines an inversion.
const ASCENT: usize = 200;
/// False match rate of the unprotected comparison that inverted samples are presented to.
const LEAK_FMR: f64 = 1e-3;

/// The secret of a trial; measurements are the same every time.
fn secret(trial: u64) -> crate::seal::SecretKey {
    crate::seal::SecretKey::from_bytes(&[0x5e; 32]).derive(b"eval/protect", &trial.to_be_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::protocol::SampleName;
    use crate::synth::{FaceGenerator, TemplateGenerator};

    #[test]
    fn faces_are_unlinkable_while_keys_are_secret_and_come_back_when_they_leak() {
        let people = FaceGenerator::new(1);
        let (mut embeddings, mut labels) = (Vec::new(), Vec::new());
        for person in 0..60 {
            for sample in 0..3 {
                embeddings.push(people.embedding(person, sample));
                labels.push(person as i64);
            }
        }
        let all = faces(&embeddings, &labels, &[(0, 5)], &[256, 512]).unwrap();
        let [short, long] = &all[..] else { panic!("two lengths") };
        assert!(long.protected.eer() >= long.plain.eer() - 0.01 && long.protected.eer() < short.protected.eer() + 0.01);
        for one in [short, long] {
            assert!(one.secret_keys.d_sys < 0.15 && one.renewed.d_sys < 0.25, "{one:?}");
            assert!(one.leaked_keys.d_sys > 0.7 && one.linear.accepted > 0.7);
            assert!(one.wrong_key.accepted < 0.05 && one.wrong_key.enrolled.abs() < 0.05);
            assert!(one.three_keys.enrolled > one.linear.enrolled);
        }
        assert!((long.linear.enrolled - 0.798).abs() < 0.02 && (short.linear.enrolled - 0.564).abs() < 0.02);
        assert!(faces(&embeddings, &labels, &[], &[100]).is_err());
        assert!(faces(&embeddings[..1], &labels[..1], &[], &[64]).is_err());
    }

    #[test]
    fn fingers_are_unlinkable_while_keys_are_secret() {
        let people = TemplateGenerator::new(1);
        let (mut names, mut templates) = (Vec::new(), Vec::new());
        for finger in 0..8 {
            for impression in 0..4 {
                names.push(SampleName::parse(&format!("{finger}_{impression}")).unwrap());
                templates.push((finger + impression > 0).then(|| people.probe(finger, impression)));
            }
        }
        let one = fingers(&names, &templates).unwrap();
        assert!(one.plain.eer() <= one.protected.eer() && one.protected.eer() < 0.3, "{:?}", one.protected.eer());
        assert!(one.secret_keys.d_sys < 3.0 * one.secret_keys.null_most, "{:?}", one.secret_keys);
        assert!(one.leaked_keys.d_sys > one.secret_keys.d_sys + 0.05, "{:?}", one.leaked_keys);
        assert!(one.leaked.minutiae > one.wrong_key.minutiae);
        assert!(fingers(&names[1..], &templates).is_err());
    }
}
