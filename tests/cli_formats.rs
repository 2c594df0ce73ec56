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
    assert_eq!(output.status.code(), Some(2), "{args:?}: {stderr}");
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
        ran(&["convert", &out, &back]);
    }
    ran(&["convert", &csv, &at("card"), "--format", "card-compact"]);
    assert_eq!(fs::read(at("card")).unwrap().len(), 6);
    assert!(ran(&["inspect", &at("card"), "--format", "card-compact"]).contains("2 minutiae"));
    let picture = at("a.svg");
    assert!(ran(&["inspect", &at("ssft"), "--svg", &picture]).contains("2 minutiae"));
    let svg = fs::read_to_string(picture).unwrap();
    assert!(svg.starts_with("<svg") && svg.contains("<circle cx=\"101.00\" cy=\"77.00\""));
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
