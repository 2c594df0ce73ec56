//! An index in one sealed file: what is read is what was written, and anything else is refused.

use std::collections::HashSet;
use std::io::{self, Write};
use std::sync::Arc;

use selfsame::face::compare::Form;
use selfsame::face::embedding::FaceModel;
use selfsame::gallery::disk::{Access, Disk, DiskFile, MemoryDisk};
use selfsame::gallery::seal::{KeyProvider, RawKey, SecretKey};
use selfsame::gallery::{IndexFileError, IndexWriter, OnDisk, OnDiskError};
use selfsame::index::{Candidates, Fusion, Index, IndexError, Mode, Search};
use selfsame::modality::{Modality, Rows, Segment, SelfSearch, Sketched, Stored};
use selfsame::protect::{FaceProtector, ProtectedFace, ProtectedFinger, ProtectionKey};
use selfsame::synth::{FaceGenerator, TemplateGenerator};
use selfsame::{Comparator, Face, Finger, FingerTemplate, Score, SubjectId};

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

/// A file in memory.
fn in_memory(bytes: &[u8]) -> Arc<dyn DiskFile> {
    let disk = MemoryDisk::new();
    disk.put("index", bytes.to_vec());
    disk.open("index", Access::Write).unwrap()
}

fn on_disk(bytes: &[u8]) -> Result<Index<OnDisk<Finger>>, IndexFileError> {
    Index::open_file(Finger::default(), in_memory(bytes), &key())
}

/// Subjects, scores, samples and labels.
type Plain<S> = Vec<(String, S, usize, u64)>;

fn plain<M: Modality>(found: &Candidates<M>) -> Plain<M::Score> {
    found.iter().map(|c| (c.subject.to_string(), c.score, c.sample, c.label)).collect()
}

/// The ten best of a shortlist, ranked one by one and compared one by one.
fn naive(people: &[(SubjectId, FingerTemplate)], probe: &FingerTemplate, rows: usize) -> Vec<(String, Score)> {
    let (finger, comparator) = (Finger::default(), Comparator::<Finger>::new());
    let prepared = comparator.prepare(probe).unwrap();
    let mut sketches = finger.new_sketches();
    people.iter().for_each(|(_, template)| sketches.push(comparator.reference(template).unwrap()));
    let mut ranks = [Vec::new()];
    finger.rank_sketches(&[&prepared], &sketches, Rows::all(0..people.len()), &mut Default::default(), &mut ranks);
    let mut order: Vec<(f32, &(SubjectId, FingerTemplate))> = ranks[0].iter().copied().zip(people).collect();
    order.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.0.cmp(&b.1.0)));
    order.truncate(rows);
    let score = |template| comparator.compare(&prepared, &comparator.reference(template).unwrap()).unwrap();
    let mut found: Vec<(String, Score)> = order.iter().map(|(_, (name, t))| (name.to_string(), score(t))).collect();
    found.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    found.truncate(10);
    found
}

#[test]
fn a_search_with_references_on_disk_is_what_a_naive_one_is() {
    let people = TemplateGenerator::new(8);
    let enrolled: Vec<_> =
        (0..1500).map(|n| (SubjectId::new(format!("p{}", n * 7 % 1500)).unwrap(), people.reference(n))).collect();
    let mut index = Index::<Finger>::default();
    index.extend(enrolled.iter().map(|(name, template)| (name.clone(), 0, template.clone()))).unwrap();
    let opened = on_disk(&written(&index, &key())).unwrap();
    assert_eq!((opened.len(), opened.references()), (1500, 1500));
    assert!(opened.bytes() / 1500 < 450, "{} bytes each", opened.bytes() / 1500);
    let mut firsts = 0;
    for (n, rows) in (0..12).zip([10, 40, 400].into_iter().cycle()) {
        let probe = people.probe(n * 100, 3);
        let prepared = opened.prepare(&probe).unwrap();
        let expected = naive(&enrolled, &probe, rows);
        let search = Search::top(10).mode(Mode::Shortlist { rows });
        for threads in [1, 3] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let found = pool.install(|| opened.identify(&prepared, &search)).unwrap();
            assert!(found.iter().map(|c| (c.subject.to_string(), c.score)).eq(expected.clone()), "{rows} rows");
        }
        firsts += usize::from(expected[0].0 == enrolled[n as usize * 100].0.to_string());
    }
    assert!(firsts > 9, "mates are shortlisted: {firsts} of 12");
}

