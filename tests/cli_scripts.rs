//! The command in scripts: exit codes, pipes, JSON, files left out, files that exist.
#![cfg(feature = "cli")]

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

const PASSPHRASE: &str = "four words of passphrase";

/// A folder in which the command runs.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_selfsame"));
        command.current_dir(self.0.path()).args(args).env("SELFSAME_PASSPHRASE", PASSPHRASE).stdin(Stdio::null());
        command
    }

    fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().expect("the binary runs")
    }

    /// Runs with something on standard input.
    fn piped(&self, args: &[&str], input: &[u8]) -> Output {
        let mut child =
            self.command(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        // A command that refuses its arguments reads nothing.
        let _ = stdin.write_all(input);
        drop(stdin);
        child.wait_with_output().unwrap()
    }

    /// Runs and expects this exit code; returns what was said.
    fn code(&self, code: i32, args: &[&str]) -> String {
        said(&self.run(args), code, args)
    }

    /// Runs with `--json` and expects this exit code and a document that says so too.
    fn json(&self, code: i32, args: &[&str]) -> Value {
        let args = [args, &["--json"]].concat();
        let output = self.run(&args);
        said(&output, code, &args);
        document(&output, code)
    }

    fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.0.path().join(name)).unwrap()
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        fs::write(self.0.path().join(name), bytes).unwrap();
    }

    fn has(&self, name: &str) -> bool {
        self.0.path().join(name).exists()
    }

    /// Templates `FINGER_IMPRESSION.iso` in a folder.
    fn templates(&self, folder: &str, fingers: u32, impressions: u32) {
        let (fingers, impressions) = (fingers.to_string(), impressions.to_string());
        let args =
            ["synth", "templates", "--fingers", &fingers, "--impressions", &impressions, "--seed", "3", "-o", folder];
        self.code(0, &args);
    }

    /// A good print, `print.png`, and a blank one, `blank.pgm`.
    fn images(&self) {
        let synth = ["synth", "prints", "--fingers", "1", "--impressions", "1", "--level", "good", "-o", "made"];
        self.code(0, &synth);
        self.write("print.png", &self.read("made/1_1.png"));
        self.write("blank.pgm", &blank());
    }
}

fn said(output: &Output, code: i32, args: &[&str]) -> String {
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "{args:?}: {out}{err}");
    assert!(!err.contains("panicked"), "{err}");
    format!("{out}{err}")
}

/// The one document on stdout.
fn document(output: &Output, code: i32) -> Value {
    let json: Value = serde_json::from_slice(&output.stdout).expect("one JSON document");
    assert_eq!((&json["version"], &json["exit_code"]), (&1.into(), &code.into()), "{json}");
    let status = match code {
        0 => "done",
        1 => "no-match",
        2 => "usage",
        3 => "input",
        4 => "quality",
        5 => "store",
        6 => "key",
        7 => "output",
        _ => "left-out",
    };
    assert_eq!(json["status"], status, "{json}");
    assert!(json["command"].is_string());
    if (2..=7).contains(&code) {
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(json["error"]["kind"], status);
        let message = json["error"]["message"].as_str().unwrap();
        assert!(code == 2 || error == format!("error: {message}\n"), "{error} {message}");
        assert!(error.starts_with("error: "), "{error}");
    } else {
        assert!(json.get("error").is_none() && output.stderr.is_empty(), "{json}");
    }
    json
}

fn blank() -> Vec<u8> {
    [b"P5\n300 300\n255\n".to_vec(), vec![255; 300 * 300]].concat()
}

