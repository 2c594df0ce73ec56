//! The command line through the built binary: what a user sees, exit codes, and what bad input gets.
#![cfg(feature = "cli")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use tempfile::TempDir;

fn selfsame(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_selfsame")).args(args).arg("--threads=2").output().expect("the binary runs")
}

/// Exit codes of errors.
const ERRORS: std::ops::RangeInclusive<i32> = 2..=7;

fn code(output: &Output) -> i32 {
    output.status.code().expect("ends by itself")
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("stdout is UTF-8")
}

/// Runs and expects an error: one of the codes of errors, nothing on stdout, one line on stderr, which holds `says`.
fn refused(args: &[&str], says: &str) {
    let output = selfsame(args);
    let stderr = String::from_utf8(output.stderr.clone()).expect("stderr is UTF-8");
    assert!(ERRORS.contains(&code(&output)), "{args:?}: {stderr}{}", stdout(&output));
    assert!(output.stdout.is_empty(), "{args:?}");
    assert_eq!(stderr.lines().count(), 1, "{args:?}: {stderr}");
    assert!(stderr.starts_with("error: ") && stderr.contains(says), "{args:?}: {stderr}");
    assert!(!stderr.contains("panicked"), "{stderr}");
}

fn ran(args: &[&str]) -> String {
    let output = selfsame(args);
    assert_eq!(code(&output), 0, "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    stdout(&output)
}

fn text(path: &Path) -> &str {
    path.to_str().expect("temporary paths are UTF-8")
}

/// Six synthetic fingers with three impressions each, made once by the binary itself.
fn prints() -> &'static Path {
    static PRINTS: OnceLock<TempDir> = OnceLock::new();
    PRINTS
        .get_or_init(|| {
            let folder = tempfile::tempdir().unwrap();
            let out = text(folder.path());
            ran(&[
                "synth",
                "prints",
                "--fingers",
                "6",
                "--impressions",
                "3",
                "--level",
                "good",
                "--seed",
                "5",
                "-o",
                out,
            ]);
            folder
        })
        .path()
}

fn print(name: &str) -> PathBuf {
    prints().join(name)
}

fn scratch() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// A binary PGM image.
fn pgm(width: u32, height: u32, pixel: impl Fn(u32, u32) -> u8) -> Vec<u8> {
    let mut bytes = format!("P5\n{width} {height}\n255\n").into_bytes();
    for y in 0..height {
        bytes.extend((0..width).map(|x| pixel(x, y)));
    }
    bytes
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0u32, |crc, &b| {
        (0..8).fold(crc ^ u32::from(b), |c, _| if c & 1 == 1 { c >> 1 ^ 0xEDB8_8320 } else { c >> 1 })
    })
}

fn chunk(name: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let body = [name, data].concat();
    [&(data.len() as u32).to_be_bytes()[..], &body, &crc32(&body).to_be_bytes()].concat()
}

/// A PNG that announces 20000 x 20000 pixels and holds none.
fn bomb() -> Vec<u8> {
    let side = 20_000u32.to_be_bytes();
    let head = [&side[..], &side, &[8, 0, 0, 0, 0]].concat();
    [b"\x89PNG\r\n\x1a\n".to_vec(), chunk(b"IHDR", &head), chunk(b"IDAT", &[]), chunk(b"IEND", &[])].concat()
}

fn npy(descr: &str, shape: &str, data: &[u8]) -> Vec<u8> {
    let header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}\n");
    let mut bytes = b"\x93NUMPY\x01\0".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.bytes());
    bytes.extend(data);
    bytes
}

fn floats(rows: usize, columns: usize, value: impl Fn(usize, usize) -> f32) -> Vec<u8> {
    let data: Vec<u8> = (0..rows)
        .flat_map(|r| (0..columns).map(move |c| (r, c)))
        .flat_map(|(r, c)| value(r, c).to_le_bytes())
        .collect();
    npy("<f4", &format!("({rows}, {columns})"), &data)
}

fn ints(values: &[i32]) -> Vec<u8> {
    let data: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
    npy("<i4", &format!("({},)", values.len()), &data)
}

#[test]
fn extract_writes_templates_pictures_and_stages() {
    let folder = scratch();
    let at = |name: &str| folder.path().join(name);
    let image = print("1_1.png");
    let (iso, csv, png, svg, stages) = (at("o.iso"), at("o.csv"), at("o.png"), at("o.svg"), at("deep/stages"));
    let said = ran(&[
        "extract",
        text(&image),
        "--ppi",
        "500",
        "-o",
        text(&iso),
        "--overlay",
        text(&png),
        "--stages",
        text(&stages),
    ]);
    assert!(said.contains("minutiae") && said.contains("quality"), "{said}");
    let said = ran(&["extract", text(&image), "--ppi", "500", "-o", text(&csv), "--overlay", text(&svg), "--json"]);
    assert!(said.contains("\"minutiae\""), "{said}");
    assert!(fs::read(&iso).unwrap().starts_with(b"FMR\0 20\0"));
    assert!(fs::read_to_string(&csv).unwrap().starts_with("x,y,angle_degrees,type,quality\n"));
    assert!(fs::read(&png).unwrap().starts_with(b"\x89PNG"));
    assert!(fs::read_to_string(&svg).unwrap().starts_with("<svg"));
    let pictures = |of: &Path| -> Vec<_> {
        fs::read_dir(of).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect()
    };
    let names = pictures(&stages);
    assert!(names.len() == 7 && names.iter().all(|n| n.ends_with(".png")), "{names:?}");
    ran(&["extract", text(&image), "--ppi", "500", "--stages", text(&stages), "--extractor", "classical"]);
    assert!(pictures(&stages).len() > 12, "{:?}", pictures(&stages));
    // The two templates are of one impression.
    let said = ran(&["compare", text(&iso), text(&csv)]);
    assert!(said.contains("\nmatch: threshold 40.0 dB (FMR 1e-4 per comparison"), "{said}");
    // Nothing but what was asked for is left behind.
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 5);
}

