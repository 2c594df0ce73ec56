//! One reference template from several impressions of the same finger.
//!
//! | step | file |
//! |---|---|
//! | choice of the base, and the mapping of each other impression to it | this one |
//! | the mapping itself, including skin distortion | `warp` |
//! | minutiae of an impression, and its clarity | `sighting` |
//! | choice of minutiae | `vote` |
//! | ridge flow beyond the base's | `extend` |

mod extend;
mod params;
mod sighting;
#[cfg(test)]
mod tests;
mod vote;
mod warp;

use thiserror::Error;

use super::comparison::Scratch;
use super::finger::Finger;
use super::pairs::{Correspondence, correspond};
use super::probe::FingerProbe;
use crate::fingerprint::minutia::Minutia;
use crate::fingerprint::template::{FingerTemplate, TemplateError};
use crate::geometry::Angle;
use extend::{Beyond, extend};
use params::*;
use sighting::Sighting;
use warp::{Path, Warp};

/// The reason why impressions cannot be merged.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum MergeError {
    /// No impressions.
    #[error("no impressions were given")]
    Empty,
    /// More impressions than are allowed.
    #[error("{count} impressions, at most {MAX_IMPRESSIONS} are allowed")]
    TooMany {
        /// Number of impressions given.
        count: usize,
    },
    /// The merged template exceeds a limit of templates.
    #[error(transparent)]
    Template(#[from] TemplateError),
}

/// A template made of several impressions.
#[derive(Clone, Debug)]
pub struct Merged {
    /// The template, in the plane of the base moved right and down as far as others reach beyond it.
    pub template: FingerTemplate,
    /// The impression that agrees best with the others.
    pub base: usize,
    /// The impressions that were used, the base first.
    pub used: Vec<usize>,
}

impl Finger {
    /// One reference template from several impressions of the same finger.
    ///
    /// The impressions are compared with one another; the one that agrees best with the others is the base, and the
    /// others are mapped into its plane through their best neighbors, with skin distortion removed. Minutiae that
    /// several impressions show are kept at their mean position; those that are missing where an impression is clear
    /// lose quality and are dropped when little is left; those beyond the base's foreground are added. Ridge flow is
    /// the base's, extended where only others have flow. An impression that agrees with none of the others that are
    /// used is left out: see [`Merged::used`]. A single impression is returned unchanged.
    ///
    /// **When to merge.** A merged reference costs the memory and the time of one template. Keeping all impressions and
    /// fusing their scores with [`fusion::best_of`](crate::fusion::best_of) costs both for each impression, and is more
    /// accurate: choose it if that cost is acceptable. On eight real sets, EER / FMR1000 in percent (templates of this
    /// crate, mean over the sets; `selfsame eval fingerprint DIR --enroll K`; with 50 or 60 probes a set, differences
    /// of 0.2 are noise):
    ///
    /// | enrolled | first alone | merged | best of |
    /// |---|---|---|---|
    /// | 2 | 0.59 / 2.29 | 0.42 / 0.83 | 0.20 / 0.42 |
    /// | 3 | 0.25 / 1.75 | 0.49 / 0.50 | 0.24 / 0.50 |
    ///
    /// Merging helps least where prints are very wet or dry: keep all impressions of those.
    ///
    /// Cost: one comparison for each pair of impressions, plus some milliseconds.
    ///
    /// # Errors
    /// [`MergeError`] when there are none or too many impressions.
    ///
    /// ```
    /// use selfsame::synth::{Level, PrintGenerator};
    /// use selfsame::{Comparator, Extractor, Finger, Fmr, Threshold};
    /// let finger = PrintGenerator::new(1).finger(0);
    /// let extractor = Extractor::new();
    /// let impressions = [0, 1, 2].map(|k| extractor.extract(&finger.impression(k, Level::Good).image));
    /// let [a, b, probe] = impressions;
    /// let merged = Finger::default().merge(&[a?, b?])?;
    /// assert_eq!(merged.used.len(), 2);
    /// let score = Comparator::<Finger>::new().compare_templates(&probe?, &merged.template)?;
    /// assert!(score.meets(Threshold::at_fmr(Fmr::new(1e-4)?)?));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn merge(&self, impressions: &[FingerTemplate]) -> Result<Merged, MergeError> {
        if impressions.len() > MAX_IMPRESSIONS {
            return Err(MergeError::TooMany { count: impressions.len() });
        }
        let first = impressions.first().ok_or(MergeError::Empty)?;
        if impressions.len() == 1 {
            return Ok(Merged { template: first.clone(), base: 0, used: vec![0] });
        }
        let sightings = align(impressions);
        let used: Vec<usize> = sightings.iter().map(|s| s.0).collect();
        let sightings: Vec<Sighting<'_>> = sightings.into_iter().map(|s| s.1).collect();
        let base = used.first().copied().unwrap_or(0);
        let template = match &sightings[..] {
            [one] => one.template.clone(),
            _ => combine(&sightings)?,
        };
        Ok(Merged { template, base, used })
    }
}

