//! Tests of every instruction set against the definition.

use proptest::prelude::*;

use super::weights::BLOCK;
use super::*;
use crate::simd::instruction_set::{bits, on_every_set};

/// Bytes from a small generator (splitmix64).
fn bytes(seed: u64) -> impl FnMut() -> u8 {
    let mut state = seed;
    move || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z >> 56) as u8
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// Sums match the definition, including the most extreme values.
    #[test]
    fn sums_are_right_on_every_set(
        seed: u64, groups in 1usize..40, outputs in 1usize..130, positions in 1usize..40, step in 1usize..20,
    ) {
        let mut next = bytes(seed);
        let weights: Vec<i8> = (0..groups * outputs * GROUP)
            .map(|_| match next() % 4 { 0 => 127, 1 => -127, _ => (i16::from(next() % 255) - 127) as i8 })
            .collect();
        let length = positions * step + 100;
        let plane: Vec<u8> = (0..length).map(|_| if next().is_multiple_of(3) { 127 } else { next() % 128 }).collect();
        let room = length - (positions - 1) * step - GROUP;
        let offsets: Vec<usize> = (0..groups).map(|_| usize::from(next()) % (room + 1)).collect();
        let packed = Weights::new(groups, outputs, &weights);
        let window = Window { bytes: &plane, step, offsets: &offsets };
        let sums = on_every_set(|set| {
            let mut sums = vec![-1; positions * packed.outputs()];
            row(set, &packed, window, &mut sums);
            sums
        });
        for (at, sum) in sums.iter().enumerate() {
            let (position, output) = (at / packed.outputs(), at % packed.outputs());
            let expected: i32 = if output >= outputs { 0 } else {
                (0..groups * GROUP).map(|i| {
                    let a = plane[offsets[i / GROUP] + position * step + i % GROUP];
                    i32::from(a) * i32::from(weights[output * groups * GROUP + i])
                }).sum()
            };
            prop_assert_eq!(*sum, expected, "at {}", at);
        }
    }

    /// Activations are the same bits on every set.
    #[test]
    fn activations_agree(seed: u64, blocks in 1usize..4, positions in 1usize..20, missing in 0usize..5) {
        let mut next = bytes(seed);
        let count = blocks * BLOCK;
        let outputs = count - missing;
        let sums: Vec<i32> = (0..positions * count)
            .map(|_| i32::from_le_bytes([next(), next(), next(), 0]) - (1 << 23)).collect();
        let scale: Vec<f32> = (0..count).map(|_| f32::from(next()) * 1e-7).collect();
        let bias: Vec<f32> = (0..count).map(|_| f32::from(next()) - 100.0).collect();
        let others: Vec<u8> = (0..positions * outputs).map(|_| next() % 128).collect();
        let values: Vec<f32> = (0..positions * outputs).map(|_| f32::from(next()) - 128.0).collect();
        let halves: Vec<f32> = (0..positions.div_ceil(2) * outputs).map(|_| f32::from(next()) - 128.0).collect();
        let (activations, _) = on_every_set(|set| {
            let mut out: [Vec<u8>; 4] = std::array::from_fn(|_| vec![0; positions * outputs]);
            activate(set, &sums, &scale, &bias, outputs, &mut out[0]);
            activate_with(set, &sums, &scale, &bias, outputs, &others, 0.37, &mut out[1]);
            activate_with_values(set, &sums, &scale, &bias, outputs, &values, &mut out[2]);
            add_half(set, &others, 0.81, outputs, &halves, &mut out[3]);
            let mut floats = vec![0f32; positions * outputs];
            scaled(set, &sums, &scale, &bias, outputs, &mut floats);
            add_half_to(set, outputs, &halves, &mut floats);
            (out, bits(&floats))
        });
        for (i, &a) in activations[2].iter().enumerate() {
            let (position, output) = (i / outputs, i % outputs);
            let at = position * count + output;
            let v = sums[at] as f32 * scale[output] + bias[output] + values[i];
            prop_assert_eq!(a, (v + 0.5).clamp(0.0, 127.5) as u8);
        }
    }
}

#[test]
fn an_activation_is_cut_and_rounded() {
    for (value, expected) in [(f32::NAN, 0), (f32::INFINITY, 127), (-1.0, 0), (0.49, 0), (0.5, 1), (126.5, 127)] {
        assert_eq!(activation(value), expected, "{value}");
    }
}

#[test]
#[should_panic(expected = "groups must lie within the bytes")]
fn groups_beyond_the_bytes_are_refused() {
    let weights = Weights::new(1, 16, &[1; 64]);
    let window = Window { bytes: &[0; 10], step: 4, offsets: &[3] };
    row(InstructionSet::best(), &weights, window, &mut [0; 32]);
}
