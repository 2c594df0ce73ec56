//! Pictures of comparisons and pages of evaluations, as the command writes them.
#![cfg(feature = "cli")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::OnceLock;

use tempfile::TempDir;

fn selfsame(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_selfsame")).args(args).arg("--threads=2").output().expect("the binary runs")
}

fn ran(args: &[&str], code: i32) -> String {
    let output = selfsame(args);
    assert_eq!(output.status.code(), Some(code), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("stdout is UTF-8")
}

fn text(path: &Path) -> &str {
    path.to_str().expect("temporary paths are UTF-8")
}

/// Five synthetic fingers with three impressions each, made once by the binary itself.
fn prints() -> &'static Path {
    static PRINTS: OnceLock<TempDir> = OnceLock::new();
    let made = PRINTS.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let (count, out) = (["--fingers", "5", "--impressions", "3"], text(folder.path()));
        ran(&[&["synth", "prints", "--level", "good", "--seed", "11", "-o", out], &count[..]].concat(), 0);
        folder
    });
    made.path()
}

/// Nothing comes from elsewhere, nothing runs. The names of SVG's own standard are no addresses.
fn is_self_contained(page: &str) {
    let page = page.replace("http://www.w3.org/2000/svg", "");
    for from_outside in
        ["http:", "https:", "//cdn", "<script", "<link", "@import", "url(", "src=", "javascript:", "onload"]
    {
        assert!(!page.contains(from_outside), "{from_outside}");
    }
}

#[test]
fn a_picture_tells_why_and_changes_no_score() {
    let folder = tempfile::tempdir().unwrap();
    let (a, b, other) = (prints().join("2_1.png"), prints().join("2_2.png"), prints().join("3_1.png"));
    for (second, code, decision) in [(&b, 0, "match: "), (&other, 1, "no match: ")] {
        let plain = ran(&["compare", text(&a), text(second), "--ppi", "500"], code);
        let path = folder.path().join(format!("{code}.svg"));
        let with = ran(&["compare", text(&a), text(second), "--ppi", "500", "--picture", text(&path)], code);
        assert_eq!(with, format!("{plain}picture: {}\n", text(&path)));
        let svg = fs::read_to_string(&path).unwrap();
        is_self_contained(&svg);
        let score = plain.strip_prefix("score ").and_then(|rest| rest.split(' ').next()).unwrap();
        assert!(svg.contains(&format!(">{decision}{score} dB, threshold 40.0 dB</text>")), "{plain}");
        assert_eq!(svg.matches("<image").count(), 2);
        // The overlap of each, and the patches of the legend.
        assert!(svg.matches("<polygon").count() >= 4 && svg.contains("How alike the ridges run"));
    }
    let png = folder.path().join("pair.PNG");
    let said = ran(&["compare", text(&a), text(&b), "--ppi", "500", "--picture", text(&png), "--json"], 0);
    assert!(said.contains("\"picture\": ") && fs::read(&png).unwrap().starts_with(b"\x89PNG"));
    // Existing files are kept, and other names are refused before any work.
    ran(&["compare", text(&a), text(&b), "--ppi", "500", "--picture", text(&png)], 7);
    ran(&["compare", text(&a), text(&b), "--ppi", "500", "--picture", text(&png), "--force"], 0);
    for name in ["pair.gif", "-"] {
        ran(&["compare", "absent", "absent", "--picture", name], 2);
    }
}

#[test]
fn templates_are_drawn_without_images() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    for k in ["1", "2"] {
        let (image, out) = (prints().join(format!("4_{k}.png")), at(&format!("{k}.iso")));
        ran(&["extract", text(&image), "--ppi", "500", "-o", text(&out)], 0);
    }
    ran(&["compare", text(&at("1.iso")), text(&at("2.iso")), "--picture", text(&at("pair.svg"))], 0);
    let svg = fs::read_to_string(at("pair.svg")).unwrap();
    assert!(!svg.contains("<image") && svg.contains(">pair, fainter where it agrees less</text>"));
    let overlay = at("over.svg");
    ran(&["extract", text(&prints().join("4_1.png")), "--ppi", "500", "--overlay", text(&overlay)], 0);
    let svg = fs::read_to_string(&overlay).unwrap();
    for words in [">quality 70-100</text>", ">core, opens along its line</text>", ">delta with its arms</text>"] {
        assert!(svg.contains(words), "{words}");
    }
}