#[test]
fn every_extractor_is_at_hand() {
    let image = print("1_1.png");
    let extract = |args: &[&str]| ran(&[&["extract", text(&image), "--ppi", "500", "--json"], args].concat());
    let out = scratch();
    let csv = |args: &[&str], method: &str| {
        let path = out.path().join("print.csv");
        let said = extract(&[&["-o", text(&path), "--force"], args].concat());
        assert!(said.contains(&format!("\"method\": \"{method}\"")), "{said}");
        fs::read_to_string(path).unwrap()
    };
    let usual = csv(&[], "learned");
    for (name, method) in [("learned-synthetic", "learned"), ("learned-small", "learned"), ("classical", "classical")] {
        assert_ne!(csv(&["--extractor", name], method), usual, "{name} finds the same as the usual one");
    }
    // Weights from a file: the shipped ones give what the crate gives by itself, damaged ones are refused.
    let weights = concat!(env!("CARGO_MANIFEST_DIR"), "/src/fingerprint/extract/learned/weights/standard.safetensors");
    assert_eq!(csv(&["--weights", weights], "learned"), usual);
    let folder = scratch();
    let damaged = folder.path().join("damaged.safetensors");
    let mut bytes = fs::read(weights).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&damaged, bytes).unwrap();
    let with = |file: &Path, says: &str| {
        refused(&["extract", text(&image), "--ppi", "500", "-o", "never.csv", "--weights", text(file)], says);
    };
    with(&damaged, "damaged.safetensors");
    with(&image, "1_1.png");
    with(&folder.path().join("absent"), "absent");
}

#[test]
fn templates_of_two_methods_compare() {
    let scores = |args: &[&str]| {
        let folder = scratch();
        let out = folder.path().join("scores.csv");
        let base = ["eval", "fingerprint", text(prints()), "--ppi", "500", "--scores", text(&out)];
        let said = ran(&[&base[..], args].concat());
        assert!(said.contains("18 impressions of 6 fingers"), "{said}");
        let scores = fs::read_to_string(&out).unwrap();
        let genuine = |l: &&str| {
            let mut ids = l.split([',', '_']);
            ids.next() == ids.nth(1)
        };
        let of = |kind: bool| -> Vec<f64> {
            let lines = scores.lines().skip(1).filter(|l| genuine(l) == kind);
            lines.map(|l| l.rsplit(',').next().unwrap().parse().unwrap()).collect()
        };
        (of(true), of(false))
    };
    let mean = |v: &[f64]| v.iter().sum::<f64>() / v.len() as f64;
    let (same, other) = scores(&["--reference-extractor", "classical"]);
    assert!(mean(&same) > mean(&other) + 30.0, "{} {}", mean(&same), mean(&other));
    // Templates of one method compare better, and the same method named twice changes nothing.
    let (usual, _) = scores(&[]);
    assert!(mean(&usual) > mean(&same));
    assert_eq!(scores(&["--reference-extractor", "learned"]).0, usual);
}

#[test]
fn compare_tells_same_from_different() {
    let (a, b, other) = (print("2_1.png"), print("2_2.png"), print("3_1.png"));
    let said = ran(&["compare", text(&a), text(&b), "--ppi", "500"]);
    assert!(
        said.starts_with("score ") && said.contains("\nmatch: threshold 40.0 dB (FMR 1e-4 per comparison"),
        "{said}"
    );
    let output = selfsame(&["compare", text(&a), text(&other), "--ppi=500", "--fmr=1e-5", "--json"]);
    assert_eq!(code(&output), 1);
    assert!(stdout(&output).contains("\"match\": false"));
    // Symmetric to the last digit.
    let score = |a: &Path, b: &Path| {
        let said = stdout(&selfsame(&["compare", text(a), text(b), "--ppi", "500", "--json"]));
        said.lines().find(|l| l.contains("\"score\"")).unwrap().to_owned()
    };
    assert_eq!(score(&a, &b), score(&b, &a));
    refused(&["compare", text(&a), text(&b)], "--ppi");
    refused(&["compare", text(&a), text(&b), "--ppi", "500", "--fmr", "1e-6"], "no data back");
    assert_eq!(code(&selfsame(&["compare", text(&a), text(&b), "--ppi", "500", "--fmr", "0"])), 2);
}

