//! A finger's ridge pattern, independent of any sensor.

use std::fmt;

use super::density::Density;
use super::flow::WaveField;
use super::grid::Grid;
use super::growth;
use super::layout::Layout;
use super::params::{FADE, SINGULAR_RADIUS};
use super::pores;
use super::quadrature::Quadrature;
use super::residue::{self, MasterMinutia};
use super::signal::Signal;
use super::silhouette::Silhouette;
use crate::fingerprint::singular::{PatternClass, SingularKind};
use crate::synth::random::{Purpose, Stream};

/// A finger: its ridge pattern on a plane of pixels at 500 ppi and the exact minutiae.
///
/// It is made by [`PrintGenerator::finger`](super::PrintGenerator::finger).
#[derive(Clone)]
pub struct MasterPrint {
    pub(super) seed: u64,
    pub(super) finger: u64,
    pub(super) class: PatternClass,
    pub(super) period: f32,
    pub(super) silhouette: Silhouette,
    pub(super) width: usize,
    pub(super) height: usize,
    /// Ridge pattern, 1 on top of a ridge, -1 in a valley; row-major.
    pub(super) ridges: Vec<f32>,
    pub(super) waves: WaveField,
    pub(super) minutiae: Vec<MasterMinutia>,
    /// Cores and deltas.
    pub(super) singular: Vec<(SingularKind, f32, f32)>,
    pub(super) pores: Vec<(f32, f32)>,
}

impl MasterPrint {
    /// Grows finger `finger` of the generator `seed`.
    pub(super) fn grow(seed: u64, finger: u64, size: (u32, u32), period_range: (f32, f32)) -> Self {
        let mut random = Stream::new(seed, Purpose::Master, finger, 0);
        let silhouette = Silhouette::new(size.0, size.1);
        let (width, height) = silhouette.size();
        let period = random.range(period_range.0, period_range.1);
        let layout = Layout::draw(&mut random, width, height);
        let density = Density::draw(&mut random, &layout, period, width, height);
        let grid = Grid::new(&layout, &density, &silhouette, period);
        let plane = growth::grow(&grid, &mut random);
        let quadrature = Quadrature::new(&grid, &plane);
        let signal = Signal::new(&quadrature, &silhouette);
        let cores = layout.loops.iter().map(|s| (SingularKind::Core, s.x, s.y));
        let singular: Vec<_> = cores.chain(layout.deltas.iter().map(|s| (SingularKind::Delta, s.x, s.y))).collect();
        let waves = WaveField::new(&signal, period);
        let radius = SINGULAR_RADIUS * period;
        let mut minutiae = residue::residues(&signal, &quadrature, period);
        minutiae.retain(|m| silhouette.contains(m.x, m.y) && !near(&singular, m.x, m.y, radius));
        let ridges = pattern(&signal, quadrature.full_magnitude());
        let pores = pores::draw(&mut random, &ridges, size, period);
        Self {
            seed,
            finger,
            class: layout.class,
            period,
            silhouette,
            width: size.0 as usize,
            height: size.1 as usize,
            ridges,
            waves,
            minutiae,
            singular,
            pores,
        }
    }

    /// Pattern class.
    #[must_use]
    pub fn class(&self) -> PatternClass {
        self.class
    }

    /// Ridge period where the flow is straight, pixels at 500 ppi.
    #[must_use]
    pub fn period(&self) -> f32 {
        self.period
    }

    /// Width of the master, pixels at 500 ppi.
    #[must_use]
    pub fn width(&self) -> u32 {
        self.width as u32
    }

    /// Height of the master, pixels at 500 ppi.
    #[must_use]
    pub fn height(&self) -> u32 {
        self.height as u32
    }

    /// Number of minutiae on the whole finger.
    #[must_use]
    pub fn minutiae_count(&self) -> usize {
        self.minutiae.len()
    }

    /// The ridge pattern, row-major, `width * height` values in `[-1, 1]`: 1 on top of a ridge, -1 in a valley, 0 off the
    /// finger.
    #[must_use]
    pub fn ridges(&self) -> &[f32] {
        &self.ridges
    }

    /// Ridge pattern at a place between pixels (Catmull-Rom); 0 outside.
    pub(super) fn ridge_at(&self, x: f32, y: f32) -> f32 {
        // Two pixels of margin: no tap leaves the plane.
        if !(x >= 1.0 && y >= 1.0) {
            return 0.0;
        }
        let (column, row) = (x as usize, y as usize);
        if column + 2 >= self.width || row + 2 >= self.height {
            return 0.0;
        }
        let horizontal = catmull_rom(x - column as f32);
        let vertical = catmull_rom(y - row as f32);
        let mut sum = 0.0;
        for (j, wy) in vertical.into_iter().enumerate() {
            let from = (row + j - 1) * self.width + column - 1;
            if let Some(&[a, b, c, d]) = self.ridges.get(from..from + 4) {
                sum += wy * ((horizontal[0] * a + horizontal[1] * b) + (horizontal[2] * c + horizontal[3] * d));
            }
        }
        sum
    }
}

/// Catmull-Rom weights of the four samples around a place `t` after the second.
fn catmull_rom(t: f32) -> [f32; 4] {
    let (t2, t3) = (t * t, t * t * t);
    [0.5 * (-t3 + 2.0 * t2 - t), 0.5 * (3.0 * t3 - 5.0 * t2 + 2.0), 0.5 * (-3.0 * t3 + 4.0 * t2 + t), 0.5 * (t3 - t2)]
}

/// Whether one of `points` is within `radius` of `(x, y)`.
pub(super) fn near(points: &[(SingularKind, f32, f32)], x: f32, y: f32, radius: f32) -> bool {
    points.iter().any(|&(_, px, py)| (px - x) * (px - x) + (py - y) * (py - y) <= radius * radius)
}

/// Cosine of the phase, faded to 0 where the signal vanishes.
fn pattern(signal: &Signal, full: f32) -> Vec<f32> {
    let floor = FADE * full * FADE * full;
    signal.re.iter().zip(&signal.im).map(|(&re, &im)| re / (re * re + im * im + floor).sqrt()).collect()
}

impl fmt::Debug for MasterPrint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MasterPrint")
            .field("finger", &self.finger)
            .field("class", &self.class)
            .field("width", &self.width)
            .field("height", &self.height)
            .field("minutiae", &self.minutiae.len())
            .finish_non_exhaustive()
    }
}
