//! An index in one sealed file: what is read is what was written, and anything else is refused.

use std::io::{self, Write};

use selfsame::face::compare::Form;
use selfsame::face::embedding::FaceModel;
use selfsame::gallery::IndexFileError;
use selfsame::gallery::seal::{KeyProvider, RawKey, SecretKey};
use selfsame::index::{Index, Mode, Search};
use selfsame::modality::{Modality, SelfSearch, Stored};
use selfsame::protect::{FaceProtector, ProtectedFace, ProtectedFinger, ProtectionKey};
use selfsame::synth::{FaceGenerator, TemplateGenerator};
use selfsame::{Face, Finger, SubjectId};

fn key() -> RawKey {
    RawKey::new(SecretKey::from_bytes(&[7; 32]))
}

fn written<M: Stored>(index: &Index<M>, key: &dyn KeyProvider) -> Vec<u8> {
    let mut bytes = Vec::new();
    index.write_sealed(&mut bytes, key).unwrap();
    bytes
}

/// Everything that can be asked for is the same.
fn assert_same<M: Stored + SelfSearch>(a: &Index<M>, b: &Index<M>, templates: &[M::Template], stages: bool)
where
    M::Probe: Clone,
{
    assert_eq!((a.len(), a.references()), (b.len(), b.references()));
    for subject in a.subjects() {
        assert!(a.samples(subject).eq(b.samples(subject)), "{subject}");
    }
    let probes: Vec<M::Probe> = templates.iter().map(|t| a.prepare(t).unwrap()).collect();
    for search in
        [Search::top(10), Search::top(10).mode(Mode::Shortlist { rows: 20 })].iter().take(1 + usize::from(stages))
    {
        assert_eq!(a.identify_batch(&probes, search).unwrap(), b.identify_batch(&probes, search).unwrap());
    }
}

/// 300 people of up to three samples with labels; a third of them removed again, so that rows are in no order.
fn changed<M: Stored>(mut index: Index<M>, template: impl Fn(u64, u64) -> M::Template) -> Index<M> {
    let id = |n: u64| SubjectId::new(format!("person-{n}")).unwrap();
    for n in 0..300 {
        for sample in 0..=n % 3 {
            index.add(id(n), (&template(n, sample), n * sample)).unwrap();
        }
    }
    for n in (0..300).step_by(3) {
        index.remove(&id(n + 1));
        index.remove_sample(&id(n + 2), 0);
        index.add(id(n), &template(n, 3)).unwrap();
    }
    index
}

fn prints() -> Index<Finger> {
    let people = TemplateGenerator::new(3);
    changed(Index::default(), |n, sample| people.probe(n, sample))
}

fn faces(face: Face) -> Index<Face> {
    let people = FaceGenerator::new(3);
    changed(Index::new(face), |n, sample| people.embedding(n, sample))
}

fn kinds_of_faces() -> Vec<Face> {
    let scans = |rows: Form, scans: &[Form]| {
        let face = Face::default().with_rows(rows).unwrap();
        scans.iter().fold(face, |face, scan| face.with_scan(*scan).unwrap())
    };
    let model = FaceModel::new("synthetic", "1", FaceGenerator::DIMENSION).unwrap();
    vec![
        Face::default(),
        Face::of(model).with_scan(Form::I8).unwrap(),
        scans(Form::F32, &[Form::I8, Form::Bit]),
        scans(Form::F16, &[Form::I8, Form::Bit]),
        scans(Form::I8, &[]),
        scans(Form::I8, &[Form::Bit]),
        scans(Form::Bit, &[]),
    ]
}

#[test]
fn what_is_read_is_what_was_written() {
    let people = TemplateGenerator::new(3);
    let index = prints();
    let again = Index::read_sealed(Finger::default(), &*written(&index, &key()), &key()).unwrap();
    let probes: Vec<_> = (0..40).map(|n| people.probe(n, 9)).collect();
    assert_same(&index, &again, &probes, true);

    let people = FaceGenerator::new(3);
    let probes: Vec<_> = (0..40).map(|n| people.embedding(n, 9)).collect();
    for face in kinds_of_faces() {
        let index = faces(face.clone());
        let mut again = Index::read_sealed(face.clone(), &*written(&index, &key()), &key()).unwrap();
        assert_same(&index, &again, &probes, face.stages() > 0);
        // It goes on like any other.
        let mut index = index;
        let new = SubjectId::new("new").unwrap();
        for index in [&mut index, &mut again] {
            index.insert(new.clone(), &people.embedding(1000, 0)).unwrap();
            index.remove(&SubjectId::new("person-2").unwrap());
        }
        assert_same(&index, &again, &probes, false);
    }
    let empty = Index::<Finger>::default();
    assert!(Index::read_sealed(Finger::default(), &*written(&empty, &key()), &key()).unwrap().is_empty());
}

