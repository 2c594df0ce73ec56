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

/// A disk that takes no more bytes of a file than so many, and a folder that takes none.
#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_and_a_read_only_folder_lose_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let ran = |args: &[&str]| run(path, None, &[args, &["--key-file", "key"]].concat());
    let synth = ["synth", "prints", "--fingers", "2", "--impressions", "1", "--level", "clean", "-o", "prints"];
    assert!(run(path, None, &synth).status.success());
    let mut prints: Vec<String> = fs::read_dir(path.join("prints"))
        .unwrap()
        .map(|e| format!("prints/{}", e.unwrap().file_name().into_string().unwrap()))
        .filter(|name| name.ends_with(".png"))
        .collect();
    prints.sort();
    assert!(ran(&["gallery", "create", "door"]).status.success());
    assert!(ran(&["gallery", "enroll", "door", "ada", &prints[0], "--ppi", "500"]).status.success());
    let full = largest(&path.join("door")).unwrap().len();

    // The limit is told in units of 1024 bytes; the signal that would end the process is ignored, so that writes fail as on a full disk.
    let script = "trap '' XFSZ; ulimit -f \"$1\"; shift; exec \"$@\"";
    let limited = |kilobytes: u64, args: &[&str]| {
        let mut command = Command::new("bash");
        command.current_dir(path).args(["-c", script, "bash", &kilobytes.to_string(), env!("CARGO_BIN_EXE_selfsame")]);
        command.args(args).args(["--key-file", "key"]).output().unwrap()
    };
    let refused = |out: &Output| {
        let error = String::from_utf8_lossy(&out.stderr).into_owned();
        assert_eq!(out.status.code(), Some(2), "{error}");
        assert!(error.starts_with("error: ") && error.lines().count() == 1 && !error.contains("panicked"), "{error}");
    };
    let code = |args: &[&str]| ran(args).status.code();
    let mut stopped = 0;
    for kilobytes in [1, 4, 16, 48, 64, 96, 128, 256, full / 1024 + 1] {
        let out = limited(kilobytes, &["gallery", "enroll", "door", "grace", &prints[1], "--ppi", "500"]);
        let enrolled = out.status.success();
        if !enrolled {
            refused(&out);
            stopped += 1;
        }
        assert_eq!(code(&["gallery", "check", "door"]), Some(0), "{kilobytes}");
        assert_eq!(code(&["gallery", "verify", "door", "ada", &prints[0], "--ppi", "500"]), Some(0));
        let found = code(&["gallery", "verify", "door", "grace", &prints[1], "--ppi", "500"]);
        assert_eq!(found, Some(if enrolled { 0 } else { 2 }), "{kilobytes}");
        if enrolled {
            assert_eq!(code(&["gallery", "erase", "door", "grace"]), Some(0));
        }
    }
    assert!((2..9).contains(&stopped), "{stopped}");
    refused(&limited(4, &["gallery", "create", "other"]));
    assert!(ran(&["gallery", "enroll", "door", "grace", &prints[1], "--ppi", "500"]).status.success());
    assert_eq!(ran(&["gallery", "verify", "door", "grace", &prints[1], "--ppi", "500"]).status.code(), Some(0));

    // A file system that takes no new folder from anybody.
    refused(&ran(&["gallery", "create", "/proc/selfsame-gallery"]));
    refused(&ran(&["gallery", "enroll", "/proc/selfsame-gallery", "ada", &prints[0], "--ppi", "500"]));
}

/// The largest file of a folder.
#[cfg(target_os = "linux")]
fn largest(folder: &Path) -> std::io::Result<fs::Metadata> {
    let files = fs::read_dir(folder)?.map(|e| e.and_then(|e| e.metadata())).collect::<Result<Vec<_>, _>>()?;
    files.into_iter().max_by_key(fs::Metadata::len).ok_or_else(|| std::io::ErrorKind::NotFound.into())
}
