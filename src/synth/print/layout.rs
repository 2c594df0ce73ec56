//! Pattern class and positions of the singular points of a finger.

use std::f32::consts::{FRAC_PI_2, PI, TAU};

use super::params::{CLASS_SHARES, KNOT_CHANGE, KNOTS, LEGS, PATTERN_TURN, WHORL_LEGS};
use crate::fingerprint::singular::PatternClass;
use crate::synth::math;
use crate::synth::random::Stream;

impl PatternClass {
    /// A class drawn with the natural frequencies.
    pub(crate) fn draw(random: &mut Stream) -> Self {
        let mut left = random.uniform();
        for (class, share) in Self::ALL.into_iter().zip(CLASS_SHARES) {
            if left < share {
                return class;
            }
            left -= share;
        }
        Self::RightLoop
    }
}

/// A loop or a delta, with its Vizcaya-Gerhardt correction.
#[derive(Clone)]
pub(crate) struct Singular {
    /// Pixels from the left of the master.
    pub(crate) x: f32,
    /// Pixels from the top of the master.
    pub(crate) y: f32,
    /// Change of the polar angle at each knot, radians; knot `i` is at `-pi + 2 pi i / 8`.
    pub(crate) knots: [f32; KNOTS],
}

/// Layout of a finger's pattern.
#[derive(Clone)]
pub(crate) struct Layout {
    pub(crate) class: PatternClass,
    pub(crate) loops: Vec<Singular>,
    pub(crate) deltas: Vec<Singular>,
    /// Orientation far away, radians counter-clockwise.
    pub(crate) turn: f32,
    /// Largest steepness of an arch (tangent).
    pub(crate) arch_rise: f32,
}

impl Layout {
    /// Draws class and positions on a master of `width` by `height` pixels.
    pub(crate) fn draw(random: &mut Stream, width: f32, height: f32) -> Self {
        let class = PatternClass::draw(random);
        Self::of_class(class, random, width, height)
    }

    /// Draws the positions of the singular points of `class`.
    pub(crate) fn of_class(class: PatternClass, random: &mut Stream, width: f32, height: f32) -> Self {
        let turn = random.bounded_normal(PATTERN_TURN / 2.0, PATTERN_TURN);
        let arch_rise = random.range(0.9, 1.5);
        let x = width * random.range(0.44, 0.56);
        let y = height * random.range(0.40, 0.52);
        let (mut loops, mut deltas) = (Vec::new(), Vec::new());
        // Angles below the horizontal of a delta as seen from the loop.
        let steep = random.range(0.75, 1.15);
        let reach = width * random.range(0.27, 0.46);
        let shallow = random.range(0.65, 1.05);
        let other = width * random.range(0.27, 0.46);
        let gap = random.range(12.0, 60.0);
        let lean = random.range(-0.5, 0.5);
        match class {
            PatternClass::Arch => {}
            PatternClass::TentedArch => {
                loops.push((x, y, FRAC_PI_2, LEGS));
                deltas.push(polar(x, y, FRAC_PI_2 + lean * 0.15, height * (0.12 + 0.12 * random.uniform())));
            }
            PatternClass::LeftLoop => {
                loops.push((x, y, PI - steep, LEGS));
                deltas.push(polar(x, y, steep, reach));
            }
            PatternClass::RightLoop => {
                loops.push((x, y, steep, LEGS));
                deltas.push(polar(x, y, PI - steep, reach));
            }
            PatternClass::Whorl => {
                loops.push((x - lean * gap * 0.5, y - gap * 0.5, FRAC_PI_2, WHORL_LEGS));
                loops.push((x + lean * gap * 0.5, y + gap * 0.5, -FRAC_PI_2, WHORL_LEGS));
                deltas.push(polar(x, y, steep, reach + gap * 0.5));
                deltas.push(polar(x, y, PI - shallow, other + gap * 0.5));
            }
        }
        let mut knots = || {
            let mut knots = [0.0; KNOTS];
            for knot in &mut knots {
                *knot = random.bounded_normal(KNOT_CHANGE / 2.0, KNOT_CHANGE);
            }
            knots
        };
        let loops = loops
            .into_iter()
            .map(|(x, y, open, legs)| {
                let mut knots = knots();
                for (i, knot) in knots.iter_mut().enumerate() {
                    // The orientation changes slowly where the loop opens, so that its legs run side by side.
                    let angle = TAU * i as f32 / KNOTS as f32 - PI;
                    *knot -= legs * math::sin_cos(f64::from(angle + open)).0 as f32;
                }
                Singular { x, y, knots }
            })
            .collect();
        let deltas = deltas.into_iter().map(|(x, y)| Singular { x, y, knots: knots() }).collect();
        Self { class, loops, deltas, turn, arch_rise }
    }
}

/// The point at `distance` from `(x, y)`, `angle` radians below the horizontal to the right.
fn polar(x: f32, y: f32, angle: f32, distance: f32) -> (f32, f32) {
    let (sine, cosine) = math::sin_cos(f64::from(angle));
    (x + distance * cosine as f32, y + distance * sine as f32)
}
