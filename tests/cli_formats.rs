//! `convert` and `inspect` through the built binary.
#![cfg(feature = "cli")]

use std::fs;
use std::process::{Command, Output};

fn selfsame(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_selfsame")).args(args).output().expect("the binary runs")
}

fn ran(args: &[&str]) -> String {
    let output = selfsame(args);
    assert_eq!(output.status.code(), Some(0), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("stdout is UTF-8")
}

fn refused(args: &[&str], says: &str) {
    let output = selfsame(args);
    let stderr = String::from_utf8(output.stderr).expect("stderr is UTF-8");
    assert!(output.status.code().is_some_and(|code| (2..=7).contains(&code)), "{args:?}: {stderr}");
    assert!(output.stdout.is_empty() && stderr.contains(says) && !stderr.contains("panicked"), "{stderr}");
}

#[test]
fn templates_go_through_every_format_and_are_shown() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_str().expect("temporary paths are UTF-8").to_owned();
    let csv = at("a.csv");
    fs::write(&csv, "x,y,angle_degrees,type,quality\n101,77,45,E,80\n30,40,90,B,7\n").unwrap();
    let formats = ["iso2005", "iso2011", "ansi2004", "ansi2009", "ansi2009am1", "sourceafis", "piv", "ssft", "xyt"];
    for format in formats {
        let (out, back) = (at(format), at("back.iso"));
        let said = ran(&["convert", &csv, &out, "--format", format]);
        let loses = matches!(format, "sourceafis" | "xyt");
        assert_eq!(said.contains("lost: "), loses, "{format}: {said}");
        let said = ran(&["inspect", &out, "--json"]);
        assert!(said.contains(&format!("\"format\": \"{format}\"")), "{said}");
        assert_eq!(said.matches("angle_degrees").count(), 2, "{said}");
        ran(&["convert", &out, &back, "--force"]);
    }
    ran(&["convert", &csv, &at("card"), "--format", "card-compact"]);
    assert_eq!(fs::read(at("card")).unwrap().len(), 6);
    assert!(ran(&["inspect", &at("card"), "--format", "card-compact"]).contains("2 minutiae"));
    let picture = at("a.svg");
    assert!(ran(&["inspect", &at("ssft"), "--svg", &picture]).contains("2 minutiae"));
    let svg = fs::read_to_string(picture).unwrap();
    assert!(svg.starts_with("<svg") && svg.contains("<circle cx=\"203.0\" cy=\"155.0\""));
}

#[test]
fn bad_input_gets_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_str().expect("temporary paths are UTF-8").to_owned();
    fs::write(at("noise"), "no template").unwrap();
    fs::write(at("cut.iso"), b"FMR\0 20\0\0\0\0\x40").unwrap();
    refused(&["convert", &at("noise"), &at("b.iso")], "none of the formats");
    refused(&["convert", &at("noise"), &at("b.what")], "--format");
    refused(&["inspect", &at("cut.iso")], "offset 8");
    refused(&["inspect", &at("absent")], "cannot read");
    refused(&["inspect", &at("noise"), "--format", "iso1999"], "none of iso2005");
    assert!(!folder.path().join("b.iso").exists());
}

