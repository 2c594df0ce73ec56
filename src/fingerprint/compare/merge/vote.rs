//! Choice of minutiae from several impressions, and their positions.

use super::params::*;
use super::sighting::{Seen, Sighting};
use crate::fingerprint::minutia::MinutiaKind;
use crate::geometry::angle::wrap_signed;

/// Sightings of one minutia.
struct Cluster {
    members: Vec<Seen>,
    /// The impressions that show it.
    shown_by: Vec<usize>,
}

impl Cluster {
    /// Mean position and direction, weighted by quality.
    fn mean(&self) -> Seen {
        let (mut w, mut x, mut y, mut s, mut c) = (0f32, 0f32, 0f32, 0f32, 0f32);
        let mut kinds = [0f32; 2];
        for m in &self.members {
            let q = m.quality.max(0.01);
            let (sin, cos) = m.direction.sin_cos();
            w += q;
            x += q * m.at[0];
            y += q * m.at[1];
            s += q * sin;
            c += q * cos;
            match m.kind {
                MinutiaKind::Ending => kinds[0] += q,
                MinutiaKind::Bifurcation => kinds[1] += q,
                MinutiaKind::Other => {}
            }
        }
        let kind = match kinds {
            [0.0, 0.0] => MinutiaKind::Other,
            [e, b] if e >= b => MinutiaKind::Ending,
            _ => MinutiaKind::Bifurcation,
        };
        Seen { at: [x / w, y / w], direction: s.atan2(c), kind, quality: 0.0 }
    }
}

/// The chosen minutiae of the impressions, in the plane of the first one. Their quality is the mean of the sightings',
/// reduced where other impressions contradict them.
pub(super) fn vote(sightings: &[Sighting<'_>]) -> Vec<Seen> {
    let mut clusters: Vec<Cluster> = Vec::new();
    for (k, sighting) in sightings.iter().enumerate() {
        join(&mut clusters, k, sighting.seen().collect());
    }
    clusters
        .iter()
        .filter_map(|cluster| {
            let mut mean = cluster.mean();
            let doubt = cluster.members.iter().fold(1.0, |d, m| d * (1.0 - m.quality));
            let missed = (0..sightings.len())
                .filter(|k| !cluster.shown_by.contains(k))
                .fold(1.0, |p, k| p * (1.0 - MISSED * sightings[k].clarity(mean.at)));
            let quality = cluster.members.iter().map(|m| m.quality).sum::<f32>() / cluster.members.len() as f32;
            mean.quality = quality * missed;
            ((1.0 - doubt) * missed >= LEAST_CONFIDENCE).then_some(mean)
        })
        .collect()
}

/// Adds the minutiae of an impression to the clusters, one to one, closest first; a minutia without a cluster starts a
/// new one.
fn join(clusters: &mut Vec<Cluster>, impression: usize, seen: Vec<Seen>) {
    let means: Vec<Seen> = clusters.iter().map(Cluster::mean).collect();
    let mut candidates = Vec::new();
    for (j, s) in seen.iter().enumerate() {
        for (i, m) in means.iter().enumerate() {
            let d2 = (s.at[0] - m.at[0]).powi(2) + (s.at[1] - m.at[1]).powi(2);
            let turn = wrap_signed(s.direction - m.direction).abs();
            if d2 < SAME_DISTANCE * SAME_DISTANCE && turn < SAME_ANGLE {
                candidates.push((d2 / (SAME_DISTANCE * SAME_DISTANCE) + (turn / SAME_ANGLE).powi(2), i, j));
            }
        }
    }
    candidates.sort_by(|p, q| p.0.total_cmp(&q.0).then(p.1.cmp(&q.1)).then(p.2.cmp(&q.2)));
    let (mut taken, mut placed) = (vec![false; clusters.len()], vec![false; seen.len()]);
    for (_, i, j) in candidates {
        if !taken[i] && !placed[j] {
            taken[i] = true;
            placed[j] = true;
            clusters[i].members.push(seen[j]);
            clusters[i].shown_by.push(impression);
        }
    }
    let new = seen.into_iter().zip(placed).filter(|(_, placed)| !placed);
    clusters.extend(new.map(|(s, _)| Cluster { members: vec![s], shown_by: vec![impression] }));
}