#[test]
fn references_on_disk_answer_as_those_in_memory() {
    let people = TemplateGenerator::new(3);
    let index = prints();
    let mut opened = on_disk(&written(&index, &key())).unwrap();
    let mut index = index;
    let some: HashSet<SubjectId> = (0..60).map(|n| SubjectId::new(format!("person-{n}")).unwrap()).collect();
    let (labels, filter) = (|label| label % 2 == 0, |id: &SubjectId| !id.as_str().ends_with('6'));
    for round in 0..2 {
        assert_eq!((opened.len(), opened.references()), (index.len(), index.references()));
        for subject in index.subjects() {
            assert!(index.samples(subject).eq(opened.samples(subject)));
        }
        for n in (0..60).step_by(6) {
            let probe = index.prepare(&people.probe(n, 9)).unwrap();
            let exact = Search::top(10).only(&some);
            for search in [
                exact.clone(),
                exact.clone().filter_label(&labels),
                exact.clone().filter(&filter),
                exact.clone().fusion(Fusion::Mean),
                // A shortlist of more rows than there are is an exact search.
                exact.clone().mode(Mode::Shortlist { rows: 1000 }),
            ] {
                let (found, expected) = (opened.identify(&probe, &search).unwrap(), index.identify(&probe, &search));
                assert_eq!(plain::<OnDisk<Finger>>(&found), plain::<Finger>(&expected.unwrap()), "round {round}");
            }
            // Every candidate of a shortlist has the score that the index in memory computes.
            let short = Search::top(5).mode(Mode::Shortlist { rows: 30 }).filter(&filter);
            let all: Vec<_> =
                index.identify(&probe, &Search::top(1000)).unwrap().into_iter().map(|c| (c.subject, c.score)).collect();
            let found = opened.identify(&probe, &short).unwrap();
            assert!(found.len() == 5 && found.iter().all(|c| filter(&c.subject)));
            assert!(found.iter().all(|c| all.iter().any(|(subject, best)| *subject == c.subject && c.score <= *best)));
            let subject = SubjectId::new(format!("person-{n}")).unwrap();
            assert_eq!(opened.verify(&subject, &probe).ok(), index.verify(&subject, &probe).ok());
        }
        // Nothing is added; what is removed is gone.
        let new = SubjectId::new("new").unwrap();
        let refused = opened.insert(new, &people.reference(1)).unwrap_err();
        assert!(matches!(refused, IndexError::Modality(OnDiskError::ReadOnly)));
        for n in (0..300).step_by(5) {
            let subject = SubjectId::new(format!("person-{n}")).unwrap();
            assert_eq!(opened.remove(&subject), index.remove(&subject));
        }
        assert!(opened.remove_sample(&SubjectId::new("person-11").unwrap(), 0));
        assert!(index.remove_sample(&SubjectId::new("person-11").unwrap(), 0));
    }
}

type Opened = Index<OnDisk<Finger>>;
/// What a search found, or why it failed.
type Found = Result<Plain<Score>, String>;

/// A few prints on disk, and all that a search for one of them finds.
fn few() -> (Index<Finger>, impl Fn(&Opened) -> Found) {
    let people = TemplateGenerator::new(5);
    let mut index = Index::<Finger>::default();
    for n in 0..5 {
        index.add(SubjectId::new(format!("person-{}", n / 2)).unwrap(), (&people.reference(n), n)).unwrap();
    }
    let probe = index.prepare(&people.probe(3, 0)).unwrap();
    let search = move |index: &Opened| {
        let found = index.identify(&probe, &Search::top(9)).map_err(|error| error.to_string())?;
        Ok(plain::<OnDisk<Finger>>(&found))
    };
    (index, search)
}

#[test]
fn every_damage_of_a_file_that_holds_references_is_found_or_harmless() {
    let (index, search) = few();
    let bytes = written(&index, &key());
    let expected = search(&on_disk(&bytes).unwrap()).unwrap();
    assert_eq!(expected.len(), 3);
    // Damage from before it is opened, of every byte; and of every length.
    let file = in_memory(&bytes);
    let (mut at_opening, mut at_searching) = (0, 0);
    for at in 0..bytes.len() {
        let changed = [bytes[at] ^ 1 << (at % 8)];
        file.write_at(at as u64, &changed).unwrap();
        match Index::open_file(Finger::default(), file.clone(), &key()) {
            Err(_) => at_opening += 1,
            Ok(index) => match search(&index) {
                Err(_) => at_searching += 1,
                Ok(found) => assert_eq!(found, expected, "byte {at}"),
            },
        }
        file.write_at(at as u64, &bytes[at..=at]).unwrap();
    }
    assert_eq!(at_opening + at_searching, bytes.len(), "every byte counts");
    assert!(at_searching > bytes.len() / 2);
    for len in 0..bytes.len() {
        assert!(on_disk(&bytes[..len]).is_err(), "a file of {len} bytes was taken");
    }
    assert!(on_disk(&[&bytes[..], &[0]].concat()).is_err());
    // Damage after it was opened.
    let opened = Index::open_file(Finger::default(), file.clone(), &key()).unwrap();
    assert_eq!(search(&opened).unwrap(), expected);
    for at in (0..bytes.len()).step_by(37) {
        file.write_at(at as u64, &[!bytes[at]]).unwrap();
        assert!(search(&opened).is_ok_and(|found| found == expected) || search(&opened).is_err());
        file.write_at(at as u64, &bytes[at..=at]).unwrap();
    }
    file.set_len(bytes.len() as u64 / 2).unwrap();
    assert!(search(&opened).unwrap_err().contains("cut short"));
}

