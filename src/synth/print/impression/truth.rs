//! Ground truth of an impression.

use std::fmt;

use super::warp::Warp;
use crate::fingerprint::minutia::{Minutia, MinutiaKind};
use crate::fingerprint::singular::SingularKind;
use crate::fingerprint::template::{FingerTemplate, RidgeFlow, TemplateError};
use crate::geometry::Angle;
use crate::geometry::angle::wrap_orientation;
use crate::synth::math;
use crate::synth::print::master::MasterPrint;
use crate::synth::print::params::SINGULAR_RADIUS;

/// Cosine of the phase ahead of a residue below which ending and bifurcation cannot be distinguished.
const KIND_MARGIN: f32 = 0.4;

/// Distance ahead of the residue at which a minutia's direction is read, ridge periods.
const DIRECTION_REACH: f32 = 0.5;

/// Ground truth of a synthetic impression. Coordinates are pixels of its image.
///
/// A minutia lies at the phase residue: the point where one ridge becomes two or a ridge begins, half-way between the
/// end of the ridge's middle line and the fork of the valley's. Its direction is the tangent of the ridge (or valley) that
/// begins there, half a ridge period ahead. `MinutiaKind::Other` marks minutiae that are neither a clear ending nor a
/// clear fork.
#[derive(Clone)]
pub struct GroundTruth {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) minutiae: Vec<Minutia>,
    pub(super) undecided: Vec<(f32, f32, f32)>,
    pub(super) singular: Vec<(SingularKind, f32, f32)>,
    pub(super) mask: Vec<bool>,
    pub(super) columns: u32,
    pub(super) rows: u32,
    pub(super) orientation: Vec<f32>,
    pub(super) period: Vec<f32>,
}

impl GroundTruth {
    /// Side of the cells of orientation and period, pixels.
    pub const CELL: u32 = 8;

    /// Maps a master's truth through the map of an impression.
    pub(super) fn new(master: &MasterPrint, warp: &Warp, width: u32, height: u32, mask: Vec<bool>, bias: f32) -> Self {
        let visible = |x: f32, y: f32| {
            x >= 0.0
                && y >= 0.0
                && (x + 0.5) < width as f32
                && (y + 0.5) < height as f32
                && mask.get((y + 0.5) as usize * width as usize + (x + 0.5) as usize).copied().unwrap_or(false)
        };
        let mut minutiae = Vec::with_capacity(master.minutiae.len());
        for m in &master.minutiae {
            let (x, y) = warp.to_picture(m.x, m.y);
            if !visible(x, y) {
                continue;
            }
            // The direction of the ridge or valley that begins here: it lies ahead of the residue, and behind it there are
            // only its neighbors.
            let reach = DIRECTION_REACH * master.period;
            let ahead = warp.to_picture(m.x + reach * m.ahead.0, m.y + reach * m.ahead.1);
            let Some((kx, ky)) = wave_in_picture(master, warp, ahead.0, ahead.1) else { continue };
            let length = (kx * kx + ky * ky).sqrt();
            let (mut tx, mut ty) = (ky / length, -kx / length);
            if tx * (ahead.0 - x) + ty * (ahead.1 - y) < 0.0 {
                (tx, ty) = (-tx, -ty);
            }
            let direction = Angle::from_radians(math::atan2(f64::from(-ty), f64::from(tx)) as f32);
            let ridge = m.ridge + bias;
            let kind = if ridge > KIND_MARGIN {
                MinutiaKind::Ending
            } else if ridge < -KIND_MARGIN {
                MinutiaKind::Bifurcation
            } else {
                MinutiaKind::Other
            };
            minutiae.push(Minutia { x, y, direction, kind, quality: 100 });
        }
        let radius = SINGULAR_RADIUS * master.period;
        let placed = |&(kind, x, y): &(SingularKind, f32, f32)| {
            let (x, y) = warp.to_picture(x, y);
            (kind, x, y)
        };
        let singular: Vec<_> = master.singular.iter().map(placed).filter(|&(_, x, y)| visible(x, y)).collect();
        let undecided = singular.iter().map(|&(_, x, y)| (x, y, radius)).collect();
        let (columns, rows) = (width.div_ceil(Self::CELL), height.div_ceil(Self::CELL));
        let cells = columns as usize * rows as usize;
        let (mut orientation, mut period) = (vec![0f32; cells], vec![0f32; cells]);
        let middle = (Self::CELL - 1) as f32 * 0.5;
        for row in 0..rows {
            for column in 0..columns {
                let (x, y) = ((column * Self::CELL) as f32 + middle, (row * Self::CELL) as f32 + middle);
                if !visible(x, y) {
                    continue;
                }
                if let Some((kx, ky)) = wave_in_picture(master, warp, x, y) {
                    let cell = row as usize * columns as usize + column as usize;
                    // The ridge (ky, -kx) with y turned up.
                    orientation[cell] = wrap_orientation(math::atan2(f64::from(kx), f64::from(ky)) as f32);
                    period[cell] = std::f32::consts::TAU / (kx * kx + ky * ky).sqrt();
                }
            }
        }
        Self { width, height, minutiae, undecided, singular, mask, columns, rows, orientation, period }
    }

    /// The minutiae inside the visible area, positions to a fraction of a pixel, quality 100.
    #[must_use]
    pub fn minutiae(&self) -> &[Minutia] {
        &self.minutiae
    }

