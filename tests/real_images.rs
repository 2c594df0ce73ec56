//! Smoke tests on real prints and faces in `../shared/data`. Where that folder does not exist they say so and pass: nothing in
//! it can be part of the project.
#![cfg(feature = "decode")]

use std::fs;
use std::path::{Path, PathBuf};

use selfsame::fingerprint::extract::{ExtractError, Model, ridge_period};
use selfsame::format::npy::{NpyArray, NpyData};
use selfsame::image::Gray8;
use selfsame::index::{Index, Search};
use selfsame::{Comparator, Embedding, Extractor, Face, Finger, FingerImage, FingerTemplate, Limits, Ppi, SubjectId};

/// Folder, resolution and the ending of its images.
const FOLDERS: [(&str, f32, &str); 8] = [
    ("fvc2002_db1_b", 500.0, "tif"),
    ("fvc2002_db2_b", 569.0, "tif"),
    ("fvc2002_db3_b", 500.0, "tif"),
    ("fvc2002_db4_b", 500.0, "tif"),
    ("fvc2004_db1_b", 500.0, "png"),
    ("fvc2004_db2_b", 500.0, "png"),
    ("fvc2004_db3_b", 512.0, "png"),
    ("fvc2004_db4_b", 500.0, "png"),
];
/// Fingers and impressions per finger that each folder is sampled with.
const SAMPLE: (u32, u32) = (4, 3);

fn data(part: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data").join(part);
    if path.is_dir() {
        return Some(path);
    }
    println!("skipped: no ../shared/data/{part}");
    None
}

fn templates(folder: &Path, ppi: f32, ending: &str) -> Vec<(u32, FingerTemplate)> {
    let mut found = Vec::new();
    for finger in 101..101 + SAMPLE.0 {
        for impression in 1..=SAMPLE.1 {
            let bytes = fs::read(folder.join(format!("{finger}_{impression}.{ending}"))).expect("a readable image");
            let ppi = Ppi::new(ppi).expect("a valid resolution");
            let image = FingerImage::decode(&bytes, ppi, &Limits::default()).expect("a valid image");
            if let Ok(template) = Extractor::new().extract(&image) {
                found.push((finger, template));
            }
        }
    }
    found
}

#[test]
fn real_prints_of_one_finger_score_above_those_of_two() {
    let Some(root) = data("fingerprint") else { return };
    let comparator = Comparator::<Finger>::new();
    for (folder, ppi, ending) in FOLDERS {
        let templates = templates(&root.join(folder), ppi, ending);
        let expected = (SAMPLE.0 * SAMPLE.1) as usize;
        assert!(templates.len() + 1 >= expected, "{folder}: {} of {expected} extracted", templates.len());
        let (mut genuine, mut impostor) = (Vec::new(), Vec::new());
        for (i, (a, first)) in templates.iter().enumerate() {
            for (b, second) in &templates[i + 1..] {
                let score = comparator.compare_templates(first, second).expect("comparable").decibels();
                if a == b { genuine.push(score) } else { impostor.push(score) }
            }
        }
        genuine.sort_by(f32::total_cmp);
        impostor.sort_by(f32::total_cmp);
        let median = genuine[genuine.len() / 2];
        let high = impostor[impostor.len() * 95 / 100];
        assert!(median > high + 10.0, "{folder}: median genuine {median:.1} dB, 95 % of impostors below {high:.1} dB");
    }
}

/// Every image of a folder: its name, width, height and pixels.
fn pictures(folder: &Path, ending: &str) -> Vec<(String, Gray8)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|e| e == ending) {
            let picture = Gray8::decode(&fs::read(&path).expect("a file"), &Limits::default()).expect("a valid image");
            found.push((path.display().to_string(), picture));
        }
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    found
}

