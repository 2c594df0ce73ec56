//! Bells, in two directions alike, added to grids of values.

/// Cells on a side of a grid.
pub(crate) const SIDE: usize = 8;

/// Values in rows.
pub(crate) type Grid = [[f32; SIDE]; SIDE];

/// A bell over the cells of a grid: `peak * exp(rate * d^2)` at the distance `d`.
pub(crate) struct Bell {
    /// The middle of each column; of each row likewise.
    pub(crate) middles: [f32; SIDE],
    /// Square of the distance from which on it is 0.
    pub(crate) end: f32,
    pub(crate) peak: f32,
    /// Negative; times `end` at least -4.5.
    pub(crate) rate: f32,
}

/// Terms of the series of `exp` from the second on.
const TERMS: [f32; 6] = [1.0 / 2.0, 1.0 / 6.0, 1.0 / 24.0, 1.0 / 120.0, 1.0 / 720.0, 1.0 / 5040.0];

impl Bell {
    /// `exp(rate * d2)`, to a few units in the last place where `d2` is at most `end`: the series of `exp(z / 8)` up to the
    /// seventh power, to the eighth power. Only sums and products, so it is the same on every machine.
    #[inline(always)]
    fn decay(&self, d2: f32) -> f32 {
        let z = d2 * (self.rate * 0.125);
        let mut series = TERMS[5];
        for term in [TERMS[4], TERMS[3], TERMS[2], TERMS[1], TERMS[0], 1.0, 1.0] {
            series = term + z * series;
        }
        let square = series * series;
        let fourth = square * square;
        fourth * fourth
    }
}

/// Adds to each grid the bell around `(u, v)` times the grid's weight. The readable form.
#[inline(always)]
#[allow(clippy::needless_range_loop)] // The index is used in several lists.
pub(crate) fn add_scalar<const N: usize>(bell: &Bell, sums: &mut [Grid; N], (u, v): (f32, f32), weights: &[f32; N]) {
    let square = |middle: f32, at: f32| (middle - at) * (middle - at);
    let (mut across, mut near) = ([0.0; SIDE], [0.0; SIDE]);
    for column in 0..SIDE {
        across[column] = square(bell.middles[column], u);
        near[column] = bell.decay(across[column]);
    }
    for row in 0..SIDE {
        let down = square(bell.middles[row], v);
        if down > bell.end {
            continue;
        }
        let high = bell.peak * bell.decay(down);
        let mut values = [0.0; SIDE];
        for column in 0..SIDE {
            values[column] = if across[column] + down <= bell.end { high * near[column] } else { 0.0 };
        }
        for (sums, weight) in sums.iter_mut().zip(weights) {
            for (sum, value) in sums[row].iter_mut().zip(values) {
                *sum += value * weight;
            }
        }
    }
}

/// See [`add_scalar`].
#[cfg(target_arch = "x86_64")]
#[inline]
#[target_feature(enable = "avx2")]
pub(crate) fn add_avx2<const N: usize>(bell: &Bell, sums: &mut [Grid; N], (u, v): (f32, f32), weights: &[f32; N]) {
    use std::arch::x86_64::*;
    // SAFETY: a row of a grid is eight values.
    let load = |row: &[f32; SIDE]| unsafe { _mm256_loadu_ps(row.as_ptr()) };
    let all = |value: f32| _mm256_set1_ps(value);
    let decay = |d2| {
        let z = _mm256_mul_ps(d2, all(bell.rate * 0.125));
        let next = |series, term| _mm256_add_ps(all(term), _mm256_mul_ps(z, series));
        let series = next(next(next(all(TERMS[5]), TERMS[4]), TERMS[3]), TERMS[2]);
        let series = next(next(next(next(series, TERMS[1]), TERMS[0]), 1.0), 1.0);
        let square = _mm256_mul_ps(series, series);
        let fourth = _mm256_mul_ps(square, square);
        _mm256_mul_ps(fourth, fourth)
    };
    let middles = load(&bell.middles);
    let (across, down) = (_mm256_sub_ps(middles, all(u)), _mm256_sub_ps(middles, all(v)));
    let (across, down) = (_mm256_mul_ps(across, across), _mm256_mul_ps(down, down));
    let (near, end) = (decay(across), all(bell.end));
    let (mut downs, mut highs) = ([0f32; SIDE], [0f32; SIDE]);
    // SAFETY: both lists are eight values.
    unsafe {
        _mm256_storeu_ps(downs.as_mut_ptr(), down);
        _mm256_storeu_ps(highs.as_mut_ptr(), _mm256_mul_ps(all(bell.peak), decay(down)));
    }
    let mut rows = _mm256_movemask_ps(_mm256_cmp_ps::<_CMP_LE_OQ>(down, end)) as u32;
    while rows != 0 {
        let row = rows.trailing_zeros() as usize % SIDE;
        rows &= rows - 1;
        let within = _mm256_cmp_ps::<_CMP_LE_OQ>(_mm256_add_ps(across, all(downs[row])), end);
        let values = _mm256_and_ps(within, _mm256_mul_ps(all(highs[row]), near));
        for n in 0..N {
            let sum = _mm256_add_ps(load(&sums[n][row]), _mm256_mul_ps(values, all(weights[n])));
            // SAFETY: a row of a grid is eight values.
            unsafe { _mm256_storeu_ps(sums[n][row].as_mut_ptr(), sum) };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decays_are_those_of_the_exponential() {
        let bell = Bell { middles: [0.0; SIDE], end: 784.0, peak: 1.0, rate: -4.5 / 784.0 };
        for step in 0..1000 {
            let d2 = bell.end * step as f32 / 999.0;
            let exact = (f64::from(d2) * f64::from(bell.rate)).exp();
            let made = bell.decay(d2);
            assert!((f64::from(made) / exact - 1.0).abs() < 4e-6, "{made} for {exact}");
        }
    }
}
