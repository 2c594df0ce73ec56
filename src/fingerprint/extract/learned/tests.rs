//! Tests: layers against their definition, damaged weights, and the whole network on every instruction set.

use std::collections::HashMap;

use safetensors::Dtype;
use safetensors::tensor::TensorView;
use sha2::{Digest, Sha256};

use super::layer::{Layer, add_half};
use super::plane::Plane;
use super::*;
use crate::fingerprint::extract::tests::{VORTICES, vortices};
use crate::fingerprint::extract::{Extractor, trace};
use crate::simd::instruction_set::on_every_set;

/// Numbers from a small generator (splitmix64).
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

fn plane(
    width: usize,
    height: usize,
    channels: usize,
    margin: usize,
    fill: u8,
    next: &mut impl FnMut() -> u64,
) -> Plane {
    let mut plane = Plane::new(width, height, channels, margin, fill);
    plane.rows_mut().flatten().for_each(|v| *v = (next() % 128) as u8);
    plane
}

/// A convolution by its definition.
struct Naive<'a> {
    weights: &'a [i8],
    shape: [usize; 4],
    scale: &'a [f32],
    bias: &'a [f32],
    stride: usize,
    dilation: usize,
}

impl Naive<'_> {
    fn value(&self, from: &Plane, outside: i32, x: usize, y: usize, output: usize) -> f32 {
        let [_, inputs, size, _] = self.shape;
        let before = if size % 2 == 1 { size / 2 * self.dilation } else { 0 } as isize;
        let mut sum = 0i32;
        for input in 0..inputs {
            for (row, column) in (0..size * size).map(|i| (i / size, i % size)) {
                let px = (x * self.stride + column * self.dilation) as isize - before;
                let py = (y * self.stride + row * self.dilation) as isize - before;
                let inside = (0..from.width() as isize).contains(&px) && (0..from.height() as isize).contains(&py);
                let value = if inside {
                    i32::from(from.row(py as usize)[px as usize * from.channels() + input])
                } else {
                    outside
                };
                sum += value * i32::from(self.weights[((output * inputs + input) * size + row) * size + column]);
            }
        }
        sum as f32 * self.scale[output] + self.bias[output]
    }
}

fn rounded(value: f32) -> u8 {
    (value.clamp(0.0, 127.0) + 0.5) as u8
}

#[test]
fn layers_are_what_their_definition_says() {
    // Inputs, outputs, taps, stride, dilation, value outside.
    let cases = [
        (1, 16, 7, 2, 1, 64),
        (16, 16, 3, 1, 1, 0),
        (16, 32, 3, 2, 1, 0),
        (96, 96, 3, 1, 2, 0),
        (64, 64, 3, 1, 1, 0),
        (32, 48, 1, 1, 1, 0),
        (16, 48, 2, 2, 1, 0),
        (48, 28, 1, 1, 1, 0),
    ];
    let mut next = numbers(3);
    for (inputs, outputs, size, stride, dilation, outside) in cases {
        let shape = [outputs, inputs, size, size];
        let weights: Vec<i8> = (0..shape.iter().product()).map(|_| (next() % 255) as i8).map(|w| w.max(-127)).collect();
        let spread = 1.0 / (127.0 * (inputs * size * size) as f32).sqrt();
        let scale: Vec<f32> = (0..outputs).map(|_| spread * (0.01 + (next() % 100) as f32 / 300.0)).collect();
        let bias: Vec<f32> = (0..outputs).map(|_| (next() % 120) as f32).collect();
        let naive = Naive { weights: &weights, shape, scale: &scale, bias: &bias, stride, dilation };
        let layer = Layer::new(&weights, shape, &scale, &bias, stride, dilation).unwrap();
        let (width, height) = (22, 14);
        let from = plane(width, height, inputs, 4, outside as u8, &mut next);
        let (w, h) = (width / stride, height / stride);
        let other = plane(w, h, outputs, 1, 0, &mut next);
        let floats: Vec<f32> = (0..w * h * outputs).map(|_| (next() % 60) as f32 - 30.0).collect();
        let halves: Vec<f32> =
            (0..w.div_ceil(2) * h.div_ceil(2) * outputs).map(|_| (next() % 60) as f32 - 30.0).collect();
        for set in InstructionSet::available() {
            for band in [None, Some(1), Some(3)] {
                let means = Means { set, band };
                let plain = layer.run(means, &from, 2);
                let with = layer.run_with(means, &from, &other, 0.4, 1);
                let with_values = layer.run_with_values(means, &from, &floats, 1);
                let values = layer.values(means, &from);
                for (x, y, o) in (0..w * h * outputs).map(|i| (i / outputs % w, i / outputs / w, i % outputs)) {
                    let at = (y * w + x) * outputs + o;
                    let v = naive.value(&from, outside, x, y, o);
                    assert_eq!(plain.row(y)[x * outputs + o], rounded(v), "{shape:?} {set:?} {band:?}");
                    let sum = v + f32::from(other.row(y)[x * outputs + o]) * 0.4;
                    assert_eq!(with.row(y)[x * outputs + o], rounded(sum), "{shape:?} {set:?} {band:?}");
                    assert_eq!(with_values.row(y)[x * outputs + o], rounded(v + floats[at]), "{shape:?} {set:?}");
                    assert_eq!(values[at].to_bits(), v.to_bits(), "{shape:?} {set:?} {band:?}");
                }
                if stride == 1 {
                    let sums = layer.values_with_half(means, &from, &halves);
                    let added = add_half(means, &other, 0.7, &halves, 1);
                    for (x, y, o) in (0..w * h * outputs).map(|i| (i / outputs % w, i / outputs / w, i % outputs)) {
                        let half = halves[(y / 2 * (w / 2) + x / 2) * outputs + o];
                        let at = (y * w + x) * outputs + o;
                        assert_eq!(sums[at].to_bits(), (values[at] + half).to_bits());
                        let expected = rounded(f32::from(other.row(y)[x * outputs + o]) * 0.7 + half);
                        assert_eq!(added.row(y)[x * outputs + o], expected);
                    }
                }
            }
        }
    }
}

