//! `selfsame gallery` from outside.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

/// Runs the command with a passphrase in the environment, as a service does.
fn run(folder: &Path, passphrase: Option<&str>, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_selfsame"));
    command.current_dir(folder).args(args).env_remove("SELFSAME_PASSPHRASE").stdin(std::process::Stdio::null());
    if let Some(passphrase) = passphrase {
        command.env("SELFSAME_PASSPHRASE", passphrase);
    }
    command.output().unwrap()
}

struct Cli<'a>(&'a Path);

impl Cli<'_> {
    /// Exit code, and what was printed as JSON.
    fn json(&self, code: i32, args: &[&str]) -> Value {
        let out = run(self.0, Some("four words of passphrase"), &[args, &["--json"]].concat());
        assert_eq!(out.status.code(), Some(code), "{args:?}: {}", String::from_utf8_lossy(&out.stderr));
        serde_json::from_slice(&out.stdout).unwrap()
    }

    fn error(&self, passphrase: Option<&str>, args: &[&str]) -> String {
        let out = run(self.0, passphrase, args);
        assert_eq!(out.status.code(), Some(2), "{args:?}");
        assert!(out.stdout.is_empty());
        String::from_utf8(out.stderr).unwrap()
    }
}

#[test]
fn a_gallery_from_its_making_to_its_check() {
    let folder = tempfile::tempdir().unwrap();
    let cli = Cli(folder.path());
    let synth = ["synth", "prints", "--fingers", "3", "--impressions", "2", "--level", "good", "-o", "prints"];
    cli.json(0, &synth);
    let mut prints: Vec<String> = fs::read_dir(folder.path().join("prints"))
        .unwrap()
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .collect();
    prints.retain(|name| name.ends_with(".png"));
    prints.sort();
    assert_eq!(prints.len(), 6);
    let print = |finger: usize, impression: usize| format!("prints/{}", prints[2 * finger + impression]);
    cli.json(0, &["gallery", "create", "door", "--actor", "clerk"]);
    let enrolled = |n: usize, name: &str| {
        let file = print(n, 0);
        let args = [
            "gallery",
            "enroll",
            "door",
            name,
            &file,
            "--ppi",
            "500",
            "--position",
            "right-index",
            "--metadata",
            "site",
        ];
        cli.json(0, &args)
    };
    enrolled(0, "jo");
    assert_eq!(enrolled(1, "kim/2")["subjects"], 2);
    let (own, other, stranger) = (print(0, 1), print(1, 1), print(2, 1));
    let verify = |code, name: &str, file: &str| {
        cli.json(code, &["gallery", "verify", "door", name, file, "--ppi", "500", "--actor", "door 3"])
    };
    assert_eq!(verify(0, "jo", &own)["match"], true);
    assert_eq!(verify(1, "jo", &other)["match"], false);
    let identify = |code, file: &str| cli.json(code, &["gallery", "identify", "door", file, "--ppi", "500"]);
    assert_eq!(identify(0, &other)["candidates"][0]["subject"], "kim/2");
    assert_eq!(identify(1, &stranger)["candidates"], Value::Array(vec![]));
    // Nobody of this name, no passphrase, a wrong one, no gallery: told in one line.
    let asked = ["gallery", "verify", "door", "sam", &own, "--ppi", "500"];
    assert_eq!(cli.error(Some("four words of passphrase"), &asked), "error: sam: no such subject\n");
    assert!(cli.error(None, &["gallery", "check", "door"]).contains("there is no terminal to ask"));
    assert!(cli.error(Some("another"), &["gallery", "check", "door"]).contains("does not open it"));
    assert!(cli.error(None, &["gallery", "check", "nowhere"]).contains("cannot open nowhere"));
    assert!(cli.error(Some("x"), &["gallery", "create", "door"]).contains("there is something already"));
    assert!(cli.error(Some("x"), &["gallery", "export", "door", "out"]).contains("--in-the-clear"));
    // Out in the clear and into another gallery, whose key is a file.
    assert_eq!(cli.json(0, &["gallery", "export", "door", "out", "--in-the-clear"])["exported"], 2);
    assert!(folder.path().join("out/kim%2f2/right-index_0.iso").is_file());
    let second = |args: &[&str]| run(folder.path(), None, &[args, &["--key-file", "key"]].concat());
    assert!(second(&["gallery", "create", "copy"]).status.success());
    assert!(second(&["gallery", "import", "copy", "out"]).status.success());
    assert!(second(&["gallery", "verify", "copy", "kim/2", &other, "--ppi", "500"]).status.success());
    assert_eq!(second(&["gallery", "import", "copy", "out"]).status.code(), Some(2));
    assert!(second(&["gallery", "import", "copy", "out", "--skip-enrolled"]).status.success());
    // Another passphrase, and erasure.
    fs::write(folder.path().join("new"), "quite another\n").unwrap();
    cli.json(0, &["gallery", "rotate-keys", "door", "--new-passphrase-file", "new"]);
    assert!(cli.error(Some("four words of passphrase"), &["gallery", "check", "door"]).contains("does not open it"));
    let with_file = |args: &[&str]| run(folder.path(), None, &[args, &["--passphrase-file", "new"]].concat());
    assert_eq!(with_file(&["gallery", "erase", "door", "jo", "nobody"]).status.code(), Some(2));
    assert!(with_file(&["gallery", "erase", "door", "jo"]).status.success());
    assert_eq!(with_file(&["gallery", "verify", "door", "jo", &own, "--ppi", "500"]).status.code(), Some(2));
    let log = with_file(&["gallery", "log", "door", "--json"]);
    let log: Value = serde_json::from_slice(&log.stdout).unwrap();
    let kinds: Vec<&str> = log["entries"].as_array().unwrap().iter().map(|e| e["event"].as_str().unwrap()).collect();
    let expected = [
        "create",
        "enrol",
        "enrol",
        "verify",
        "verify",
        "identify",
        "identify",
        "verify",
        "open-failed",
        "export",
        "change-provider",
        "rotate-keys",
        "open-failed",
        "erase",
        "rotate-keys",
        "verify",
    ];
    assert_eq!(kinds, expected);
    assert_eq!((&log["entries"][3]["actor"], &log["entries"][3]["outcome"]), (&"door 3".into(), &"match".into()));
    let later = with_file(&["gallery", "log", "door", "--json", "--since", "2999-01-01"]);
    assert_eq!(serde_json::from_slice::<Value>(&later.stdout).unwrap()["entries"], Value::Array(vec![]));
    assert!(with_file(&["gallery", "check", "door"]).status.success());
    // Somebody overwrites a page in the middle of the file.
    let records = folder.path().join("door/records.redb");
    let mut bytes = fs::read(&records).unwrap();
    let sealed = bytes.len() / 2;
    bytes[sealed..].iter_mut().for_each(|b| *b ^= 0x5a);
    fs::write(&records, bytes).unwrap();
    let checked = with_file(&["gallery", "check", "door"]);
    assert_ne!(checked.status.code(), Some(0));
}