#[test]
fn the_true_resolution_of_real_prints_is_believed_and_a_wrong_one_is_not() {
    let Some(root) = data("fingerprint") else { return };
    // Stated resolution by the true one; share of prints that must be refused or doubted.
    const FACTORS: [(f32, Option<f32>); 9] = [
        (0.35, Some(0.99)),
        (0.5, Some(0.99)),
        (2.0 / 3.0, None),
        (0.8, None),
        (1.0, None),
        (1.25, None),
        (1.5, None),
        (2.0, Some(0.99)),
        (2.5, Some(0.99)),
    ];
    let (mut counts, mut total) = ([[0usize; 3]; 9], 0);
    for (folder, ppi, ending) in FOLDERS {
        for (name, picture) in pictures(&root.join(folder), ending) {
            total += 1;
            for ((factor, _), [doubtful, impossible, none]) in FACTORS.iter().zip(&mut counts) {
                let stated = Ppi::new(ppi * factor).expect("a valid resolution");
                let image = FingerImage::from_gray8(picture.width(), picture.height(), stated, picture.pixels());
                let period = ridge_period(&image.expect("a valid image"));
                if *factor == 1.0 && period.is_none_or(|p| p.is_doubtful()) {
                    println!("{name}: {period:?}");
                }
                *none += usize::from(period.is_none());
                *doubtful += usize::from(period.is_some_and(|p| p.is_doubtful()));
                *impossible += usize::from(period.is_some_and(|p| p.is_impossible()));
            }
        }
    }
    for ((factor, least), [doubtful, impossible, none]) in FACTORS.iter().zip(counts) {
        println!(
            "stated {factor:.2} times the truth: {doubtful} of {total} doubtful, {impossible} impossible, {none} unknown"
        );
        let caught = doubtful as f32 / total as f32;
        assert!(least.is_none_or(|least| caught >= least), "{factor}: {caught}");
        if *factor == 1.0 {
            assert!(impossible == 0 && caught <= 0.01, "{caught} of true resolutions doubted");
        }
    }
}

#[test]
fn folders_that_set_no_constant_are_believed_at_their_resolution() {
    let Some(root) = data("train") else { return };
    let (mut total, mut doubtful) = (0, 0);
    for folder in ["fcj2020", "lindex101", "rindex28", "upek"] {
        for (name, picture) in pictures(&root.join(folder), "png") {
            let image = FingerImage::from_gray8(picture.width(), picture.height(), Ppi::P500, picture.pixels());
            let period = ridge_period(&image.expect("a valid image"));
            total += 1;
            if period.is_none_or(|period| period.is_doubtful()) {
                println!("{name}: {period:?}");
                doubtful += 1;
            }
        }
    }
    println!("{doubtful} of {total} doubtful");
    assert_eq!(doubtful, 0);
}

/// Pictures side by side on a bright ground, with a gap.
fn side_by_side(pictures: &[&Gray8], gap: u32) -> Gray8 {
    let width: u32 = pictures.iter().map(|p| p.width() + gap).sum();
    let height = pictures.iter().map(|p| p.height()).max().unwrap_or(0);
    let mut pixels = vec![255u8; (width * height) as usize];
    let mut left = 0;
    for picture in pictures {
        for (line, from) in picture.pixels().chunks_exact(picture.width() as usize).enumerate() {
            let at = line * width as usize + left as usize;
            pixels[at..at + from.len()].copy_from_slice(from);
        }
        left += picture.width() + gap;
    }
    Gray8::new(width, height, pixels).expect("as many pixels")
}

