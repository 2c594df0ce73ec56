//! Whole computations compiled once for each instruction set, with the kernels of that set inside.

use super::bell::{self, Bell, Grid};
#[cfg(target_arch = "x86_64")]
use super::instruction_set::{Avx2, Avx512};
use super::instruction_set::{InstructionSet, Scalar};
use super::motion::{self, Motion, Pairs};
use super::near::{self, MOST, Points, Tolerance};
use super::popcount::{self, Masked};

/// Kernels of one instruction set, or the scalar forms where it has none.
pub(crate) trait Kernels: Copy {
    /// See [`popcount::similarities_scalar`].
    #[inline(always)]
    fn similarities<const W: usize>(
        self,
        a: Masked<'_, W>,
        b: Masked<'_, W>,
        least: u32,
        stride: usize,
        out: &mut [f32],
    ) {
        popcount::similarities_scalar(a, b, least, stride, out);
    }

    /// See [`near::near_scalar`].
    #[inline(always)]
    fn near(self, a: (&Points, usize), b: (&Points, usize, usize), tolerance: Tolerance<'_>, out: &mut [u64; MOST]) {
        near::near_scalar(a, b, tolerance, out);
    }

    /// See [`near::above_scalar`].
    #[inline(always)]
    fn above(self, values: &[f32], least: f32) -> u64 {
        near::above_scalar(values, least)
    }

    /// See [`bell::add_scalar`].
    #[inline(always)]
    fn add_bell<const N: usize>(self, bell: &Bell, sums: &mut [Grid; N], at: (f32, f32), weights: &[f32; N]) {
        bell::add_scalar(bell, sums, at, weights);
    }

    /// See [`motion::explained_scalar`].
    #[inline(always)]
    fn explained(self, pairs: &Pairs, count: usize, motion: &Motion, reach: &[f32; motion::MOST], turned: i32) -> f32 {
        motion::explained_scalar(pairs, count, motion, reach, turned)
    }
}

/// A computation. `run` and the functions that it calls must be `#[inline(always)]`, or they are compiled for the plain
/// set.
pub(crate) trait Task {
    type Output;
    fn run(self, kernels: impl Kernels) -> Self::Output;
}

impl InstructionSet {
    /// Runs a computation.
    pub(crate) fn run<T: Task>(self, task: T) -> T::Output {
        compiled_for!(self, [T: Task], (task: T) -> T::Output, |kernels| task.run(kernels))
    }
}

/// Runs a computation on the best set that this machine has.
pub(crate) fn run<T: Task>(task: T) -> T::Output {
    InstructionSet::best().run(task)
}

impl Kernels for Scalar {}

#[cfg(target_arch = "x86_64")]
impl Kernels for Avx2 {
    #[inline(always)]
    fn similarities<const W: usize>(
        self,
        a: Masked<'_, W>,
        b: Masked<'_, W>,
        least: u32,
        stride: usize,
        out: &mut [f32],
    ) {
        // SAFETY: the value proves that this machine has the features.
        unsafe { popcount::similarities_avx2(a, b, least, stride, out) }
    }

    #[inline(always)]
    fn near(self, a: (&Points, usize), b: (&Points, usize, usize), tolerance: Tolerance<'_>, out: &mut [u64; MOST]) {
        // SAFETY: the value proves that this machine has the features.
        unsafe { near::near_avx2(a, b, tolerance, out) }
    }

    #[inline(always)]
    fn above(self, values: &[f32], least: f32) -> u64 {
        // SAFETY: the value proves that this machine has the features.
        unsafe { near::above_avx2(values, least) }
    }

    #[inline(always)]
    fn add_bell<const N: usize>(self, bell: &Bell, sums: &mut [Grid; N], at: (f32, f32), weights: &[f32; N]) {
        // SAFETY: the value proves that this machine has the features.
        unsafe { bell::add_avx2(bell, sums, at, weights) }
    }
}

#[cfg(target_arch = "x86_64")]
impl Kernels for Avx512 {
    #[inline(always)]
    fn similarities<const W: usize>(
        self,
        a: Masked<'_, W>,
        b: Masked<'_, W>,
        least: u32,
        stride: usize,
        out: &mut [f32],
    ) {
        // SAFETY: the value proves that this machine has the features.
        unsafe { popcount::similarities_avx512(a, b, least, stride, out) }
    }

    #[inline(always)]
    fn near(self, a: (&Points, usize), b: (&Points, usize, usize), tolerance: Tolerance<'_>, out: &mut [u64; MOST]) {
        // SAFETY: the value proves that this machine has the features.
        unsafe { near::near_avx512(a, b, tolerance, out) }
    }

    #[inline(always)]
    fn above(self, values: &[f32], least: f32) -> u64 {
        // SAFETY: the value proves that this machine has the features.
        unsafe { near::above_avx512(values, least) }
    }

    #[inline(always)]
    fn add_bell<const N: usize>(self, bell: &Bell, sums: &mut [Grid; N], at: (f32, f32), weights: &[f32; N]) {
        // SAFETY: the value proves that this machine has the features.
        unsafe { bell::add_avx2(bell, sums, at, weights) }
    }

