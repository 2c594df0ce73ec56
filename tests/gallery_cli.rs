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
        assert!(out.status.code().is_some_and(|code| (2..=7).contains(&code)), "{args:?}");
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
    let told = verify(0, "jo", &own);
    assert!(told["match"] == true && told.get("score").is_none(), "a score is told: {told}");
    let told = verify(1, "jo", &other);
    assert!(told["match"] == false && told.get("score").is_none(), "a score is told: {told}");
    let scored = ["gallery", "verify", "door", "jo", &own, "--ppi", "500", "--scores"];
    assert!(cli.json(0, &scored)["score"].as_f64().unwrap() > 40.0);
    let identify = |code, file: &str| cli.json(code, &["gallery", "identify", "door", file, "--ppi", "500"]);
    assert_eq!(identify(0, &other)["candidates"][0]["subject"], "kim/2");
    assert_eq!(identify(1, &stranger)["candidates"], Value::Array(vec![]));
    // Nobody of this name, no passphrase, a wrong one, no gallery: told in one line.
    let asked = ["gallery", "verify", "door", "sam", &own, "--ppi", "500"];
    assert_eq!(cli.error(Some("four words of passphrase"), &asked), "error: sam: no such subject\n");
    assert!(cli.error(None, &["gallery", "check", "door"]).contains("there is no terminal to ask"));
    assert!(cli.error(Some("another one"), &["gallery", "check", "door"]).contains("does not open it"));
    assert!(cli.error(None, &["gallery", "check", "nowhere"]).contains("cannot open nowhere"));
    assert!(cli.error(Some("another one"), &["gallery", "create", "door"]).contains("there is already a gallery"));
    assert!(cli.error(Some("x"), &["gallery", "create", "short"]).contains("--allow-short-passphrase"));
    assert!(!folder.path().join("short").exists());
    assert!(cli.error(Some("another one"), &["gallery", "export", "door", "out"]).contains("--in-the-clear"));
    // Out in the clear and into another gallery, whose key is a file.
    assert_eq!(cli.json(0, &["gallery", "export", "door", "out", "--in-the-clear"])["exported"], 2);
    assert!(folder.path().join("out/kim%2f2/right-index_0.iso").is_file());
    let second = |args: &[&str]| run(folder.path(), None, &[args, &["--key-file", "key"]].concat());
    assert!(second(&["gallery", "create", "copy"]).status.success());
    assert!(second(&["gallery", "import", "copy", "out"]).status.success());
    assert!(second(&["gallery", "verify", "copy", "kim/2", &other, "--ppi", "500"]).status.success());
    assert_eq!(second(&["gallery", "import", "copy", "out"]).status.code(), Some(5));
    assert!(second(&["gallery", "import", "copy", "out", "--skip-enrolled"]).status.success());
    // Another passphrase, and erasure.
    fs::write(folder.path().join("new"), "quite another\n").unwrap();
    cli.json(0, &["gallery", "rotate-keys", "door", "--new-passphrase-file", "new"]);
    assert!(cli.error(Some("four words of passphrase"), &["gallery", "check", "door"]).contains("does not open it"));
    let with_file = |args: &[&str]| run(folder.path(), None, &[args, &["--passphrase-file", "new"]].concat());
    assert_eq!(with_file(&["gallery", "erase", "door", "jo", "nobody"]).status.code(), Some(5));
    assert!(with_file(&["gallery", "erase", "door", "jo"]).status.success());
    assert_eq!(with_file(&["gallery", "verify", "door", "jo", &own, "--ppi", "500"]).status.code(), Some(5));
    let log = with_file(&["gallery", "log", "door", "--json"]);
    let log: Value = serde_json::from_slice(&log.stdout).unwrap();
    let kinds: Vec<&str> = log["entries"].as_array().unwrap().iter().filter_map(|e| e["event"].as_str()).collect();
    let looks = ["open", "read-log"];
    let kinds: Vec<&str> = kinds.into_iter().filter(|kind| !looks.contains(kind)).collect();
    let expected = [
        "create",
        "enroll",
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
    let verified = log["entries"].as_array().unwrap().iter().find(|e| e["event"] == "verify").unwrap();
    // Those of the erased are not told.
    assert_eq!((&verified["actor"], &verified["outcome"]), (&"".into(), &"refused".into()));
    let later = with_file(&["gallery", "log", "door", "--json", "--since", "2999-01-01"]);
    assert_eq!(serde_json::from_slice::<Value>(&later.stdout).unwrap()["entries"], Value::Array(vec![]));
    assert!(with_file(&["gallery", "check", "door"]).status.success());
    // Somebody overwrites a part of the file of records, then of the log.
    let newest = |stem: &str| {
        let names = fs::read_dir(folder.path().join("door")).unwrap().map(|e| e.unwrap().path());
        names.into_iter().find(|p| p.file_stem().is_some_and(|s| s == stem)).unwrap()
    };
    for stem in ["records", "log"] {
        let path = newest(stem);
        let right = fs::read(&path).unwrap();
        let mut bytes = right.clone();
        let from = if stem == "log" { 36_900 } else { bytes.len() / 2 };
        bytes[from..].iter_mut().take(40).for_each(|b| *b ^= 0x5a);
        fs::write(&path, &bytes).unwrap();
        let checked = with_file(&["gallery", "check", "door"]);
        assert_eq!(checked.status.code(), Some(1), "{stem}");
        assert!(String::from_utf8_lossy(&checked.stdout).contains("TAMPERED"), "{stem}");
        assert_eq!(fs::read(&path).unwrap(), bytes, "{stem} was written");
        fs::write(&path, right).unwrap();
    }
    assert!(with_file(&["gallery", "check", "door"]).status.success());
}

