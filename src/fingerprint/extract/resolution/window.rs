//! The power spectrum of a window, and the wave that dominates it.

use super::super::params::{WAVE_LONGEST, WAVE_SHORTEST, WAVE_SLOW};

/// Side of a window, pixels.
pub(super) const SIDE: usize = 16;
/// Frequencies across, waves per window, from 0; as many down in both directions.
const FREQUENCIES: usize = 8;

/// `cos(pi k / 16)` of k from 0 to 8, written out so that all platforms have the same.
const QUARTER: [f32; 9] =
    [1.0, 0.980_785_25, 0.923_879_5, 0.831_469_6, 0.707_106_77, 0.555_570_24, 0.382_683_43, 0.195_090_32, 0.0];

/// `cos(pi k / 16)`.
const fn cosine(k: usize) -> f32 {
    let k = k % 32;
    let k = if k > 16 { 32 - k } else { k };
    if k <= 8 { QUARTER[k] } else { -QUARTER[16 - k] }
}

/// Cosines and sines of each frequency at each pixel, and the weight of each pixel (Hann).
struct Tables {
    cosines: [[f32; FREQUENCIES]; SIDE],
    sines: [[f32; FREQUENCIES]; SIDE],
    weights: [f32; SIDE],
}

const TABLES: Tables = tables();

#[allow(clippy::indexing_slicing, reason = "loops over constant ranges, at compile time")]
const fn tables() -> Tables {
    let mut tables =
        Tables { cosines: [[0.0; FREQUENCIES]; SIDE], sines: [[0.0; FREQUENCIES]; SIDE], weights: [0.0; SIDE] };
    let mut at = 0;
    while at < SIDE {
        tables.weights[at] = 0.5 - 0.5 * cosine(2 * at + 1);
        let mut k = 0;
        while k < FREQUENCIES {
            tables.cosines[at][k] = cosine(2 * at * k);
            tables.sines[at][k] = cosine(2 * at * k + 24);
            k += 1;
        }
        at += 1;
    }
    tables
}

/// Sum of the weights of all pixels.
const WEIGHT: f32 = (SIDE * SIDE) as f32 / 4.0;

/// The power of each frequency: rows from -7 to 7 waves down, columns from 0 to 7 across.
pub(super) struct Window {
    power: [[f32; FREQUENCIES]; 2 * FREQUENCIES - 1],
}

/// A wave in a window.
pub(super) struct Wave {
    /// Length, pixels.
    pub period: f32,
    /// Share of the window's power, 0..=1.
    pub share: f32,
    /// Amplitude, gray levels.
    pub amplitude: f32,
}

impl Window {
    /// The spectrum of the window whose upper left pixel is `(x, y)`.
    #[inline(always)]
    pub fn of(pixels: &[u8], width: usize, x: usize, y: usize) -> Self {
        let Tables { cosines, sines, weights } = &TABLES;
        let row = |line: usize| &pixels[(y + line) * width + x..][..SIDE];
        let mut mean = 0f32;
        for (line, down) in weights.iter().enumerate() {
            mean += down * row(line).iter().zip(weights).map(|(&p, w)| f32::from(p) * w).sum::<f32>();
        }
        mean /= WEIGHT;

        let mut real = [[0f32; FREQUENCIES]; SIDE];
        let mut imaginary = real;
        for (line, down) in weights.iter().enumerate() {
            for (((&pixel, across), cosines), sines) in row(line).iter().zip(weights).zip(cosines).zip(sines) {
                let value = (f32::from(pixel) - mean) * across * down;
                for k in 0..FREQUENCIES {
                    real[line][k] += value * cosines[k];
                    imaginary[line][k] -= value * sines[k];
                }
            }
        }

        let mut power = [[0f32; FREQUENCIES]; 2 * FREQUENCIES - 1];
        for down in 0..FREQUENCIES {
            let [mut rc, mut rs, mut ic, mut is] = [[0f32; FREQUENCIES]; 4];
            for line in 0..SIDE {
                let (c, s) = (cosines[line][down], sines[line][down]);
                for k in 0..FREQUENCIES {
                    rc[k] += real[line][k] * c;
                    rs[k] += real[line][k] * s;
                    ic[k] += imaginary[line][k] * c;
                    is[k] += imaginary[line][k] * s;
                }
            }
            for k in 0..FREQUENCIES {
                power[FREQUENCIES - 1 + down][k] = (rc[k] + is[k]).powi(2) + (ic[k] - rs[k]).powi(2);
                power[FREQUENCIES - 1 - down][k] = (rc[k] - is[k]).powi(2) + (ic[k] + rs[k]).powi(2);
            }
        }
        Self { power }
    }

    /// The power of a frequency in waves per window, 0 beyond the table.
    #[inline(always)]
    fn at(&self, across: i32, down: i32) -> f32 {
        // A real picture has the same power in opposite directions.
        let (across, down) = if across < 0 { (-across, -down) } else { (across, down) };
        let row = usize::try_from(down + FREQUENCIES as i32 - 1).ok().and_then(|row| self.power.get(row));
        row.and_then(|row| row.get(across as usize)).copied().unwrap_or(0.0)
    }

    /// The strongest wave; `None` when it is too long or too short for the window, or when there is none.
    #[inline(always)]
    pub fn wave(&self) -> Option<Wave> {
        let reach = FREQUENCIES as i32 - 1;
        let (mut total, mut best) = (0f32, (0f32, 0, 0));
        for down in -reach..=reach {
            for across in 0..=reach {
                // Half of the column without waves across mirrors the other half.
                let mirrored = across == 0 && down <= 0;
                if mirrored || waves(across, down) < WAVE_SLOW {
                    continue;
                }
                let power = self.at(across, down);
                total += power;
                if power > best.0 {
                    best = (power, across, down);
                }
            }
        }
        let (power, across, down) = best;
        if power <= 0.0 {
            return None;
        }
        let (mut near, mut moment) = (0f32, 0f32);
        for (dx, dy) in (-1..=1).flat_map(|dy| (-1..=1).map(move |dx| (dx, dy))) {
            let power = self.at(across + dx, down + dy);
            near += power;
            moment += power * waves(across + dx, down + dy);
        }
        let waves = moment / near;
        let fits = (SIDE as f32 / WAVE_LONGEST..=SIDE as f32 / WAVE_SHORTEST).contains(&waves);
        fits.then(|| Wave {
            period: SIDE as f32 / waves,
            share: (near / total).min(1.0),
            amplitude: 2.0 * near.sqrt() / WEIGHT,
        })
    }
}

/// Waves per window in their own direction.
#[inline(always)]
fn waves(across: i32, down: i32) -> f32 {
    ((across * across + down * down) as f32).sqrt()
}