#[test]
fn images_in_records_are_samples_like_any_other() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_str().expect("temporary paths are UTF-8").to_owned();
    let prints = at("prints");
    ran(&["synth", "prints", "--fingers", "1", "--impressions", "2", "--level", "good", "--seed", "4", "-o", &prints]);
    let mut images: Vec<_> = fs::read_dir(&prints).unwrap().map(|entry| entry.unwrap().path()).collect();
    images.retain(|path| path.extension().is_some_and(|e| e == "png"));
    images.sort();
    let images: Vec<_> = images.iter().map(|path| path.to_str().unwrap()).collect();
    let original = fs::read(images[0]).unwrap();
    for (edition, says) in [("iso2005", "Iso2005"), ("iso2011", "Iso2011"), ("ansi2004", "Ansi2004")] {
        let (fir, back) = (at("a.fir"), at("back.png"));
        ran(&["convert-image", images[0], &fir, "--ppi", "500", "--edition", edition, "--lossless", "--force"]);
        let said = ran(&["inspect", &fir]);
        assert!(said.contains(says) && said.contains("1 images") && said.contains("at 500.0 ppi, Png"), "{said}");
        assert!(ran(&["inspect", &fir, "--json"]).contains(&format!("\"edition\": \"{edition}\"")));
        // The record knows its resolution.
        ran(&["convert-image", &fir, &back, "--force"]);
        let pixels = |bytes: &[u8]| image::load_from_memory(bytes).unwrap().into_luma8().into_raw();
        assert_eq!(pixels(&fs::read(&back).unwrap()), pixels(&original));
        let direct = ran(&["compare", images[0], images[1], "--ppi", "500", "--json"]);
        let through = selfsame(&["compare", &fir, images[1], "--ppi", "500", "--json"]);
        let score = |text: &str| text.lines().find(|line| line.contains("\"score\"")).map(str::to_owned);
        assert!(score(&direct).is_some());
        assert_eq!(score(&direct), score(&String::from_utf8(through.stdout).unwrap()));
        refused(&["inspect", &fir, "--svg", &at("a.svg")], "only templates can be drawn");
    }
    refused(&["convert-image", images[0], &at("b.fir")], "--ppi");
    fs::write(at("cut.fir"), b"FIR\x00020\x00\x00\x00").unwrap();
    refused(&["compare", &at("cut.fir"), images[0], "--ppi", "500"], "truncated");
    fs::write(at("cut.an2"), b"1.001:99\x1D1.002:0500\x1C").unwrap();
    refused(&["compare", &at("cut.an2"), images[0], "--ppi", "500"], "cut.an2");
    refused(&["inspect", &at("cut.an2")], "cut.an2");
}

#[test]
fn templates_of_every_format_are_compared() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_str().expect("temporary paths are UTF-8").to_owned();
    let csv = at("a.csv");
    let mut text = "x,y,angle_degrees,type,quality\n".to_owned();
    for i in 0..30 {
        let kind = if i % 3 == 0 { 'E' } else { 'B' };
        text += &format!("{},{},{},{kind},80\n", 30 + (i * 83) % 290, 20 + (i * 47) % 330, (i * 37) % 360);
    }
    fs::write(&csv, text).unwrap();
    for format in ["iso2005", "iso2011", "ansi2004", "ansi2009", "ansi2009am1", "sourceafis", "piv", "ssft", "xyt"] {
        let out = at(format);
        ran(&["convert", &csv, &out, "--format", format, "--force"]);
        let said = ran(&["compare", &csv, &out]);
        assert!(said.contains("match"), "{format}: {said}");
    }
}

#[test]
fn minutiae_alone_in_an_exchange_file_are_a_sample() {
    use selfsame::format::an2k::{An2kFile, Field, Record, TaggedRecord, Transaction};
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_str().expect("temporary paths are UTF-8").to_owned();
    let (mut csv, mut minutiae) = ("x,y,angle_degrees,type,quality\n".to_owned(), Vec::new());
    for i in 0..30 {
        let (x, y, code) = (30 + (i * 83) % 290, 20 + (i * 47) % 330, (i * 37) % 180);
        csv += &format!("{x},{y},{},E,80\n", (2 * code + 359) % 360);
        minutiae.push(format!("{i}\x1F{x}\x1F{y}\x1F{code}\x1F1\x1F80"));
    }
    fs::write(at("a.csv"), csv).unwrap();
    let block = [(2, "01"), (4, "U"), (128, "388"), (129, "374"), (136, "30"), (137, &minutiae.join("\x1E"))];
    let record = || Record::Tagged(TaggedRecord::new(9, block.map(|(n, v)| Field::new(n, v)).to_vec()).unwrap());
    let parties = Transaction { kind: "T", date: "20261128", destination: "D", origin: "O", control: "1" };
    let mut file = An2kFile::new(&parties);
    file.push(record()).unwrap();
    fs::write(at("a.an2"), file.encode().unwrap()).unwrap();
    assert!(ran(&["compare", &at("a.csv"), &at("a.an2")]).contains("30 and 30 minutiae"));
    assert!(ran(&["inspect", &at("a.an2")]).contains("30 minutiae"));
    // Of two records none is the one.
    file.push(record()).unwrap();
    fs::write(at("two.an2"), file.encode().unwrap()).unwrap();
    refused(&["compare", &at("a.csv"), &at("two.an2")], "choose with --finger");
}