/// The impressions that agree, the base first, each with its number.
fn align(impressions: &[FingerTemplate]) -> Vec<(usize, Sighting<'_>)> {
    let prints: Vec<FingerProbe> = impressions.iter().map(FingerProbe::new).collect();
    let mut scratch = Scratch::default();
    let n = prints.len();
    // Row i, column j: the mapping from j to i.
    let mut ways: Vec<Option<(f32, Warp)>> = Vec::with_capacity(n * n);
    for (i, a) in prints.iter().enumerate() {
        for (j, b) in prints.iter().enumerate() {
            let way = |c: Correspondence| Warp::new(&c).map(|w| (c.score.decibels(), w));
            ways.push(if i == j { None } else { correspond(a, b, &mut scratch).and_then(way) });
        }
    }
    // If only two impressions agree, or none, agreement is equal: then take the one that shows more.
    let substance = |t: &FingerTemplate| t.minutiae().iter().map(|m| f32::from(m.quality.max(1))).sum::<f32>();
    let agreement = |i: usize| {
        let scores = ways[i * n..(i + 1) * n].iter().flatten().map(|w| w.0).sum::<f32>();
        scores + SUBSTANCE / 100.0 * substance(&impressions[i])
    };
    let base = (1..n).fold(0, |best, i| if agreement(i) > agreement(best) { i } else { best });
    let mut found = vec![(base, Path::default())];
    // The impression that agrees best with any mapped one is mapped through that one.
    loop {
        let mut best: Option<(f32, usize, usize)> = None;
        for (at, (i, _)) in found.iter().enumerate() {
            for j in (0..n).filter(|j| found.iter().all(|f| f.0 != *j)) {
                let score = ways[i * n + j].as_ref().map_or(0.0, |w| w.0);
                if score >= LEAST_AGREEMENT && best.is_none_or(|b| score > b.0) {
                    best = Some((score, at, j));
                }
            }
        }
        let Some((_, at, j)) = best else { break };
        let Some((_, warp)) = &ways[found[at].0 * n + j] else { break };
        let mut path = vec![warp.clone()];
        path.extend(found[at].1.0.iter().cloned());
        found.push((j, Path(path)));
    }
    found.into_iter().map(|(k, path)| (k, Sighting::new(&impressions[k], path))).collect()
}

/// The chosen minutiae and the extended ridge flow as a template.
fn combine(sightings: &[Sighting<'_>]) -> Result<FingerTemplate, TemplateError> {
    let base = sightings[0].template;
    let mut seen = vote::vote(sightings);
    let (width, height) = (base.width() as f32, base.height() as f32);
    let mut beyond = Beyond::default();
    for s in &seen {
        beyond.hold(s.at, width, height);
    }
    let beyond = beyond.rounded(base.ridge_flow().map_or(1.0, |f| f32::from(f.cell)));
    for s in &mut seen {
        s.at = [s.at[0] + beyond.left, beyond.top - s.at[1]];
    }
    let inside = |v: f32| (0.0..=FingerTemplate::MAX_POSITION).contains(&v);
    seen.retain(|s| inside(s.at[0]) && inside(s.at[1]));
    seen.sort_by(|a, b| b.quality.total_cmp(&a.quality));
    seen.truncate(FingerTemplate::MAX_MINUTIAE);
    let minutiae = seen.iter().map(|s| Minutia {
        x: s.at[0],
        y: s.at[1],
        direction: Angle::from_radians(s.direction),
        kind: s.kind,
        quality: (s.quality * 100.0).round().clamp(1.0, 100.0) as u8,
    });
    let grown = |side: u32, by: f32| side.saturating_add(by as u32);
    let (width, height) =
        (grown(base.width(), beyond.left + beyond.right), grown(base.height(), beyond.top + beyond.bottom));
    let mut template = FingerTemplate::new(width, height, minutiae.collect())?;
    if let Some(quality) = sightings.iter().filter_map(|s| s.template.quality()).max() {
        template = template.with_quality(quality)?;
    }
    match extend(sightings, &beyond) {
        Some(flow) => template.with_ridge_flow(flow),
        None => Ok(template),
    }
}