/// Prints of synthetic fingers, one of each.
fn prints(folder: &Path, fingers: &str) -> Vec<String> {
    let synth = ["synth", "prints", "--fingers", fingers, "--impressions", "1", "--level", "clean", "-o", "prints"];
    assert!(run(folder, None, &synth).status.success());
    let mut prints: Vec<String> = fs::read_dir(folder.join("prints"))
        .unwrap()
        .map(|e| format!("prints/{}", e.unwrap().file_name().into_string().unwrap()))
        .filter(|name| name.ends_with(".png"))
        .collect();
    prints.sort();
    prints
}

#[test]
fn another_gallery_in_its_place_is_refused_by_its_anchor() {
    let folder = tempfile::tempdir().unwrap();
    let cli = Cli(folder.path());
    let prints = prints(folder.path(), "2");
    let enroll = |gallery, name, print: &str, more: &[&str]| {
        cli.json(0, &[&["gallery", "enroll", gallery, name, print, "--ppi", "500"], more].concat())
    };
    let anchored = ["--anchor", "an"];
    let made = cli.json(0, &["gallery", "create", "true", "--anchor", "an"]);
    enroll("true", "ada", &prints[0], &anchored);
    cli.json(0, &["gallery", "create", "false"]);
    enroll("false", "ada", &prints[1], &[]);
    let verify = ["gallery", "verify", "true", "ada", &prints[1], "--ppi", "500"];
    for _ in 0..3 {
        cli.json(0, &["gallery", "verify", "false", "ada", &prints[1], "--ppi", "500"]);
    }
    let (right, wrong) = (folder.path().join("true"), folder.path().join("false"));
    let aside = folder.path().join("aside");
    fs::rename(&right, &aside).unwrap();
    fs::rename(&wrong, &right).unwrap();
    let phrase = Some("four words of passphrase");
    for args in [&verify[..], &["gallery", "check", "true"], &["gallery", "log", "true"]] {
        let told = cli.error(phrase, &[args, &anchored].concat());
        assert!(told.contains("this is gallery"), "{told}");
    }
    let id = made["id"].as_str().unwrap();
    assert!(cli.error(phrase, &[&verify[..], &["--gallery-id", id]].concat()).contains("this is gallery"));
    fs::rename(&right, &wrong).unwrap();
    fs::rename(&aside, &right).unwrap();
    // The true one is let in; without its anchor, or with an empty one, it is refused unless that is said aloud.
    assert_eq!(cli.json(1, &[&verify[..], &anchored].concat())["match"], false);
    assert!(cli.error(phrase, &verify).contains("--new-anchor"));
    assert!(cli.error(phrase, &[&verify[..], &["--anchor", "empty"]].concat()).contains("--new-anchor"));
    assert!(cli.error(phrase, &["gallery", "create", "third", "--anchor", "an"]).contains("in use"));
    cli.json(1, &[&verify[..], &["--anchor", "fresh", "--new-anchor"]].concat());
    cli.json(1, &[&verify[..], &["--anchor", "fresh"]].concat());
}