#[test]
fn eval_fingerprint_writes_scores_and_a_report() {
    let folder = scratch();
    let (scores, report) = (folder.path().join("s.csv"), folder.path().join("report"));
    fs::write(folder.path().join("ignore.txt"), "no print").unwrap();
    let args = ["eval", "fingerprint", text(prints()), "--ppi", "500", "--scores", text(&scores)];
    let said = ran(&[&args[..], &["--report", text(&report)]].concat());
    assert!(said.contains("18 impressions of 6 fingers"), "{said}");
    // The true minutiae beside the images are not mistaken for samples.
    assert!(said.contains("ignored 18"), "{said}");
    let csv = fs::read_to_string(&scores).unwrap();
    let mut lines = csv.lines();
    assert_eq!(lines.next(), Some("probe,reference,score"));
    assert!(lines.next().unwrap().starts_with("1_1,1_2,"));
    assert_eq!(lines.count() + 1, 18 * 17 / 2);
    for name in ["report.txt", "report.json", "det.svg", "scores.svg"] {
        assert!(fs::metadata(report.join(name)).unwrap().len() > 100, "{name}");
    }
    // The same scores at another number of threads.
    let again = folder.path().join("again.csv");
    let output = Command::new(env!("CARGO_BIN_EXE_selfsame"))
        .args(["eval", "fingerprint", text(prints()), "--ppi", "500", "--threads", "1", "--scores", text(&again)])
        .output()
        .unwrap();
    assert_eq!(code(&output), 0);
    assert_eq!(fs::read_to_string(&again).unwrap(), csv);
}

#[test]
fn a_failed_extraction_scores_zero_and_is_told() {
    let folder = scratch();
    for name in ["1_1", "1_2", "2_1"] {
        fs::copy(print(&format!("{name}.png")), folder.path().join(format!("{name}.png"))).unwrap();
    }
    fs::write(folder.path().join("2_2.pgm"), pgm(300, 300, |_, _| 255)).unwrap();
    fs::write(folder.path().join("notes.txt"), "no print").unwrap();
    fs::write(folder.path().join("nounderscore.png"), "no print").unwrap();
    let scores = folder.path().join("scores.txt");
    let output = selfsame(&["eval", "fingerprint", text(folder.path()), "--ppi", "500", "--scores", text(&scores)]);
    let said = stdout(&output);
    assert_eq!(code(&output), 8, "{said}");
    assert!(said.contains("left out 1 of 4 files: their pairs score 0") && said.contains("2_2.pgm: no"), "{said}");
    assert!(said.contains("ignored 2"), "{said}");
    let csv = fs::read_to_string(&scores).unwrap();
    assert_eq!(csv.lines().filter(|l| l.contains("2_2") && l.ends_with(",0")).count(), 3, "{csv}");
}

#[test]
fn eval_fingerprint_enrolls_several_impressions() {
    let said = ran(&["eval", "fingerprint", text(prints()), "--ppi", "500", "--enroll", "2"]);
    assert!(said.contains("the first 2 impressions of each of 6 fingers, 6 probes"), "{said}");
    let rows: Vec<Vec<f64>> = ["first impression alone", "all, best of their scores", "all, merged into one"]
        .iter()
        .map(|name| said.lines().find(|l| l.starts_with(name)).unwrap())
        // No error among six is "<3/6".
        .map(|l| {
            l.split_whitespace().rev().take(6).map(|w| w.parse().unwrap_or(f64::from(u8::from(w != "<3/6")))).collect()
        })
        .collect();
    // Six genuine comparisons, thirty with other fingers; more impressions are not worse.
    assert!(rows.iter().all(|r| r[5] == 6.0 && r[4] == 30.0), "{said}");
    assert!(rows[1][3] <= rows[0][3] && rows[2][3] <= rows[0][3], "{said}");
    // With one impression enrolled there is nothing to merge.
    let said = ran(&["eval", "fingerprint", text(prints()), "--ppi", "500", "--enroll", "1"]);
    let figures = |name| said.lines().find_map(|l: &str| l.strip_prefix(name)).unwrap().trim().to_owned();
    assert_eq!(figures("first impression alone"), figures("all, merged into one"));
    refused(&["eval", "fingerprint", text(prints()), "--ppi", "500", "--enroll", "3"], "no genuine comparisons");
}

#[test]
fn eval_extract_measures_against_truth() {
    let said = ran(&["eval", "extract", text(prints())]);
    assert!(said.contains("18 images with ground truth") && said.contains("F1 "), "{said}");
    let json = ran(&["eval", "extract", text(prints()), "--json"]);
    let f1: f64 = json
        .lines()
        .rev()
        .find(|l| l.contains("\"f1\""))
        .unwrap()
        .split(&[' ', ','][..])
        .rev()
        .find_map(|w| w.parse().ok())
        .unwrap();
    assert!(f1 > 0.7, "{f1}");
    let empty = scratch();
    refused(&["eval", "extract", text(empty.path())], "no image with its true minutiae");
}

#[test]
fn identify_finds_who_is_there_and_nobody_else() {
    let gallery = scratch();
    for finger in ["1_1", "2_1", "3_1", "4_1"] {
        fs::copy(print(&format!("{finger}.png")), gallery.path().join(format!("{finger}.png"))).unwrap();
    }
    let (mate, stranger) = (print("3_2.png"), print("6_1.png"));
    let said = ran(&["identify", text(gallery.path()), text(&mate), "--ppi", "500", "--top", "2"]);
    assert!(said.contains(" 1. 3_1") && said.contains("match") && !said.contains("no match"), "{said}");
    let output = selfsame(&["identify", text(gallery.path()), text(&stranger), "--ppi", "500", "--fpir", "1e-4"]);
    assert_eq!(code(&output), 1, "{}", stdout(&output));
    assert!(stdout(&output).contains("no match"));
    // One of several probes is enough.
    ran(&["identify", text(gallery.path()), text(&stranger), text(&mate), "--ppi", "500", "--fmr", "1e-4", "--json"]);
    let other = scratch();
    let blank = other.path().join("blank.pgm");
    fs::write(&blank, pgm(300, 300, |_, _| 255)).unwrap();
    refused(&["identify", text(gallery.path()), text(&blank), "--ppi", "500"], "blank.pgm: no fingerprint");
    let empty = scratch();
    refused(&["identify", text(empty.path()), text(&mate), "--ppi", "500"], "no images or templates");
    refused(&["identify", text(&empty.path().join("absent")), text(&mate), "--ppi", "500"], "cannot read the folder");
}