#[test]
fn the_page_of_fingerprints_stands_alone_and_knows_no_rate_of_zero() {
    let folder = tempfile::tempdir().unwrap();
    let report = folder.path().join("report");
    let args = ["eval", "fingerprint", text(prints()), "--ppi", "500", "--report", text(&report)];
    let said = ran(&args, 0);
    let page = fs::read_to_string(report.join("index.html")).unwrap();
    is_self_contained(&page);
    // 5 fingers with 3 pairs each, and 10 pairs of fingers with 9 each: the fingers are told apart without an error.
    let row = said.lines().find(|line| line.starts_with("all cross-finger pairs")).unwrap();
    assert!(row.contains(" <3/15") && !said.contains(" 0.00 %"), "{said}");
    assert!(page.contains("no error: fewer than 3/15 (20.0 %)"), "{page}");
    for wrong in ["0.0 to 0.0", "0.00 to 0.00", "0 % to 0 %", "NaN", "inf"] {
        assert!(!page.contains(wrong) && !said.contains("0.0-0.0"), "{wrong}");
    }
    for part in [
        "class=\"band c1\"",
        "class=\"line c1\"",
        ">EER</text>",
        ">FMR100</text>",
        ">FMR1000</text>",
        ">40 dB</text>",
        "class=\"bar c1\"",
        "class=\"bar c2\"",
        "Error against reject",
        "prefers-color-scheme:dark",
        "500 (--ppi)",
        ">learned<",
        concat!("selfsame ", env!("CARGO_PKG_VERSION")),
    ] {
        assert!(page.contains(part), "{part}");
    }
    // Pictures of people's fingers are there only if asked for.
    assert!(!page.contains("data:image") && page.contains("--show-prints N"));
    ran(&[&args[..], &["--show-prints", "2"]].concat(), 0);
    let page = fs::read_to_string(report.join("index.html")).unwrap();
    is_self_contained(&page);
    assert_eq!(page.matches("href=\"data:image/png;base64,").count(), 2 * 4);
    let alone = selfsame(&["eval", "fingerprint", text(prints()), "--ppi", "500", "--show-prints", "2"]);
    assert_eq!(alone.status.code(), Some(2));
}

#[cfg(unix)]
#[test]
fn names_of_files_are_no_markup() {
    const HOSTILE: &str = "<img src=x onerror=alert(1)>\"'&\u{202e}\u{1b}[2J\n<script>";
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join(HOSTILE);
    fs::create_dir(&dir).unwrap();
    // A name cannot hold a slash, so no closing tag either.
    for (from, to) in [
        ("1_1", format!("{HOSTILE}_1")),
        ("1_2", format!("{HOSTILE}_2")),
        ("2_1", "2_1".to_owned()),
        ("2_2", "2_2".to_owned()),
    ] {
        fs::copy(prints().join(format!("{from}.png")), dir.join(format!("{to}.png"))).unwrap();
    }
    let report = folder.path().join("report");
    ran(&["eval", "fingerprint", text(&dir), "--ppi", "500", "--report", text(&report), "--show-prints", "4"], 0);
    let (a, b) = (dir.join(format!("{HOSTILE}_1.png")), dir.join(format!("{HOSTILE}_2.png")));
    let picture = folder.path().join("pair.svg");
    ran(&["compare", text(&a), text(&b), "--ppi", "500", "--picture", text(&picture)], 0);
    for path in [report.join("index.html"), picture] {
        let page = fs::read_to_string(&path).unwrap();
        for markup in ["<img", "<script", "\u{202e}", "\u{1b}"] {
            assert!(!page.contains(markup), "{markup:?} in {}", path.display());
        }
        assert!(page.contains("&lt;script&gt;_1"), "{}", path.display());
    }
}

#[test]
fn the_page_of_faces_stands_alone() {
    let folder = tempfile::tempdir().unwrap();
    let out = text(folder.path());
    ran(&["synth", "faces", "--identities", "30", "--images", "3", "-o", out], 0);
    let (embeddings, labels) = (folder.path().join("embeddings.npy"), folder.path().join("labels.npy"));
    let report = folder.path().join("report");
    ran(&["eval", "face", text(&embeddings), text(&labels), "--report", text(&report)], 0);
    let page = fs::read_to_string(report.join("index.html")).unwrap();
    is_self_contained(&page);
    for part in [
        "30 identities, 90 genuine",
        "class=\"band c1\"",
        "class=\"bar c2\"",
        ">FMR1000</text>",
        "Settings and machine",
    ] {
        assert!(page.contains(part), "{part}");
    }
    assert!(!page.contains("NaN") && !page.contains("0 % to 0 %"));
}
