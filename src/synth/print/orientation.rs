//! Orientation field: the zero-pole model of Sherlock and Monro (1993) with the correction of Vizcaya and Gerhardt
//! (1996), and an arch model for fingers without singular points.

use std::f32::consts::{PI, TAU};

use super::layout::{Layout, Singular};
use super::params::{KNOTS, TIP_BEND};
use crate::fingerprint::singular::PatternClass;
use crate::synth::math;

/// Ridge orientation at `(x, y)` of a master of `width` by `height` pixels, radians counter-clockwise from +x (any
/// multiple of pi).
pub(crate) fn orientation(layout: &Layout, width: f32, height: f32, x: f32, y: f32) -> f32 {
    let across = math::sin_cos(f64::from(PI * (x / width - 0.5))).0 as f32;
    if layout.class == PatternClass::Arch {
        // 0 at the bottom, 1 from the middle upwards.
        let rise = smooth_step((1.05 - y / height) / 0.65);
        let slope = -layout.arch_rise * rise * across;
        return layout.turn + math::atan2(f64::from(slope), 1.0) as f32;
    }
    let loops: f32 = layout.loops.iter().map(|s| corrected(s, x, y)).sum();
    let deltas: f32 = layout.deltas.iter().map(|s| corrected(s, x, y)).sum();
    let tip = -TIP_BEND * across * smooth_step(1.0 - 2.4 * y / height);
    layout.turn + tip + 0.5 * (loops - deltas)
}

/// Polar angle of `(x, y)` seen from a singular point, corrected by a closed Catmull-Rom curve through the knots
/// (piecewise linear in the paper; its corners show as rays of minutiae).
fn corrected(singular: &Singular, x: f32, y: f32) -> f32 {
    let angle = math::atan2(f64::from(singular.y - y), f64::from(x - singular.x)) as f32;
    let place = (angle + PI) / TAU * KNOTS as f32;
    let index = (place as usize).min(KNOTS - 1);
    let part = place - index as f32;
    let knot = |ahead: usize| singular.knots[(index + KNOTS - 1 + ahead) % KNOTS];
    let (t, t2) = (part, part * part);
    let change = 2.0 * knot(1)
        + (knot(2) - knot(0)) * t
        + (2.0 * knot(0) - 5.0 * knot(1) + 4.0 * knot(2) - knot(3)) * t2
        + (3.0 * (knot(1) - knot(2)) + knot(3) - knot(0)) * t2 * t;
    angle + 0.5 * change
}

/// A smooth step from 0 (below 0) to 1 (above 1).
pub(crate) fn smooth_step(t: f32) -> f32 {
    let t = t.clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::angle::wrap_signed;
    use crate::synth::random::{Purpose, Stream};

    /// Poincaré index in half turns on a circle of `radius` around `(x, y)`.
    fn poincare(layout: &Layout, x: f32, y: f32, radius: f32) -> f32 {
        let at = |i: usize| {
            let a = TAU * i as f32 / 72.0;
            orientation(layout, 400.0, 500.0, x + radius * a.cos(), y - radius * a.sin())
        };
        let turn: f32 = (0..72).map(|i| 0.5 * wrap_signed(2.0 * (at(i + 1) - at(i)))).sum();
        turn / PI
    }

    #[test]
    fn loops_and_deltas_have_their_index() {
        let mut random = Stream::new(3, Purpose::Master, 0, 0);
        for class in PatternClass::ALL {
            for _ in 0..5 {
                let layout = Layout::of_class(class, &mut random, 400.0, 500.0);
                for l in &layout.loops {
                    assert!((poincare(&layout, l.x, l.y, 4.0) - 1.0).abs() < 1e-3, "{class:?} loop");
                }
                for d in &layout.deltas {
                    assert!((poincare(&layout, d.x, d.y, 4.0) + 1.0).abs() < 1e-3, "{class:?} delta");
                }
                assert!(poincare(&layout, 200.0, 250.0, 2000.0).abs() < 1e-3, "{class:?} far away");
            }
        }
    }
}
