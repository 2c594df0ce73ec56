//! Targets for protected templates from files, and a collection of them compared with a list.

use std::collections::BTreeMap;

use selfsame::gallery::seal::SecretKey;
use selfsame::index::Search;
use selfsame::protect::{FaceCode, FaceProtector, FaceSettings, FingerCode, ProtectionKey, Renewable};
use selfsame::{Embedding, SubjectId};

use super::bytes::Bytes;

/// A file: accepted contents are written back the same.
pub fn protected_code(data: &[u8]) {
    if let Ok(code) = FaceCode::decode(data) {
        assert_eq!(code.encode(), data);
        assert!(code.bits() >= 64 && code.bits() <= 4096);
    }
    if let Ok(code) = FingerCode::decode(data) {
        assert_eq!(code.encode(), data);
        assert!(FaceCode::decode(data).is_err());
    }
}

fn secret(n: u8) -> SecretKey {
    SecretKey::from_bytes(&[n; 32])
}

/// Operations of two bytes each on a collection of faces, compared with a map of versions and codes.
pub fn renewable_ops(data: &[u8]) {
    let settings = FaceSettings { dimension: 64, bits: 64 };
    let Ok(mut held) = Renewable::<FaceProtector>::new(secret(1), settings) else { panic!("the settings are right") };
    let name = |n: u8| SubjectId::new(format!("{}", n % 8)).expect("a name");
    let face = |n: u8| {
        let components: Vec<f32> = (0..64u32).map(|i| ((i * i + 7) as f32 * (f32::from(n) + 1.0)).sin()).collect();
        Embedding::from_slice(&components).expect("an embedding")
    };
    // Version and number of codes of each subject.
    let mut model: BTreeMap<SubjectId, (u32, usize)> = BTreeMap::new();
    let mut kept: Vec<(u32, FaceCode)> = Vec::new();
    let mut bytes = Bytes::new(data);
    for _ in 0..64 {
        let (what, n) = (bytes.u8(), bytes.u8());
        let subject = name(what / 8);
        match what % 8 {
            0 | 1 => {
                let code = held.enroll(subject.clone(), &face(n)).expect("it fits");
                let entry = model.entry(subject).or_default();
                assert_eq!(code.version(), entry.0);
                entry.1 += 1;
                kept.push((entry.0, code));
            }
            2 => {
                let samples: Vec<Embedding> = (0..n % 3).map(face).collect();
                let renewed = held.renew(&subject, &samples);
                match model.get_mut(&subject) {
                    Some(entry) if !samples.is_empty() => {
                        *entry = (entry.0 + 1, samples.len());
                        assert_eq!(renewed.expect("it is there").len(), samples.len());
                    }
                    _ => assert!(renewed.is_err()),
                }
            }
            3 => assert_eq!(held.remove(&subject), model.remove(&subject).map_or(0, |entry| entry.1)),
            4 => {
                if let Some((version, code)) = kept.get(usize::from(n) % kept.len().max(1)) {
                    let fits = model.get(&subject).is_none_or(|entry| entry.0 == *version);
                    assert_eq!(held.insert(subject.clone(), code.clone()).is_ok(), fits);
                    if fits {
                        let entry = model.entry(subject).or_insert((*version, 0));
                        entry.1 += 1;
                    }
                }
            }
            5 => {
                // A code of another secret is rejected.
                let key = ProtectionKey::new(&secret(2), u32::from(n));
                let other = FaceProtector::new(&key, 64, 64).expect("the settings are right");
                assert!(held.insert(subject, other.protect(&face(n)).expect("it fits")).is_err());
            }
            6 => assert_eq!(held.verify(&subject, &face(n)).is_ok(), model.contains_key(&subject)),
            _ => {
                let found = held.identify(&face(n), &Search::top(3)).expect("it fits");
                assert_eq!(found.len(), model.len().min(3));
                assert!(found.iter().all(|c| model.contains_key(&c.subject)));
                assert!(found.is_sorted_by(|a, b| a.score >= b.score));
            }
        }
        assert_eq!(held.len(), model.len());
        assert_eq!(held.codes(), model.values().map(|entry| entry.1).sum::<usize>());
        let mut versions: Vec<u32> = model.values().map(|entry| entry.0).collect();
        versions.sort_unstable();
        versions.dedup();
        assert_eq!(held.versions_in_use(), versions.len());
    }
}