#[test]
fn exit_codes_tell_what_went_wrong() {
    let place = Place::new();
    place.images();
    place.templates("people", 2, 2);
    place.write("cut.iso", &place.read("people/1_1.iso")[..20]);
    let (one, same, other) = ("people/1_1.iso", "people/1_2.iso", "people/2_1.iso");
    place.json(0, &["compare", one, same]);
    place.json(1, &["compare", one, other]);
    for usage in [
        &["compare", one][..],
        &["compare", one, other, "--fmr", "2"],
        &["compare", one, other, "--fmr", "1e-9"],
        &["compare", "print.png", one],
        &["extract", "print.png", "--ppi", "500"],
        &["extract", "print.png", "--ppi", "500", "-o", "a.txt"],
        &["convert", one, "a.what"],
        &["gallery", "log", "door", "--unlogged", "--events", "x"],
        &["nonsense"],
    ] {
        place.json(2, usage);
    }
    for input in [&["compare", one, "cut.iso"][..], &["compare", one, "absent"], &["inspect", "."]] {
        place.json(3, input);
    }
    place.json(4, &["compare", one, "blank.pgm", "--ppi", "500"]);
    place.json(4, &["extract", "blank.pgm", "--ppi", "500", "-o", "a.iso"]);
    place.json(5, &["gallery", "check", "door"]);
    place.json(0, &["gallery", "create", "door"]);
    place.json(5, &["gallery", "create", "door"]);
    place.json(5, &["gallery", "verify", "door", "nobody", one]);
    place.write("wrong", b"some other words\n");
    place.json(6, &["gallery", "check", "door", "--passphrase-file", "wrong"]);
    place.json(6, &["gallery", "check", "door", "--passphrase-file", "absent"]);
    place.json(7, &["convert", one, "no/such.ssft"]);
    place.json(7, &["convert", one, "print.png", "--format", "csv"]);
    let help = place.code(0, &["--help"]);
    for line in ["3  input", "4  quality", "5  store", "6  key", "7  output", "8  done"] {
        assert!(help.contains(line), "{help}");
    }
}

#[test]
fn a_misused_command_says_so_in_json_too() {
    let place = Place::new();
    let json = place.json(2, &["compare", "a"]);
    assert!(json["error"]["message"].as_str().unwrap().contains("required arguments"), "{json}");
    // What follows -- is a name.
    let output = place.run(&["inspect", "a", "--", "--json"]);
    assert!(output.status.code() == Some(2) && output.stdout.is_empty());
}

/// A folder in which one file of a hundred is damaged and one is blank.
fn broken(place: &Place) {
    place.templates("people", 100, 1);
    let cut = place.read("people/7_1.iso")[..30].to_vec();
    place.write("people/7_1.iso", &cut);
    place.write("people/101_1.pgm", &blank());
}