#[test]
fn dedup_finds_the_prints_of_one_finger_and_goes_on_where_it_stopped() {
    let gallery = scratch();
    for name in ["1_1", "2_1", "2_2", "3_1", "4_1", "5_1", "5_3"] {
        fs::copy(print(&format!("{name}.png")), gallery.path().join(format!("{name}.png"))).unwrap();
    }
    let dir = text(gallery.path());
    let kept = scratch();
    let checkpoint = kept.path().join("state.txt");
    let base = ["dedup", dir, "--ppi", "500", "--fmr", "1e-4"];
    let said = ran(&base);
    assert!(said.contains("21 comparisons") && said.contains("\n2 pairs\n"), "{said}");
    let pair =
        |a: &str, b: &str| said.lines().any(|l| l.starts_with(&format!("{a}    {b}     ")) && l.ends_with(" dB"));
    assert!(pair("2_1", "2_2") && pair("5_1", "5_3"), "{said}");

    let with = [&base[..], &["--checkpoint", text(&checkpoint)]].concat();
    let json = |said: &str| serde_json::from_str::<serde_json::Value>(said).unwrap();
    let first = json(&ran(&[&with[..], &["--json"]].concat()));
    let second = json(&ran(&[&with[..], &["--json"]].concat()));
    assert_eq!(first["duplicates"].as_array().unwrap().len(), 2);
    assert_eq!(first["duplicates"], second["duplicates"]);
    assert_eq!((first["resumed_at"].as_u64(), second["resumed_at"].as_u64()), (Some(0), Some(7)));
    assert!(fs::metadata(&checkpoint).unwrap().len() < 200, "a checkpoint holds no template");
    // No duplicates is no failure.
    fs::remove_file(gallery.path().join("2_2.png")).unwrap();
    fs::remove_file(gallery.path().join("5_3.png")).unwrap();
    assert!(ran(&base).contains("no duplicates"));

    refused(&with, "another gallery");
    fs::write(&checkpoint, "selfsame-dedup 1\nhello\n").unwrap();
    refused(&with, "checksum");
    fs::write(&checkpoint, "precious").unwrap();
    refused(&with, "not a checkpoint");
    assert_eq!(fs::read_to_string(&checkpoint).unwrap(), "precious", "a foreign file is left alone");
    let empty = scratch();
    refused(&["dedup", text(empty.path())], "no images or templates");
}

#[test]
fn synthetic_data_depends_on_the_seed_alone() {
    let (a, b) = (scratch(), scratch());
    for folder in [&a, &b] {
        ran(&["synth", "templates", "--fingers", "5", "--impressions", "3", "--seed", "9", "-o", text(folder.path())]);
        ran(&["synth", "faces", "--identities", "20", "--images", "3", "--seed", "9", "-o", text(folder.path())]);
    }
    let names = |folder: &TempDir| {
        let mut names: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
        names.sort();
        names
    };
    assert_eq!(names(&a).len(), 5 * 3 + 2);
    assert_eq!(names(&a), names(&b));
    for name in names(&a) {
        assert_eq!(fs::read(a.path().join(&name)).unwrap(), fs::read(b.path().join(&name)).unwrap(), "{name:?}");
    }
    let said = ran(&["eval", "fingerprint", text(a.path())]);
    assert!(said.contains("15 impressions of 5 fingers (0 images, 15 templates)"), "{said}");
    let (e, l) = (a.path().join("embeddings.npy"), a.path().join("labels.npy"));
    let said = ran(&["eval", "face", text(&e), text(&l), "--report", text(&b.path().join("report"))]);
    assert!(said.contains("60 embeddings of 512 dimensions, 20 identities"), "{said}");
    assert!(b.path().join("report/det.svg").is_file());
}

#[test]
fn calibrate_tells_thresholds_and_writes_them() {
    let folder = scratch();
    let at = |name: &str| folder.path().join(name);
    ran(&["synth", "faces", "--identities", "150", "--images", "2", "--seed", "3", "-o", text(folder.path())]);
    let (e, l, out) = (at("embeddings.npy"), at("labels.npy"), at("model.cal"));
    let said = ran(&["calibrate", text(&e), text(&l), "-o", text(&out)]);
    // 44,700 comparisons: thirty of them are 1 in 1,490.
    assert!(said.contains("44700 impostor comparisons") && said.contains("backed by data up to 31.7 dB"), "{said}");
    assert!(said.contains("extrapolated"), "{said}");
    let json: serde_json::Value = serde_json::from_str(&ran(&["calibrate", text(&e), text(&l), "--json"])).unwrap();
    let threshold = |i: usize| json["thresholds"][i]["cosine"].as_f64().unwrap();
    assert!(json["thresholds"][1]["backed"] == true && json["thresholds"][2]["backed"] == false);
    let bytes = std::fs::read(&out).unwrap();
    let model = selfsame::face::compare::CosineCalibration::decode(&bytes).unwrap();
    for (i, far) in [1e-2, 1e-3, 1e-4, 1e-5].into_iter().enumerate() {
        let cosine = model.threshold_at(selfsame::Fmr::new(far).unwrap()).unwrap();
        assert!((f64::from(cosine.value()) - threshold(i)).abs() < 1e-6);
    }
    let few = at("few.npy");
    std::fs::write(&few, ints(&[1; 300])).unwrap();
    refused(&["calibrate", text(&e), text(&few)], "no impostor comparisons");
    std::fs::write(&few, ints(&[1; 299])).unwrap();
    refused(&["calibrate", text(&e), text(&few)], "299 labels for 300 embeddings");
}

