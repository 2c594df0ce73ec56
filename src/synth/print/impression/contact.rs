//! The pixels that the finger touches, and its pressure there.

use super::settings::ImpressionSettings;
use super::warp::Warp;
use crate::synth::noise;
use crate::synth::print::master::MasterPrint;
use crate::synth::random::Stream;

/// Feature size of the ragged edge, pixels, and its raggedness.
const EDGE_CELL: f32 = 14.0;
const EDGE_RAGGED: f32 = 0.035;

/// Contact of every pixel, row-major.
pub(super) struct Contact {
    /// Position on the master.
    pub(super) places: Vec<(f32, f32)>,
    /// Depth inside the contact area: 0 on its edge, 1 in the middle; negative outside.
    pub(super) depth: Vec<f32>,
}

impl Contact {
    pub(super) fn draw(random: &mut Stream, master: &MasterPrint, warp: &Warp, settings: &ImpressionSettings) -> Self {
        let (width, height) = (settings.width as usize, settings.height as usize);
        let share = random.range(settings.contact.0, settings.contact.1).clamp(0.1, 1.0);
        let (mw, mh) = (master.width as f32, master.height as f32);
        // The pressed area is an ellipse on the finger, at a random place within it.
        let room = 1.0 - share;
        let center =
            (mw * (0.5 + 0.35 * room * random.range(-1.0, 1.0)), mh * (0.49 + 0.45 * room * random.range(-1.0, 1.0)));
        let axes = (0.5 * mw * share, 0.52 * mh * share);
        let ragged = noise::surface(random, width, height, EDGE_CELL);
        let mut places = Vec::with_capacity(width * height);
        let mut depth = Vec::with_capacity(width * height);
        for y in 0..height {
            for x in 0..width {
                let (u, v) = warp.to_master(x as f32, y as f32);
                let (ex, ey) = ((u - center.0) / axes.0, (v - center.1) / axes.1);
                let level = master.silhouette.level(u, v).max(ex * ex + ey * ey);
                places.push((u, v));
                depth.push(1.0 - level - EDGE_RAGGED * (1.0 + ragged[depth.len()]));
            }
        }
        Self { places, depth }
    }

    /// Pixels that the finger touches.
    pub(super) fn mask(&self) -> Vec<bool> {
        self.depth.iter().map(|&d| d > 0.0).collect()
    }
}
