//! The map between picture and finger, in both directions: sweep, rotation, displacement, plastic distortion.

use std::f32::consts::PI;

use super::settings::{ImpressionSettings, Sensor};
use crate::synth::math;
use crate::synth::print::master::MasterPrint;
use crate::synth::random::Stream;

/// Largest rotation, degrees.
const ROTATION_BOUND: f32 = 30.0;
/// Deviation and bound of the scale.
const SCALE_CHANGE: (f32, f32) = (0.01, 0.025);
/// Largest slide of the rim against the pressed center, pixels, and largest rotation, degrees, at full strength.
const SLIDE: (f32, f32) = (14.0, 7.0);
/// Steps of the fixed-point inversion of the distortion; it contracts by 0.6 or better.
const INVERSION_STEPS: usize = 40;
/// Heights of the bands of a sweep, pixels, their largest stretch and their largest sidestep, pixels.
const BAND: (f32, f32) = (8.0, 32.0);
const BAND_STRETCH: f32 = 0.05;
const BAND_SIDESTEP: f32 = 0.8;

/// The map of one impression.
pub(super) struct Warp {
    sweep: Option<Sweep>,
    /// Center of the picture.
    picture: (f32, f32),
    /// Position of that center on the master.
    master: (f32, f32),
    cosine: f32,
    sine: f32,
    scale: f32,
    distortion: Distortion,
}

/// Plastic distortion after Cappelli, Maio and Maltoni (2001): none in the pressed ellipse, rigid far outside, and
/// damped between.
struct Distortion {
    center: (f32, f32),
    axes: (f32, f32),
    /// Width of the damped belt in units of the ellipse.
    belt: f32,
    slide: (f32, f32),
    cosine: f32,
    sine: f32,
}

impl Distortion {
    fn draw(random: &mut Stream, master: &MasterPrint, strength: f32) -> Self {
        let (width, height) = (master.width as f32, master.height as f32);
        let strength = strength.clamp(0.0, 1.0);
        let center = (width * random.range(0.4, 0.6), height * random.range(0.38, 0.55));
        let axes = (width * random.range(0.16, 0.24), height * random.range(0.16, 0.24));
        let belt = random.range(0.9, 1.6);
        let direction = f64::from(random.range(-PI, PI));
        let (s, c) = math::sin_cos(direction);
        let length = strength * SLIDE.0 * random.range(0.4, 1.0);
        let turn = strength * SLIDE.1 * random.range(-1.0, 1.0);
        let (sine, cosine) = math::sin_cos(f64::from(turn.to_radians()));
        Self {
            center,
            axes,
            belt,
            slide: (length * c as f32, length * s as f32),
            cosine: cosine as f32,
            sine: sine as f32,
        }
    }

    /// Displacement of a point.
    fn shift(&self, x: f32, y: f32) -> (f32, f32) {
        let (dx, dy) = (x - self.center.0, y - self.center.1);
        let (ex, ey) = (dx / self.axes.0, dy / self.axes.1);
        let outside = (ex * ex + ey * ey).sqrt() - 1.0;
        if outside <= 0.0 {
            return (0.0, 0.0);
        }
        let brake = if outside >= self.belt {
            1.0
        } else {
            0.5 * (1.0 - math::sin_cos(f64::from(PI * outside / self.belt)).1 as f32)
        };
        let mx = self.cosine * dx - self.sine * dy + self.slide.0 - dx;
        let my = self.sine * dx + self.cosine * dy + self.slide.1 - dy;
        (brake * mx, brake * my)
    }
}

/// Stretched bands of a sweep sensor.
struct Sweep {
    /// For each picture row: the row of the undisturbed picture, increasing, and the sidestep.
    rows: Vec<(f32, f32)>,
}

impl Sweep {
    fn draw(random: &mut Stream, height: usize) -> Self {
        let mut rows = Vec::with_capacity(height);
        let mut row = 0.0;
        let mut left = 0.0;
        let (mut step, mut side) = (1.0, 0.0);
        for _ in 0..height {
            if left <= 0.0 {
                left = random.range(BAND.0, BAND.1);
                step = 1.0 + random.range(-BAND_STRETCH, BAND_STRETCH);
                side = random.range(-BAND_SIDESTEP, BAND_SIDESTEP);
            }
            rows.push((row, side));
            row += step;
            left -= 1.0;
        }
        // Stretches cancel overall: the middle row stays in place.
        let middle = rows.get(height / 2).map_or(0.0, |r| r.0) - (height / 2) as f32;
        for r in &mut rows {
            r.0 -= middle;
        }
        Self { rows }
    }

    fn forward(&self, x: f32, y: f32) -> (f32, f32) {
        let row = (y.max(0.0) as usize).min(self.rows.len().saturating_sub(2));
        match self.rows.get(row..row + 2) {
            Some(&[a, b]) => {
                let t = y - row as f32;
                (x + a.1 + t.clamp(0.0, 1.0) * (b.1 - a.1), a.0 + t * (b.0 - a.0))
            }
            _ => (x, y),
        }
    }