#[test]
fn layers_that_do_not_fit_are_refused() {
    let good = |shape: [usize; 4], weight: i8, scale: f32| {
        let weights = vec![weight; shape.iter().product()];
        Layer::new(&weights, shape, &vec![scale; shape[0]], &vec![0.0; shape[0]], 1, 1).is_ok()
    };
    assert!(good([16, 16, 3, 3], 1, 0.1));
    assert!(!good([16, 16, 3, 5], 1, 0.1));
    assert!(!good([16, 18, 3, 3], 1, 0.1));
    assert!(!good([0, 16, 3, 3], 1, 0.1));
    assert!(!good([16, 256, 3, 3], 1, 0.1), "sums would not be exact");
    assert!(!good([16, 16, 3, 3], -128, 0.1));
    assert!(!good([16, 16, 3, 3], 1, f32::NAN));
    assert!(!good([16, 16, 3, 3], 1, f32::INFINITY));
}

#[test]
fn shipped_weights_are_read() {
    for (model, name, bytes) in [
        (Model::standard(), "standard", include_bytes!("weights/standard.safetensors").as_slice()),
        (Model::synthetic(), "synthetic", include_bytes!("weights/synthetic.safetensors").as_slice()),
        (Model::small(), "small", include_bytes!("weights/small.safetensors").as_slice()),
    ] {
        assert_eq!(model.name(), name);
        assert!(model.trained_on().contains("synthetic"));
        assert!(bytes.len() <= Model::MAX_BYTES);
        let card = include_str!("weights/README.md");
        assert!(card.contains(model.sha256()), "the model card names other weights than {}", model.sha256());
    }
    assert_eq!(Model::synthetic().trained_on(), "synthetic prints");
    assert!(Model::small().weights() * 2 < Model::standard().weights());
}

/// Type, shape and bytes by name.
type Tensors = HashMap<String, (Dtype, Vec<usize>, Vec<u8>)>;

/// The small model's tensors and metadata after `change`, as a file with a valid checksum.
fn changed(change: impl FnOnce(&mut Tensors, &mut HashMap<String, String>)) -> Vec<u8> {
    let bytes = include_bytes!("weights/small.safetensors");
    let file = safetensors::SafeTensors::deserialize(bytes).unwrap();
    let (_, metadata) = safetensors::SafeTensors::read_metadata(bytes).unwrap();
    let mut about = metadata.metadata().clone().unwrap();
    let mut tensors: Tensors =
        file.iter().map(|(n, t)| (n.to_owned(), (t.dtype(), t.shape().to_vec(), t.data().to_vec()))).collect();
    change(&mut tensors, &mut about);
    let views = || {
        let view = |d: &Dtype, s: &Vec<usize>, b| TensorView::new(*d, s.clone(), b).unwrap();
        tensors.iter().map(|(n, (d, s, b))| (n.clone(), view(d, s, b))).collect::<Vec<_>>()
    };
    let first = safetensors::serialize(views(), Some(about.clone())).unwrap();
    let header = u64::from_le_bytes(first[..8].try_into().unwrap()) as usize;
    let sum = Sha256::digest(&first[8 + header..]).iter().map(|b| format!("{b:02x}")).collect::<String>();
    about.insert("sha256".into(), sum);
    safetensors::serialize(views(), Some(about)).unwrap()
}

