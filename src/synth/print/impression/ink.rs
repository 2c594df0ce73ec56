//! The share of each pixel that a ridge covers: moisture, pressure, ragged edges, specks, pores, creases.

use super::contact::Contact;
use super::damage;
use super::settings::{ImpressionSettings, Sensor};
use super::warp::Warp;
use crate::synth::noise;
use crate::synth::print::master::MasterPrint;
use crate::synth::print::orientation::smooth_step;
use crate::synth::random::Stream;

/// Feature size of moisture and pressure, pixels.
const MOISTURE_CELL: f32 = 55.0;
/// Feature size of uneven darkness, pixels, and the largest share of ink that it removes.
const FAINT_CELL: f32 = 32.0;
const FAINT_DEPTH: f32 = 0.55;
/// Moisture of normal skin as sensors show it: on glass, ridges look thinner than they are.
const fn normal_moisture(sensor: Sensor) -> f32 {
    match sensor {
        Sensor::Optical => -0.3,
        Sensor::Capacitive => 0.05,
        Sensor::ThermalSweep => 0.0,
    }
}
/// Feature sizes of ragged ridge edges, pixels: fine and coarse.
const ROUGH_CELLS: (f32, f32) = (2.2, 5.5);
/// Size of specks, pixels.
const SPECK_CELL: f32 = 2.4;
/// Shift of the cosine's threshold by full moisture.
const MOISTURE_SHIFT: f32 = 0.62;
/// Half the width of the soft flank of a ridge, in the cosine.
const FLANK: f32 = 0.45;
/// Share of the depth over which pressure builds up from the contact's edge.
const EDGE_DEPTH: f32 = 0.22;

/// Ink of every pixel, 0 to 1, row-major, and the mean moisture over the contact.
pub(super) struct Ink {
    pub(super) coverage: Vec<f32>,
    pub(super) mean_moisture: f32,
}

impl Ink {
    pub(super) fn draw(
        random: &mut Stream,
        master: &MasterPrint,
        warp: &Warp,
        contact: &Contact,
        settings: &ImpressionSettings,
    ) -> Self {
        let (width, height) = (settings.width as usize, settings.height as usize);
        let uneven = settings.unevenness.clamp(0.0, 1.0);
        let own = settings.moisture + 0.4 * uneven * random.normal();
        let mean = (normal_moisture(settings.sensor) + own).clamp(-1.2, 1.2);
        let faint = noise::surface(random, width, height, FAINT_CELL);
        let moisture = noise::surface(random, width, height, MOISTURE_CELL);
        let fine = noise::surface(random, width, height, ROUGH_CELLS.0);
        let coarse = noise::surface(random, width, height, ROUGH_CELLS.1);
        let speck = noise::surface(random, width, height, SPECK_CELL);
        let gone = damage::draw(random, master, warp, settings);
        let pores = pores(random, master, warp, settings);
        let rough = 0.75 * settings.roughness.clamp(0.0, 1.0);
        let specks = settings.speckle.clamp(0.0, 1.0);
        let mut coverage = vec![0f32; width * height];
        for (i, out) in coverage.iter_mut().enumerate() {
            let depth = contact.depth[i];
            if depth <= 0.0 {
                continue;
            }
            let (u, v) = contact.places[i];
            let pressed = smooth_step(depth / EDGE_DEPTH);
            // Skin at the contact's edge presses less and prints thinner.
            let wet = (mean + 0.5 * uneven * moisture[i] - 0.7 * (0.3 + uneven) * (1.0 - pressed)).clamp(-1.4, 1.4);
            let edge = rough * (0.55 * fine[i] + 0.6 * coarse[i]);
            let ridge = master.ridge_at(u, v) + edge + MOISTURE_SHIFT * wet;
            let mut ink = smooth_step(0.5 + 0.5 * ridge / FLANK);
            // Specks of lost ink: rare on normal skin, many on dry skin and at the edge.
            let loss = specks * (1.0 - 0.8 * wet.clamp(-1.0, 1.0));
            ink *= 1.0 - smooth_step((speck[i] - 2.4 + 2.2 * loss) * 1.6).min(1.0);
            ink *= 1.0 - gone.get(i).copied().unwrap_or(0.0);
            ink *= 1.0 - pores.get(i).copied().unwrap_or(0.0);
            let dark = 1.0 - FAINT_DEPTH * uneven * smooth_step(0.5 - 0.45 * faint[i]);
            *out = ink * dark * (0.55 + 0.45 * pressed);
        }
        Self { coverage, mean_moisture: mean }
    }
}

/// White spots of the open pores, empty when there are none.
fn pores(random: &mut Stream, master: &MasterPrint, warp: &Warp, settings: &ImpressionSettings) -> Vec<f32> {
    let shown = settings.pores.clamp(0.0, 1.0);
    if shown <= 0.0 {
        return Vec::new();
    }
    let (width, height) = (settings.width as usize, settings.height as usize);
    let mut plane = vec![0f32; width * height];
    let open = shown * random.range(0.4, 1.0);
    for &(u, v) in &master.pores {
        let (value, radius) = (random.range(0.3, 0.9), random.range(0.5, 1.1));
        if random.chance(open) {
            let (x, y) = warp.to_picture(u, v);
            damage::stamp(&mut plane, width, height, x, y, radius, value);
        }
    }
    plane
}