#[test]
fn groups_of_rows_cannot_be_moved_or_brought_from_elsewhere() {
    let people = TemplateGenerator::new(5);
    let mut index = Index::<Finger>::default();
    // All rows are of one length, so that every group fits every place.
    let same = people.reference(1);
    index.extend((0..3000).map(|n| (SubjectId::new(n.to_string()).unwrap(), 0, same.clone()))).unwrap();
    let probe = index.prepare(&same).unwrap();
    let (bytes, other) = (written(&index, &key()), written(&index, &key()));
    let at = frames(&bytes);
    assert_eq!(at, frames(&other));
    let only: HashSet<SubjectId> = (0..6).map(|n| SubjectId::new(n.to_string()).unwrap()).collect();
    let search = |bytes: &[u8]| on_disk(bytes).unwrap().identify(&probe, &Search::top(9).only(&only));
    assert_eq!(search(&bytes).unwrap().len(), 6);
    // Frame 0 is the head, frame 1 the table of the first segment.
    let group = |n: usize| at[n]..at[n + 1];
    let second_table = (2..at.len() - 1).find(|&n| bytes[at[n] + 4] == 1).unwrap();
    for from in [3, 4, second_table + 1, second_table + 2] {
        let mut moved = bytes.clone();
        moved[group(2)].copy_from_slice(&bytes[group(from)]);
        let refused = search(&moved).unwrap_err();
        assert!(matches!(refused, IndexError::Modality(OnDiskError::File(IndexFileError::NotAuthentic { frame: 2 }))));
    }
    let mut foreign = bytes.clone();
    foreign[group(2)].copy_from_slice(&other[group(2)]);
    assert!(search(&foreign).is_err());
    let mut exchanged = bytes.clone();
    exchanged[group(2)].copy_from_slice(&bytes[group(3)]);
    exchanged[group(3)].copy_from_slice(&bytes[group(2)]);
    assert!(search(&exchanged).is_err());
    // A table is as little to be moved.
    let mut tables = bytes.clone();
    tables[group(1)].copy_from_slice(&other[group(1)]);
    assert!(on_disk(&tables).is_err());
}

#[test]
fn an_index_is_written_in_parts() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("prints.index");
    let people = TemplateGenerator::new(5);
    let part = |from: u64| {
        let mut index = Index::<Finger>::default();
        index
            .extend(
                (from..from + 1100).map(|n| (SubjectId::new(format!("{}", n / 2)).unwrap(), n, people.reference(n))),
            )
            .unwrap();
        index
    };
    let writer = IndexWriter::create(Finger::default(), &path, &key()).unwrap();
    let writer = writer.append(&part(0)).unwrap().append(&Index::default()).unwrap().append(&part(1100)).unwrap();
    assert!(!path.exists());
    writer.finish().unwrap();
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    let (loaded, opened) = (
        Index::load(Finger::default(), &path, &key()).unwrap(),
        Index::open(Finger::default(), &path, &key()).unwrap(),
    );
    assert_eq!((loaded.len(), loaded.references(), opened.len(), opened.references()), (1100, 2200, 1100, 2200));
    for n in [3, 1500, 2199] {
        let probe = loaded.prepare(&people.probe(n, 0)).unwrap();
        let found = loaded.identify(&probe, &Search::top(3)).unwrap();
        assert_eq!((found[0].subject.to_string(), found[0].label), (format!("{}", n / 2), n));
        assert_eq!(
            plain::<Finger>(&found),
            plain::<OnDisk<Finger>>(&opened.identify(&probe, &Search::top(3)).unwrap())
        );
    }
    // A subject in two parts is refused, and what was begun is gone; so it is when a writer is dropped.
    let writer = IndexWriter::create(Finger::default(), folder.path().join("other"), &key()).unwrap();
    let refused = writer.append(&part(0)).unwrap().append(&part(1000)).unwrap_err();
    assert!(matches!(refused, IndexFileError::Duplicate));
    drop(IndexWriter::create(Finger::default(), folder.path().join("other"), &key()).unwrap());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    // What takes the name of an open file is another file.
    Index::<Finger>::default().save(&path, &key()).unwrap();
    let probe = loaded.prepare(&people.probe(3, 0)).unwrap();
    assert_eq!(opened.identify(&probe, &Search::top(1)).unwrap()[0].label, 3);
    assert!(Index::open(Finger::default(), &path, &key()).unwrap().is_empty());
}
