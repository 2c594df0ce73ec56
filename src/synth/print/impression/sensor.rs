//! Conversion of ink to gray levels by each kind of sensor.

use super::contact::Contact;
use super::settings::{ImpressionSettings, Sensor};
use crate::synth::math;
use crate::synth::noise;
use crate::synth::print::master::MasterPrint;
use crate::synth::random::Stream;

/// Gray of untouched glass or silicon, of valleys and of ridges at full contrast.
struct Grays {
    outside: f32,
    valley: f32,
    ridge: f32,
}

fn grays(sensor: Sensor) -> Grays {
    match sensor {
        Sensor::Optical => Grays { outside: 255.0, valley: 253.0, ridge: 40.0 },
        Sensor::Capacitive => Grays { outside: 126.0, valley: 118.0, ridge: 34.0 },
        Sensor::ThermalSweep => Grays { outside: 96.0, valley: 232.0, ridge: 0.0 },
    }
}

/// Feature size of stains and uneven light, pixels.
const STAIN_CELL: f32 = 90.0;
/// Darkness of the residue of an earlier touch at full strength, relative to a ridge.
const LATENT_DEPTH: f32 = 0.35;

/// Converts ink to gray pixels.
pub(super) fn develop(
    random: &mut Stream,
    master: &MasterPrint,
    contact: &Contact,
    coverage: &[f32],
    settings: &ImpressionSettings,
) -> Vec<u8> {
    let (width, height) = (settings.width as usize, settings.height as usize);
    let g = grays(settings.sensor);
    let contrast = settings.contrast.clamp(0.0, 1.0);
    let middle = 0.5 * (g.valley + g.ridge);
    // Less contrast draws ridges towards the background on glass, both towards the middle on chips.
    let (valley, ridge) = match settings.sensor {
        Sensor::Optical => (g.valley, g.valley + contrast * (g.ridge - g.valley)),
        _ => (middle + contrast * (g.valley - middle), middle + contrast * (g.ridge - middle)),
    };
    let mut gray: Vec<f32> = coverage
        .iter()
        .zip(&contact.depth)
        .map(|(&ink, &depth)| {
            let ground = g.outside + (valley - g.outside) * (depth * 12.0).clamp(0.0, 1.0);
            ground + ink * (ridge - ground)
        })
        .collect();
    latent(random, master, &mut gray, ridge, settings);
    for _ in 0..settings.blur.min(8) {
        smooth(&mut gray, width, height);
    }
    shade(random, &mut gray, settings);
    lose(random, &mut gray, settings);
    let grain = settings.grain.clamp(0.0, 100.0);
    gray.iter().map(|&v| (v + grain * random.rough_normal() + 0.5).clamp(0.0, 255.0) as u8).collect()
}

/// The faint print of an earlier touch.
fn latent(random: &mut Stream, master: &MasterPrint, gray: &mut [f32], ridge: f32, settings: &ImpressionSettings) {
    let strength = LATENT_DEPTH * settings.latent.clamp(0.0, 1.0);
    let (angle, dx, dy) = (random.range(-0.8, 0.8), random.range(-120.0, 120.0), random.range(-120.0, 120.0));
    if strength <= 0.0 {
        return;
    }
    let (sine, cosine) = math::sin_cos(f64::from(angle));
    let (sine, cosine) = (sine as f32, cosine as f32);
    let (width, height) = (settings.width as usize, settings.height as usize);
    let (mw, mh) = (master.width as f32, master.height as f32);
    let patchy = noise::surface(random, width, height, 40.0);
    for y in 0..height {
        for x in 0..width {
            let (px, py) = (x as f32 - 0.5 * width as f32, y as f32 - 0.5 * height as f32);
            // It is mirrored, so that it shows another finger's pattern.
            let u = 0.5 * mw + dx - cosine * px + sine * py;
            let v = 0.5 * mh + dy + sine * px + cosine * py;
            let i = y * width + x;
            let ink = master.ridge_at(u, v).max(0.0) * (0.5 + 0.5 * patchy[i]).clamp(0.0, 1.0);
            gray[i] += strength * ink * (ridge - gray[i]).min(0.0);
        }
    }
}