#[test]
fn the_log_is_listed_signed_and_proved() {
    let folder = tempfile::tempdir().unwrap();
    let cli = Cli(folder.path());
    let prints = prints(folder.path(), "3");
    cli.json(0, &["gallery", "create", "door"]);
    for (print, name) in prints.iter().zip(["ada", "bo", "cleo"]) {
        cli.json(0, &["gallery", "enroll", "door", name, print, "--ppi", "500", "--position", "left-thumb"]);
    }
    cli.json(0, &["gallery", "enroll", "door", "bo", &prints[1], "--ppi", "500", "--position", "left-thumb"]);
    let page = cli.json(0, &["gallery", "list", "door", "--count", "2"]);
    assert_eq!((&page["subjects"][1]["subject"], &page["next"], &page["of"]), (&"bo".into(), &"bo".into(), &3.into()));
    let samples = page["subjects"][1]["samples"].clone();
    assert_eq!((&samples[1]["sample"], &samples[1]["number"]), (&"left-thumb".into(), &1.into()));
    assert_eq!(cli.json(0, &["gallery", "list", "door", "--after", "bo"])["subjects"][0]["subject"], "cleo");
    let remove = |sample: &str| {
        ["gallery", "remove-sample", "door", "bo", "--position", "left-thumb", "--sample", sample].map(str::to_owned)
    };
    cli.json(0, &remove("0").each_ref().map(String::as_str));
    let phrase = Some("four words of passphrase");
    assert!(cli.error(phrase, &remove("0").each_ref().map(String::as_str)).contains("no such sample"));
    assert!(cli.error(phrase, &remove("1").each_ref().map(String::as_str)).contains("last sample"));
    let info = cli.json(0, &["gallery", "info", "door"]);
    assert_eq!((&info["subjects"], &info["records"], &info["anchored"]), (&3.into(), &3.into(), &false.into()));

    let sign = |out: &str| cli.json(0, &["gallery", "checkpoint", "door", "--signing-key", "signer", "-o", out]);
    let public = sign("first")["public_key"].as_str().unwrap().to_owned();
    cli.json(0, &["gallery", "delete", "door", "ada"]);
    assert_eq!(sign("second")["public_key"].as_str().unwrap(), public);
    let key = ["--public-key", public.as_str()];
    let prove = |more: &[&str]| cli.json(0, &[&["gallery", "prove", "door"], more, &key].concat());
    prove(&["--checkpoint", "first", "--entry", "2", "-o", "inside"]);
    cli.json(0, &["gallery", "rotate-keys", "door"]);
    prove(&["--checkpoint", "first", "-o", "wrong"]);
    prove(&["--checkpoint", "first", "--newer", "second", "-o", "later"]);
    let verify = |code: i32, proof: &str, more: &[&str]| {
        cli.json(code, &[&["gallery", "verify-proof", proof], more, &key].concat())
    };
    assert_eq!(verify(0, "inside", &["--checkpoint", "first"])["proved"], true);
    assert_eq!(verify(1, "inside", &["--checkpoint", "second"])["proved"], false);
    assert_eq!(verify(0, "later", &["--checkpoint", "first", "--newer", "second"])["proved"], true);
    assert_eq!(verify(1, "later", &["--checkpoint", "second", "--newer", "second"])["proved"], false);
    // That of the first checkpoint to the log of then ends elsewhere.
    assert_eq!(verify(1, "wrong", &["--checkpoint", "first", "--newer", "second"])["proved"], false);
    sign("third");
    let third = fs::read_to_string(folder.path().join("third")).unwrap();
    let size: u64 = third.lines().nth(2).unwrap().parse().unwrap();
    assert!(
        cli.error(phrase, &["gallery", "prove", "door", "--entry", &(size + 50).to_string()]).contains("no number")
    );
    assert!(cli.error(phrase, &["gallery", "log", "door", "--kind", "nonsense"]).contains("erase"));
    let deleted = cli.json(0, &["gallery", "log", "door", "--kind", "delete"]);
    assert_eq!(deleted["entries"].as_array().unwrap().len(), 1);
    let of_bo = cli.json(0, &["gallery", "log", "door", "--subject", "bo"]);
    assert_eq!(of_bo["entries"].as_array().unwrap().len(), 3);
    // Read only, with a log of one's own, and many at once.
    let read: Vec<_> = (0..6)
        .map(|_| {
            let path = folder.path().to_owned();
            let print = prints[1].clone();
            std::thread::spawn(move || {
                let args = ["gallery", "identify", "door", &print, "--ppi", "500", "--events", "own"];
                run(&path, Some("four words of passphrase"), &args).status.code()
            })
        })
        .collect();
    assert!(read.into_iter().all(|one| one.join().unwrap() == Some(0)));
    let own = fs::read_to_string(folder.path().join("own")).unwrap();
    assert_eq!(own.lines().filter(|line| line.contains("\"identify\"")).count(), 6);
    // And six that write wait for each other.
    let waited: Vec<_> = (0..6)
        .map(|_| {
            let (path, print) = (folder.path().to_owned(), prints[1].clone());
            std::thread::spawn(move || {
                let args = ["gallery", "identify", "door", &print, "--ppi", "500", "--wait", "60"];
                run(&path, Some("four words of passphrase"), &args).status.code()
            })
        })
        .collect();
    assert!(waited.into_iter().all(|one| one.join().unwrap() == Some(0)));
}

