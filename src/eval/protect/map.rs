//! A map from codes to faces, learned from known pairs.

use super::known::{Attack, Deal, Guess, shuffled};
use super::regression::Regression;
use crate::protect::FaceCode;

/// The attack with the first `known` people of the pool; `codes` are those of all rows.
pub(super) fn map(deal: &Deal<'_>, codes: &[FaceCode], known: usize) -> Attack<Guess> {
    let rows = deal.pool.get(..known).unwrap_or_default();
    let mixed: Vec<usize> = shuffled(known).into_iter().filter_map(|i| rows.get(i).copied()).collect();
    let learned = |pictures: &[usize]| Learned::new(deal, codes, rows, pictures);
    let judged = |map: Option<&Learned<'_>>| {
        map.map_or_else(Guess::default, |map| deal.judge(|target| map.face(codes.get(target.coded))))
    };
    let (map, null) = (learned(rows), learned(&mixed));
    // Known codes whose owner has another picture for comparison.
    let shown = rows.iter().zip(&deal.pool_others).filter_map(|(&row, other)| Some((row, (*other)?)));
    let shown: Vec<(usize, usize)> = shown.collect();
    let accepted = map
        .as_ref()
        .map_or(0, |map| shown.iter().filter(|&&(row, other)| deal.accepts(&map.face(codes.get(row)), other)).count());
    let accepted = accepted as f64 / shown.len().max(1) as f64;
    Attack {
        found: judged(map.as_ref()),
        null: judged(null.as_ref()),
        control: Guess { rank_one: None, accepted, targets: shown.len() },
    }
}

/// A learned map.
struct Learned<'a> {
    regression: Regression<'a>,
    faces: Vec<&'a [f32]>,
    mean: Vec<f32>,
}

impl<'a> Learned<'a> {
    fn new(deal: &'a Deal<'_>, codes: &'a [FaceCode], rows: &[usize], pictures: &[usize]) -> Option<Self> {
        let faces: Vec<&[f32]> = pictures.iter().map(|&row| deal.face(row)).collect();
        let wanted: Vec<Vec<f64>> = faces.iter().map(|f| f.iter().map(|v| f64::from(*v)).collect()).collect();
        let known = rows.iter().filter_map(|&row| codes.get(row)).collect();
        let mut mean = vec![0f32; faces.first()?.len()];
        for face in &faces {
            mean.iter_mut().zip(*face).for_each(|(m, v)| *m += v / faces.len() as f32);
        }
        Some(Self { regression: Regression::new(known, &wanted)?, faces, mean })
    }

    fn face(&self, code: Option<&FaceCode>) -> Vec<f32> {
        let mut out = self.mean.clone();
        let weights = code.map_or_else(Vec::new, |code| self.regression.weights(code));
        for (weight, face) in weights.into_iter().zip(&self.faces) {
            out.iter_mut().zip(face.iter().zip(&self.mean)).for_each(|(o, (v, m))| *o += weight as f32 * (v - m));
        }
        out
    }
}
