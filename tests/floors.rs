//! The floors of the source tree: a module imports only from floors below its own, and siblings on one floor do not
//! import one another. The compiler holds this only between crates, so a test reads the sources.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Module path (longest prefix wins) and its floor. A new module is a line here first.
const FLOORS: &[(&str, u8)] = &[
    ("bytes", 0),
    ("limits", 0),
    ("score", 0),
    ("text", 0),
    ("fusion", 1),
    ("geometry", 1),
    ("modality", 1),
    ("simd", 1),
    ("subject", 1),
    ("image", 2),
    ("fingerprint::minutia", 2),
    ("fingerprint::position", 2),
    ("fingerprint::quality", 2),
    ("fingerprint::singular", 2),
    ("fingerprint::template", 2),
    ("face::embedding", 2),
    ("seal", 2),
    ("fingerprint::extract", 3),
    ("fingerprint::compare", 3),
    ("face::align", 3),
    ("face::compare", 3),
    ("format", 3),
    ("audit", 3),
    ("face::index", 4),
    ("index", 4),
    ("protect", 4),
    ("draw", 5),
    ("gallery", 5),
    ("face::embed", 5),
    ("eval", 5),
    ("synth", 5),
];

/// Imports between siblings that stand on purpose: (importing unit, imported unit); a template is a list of minutiae and more,
/// what a search for faces finds are
/// candidates like those of any index, and renewable templates stand in indexes.
const SIBLINGS: &[(&str, &str)] = &[
    ("fingerprint::template", "fingerprint::minutia"),
    ("fingerprint::template", "fingerprint::quality"),
    ("fingerprint::template", "fingerprint::singular"),
    ("face::index", "index"),
    ("protect", "index"),
];

#[test]
fn imports_only_go_down_the_floors() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut problems = Vec::new();
    let mut edges = BTreeSet::new();
    for file in sources(&root) {
        let module = module_of(&root, &file);
        if module.is_empty() || module.starts_with("bin") {
            continue;
        }
        let text = fs::read_to_string(&file).expect("source is readable");
        let paths = imports(&text);
        let Some((unit, floor)) = unit_of(&module) else {
            // A file that only declares modules has no floor of its own.
            if !paths.is_empty() {
                problems.push(format!("{module} stands on no floor"));
            }
            continue;
        };
        for path in paths.iter().map(|p| home_of(p)) {
            match unit_of(&path) {
                None => problems.push(format!("{module} imports {path}, which stands on no floor")),
                Some((other, _)) if other == unit => {}
                Some((other, _)) if SIBLINGS.contains(&(unit, other)) => {}
                Some((other, level)) if level < floor => {
                    edges.insert((unit, other));
                }
                Some((other, level)) => {
                    problems.push(format!("{module} (floor {floor}) imports {other} (floor {level})"));
                }
            }
        }
    }
    assert!(problems.is_empty(), "floors are broken:\n{}", problems.join("\n"));
    assert!(edges.len() > 8, "only {} imports were found: does the test still read the sources?", edges.len());
}

/// Folders whose files import one another in one direction only; a `mod.rs` stands above all that it declares.
const WITHOUT_CIRCLES: &[&str] = &["format"];

#[test]
fn files_import_one_another_in_one_direction() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let inside = |module: &str| {
        WITHOUT_CIRCLES.iter().any(|w| module.strip_prefix(w).is_some_and(|r| r.is_empty() || r.starts_with("::")))
    };
    let files = sources(&root).into_iter().map(|file| (module_of(&root, &file), file));
    let files: BTreeMap<String, PathBuf> = files.filter(|(module, _)| inside(module)).collect();
    let up = |module: &str| module.rsplit_once("::").map_or(String::new(), |(parent, _)| format!("{parent}::"));
    // The file that a path leads to.
    let home = |path: &str| {
        let ends = path.match_indices("::").map(|(i, _)| i).chain([path.len()]);
        ends.map(|end| &path[..end]).filter(|module| files.contains_key(*module)).last().map(str::to_owned)
    };
    let mut edges: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (module, file) in &files {
        let text = fs::read_to_string(file).expect("source is readable");
        let code = text.split("#[cfg(test)]\nmod tests").next().unwrap_or(&text);
        let parent = up(module);
        let code = code.replace("super::super::", &format!("crate::{}", up(parent.trim_end_matches("::"))));
        let code = code.replace("super::", &format!("crate::{parent}"));
        let children = files.keys().filter(|child| up(child) == format!("{module}::")).cloned();
        let imported =
            imports(&code).iter().filter_map(|path| home(path)).filter(|other| other != module).collect::<Vec<_>>();
        edges.insert(module, children.chain(imported).collect());
    }
    let count: usize = edges.values().map(BTreeSet::len).sum();
    assert!(count > files.len(), "only {count} imports were found: does the test still read the sources?");
    // Files that import nothing but files that are gone go, until none goes any more.
    while let Some(lowest) = edges.iter().find(|(_, to)| !to.iter().any(|t| edges.contains_key(t.as_str()))) {
        let lowest = *lowest.0;
        edges.remove(lowest);
    }
    assert!(edges.is_empty(), "circles among or above: {:?}", edges.keys());
}