#[test]
fn demo_decides_both_modalities() {
    let said = ran(&["demo"]);
    assert!(said.contains("finger ") && said.contains("face "), "{said}");
    let right: u32 = said.lines().last().unwrap().split(' ').next().unwrap().parse().unwrap();
    assert!(right >= 18, "{said}");
}

#[test]
fn bench_measures_and_draws_within_its_time() {
    let folder = scratch();
    let svg = folder.path().join("growth.svg");
    let begun = std::time::Instant::now();
    let said = ran(&["bench", "--people", "200,1000,900000000", "--seconds", "5", "--svg", text(&svg)]);
    // What does not fit is named, and does not hold anything up for long.
    assert!(said.contains("N = 900000000: left out"), "{said}");
    assert!(begun.elapsed() < std::time::Duration::from_secs(90));
    for part in
        ["reading memory, one thread", "learned-small", "preparing a probe", "N = 1000, shortlist", "opened, every"]
    {
        assert!(said.contains(part), "{part}: {said}");
    }
    let drawn = std::fs::read_to_string(&svg).unwrap();
    assert!(drawn.starts_with("<svg") && drawn.contains("prints, shortlist, one thread"));
    refused(&["bench", "--seconds", "1", "--svg", text(&svg)], "already a file");
}

#[test]
fn bad_images_are_refused_in_one_line() {
    let folder = scratch();
    let good = fs::read(print("1_1.png")).unwrap();
    let mut noise_state = 12345u32;
    let noise: Vec<u8> = (0..300 * 300)
        .map(|_| {
            noise_state ^= noise_state << 13;
            noise_state ^= noise_state >> 17;
            noise_state ^= noise_state << 5;
            (noise_state >> 24) as u8
        })
        .collect();
    let cases: [(&str, Vec<u8>, &str); 9] = [
        ("empty.png", Vec::new(), "empty"),
        ("text.png", b"This is a text, not a picture.".to_vec(), "image"),
        ("cut.png", good[..good.len() / 2].to_vec(), "damaged"),
        ("one.pgm", pgm(1, 1, |_, _| 0), "too small"),
        ("bomb.png", bomb(), "400000000 pixels are too many"),
        ("white.pgm", pgm(300, 300, |_, _| 255), "no fingerprint"),
        ("black.pgm", pgm(300, 300, |_, _| 0), "no fingerprint"),
        ("noise.pgm", pgm(300, 300, |x, y| noise[(y * 300 + x) as usize]), ""),
        ("bits.png", (0..200u8).collect(), "image"),
    ];
    let out = folder.path().join("out.iso");
    let reference = print("1_1.png");
    for (name, bytes, says) in cases {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        if name == "noise.pgm" {
            // Whatever is read out of noise must not match anybody.
            let output = selfsame(&["compare", text(&path), text(&reference), "--ppi", "500"]);
            assert!(matches!(code(&output), 1 | 3 | 4), "{}", stdout(&output));
            continue;
        }
        refused(&["extract", text(&path), "--ppi", "500", "-o", text(&out)], says);
        assert!(!out.exists(), "{name} left a template behind");
        refused(&["compare", text(&path), text(&reference), "--ppi", "500"], name);
    }
    let absent = folder.path().join("absent.png");
    refused(&["extract", text(&absent), "--ppi", "500", "-o", text(&out)], "absent.png");
    refused(&["extract", text(folder.path()), "--ppi", "500", "-o", text(&out)], "it is a folder");
    refused(&["extract", text(&reference), "--ppi", "500", "-o", text(&folder.path().join("o.txt"))], ".csv or .ssft");
    refused(&["extract", text(&reference), "--ppi", "500"], "nothing to write");
    refused(
        &["extract", text(&reference), "--ppi", "500", "-o", text(&folder.path().join("no/o.iso"))],
        "cannot write",
    );
    // A wrong resolution is refused or gives other minutiae; a senseless one is refused.
    for wrong in ["0", "-5", "99", "4001", "NaN", "ten"] {
        let output = selfsame(&["extract", text(&reference), &format!("--ppi={wrong}"), "-o", text(&out)]);
        assert_eq!(code(&output), 2, "{wrong}");
    }
    let output = selfsame(&["compare", text(&reference), text(&print("1_2.png")), "--ppi", "1500"]);
    assert!(matches!(code(&output), 1 | 3 | 4));
}

