//! Random settings of synthetic impressions.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use selfsame::synth::{ImpressionSettings, Sensor};

/// Numbers for one finger or one impression, the same on every machine.
struct Draw(ChaCha8Rng);

impl Draw {
    fn new(seed: u64, finger: u64, part: u64) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(seed ^ 0x7261_696e);
        random.set_stream(finger << 8 | part);
        Self(random)
    }

    /// Uniform in `0..1`.
    fn unit(&mut self) -> f32 {
        (self.0.next_u32() >> 8) as f32 / (1 << 24) as f32
    }

    fn range(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.unit()
    }

    /// A number in `0..1` that is more often near 0 the greater the power.
    fn low(&mut self, power: f32) -> f32 {
        self.unit().powf(power)
    }
}

/// Shortest and longest ridge period of a finger, pixels: 6 to 14, most of them those of adults.
pub fn periods(seed: u64, finger: u64) -> (f32, f32) {
    let mut draw = Draw::new(seed, finger, 255);
    // A sum of three uniform draws is nearly normal.
    let spread = draw.range(-0.3, 0.3) + draw.range(-0.2, 0.2) + draw.range(-0.1, 0.1);
    let period = (9.0 * spread.exp()).clamp(6.0, 14.0);
    (period, period)
}

/// Settings of impression `k`: every property is drawn separately, from harmless to worst.
pub fn draw(seed: u64, finger: u64, k: u64) -> ImpressionSettings {
    let mut draw = Draw::new(seed, finger, k);
    let sensor = match draw.unit() {
        u if u < 0.5 => Sensor::Optical,
        u if u < 0.8 => Sensor::Capacitive,
        _ => Sensor::ThermalSweep,
    };
    // Overall severity of an impression: many are good, and some have all faults at once.
    let worst = draw.range(0.15, 1.0);
    ImpressionSettings {
        sensor,
        width: draw.range(260.0, 440.0) as u32,
        height: draw.range(280.0, 500.0) as u32,
        rotation: 15.0,
        displacement: draw.range(0.0, 25.0),
        distortion: draw.unit(),
        contact: (draw.range(0.42, 0.65), draw.range(0.65, 1.0)),
        moisture: draw.range(-1.0, 1.0) * draw.unit() * (0.4 + 0.6 * worst),
        unevenness: worst * draw.unit(),
        roughness: worst * draw.unit(),
        speckle: worst * draw.unit(),
        cracks: 14.0 * worst * draw.low(2.0),
        pores: draw.unit(),
        grain: 1.0 + 20.0 * worst * draw.low(2.0),
        blur: draw.range(0.0, 3.99) as u32,
        background: 40.0 * worst * draw.unit(),
        latent: if draw.unit() < 0.4 { draw.unit() } else { 0.0 },
        dropout: worst * draw.low(2.0),
        contrast: 1.0 - 0.75 * draw.low(1.5),
    }
}
