//! One loop in plain Rust, compiled for every instruction set.

/// Defines a function whose body is compiled once for each instruction set and chosen by its first argument, `set`; one
/// that the machine lacks is replaced by the scalar form.
///
/// The body is plain Rust that the compiler turns into vector instructions. Rust neither fuses a multiplication with an
/// addition nor changes the order of additions by itself, so that all forms return the same bits. Baseline builds for
/// 64-bit Arm have Neon in the scalar form already.
macro_rules! every_set {
    ($($(#[$meta:meta])* fn $name:ident($($arg:ident: $type:ty),* $(,)?) $body:block)*) => {$(
        $(#[$meta])*
        #[allow(clippy::too_many_arguments)]
        pub(crate) fn $name(set: $crate::simd::instruction_set::InstructionSet, $($arg: $type),*) {
            #[inline(always)]
            fn scalar($($arg: $type),*) $body

            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx2")]
            fn avx2($($arg: $type),*) {
                scalar($($arg),*);
            }

            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
            fn avx512($($arg: $type),*) {
                scalar($($arg),*);
            }

            match set {
                // SAFETY: the instruction set was found on this machine.
                #[cfg(target_arch = "x86_64")]
                $crate::simd::instruction_set::InstructionSet::Avx512 if set.is_available() => unsafe {
                    avx512($($arg),*)
                },
                // SAFETY: as above.
                #[cfg(target_arch = "x86_64")]
                $crate::simd::instruction_set::InstructionSet::Avx2 if set.is_available() => unsafe { avx2($($arg),*) },
                _ => scalar($($arg),*),
            }
        }
    )*};
}
