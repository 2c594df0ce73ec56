//! Replays the fuzz seeds through the fuzz targets' own functions, so that what once broke stays mended.

#![cfg(all(feature = "decode", feature = "neural"))]

use std::fs;
use std::path::Path;

#[allow(dead_code)]
#[path = "../fuzz/src/lib.rs"]
mod targets;

fn replay(target: &str, run: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds").join(target);
    let mut files: Vec<_> = fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.expect("folder is readable").path())
        .collect();
    files.sort();
    assert!(!files.is_empty(), "{} has no seeds", folder.display());
    for file in files {
        println!("{}", file.display());
        run(&fs::read(&file).expect("seed is readable"));
    }
    run(&[]);
}

#[test]
fn align_face() {
    replay("align_face", targets::align_face);
}

#[test]
fn decode_calibration() {
    replay("decode_calibration", targets::decode_calibration);
}

#[test]
fn decode_raw() {
    replay("decode_raw", targets::decode_raw);
}

#[test]
fn decode_image() {
    replay("decode_image", targets::decode_image);
}

#[test]
fn decode_model() {
    replay("decode_model", targets::decode_model);
}

#[test]
fn decode_template() {
    replay("decode_template", targets::decode_template);
}

#[test]
fn embedding() {
    replay("embedding", targets::embedding);
}

#[test]
fn extract_image() {
    replay("extract_image", targets::extract_image);
}

#[test]
fn compare_templates() {
    replay("compare_templates", targets::compare_templates);
}

#[test]
fn merge_impressions() {
    replay("merge_impressions", targets::merge_impressions);
}

#[test]
fn index_ops() {
    replay("index_ops", targets::index_ops);
}

#[test]
fn dedup_checkpoint() {
    replay("dedup_checkpoint", targets::dedup_checkpoint);
}

#[test]
fn decode_npy() {
    replay("decode_npy", targets::decode_npy);
}

#[test]
fn face_index_ops() {
    replay("face_index_ops", targets::face_index_ops);
}
