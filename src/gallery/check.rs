//! Checks whether a gallery is intact and, if not, reports what is wrong and where.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;

use super::error::GalleryError;
use super::handle::Gallery;
use super::journal::{Holds, LogFile, Mark, Marks, RecordsFile, State, StoredEvent, Wanted};
use super::log::{EventKind, Hash, Outcome};
use super::params::GROUPS_AT_ONCE;
use super::report::{CheckReport, Problem, ProblemKind};
use super::walk::Walk;

/// Reads the whole log, and adds to a report what was found: its groups beside one another where there are marks, and one frame after the
/// other where there are none or something is wrong, to tell where.
pub(super) fn walk_log(
    log: &LogFile,
    marks: Option<&Marks>,
    state: &State,
    report: &mut CheckReport,
) -> Result<(), GalleryError> {
    if let Some(marks) = marks
        && groups_are_whole(log, marks, state)?
    {
        report.log_entries = state.log.len() - state.retired.len();
        return Ok(());
    }
    let walked = log.walk(state, &mut |frame| {
        if !frame.is_intent {
            report.log_entries += frame.events.len() as u64;
        }
    })?;
    if let Err(number) = walked {
        report.add(Problem { entry: Some(number), ..Problem::new(ProblemKind::Log) });
    }
    Ok(())
}

/// Whether the log consists of the groups of its marks, and its leaves give the root of the state.
fn groups_are_whole(log: &LogFile, marks: &Marks, state: &State) -> Result<bool, GalleryError> {
    let mut groups: Vec<(Mark, Mark)> = Vec::new();
    let Some(first) = marks.first(|_| true) else { return Ok(false) };
    let all = marks.each(&first, &Wanted::default(), &mut |group| {
        groups.push((group.from, group.to));
        Ok::<bool, GalleryError>(true)
    });
    let ends_there = groups.last().is_some_and(|(_, to)| (to.frames, to.counter) == (state.frames, state.counter));
    if all.transpose()?.is_none() || !ends_there {
        return Ok(false);
    }
    let mut seen = state.retired.clone();
    for some in groups.chunks(GROUPS_AT_ONCE) {
        let leaves = |(from, to): &(Mark, Mark)| {
            let mut leaves: Vec<Hash> = Vec::new();
            let whole = log.frames(*from, to.frames, &mut |frame, _| {
                leaves.extend(frame.events.iter().filter(|_| !frame.is_intent).map(StoredEvent::leaf));
                Ok(true)
            })?;
            Ok(whole.then_some(leaves))
        };
        let read: Result<Vec<Option<Vec<Hash>>>, GalleryError> = some.par_iter().map(leaves).collect();
        for leaves in read? {
            let Some(leaves) = leaves else { return Ok(false) };
            leaves.into_iter().for_each(|leaf| seen.push(leaf));
        }
    }
    Ok(seen == state.log)
}

impl Gallery {
    /// Reads everything on the disk again, the whole log included, and reports what is wrong. Searches and changes
    /// continue meanwhile: the check covers the gallery as of the call. The log records the check.
    ///
    /// # Errors
    /// [`GalleryError`] when the files cannot be read.
    pub fn check(&self) -> Result<CheckReport, GalleryError> {
        self.check_until(&AtomicBool::new(false))
    }

    /// [`Gallery::check`], which ends with [`GalleryError::Canceled`] soon after `flag` becomes true: at the next 8 MiB of records, and before
    /// the log.
    ///
    /// # Errors
    /// As for [`Gallery::check`].
    #[cfg_attr(feature = "tracing", tracing::instrument(level = "debug", skip_all))]
    pub fn check_until(&self, flag: &AtomicBool) -> Result<CheckReport, GalleryError> {
        if self.shared.unlogged.is_none() {
            self.ledger().flush()?;
        }
        let (log, marks, state, source) = {
            let writer = self.writer();
            let mut ledger = self.ledger();
            (ledger.log.reader(), ledger.stored_marks()?, ledger.state.clone(), Arc::clone(&writer.source))
        };
        let Holds { file, end, .. } = state.holds;
        let records = RecordsFile::at(file, Arc::clone(&source.file), Arc::clone(&source.keys), end);
        let go_on = || if flag.load(Ordering::Relaxed) { Err(GalleryError::Canceled) } else { Ok(()) };
        let walk = Walk { records: &records, source: &source, state: &state, go_on: &go_on };
        let mut report = walk.run(None)?.report;
        go_on()?;
        walk_log(&log, marks.as_ref(), &state, &mut report)?;
        let outcome = if report.is_sound() { Outcome::Done } else { Outcome::Failed };
        self.record(self.event(EventKind::Check).outcome(outcome).count(report.problems.len()))?;
        report.logged = self.shared.unlogged.is_none();
        Ok(report)
    }
}
