//! Creases of a finger and scratches of one impression: white lines across the ridges.

use std::f32::consts::PI;

use super::settings::ImpressionSettings;
use super::warp::Warp;
use crate::synth::math;
use crate::synth::print::master::MasterPrint;
use crate::synth::random::{Purpose, Stream};

/// Part number of the stream of a finger's creases.
const CREASES: u64 = 1;
/// Most creases of a finger.
const MOST_CREASES: usize = 4;

/// Share of the ridges that is lost at each pixel, 0 to 1; empty when nothing is lost.
pub(super) fn draw(random: &mut Stream, master: &MasterPrint, warp: &Warp, settings: &ImpressionSettings) -> Vec<f32> {
    let (width, height) = (settings.width as usize, settings.height as usize);
    let strength = settings.cracks.clamp(0.0, 100.0);
    if strength <= 0.0 {
        return Vec::new();
    }
    let mut gone = vec![0f32; width * height];
    let mut own = Stream::new(master.seed, Purpose::Master, master.finger, CREASES);
    for _ in 0..own.index(MOST_CREASES + 1) {
        let (w, h) = (master.width as f32, master.height as f32);
        let start = (own.range(0.1, 0.9) * w, own.range(0.1, 0.9) * h);
        let line = Line::draw(&mut own, start, (40.0, 180.0), (0.8, 2.2));
        line.paint(&mut gone, width, height, |x, y| warp.to_picture(x, y));
    }
    let fresh = strength * random.range(0.5, 1.5);
    let count = fresh as usize + usize::from(random.chance(fresh - (fresh as usize) as f32));
    for _ in 0..count {
        let start = (random.range(0.0, 1.0) * width as f32, random.range(0.0, 1.0) * height as f32);
        let line = Line::draw(random, start, (20.0, 80.0), (0.6, 1.6));
        line.paint(&mut gone, width, height, |x, y| (x, y));
    }
    gone
}

/// A crooked line.
struct Line {
    points: Vec<(f32, f32, f32)>,
}

impl Line {
    fn draw(random: &mut Stream, start: (f32, f32), length: (f32, f32), radius: (f32, f32)) -> Self {
        let steps = random.range(length.0, length.1) as usize;
        let radius = random.range(radius.0, radius.1);
        let mut angle = random.range(-PI, PI);
        let mut bend = 0.0;
        let (mut x, mut y) = start;
        let mut points = Vec::with_capacity(steps);
        for step in 0..steps {
            // Thin at both ends.
            let along = step as f32 / steps as f32;
            let taper = (8.0 * along * (1.0 - along)).min(1.0);
            points.push((x, y, radius * (0.4 + 0.6 * taper)));
            bend = 0.9 * bend + 0.012 * random.rough_normal();
            angle += bend;
            let (sine, cosine) = math::sin_cos(f64::from(angle));
            x += cosine as f32;
            y += sine as f32;
        }
        Self { points }
    }

    /// Paints discs along the line; each pixel gets its covered share.
    fn paint(&self, gone: &mut [f32], width: usize, height: usize, place: impl Fn(f32, f32) -> (f32, f32)) {
        for &(x, y, radius) in &self.points {
            let (x, y) = place(x, y);
            stamp(gone, width, height, x, y, radius, 1.0);
        }
    }
}

/// Raises a soft disc to `value`.
pub(super) fn stamp(plane: &mut [f32], width: usize, height: usize, x: f32, y: f32, radius: f32, value: f32) {
    let reach = radius + 1.0;
    if x < -reach || y < -reach || x > width as f32 + reach || y > height as f32 + reach {
        return;
    }
    let rows = (y - reach).max(0.0) as usize..((y + reach + 1.0).max(0.0) as usize).min(height);
    for row in rows {
        let columns = (x - reach).max(0.0) as usize..((x + reach + 1.0).max(0.0) as usize).min(width);
        for column in columns {
            let (dx, dy) = (column as f32 - x, row as f32 - y);
            let covered = (radius + 0.5 - (dx * dx + dy * dy).sqrt()).clamp(0.0, 1.0) * value;
            if let Some(p) = plane.get_mut(row * width + column) {
                *p = p.max(covered);
            }
        }
    }
}
