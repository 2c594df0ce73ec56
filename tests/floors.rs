//! The floors of the source tree: a module imports only from floors below its own, siblings on one floor do not import
//! one another, and neither do files of one folder in a circle. The compiler holds this only between crates, so a test
//! reads the sources.

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
    ("gallery::seal", 2),
    ("fingerprint::extract", 3),
    ("fingerprint::compare", 3),
    ("face::align", 3),
    ("face::compare", 3),
    ("format", 3),
    ("gallery::log", 3),
    ("index", 4),
    ("protect", 4),
    ("draw", 5),
    ("gallery", 5),
    ("face::embed", 5),
    ("eval", 5),
    ("synth", 5),
    ("error", 6),
    ("guide", 6),
    ("plain", 6),
];

/// Imports between siblings that stand on purpose: (importing unit, imported unit); a template is a list of minutiae and more,
/// and renewable templates stand in indexes.
const SIBLINGS: &[(&str, &str)] = &[
    ("fingerprint::template", "fingerprint::minutia"),
    ("fingerprint::template", "fingerprint::quality"),
    ("fingerprint::template", "fingerprint::singular"),
    ("protect", "index"),
];

#[test]
fn imports_only_go_down_the_floors() {
    let tree = Tree::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    let mut problems = Vec::new();
    let mut edges = BTreeSet::new();
    for (module, file) in &tree.0 {
        if module.is_empty() || module.starts_with("bin") {
            continue;
        }
        let Some((unit, floor)) = unit_of(module) else {
            // A file that only declares modules has no floor of its own.
            if file.imports.iter().any(|path| !path.starts_with(module.as_str())) {
                problems.push(format!("{module} stands on no floor"));
            }
            continue;
        };
        for path in file.imports.union(&file.tested).map(|path| tree.home_of(path)) {
            match unit_of(&path) {
                None if module.starts_with(path.as_str()) => {}
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

#[test]
fn files_of_a_folder_import_one_another_in_no_circle() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut circles = Tree::read(&src).circles();
    // A path from `crate` means another root there.
    let bin = Tree::read(&src.join("bin/selfsame")).circles();
    circles.extend(bin.into_iter().map(|(folder, files)| (format!("bin::selfsame::{folder}"), files)));
    let report = circles.into_values().flatten().collect::<Vec<_>>();
    assert!(
        report.is_empty(),
        "imports on circles:
{}",
        report.join(
            "
"
        )
    );
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
    let text = "mod index;\nuse crate::{limits::{Limits as L, Ppi}, seal::*};\npub use index::Index;\n\
        fn f(_: super::super::text::T) -> crate::eval::ScoreSet {}\n// crate::synth\n\
        #[cfg(test)]\nmod tests { use super::super::entry::*; }\n";
    let file = File::read("gallery::store", text);
    let expected =
        ["eval::ScoreSet", "gallery::store::index::Index", "limits::Limits", "limits::Ppi", "seal", "text::T"];
    assert!(file.imports.iter().eq(expected), "{:?}", file.imports);
    assert!(file.tested.iter().eq(["gallery::entry"]), "{:?}", file.tested);
    assert_eq!(file.names["L"], "limits::Limits");
    assert_eq!(unit_of("fingerprint::compare::block"), Some(("fingerprint::compare", 3)));
    assert_eq!(unit_of("imagery"), None);
}

#[test]
fn a_circle_is_seen_through_a_name_that_is_exported_again() {
    let files = [
        ("a", "mod b;\nmod c;\nmod d;\npub use b::B;\npub use d::D;"),
        ("a::b", "use super::c::C;"),
        ("a::c", "use super::B;"),
        ("a::d", "use crate::a::B;"),
        ("", "mod a;\npub use a::D;"),
    ];
    let tree = Tree(files.iter().map(|(module, text)| ((*module).to_owned(), File::read(module, text))).collect());
    assert_eq!(tree.home_of("D"), "a::d");
    let circle = vec!["a::b imports a::c".to_owned(), "a::c imports a::b".to_owned()];
    assert_eq!(tree.circles(), BTreeMap::from([("a".to_owned(), circle)]));
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

/// What a source file names of the crate.
#[derive(Default)]
struct File {
    /// Paths from the root of the crate.
    imports: BTreeSet<String>,
    /// Those that its tests name.
    tested: BTreeSet<String>,
    /// Where the names that `use` brings in come from.
    names: BTreeMap<String, String>,
}

impl File {
    fn read(module: &str, text: &str) -> Self {
        let code = text.lines().map(|l| l.split("//").next().unwrap_or("")).collect::<Vec<_>>().join("\n");
        let (code, tests) = code.split_once("#[cfg(test)]\nmod tests {").unwrap_or((&code, ""));
        let (mut file, mut inside) = (Self::default(), Self::default());
        file.gather(module, code);
        inside.gather(&format!("{module}::tests"), tests);
        file.tested = inside.imports;
        if module.ends_with("::tests") {
            file.tested.append(&mut file.imports);
        }
        file
    }

    fn gather(&mut self, module: &str, code: &str) {
        let declared = |line: &str| Some(line.trim().strip_suffix(';')?.rsplit_once("mod ")?.1.to_owned());
        let children: Vec<String> = code.lines().filter_map(declared).collect();
        let mut last = ' ';
        for (at, c) in code.char_indices() {
            let starts = !(last.is_alphanumeric() || last == '_' || last == ':') && (c.is_alphabetic() || c == '_');
            last = c;
            let first = &code[at..][..code[at..].find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(0)];
            // `pub(in crate::gallery)` imports nothing.
            let is_visibility = code[..at].ends_with("pub(in ");
            if !starts || is_visibility || !code[at + first.len()..].starts_with("::") {
                continue;
            }
            let base = match first {
                "crate" => String::new(),
                "super" | "self" => module.to_owned(),
                child if children.iter().any(|c| c == child) => module.to_owned(),
                _ => continue,
            };
            for (path, name) in leaves(&code[at..]) {
                let path = path.split("::").fold(base.clone(), |path, part| match part {
                    "crate" | "self" | "*" | "" => path,
                    "super" => path.rsplit_once("::").map_or(String::new(), |(parent, _)| parent.to_owned()),
                    _ if path.is_empty() => part.to_owned(),
                    _ => format!("{path}::{part}"),
                });
                self.names.insert(name, path.clone());
                self.imports.insert(path);
            }
        }
        self.imports.remove("");
    }
}

/// The paths that a path with braces stands for, each with its name in the file.
fn leaves(text: &str) -> Vec<(String, String)> {
    let end = text.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':' || c == '*')).unwrap_or(text.len());
    let head = &text[..end];
    if !(head.ends_with("::") && text[end..].starts_with('{')) {
        let last = head.rsplit("::").next().unwrap_or(head);
        let alias = text[end..].strip_prefix(" as ").map(|rest| leaves(rest).remove(0).1);
        return vec![(head.to_owned(), alias.unwrap_or(last.to_owned()))];
    }
    let (mut depth, mut start, mut found) = (0, end + 1, Vec::new());
    for (i, c) in text.char_indices().skip_while(|(i, _)| *i <= end) {
        match c {
            '{' => depth += 1,
            ',' | '}' if depth == 0 => {
                let inner = text[start..i].trim();
                let inside = if inner.is_empty() { Vec::new() } else { leaves(inner) };
                found.extend(inside.into_iter().map(|(path, name)| (format!("{head}{path}"), name)));
                start = i + 1;
                if c == '}' {
                    break;
                }
            }
            '}' => depth -= 1,
            _ => {}
        }
    }
    found
}

/// The files of a crate by their modules.
struct Tree(BTreeMap<String, File>);

impl Tree {
    fn read(root: &Path) -> Self {
        let read = |file: PathBuf| {
            let module = module_of(root, &file);
            let text = fs::read_to_string(&file).expect("source is readable");
            let file = File::read(&module, &text);
            (module, file)
        };
        Self(sources(root).into_iter().map(read).collect())
    }

    /// The file's module that defines what a path names, as far as names that are exported again can be followed, else
    /// the longest module of it; of the root only what it exports again.
    fn home_of(&self, path: &str) -> String {
        let mut path = path.to_owned();
        for _ in 0..8 {
            let mut module = path.as_str();
            while !self.0.contains_key(module) {
                module = module.rsplit_once("::").map_or("", |(parent, _)| parent);
            }
            let item = path[module.len()..].trim_start_matches("::").split("::").next().unwrap_or("");
            match self.0[module].names.get(item) {
                Some(target) if !item.is_empty() && *target != path => path = target.clone(),
                _ => return module.to_owned(),
            }
        }
        path
    }

    /// By folder, the imports between files of it (a folder inside counts as a file) that lie on a circle.
    fn circles(&self) -> BTreeMap<String, Vec<String>> {
        let mut edges: BTreeMap<(String, String), BTreeSet<String>> = BTreeMap::new();
        for (module, file) in self.0.iter() {
            for home in file.imports.iter().map(|path| self.home_of(path)) {
                // The two meet in the folder that is their longest common module.
                let mut folder = module.as_str();
                let within = |folder: &str, m: &str| {
                    folder.is_empty() || m == folder || m.strip_prefix(folder).is_some_and(|r| r.starts_with("::"))
                };
                while !within(folder, &home) {
                    folder = folder.rsplit_once("::").map_or("", |(parent, _)| parent);
                }
                let entry = |m: &str| {
                    let inside = m[folder.len()..].trim_start_matches("::").split("::").next().unwrap_or("");
                    format!("{folder}::{inside}").trim_matches(':').to_owned()
                };
                edges.entry((folder.to_owned(), entry(module))).or_default().insert(entry(&home));
            }
        }
        let reached = |folder: &str, file: &String| {
            let (mut seen, mut next) = (BTreeSet::new(), vec![file.clone()]);
            while let Some(at) = next.pop() {
                let to = edges.get(&(folder.to_owned(), at.clone())).into_iter().flatten();
                next.extend(to.filter(|to| **to != at && seen.insert((*to).clone())).cloned());
            }
            seen
        };
        let mut circles: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for ((folder, file), imported) in &edges {
            let back = |to: &&String| *to != file && reached(folder, to).contains(file);
            for to in imported.iter().filter(back) {
                circles.entry(folder.clone()).or_default().push(format!("{file} imports {to}"));
            }
        }
        circles
    }
}
