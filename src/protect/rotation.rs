//! A rotation determined by a key, and the signs of a rotated vector.
//!
//! Three times, signs from the key are applied to all components and the Walsh-Hadamard transform is taken; the key
//! also chooses which outputs count. Each such block is an orthonormal map that costs `3 d log2 d` additions instead of
//! the `d * d` products of a matrix. If more signs are needed than a block has outputs, further blocks follow with
//! signs of their own.

use zeroize::Zeroize;

use super::stream::Stream;
use crate::gallery::seal::SecretKey;
use crate::simd::hadamard::{flip, hadamard};
use crate::simd::instruction_set::InstructionSet;

/// The rotation of a key for vectors of one dimension.
pub(crate) struct Rotation {
    dimension: usize,
    padded: usize,
    bits: usize,
    blocks: Vec<Block>,
}

/// The signs of the three stages and the chosen outputs. They are as sensitive as the key, and wiped like it.
struct Block {
    signs: [Vec<u64>; 3],
    chosen: Vec<u32>,
}

impl Drop for Block {
    fn drop(&mut self) {
        self.signs.zeroize();
        self.chosen.zeroize();
    }
}

impl Rotation {
    /// A rotation from vectors of `dimension` numbers to `bits` signs.
    pub(super) fn new(key: &SecretKey, dimension: usize, bits: usize) -> Self {
        let padded = dimension.next_power_of_two();
        let mut stream = Stream::new(key);
        let blocks = (0..bits.div_ceil(padded)).map(|block| {
            let signs = std::array::from_fn(|_| signs(&mut stream, padded));
            let mut chosen: Vec<u32> = (0..padded as u32).collect();
            for i in (1..chosen.len()).rev() {
                chosen.swap(i, stream.below(i as u32 + 1) as usize);
            }
            chosen.truncate(bits - block * padded);
            Block { signs, chosen }
        });
        Self { dimension, padded, bits, blocks: blocks.collect() }
    }

    pub(crate) fn dimension(&self) -> usize {
        self.dimension
    }

    pub(crate) fn bits(&self) -> usize {
        self.bits
    }

    /// Calls `each` with every output of a vector, in order, without scale.
    fn turn(&self, vector: &[f32], mut each: impl FnMut(f32)) {
        let set = InstructionSet::best();
        let mut turned = vec![0f32; self.padded];
        for block in &self.blocks {
            turned.fill(0.0);
            for (to, from) in turned.iter_mut().zip(vector) {
                *to = *from;
            }
            for signs in &block.signs {
                flip(set, &mut turned, signs);
                hadamard(set, &mut turned);
            }
            for &output in &block.chosen {
                each(turned.get(output as usize).copied().unwrap_or(0.0));
            }
        }
    }

    /// The signs of a vector's outputs, one bit each, set where positive; 0 counts as negative.
    pub(super) fn signs_of(&self, vector: &[f32]) -> Vec<u64> {
        let mut words = vec![0u64; self.bits.div_ceil(64)];
        let mut at = 0;
        self.turn(vector, |output| {
            if let Some(word) = words.get_mut(at / 64) {
                *word |= u64::from(output > 0.0) << (at % 64);
            }
            at += 1;
        });
        words
    }

    /// The unscaled outputs, each the product of the vector with a unit vector of the key.
    #[cfg(any(test, feature = "eval"))]
    pub(crate) fn outputs(&self, vector: &[f32]) -> Vec<f32> {
        let scale = (self.padded as f32).powf(-1.5);
        let mut out = Vec::with_capacity(self.bits);
        self.turn(vector, |output| out.push(output * scale));
        out
    }

    /// The vector whose outputs are `outputs`, if they are those of one vector; otherwise the nearest one, unscaled.
    /// Someone with the key can compute this from a code.
    #[cfg(any(test, feature = "eval"))]
    pub(crate) fn back(&self, outputs: impl IntoIterator<Item = f32>) -> Vec<f32> {
        let set = InstructionSet::best();
        let mut outputs = outputs.into_iter();
        let mut sum = vec![0f32; self.dimension];
        let mut turned = vec![0f32; self.padded];
        for block in &self.blocks {
            turned.fill(0.0);
            for &output in &block.chosen {
                if let (Some(to), Some(value)) = (turned.get_mut(output as usize), outputs.next()) {
                    *to = value;
                }
            }
            for signs in block.signs.iter().rev() {
                hadamard(set, &mut turned);
                flip(set, &mut turned, signs);
            }
            let scale = (self.padded as f32).powf(-1.5);
            for (to, from) in sum.iter_mut().zip(&turned) {
                *to += from * scale;
            }
        }
        sum
    }
}

/// Signs of `n` components, one bit each.
fn signs(stream: &mut Stream<'_>, n: usize) -> Vec<u64> {
    (0..n.div_ceil(64)).map(|_| stream.next_word()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wave(dimension: usize) -> Vec<f32> {
        let mut vector: Vec<f32> = (0..dimension).map(|i| ((i * i) as f32 * 0.71).sin()).collect();
        let norm = vector.iter().map(|v| v * v).sum::<f32>().sqrt();
        vector.iter_mut().for_each(|v| *v /= norm);
        vector
    }

    fn product(a: &[f32], b: &[f32]) -> f32 {
        a.iter().zip(b).map(|(a, b)| a * b).sum()
    }

    #[test]
    fn outputs_keep_lengths_and_come_back() {
        for (dimension, bits) in [(512, 512), (100, 128), (64, 192)] {
            let rotation = Rotation::new(&SecretKey::from_bytes(&[1; 32]), dimension, bits);
            let vector = wave(dimension);
            let outputs = rotation.outputs(&vector);
            assert_eq!(outputs.len(), bits);
            // Each whole block is an orthonormal map of the padded vector.
            let blocks = bits as f32 / dimension.next_power_of_two() as f32;
            assert!((product(&outputs, &outputs) - blocks).abs() < 1e-4, "{dimension} {bits}");
            let back = rotation.back(outputs.iter().copied());
            assert!(back.iter().zip(&vector).all(|(a, b)| (a - blocks * b).abs() < 1e-4));
            let words = rotation.signs_of(&vector);
            assert!(outputs.iter().enumerate().all(|(i, o)| (words[i / 64] >> (i % 64) & 1 == 1) == (*o > 0.0)));
        }
    }

    #[test]
    fn signs_give_away_what_theory_says() {
        // cos = sqrt(2 m / (pi d)) for the sum of m orthonormal rows with the signs of their products.
        for (bits, expected) in [(128, 0.399), (256, 0.564), (512, 0.798)] {
            let mut sum = 0.0;
            for key in 0..20 {
                let rotation = Rotation::new(&SecretKey::from_bytes(&[key; 32]), 512, bits);
                let vector = wave(512);
                let signs = rotation.outputs(&vector).into_iter().map(f32::signum);
                let back = rotation.back(signs);
                sum += product(&back, &vector) / product(&back, &back).sqrt();
            }
            assert!((sum / 20.0 - expected).abs() < 0.01, "{bits}: {}", sum / 20.0);
        }
    }

    #[test]
    fn two_keys_have_nothing_in_common() {
        let of = |n| Rotation::new(&SecretKey::from_bytes(&[n; 32]), 512, 512).signs_of(&wave(512));
        let apart: u32 = of(1).iter().zip(of(2)).map(|(a, b)| (a ^ b).count_ones()).sum();
        assert!((200..312).contains(&apart), "{apart}");
    }
}
