//! The analytic signal of a finger at every pixel.

use super::quadrature::{Quadrature, Window};
use super::silhouette::Silhouette;

/// Outline level up to which the signal is computed.
const LEVEL: f32 = 1.06;

/// Signal planes, row-major; both parts are 0 off the finger.
pub(super) struct Signal {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) re: Vec<f32>,
    pub(super) im: Vec<f32>,
    /// The wave vector that the filter was tuned to (y down, radians per node); its sign is arbitrary.
    pub(super) wave: Vec<(f32, f32)>,
}

impl Signal {
    /// Evaluates the quadrature filter at every pixel of the finger.
    pub(super) fn new(quadrature: &Quadrature<'_>, silhouette: &Silhouette) -> Self {
        let (width, height) = silhouette.size();
        let (width, height) = (width as usize, height as usize);
        let mut re = vec![0f32; width * height];
        let mut im = vec![0f32; width * height];
        let mut wave = vec![(0f32, 0f32); width * height];
        let columns: Vec<Window> = (0..width).map(|x| quadrature.window(x as f32)).collect();
        for y in 0..height {
            let down = quadrature.window(y as f32);
            for (x, across) in columns.iter().enumerate() {
                let (px, py) = (x as f32, y as f32);
                if silhouette.level(px, py) <= LEVEL {
                    let i = y * width + x;
                    wave[i] = quadrature.flow(px, py).wave();
                    (re[i], im[i]) = quadrature.within(across, &down, wave[i]);
                }
            }
        }
        Self { width, height, re, im, wave }
    }
}
