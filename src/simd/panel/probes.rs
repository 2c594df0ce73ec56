//! Probes in the layout that kernels read.

use super::{MAX_PROBES, MAX_STEPS, STEP};

/// Bits of a component of a probe that is compared with rows of one bit.
pub const PLANES: usize = 4;

/// Up to [`MAX_PROBES`] probes of bytes, padded to 1, 2, 4 or 8 with zeros.
#[derive(Clone)]
pub struct ByteProbes {
    steps: usize,
    lanes: usize,
    /// Step after step, in each of them lane after lane.
    pub(super) quads: Vec<[i8; STEP]>,
    /// The same as 16-bit numbers, with bytes 0 and 2 before 1 and 3.
    #[cfg(target_arch = "x86_64")]
    pub(super) words: Vec<[i16; STEP]>,
    /// The sum of the probe's bytes times `-OFFSET`, per lane.
    #[cfg(target_arch = "x86_64")]
    pub(super) starts: [i32; MAX_PROBES],
}

/// Lanes for a number of probes.
fn lanes_for(count: usize) -> usize {
    assert!((1..=MAX_PROBES).contains(&count), "one probe to eight");
    count.next_power_of_two()
}

impl ByteProbes {
    /// Makes probes from bytes, none of them -128; the last step is padded with zeros.
    ///
    /// # Panics
    /// If there are no probes or too many, or if their lengths differ, are zero or too large.
    pub fn new(probes: &[&[i8]]) -> Self {
        let lanes = lanes_for(probes.len());
        let length = probes[0].len();
        let steps = length.div_ceil(STEP);
        assert!((1..=MAX_STEPS).contains(&steps), "too long a probe");
        let mut quads = vec![[0; STEP]; steps * lanes];
        for (lane, probe) in probes.iter().enumerate() {
            assert_eq!(probe.len(), length, "probes of one length");
            assert!(!probe.contains(&i8::MIN), "bytes must be symmetric");
            for (k, step) in probe.chunks(STEP).enumerate() {
                quads[k * lanes + lane][..step.len()].copy_from_slice(step);
            }
        }
        #[cfg(target_arch = "x86_64")]
        let (words, starts) = {
            let mut starts = [0; MAX_PROBES];
            for (start, probe) in starts.iter_mut().zip(probes) {
                *start = -i32::from(super::OFFSET) * probe.iter().map(|&b| i32::from(b)).sum::<i32>();
            }
            (quads.iter().map(|&[a, b, c, d]| [a, c, b, d].map(i16::from)).collect(), starts)
        };
        Self {
            steps,
            lanes,
            quads,
            #[cfg(target_arch = "x86_64")]
            words,
            #[cfg(target_arch = "x86_64")]
            starts,
        }
    }

    /// Steps of a row.
    pub fn steps(&self) -> usize {
        self.steps
    }

    /// Number of probes, padding included.
    pub fn lanes(&self) -> usize {
        self.lanes
    }
}

/// Up to [`MAX_PROBES`] probes of [`PLANES`] bits per component, padded to 1, 2, 4 or 8.
#[derive(Clone)]
pub struct BitProbes {
    steps: usize,
    lanes: usize,
    /// Step after step, in each of them lane after lane: a word of each plane.
    pub(super) words: Vec<[u32; PLANES]>,
}

impl BitProbes {
    /// Makes probes from lists of components of [`PLANES`] bits.
    ///
    /// # Panics
    /// As [`ByteProbes::new`].
    pub fn new(probes: &[&[u8]]) -> Self {
        let lanes = lanes_for(probes.len());
        let length = probes[0].len();
        let steps = length.div_ceil(8 * STEP);
        assert!((1..=MAX_STEPS).contains(&steps), "too long a probe");
        let mut words = vec![[0; PLANES]; steps * lanes];
        for (lane, probe) in probes.iter().enumerate() {
            assert_eq!(probe.len(), length, "probes of one length");
            for (i, &component) in probe.iter().enumerate() {
                for (plane, word) in words[i / 32 * lanes + lane].iter_mut().enumerate() {
                    *word |= u32::from(component >> plane & 1) << (i % 32);
                }
            }
        }
        Self { steps, lanes, words }
    }

    /// Steps of a row.
    pub fn steps(&self) -> usize {
        self.steps
    }

    /// Number of probes, padding included.
    pub fn lanes(&self) -> usize {
        self.lanes
    }
}