#[test]
fn what_no_longer_counts_leaves_the_gallery() {
    let folder = tempfile::tempdir().unwrap();
    let cli = Cli(folder.path());
    let prints = prints(folder.path(), "2");
    cli.json(0, &["gallery", "create", "door"]);
    for name in ["jo", "kim"] {
        cli.json(0, &["gallery", "enroll", "door", name, &prints[0], "--ppi", "500"]);
    }
    for n in 0..32 {
        cli.json(0, &["gallery", "update", "door", "jo", &prints[n % 2], "--ppi", "500"]);
    }
    let before = cli.json(0, &["gallery", "info", "door"]);
    assert!(before["dead_bytes"].as_u64() > Some(before["record_bytes"].as_u64().unwrap() / 2), "{before}");
    let compacted = cli.json(0, &["gallery", "compact", "door"]);
    assert!(compacted["freed"].as_u64().unwrap() + 2000 > before["dead_bytes"].as_u64().unwrap(), "{compacted}");
    assert_eq!(cli.json(0, &["gallery", "compact", "door"])["freed"], 0);
    // The oldest entries go into an archive, which must be named or refused in words.
    let passphrase = Some("four words of passphrase");
    let retire = ["gallery", "retire-log", "door", "--until", "66"];
    assert!(cli.error(passphrase, &retire).contains("--archive"));
    let kept = cli.json(0, &[&retire[..], &["--archive", "old.log"]].concat());
    assert_eq!((&kept["removed"], &kept["archived"], &kept["log_first"]), (&64.into(), &64.into(), &64.into()));
    assert!(cli.error(passphrase, &[&retire[..], &["--archive", "old.log"]].concat()).contains("already a file"));
    // Where nothing is to be removed, no archive is touched; one that is no file of its own is refused.
    let again = cli.json(0, &[&retire[..], &["--archive", "old.log", "--force"]].concat());
    assert_eq!((&again["removed"], &again["archived"]), (&0.into(), &0.into()));
    for path in ["-", "/dev/null", "door/log.3", "door/other"] {
        assert!(
            cli.error(passphrase, &[&retire[..], &["--archive", path]].concat()).contains("--archive")
                || path.starts_with("door")
        );
    }
    let log = cli.json(0, &["gallery", "log", "door"]);
    assert_eq!((&log["first"], &log["entries"][0]["number"]), (&64.into(), &64.into()));
    let archive = cli.json(0, &["gallery", "read-archive", "old.log", "--from", "1", "--count", "5"]);
    assert_eq!((&archive["end"], archive["entries"].as_array().unwrap().len()), (&64.into(), 5));
    assert!(archive["entries"].as_array().unwrap().iter().any(|entry| entry["event"] == "enroll"), "{archive}");
    assert!(
        cli.error(Some("another one of them"), &["gallery", "read-archive", "old.log"]).contains("does not open it")
    );
    // What is gone is neither proved nor read, and who is erased is not told of.
    assert!(cli.error(passphrase, &["gallery", "prove", "door", "--entry", "3"]).contains("was retired"));
    cli.json(0, &["gallery", "erase", "door", "jo"]);
    let text = run(folder.path(), passphrase, &["gallery", "log", "door"]).stdout;
    let text = String::from_utf8(text).unwrap();
    assert!(text.contains("(of a person who was erased; only its hash is kept)"), "{text}");
    assert!(text.contains("(those before 64 were removed)"), "{text}");
    assert!(cli.json(0, &["gallery", "check", "door"])["sound"] != false);
}

