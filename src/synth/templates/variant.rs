//! Another impression of the same minutiae: some are lost or false, and all are moved, warped, rotated and cut.

use std::f32::consts::{PI, TAU};

use super::params::{FRAME, ROTATION_BOUND, WARP_LENGTHS, WARP_WAVES};
use super::points::{in_area, minutia};
use crate::fingerprint::minutia::{Minutia, MinutiaKind};
use crate::synth::math;
use crate::synth::random::Stream;

/// Differences of probes from enrolled templates.
///
/// ```
/// use selfsame::synth::{TemplateGenerator, Variation};
/// let harder = Variation { keep: 0.6, position: 4.0, ..Variation::default() };
/// let probe = TemplateGenerator::new(3).with_variation(harder).probe(0, 0);
/// assert!(probe.minutiae().len() < 90);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Variation {
    /// Share of the overlapping minutiae that are found again.
    pub keep: f32,
    /// False minutiae per kept one.
    pub false_share: f32,
    /// Standard deviation of a position in each direction, pixels.
    pub position: f32,
    /// Standard deviation of a direction, degrees.
    pub angle: f32,
    /// Largest displacement by the smooth warp, pixels.
    pub warp: f32,
    /// Smallest share of the minutiae in the overlap; the largest is 1.
    pub overlap: f32,
    /// Standard deviation of the rotation, degrees; truncated at 30.
    pub rotation: f32,
    /// Standard deviation of the displacement in each direction, pixels.
    pub displacement: f32,
    /// Share of wrong kinds.
    pub kind_error: f32,
}

impl Default for Variation {
    /// Everyday quality: 80 % found again, 15 % false ones, 2.5 pixels, 6 degrees, warp up to 8 pixels, overlap 60 to
    /// 100 %.
    fn default() -> Self {
        Self {
            keep: 0.8,
            false_share: 0.15,
            position: 2.5,
            angle: 6.0,
            warp: 8.0,
            overlap: 0.6,
            rotation: 8.0,
            displacement: 15.0,
            kind_error: 0.12,
        }
    }
}

impl Variation {
    /// No change at all.
    #[must_use]
    pub fn none() -> Self {
        Self {
            keep: 1.0,
            false_share: 0.0,
            position: 0.0,
            angle: 0.0,
            warp: 0.0,
            overlap: 1.0,
            rotation: 0.0,
            displacement: 0.0,
            kind_error: 0.0,
        }
    }
}

/// A smooth displacement: a few long waves.
struct Waves {
    /// Wave vector, phase and displacement of each.
    waves: [[f32; 5]; WARP_WAVES],
}

impl Waves {
    fn draw(random: &mut Stream, largest: f32) -> Self {
        let mut waves = [[0f32; 5]; WARP_WAVES];
        for wave in &mut waves {
            let length = random.range(WARP_LENGTHS.0, WARP_LENGTHS.1);
            let (sine, cosine) = math::sin_cos(f64::from(random.range(-PI, PI)));
            let phase = random.range(-PI, PI);
            let (s, c) = math::sin_cos(f64::from(random.range(-PI, PI)));
            let size = largest / WARP_WAVES as f32 * random.uniform();
            let number = TAU / length;
            *wave = [number * cosine as f32, number * sine as f32, phase, size * c as f32, size * s as f32];
        }
        Self { waves }
    }

    /// Displacement at `(x, y)` and its rotation there, radians counter-clockwise on the screen.
    fn at(&self, x: f32, y: f32) -> (f32, f32, f32) {
        let (mut dx, mut dy, mut turn) = (0.0, 0.0, 0.0);
        for &[kx, ky, phase, sx, sy] in &self.waves {
            let (sine, cosine) = math::sin_cos(f64::from(kx * x + ky * y + phase));
            dx += sx * sine as f32;
            dy += sy * sine as f32;
            // Half the curl, y down.
            turn += 0.5 * cosine as f32 * (sx * ky - sy * kx);
        }
        (dx, dy, turn)
    }
}

