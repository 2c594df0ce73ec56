//! Linking of a finger's code to another by the distances among its own parts.
//!
//! With any key, two parts under one rotation are as far apart as their neighborhoods. So the parts of two codes are
//! matched by their rows of distances, and then for some rounds by the distances to the parts already matched. The
//! score is the share of matched distances that agree, minus the mean difference of the sorted distances of both codes.

use super::params::{STRUCTURE_BITS, STRUCTURE_ORDER, STRUCTURE_ROUNDS};
use crate::protect::FingerCode;

/// Number of parts of a code.
const PARTS: usize = 32;
/// Number of distances among them.
const PAIRS: usize = PARTS * (PARTS - 1) / 2;

/// Distances among the parts of a code.
pub(super) struct Inner {
    apart: [[f32; PARTS]; PARTS],
    /// Each row, sorted.
    sorted: [[f32; PARTS]; PARTS],
    /// All distances, sorted.
    all: Vec<f32>,
}

impl Inner {
    pub(super) fn new(code: &FingerCode) -> Self {
        let parts: [_; PARTS] = std::array::from_fn(|j| code.part(j));
        let mut apart = [[0f32; PARTS]; PARTS];
        for (row, a) in apart.iter_mut().zip(&parts) {
            for (out, b) in row.iter_mut().zip(&parts) {
                *out = a.iter().zip(b).map(|(a, b)| (a ^ b).count_ones()).sum::<u32>() as f32;
            }
        }
        let mut sorted = apart;
        sorted.iter_mut().for_each(|row| row.sort_unstable_by(f32::total_cmp));
        let mut all: Vec<f32> = Vec::with_capacity(PAIRS);
        apart.iter().enumerate().for_each(|(i, row)| all.extend(&row[..i]));
        all.sort_unstable_by(f32::total_cmp);
        Self { apart, sorted, all }
    }
}

/// Likeness of the distances inside two codes.
pub(super) fn likeness(a: &Inner, b: &Inner) -> f64 {
    let mut support = [[0f32; PARTS]; PARTS];
    for (support, a) in support.iter_mut().zip(&a.sorted) {
        for (support, b) in support.iter_mut().zip(&b.sorted) {
            *support = -a.iter().zip(b).map(|(a, b)| (a - b).abs()).sum::<f32>();
        }
    }
    let mut matched = assign(&support);
    for _ in 0..STRUCTURE_ROUNDS {
        // Rows of b in the order of the parts of a that they are matched with.
        let ordered: [[f32; PARTS]; PARTS] =
            std::array::from_fn(|j| std::array::from_fn(|k| b.apart[j][usize::from(matched[k])]));
        for (i, support) in support.iter_mut().enumerate() {
            for (j, support) in support.iter_mut().enumerate() {
                let mut sum = 0.0;
                for (k, (a, b)) in a.apart[i].iter().zip(&ordered[j]).enumerate() {
                    let apart = (a - b) / STRUCTURE_BITS;
                    sum += if k == i { 0.0 } else { 1.0 / (1.0 + apart * apart) };
                }
                *support = sum;
            }
        }
        let next = assign(&support);
        if next == matched {
            break;
        }
        matched = next;
    }
    let agreed: f32 = support.iter().zip(matched).map(|(row, j)| row[usize::from(j)]).sum();
    let order: f32 = a.all.iter().zip(&b.all).map(|(a, b)| (a - b).abs()).sum();
    f64::from(agreed / PARTS as f32 - STRUCTURE_ORDER * order / PAIRS as f32)
}

/// Assigns a part of b to each part of a, from the largest support down.
fn assign(support: &[[f32; PARTS]; PARTS]) -> [u8; PARTS] {
    let mut order: Vec<(f32, u8, u8)> = Vec::with_capacity(PARTS * PARTS);
    for (i, row) in support.iter().enumerate() {
        order.extend(row.iter().enumerate().map(|(j, s)| (*s, i as u8, j as u8)));
    }
    order.sort_unstable_by(|p, q| q.0.total_cmp(&p.0).then((p.1, p.2).cmp(&(q.1, q.2))));
    let (mut matched, mut taken_a, mut taken_b) = ([0; PARTS], 0u32, 0u32);
    for (_, i, j) in order {
        if taken_a >> i & 1 == 0 && taken_b >> j & 1 == 0 {
            (taken_a, taken_b) = (taken_a | 1 << i, taken_b | 1 << j);
            matched[usize::from(i)] = j;
        }
    }
    matched
}

/// Likeness of two codes of one secret for an attacker without it: slots with the same number have the same rotation,
/// so a shared neighborhood in the same slot is visible.
pub(super) fn slot_by_slot(a: &FingerCode, b: &FingerCode) -> f64 {
    let likeness = |j: usize| {
        let apart: u32 = a.part(j).iter().zip(b.part(j)).map(|(a, b)| (a ^ b).count_ones()).sum();
        (128.0 - f64::from(apart)).max(0.0).powi(2)
    };
    (0..PARTS).map(likeness).sum()
}