#[test]
fn codes_of_a_key_are_kept_too() {
    let key_of_codes = ProtectionKey::new(&SecretKey::from_bytes(&[3; 32]), 1);
    let (faces, people) = (FaceProtector::new(&key_of_codes, 512, 512).unwrap(), FaceGenerator::new(3));
    let index = changed(Index::<ProtectedFace>::default(), |n, s| faces.protect(&people.embedding(n, s)).unwrap());
    let again = Index::read_sealed(ProtectedFace::default(), &*written(&index, &key()), &key()).unwrap();
    let probe = index.prepare(&faces.protect(&people.embedding(5, 9)).unwrap()).unwrap();
    assert_eq!(index.identify(&probe, &Search::top(9)).unwrap(), again.identify(&probe, &Search::top(9)).unwrap());
    let refused = Index::read_sealed(ProtectedFinger::default(), &*written(&index, &key()), &key()).unwrap_err();
    assert!(matches!(refused, IndexFileError::OtherSettings { .. }));
}

#[test]
fn the_same_file_at_any_number_of_threads() {
    let index = prints();
    let bytes = written(&index, &key());
    for threads in [1, 3] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let again = pool.install(|| Index::read_sealed(Finger::default(), &*bytes, &key())).unwrap();
        assert_same(&index, &again, &[TemplateGenerator::new(3).probe(5, 8)], true);
    }
}

#[test]
fn every_damage_is_refused() {
    let index = prints();
    let bytes = written(&index, &key());
    let read = |bytes: &[u8]| Index::read_sealed(Finger::default(), bytes, &key());
    assert!(read(&bytes).is_ok());
    // Every byte of the head and of the first frames' heads, and some of all others.
    let mut trials = 0;
    for at in (0..600).chain((600..bytes.len()).step_by(997)) {
        let mut damaged = bytes.clone();
        damaged[at] ^= 1 << (at % 8);
        assert!(read(&damaged).is_err(), "a change of byte {at} was not seen");
        trials += 1;
    }
    for len in (0..600).chain((600..bytes.len()).step_by(1499)) {
        assert!(read(&bytes[..len]).is_err(), "a file of {len} bytes was taken");
        trials += 1;
    }
    let mut longer = bytes.clone();
    longer.push(0);
    assert!(read(&longer).is_err());
    println!("{trials} damaged files were refused");
}

/// Where the frames of a file begin, and where the last one ends.
fn frames(bytes: &[u8]) -> Vec<usize> {
    let mut at = 8 + usize::from(u16::from_le_bytes([bytes[6], bytes[7]]));
    let mut found = vec![at];
    while at < bytes.len() {
        at += 9 + u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
        found.push(at);
    }
    found
}

#[test]
fn frames_cannot_be_moved_repeated_left_out_or_brought_from_elsewhere() {
    let people = FaceGenerator::new(3);
    let mut index = Index::<Face>::default();
    let rows = |n: u64| (SubjectId::new(n.to_string()).unwrap(), 0, people.embedding(n, 0));
    index.extend((0..9000).map(rows)).unwrap();
    let (bytes, other) = (written(&index, &key()), written(&index, &key()));
    let (at, at_other) = (frames(&bytes), frames(&other));
    assert!(at.len() > 6, "several segments");
    let frame = |n: usize| &bytes[at[n]..at[n + 1]];
    let with = |order: Vec<&[u8]>| [&bytes[..at[0]], &order.concat()].concat();
    let whole: Vec<&[u8]> = (0..at.len() - 1).map(frame).collect();
    let read = |bytes: &[u8]| Index::read_sealed(Face::default(), bytes, &key());
    assert!(read(&with(whole.clone())).is_ok());
    for n in 0..whole.len() {
        let mut out = whole.clone();
        out.remove(n);
        assert!(read(&with(out)).is_err(), "frame {n} was left out");
        let mut twice = whole.clone();
        twice.insert(n, whole[n]);
        assert!(read(&with(twice)).is_err(), "frame {n} came twice");
        let mut swapped = whole.clone();
        swapped.swap(n, (n + 1) % whole.len());
        assert!(read(&with(swapped)).is_err(), "frame {n} was moved");
        let mut mixed = whole.clone();
        mixed[n] = &other[at_other[n]..at_other[n + 1]];
        assert!(read(&with(mixed)).is_err(), "frame {n} is of another file");
    }
}