#[test]
fn a_bad_file_does_not_end_a_search() {
    let place = Place::new();
    broken(&place);
    place.templates("probes", 3, 2);
    place.write("cut.iso", &place.read("probes/1_1.iso")[..30]);
    let base = ["identify", "people", "probes/3_2.iso", "--ppi", "500"];
    let json = place.json(8, &base);
    assert_eq!((&json["match"], &json["subjects"]), (&true.into(), &99.into()), "{json}");
    assert_eq!((&json["files"], &json["left_out_count"]), (&102.into(), &2.into()), "{json}");
    let kinds: Vec<_> = json["left_out"].as_array().unwrap().iter().map(|one| one["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["quality", "input"]);
    assert!(json["left_out"][1]["file"].as_str().unwrap().ends_with("7_1.iso"));
    assert!(json["left_out"][1]["reason"].as_str().unwrap().contains("offset"));
    let told = place.code(8, &base);
    assert!(told.contains("\nleft out 2 of 102 files: they were not compared\n"), "{told}");
    assert!(told.lines().any(|line| line.starts_with("left out: people/7_1.iso: ")), "{told}");
    // The first bad file ends it where that is asked for: here the blank one.
    let json = place.json(4, &[&base[..], &["--strict"]].concat());
    assert!(json["error"]["message"].as_str().unwrap().contains("101_1.pgm"), "{json}");
    // Of several probes, the good ones are searched for; a single one is an error.
    let json = place.json(8, &["identify", "probes", "cut.iso", "probes/2_2.iso"]);
    assert_eq!((&json["probes"][0]["left_out"], &json["probes"][0]["match"]), (&true.into(), &Value::Null));
    assert_eq!(json["probes"][1]["match"], true);
    place.json(3, &["identify", "probes", "cut.iso"]);
    let json = place.json(3, &["identify", "probes", "cut.iso", "absent.iso"]);
    assert!(json["error"]["message"].as_str().unwrap().starts_with("none of 2 files can be used"), "{json}");
    let json = place.json(8, &["dedup", "people", "--ppi", "500"]);
    assert_eq!((&json["prints"], &json["left_out_count"]), (&99.into(), &2.into()), "{json}");
    place.json(4, &["dedup", "people", "--ppi", "500", "--strict"]);
}

/// Whatever else lies in folders: each is named with its reason, and none ends the work or makes it wait.
#[cfg(unix)]
#[test]
fn folders_hold_everything() {
    let place = Place::new();
    place.templates("people", 6, 2);
    let print = place.read("people/1_1.iso");
    let bad: [(&str, &[u8]); 5] = [
        ("20_1.png", b""),
        ("20_2.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"),
        ("21_1.iso", b"Dear sir or madam,\n"),
        ("21_2.iso", &print[..40]),
        ("22_1.pgm", b"P5\n100000 100000\n255\n"),
    ];
    bad.iter().for_each(|(name, bytes)| place.write(&format!("people/{name}"), bytes));
    place.write("people/22_2.pgm", &blank());
    let at = |name: &str| place.0.path().join("people").join(name);
    fs::create_dir(at("23_1.png")).unwrap();
    std::os::unix::fs::symlink("nowhere", at("23_2.png")).unwrap();
    let made = Command::new("mkfifo").arg(at("24_1.png")).status().expect("mkfifo is part of every system");
    assert!(made.success());
    fs::create_dir(at("more")).unwrap();
    let names =
        ["20_1.png", "20_2.png", "21_1.iso", "21_2.iso", "22_1.pgm", "22_2.pgm", "23_1.png", "23_2.png", "24_1.png"];
    // A search counts its probe too.
    for (files, args) in [
        (22, &["identify", "people", "people/1_2.iso", "--ppi", "500"][..]),
        (21, &["dedup", "people", "--ppi", "500"]),
        (21, &["eval", "fingerprint", "people", "--ppi", "500"]),
    ] {
        let json = place.json(8, args);
        assert_eq!((&json["files"], &json["left_out_count"]), (&files.into(), &9.into()), "{args:?}: {json}");
        for (one, name) in json["left_out"].as_array().unwrap().iter().zip(names) {
            assert_eq!(one["file"].as_str().unwrap(), format!("people/{name}"), "{args:?}");
            assert!(one["reason"].as_str().unwrap().len() > name.len() + 10, "{one}");
        }
        let said = place.code(8, args);
        assert!(said.contains(&format!("left out 9 of {files} files")), "{said}");
        assert!(said.contains("24_1.png: a pipe, a socket or a device"), "{said}");
    }
    fs::create_dir(place.0.path().join("staff")).unwrap();
    fs::rename(place.0.path().join("people"), place.0.path().join("staff/ada")).unwrap();
    fs::remove_dir(place.0.path().join("staff/ada/more")).unwrap();
    place.json(0, &["gallery", "create", "door"]);
    let json = place.json(8, &["gallery", "import", "door", "staff", "--ppi", "500"]);
    assert_eq!(
        (&json["imported"], &json["files"], &json["left_out_count"]),
        (&1.into(), &21.into(), &9.into()),
        "{json}"
    );
}

#[test]
fn a_bad_file_does_not_end_an_evaluation() {
    let place = Place::new();
    place.templates("prints", 4, 2);
    place.code(0, &["eval", "fingerprint", "prints"]);
    let cut = place.read("prints/2_2.iso")[..30].to_vec();
    place.write("prints/2_2.iso", &cut);
    let json = place.json(8, &["eval", "fingerprint", "prints", "--enroll", "1"]);
    assert_eq!((&json["left_out_count"], &json["files"], &json["templates"]), (&1.into(), &8.into(), &7.into()));
    // A damaged file counts as a blank one does: its pairs score 0.
    fs::remove_file(place.0.path().join("prints/2_2.iso")).unwrap();
    place.write("prints/2_2.pgm", &blank());
    let other = place.json(8, &["eval", "fingerprint", "prints", "--enroll", "1", "--ppi", "500"]);
    assert_eq!(json["all_pairs"], other["all_pairs"]);
    place.json(4, &["eval", "fingerprint", "prints", "--ppi", "500", "--strict"]);
    let synth = ["synth", "prints", "--fingers", "2", "--impressions", "2", "--level", "good", "-o", "made"];
    place.code(0, &synth);
    let whole = place.json(0, &["eval", "extract", "made"]);
    let cut = place.read("made/1_1.png")[..500].to_vec();
    place.write("made/1_1.png", &cut);
    let json = place.json(8, &["eval", "extract", "made"]);
    assert_eq!((&json["images"], &json["left_out_count"]), (&4.into(), &1.into()));
    assert_eq!(json["total"]["truth"], whole["total"]["truth"]);
    place.write("made/1_2.csv", b"no minutiae");
    let json = place.json(8, &["eval", "extract", "made"]);
    assert_eq!((&json["images"], &json["left_out_count"]), (&3.into(), &2.into()));
    place.json(3, &["eval", "extract", "made", "--strict"]);
}

#[test]
fn a_bad_file_does_not_end_an_import() {
    let place = Place::new();
    place.templates("made", 3, 2);
    for (who, finger) in [("ada", 1), ("bo", 2), ("cleo", 3)] {
        fs::create_dir_all(place.0.path().join(format!("people/{who}"))).unwrap();
        for impression in [1, 2] {
            let bytes = place.read(&format!("made/{finger}_{impression}.iso"));
            place.write(&format!("people/{who}/right-index_{impression}.iso"), &bytes);
        }
    }
    let cut = place.read("made/1_1.iso")[..30].to_vec();
    place.write("people/ada/right-index_2.iso", &cut);
    place.write("people/bo/right-index_1.iso", &cut);
    place.write("people/bo/right-index_2.iso", &cut);
    place.json(0, &["gallery", "create", "door"]);
    place.json(3, &["gallery", "import", "door", "people", "--strict"]);
    let json = place.json(8, &["gallery", "import", "door", "people"]);
    assert_eq!((&json["imported"], &json["files"], &json["left_out_count"]), (&2.into(), &6.into(), &3.into()));
    let listed = place.json(0, &["gallery", "list", "door"]);
    let names: Vec<_> = listed["subjects"].as_array().unwrap().iter().map(|one| &one["subject"]).collect();
    assert_eq!(names, ["ada", "cleo"]);
}

#[test]
fn a_dash_is_standard_input_and_output() {
    let place = Place::new();
    place.images();
    place.templates("people", 2, 2);
    let iso = place.read("people/1_1.iso");
    let png = place.read("print.png");
    assert!(said(&place.piped(&["compare", "-", "people/1_2.iso"], &iso), 0, &["compare"]).contains("match: "));
    assert!(said(&place.piped(&["inspect", "-"], &iso), 0, &["inspect"]).contains("1 view\n"));
    assert_eq!(place.piped(&["identify", "people", "-"], &iso).status.code(), Some(0));
    // The data alone go to standard output, what is said to stderr.
    let output = place.piped(&["convert", "-", "-", "--format", "ssft"], &iso);
    assert!(output.stdout.starts_with(b"SSFT") || !output.stdout.is_empty());
    assert!(String::from_utf8_lossy(&output.stderr).contains("->"));
    let back = place.piped(&["convert", "-", "-", "--format", "iso2005"], &output.stdout);
    assert_eq!(back.stdout.get(..8), Some(&b"FMR\0 20\0"[..]));
    let output = place.piped(&["extract", "-", "--ppi", "500", "-o", "-", "--format", "csv"], &png);
    assert!(output.stdout.starts_with(b"x,y,angle_degrees,type,quality\n"));
    let output = place.piped(&["convert-image", "-", "-", "--ppi", "500", "--format", "fir"], &png);
    assert!(output.stdout.starts_with(b"FIR\0"));
    assert!(place.piped(&["inspect", "-"], &output.stdout).status.success());
    let output = place.piped(&["inspect", "-", "--svg", "-"], &iso);
    assert!(output.stdout.starts_with(b"<svg"));
    let output = place.run(&["eval", "fingerprint", "people", "--scores", "-"]);
    assert!(output.stdout.starts_with(b"probe,reference,score\n"));
    // It is read once, written once, and not both JSON and a file.
    for twice in [
        &["compare", "-", "-"][..],
        &["convert", "-", "-", "--format", "csv", "--json"],
        &["extract", "-", "--ppi", "500", "-o", "-", "--format", "csv", "--json"],
        &["extract", "print.png", "--ppi", "500", "-o", "a.csv", "--overlay", "a.csv"],
        &["dedup", "people", "--checkpoint", "-"],
    ] {
        assert_eq!(place.piped(twice, &iso).status.code(), Some(2), "{twice:?}");
    }
    assert!(!place.has("-") && !place.has("a.csv"));
    // People from a pipe, or a passphrase.
    assert_eq!(
        place.piped(&["gallery", "create", "door", "--passphrase-file", "-"], PASSPHRASE.as_bytes()).status.code(),
        Some(0)
    );
    assert_eq!(place.piped(&["gallery", "enroll", "door", "ada", "-"], &iso).status.code(), Some(0));
    assert_eq!(place.piped(&["gallery", "verify", "door", "ada", "-"], &iso).status.code(), Some(0));
    let empty = place.piped(&["inspect", "-"], b"");
    assert!(said(&empty, 3, &["inspect"]).contains("standard input"));
}

#[cfg(unix)]
#[test]
fn named_pipes_are_files() {
    let place = Place::new();
    place.templates("people", 2, 2);
    let iso = place.read("people/1_1.iso");
    let fifo = place.0.path().join("fifo");
    assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    let fed = |args: &[&str]| {
        let child = place.command(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // Opening waits for the reader, who reads once.
        let mut pipe = fs::OpenOptions::new().write(true).open(&fifo).unwrap();
        pipe.write_all(&iso).unwrap();
        drop(pipe);
        said(&child.wait_with_output().unwrap(), 0, args)
    };
    assert!(fed(&["inspect", "fifo"]).contains("1 view\n"));
    assert!(fed(&["compare", "fifo", "people/1_2.iso"]).contains("match: "));
    fed(&["identify", "people", "fifo"]);
    place.code(0, &["gallery", "create", "door"]);
    fed(&["gallery", "enroll", "door", "ada", "fifo"]);
    // A pipe is written to, not replaced.
    let child = place.command(&["convert", "people/1_1.iso", "fifo", "--format", "csv"]).spawn().unwrap();
    assert!(fs::read_to_string(&fifo).unwrap().starts_with("x,y,angle_degrees"));
    assert!(child.wait_with_output().unwrap().status.success());
    assert!(!fs::metadata(&fifo).unwrap().is_file());
}

#[cfg(target_os = "linux")]
#[test]
fn lost_output_is_an_error_and_a_closed_pipe_is_not() {
    let place = Place::new();
    place.templates("people", 1, 2);
    let full = || Stdio::from(fs::OpenOptions::new().write(true).open("/dev/full").unwrap());
    for args in [
        &["compare", "people/1_1.iso", "people/1_2.iso"][..],
        &["compare", "people/1_1.iso", "people/1_2.iso", "--json"],
        &["inspect", "people/1_1.iso"],
        &["convert", "people/1_1.iso", "-", "--format", "csv"],
        &["completions", "bash"],
        &["--help"],
        &["--version"],
    ] {
        let output = place.command(args).stdout(full()).output().unwrap();
        assert!(said(&output, 7, args).starts_with("error: cannot write to standard output: "), "{args:?}");
        let mut child = place.command(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{args:?}");
        assert!(!String::from_utf8_lossy(&output.stderr).contains("error"), "{args:?}");
    }
    place.json(7, &["convert", "people/1_1.iso", "/dev/full", "--format", "csv"]);
    place.json(0, &["convert", "people/1_1.iso", "/dev/null", "--format", "csv"]);
    // A decision whose event is lost is not told.
    place.json(0, &["gallery", "create", "door"]);
    place.json(0, &["gallery", "enroll", "door", "ada", "people/1_1.iso"]);
    let verify = ["gallery", "verify", "door", "ada", "people/1_2.iso", "--events"];
    place.json(0, &[&verify[..], &["events"]].concat());
    place.json(7, &[&verify[..], &["/dev/full"]].concat());
}

#[test]
fn existing_files_are_replaced_by_force_alone() {
    let place = Place::new();
    place.images();
    place.templates("people", 2, 2);
    place.code(0, &["synth", "faces", "--identities", "60", "--images", "2", "-o", "faces"]);
    place.code(0, &["gallery", "create", "door"]);
    for args in [
        &["extract", "print.png", "--ppi", "500", "-o", "there"][..],
        &["extract", "print.png", "--ppi", "500", "--overlay", "there.svg"],
        &["convert", "people/1_1.iso", "there", "--format", "iso2011"],
        &["convert-image", "print.png", "there", "--ppi", "500", "--format", "wsq"],
        &["inspect", "people/1_1.iso", "--svg", "there"],
        &["calibrate", "faces/embeddings.npy", "faces/labels.npy", "-o", "there"],
        &["eval", "fingerprint", "people", "--scores", "there"],
        &["gallery", "checkpoint", "door", "--signing-key", "signer", "-o", "there"],
        &["gallery", "prove", "door", "--entry", "0", "-o", "there"],
    ] {
        let format: &[&str] = if args[0] == "extract" && args[4] == "-o" { &["--format", "ssft"] } else { &[] };
        let args = [args, format].concat();
        for name in ["there", "there.svg"] {
            place.write(name, b"precious");
        }
        let json = place.json(7, &args);
        assert!(json["error"]["message"].as_str().unwrap().contains("--force replaces it"), "{json}");
        assert!(place.read("there") == b"precious" && place.read("there.svg") == b"precious", "{args:?}");
        place.json(0, &[&args[..], &["--force"]].concat());
        assert!(place.read("there") != b"precious" || place.read("there.svg") != b"precious", "{args:?}");
    }
    // Nothing temporary is left, and a folder is no file.
    let names = fs::read_dir(place.0.path()).unwrap().map(|entry| entry.unwrap().file_name());
    assert!(names.into_iter().all(|name| !name.to_string_lossy().starts_with(".selfsame")));
    place.json(7, &["convert", "people/1_1.iso", "people", "--format", "csv", "--force"]);
    #[cfg(unix)]
    {
        // The file that a link leads to is replaced.
        std::os::unix::fs::symlink("there", place.0.path().join("link")).unwrap();
        place.write("there", b"precious");
        place.json(7, &["convert", "people/1_1.iso", "link", "--format", "csv"]);
        place.json(0, &["convert", "people/1_1.iso", "link", "--format", "csv", "--force"]);
        assert!(place.read("there").starts_with(b"x,y,angle_degrees"));
        assert!(fs::symlink_metadata(place.0.path().join("link")).unwrap().is_symlink());
    }
}

#[test]
fn every_template_format_is_written_by_extract() {
    let place = Place::new();
    place.images();
    let extract = |out: &str, more: &[&str]| {
        place.json(0, &[&["extract", "print.png", "--ppi", "500", "-o", out], more].concat());
        assert!(!place.read(out).is_empty());
    };
    for ending in ["iso", "fmr", "ansi", "xyt", "cbor", "piv", "csv", "ssft"] {
        extract(&format!("a.{ending}"), &[]);
    }
    for format in selfsame::format::TemplateFormat::ALL {
        extract(format.id(), &["--format", format.id()]);
    }
    place.json(0, &["compare", "a.ssft", "iso2011"]);
}

#[test]
fn documents_have_one_form() {
    let place = Place::new();
    place.templates("people", 3, 2);
    let compared = place.json(0, &["compare", "people/1_1.iso", "people/1_2.iso"]);
    let found = place.json(0, &["identify", "people", "people/1_1.iso"]);
    let pairs = place.json(0, &["dedup", "people"]);
    place.json(0, &["gallery", "create", "door"]);
    place.json(0, &["gallery", "enroll", "door", "1", "people/1_1.iso"]);
    let verified = place.json(0, &["gallery", "verify", "door", "1", "people/1_2.iso", "--scores"]);
    // One score is one number, wherever it stands.
    let score = |json: &Value| json.as_f64().unwrap();
    let of_one = found["probes"][0]["candidates"].as_array().unwrap().iter();
    let of_one = of_one.into_iter().find(|one| one["subject"] == "1_2").unwrap();
    let pair = pairs["duplicates"].as_array().unwrap().iter().find(|one| one["a"] == "1_1" && one["b"] == "1_2");
    assert_eq!(score(&compared["score"]), score(&of_one["score"]));
    assert_eq!(score(&compared["score"]), score(&pair.unwrap()["score"]));
    assert_eq!(score(&compared["score"]), score(&verified["score"]));
    for json in [&compared, &found, &pairs, &verified] {
        assert!(json["threshold"].as_f64().unwrap() >= 40.0, "{json}");
        let rule = &json["rule"];
        assert!(rule["default"] == true && rule["fmr"] == 1e-4 && rule["text"].is_string(), "{json}");
    }
    assert_eq!((&found["rule"]["fpir"], &found["rule"]["comparisons"]), (&1e-2.into(), &6.into()));
    assert_eq!((&found["command"], &verified["command"]), (&"identify".into(), &"gallery verify".into()));
    // A rate is told only where data back it.
    if score(&compared["score"]) > 50.0 {
        assert!(compared["fmr"].is_null() && compared["fmr_below"] == 1e-5, "{compared}");
    }
}

#[test]
fn a_comparison_and_a_search_of_one_agree_about_strangers() {
    let place = Place::new();
    place.templates("people", 12, 1);
    fs::create_dir(place.0.path().join("one")).unwrap();
    let text = place.code(1, &["compare", "people/1_1.iso", "people/2_1.iso"]);
    assert!(text.contains("no match: threshold 40.0 dB (FMR 1e-4 per comparison, the default)"), "{text}");
    let mut threshold = None;
    for finger in 2..=12 {
        let other = format!("people/{finger}_1.iso");
        place.write("one/other.iso", &place.read(&other));
        let compared: Value =
            serde_json::from_slice(&place.run(&["compare", "people/1_1.iso", &other, "--json"]).stdout).unwrap();
        let found: Value =
            serde_json::from_slice(&place.run(&["identify", "one", "people/1_1.iso", "--json"]).stdout).unwrap();
        assert_eq!(compared["match"], found["match"], "{finger}");
        assert_eq!(compared["threshold"], found["threshold"]);
        threshold = compared["threshold"].as_f64();
    }
    assert_eq!(threshold, Some(40.0));
    let text = place.code(1, &["identify", "one", "people/1_1.iso"]);
    assert!(
        text.contains("FPIR 1e-2 per search of 1 reference, at most FMR 1e-4 per comparison, the default"),
        "{text}"
    );
}

#[test]
fn shells_and_readers_of_manuals_are_served() {
    let place = Place::new();
    for (shell, has) in [("bash", "complete -F"), ("zsh", "#compdef selfsame"), ("fish", "complete -c selfsame")] {
        let script = place.code(0, &["completions", shell]);
        assert!(script.contains(has) && script.contains("remove-sample"), "{shell}");
    }
    assert!(place.json(0, &["completions", "bash"])["script"].as_str().unwrap().contains("complete -F"));
    place.code(0, &["man", "pages"]);
    let page = String::from_utf8(place.read("pages/selfsame-gallery-enroll.1")).unwrap();
    assert!(page.contains(".TH") && page.contains("right\\-index") && page.contains("Examples"), "{page}");
    assert!(String::from_utf8(place.read("pages/selfsame.1")).unwrap().contains("Exit codes"));
    assert!(fs::read_dir(place.0.path().join("pages")).unwrap().count() > 35);
    assert!(place.code(0, &["compare", "--help"]).contains("Examples:\n  selfsame compare a.png b.iso --ppi 500"));
}

#[cfg(target_os = "linux")]
#[test]
fn an_interrupt_takes_temporary_files_with_it() {
    let place = Place::new();
    let temporary = place.0.path().join("tmp");
    fs::create_dir(&temporary).unwrap();
    let inside = |path: &Path| fs::read_dir(path).unwrap().count();
    // A test started in the background ignores interrupts.
    let mut child = Command::new("env")
        .args(["--default-signal=INT,TERM,HUP", env!("CARGO_BIN_EXE_selfsame"), "demo"])
        .env("TMPDIR", &temporary)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    while inside(&temporary) == 0 {
        assert!(child.try_wait().unwrap().is_none(), "the demo ended first");
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert_eq!(inside(&temporary), 0);
}
