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

/// Most steps of a probe of [`PLANES`] bits per component: sums fit 16 bits.
const MAX_BIT_STEPS: usize = u16::MAX as usize / (8 * STEP * LEVELS as usize);
/// The highest level of a component.
pub(super) const LEVELS: u8 = (1 << PLANES) - 1;

/// What four components add for each value of four bits.
pub(super) type Table = [u8; 16];

/// Up to [`MAX_PROBES`] probes of [`PLANES`] bits per component, padded to 1, 2, 4 or 8.
#[derive(Clone)]
pub struct BitProbes {
    steps: usize,
    lanes: usize,
    /// Column after column, in each of them lane after lane: the tables of the lower and the upper four bits of a byte.
    pub(super) tables: Vec<[Table; 2]>,
}

impl BitProbes {
    /// Makes probes from lists of components of [`PLANES`] bits.
    ///
    /// # Panics
    /// As [`ByteProbes::new`], or if there are more than 4,352 components.
    pub fn new(probes: &[&[u8]]) -> Self {
        let lanes = lanes_for(probes.len());
        let length = probes[0].len();
        let steps = length.div_ceil(8 * STEP);
        assert!((1..=MAX_BIT_STEPS).contains(&steps), "too long a probe");
        let mut tables = vec![[[0; 16]; 2]; steps * STEP * lanes];
        for (lane, probe) in probes.iter().enumerate() {
            assert_eq!(probe.len(), length, "probes of one length");
            for (k, levels) in probe.chunks(4).enumerate() {
                let table = &mut tables[k / 2 * lanes + lane][k % 2];
                let level = |i: usize| levels.get(i).map_or(0, |level| level & LEVELS);
                // A bit that is set adds the rest of the highest level instead of the level.
                table[0] = (0..4).map(level).sum();
                for bits in 1..16usize {
                    let lowest = bits.trailing_zeros() as usize;
                    let changed =
                        i16::from(table[bits & (bits - 1)]) + i16::from(LEVELS) - 2 * i16::from(level(lowest));
                    table[bits] = changed as u8;
                }
            }
        }
        Self { steps, lanes, tables }
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