#[test]
fn another_key_settings_or_version_is_said() {
    let index = faces(Face::default().with_rows(Form::F16).unwrap());
    let bytes = written(&index, &key());
    let other = RawKey::new(SecretKey::from_bytes(&[8; 32]));
    let read = |key: &RawKey| Index::read_sealed(Face::default(), &*bytes, key).unwrap_err();
    assert!(matches!(read(&other), IndexFileError::Key(_)));
    let refused = read(&key()).to_string();
    assert!(refused.contains("half floats") && refused.contains("rows of floats"), "{refused}");
    let as_prints = Index::read_sealed(Finger::default(), &*bytes, &key()).unwrap_err();
    assert!(matches!(as_prints, IndexFileError::OtherSettings { .. }));
    let mut newer = bytes.clone();
    newer[4] = 9;
    let newer = Index::read_sealed(Face::default(), &*newer, &key()).unwrap_err();
    assert!(matches!(newer, IndexFileError::OtherVersion { version: 9 }));
    let none = Index::read_sealed(Face::default(), &b"not an index at all"[..], &key()).unwrap_err();
    assert!(matches!(none, IndexFileError::NotAnIndex));
}

#[test]
fn nothing_is_in_the_clear() {
    let mut index = Index::<Face>::default();
    index.insert(SubjectId::new("conspicuous").unwrap(), &FaceGenerator::new(1).embedding(1, 0)).unwrap();
    let bytes = written(&index, &key());
    let clear = |needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
    assert!(!clear(b"conspicuous") && !clear(b"floats"));
    let first = FaceGenerator::new(1).embedding(1, 0).as_slice()[0].to_le_bytes();
    assert!(!clear(&first));
    // Another person of another name gives a file of the same length.
    let mut other = Index::<Face>::default();
    other.insert(SubjectId::new("x").unwrap(), &FaceGenerator::new(1).embedding(2, 0)).unwrap();
    assert_eq!(written(&other, &key()).len(), bytes.len());
}

#[test]
fn a_file_is_replaced_whole_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("prints.index");
    let index = prints();
    index.save(&path, &key()).unwrap();
    let before = std::fs::read(&path).unwrap();
    // A provider that fails, as a key service does that is not there.
    struct Broken;
    impl KeyProvider for Broken {
        fn wrap(&self, _: &SecretKey, _: &[u8]) -> Result<Vec<u8>, selfsame::gallery::seal::KeyError> {
            Err(selfsame::gallery::seal::KeyError::WrongKey)
        }
        fn unwrap(&self, _: &[u8], _: &[u8]) -> Result<SecretKey, selfsame::gallery::seal::KeyError> {
            Err(selfsame::gallery::seal::KeyError::WrongKey)
        }
        fn describe(&self) -> &'static str {
            "broken"
        }
    }
    assert!(index.save(&path, &Broken).is_err());
    assert_eq!(std::fs::read(&path).unwrap(), before);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    Index::<Finger>::default().save(&path, &key()).unwrap();
    assert!(Index::load(Finger::default(), &path, &key()).unwrap().is_empty());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    assert!(matches!(Index::load(Finger::default(), folder.path().join("none"), &key()), Err(IndexFileError::Io(_))));
}

/// Takes so many bytes, then is full.
struct Full(usize);

impl Write for Full {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0 == 0 {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let taken = bytes.len().min(self.0);
        self.0 -= taken;
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_full_disk_is_an_error_wherever_it_comes() {
    let index = faces(Face::default().with_rows(Form::Bit).unwrap());
    let whole = written(&index, &key()).len();
    for room in (0..300).chain((300..whole).step_by(4001)).chain([whole - 1]) {
        let refused = index.write_sealed(&mut Full(room), &key());
        assert!(matches!(refused, Err(IndexFileError::Io(_))), "{room} bytes");
    }
    assert!(index.write_sealed(&mut Full(whole), &key()).is_ok());
}
