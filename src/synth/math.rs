//! Elementary functions from additions and multiplications only.
//!
//! The functions of the standard library may differ in the last bit between platforms, and ridge growth would turn that
//! bit into another print. These give the same bits wherever IEEE 754 holds.

use std::f64::consts::{FRAC_PI_2, FRAC_PI_4, LN_2, PI, SQRT_2};

/// `x` rounded to the nearest integer, halves away from zero; `|x|` below 2^52.
fn nearest(x: f64) -> i64 {
    if x >= 0.0 { (x + 0.5) as i64 } else { (x - 0.5) as i64 }
}

/// Value of the polynomial with `coefficients` from the constant term upwards.
fn polynomial(x: f64, coefficients: &[f64]) -> f64 {
    coefficients.iter().rev().fold(0.0, |sum, &c| sum * x + c)
}

/// Sine and cosine; absolute error below 1e-12 for `|x|` up to 1e4.
pub(crate) fn sin_cos(x: f64) -> (f64, f64) {
    /// Difference between pi / 2 and `FRAC_PI_2`.
    const FRAC_PI_2_LOW: f64 = 6.123_233_995_736_766e-17;
    const SINE: [f64; 8] = [
        1.0,
        -1.0 / 6.0,
        1.0 / 120.0,
        -1.0 / 5_040.0,
        1.0 / 362_880.0,
        -1.0 / 39_916_800.0,
        1.0 / 6_227_020_800.0,
        -1.0 / 1_307_674_368_000.0,
    ];
    const COSINE: [f64; 8] = [
        1.0,
        -1.0 / 2.0,
        1.0 / 24.0,
        -1.0 / 720.0,
        1.0 / 40_320.0,
        -1.0 / 3_628_800.0,
        1.0 / 479_001_600.0,
        -1.0 / 87_178_291_200.0,
    ];
    let quadrant = nearest(x / FRAC_PI_2);
    let r = (x - quadrant as f64 * FRAC_PI_2) - quadrant as f64 * FRAC_PI_2_LOW;
    let r2 = r * r;
    let (sine, cosine) = (r * polynomial(r2, &SINE), polynomial(r2, &COSINE));
    match quadrant.rem_euclid(4) {
        0 => (sine, cosine),
        1 => (cosine, -sine),
        2 => (-sine, -cosine),
        _ => (-cosine, sine),
    }
}

/// `e^x`; relative error below 1e-12; 0 below -700, and `x` above 700 counts as 700.
pub(crate) fn exp(x: f64) -> f64 {
    if x < -700.0 {
        return 0.0;
    }
    let x = x.min(700.0);
    let power = nearest(x / LN_2);
    let r = x - power as f64 * LN_2;
    let mut term = 1.0;
    let mut sum = 1.0;
    for n in 1..=14 {
        term *= r / f64::from(n);
        sum += term;
    }
    sum * f64::from_bits(((power + 1023) as u64) << 52)
}

/// Natural logarithm of a normal positive number; absolute error below 1e-12.
pub(crate) fn ln(x: f64) -> f64 {
    let bits = x.to_bits();
    let mut exponent = ((bits >> 52) & 0x7ff) as i64 - 1023;
    let mut mantissa = f64::from_bits((bits & 0x000f_ffff_ffff_ffff) | (1023 << 52));
    if mantissa > SQRT_2 {
        mantissa /= 2.0;
        exponent += 1;
    }
    let s = (mantissa - 1.0) / (mantissa + 1.0);
    let s2 = s * s;
    let series: f64 = (0..9).rev().fold(0.0, |sum, n| sum * s2 + 1.0 / f64::from(2 * n + 1));
    2.0 * s * series + exponent as f64 * LN_2
}

/// Arc tangent of `t` in `[0, 1]`.
fn atan_unit(t: f64) -> f64 {
    const TAN_PI_8: f64 = 0.414_213_562_373_095;
    let (base, t) = if t > TAN_PI_8 { (FRAC_PI_4, (t - 1.0) / (t + 1.0)) } else { (0.0, t) };
    let t2 = t * t;
    let series: f64 = (0..16).rev().fold(0.0, |sum, n| 1.0 / f64::from(2 * n + 1) - sum * t2);
    base + t * series
}

/// Angle of the vector `(x, y)` in `[-pi, pi]`; 0 for the null vector; absolute error below 1e-12.
pub(crate) fn atan2(y: f64, x: f64) -> f64 {
    let (ax, ay) = (x.abs(), y.abs());
    let first =
        if ax >= ay { if ax == 0.0 { 0.0 } else { atan_unit(ay / ax) } } else { FRAC_PI_2 - atan_unit(ax / ay) };
    let upper = if x < 0.0 { PI - first } else { first };
    if y < 0.0 { -upper } else { upper }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_the_standard_library() {
        for i in -4000..=4000 {
            let x = f64::from(i) * 0.037;
            let (sine, cosine) = sin_cos(x);
            assert!((sine - x.sin()).abs() < 1e-12 && (cosine - x.cos()).abs() < 1e-12, "sin_cos {x}");
            let e = x.exp();
            assert!((exp(x) - e).abs() <= 1e-12 * e, "exp {x}");
            if x > 0.0 {
                assert!((ln(x) - x.ln()).abs() < 1e-12, "ln {x}");
                assert!((ln(1.0 / x) + x.ln()).abs() < 1e-12, "ln 1/{x}");
            }
            let (y, z) = (x.sin() * 3.0, (x * 1.7).cos());
            assert!((atan2(y, z) - y.atan2(z)).abs() < 1e-12, "atan2 {y} {z}");
        }
        assert_eq!(atan2(0.0, 0.0), 0.0);
    }
}