#[test]
fn several_prints_in_one_picture_are_not_one_finger() {
    let Some(root) = data("fingerprint") else { return };
    let several_of = |extractor: &Extractor, picture: &Gray8, ppi: f32| {
        let ppi = Ppi::new(ppi).expect("a valid resolution");
        let image = FingerImage::from_gray8(picture.width(), picture.height(), ppi, picture.pixels());
        let result = extractor.extract(&image.expect("a valid image"));
        matches!(result, Err(ExtractError::SeveralPrints { .. }))
    };
    let several = |picture: &Gray8, ppi: f32| several_of(&Extractor::new(), picture, ppi);
    for (folder, ppi, ending) in FOLDERS {
        let pictures: Vec<Gray8> = pictures(&root.join(folder), ending).into_iter().map(|(_, p)| p).collect();
        let alone = pictures.iter().filter(|picture| several(picture, ppi)).count();
        if folder == "fvc2004_db1_b" {
            // Its background looks like ridges to a network that was never shown any.
            let synthetic = Extractor::learned(Model::synthetic());
            let refused = pictures.iter().filter(|picture| several_of(&synthetic, picture, ppi)).count();
            assert_eq!(refused, 0, "{folder} by the synthetic model");
        }
        let mut found = Vec::new();
        for (count, gap) in [(2usize, 0), (4, 20)] {
            let groups: Vec<Vec<&Gray8>> =
                (0..20).map(|i| (0..count).map(|k| &pictures[i + 13 * k]).collect()).collect();
            let caught = groups.iter().filter(|group| several(&side_by_side(group, gap), ppi)).count();
            found.push(format!("{caught} of 20 with {count} prints, gap {gap}"));
        }
        println!("{folder}: {alone} of {} single prints refused; {}", pictures.len(), found.join("; "));
        assert_eq!(alone, 0, "{folder}");
    }
}

#[test]
fn a_real_print_is_found_among_others() {
    let Some(root) = data("fingerprint") else { return };
    let mut index = Index::<Finger>::default();
    let (mut probes, mut right) = (0, 0);
    let mut waiting = Vec::new();
    for (folder, ppi, ending) in FOLDERS {
        let mut seen = None;
        for (finger, template) in templates(&root.join(folder), ppi, ending) {
            let subject = SubjectId::new(format!("{folder}-{finger}")).expect("a valid id");
            if seen.replace(finger) == Some(finger) {
                waiting.push((subject, template));
            } else {
                index.insert(subject, &template).expect("enrolled");
            }
        }
    }
    for (subject, template) in waiting {
        let probe = index.prepare(&template).expect("comparable");
        let found = index.identify(&probe, &Search::top(1)).expect("searched");
        probes += 1;
        right += usize::from(found.first().is_some_and(|c| c.subject == subject));
    }
    assert!(probes >= 48 && right * 10 >= probes * 8, "{right} of {probes} found first");
}

#[test]
fn real_faces_find_themselves() {
    let Some(root) = data("face") else { return };
    let read = |name: &str| fs::read(root.join(name)).expect("a readable array");
    let vectors = NpyArray::decode(&read("lfw512_embeddings_f16.npy"), &Limits::default()).expect("an array");
    let labels = NpyArray::decode(&read("lfw512_labels_i32.npy"), &Limits::default()).expect("an array");
    assert_eq!((vectors.rows(), vectors.columns()), (13_233, 512));
    let columns = vectors.columns();
    let (NpyData::Float(values), NpyData::Int(labels)) = (vectors.into_data(), labels.into_data()) else {
        panic!("floats and integers were expected");
    };
    let embedding = |row: usize| Embedding::from_slice(&values[row * columns..][..columns]).expect("a valid vector");
    let mut index = Index::<Face>::default();
    // The first image of the first thousand labels is enrolled, the second is searched for.
    let mut probes = Vec::new();
    let mut seen = std::collections::BTreeMap::<i64, u32>::new();
    for (row, &label) in labels.iter().enumerate() {
        let count = seen.entry(label).or_default();
        *count += 1;
        match *count {
            1 => index.insert(SubjectId::new(format!("{label}")).expect("an id"), &embedding(row)).expect("enrolled"),
            2 if probes.len() < 200 => probes.push((label, row)),
            _ => {}
        }
    }
    let right = probes.iter().filter(|(label, row)| {
        let probe = index.prepare(&embedding(*row)).expect("comparable");
        let found = index.identify(&probe, &Search::top(1)).expect("searched");
        found.first().is_some_and(|c| c.subject.as_str() == label.to_string())
    });
    let right = right.count();
    assert!(right * 100 >= probes.len() * 97, "{right} of {} found first", probes.len());
}
