//! Which instructions the machine has.

/// An instruction set that kernels exist for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InstructionSet {
    /// Plain Rust, on every machine.
    Scalar,
    /// AVX2 with FMA, 8 floats at a time.
    #[cfg(target_arch = "x86_64")]
    Avx2,
    /// AVX-512 with byte, word and shorter-vector instructions (F, BW, DQ, VL), 16 floats at a time.
    #[cfg(target_arch = "x86_64")]
    Avx512,
    /// Advanced SIMD of 64-bit Arm, 4 floats at a time.
    #[cfg(target_arch = "aarch64")]
    Neon,
}

impl InstructionSet {
    /// All that this build knows, slowest first.
    pub const ALL: &'static [Self] = &[
        Self::Scalar,
        #[cfg(target_arch = "x86_64")]
        Self::Avx2,
        #[cfg(target_arch = "x86_64")]
        Self::Avx512,
        #[cfg(target_arch = "aarch64")]
        Self::Neon,
    ];

    /// Whether this machine has it. The standard library remembers the answer; asking costs a load.
    #[inline]
    pub fn is_available(self) -> bool {
        match self {
            Self::Scalar => true,
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma"),
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => {
                is_x86_feature_detected!("avx512f")
                    && is_x86_feature_detected!("avx512bw")
                    && is_x86_feature_detected!("avx512dq")
                    && is_x86_feature_detected!("avx512vl")
            }
            #[cfg(target_arch = "aarch64")]
            Self::Neon => std::arch::is_aarch64_feature_detected!("neon"),
        }
    }

    /// The fastest that this machine has.
    #[inline]
    pub fn best() -> Self {
        Self::ALL.iter().rev().copied().find(|set| set.is_available()).unwrap_or(Self::Scalar)
    }

    /// Those that this machine has, slowest first.
    #[cfg(any(test, fuzzing))]
    pub fn available() -> impl Iterator<Item = Self> {
        Self::ALL.iter().copied().filter(|set| set.is_available())
    }
}