#[test]
fn bad_templates_and_folders_are_refused() {
    let folder = scratch();
    let at = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    };
    let good = print("1_1.csv");
    let cut = at("cut.iso", b"FMR\0 20\0\0\0\0\x1e\0\0\x01\x2c\x01\x90");
    refused(&["compare", text(&cut), text(&good)], "offset 8");
    let csv = at("bad.csv", b"x,y,angle_degrees,type,quality\n1,2,3,E,50\n1,2,three,E,50\n");
    refused(&["compare", text(&good), text(&csv)], "line 3");
    let pixels = at("pixels.csv", b"300,300\n1,2,0.5,E,0.5\n");
    refused(&["compare", text(&pixels), text(&good)], "--ppi");
    let words = at("words.csv", b"hello, world\n");
    refused(&["compare", text(&words), text(&good)], "neither an image nor a fingerprint template");
    // An empty template is honest: it matches nobody.
    let none = at("none.csv", b"x,y,angle_degrees,type,quality\n");
    let output = selfsame(&["compare", text(&none), text(&good)]);
    assert_eq!(code(&output), 1, "{}", String::from_utf8_lossy(&output.stderr));
    let empty = scratch();
    refused(&["eval", "fingerprint", text(empty.path()), "--ppi", "500"], "no files named FINGER_IMPRESSION");
    refused(&["eval", "fingerprint", text(&empty.path().join("absent"))], "cannot read the folder");
    refused(&["eval", "fingerprint", text(&good)], "cannot read the folder");
    refused(&["eval", "fingerprint", text(prints())], "1_1.png: give the resolution with --ppi");
    let single = scratch();
    fs::copy(&good, single.path().join("1_1.csv")).unwrap();
    refused(&["eval", "fingerprint", text(single.path())], "no genuine comparisons");
}

#[test]
fn bad_embeddings_are_refused() {
    let folder = scratch();
    let at = |name: &str, bytes: Vec<u8>| {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    };
    let value = |r: usize, c: usize| ((r / 2 * 37 + c * 11) % 19) as f32 - 9.0 + 0.01 * (r + c) as f32;
    let good = at("good.npy", floats(6, 64, value));
    let labels = at("labels.npy", ints(&[1, 1, 2, 2, 3, 3]));
    ran(&["eval", "face", text(&good), text(&labels)]);
    let nan = at("nan.npy", floats(6, 64, |r, c| if (r, c) == (4, 7) { f32::NAN } else { value(r, c) }));
    refused(&["eval", "face", text(&nan), text(&labels)], "row 4: component 7 is not finite");
    let zero = at("zero.npy", floats(6, 64, |r, c| if r == 2 { 0.0 } else { value(r, c) }));
    refused(&["eval", "face", text(&zero), text(&labels)], "row 2");
    let narrow = at("narrow.npy", floats(6, 63, value));
    refused(&["eval", "face", text(&narrow), text(&labels)], "not 63");
    let five = at("five.npy", ints(&[1, 1, 2, 2, 3]));
    refused(&["eval", "face", text(&good), text(&five)], "5 labels for 6 embeddings");
    refused(&["eval", "face", text(&good), text(&good)], "integers are needed");
    refused(&["eval", "face", text(&labels), text(&labels)], "one embedding per row");
    let mut cut = fs::read(&good).unwrap();
    cut.truncate(cut.len() - 1);
    let cut = at("cut.npy", cut);
    refused(&["eval", "face", text(&cut), text(&labels)], "the data at offset");
    let alone = at("alone.npy", ints(&[1, 2, 3, 4, 5, 6]));
    refused(&["eval", "face", text(&good), text(&alone)], "no genuine comparisons");
    let beyond = at("pairs.npy", npy("<i4", "(1, 3)", &[0, 0, 0, 0, 6, 0, 0, 0, 1, 0, 0, 0]));
    refused(&["eval", "face", text(&good), text(&labels), "--pairs", text(&beyond)], "row 6 is beyond the 6");
    refused(&["eval", "face", text(&good), text(&folder.path().join("absent.npy"))], "cannot read");
}