#[test]
fn names_forge_no_lines_and_exports_are_closed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let ran = |args: &[&str]| run(path, None, &[args, &["--key-file", "key"]].concat());
    let prints = prints(path, "2");
    assert!(ran(&["gallery", "create", "door"]).status.success());
    let forged = "eve\nmallory  right-thumb 0\u{1b}[2K\u{202e}";
    let refused = ran(&["gallery", "enroll", "door", forged, &prints[0], "--ppi", "500"]);
    assert_eq!(refused.status.code(), Some(2));
    let told = String::from_utf8(refused.stderr).unwrap();
    assert!(told.lines().count() == 1 && !told.contains('\u{1b}') && !told.contains('\u{202e}'), "{told}");
    let actor = ["--actor", "desk\n     7  2026-01-01T00:00:00.000Z  erase"];
    assert!(
        ran(&[&["gallery", "enroll", "door", "ada", &prints[0], "--ppi", "500"], &actor[..]].concat()).status.success()
    );
    let shown = String::from_utf8(ran(&["gallery", "log", "door"]).stdout).unwrap();
    assert!(!shown.lines().any(|line| line.trim_start().starts_with("7  2026-01-01")), "{shown}");
    // A long name, and one of signs that no folder takes.
    let long = "x/".repeat(127);
    assert!(ran(&["gallery", "enroll", "door", &long, &prints[1], "--ppi", "500"]).status.success());
    assert!(ran(&["gallery", "export", "door", "out", "--in-the-clear"]).status.success());
    assert_eq!(ran(&["gallery", "export", "door", "out", "--in-the-clear"]).status.code(), Some(7));
    assert!(ran(&["gallery", "create", "copy"]).status.success());
    assert!(ran(&["gallery", "import", "copy", "out"]).status.success());
    assert!(ran(&["gallery", "verify", "copy", &long, &prints[1], "--ppi", "500"]).status.success());
    // One person written in two ways is no two people, and no one either.
    fs::rename(path.join("out/ada"), path.join("out/%61da")).unwrap();
    let refused = ran(&["gallery", "import", "copy", "out", "--skip-enrolled"]);
    assert!(refused.status.code() == Some(3) && String::from_utf8_lossy(&refused.stderr).contains("is called ada"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |p: &Path| fs::symlink_metadata(p).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&path.join("out")), mode(&path.join("out/%61da"))), (0o700, 0o700));
        for entry in fs::read_dir(path.join("out/%61da")).unwrap() {
            assert_eq!(mode(&entry.unwrap().path()), 0o600);
        }
        fs::create_dir(path.join("elsewhere")).unwrap();
        std::os::unix::fs::symlink(path.join("elsewhere"), path.join("link")).unwrap();
        assert_eq!(ran(&["gallery", "export", "door", "link", "--in-the-clear"]).status.code(), Some(7));
        assert_eq!(fs::read_dir(path.join("elsewhere")).unwrap().count(), 0);
    }
}

#[test]
fn attempts_of_the_command_are_limited() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let ran = |args: &[&str]| run(path, None, &[args, &["--key-file", "key"]].concat());
    let prints = prints(path, "2");
    assert!(ran(&["gallery", "create", "door"]).status.success());
    assert!(ran(&["gallery", "enroll", "door", "ada", &prints[0], "--ppi", "500"]).status.success());
    let verify = |print: &str, more: &[&str]| {
        ran(&[&["gallery", "verify", "door", "ada", print, "--ppi", "500"], more].concat())
    };
    for _ in 0..5 {
        assert_eq!(verify(&prints[1], &[]).status.code(), Some(1));
    }
    let limited = verify(&prints[0], &[]);
    assert_eq!(limited.status.code(), Some(5));
    let told = String::from_utf8_lossy(&limited.stderr);
    assert!(told.contains("too many attempts failed") && told.contains("--unlimited"), "{told}");
    assert_eq!(verify(&prints[0], &["--unlimited"]).status.code(), Some(0));
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
        assert!(matches!(out.status.code(), Some(5..=7)), "{error}");
        assert!(error.starts_with("error: ") && error.lines().count() == 1 && !error.contains("panicked"), "{error}");
    };
    let code = |args: &[&str]| ran(args).status.code();
    let mut stopped = 0;
    for kilobytes in [1, 4, 16, 36, 37, 38, 39, 40, full / 1024 + 1, full / 1024 + 40] {
        let out = limited(kilobytes, &["gallery", "enroll", "door", "grace", &prints[1], "--ppi", "500"]);
        let enrolled = out.status.success();
        if !enrolled {
            refused(&out);
            stopped += 1;
        }
        assert_eq!(code(&["gallery", "check", "door"]), Some(0), "{kilobytes}");
        assert_eq!(code(&["gallery", "verify", "door", "ada", &prints[0], "--ppi", "500"]), Some(0));
        let found = code(&["gallery", "verify", "door", "grace", &prints[1], "--ppi", "500"]);
        assert_eq!(found, Some(if enrolled { 0 } else { 5 }), "{kilobytes}");
        if enrolled {
            assert_eq!(code(&["gallery", "erase", "door", "grace"]), Some(0));
        }
    }
    assert!((2..10).contains(&stopped), "{stopped}");
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