    /// Cores and deltas in the visible area: kind, x and y in pixels.
    #[must_use]
    pub fn singular_points(&self) -> &[(SingularKind, f32, f32)] {
        &self.singular
    }

    /// Whether a false or missed minutia at a place counts against an extractor: the place must be at least `margin`
    /// pixels inside the visible area, because near its edge minutiae cannot be distinguished from the edge, and
    /// outside [`GroundTruth::undecided`].
    #[must_use]
    pub fn is_judged(&self, x: f32, y: f32, margin: f32) -> bool {
        self.is_inside(x, y, margin) && !self.undecided.iter().any(|u| (u.0 - x).hypot(u.1 - y) < u.2)
    }

    /// Discs `(x, y, radius)` around cores and deltas in which the presence of a minutia is undecided; a fair measure
    /// counts neither finds nor misses there.
    #[must_use]
    pub fn undecided(&self) -> &[(f32, f32, f32)] {
        &self.undecided
    }

    /// Width of the image, pixels.
    #[must_use]
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Height of the image, pixels.
    #[must_use]
    pub fn height(&self) -> u32 {
        self.height
    }

    /// For every pixel, row-major: whether the finger touched there.
    #[must_use]
    pub fn mask(&self) -> &[bool] {
        &self.mask
    }

    /// Columns and rows of the cells of [`GroundTruth::orientation`] and [`GroundTruth::period`].
    #[must_use]
    pub fn cells(&self) -> (u32, u32) {
        (self.columns, self.rows)
    }

    /// Ridge orientation at the middle of each cell of [`GroundTruth::CELL`] pixels, row-major, radians in `[0, pi)`
    /// counter-clockwise from +x; only where [`GroundTruth::period`] is above 0.
    #[must_use]
    pub fn orientation(&self) -> &[f32] {
        &self.orientation
    }

    /// Ridge period at the middle of each cell, pixels; 0 off the finger.
    #[must_use]
    pub fn period(&self) -> &[f32] {
        &self.period
    }

    /// Whether `(x, y)` lies on the finger, at least `margin` pixels from the edge of the visible area.
    #[must_use]
    pub fn is_inside(&self, x: f32, y: f32, margin: f32) -> bool {
        /// Directions in which the margin is checked.
        const RAYS: [(f32, f32); 9] = [
            (0.0, 0.0),
            (1.0, 0.0),
            (-1.0, 0.0),
            (0.0, 1.0),
            (0.0, -1.0),
            (0.7, 0.7),
            (-0.7, 0.7),
            (0.7, -0.7),
            (-0.7, -0.7),
        ];
        RAYS.iter().all(|&(dx, dy)| {
            let (px, py) = (x + margin * dx + 0.5, y + margin * dy + 0.5);
            px >= 0.0
                && py >= 0.0
                && px < self.width as f32
                && py < self.height as f32
                && self.mask.get(py as usize * self.width as usize + px as usize).copied().unwrap_or(false)
        })
    }

    /// The truth as a template with ridge flow, as a perfect extractor would return it.
    ///
    /// # Errors
    /// [`TemplateError`] does not occur for a truth made by this module, but is passed on.
    pub fn to_template(&self) -> Result<FingerTemplate, TemplateError> {
        use std::f32::consts::PI;
        let on = |value: u8, period: f32| if period > 0.0 { value } else { 0 };
        let cells = self.orientation.iter().zip(&self.period);
        let flow = RidgeFlow {
            cell: Self::CELL as u16,
            columns: self.columns as u16,
            rows: self.rows as u16,
            orientation: cells.clone().map(|(&o, &p)| on(((o / PI * 256.0 + 0.5) as u32 % 256) as u8, p)).collect(),
            coherence: cells.map(|(_, &p)| on(255, p)).collect(),
            period: self.period.iter().map(|&p| (p * 8.0 + 0.5).clamp(0.0, 255.0) as u8).collect(),
        };
        FingerTemplate::new(self.width, self.height, self.minutiae.clone())?.with_quality(100)?.with_ridge_flow(flow)
    }

    /// The minutiae as text: a header line, then `x,y,angle_degrees,type,quality`, pixels at 500 ppi, type `E`, `B` or
    /// `O`.
    #[must_use]
    pub fn to_csv(&self) -> String {
        let mut text = String::from("x,y,angle_degrees,type,quality\n");
        for m in &self.minutiae {
            let kind = match m.kind {
                MinutiaKind::Ending => 'E',
                MinutiaKind::Bifurcation => 'B',
                MinutiaKind::Other => 'O',
            };
            text.push_str(&format!("{:.2},{:.2},{:.1},{kind},{}\n", m.x, m.y, m.direction.degrees(), m.quality));
        }
        text
    }
}

impl fmt::Debug for GroundTruth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GroundTruth")
            .field("width", &self.width)
            .field("height", &self.height)
            .field("minutiae", &self.minutiae.len())
            .finish_non_exhaustive()
    }
}

/// Wave vector of the ridges at a place of the picture, radians per pixel.
fn wave_in_picture(master: &MasterPrint, warp: &Warp, x: f32, y: f32) -> Option<(f32, f32)> {
    let (u, v) = warp.to_master(x, y);
    let (ku, kv) = master.waves.at(u, v)?;
    let [ux, uy, vx, vy] = warp.jacobian(x, y);
    let (kx, ky) = (ux * ku + vx * kv, uy * ku + vy * kv);
    (kx * kx + ky * ky > 1e-6).then_some((kx, ky))
}