    #[inline(always)]
    fn explained(self, pairs: &Pairs, count: usize, motion: &Motion, reach: &[f32; motion::MOST], turned: i32) -> f32 {
        // SAFETY: the value proves that this machine has the features.
        unsafe { motion::explained_avx512(pairs, count, motion, reach, turned) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::instruction_set::{bits, on_every_set};
    use super::super::popcount::LANES;
    use super::*;

    struct Near<'a> {
        a: (&'a Points, usize),
        b: (&'a Points, usize, usize),
        tolerance: Tolerance<'a>,
    }

    impl Task for Near<'_> {
        type Output = [u64; MOST];

        #[inline(always)]
        fn run(self, kernels: impl Kernels) -> [u64; MOST] {
            let mut out = [0; MOST];
            kernels.near(self.a, self.b, self.tolerance, &mut out);
            out
        }
    }

    struct Above<'a>(&'a [f32], f32);

    impl Task for Above<'_> {
        type Output = u64;

        #[inline(always)]
        fn run(self, kernels: impl Kernels) -> u64 {
            kernels.above(self.0, self.1)
        }
    }

    struct Similarities<'a> {
        a: Masked<'a, 6>,
        b: Masked<'a, 6>,
        least: u32,
    }

    impl Task for Similarities<'_> {
        type Output = Vec<f32>;

        #[inline(always)]
        fn run(self, kernels: impl Kernels) -> Vec<f32> {
            let stride = self.b.masks.len().next_multiple_of(LANES) + LANES;
            let mut out = vec![7.0; stride * self.a.masks.len()];
            kernels.similarities(self.a, self.b, self.least, stride, &mut out);
            out
        }
    }

    struct Bells<'a>(&'a [(f32, f32)]);

    impl Task for Bells<'_> {
        type Output = Vec<u32>;

        #[inline(always)]
        fn run(self, kernels: impl Kernels) -> Vec<u32> {
            let middles = [-61.25, -43.75, -26.25, -8.75, 8.75, 26.25, 43.75, 61.25];
            let bell = Bell { middles, end: 784.0, peak: 0.04, rate: -0.0057 };
            let mut sums = [[[0.0; bell::SIDE]; bell::SIDE]; 3];
            for &at in self.0 {
                kernels.add_bell(&bell, &mut sums, at, &[0.5, at.0 / 100.0, 0.0]);
            }
            bits(sums.as_flattened().as_flattened())
        }
    }

    fn points() -> impl Strategy<Value = Points> {
        proptest::collection::vec((-50i16..50, -50i16..50, any::<i16>()), MOST).prop_map(|list| {
            let mut points = Points::default();
            for (i, (x, y, direction)) in list.into_iter().enumerate() {
                (points.x[i], points.y[i], points.direction[i]) = (x.into(), y.into(), direction.into());
            }
            points
        })
    }

    /// Planes and masks of some vectors of six words.
    fn masked(most: usize) -> impl Strategy<Value = (Vec<u64>, Vec<u64>)> {
        let vector = (any::<[u64; 6]>(), any::<[u64; 6]>(), any::<u64>(), any::<bool>());
        proptest::collection::vec(vector, 0..most).prop_map(|list| {
            let planes = (0..6).flat_map(|w| list.iter().map(move |v| v.0[w] & v.1[w])).collect();
            (planes, list.iter().map(|v| if v.3 { u64::MAX } else { v.2 }).collect())
        })
    }

    proptest! {
        #[test]
        fn every_set_finds_the_same_points(
            a in points(), b in points(), rows in 0..=MOST, n in 0..=MOST,
            distance2 in proptest::collection::vec(0u16..5000, MOST), turn in any::<u16>(), least in -50i16..50,
        ) {
            let values = &a.x[..n.min(near::GROUP)];
            let above = on_every_set(|set| set.run(Above(values, least.into())));
            prop_assert_eq!(above.count_ones() as usize, values.iter().filter(|&&v| v >= least.into()).count());
            let distance2: [f32; MOST] = std::array::from_fn(|i| distance2[i].into());
            let tolerance = Tolerance { distance2: &distance2, turn };
            for start in [0, near::GROUP] {
                let found = on_every_set(|set| set.run(Near { a: (&a, rows), b: (&b, start, n), tolerance }));
                prop_assert!(found.iter().all(|bits| bits.count_ones() as usize <= n.saturating_sub(start)));
                prop_assert!(found[rows..].iter().all(|&bits| bits == 0));
            }
        }

        #[test]
        fn every_set_adds_the_same_bells(at in proptest::collection::vec((-100f32..100.0, -100f32..100.0), 0..20)) {
            let sums = on_every_set(|set| set.run(Bells(&at)));
            let inside = at.iter().any(|(u, v)| u.abs() < 60.0 && v.abs() < 60.0);
            prop_assert!(!inside || sums.iter().any(|&sum| sum != 0));
        }

        #[test]
        fn every_set_finds_the_same_similarities(a in masked(20), b in masked(40), least in 0u32..70) {
            let [a, b] = [&a, &b].map(|(planes, masks)| Masked { planes, masks });
            on_every_set(|set| bits(&set.run(Similarities { a, b, least })));
        }
    }
}