#[test]
fn weights_that_are_changed_are_refused() {
    let untouched = changed(|_, _| ());
    assert!(Model::decode(&untouched).is_ok());
    let tensor = |bytes: &[u8]| matches!(Model::decode(bytes), Err(ModelError::Tensor { .. }));

    let mut flipped = untouched.clone();
    *flipped.last_mut().unwrap() ^= 1;
    assert_eq!(Model::decode(&flipped), Err(ModelError::Checksum));
    for length in [0, 7, 8, 100, untouched.len() - 1] {
        assert_eq!(Model::decode(&untouched[..length]), Err(ModelError::Format), "{length}");
    }
    assert!(matches!(Model::decode(&vec![0; Model::MAX_BYTES + 1]), Err(ModelError::TooLarge { .. })));
    assert_eq!(Model::decode(&changed(|_, about| drop(about.remove("format")))), Err(ModelError::Kind));
    let missing = changed(|tensors, _| drop(tensors.remove("merge2.scale")));
    assert_eq!(Model::decode(&missing), Err(ModelError::Missing("merge2.scale".into())));
    assert!(tensor(&changed(|tensors, _| tensors.get_mut("head.bias").unwrap().0 = Dtype::I32)));
    assert!(tensor(&changed(|tensors, _| tensors.get_mut("stem.weight").unwrap().1.reverse())));
    assert!(tensor(&changed(|tensors, _| tensors.get_mut("up3.weight").unwrap().2[5] = 0x80)));
    let infinite = f32::INFINITY.to_le_bytes();
    assert!(tensor(&changed(|tensors, _| tensors.get_mut("merge3.share").unwrap().2.copy_from_slice(&infinite))));
    assert!(tensor(&changed(|tensors, _| tensors.get_mut("side.bias").unwrap().2[..4].copy_from_slice(&infinite))));
    // One layer takes the place of another of a different size.
    let swapped = changed(|tensors, _| {
        for part in ["weight", "scale", "bias"] {
            let other = tensors[&format!("eighth.0.a.{part}")].clone();
            tensors.insert(format!("merge2.{part}"), other);
        }
    });
    assert!(matches!(Model::decode(&swapped), Err(ModelError::Network(_))));
}

#[test]
fn every_set_and_any_bands_give_the_same_outputs() {
    let image = vortices(300, &VORTICES);
    let model = Model::small();
    let pixels = normalize::normalize(&image).pixels;
    let run = |set, band| {
        let mut input = Network::input(pixels.width(), 96);
        for (to, y) in input.rows_mut().zip(0..96) {
            to.iter_mut().zip(pixels.row(y + 100)).for_each(|(to, from)| *to = from / 2);
        }
        let outputs = model.network().run(Means { set, band }, input);
        outputs.into_iter().map(f32::to_bits).collect::<Vec<_>>()
    };
    let [whole, single, five] = on_every_set(|set| [None, Some(1), Some(5)].map(|band| run(set, band)));
    assert!(whole == single && whole == five);
    let serial = Extractor::new().extract(&image).unwrap();
    let parallel = Extractor::builder().parallel(true).build().unwrap();
    for threads in [1, 2, 5] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        assert!(pool.install(|| parallel.extract(&image)).unwrap() == serial);
    }
}

#[test]
fn maxima_are_kept_once() {
    let (columns, rows) = (6, 5);
    let mut outputs = vec![0f32; columns * rows * OUTPUTS];
    for places in outputs.chunks_exact_mut(OUTPUTS) {
        places[..4 * MINUTIA_CHANNELS].chunks_exact_mut(MINUTIA_CHANNELS).for_each(|p| p[0] = -20.0);
    }
    // Two equal neighbors, and the corner.
    let mut put = |x: usize, y: usize, values: [f32; MINUTIA_CHANNELS]| {
        let at = (y / 2 * columns + x / 2) * OUTPUTS + (y % 2 * 2 + x % 2) * MINUTIA_CHANNELS;
        outputs[at..at + MINUTIA_CHANNELS].copy_from_slice(&values);
    };
    put(4, 4, [5.0, 0.0, 1.0, 1.0, 0.25, -0.5]);
    put(5, 4, [5.0, 0.0, 1.0, 1.0, 0.25, -0.5]);
    put(0, 0, [9.0, -1.0, 0.0, -1.0, 0.0, 0.0]);
    put(1, 0, [9.0, -1.0, 0.0, -1.0, 0.0, 0.0]);
    let heat = peaks::heat(&outputs, columns, rows);
    let mut found = peaks::minutiae(&heat, &outputs, columns, (24, 20));
    assert_eq!(found.len(), 2, "{} found", found.len());
    found.sort_by(|a, b| a.y.total_cmp(&b.y));
    assert_eq!((found[1].x, found[1].y), (2.0 * 4.75 - 0.5, 2.0 * 4.0 - 0.5));
    assert!((found[1].direction.degrees() - 90.0).abs() < 1e-3);
    assert!((found[0].direction.degrees() - 180.0).abs() < 1e-3);
    assert_eq!(found[1].kind, crate::MinutiaKind::Ending);
    assert_eq!(found[0].kind, crate::MinutiaKind::Bifurcation);
    // Minutiae outside the image are dropped.
    assert_eq!(peaks::minutiae(&heat, &outputs, columns, (8, 8)).len(), 1);
}

#[test]
fn stages_of_the_network_are_shown() {
    struct Names(Vec<&'static str>);
    impl trace::TraceSink for Names {
        fn stage(&mut self, name: &'static str, _: Stage<'_>) {
            self.0.push(name);
        }
    }
    let mut names = Names(Vec::new());
    Extractor::new().extract_traced(&vortices(300, &VORTICES), &mut names).unwrap();
    assert_eq!(names.0, ["normalized", "foreground", "orientation", "period", "heat", "singular", "minutiae"]);
}
