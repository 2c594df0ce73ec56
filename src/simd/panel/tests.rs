use proptest::prelude::*;

use super::*;
use crate::simd::instruction_set::on_every_set;

/// A small generator (splitmix64).
fn numbers(seed: u64) -> impl FnMut() -> u64 {
    let mut state = seed;
    move || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn byte_sums_are_those_of_the_definition_on_every_set(
        length in 1usize..300,
        count in 1usize..=MAX_PROBES,
        extreme: bool,
        seed: u64,
    ) {
        let mut next = numbers(seed);
        let mut number = |low: i64| if extreme { if next() & 1 == 0 { low } else { 127 } } else { next() as i64 % 255 - 127 };
        let rows: Vec<Vec<i64>> = (0..ROWS).map(|_| (0..length).map(|_| number(-128).clamp(-128, 127)).collect()).collect();
        let probes: Vec<Vec<i8>> =
            (0..count).map(|_| (0..length).map(|_| number(-127).clamp(-127, 127) as i8).collect()).collect();
        let mut panel = vec![Line::ZERO; lines_for(length)];
        for (r, row) in rows.iter().enumerate() {
            let bytes: Vec<u8> = row.iter().map(|v| (v + 128) as u8).collect();
            put_row(&mut panel, r, &bytes);
            let mut back = vec![0; length];
            get_row(&panel, r, &mut back);
            prop_assert_eq!(back, bytes);
        }
        let views: Vec<&[i8]> = probes.iter().map(Vec::as_slice).collect();
        let prepared = ByteProbes::new(&views);
        let sums = on_every_set(|set| {
            let mut sums = [[i32::MIN; ROWS]; MAX_PROBES];
            byte_sums(set, &prepared, &panel, &mut sums);
            sums[..count].to_vec()
        });
        for (probe, sums) in probes.iter().zip(&sums) {
            for (row, &sum) in rows.iter().zip(sums) {
                let expected: i64 = row.iter().zip(probe).map(|(a, b)| a * i64::from(*b)).sum();
                prop_assert_eq!(i64::from(sum), expected);
            }
        }
    }

    #[test]
    fn bit_sums_are_those_of_the_definition_on_every_set(
        length in 1usize..700,
        count in 1usize..=MAX_PROBES,
        seed: u64,
    ) {
        let mut next = numbers(seed);
        let rows: Vec<Vec<f32>> =
            (0..ROWS).map(|_| (0..length).map(|_| next() as i64 as f32).collect()).collect();
        let probes: Vec<Vec<u8>> = (0..count).map(|_| (0..length).map(|_| (next() % 16) as u8).collect()).collect();
        let mut panel = vec![Line::ZERO; lines_for(length.div_ceil(8))];
        for (r, row) in rows.iter().enumerate() {
            let mut bytes = vec![0; length.div_ceil(8)];
            pack_signs(row, &mut bytes);
            put_bits(&mut panel, r, &bytes);
            let mut back = vec![0; bytes.len()];
            get_bits(&panel, r, &mut back);
            prop_assert_eq!(back, bytes);
        }
        let views: Vec<&[u8]> = probes.iter().map(Vec::as_slice).collect();
        let prepared = BitProbes::new(&views);
        prop_assume!(panel.len() == 2 * prepared.steps());
        let sums = on_every_set(|set| {
            let mut sums = [[u16::MAX; ROWS]; MAX_PROBES];
            bit_sums(set, &prepared, &panel, &mut sums);
            sums[..count].to_vec()
        });
        for (probe, sums) in probes.iter().zip(&sums) {
            for (row, &sum) in rows.iter().zip(sums) {
                // A component counts if its sign differs from the row's.
                let expected: u16 =
                    row.iter().zip(probe).map(|(v, q)| u16::from(if *v < 0.0 { 15 - q } else { *q })).sum();
                prop_assert_eq!(sum, expected);
            }
        }
    }

    #[test]
    fn bytes_miss_no_more_than_they_say(
        vector in prop::collection::vec(-1.0f32..1.0, 1..600),
        exponent in -40i32..20,
    ) {
        let vector: Vec<f32> = vector.iter().map(|v| v * 10f32.powi(exponent)).collect();
        let (q, bytes) = on_every_set(|set| {
            let mut bytes = vec![0; vector.len()];
            (quantize(set, &vector, &mut bytes), bytes)
        });
        let value = |b: &u8| (f64::from(*b) - 128.0) * f64::from(q.scale);
        let miss: f64 = vector.iter().zip(&bytes).map(|(v, b)| (f64::from(*v) - value(b)).powi(2)).sum();
        let norm: f64 = bytes.iter().map(|b| value(b).powi(2)).sum();
        prop_assert!(f64::from(q.error) >= miss.sqrt() && f64::from(q.norm) >= norm.sqrt());
        prop_assert!(f64::from(q.error) <= miss.sqrt() * 1.000_001 + 1e-37);
        prop_assert!(bytes.iter().all(|&b| b >= 1));
    }

    #[test]
    fn masks_are_the_same_on_every_set(sums in prop::array::uniform32(-3_000_000i32..3_000_000), bar in -1.0f32..1.0, seed: u64) {
        let mut next = numbers(seed);
        let mut float = |most: f32| (next() >> 40) as f32 / (1u64 << 24) as f32 * most;
        let scales: [f32; ROWS] = std::array::from_fn(|_| float(0.002));
        let errors: [f32; ROWS] = std::array::from_fn(|_| float(0.02));
        let bound = Bound { scale: float(0.002), norm: 1.01, rest: float(0.02) };
        let narrow = sums.map(|sum| sum as u16);
        let limit = if bar < 0.0 { u16::MAX } else { narrow[(bar * 31.0) as usize] };
        let (up, low) = on_every_set(|set| {
            let mut up = 0;
            reaching(set, &sums, &scales, &errors, bound, bar, &mut up);
            (up, within(set, &narrow, limit))
        });
        for r in 0..ROWS {
            let upper = bound.middle(sums[r], scales[r]) + bound.radius(errors[r]);
            prop_assert_eq!(up >> r & 1 == 1, upper >= bar);
            prop_assert_eq!(low >> r & 1 == 1, narrow[r] <= limit);
        }
    }
}

#[test]
fn the_longest_rows_do_not_overflow() {
    let probe = vec![127i8; 4096];
    let prepared = ByteProbes::new(&[&probe]);
    let panel = vec![Line([[255; STEP]; ROWS / 2]); lines_for(4096)];
    let sums = on_every_set(|set| {
        let mut sums = [[0; ROWS]; MAX_PROBES];
        byte_sums(set, &prepared, &panel, &mut sums);
        sums[0]
    });
    assert_eq!(sums, [4096 * 127 * 127; ROWS]);
    for (level, byte) in [(15, 0), (0, 255)] {
        let prepared = BitProbes::new(&[&[level; 4096]]);
        let panel = vec![Line([[byte; STEP]; ROWS / 2]); lines_for(4096 / 8)];
        let sums = on_every_set(|set| {
            let mut sums = [[0; ROWS]; MAX_PROBES];
            bit_sums(set, &prepared, &panel, &mut sums);
            sums[0]
        });
        assert_eq!(sums, [4096 * 15; ROWS]);
    }
}
