//! Whole computations compiled once for each instruction set, with the kernels of that set inside.
//!
//! Plain Rust does the same floating-point operations in the same order whatever it is compiled for (the compiler neither
//! reorders nor fuses them), so a computation gives the same bits on every set; only the width of its loops differs.

use super::near::{self, MOST, Points, Tolerance};
use super::popcount::{self, Set};

/// Kernels of one instruction set. A value is the proof that this machine has it.
pub(crate) trait Kernels: Copy {
    /// See [`popcount::similarities_scalar`].
    fn similarities(self, a: Set<'_>, b: Set<'_>, least: u32, stride: usize, out: &mut [f32]);
    /// See [`near::near_scalar`].
    fn near(self, a: (&Points, usize), b: (&Points, usize, usize), tolerance: Tolerance<'_>, out: &mut [u64; MOST]);
    /// See [`near::above_scalar`].
    fn above(self, values: &[f32], least: f32) -> u64;
}

/// A computation. `run` must be `#[inline(always)]`, as must be what it calls, or it is compiled for the plain set.
pub(crate) trait Task {
    type Output;
    fn run(self, kernels: impl Kernels) -> Self::Output;
}

/// Runs a computation with the best instructions that this machine has.
pub(crate) fn run<T: Task>(task: T) -> T::Output {
    #[cfg(target_arch = "x86_64")]
    {
        if Avx512::is_available() {
            // SAFETY: the features were detected.
            return unsafe { run_avx512(task) };
        }
        if Avx2::is_available() {
            // SAFETY: the features were detected.
            return unsafe { run_avx2(task) };
        }
    }
    task.run(Scalar)
}

/// Runs a computation with the instructions of one set, the plain one first; `None` when there is no such set here.
#[cfg(any(test, fuzzing))]
pub(crate) fn run_on<T: Task>(set: usize, task: T) -> Option<T::Output> {
    match set {
        0 => Some(task.run(Scalar)),
        // SAFETY: the features were detected.
        #[cfg(target_arch = "x86_64")]
        1 if Avx2::is_available() => Some(unsafe { run_avx2(task) }),
        // SAFETY: the features were detected.
        #[cfg(target_arch = "x86_64")]
        2 if Avx512::is_available() => Some(unsafe { run_avx512(task) }),
        _ => None,
    }
}

/// Plain Rust.
#[derive(Clone, Copy)]
pub(crate) struct Scalar;

impl Kernels for Scalar {
    #[inline(always)]
    fn similarities(self, a: Set<'_>, b: Set<'_>, least: u32, stride: usize, out: &mut [f32]) {
        popcount::similarities_scalar(a, b, least, stride, out);
    }

    #[inline(always)]
    fn near(self, a: (&Points, usize), b: (&Points, usize, usize), tolerance: Tolerance<'_>, out: &mut [u64; MOST]) {
        near::near_scalar(a, b, tolerance, out)
    }

    #[inline(always)]
    fn above(self, values: &[f32], least: f32) -> u64 {
        near::above_scalar(values, least)
    }
}

#[cfg(target_arch = "x86_64")]
pub(crate) use x86::*;

#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::*;

    /// AVX2 and what comes with it.
    #[derive(Clone, Copy)]
    pub(crate) struct Avx2(());

    impl Avx2 {
        pub(crate) fn is_available() -> bool {
            is_x86_feature_detected!("avx2")
                && is_x86_feature_detected!("bmi1")
                && is_x86_feature_detected!("bmi2")
                && is_x86_feature_detected!("lzcnt")
                && is_x86_feature_detected!("popcnt")
        }
    }

    #[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
    pub(crate) fn run_avx2<T: Task>(task: T) -> T::Output {
        task.run(Avx2(()))
    }

    impl Kernels for Avx2 {
        #[inline(always)]
        fn similarities(self, a: Set<'_>, b: Set<'_>, least: u32, stride: usize, out: &mut [f32]) {
            popcount::similarities_scalar(a, b, least, stride, out);
        }

        #[inline(always)]
        fn near(
            self,
            a: (&Points, usize),
            b: (&Points, usize, usize),
            tolerance: Tolerance<'_>,
            out: &mut [u64; MOST],
        ) {
            // SAFETY: a value of this type is made where the features were detected.
            unsafe { near::near_avx2(a, b, tolerance, out) }
        }

        #[inline(always)]
        fn above(self, values: &[f32], least: f32) -> u64 {
            // SAFETY: a value of this type is made where the features were detected.
            unsafe { near::above_avx2(values, least) }
        }
    }

    /// AVX-512 with the counting of bits.
    #[derive(Clone, Copy)]
    pub(crate) struct Avx512(());

    impl Avx512 {
        pub(crate) fn is_available() -> bool {
            Avx2::is_available()
                && is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512bw")
                && is_x86_feature_detected!("avx512dq")
                && is_x86_feature_detected!("avx512vl")
                && is_x86_feature_detected!("avx512vpopcntdq")
        }
    }

    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vpopcntdq,avx2,bmi1,bmi2,lzcnt,popcnt")]
    pub(crate) fn run_avx512<T: Task>(task: T) -> T::Output {
        task.run(Avx512(()))
    }

    impl Kernels for Avx512 {
        #[inline(always)]
        fn similarities(self, a: Set<'_>, b: Set<'_>, least: u32, stride: usize, out: &mut [f32]) {
            // SAFETY: a value of this type is made where the features were detected.
            unsafe { popcount::similarities_avx512(a, b, least, stride, out) }
        }

        #[inline(always)]
        fn near(
            self,
            a: (&Points, usize),
            b: (&Points, usize, usize),
            tolerance: Tolerance<'_>,
            out: &mut [u64; MOST],
        ) {
            // SAFETY: a value of this type is made where the features were detected.
            unsafe { near::near_avx512(a, b, tolerance, out) }
        }

        #[inline(always)]
        fn above(self, values: &[f32], least: f32) -> u64 {
            // SAFETY: a value of this type is made where the features were detected.
            unsafe { near::above_avx512(values, least) }
        }
    }
}
