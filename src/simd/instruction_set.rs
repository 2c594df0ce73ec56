//! The instruction sets of the machine, by which every kernel is chosen.
//!
//! | set | features | found in |
//! |---|---|---|
//! | `Scalar` | those that the build assumes; for 64-bit Arm, Neon | all |
//! | `Avx2` | AVX2, BMI1, BMI2, FMA, LZCNT, POPCNT | Haswell, Zen and later |
//! | `Avx512` | those of `Avx2` and AVX-512 F, BW, DQ, VL, VNNI, VPOPCNTDQ | Ice Lake, Zen 4 and later |
//! | `Neon` | Advanced SIMD | 64-bit Arm |
//!
//! A kernel has a scalar form, which defines its results, and forms for some sets; a set without its own form uses that
//! of a smaller set. A form may enable fewer features than its set has.

use std::fmt;
use std::sync::OnceLock;

/// Plain Rust, available on every machine.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Scalar;

/// The proof that this machine has the set `Avx2`.
#[cfg(target_arch = "x86_64")]
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Avx2(());

/// The proof that this machine has the set `Avx512`.
#[cfg(target_arch = "x86_64")]
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Avx512(());

/// The proof that this machine has the set `Neon`.
#[cfg(target_arch = "aarch64")]
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Neon(());

/// An instruction set of this machine. Only this file makes values other than `Scalar`, where the features were detected.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum InstructionSet {
    /// Plain Rust.
    Scalar,
    /// 8 floats at a time.
    #[cfg(target_arch = "x86_64")]
    Avx2(Avx2),
    /// 16 floats at a time.
    #[cfg(target_arch = "x86_64")]
    Avx512(Avx512),
    /// 4 floats at a time.
    #[cfg(target_arch = "aarch64")]
    Neon(Neon),
}

impl InstructionSet {
    /// The sets that this machine has, slowest first.
    pub fn available() -> impl Iterator<Item = Self> {
        #[cfg(target_arch = "x86_64")]
        let wider = {
            macro_rules! has {
                ($($feature:tt),+) => { $(is_x86_feature_detected!($feature))&&+ };
            }
            let avx2 = has!("avx2", "bmi1", "bmi2", "fma", "lzcnt", "popcnt");
            let avx512 = avx2 && has!("avx512f", "avx512bw", "avx512dq", "avx512vl", "avx512vnni", "avx512vpopcntdq");
            [avx2.then_some(Self::Avx2(Avx2(()))), avx512.then_some(Self::Avx512(Avx512(())))]
        };
        #[cfg(target_arch = "aarch64")]
        let wider = [std::arch::is_aarch64_feature_detected!("neon").then_some(Self::Neon(Neon(())))];
        #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
        let wider = [None];
        std::iter::once(Self::Scalar).chain(wider.into_iter().flatten())
    }

    /// The fastest set that this machine has, detected once.
    #[inline]
    pub fn best() -> Self {
        *BEST.get_or_init(|| Self::available().last().unwrap_or(Self::Scalar))
    }
}

static BEST: OnceLock<InstructionSet> = OnceLock::new();

/// Makes plain Rust the best set of this process, for counting its instructions; `false` if the set was asked for before.
pub fn without_kernels() -> bool {
    BEST.set(InstructionSet::Scalar).is_ok()
}

impl fmt::Debug for InstructionSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Scalar => "Scalar",
            #[cfg(target_arch = "x86_64")]
            Self::Avx2(_) => "Avx2",
            #[cfg(target_arch = "x86_64")]
            Self::Avx512(_) => "Avx512",
            #[cfg(target_arch = "aarch64")]
            Self::Neon(_) => "Neon",
        })
    }
}

/// The result of a kernel on the scalar set.
///
/// # Panics
/// If another set of this machine gives a different result.
#[cfg(any(test, fuzzing))]
pub(crate) fn on_every_set<T: PartialEq>(mut kernel: impl FnMut(InstructionSet) -> T) -> T {
    let expected = kernel(InstructionSet::Scalar);
    for set in InstructionSet::available() {
        assert!(kernel(set) == expected, "{set:?} differs from the scalar form");
    }
    expected
}

/// The bits of floats, for comparing the results of two sets.
#[cfg(any(test, fuzzing))]
pub(crate) fn bits(floats: &[f32]) -> Vec<u32> {
    floats.iter().map(|v| v.to_bits()).collect()
}

/// Evaluates an expression with plain arguments in a function compiled for a set, to which `kernels` is bound as `Scalar`,
/// `Avx2` or `Avx512`. Functions that the expression calls must be `#[inline(always)]`, or they are compiled for the
/// plain set.
///
/// Rust neither fuses a multiplication with an addition nor changes the order of additions by itself, so all forms
/// return the same bits; only the width of loops differs. Baseline builds for 64-bit Arm have Neon in the plain form
/// already.
macro_rules! compiled_for {
    ($set:expr, [$($bounds:tt)*], ($($arg:ident: $type:ty),*) -> $out:ty, |$kernels:pat_param| $value:expr) => {{
        #[cfg(target_arch = "x86_64")]
        #[allow(clippy::too_many_arguments)]
        #[target_feature(enable = "avx2,bmi1,bmi2,fma,lzcnt,popcnt")]
        fn avx2<$($bounds)*>($kernels: $crate::simd::instruction_set::Avx2, $($arg: $type),*) -> $out {
            $value
        }

        #[cfg(target_arch = "x86_64")]
        #[allow(clippy::too_many_arguments)]
        #[target_feature(enable = "avx2,bmi1,bmi2,fma,lzcnt,popcnt")]
        #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx512vpopcntdq")]
        fn avx512<$($bounds)*>($kernels: $crate::simd::instruction_set::Avx512, $($arg: $type),*) -> $out {
            $value
        }

        match $set {
            // SAFETY: the value proves that this machine has the features.
            #[cfg(target_arch = "x86_64")]
            $crate::simd::instruction_set::InstructionSet::Avx512(proof) => unsafe { avx512(proof, $($arg),*) },
            // SAFETY: as above.
            #[cfg(target_arch = "x86_64")]
            $crate::simd::instruction_set::InstructionSet::Avx2(proof) => unsafe { avx2(proof, $($arg),*) },
            _ => {
                let $kernels = $crate::simd::instruction_set::Scalar;
                $value
            }
        }
    }};
}

/// Defines kernels in plain Rust, compiled once for each instruction set and chosen by their first argument.
macro_rules! every_set {
    ($($(#[$meta:meta])* fn $name:ident($($arg:ident: $type:ty),* $(,)?) $body:block)*) => {$(
        $(#[$meta])*
        #[allow(clippy::too_many_arguments)]
        pub(crate) fn $name(set: $crate::simd::instruction_set::InstructionSet, $($arg: $type),*) {
            #[inline(always)]
            fn plain($($arg: $type),*) $body

            compiled_for!(set, [], ($($arg: $type),*) -> (), |_| plain($($arg),*))
        }
    )*};
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scalar_set_is_first_and_the_best_one_last() {
        let sets: Vec<InstructionSet> = InstructionSet::available().collect();
        assert_eq!(sets.first(), Some(&InstructionSet::Scalar));
        assert_eq!(sets.last(), Some(&InstructionSet::best()));
    }

    #[test]
    #[should_panic(expected = "differs from the scalar form")]
    fn a_set_that_differs_is_found() {
        let mut calls = 0;
        on_every_set(|_| {
            calls += 1;
            calls
        });
    }
}