/// Binomial 3 x 3 smoothing; the border keeps its values.
fn smooth(gray: &mut [f32], width: usize, height: usize) {
    let mut across = gray.to_vec();
    for (from, to) in gray.chunks_exact(width).zip(across.chunks_exact_mut(width)) {
        for (w, out) in from.windows(3).zip(&mut to[1..]) {
            *out = 0.25 * (w[0] + w[2]) + 0.5 * w[1];
        }
    }
    for y in 1..height.saturating_sub(1) {
        for x in 0..width {
            let i = y * width + x;
            gray[i] = 0.25 * (across[i - width] + across[i + width]) + 0.5 * across[i];
        }
    }
}

/// Uneven light, stains, and the column pattern of chips.
fn shade(random: &mut Stream, gray: &mut [f32], settings: &ImpressionSettings) {
    let strength = settings.background.clamp(0.0, 200.0);
    let (width, height) = (settings.width as usize, settings.height as usize);
    let (tilt_x, tilt_y) = (random.range(-1.0, 1.0), random.range(-1.0, 1.0));
    let stains = noise::surface(random, width, height, STAIN_CELL);
    let pattern = match settings.sensor {
        Sensor::Optical => 0.0,
        Sensor::Capacitive => 2.0 + 0.25 * strength,
        Sensor::ThermalSweep => 1.0 + 0.15 * strength,
    };
    let columns: Vec<f32> = (0..width).map(|_| pattern * random.rough_normal()).collect();
    let rows: Vec<f32> = (0..height).map(|_| 0.4 * pattern * random.rough_normal()).collect();
    if strength <= 0.0 && pattern <= 0.0 {
        return;
    }
    for (y, (line, &row)) in gray.chunks_exact_mut(width).zip(&rows).enumerate() {
        let v = y as f32 / height as f32 - 0.5;
        for (x, (p, &column)) in line.iter_mut().zip(&columns).enumerate() {
            let u = x as f32 / width as f32 - 0.5;
            let light = 0.7 * (tilt_x * u + tilt_y * v) + 0.4 * stains[y * width + x] - 0.3;
            *p += strength * light + column + row;
        }
    }
}

/// Lost spots, lines and bands of the sensor.
fn lose(random: &mut Stream, gray: &mut [f32], settings: &ImpressionSettings) {
    let share = settings.dropout.clamp(0.0, 1.0);
    if share <= 0.0 {
        return;
    }
    let (width, height) = (settings.width as usize, settings.height as usize);
    let mut fill = |columns: std::ops::Range<usize>, rows: std::ops::Range<usize>, value: f32, weight: f32| {
        for y in rows.start..rows.end.min(height) {
            for x in columns.start..columns.end.min(width) {
                gray[y * width + x] += weight * (value - gray[y * width + x]);
            }
        }
    };
    let spots = (share * random.range(4.0, 14.0)) as usize;
    match settings.sensor {
        Sensor::Optical => {
            for _ in 0..spots / 2 {
                let (x, y) = (random.index(width), random.index(height));
                let (w, h) = (2 + random.index(10), 2 + random.index(10));
                fill(x..x + w, y..y + h, 235.0, 0.8);
            }
        }
        Sensor::Capacitive => {
            for _ in 0..spots {
                let (x, y) = (random.index(width), random.index(height));
                let (w, h) = (2 + random.index(14), 2 + random.index(14));
                let value = if random.chance(0.5) { 170.0 } else { 60.0 };
                fill(x..x + w, y..y + h, value, 0.85);
            }
            for _ in 0..spots / 3 {
                let x = random.index(width);
                fill(x..x + 1, 0..height, 150.0, 0.9);
            }
        }
        Sensor::ThermalSweep => {
            for _ in 0..spots {
                let y = random.index(height);
                let h = 1 + random.index(3);
                fill(0..width, y..y + h, 120.0, 0.7);
            }
        }
    }
}
