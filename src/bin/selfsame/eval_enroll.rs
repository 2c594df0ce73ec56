//! `selfsame eval fingerprint DIR --enroll K`: several impressions of a finger enrolled.

use std::fmt::Write as _;

use rayon::prelude::*;
use selfsame::eval::ScoreSet;
use selfsame::eval::protocol::{SampleName, subjects};
use selfsame::{Finger, FingerTemplate, Modality, Score, fusion};
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::rate;

/// The enrolled references, in the order of the scores.
const KEPT: [(&str, &str); 3] =
    [("first impression alone", "first"), ("all, best of their scores", "best_of"), ("all, merged into one", "merged")];

/// Error rates of each way to enroll.
pub struct EnrollReport {
    impressions: usize,
    fingers: usize,
    probes: usize,
    sets: Vec<ScoreSet>,
}

/// Enrolls the first `impressions` of each finger and compares the others with all fingers. Impressions whose
/// extraction failed are not enrolled; as probes they score 0, and so does a finger with none enrolled.
pub fn run(
    names: &[SampleName],
    templates: &[Option<FingerTemplate>],
    impressions: usize,
) -> Result<EnrollReport, Failure> {
    let subject = subjects(names);
    let fingers = subject.iter().max().map_or(0, |m| m + 1);
    let mut enrolled: Vec<Vec<FingerTemplate>> = vec![Vec::new(); fingers];
    let mut seen = vec![0; fingers];
    let mut probes = Vec::new();
    for (&finger, template) in subject.iter().zip(templates) {
        seen[finger] += 1;
        if seen[finger] > impressions {
            probes.push((finger, template));
        } else if let Some(template) = template {
            enrolled[finger].push(template.clone());
        }
    }
    let modality = Finger::default();
    let failed = |e: &dyn std::fmt::Display| Failure::plain(format!("cannot enroll: {e}"));
    let references = enrolled
        .par_iter()
        .map(|own| {
            let single =
                own.iter().map(|t| modality.reference(t)).collect::<Result<Vec<_>, _>>().map_err(|e| failed(&e))?;
            let mut merged = None;
            if !own.is_empty() {
                let template = modality.merge(own).map_err(|e| failed(&e))?.template;
                merged = Some(modality.reference(&template).map_err(|e| failed(&e))?);
            }
            Ok((single, merged))
        })
        .collect::<Result<Vec<_>, Failure>>()?;
    let rows = probes
        .par_iter()
        .map_init(Default::default, |scratch, (_, template)| {
            let Some(template) = template else { return Ok(vec![[Score::ZERO; 3]; fingers]) };
            let probe = modality.prepare(template).map_err(|e| failed(&e))?;
            let mut compare = |r| modality.compare(&probe, r, scratch).map_err(|e| failed(&e));
            let row = references.iter().map(|(single, merged)| {
                let scores = single.iter().map(&mut compare).collect::<Result<Vec<_>, _>>()?;
                let merged = merged.as_ref().map(&mut compare).transpose()?;
                let first = scores.first().copied().unwrap_or(Score::ZERO);
                Ok([first, fusion::best_of(&scores), merged.unwrap_or(Score::ZERO)])
            });
            row.collect::<Result<Vec<_>, Failure>>()
        })
        .collect::<Result<Vec<_>, Failure>>()?;
    let sets = (0..KEPT.len()).map(|way| {
        let (mut genuine, mut impostor) = (Vec::new(), Vec::new());
        for ((own, _), row) in probes.iter().zip(&rows) {
            for (finger, scores) in row.iter().enumerate() {
                let side = if finger == *own { &mut genuine } else { &mut impostor };
                side.push(f64::from(scores[way].decibels()));
            }
        }
        ScoreSet::new(genuine, impostor).map_err(|e| Failure::new("cannot evaluate enrollment", e))
    });
    Ok(EnrollReport { impressions, fingers, probes: probes.len(), sets: sets.collect::<Result<_, _>>()? })
}

impl EnrollReport {
    pub fn text(&self) -> String {
        let mut out = format!(
            "\nenrolled: the first {} impressions of each of {} fingers, {} probes\n{:<28}{}\n",
            self.impressions,
            self.fingers,
            self.probes,
            "",
            rate::COLUMNS
        );
        for ((name, _), set) in KEPT.iter().zip(&self.sets) {
            let _ = writeln!(out, "{name:<28}{}", rate::row(set));
        }
        out
    }

    pub fn json(&self) -> Value {
        let mut out = json!({"impressions": self.impressions, "fingers": self.fingers, "probes": self.probes});
        for ((_, key), set) in KEPT.iter().zip(&self.sets) {
            let v = set.rates();
            out[*key] = json!({"genuine": set.genuine(), "impostor": set.impostor(), "eer": v.eer, "fmr100": v.fmr100, "fmr1000": v.fmr1000, "zero_fmr": v.zero_fmr});
        }
        out
    }
}
