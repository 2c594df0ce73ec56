//! A network of the shape of MobileFaceNet, written here, against its layers computed one number after the other.
#![cfg(feature = "onnx")]

mod onnx;

use onnx::{Layer, SLOPE, kernel, mobile, mobile_layers};
use selfsame::face::align::{AlignedFace, InputForm, Landmarks, Layout, RgbPicture};
use selfsame::face::embed::FaceEmbedder;

fn face(seed: usize) -> AlignedFace {
    let pixel = |i: usize| ((i / 3 % 200 * (3 + seed) + i / 600 * (7 + 2 * seed) + i % 3 * 50) % 256) as u8;
    let picture = RgbPicture::new((0..3 * 200 * 220).map(pixel).collect(), 200, 220).unwrap();
    let places = [(60.0, 90.0), (120.0, 80.0), (95.0, 118.0), (74.0, 156.0), (124.0, 148.0)];
    AlignedFace::from_picture(&picture.view(), &Landmarks::new(places).unwrap()).unwrap()
}

/// What the layers say, in doubles.
fn computed(layers: &[Layer], face: &AlignedFace) -> Vec<f64> {
    let input = face.to_input(&InputForm::default(), Layout::Planes);
    let mut map: Vec<f64> = input.into_iter().map(f64::from).collect();
    let (mut from, mut side, mut kept) = (3, 112, Vec::new());
    for (number, layer) in layers.iter().enumerate() {
        match *layer {
            Layer::Keep => kept.clone_from(&map),
            Layer::Add => map.iter_mut().zip(&kept).for_each(|(v, k)| *v += k),
            Layer::Convolution { channels, window, stride, padding, groups, curved } => {
                let (per, after) = (from / groups, (side + 2 * padding - window) / stride + 1);
                let weights = kernel(number, channels * per * window * window, per * window * window);
                let biases = kernel(number + 1000, channels, 600);
                let mut next = vec![0.0; channels * after * after];
                for (channel, out) in next.chunks_mut(after * after).enumerate() {
                    out.fill(f64::from(biases[channel]));
                    let first = channel / (channels / groups) * per;
                    for (i, w) in weights[channel * per * window * window..][..per * window * window].iter().enumerate()
                    {
                        let (c, dy, dx) = (first + i / (window * window), i / window % window, i % window);
                        for (place, sum) in out.iter_mut().enumerate() {
                            let (y, x) = (place / after * stride + dy, place % after * stride + dx);
                            if (padding..side + padding).contains(&y) && (padding..side + padding).contains(&x) {
                                *sum += f64::from(*w) * map[(c * side + y - padding) * side + x - padding];
                            }
                        }
                    }
                }
                if curved {
                    next.iter_mut().filter(|v| **v < 0.0).for_each(|v| *v *= f64::from(SLOPE));
                }
                (map, from, side) = (next, channels, after);
            }
        }
    }
    map
}

#[test]
fn a_network_of_the_shape_of_mobilefacenet_gives_what_its_layers_say() {
    let layers = mobile_layers([2, 1, 1, 1, 1]);
    let (network, cost) = mobile(&layers);
    assert!((50_000_000..300_000_000).contains(&cost), "{cost}");
    let embedder = FaceEmbedder::builder("mobile", "1").decode(network).unwrap();
    assert_eq!((embedder.side(), embedder.dimension()), (112, 128));
    let mut made = Vec::new();
    for seed in 0..2 {
        let (embedding, expected) = (embedder.embed_aligned(&face(seed)).unwrap(), computed(&layers, &face(seed)));
        let length = expected.iter().map(|v| v * v).sum::<f64>().sqrt();
        let cosine: f64 = embedding.as_slice().iter().zip(&expected).map(|(a, b)| f64::from(*a) * b / length).sum();
        assert!(cosine > 0.999_999_9, "{cosine}");
        made.push(embedding);
    }
    // The network tells faces apart, or any constant would pass.
    let cosine: f32 = made[0].as_slice().iter().zip(made[1].as_slice()).map(|(a, b)| a * b).sum();
    assert!(cosine < 0.99, "{cosine}");
}
