//! Many files, of which some are bad: those are listed with their reasons, and the others are used.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;
use selfsame::text::shown;
use serde_json::{Value, json};

use crate::failure::{Failure, Kind};
use crate::outcome::counted;
use crate::progress;

/// The files that could not be used.
#[derive(Debug, Default)]
pub struct LeftOut {
    /// Name, kind and reason of each.
    files: Vec<(String, Kind, String)>,
    /// The number of all files.
    of: usize,
}

impl LeftOut {
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Adds a file, unless it ends the command.
    pub fn add(&mut self, name: &str, reason: Failure, strict: bool) -> Result<(), Failure> {
        if strict {
            return Err(reason);
        }
        self.files.push((name.to_owned(), reason.kind(), reason.to_string()));
        Ok(())
    }

    /// The longer of two lists about the same files.
    pub fn or_longer(self, other: Self) -> Self {
        if other.len() > self.len() { other } else { self }
    }

    /// Both lists as one.
    pub fn and(mut self, other: Self) -> Self {
        self.of += other.of;
        self.files.extend(other.files);
        self
    }

    /// A line for each file.
    pub fn list(&self, out: &mut String) {
        for (_, _, reason) in &self.files {
            let _ = writeln!(out, "left out: {}", shown(reason));
        }
    }

    /// The line that counts them, with what that means; nothing when all files were used.
    pub fn summary(&self, out: &mut String, meaning: &str) {
        if !self.files.is_empty() {
            let all = counted(self.of as u64, "file", "files");
            let _ = writeln!(out, "left out {} of {all}{meaning}", self.len());
        }
    }

    /// Adds the list and its count to a JSON document.
    pub fn tell(&self, json: &mut Value) {
        let files = self.files.iter();
        let files: Vec<_> =
            files.map(|(name, kind, reason)| json!({"file": name, "kind": kind.name(), "reason": reason})).collect();
        json["files"] = self.of.into();
        json["left_out_count"] = self.len().into();
        json["left_out"] = files.into();
    }
}

/// The results for many files, in order; `None` where a file is left out.
pub struct Batch<T> {
    pub each: Vec<Option<T>>,
    pub left_out: LeftOut,
}

/// Does the same with each file in parallel. The command ends at the first bad file if that is `strict`, or if no file is good.
pub fn each<I: Sync, T: Send>(
    what: &'static str,
    files: &[I],
    strict: bool,
    name: impl Fn(&I) -> String,
    one: impl Fn(&I) -> Result<T, Failure> + Sync,
) -> Result<Batch<T>, Failure> {
    let bar = progress::bar(what, files.len());
    // Files after one that ends the command need no work; those before it do, so that the first one is always the same.
    let first = AtomicUsize::new(usize::MAX);
    let all: Vec<Option<Result<T, Failure>>> = files
        .par_iter()
        .enumerate()
        .map(|(i, file)| {
            if i > first.load(Ordering::Relaxed) {
                return None;
            }
            let made = one(file);
            if strict && made.is_err() {
                first.fetch_min(i, Ordering::Relaxed);
            }
            bar.inc(1);
            Some(made)
        })
        .collect();
    bar.finish_and_clear();
    let mut batch =
        Batch { each: Vec::with_capacity(files.len()), left_out: LeftOut { files: Vec::new(), of: files.len() } };
    let mut first_bad = None;
    for (file, made) in files.iter().zip(all) {
        match made {
            Some(Ok(made)) => batch.each.push(Some(made)),
            Some(Err(reason)) => {
                let (kind, text) = (reason.kind(), reason.to_string());
                batch.left_out.add(&name(file), reason, strict)?;
                first_bad.get_or_insert((kind, text));
                batch.each.push(None);
            }
            None => batch.each.push(None),
        }
    }
    match first_bad {
        Some((kind, text)) if batch.each.iter().all(Option::is_none) => Err(match files.len() {
            1 => Failure::plain(text),
            n => Failure::plain(format!("none of {n} files can be used; the first: {text}")),
        }
        .of(kind)),
        _ => Ok(batch),
    }
}
