//! Replays the fuzz seeds through the fuzz targets' own functions, so that what once broke stays mended.

#![cfg(all(feature = "decode", feature = "gallery", feature = "neural"))]

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
fn log_archive() {
    replay("log_archive", targets::log_archive);
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
fn decode_wsq() {
    replay("decode_wsq", targets::decode_wsq);
}

#[test]
fn finger_image_record() {
    replay("finger_image_record", targets::finger_image_record);
}

#[test]
fn an2k_file() {
    replay("an2k_file", targets::an2k_file);
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
fn sealed_record() {
    replay("sealed_record", targets::sealed_record);
}

#[test]
fn keyring() {
    replay("keyring", targets::keyring);
}

#[test]
fn journal() {
    replay("journal", targets::journal);
}

#[test]
fn index_file() {
    replay("index_file", targets::index_file);
}

#[test]
fn gallery_ops() {
    replay("gallery_ops", targets::gallery_ops);
}

#[test]
fn gallery_damage() {
    replay("gallery_damage", targets::gallery_damage);
}

#[test]
fn anchor_file() {
    replay("anchor_file", targets::anchor_file);
}

#[test]
fn record_iso2005() {
    replay("record_iso2005", targets::record_iso2005);
}

#[test]
fn record_iso2011() {
    replay("record_iso2011", targets::record_iso2011);
}

#[test]
fn record_ansi2004() {
    replay("record_ansi2004", targets::record_ansi2004);
}

#[test]
fn record_ansi2009() {
    replay("record_ansi2009", targets::record_ansi2009);
}

#[test]
fn record_ansi2009am1() {
    replay("record_ansi2009am1", targets::record_ansi2009am1);
}

#[test]
fn record_card() {
    replay("record_card", targets::record_card);
}

#[test]
fn record_card_compact() {
    replay("record_card_compact", targets::record_card_compact);
}

#[test]
fn record_xyt() {
    replay("record_xyt", targets::record_xyt);
}

#[test]
fn record_xyt_m1() {
    replay("record_xyt_m1", targets::record_xyt_m1);
}

#[test]
fn record_sourceafis() {
    replay("record_sourceafis", targets::record_sourceafis);
}

#[test]
fn record_piv() {
    replay("record_piv", targets::record_piv);
}

#[test]
fn record_ssft() {
    replay("record_ssft", targets::record_ssft);
}

#[test]
fn record_detect() {
    replay("record_detect", targets::record_detect);
}

#[test]
fn record_cut() {
    replay("record_cut", targets::record_cut);
}

#[test]
fn record_convert() {
    replay("record_convert", targets::record_convert);
}

#[test]
fn protected_code() {
    replay("protected_code", targets::protected_code);
}

#[test]
fn renewable_ops() {
    replay("renewable_ops", targets::renewable_ops);
}