#[cfg(unix)]
#[test]
fn a_reader_that_goes_away_is_no_panic() {
    use std::process::Stdio;
    let folder = scratch();
    let mut child = Command::new(env!("CARGO_BIN_EXE_selfsame"))
        .args(["synth", "templates", "--fingers", "40", "--impressions", "5", "-o", text(folder.path())])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Gone before the first line is written.
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(code(&output), 0);
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn an_image_becomes_wsq_and_is_taken_as_the_print_it_is() {
    let folder = scratch();
    let source = print("1_1.png");
    let (wsq, png) = (folder.path().join("a.wsq"), folder.path().join("b.png"));
    let made = ran(&["convert-image", text(&source), text(&wsq), "--ppi", "500", "--json"]);
    let made: serde_json::Value = serde_json::from_str(&made).expect("JSON");
    assert_eq!(made["bytes"], fs::metadata(&wsq).unwrap().len());
    assert!(made["ratio"].as_f64().is_some_and(|ratio| ratio > 8.0), "{made}");
    assert!(fs::read(&wsq).unwrap().starts_with(&[0xFF, 0xA0]));
    // Written without loss it stays what it was, and both are the finger that they show.
    ran(&["convert-image", text(&wsq), text(&png), "--ppi", "500"]);
    let again = folder.path().join("c.wsq");
    assert_eq!(code(&selfsame(&["compare", text(&wsq), text(&png), "--ppi", "500"])), 0);
    assert_eq!(code(&selfsame(&["compare", text(&wsq), text(&source), "--ppi", "500"])), 0);
    let gallery = ran(&["identify", text(folder.path()), text(&source), "--ppi", "500"]);
    assert!(gallery.contains('a') && gallery.contains('b'), "{gallery}");

    refused(&["convert-image", text(&source), "x.tif", "--ppi", "500"], ".wsq, .png or .fir");
    refused(&["convert-image", text(&source), text(&again), "--ppi", "500", "--bpp", "9"], "9 bits per pixel");
    refused(&["convert-image", text(&source), text(&wsq), "--ppi", "500"], "--force replaces it");
    fs::write(&wsq, &fs::read(&wsq).unwrap()[..500]).unwrap();
    refused(&["convert-image", text(&wsq), text(&png), "--ppi", "500", "--force"], "WSQ");
}

#[cfg(feature = "onnx")]
mod onnx;

#[cfg(feature = "onnx")]
#[test]
fn embed_writes_what_the_model_makes_of_a_face() {
    let folder = scratch();
    let at = |name: &str| folder.path().join(name);
    let (net, picture, out) = (at("tiny.onnx"), at("face.ppm"), at("face.npy"));
    std::fs::write(&net, onnx::tiny(128)).unwrap();
    let pixels = (0..3 * 150 * 150).map(|i| (i * 7 / 5 % 251) as u8);
    std::fs::write(&picture, b"P6 150 150 255\n".iter().copied().chain(pixels).collect::<Vec<u8>>()).unwrap();
    let points = "50,60,92,58,72,84,55,108,90,107";
    let said = ran(&["embed", text(&net), text(&picture), "--landmarks", points, "-o", text(&out)]);
    assert!(said.starts_with("tiny onnx ") && said.contains("128 dimensions"), "{said}");
    let bytes = std::fs::read(&out).unwrap();
    let rows = selfsame::format::npy::NpyRows::new(&bytes).unwrap();
    assert_eq!((rows.rows(), rows.columns()), (1, 128));
    let mut plain = [0.0; 128];
    rows.read(0, &mut plain).unwrap();
    let base = ["embed", text(&net), text(&picture), "--landmarks", points, "-o", text(&out)];
    refused(&base, "--force");
    ran(&[&base[..], &["--force", "--bgr", "--divisor", "128"]].concat());
    let bytes = std::fs::read(&out).unwrap();
    let mut other = [0.0; 128];
    selfsame::format::npy::NpyRows::new(&bytes).unwrap().read(0, &mut other).unwrap();
    assert_ne!(plain, other);
    let embed = |points: &str, says: &str| {
        refused(&["embed", text(&net), text(&picture), "--landmarks", points, "-o", text(&out), "--force"], says);
    };
    embed("92,58,50,60,72,84,90,107,55,108", "not laid out as eyes");
    embed("50,60,50,60,50,60,50,60,50,60", "too close together");
    embed("5000,60,9200,58,7200,5084,5500,7108,9000,7107", "landmark 0 lies far outside");
    embed("50,60,92,58,72,84,55,108,90", "ten numbers are needed");
    embed("50,60,92,58,72,84,55,108,90,107,5", "ten numbers are needed");
    embed("50,60,92,58,72,84,55,108,90,x", "ten numbers are needed");
    embed("NaN,60,92,58,72,84,55,108,90,107", "landmark 0 is not finite");
    refused(
        &["embed", text(&picture), text(&picture), "--landmarks", points, "-o", text(&out), "--force"],
        "cannot load the model",
    );
    refused(&["embed", text(&net), text(&net), "--landmarks", points, "-o", text(&out), "--force"], "not a PNG");
}

#[test]
fn eval_protect_tells_what_codes_cost_and_what_leaks() {
    let args =
        ["eval", "protect", "fingers", text(prints()), "--ppi", "500", "--extractor", "classical", "--calibrate"];
    let out = ran(&args);
    for says in [
        "unprotected: EER",
        "protected:   EER",
        "two secret keys, by bits",
        "distances inside codes (structure)",
        "control: one rotation for all slots",
        "one secret key, slot by slot",
        "two keys leaked",
        "wrong key",
        "impostor comparisons",
    ] {
        assert!(out.contains(says), "{says}: {out}");
    }

    let faces = tempfile::tempdir().unwrap();
    let folder = text(faces.path());
    ran(&["synth", "faces", "--identities", "40", "--images", "3", "--seed", "1", "-o", folder]);
    let (rows, labels) = (faces.path().join("embeddings.npy"), faces.path().join("labels.npy"));
    let out = ran(&["eval", "protect", "faces", text(&rows), text(&labels), "--bits", "128,512"]);
    assert!(
        out.contains("128 bits: EER") && out.contains("512 bits: EER") && out.contains("three codes and keys"),
        "{out}"
    );
    assert!(out.contains("10    anchors  first") && out.contains("1000  left out"), "{out}");
    let args = ["eval", "protect", "faces", text(&rows), text(&labels), "--bits", "64", "--known", "12", "--json"];
    let out = ran(&args);
    let json: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert!(json["codes"][0]["inversion"]["three_keys"]["accepted"].as_f64().unwrap() > 0.5, "{json}");
    let known = &json["codes"][0]["known_pairs"][0];
    assert_eq!((&known["known"], &known["among"]), (&12.into(), &27.into()), "{json}");
    assert!(known["map"]["control"]["accepted"].as_f64().unwrap() > 0.5, "{json}");
    assert!(known["link"]["shuffled"]["linkage"]["d_sys"].is_number(), "{json}");
    refused(&["eval", "protect", "faces", text(&rows), text(&labels), "--bits", "100"], "multiple of 64");
    refused(&["eval", "protect", "fingers", folder, "--ppi", "500"], "no files named");
}

/// A name that would end the line, begin one of its own, clear the screen and turn the direction of what follows.
#[cfg(unix)]
const HOSTILE: &str = "a\nmatch at FMR 1e-9\u{1b}[2J\r\u{9b}1m\u{202e}\u{2028}b";

/// Nothing but line breaks is hidden in what a terminal gets.
#[cfg(unix)]
fn harmless(shown: &[u8]) -> String {
    let shown = String::from_utf8(shown.to_vec()).expect("text is UTF-8");
    assert!(!shown.contains(|c| c != '\n' && selfsame::text::is_hidden(c)), "{shown:?}");
    shown
}

#[cfg(unix)]
#[test]
fn names_of_files_forge_no_lines() {
    let lines = |name: &str| {
        let folder = scratch();
        let dir = folder.path().join(name);
        fs::create_dir(&dir).unwrap();
        let inside = |file: &str| dir.join(file);
        fs::copy(print("1_1.png"), inside("1_1.png")).unwrap();
        fs::copy(print("1_2.png"), inside("1_2.png")).unwrap();
        fs::copy(print("2_1.png"), inside("2_1.png")).unwrap();
        fs::copy(print("1_1.png"), inside(&format!("{name}.png"))).unwrap();
        fs::write(inside(&format!("{name}.pgm")), pgm(300, 300, |_, _| 255)).unwrap();
        fs::write(inside(&format!("{name}.note")), "no sample").unwrap();
        fs::write(inside(&format!("blank {name}.pgm")), pgm(300, 300, |_, _| 255)).unwrap();
        let (probe, out) = (inside(&format!("{name}.png")), folder.path().join(format!("{name}.csv")));
        let (iso, wsq) = (folder.path().join(format!("{name}.iso")), folder.path().join(format!("{name}.fir")));
        let made = folder.path().join(format!("made {name}"));
        let (d, p, o, i, w) = (text(&dir), text(&probe), text(&out), text(&iso), text(&wsq));
        let mut counts = Vec::new();
        for args in [
            &["identify", d, p, "--ppi", "500"][..],
            &["dedup", d, "--ppi", "500", "--fmr", "1e-3"],
            &["extract", p, "--ppi", "500", "-o", o],
            &["extract", p, "--ppi", "500", "-o", i],
            &["convert", o, i, "--force"],
            &["inspect", i],
            &["inspect", p],
            &["convert-image", p, w, "--ppi", "500"],
            &["inspect", w],
            &["eval", "fingerprint", d, "--ppi", "500"],
            &["synth", "templates", "--fingers", "1", "--impressions", "1", "-o", text(&made)],
        ] {
            let output = selfsame(args);
            // The blank files of the folder are left out.
            let expected = if matches!(args[0], "identify" | "dedup") { 8 } else { 0 };
            assert_eq!(code(&output), expected, "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
            counts.push(harmless(&output.stdout).lines().count());
        }
        for args in [
            &["compare", p, "nothing here"][..],
            &["extract", d, "--ppi", "500", "-o", o],
            &["extract", &format!("{p}.none"), "--ppi", "500", "-o", o],
            &["extract", p, "--ppi", "500", "-o", p],
            &["identify", text(&made), p, "--ppi", "500", "--fmr", "1e-3", "--weights", p],
        ] {
            let output = selfsame(args);
            assert!(ERRORS.contains(&code(&output)) && output.stdout.is_empty(), "{args:?}");
            let said = harmless(&output.stderr);
            assert_eq!((said.lines().count(), said.starts_with("error: ")), (1, true), "{args:?}: {said}");
        }
        counts
    };
    assert_eq!(lines(HOSTILE), lines("plain"));
}

#[cfg(unix)]
#[test]
fn arguments_forge_no_lines_where_they_are_refused() {
    for args in [["inspect", "--HOSTILE"], ["HOSTILE", "x"], ["eval", "HOSTILE"], ["gallery", "--json=HOSTILE"]] {
        let said = |name: &str| {
            let output = selfsame(&args.map(|arg| arg.replace("HOSTILE", name)).each_ref().map(String::as_str));
            assert_eq!(code(&output), 2);
            harmless(&output.stderr)
        };
        assert_eq!(said(HOSTILE).lines().count(), said("plain").lines().count(), "{args:?}: {}", said(HOSTILE));
    }
}

#[cfg(unix)]
#[test]
fn a_name_that_is_not_seen_is_shown() {
    let folder = scratch();
    let hostile = folder.path().join(format!("{HOSTILE}.png"));
    fs::copy(print("1_1.png"), &hostile).unwrap();
    let said = harmless(&selfsame(&["identify", text(folder.path()), text(&hostile), "--ppi", "500"]).stdout);
    let escaped = "a\\u{a}match at FMR 1e-9\\u{1b}[2J\\u{d}\\u{9b}1m\\u{202e}\\u{2028}b";
    assert!(said.contains(&format!(" 1. {escaped} ")), "{said}");
    // A program gets the name itself.
    let json = ran(&["identify", text(folder.path()), text(&hostile), "--ppi", "500", "--json"]);
    let found = serde_json::from_str::<serde_json::Value>(&json).unwrap();
    assert_eq!(found["probes"][0]["candidates"][0]["subject"], HOSTILE);
}