    fn backward(&self, x: f32, y: f32) -> (f32, f32) {
        let row = self.rows.partition_point(|r| r.0 <= y).saturating_sub(1).min(self.rows.len().saturating_sub(2));
        match self.rows.get(row..row + 2) {
            Some(&[a, b]) => {
                let t = (y - a.0) / (b.0 - a.0);
                (x - a.1 - t.clamp(0.0, 1.0) * (b.1 - a.1), row as f32 + t)
            }
            _ => (x, y),
        }
    }
}

impl Warp {
    pub(super) fn draw(random: &mut Stream, master: &MasterPrint, settings: &ImpressionSettings) -> Self {
        let rotation = random.bounded_normal(settings.rotation, ROTATION_BOUND);
        let (sine, cosine) = math::sin_cos(f64::from(rotation.to_radians()));
        let scale = 1.0 + random.bounded_normal(SCALE_CHANGE.0, SCALE_CHANGE.1);
        let bound = 2.5 * settings.displacement;
        let dx = random.bounded_normal(settings.displacement, bound);
        let dy = random.bounded_normal(settings.displacement, bound);
        let distortion = Distortion::draw(random, master, settings.distortion);
        let (width, height) = (settings.width as f32, settings.height as f32);
        let sweep = (settings.sensor == Sensor::ThermalSweep).then(|| Sweep::draw(random, settings.height as usize));
        Self {
            sweep,
            picture: (0.5 * width, 0.5 * height),
            master: (0.5 * master.width as f32 + dx, 0.49 * master.height as f32 + dy),
            cosine: cosine as f32,
            sine: sine as f32,
            scale,
            distortion,
        }
    }

    /// Maps the picture to the finger.
    pub(super) fn to_master(&self, x: f32, y: f32) -> (f32, f32) {
        let (x, y) = self.sweep.as_ref().map_or((x, y), |s| s.forward(x, y));
        let (dx, dy) = ((x - self.picture.0) / self.scale, (y - self.picture.1) / self.scale);
        let u = self.master.0 + self.cosine * dx - self.sine * dy;
        let v = self.master.1 + self.sine * dx + self.cosine * dy;
        let shift = self.distortion.shift(u, v);
        (u + shift.0, v + shift.1)
    }

    /// Maps the finger to the picture.
    pub(super) fn to_picture(&self, x: f32, y: f32) -> (f32, f32) {
        let (mut u, mut v) = (x, y);
        for _ in 0..INVERSION_STEPS {
            let shift = self.distortion.shift(u, v);
            let (nu, nv) = (x - shift.0, y - shift.1);
            let moved = (nu - u).abs() + (nv - v).abs();
            (u, v) = (nu, nv);
            if moved < 1e-4 {
                break;
            }
        }
        let (dx, dy) = (u - self.master.0, v - self.master.1);
        let px = self.picture.0 + self.scale * (self.cosine * dx + self.sine * dy);
        let py = self.picture.1 + self.scale * (self.cosine * dy - self.sine * dx);
        self.sweep.as_ref().map_or((px, py), |s| s.backward(px, py))
    }

    /// Derivatives of [`Warp::to_master`] at a place of the picture: `[du/dx, du/dy, dv/dx, dv/dy]`.
    pub(super) fn jacobian(&self, x: f32, y: f32) -> [f32; 4] {
        /// Half the step of the difference, pixels: wide enough to average a seam of a sweep.
        const HALF: f32 = 3.0;
        let (right, left) = (self.to_master(x + HALF, y), self.to_master(x - HALF, y));
        let (down, up) = (self.to_master(x, y + HALF), self.to_master(x, y - HALF));
        let d = 2.0 * HALF;
        [(right.0 - left.0) / d, (down.0 - up.0) / d, (right.1 - left.1) / d, (down.1 - up.1) / d]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::synth::print::PrintGenerator;
    use crate::synth::print::impression::settings::Level;
    use crate::synth::random::Purpose;

    #[test]
    fn there_and_back() {
        let master = PrintGenerator::new(1).with_size(300, 360).finger(0);
        for level in Level::ALL {
            for sensor in Sensor::ALL {
                let settings = ImpressionSettings::new(level, sensor);
                for k in 0..6 {
                    let warp = Warp::draw(&mut Stream::new(1, Purpose::Impression, 0, k), &master, &settings);
                    for i in 0..400 {
                        let (x, y) = ((i % 20) as f32 * 14.3 + 8.0, (i / 20) as f32 * 13.1 + 8.0);
                        let (u, v) = warp.to_master(x, y);
                        let (bx, by) = warp.to_picture(u, v);
                        assert!(
                            (bx - x).abs() < 0.02 && (by - y).abs() < 0.02,
                            "{level:?} {sensor:?} {k}: ({x}, {y}) came back as ({bx}, {by})"
                        );
                        let [ux, uy, vx, vy] = warp.jacobian(x, y);
                        assert!(ux * vy - uy * vx > 0.3, "{level:?} {sensor:?} {k}: folded at ({x}, {y})");
                    }
                }
            }
        }
    }
}
