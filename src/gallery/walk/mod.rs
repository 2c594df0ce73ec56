//! Reading all records: every block is checked and every valid record opened, on all threads of the caller's pool.
//!
//! A subject's records and the directory that lists them usually follow one another in one block. Such a group is opened at once, from the
//! bytes of the block (`group`), and its rows go into segments of an index (`rows`). What the groups, the single records and the removals
//! add up to is followed by subject in the order of the file (`subjects`); a subject that occurs more than once, or whose records are apart, is
//! opened again at the end, by its last directory (`single`).
//!
//! Windows of blocks are numbered, and the rows of each have segments of their own, so an index holds the same rows at the same numbers,
//! whichever thread read them.

mod group;
mod rows;
mod single;
mod subjects;

use std::sync::{Arc, Mutex, PoisonError};

use rayon::prelude::*;

pub(super) use rows::Rows;

use super::error::GalleryError;
use super::journal::{Keys, RecordsFile, State, Tag, Window};
use super::params::SEALED_AT_ONCE;
use super::people::{Entry, Source};
use super::report::{CheckReport, Problem, ProblemKind};
use super::seal::Opened;
use crate::subject::SubjectId;
use group::{Step, steps};
use single::open_subject;
use subjects::Subjects;

/// What is read.
pub(super) struct Walk<'a> {
    pub(super) records: &'a RecordsFile,
    pub(super) source: &'a Arc<Source>,
    pub(super) state: &'a State,
    /// Called before each window; an error ends the walk.
    pub(super) go_on: &'a (dyn Fn() -> Result<(), GalleryError> + Sync),
}

/// What was found.
pub(super) struct Found {
    pub(super) report: CheckReport,
    pub(super) subjects: Vec<(SubjectId, Arc<Entry>)>,
    /// The rows for searches, if they were wanted.
    pub(super) rows: Option<Rows>,
}

/// What a thread found in one window.
struct Turn {
    window: u32,
    steps: Vec<Step>,
    problems: Vec<Problem>,
    rows: Option<Rows>,
}

impl Walk<'_> {
    /// Reads everything once. Nothing is written. `rows` is empty, and gives the settings of the indexes; without it, templates and
    /// embeddings are read instead, and no rows are made.
    pub(super) fn run(&self, rows: Option<&Rows>) -> Result<Found, GalleryError> {
        let mut report = CheckReport::default();
        let (turns, is_whole) = self.turns(rows)?;
        let (mut subjects, mut parts) = (Subjects::default(), Vec::new());
        for turn in turns {
            turn.problems.into_iter().for_each(|problem| report.add(problem));
            turn.steps.into_iter().for_each(|step| subjects.apply(step));
            parts.push(turn.rows);
        }
        if !is_whole {
            report.add(Problem::new(ProblemKind::CutShort));
        }
        let mut all = rows.map(Rows::another);
        if let Some(all) = &mut all {
            parts.into_iter().flatten().for_each(|part| all.append(part));
            all.forget(subjects.repeated());
        }
        let (mut found, apart) = subjects.end();
        let mut count = found.len() as u64;
        for some in apart.chunks(SEALED_AT_ONCE) {
            (self.go_on)()?;
            let open = |(tag, parts): &(Tag, subjects::Parts)| open_subject(self.source, tag, parts, rows);
            let opened: Vec<_> = some.par_iter().map(open).collect();
            for opened in opened {
                count += 1;
                match opened? {
                    Ok((subject, entry, prepared)) => match all.as_mut().map(|all| all.put(&subject, prepared)) {
                        Some(None) => report.add(Problem::of(ProblemKind::Unreadable, &entry.tag, Some(&subject))),
                        _ => found.push((subject, entry)),
                    },
                    Err(problems) => problems.into_iter().for_each(|problem| report.add(problem)),
                }
            }
        }
        report.subjects = found.len() as u64;
        report.records = found.iter().map(|(_, entry)| entry.records.len() as u64).sum();
        let records = report.records == self.state.holds.records || !report.is_sound();
        if count != self.state.holds.subjects || !records {
            report.add(Problem::new(ProblemKind::Count));
        }
        Ok(Found { report, subjects: found, rows: all })
    }

    /// What all windows hold, in their order, and whether the blocks end where they should.
    fn turns(&self, rows: Option<&Rows>) -> Result<(Vec<Turn>, bool), GalleryError> {
        let windows = Mutex::new(self.records.windows()?);
        // Only reading the file is done under the lock.
        let next = || windows.lock().unwrap_or_else(PoisonError::into_inner).next();
        let take_turns = |_| {
            let (mut mine, mut buffer) = (Vec::new(), Opened::default());
            while let Some(window) = next()? {
                (self.go_on)()?;
                mine.push(self.turn(&window, rows.map(Rows::another), &mut buffer));
            }
            Ok(mine)
        };
        let threads = rayon::current_num_threads();
        let lists: Result<Vec<Vec<Turn>>, GalleryError> =
            (0..threads).into_par_iter().with_max_len(1).map(take_turns).collect();
        let mut turns: Vec<Turn> = lists?.into_iter().flatten().collect();
        turns.sort_unstable_by_key(|turn| turn.window);
        let windows = windows.into_inner().unwrap_or_else(PoisonError::into_inner);
        Ok((turns, windows.is_whole()))
    }

    fn turn(&self, window: &Window, mut rows: Option<Rows>, buffer: &mut Opened) -> Turn {
        let keys: &Keys = &self.source.keys;
        let (mut all, mut problems) = (Vec::new(), Vec::new());
        for block in window.blocks(keys) {
            let is_readable = steps(self.source, &block, &mut rows, buffer, &mut all);
            if !block.fits || !is_readable {
                problems.push(Problem { offset: Some(block.at), ..Problem::new(ProblemKind::Block) });
            }
        }
        Turn { window: window.number, steps: all, problems, rows }
    }
}
