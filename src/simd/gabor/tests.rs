//! Tests of every instruction set against the definition.

use proptest::prelude::*;

use super::*;
use crate::simd::instruction_set::on_every_set;

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

/// Random taps of zero sum, including extreme ones.
fn taps(radius: usize, next: &mut impl FnMut() -> u8) -> Vec<i8> {
    let size = 2 * radius + 1;
    let mut taps = vec![0i8; size * size];
    for pair in taps.chunks_exact_mut(2) {
        let t = match next() % 4 {
            0 => 64,
            _ => (i16::from(next() % 129) - 64) as i8,
        };
        (pair[0], pair[1]) = (t, -t);
    }
    taps
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_instruction_set_gives_the_responses_of_the_definition(
        seed: u64,
        radius in 0usize..=MARGIN,
        scale in prop::sample::select(vec![1e-5f32, 0.003, 1.0]),
        extreme: bool,
    ) {
        let mut next = bytes(seed);
        let mut pixels: Box<Lines> = Box::new([[0; LINE]; LINES]);
        pixels.as_flattened_mut().iter_mut().for_each(|p| *p = if extreme { 255 * (next() % 2) } else { next() });
        let squares = [taps(radius, &mut next), taps(3, &mut next)];
        let kernels = [Kernel::new(radius, &squares[0], scale), Kernel::new(3, &squares[1], scale)];
        let chosen: [u16; TILE_COLUMNS * TILE_ROWS] =
            std::array::from_fn(|_| [0, 1, NONE][usize::from(next() % 3)]);
        let mut expected: Responses = [[7; 16]; TILE_COLUMNS * TILE_ROWS];
        for (at, &c) in chosen.iter().enumerate().filter(|(_, c)| **c != NONE) {
            let (r, taps) = [(radius, &squares[0]), (3, &squares[1])][usize::from(c)];
            let (x0, y0) = (at % TILE_COLUMNS * CELL + MARGIN - r, at / TILE_COLUMNS * CELL + MARGIN - r);
            let size = 2 * r + 1;
            for (pixel, e) in expected[at].iter_mut().enumerate() {
                let place = |k: usize| (x0 + pixel % CELL + k % size, y0 + pixel / CELL + k / size);
                let sum: i32 = taps
                    .iter()
                    .enumerate()
                    .map(|(k, &t)| i32::from(t) * (i32::from(pixels[place(k).1][place(k).0]) - 128))
                    .sum();
                *e = (sum as f32 * scale) as i16;
            }
        }
        let found = on_every_set(|set| {
            let mut tile = Tile::new();
            tile.fill(set, &pixels);
            let mut out: Responses = [[7; 16]; TILE_COLUMNS * TILE_ROWS];
            filter(set, &tile, &kernels.each_ref(), &chosen, &mut out);
            out
        });
        prop_assert!(found == expected);
    }
}

#[test]
#[should_panic(expected = "no such kernel")]
fn kernels_are_counted() {
    let chosen = [0; TILE_COLUMNS * TILE_ROWS];
    filter(InstructionSet::Scalar, &Tile::new(), &[], &chosen, &mut [[0; 16]; TILE_COLUMNS * TILE_ROWS]);
}

#[test]
#[should_panic(expected = "taps must be small")]
fn taps_are_bounded() {
    let _ = Kernel::new(0, &[65], 1.0);
}
