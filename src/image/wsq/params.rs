//! Constants of the WSQ specification (IAFIS-IC-0110 version 3.1) and of this implementation.

/// Shortest side, pixels. The fifth transform of a shorter one has lines shorter than the filters reach; NIST's encoder and decoder read
/// beyond such lines, so that its files of 40 pixels and less hold no picture, and others read differently in every decoder.
pub(super) const MIN_SIDE: u32 = 81;
/// Sub-bands of a quantization table (the last four are never coded).
pub(super) const TABLE_BANDS: usize = 64;
/// Sub-bands that are coded.
pub(super) const BANDS: usize = 60;
/// First sub-bands of the second and third block, and the end of the third.
pub(super) const BLOCKS: [std::ops::Range<usize>; 3] = [0..19, 19..52, 52..60];
/// Huffman tables that a file may define.
pub(super) const HUFFMAN_TABLES: usize = 8;
/// Most blocks that are read; the specification's encoders write three.
pub(super) const MAX_BLOCKS: usize = 64;
/// Longest Huffman code, bits.
pub(super) const MAX_CODE: usize = 16;

/// Analysis low-pass filter, from its center outwards (the 9-tap half of the biorthogonal pair).
pub(super) const LOW: [f64; 5] = [
    0.852_698_679_009_403_4,
    0.377_402_855_612_653_8,
    -0.110_624_404_418_423_4,
    -0.023_849_465_019_38,
    0.037_828_455_506_995_46,
];
/// Analysis high-pass filter, from its center outwards (the 7-tap half).
pub(super) const HIGH: [f64; 4] =
    [0.788_485_616_405_664_4, -0.418_092_273_222_212_2, -0.040_689_417_609_558_44, 0.064_538_882_628_938_45];

/// Longest run of zeros that has a code of its own.
pub(super) const MAX_RUN: u8 = 100;
/// Largest coefficient that has a code of its own.
pub(super) const MAX_COEFFICIENT: i32 = 74;
/// Smallest coefficient that has a code of its own.
pub(super) const MIN_COEFFICIENT: i32 = -73;
/// Code of coefficient 0; a small coefficient's code is this plus its value.
pub(super) const ZERO_CODE: i32 = 180;
/// Codes that announce a coefficient or a run in plain bits.
pub(super) const POSITIVE_8: u8 = 101;
pub(super) const NEGATIVE_8: u8 = 102;
pub(super) const POSITIVE_16: u8 = 103;
pub(super) const NEGATIVE_16: u8 = 104;
pub(super) const RUN_8: u8 = 105;
pub(super) const RUN_16: u8 = 106;
/// Largest coefficient written: decoders hold them in 16 bits with a sign.
pub(super) const MAX_WRITTEN: f32 = 32_767.0;

/// Largest bin number that a sample may need; the rest up to [`MAX_WRITTEN`] allows for rounding of the width.
pub(super) const MOST_BINS: f64 = 32_000.0;
/// Position within a bin where the decoder puts a coefficient (the reference encoder's 0.44, not the middle: small
/// values are more frequent).
pub(super) const BIN_CENTER: (u8, u16) = (2, 44);
/// Width of the bin around zero, in bins.
pub(super) const ZERO_BIN: f64 = 1.2;
/// Sub-bands of less variance than this are not coded.
pub(super) const MIN_VARIANCE: f64 = 1.01;
/// With fewer samples than this, the mean square replaces the variance, so that their common part is not lost. A
/// sub-band whose middle has fewer is measured as a whole.
pub(super) const FEW_SAMPLES: usize = 16;
/// Below this sum of the variances of the four lowest sub-bands, variances are taken over whole sub-bands, not their middles.
pub(super) const FLAT: f64 = 20_000.0;
/// Loading factor of the bins, standard deviations.
pub(super) const LOADING: f64 = 2.5;
/// Bins as wide as this many standard deviations hold nothing.
pub(super) const EMPTY_BIN: f64 = 2.0 * LOADING;
/// Weights of the sub-bands 52 to 59; all earlier ones have 1.
pub(super) const LAST_WEIGHTS: [f64; 8] = [1.32, 1.08, 1.42, 1.08, 1.32, 1.42, 1.08, 1.08];
/// Sub-bands with the same share of the image, and the reciprocal of that share.
pub(super) const SHARES: [(std::ops::Range<usize>, f64); 3] = [(0..4, 1024.0), (4..51, 256.0), (51..60, 16.0)];
/// Half the range that pixels are scaled to before the transform.
pub(super) const HALF_RANGE: f32 = 128.0;

/// Smallest bit rate that is written, bits per pixel.
pub(super) const MIN_BPP: f32 = 0.1;
/// Largest bit rate that is written, bits per pixel.
pub(super) const MAX_BPP: f32 = 5.0;
/// Number of the encoder and of its software in the frame header: none is registered.
pub(super) const ENCODER: [u8; 3] = [0; 3];