/// Varies the minutiae of a finger.
pub(super) fn vary(minutiae: &[Minutia], variation: &Variation, random: &mut Stream) -> Vec<Minutia> {
    let kept = overlap(minutiae, variation.overlap, random);
    let rotation = random.bounded_normal(variation.rotation.abs(), ROTATION_BOUND).to_radians();
    let (sine, cosine) = math::sin_cos(f64::from(rotation));
    let (sine, cosine) = (sine as f32, cosine as f32);
    let bound = 2.5 * variation.displacement.abs();
    let shift =
        (random.bounded_normal(variation.displacement, bound), random.bounded_normal(variation.displacement, bound));
    let waves = Waves::draw(random, variation.warp);
    let (cx, cy) = (0.5 * FRAME.0 as f32, 0.5 * FRAME.1 as f32);
    let mut out = Vec::with_capacity(kept.len() + kept.len() / 4);
    for m in kept {
        if !random.chance(variation.keep) {
            continue;
        }
        let (wx, wy, turn) = waves.at(m.x, m.y);
        let jitter = (variation.position * random.normal(), variation.position * random.normal());
        let (dx, dy) = (m.x + wx - cx, m.y + wy - cy);
        let x = cx + cosine * dx + sine * dy + shift.0 + jitter.0;
        let y = cy - sine * dx + cosine * dy + shift.1 + jitter.1;
        let angle = rotation + turn + (variation.angle * random.normal()).to_radians();
        let kind = if random.chance(variation.kind_error) { other_kind(m.kind) } else { m.kind };
        push(&mut out, Minutia { x, y, direction: m.direction.turned(angle), kind, quality: m.quality });
    }
    let wanted = out.len() as f32 * variation.false_share.clamp(0.0, 2.0);
    let count = wanted as usize + usize::from(random.chance(wanted - (wanted as usize) as f32));
    for _ in 0..count {
        let (x, y) = in_area(random);
        // A false minutia follows the ridges too: those of the nearest true one.
        let distance = |m: &&Minutia| (m.x - x) * (m.x - x) + (m.y - y) * (m.y - y);
        let nearest = out.iter().min_by(|a, b| distance(a).total_cmp(&distance(b))).map(|m| m.direction.radians());
        let mut m = minutia(random, x, y, nearest.unwrap_or(0.0));
        m.quality /= 2;
        push(&mut out, m);
    }
    out
}

/// The minutiae on one side of a random straight cut.
fn overlap<'a>(minutiae: &'a [Minutia], smallest: f32, random: &mut Stream) -> Vec<&'a Minutia> {
    let share = random.range(smallest.clamp(0.05, 1.0), 1.0);
    let (sine, cosine) = math::sin_cos(f64::from(random.range(-PI, PI)));
    let along = |m: &Minutia| m.x * cosine as f32 + m.y * sine as f32;
    let mut places: Vec<f32> = minutiae.iter().map(along).collect();
    places.sort_by(f32::total_cmp);
    let last = ((share * minutiae.len() as f32 + 0.5) as usize).clamp(1, minutiae.len().max(1)) - 1;
    let bound = places.get(last).copied().unwrap_or(0.0);
    minutiae.iter().filter(|m| along(m) <= bound).collect()
}

/// Keeps minutiae that lie in the frame.
fn push(out: &mut Vec<Minutia>, m: Minutia) {
    if m.x >= 0.0 && m.y >= 0.0 && m.x < FRAME.0 as f32 && m.y < FRAME.1 as f32 {
        out.push(m);
    }
}

fn other_kind(kind: MinutiaKind) -> MinutiaKind {
    match kind {
        MinutiaKind::Ending => MinutiaKind::Bifurcation,
        MinutiaKind::Bifurcation => MinutiaKind::Ending,
        MinutiaKind::Other => MinutiaKind::Other,
    }
}