#[test]
fn unsafe_code_stays_in_simd() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for file in sources(&root) {
        let text = fs::read_to_string(&file).expect("source is readable");
        let inside = module_of(&root, &file).starts_with("simd");
        assert!(inside || !text.contains("allow(unsafe_code)"), "{} allows unsafe code", file.display());
    }
}

#[test]
fn the_reader_sees_every_kind_of_import() {
    let text =
        "use crate::{limits::Limits, index::{Index, Search}};\nfn f() -> crate::eval::ScoreSet {}\n// crate::synth\n";
    assert_eq!(imports(text), ["eval::ScoreSet", "index", "limits::Limits"]);
    assert_eq!(imports("use crate::format::{error::Reader, npy};"), ["format::error::Reader", "format::npy"]);
    assert_eq!(unit_of("fingerprint::compare::block"), Some(("fingerprint::compare", 3)));
    assert_eq!(unit_of("imagery"), None);
    assert_eq!(home_of("Embedding"), "face::embedding");
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("src is readable") {
        let path = entry.expect("src is readable").path();
        if path.is_dir() {
            files.extend(sources(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// `src/face/compare/block.rs` is `face::compare::block`; `lib.rs` is empty.
fn module_of(root: &Path, file: &Path) -> String {
    let relative = file.strip_prefix(root).expect("file lies in src").with_extension("");
    let parts = relative.iter().map(|p| p.to_string_lossy().into_owned());
    parts.filter(|p| p != "mod" && p != "lib").collect::<Vec<_>>().join("::")
}

fn unit_of(module: &str) -> Option<(&'static str, u8)> {
    let inside = |name: &str| module == name || module.strip_prefix(name).is_some_and(|r| r.starts_with("::"));
    FLOORS.iter().filter(|(name, _)| inside(name)).max_by_key(|(name, _)| name.len()).copied()
}

/// Paths below `crate::` that the code names, comments left out and the braces of `use` taken apart.
fn imports(text: &str) -> Vec<String> {
    let code = text.lines().map(|l| l.split("//").next().unwrap_or("")).collect::<Vec<_>>().join("\n");
    let mut found = BTreeSet::new();
    for (at, marker) in code.match_indices("crate::") {
        let rest = &code[at + marker.len()..];
        let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':')).unwrap_or(rest.len());
        let (prefix, after) = rest.split_at(end);
        let Some(group) = after.strip_prefix('{') else {
            found.insert(leading_path(rest));
            continue;
        };
        let mut depth = 0;
        let mut start = 0;
        for (i, c) in group.char_indices() {
            match c {
                '{' => depth += 1,
                ',' | '}' if depth == 0 => {
                    found.insert(format!("{prefix}{}", leading_path(group[start..i].trim())));
                    start = i + 1;
                    if c == '}' {
                        break;
                    }
                }
                '}' => depth -= 1,
                _ => {}
            }
        }
    }
    found.into_iter().filter(|p| !p.is_empty()).collect()
}

fn leading_path(text: &str) -> String {
    let end = text.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':')).unwrap_or(text.len());
    text[..end].trim_end_matches(':').to_owned()
}

/// Names that the crate root re-exports, back to where they are defined.
fn home_of(path: &str) -> String {
    let first = path.split("::").next().unwrap_or(path);
    let home = match first {
        "Cosine" | "Face" => "face::compare",
        "FaceIndex" => "face::index",
        "Embedding" => "face::embedding",
        "Finger" => "fingerprint::compare",
        "Extractor" => "fingerprint::extract",
        "Minutia" | "MinutiaKind" => "fingerprint::minutia",
        "FingerPosition" => "fingerprint::position",
        "FingerTemplate" => "fingerprint::template",
        "FingerImage" | "Ppi" => "image",
        "Limits" => "limits",
        "Comparator" | "Modality" => "modality",
        "Fmr" | "Score" | "Threshold" => "score",
        "SubjectId" => "subject",
        _ => return path.to_owned(),
    };
    home.to_owned()
}
