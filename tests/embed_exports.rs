//! Networks as exporters write them: what differs from a plain file changes nothing of the embedding.
#![cfg(feature = "onnx")]

mod onnx;

use onnx::{AVERAGES, CELLS, Side, bytes, half_tensor, model, node, one, parameters, tensor, tiny, value, whole};
use selfsame::Embedding;
use selfsame::face::align::{AlignedFace, InputForm, Landmarks, RgbPicture};
use selfsame::face::embed::{EmbedError, FaceEmbedder, FaceEmbedderBuilder};

const DIMENSION: usize = 64;

fn picture(seed: usize) -> RgbPicture {
    let pixel = |i: usize| ((i / 3 % 200 * (3 + seed) + i / 600 * (7 + 2 * seed) + i % 3 * 50) % 256) as u8;
    RgbPicture::new((0..3 * 200 * 220).map(pixel).collect(), 200, 220).unwrap()
}

fn landmarks() -> Landmarks {
    Landmarks::new([(60.0, 90.0), (120.0, 80.0), (95.0, 118.0), (74.0, 156.0), (124.0, 148.0)]).unwrap()
}

fn builder() -> FaceEmbedderBuilder {
    FaceEmbedder::builder("tiny", "1")
}

fn made(network: Vec<u8>) -> Embedding {
    builder().decode(network).unwrap().embed(&picture(0).view(), &landmarks()).unwrap()
}

fn near(a: &Embedding, b: &Embedding, most: f32) {
    let furthest = a.as_slice().iter().zip(b.as_slice()).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(furthest <= most, "{furthest}");
}

/// Pictures of a side, in planes of colors.
fn planes(batch: Side, side: u64) -> Vec<u8> {
    value("face", 1, &[batch, Side::Of(3), Side::Of(side), Side::Of(side)])
}

fn usual() -> Vec<u8> {
    planes(Side::Named("batch"), 112)
}

fn output() -> Vec<u8> {
    value("embedding", 1, &[Side::Named("batch"), Side::Of(DIMENSION as u64)])
}

/// Averages of squares, as many for each side.
fn averages(from: &str, side: u64) -> Vec<Vec<u8>> {
    let square = [side / CELLS as u64; 2];
    vec![
        node("AveragePool", &[from], "cells", &[whole("kernel_shape", &square), whole("strides", &square)]),
        node("Flatten", &["cells"], "flat", &[]),
    ]
}

fn weights() -> [Vec<u8>; 2] {
    let (weights, biases) = parameters(DIMENSION);
    [tensor("weights", &[AVERAGES as u64, DIMENSION as u64], &weights), tensor("biases", &[DIMENSION as u64], &biases)]
}

fn gemm(from: &str, to: &str) -> Vec<u8> {
    node("Gemm", &[from, "weights", "biases"], to, &[])
}

#[test]
fn weights_listed_as_inputs_are_weights() {
    let listed = [
        usual(),
        value("weights", 1, &[Side::Of(AVERAGES as u64), Side::Of(DIMENSION as u64)]),
        value("biases", 1, &[Side::Of(DIMENSION as u64)]),
    ];
    let nodes = [averages("face", 112), vec![gemm("flat", "embedding")]].concat();
    near(&made(model(&nodes, &weights(), &listed, &[output()])), &made(tiny(DIMENSION)), 0.0);
}

#[test]
fn dropout_and_its_switch_do_nothing() {
    let switch = value("phase_train", 9, &[]);
    let inputs: Vec<u8> = ["flat", "rate", "phase_train"].iter().flat_map(|name| bytes(1, name)).collect();
    let outputs = [bytes(2, "kept"), bytes(2, "mask")].concat();
    let dropout = [inputs, outputs, bytes(3, "dropout"), bytes(4, "Dropout"), bytes(5, one("seed", 7))].concat();
    let nodes = [averages("face", 112), vec![dropout, gemm("kept", "embedding")]].concat();
    let weights = [weights().to_vec(), vec![tensor("rate", &[], &[0.4])]].concat();
    let network = model(&nodes, &weights, &[usual(), switch], &[output()]);
    near(&made(network), &made(tiny(DIMENSION)), 0.0);
}

#[test]
fn half_precision_is_computed_in_single() {
    let (plain, biases) = parameters(DIMENSION);
    let halves = [
        half_tensor("weights", &[AVERAGES as u64, DIMENSION as u64], &plain),
        half_tensor("biases", &[DIMENSION as u64], &biases),
    ];
    let down = node("Cast", &["face"], "low", &[one("to", 10)]);
    let up = node("Cast", &["low_embedding"], "embedding", &[one("to", 1)]);
    let nodes = [vec![down], averages("low", 112), vec![gemm("flat", "low_embedding"), up]].concat();
    let network = model(&nodes, &halves, &[usual()], &[output()]);
    near(&made(network), &made(tiny(DIMENSION)), 1e-3);
    // Inputs and outputs of half floats become floats as well.
    let input = value("face", 10, &[Side::Of(1), Side::Of(3), Side::Of(112), Side::Of(112)]);
    let nodes = [averages("face", 112), vec![gemm("flat", "embedding")]].concat();
    let out = value("embedding", 10, &[Side::Of(1), Side::Of(DIMENSION as u64)]);
    near(&made(model(&nodes, &halves, &[input], &[out])), &made(tiny(DIMENSION)), 1e-3);
}

#[test]
fn colors_may_come_pixel_by_pixel() {
    let input = value("face", 1, &[Side::Named("batch"), Side::Of(112), Side::Of(112), Side::Of(3)]);
    let turned = node("Transpose", &["face"], "planes", &[whole("perm", &[0, 3, 1, 2])]);
    let nodes = [vec![turned], averages("planes", 112), vec![gemm("flat", "embedding")]].concat();
    near(&made(model(&nodes, &weights(), &[input], &[output()])), &made(tiny(DIMENSION)), 0.0);
}

#[test]
fn faces_of_other_sides_are_aligned_at_that_side() {
    for side in [96, 128, 160] {
        let nodes = [averages("face", side), vec![gemm("flat", "embedding")]].concat();
        let network = model(&nodes, &weights(), &[planes(Side::Named("n"), side)], &[output()]);
        let embedder = builder().decode(network.clone()).unwrap();
        assert_eq!(embedder.side(), side as usize);
        let made = embedder.embed(&picture(0).view(), &landmarks()).unwrap();
        let face = AlignedFace::from_picture_of_side(&picture(0).view(), &landmarks(), side as usize).unwrap();
        assert_eq!(embedder.embed_aligned(&face).as_ref(), Ok(&made));
        let other = AlignedFace::from_picture(&picture(0).view(), &landmarks()).unwrap();
        let refused = embedder.embed_aligned(&other);
        assert_eq!(refused, Err(EmbedError::Side { side: 112, needed: side as usize }));
        assert!(matches!(builder().side(112).decode(network), Err(EmbedError::Input { .. })));
    }
    // A file that leaves the side open takes the one asked for.
    let open = value("face", 1, &[Side::Named("n"), Side::Of(3), Side::Named("h"), Side::Named("w")]);
    let nodes = [averages("face", 160), vec![gemm("flat", "embedding")]].concat();
    let embedder = builder().side(160).decode(model(&nodes, &weights(), &[open], &[output()])).unwrap();
    assert_eq!(embedder.side(), 160);
}

#[test]
fn a_fixed_number_of_pictures_at_a_time_is_filled() {
    let nodes = [averages("face", 112), vec![gemm("flat", "embedding")]].concat();
    let fixed = value("embedding", 1, &[Side::Of(4), Side::Of(DIMENSION as u64)]);
    let network = model(&nodes, &weights(), &[planes(Side::Of(4), 112)], &[fixed]);
    let (four, single) = (builder().decode(network).unwrap(), builder().decode(tiny(DIMENSION)).unwrap());
    let face = |seed| AlignedFace::from_picture(&picture(seed).view(), &landmarks()).unwrap();
    let faces: Vec<AlignedFace> = (0..6).map(face).collect();
    let alone: Vec<Embedding> = faces.iter().map(|face| single.embed_aligned(face).unwrap()).collect();
    for batch in [four.embed_batch(&faces), single.embed_batch(&faces)] {
        assert_eq!(batch.len(), faces.len());
        batch.iter().zip(&alone).for_each(|(made, alone)| near(made.as_ref().unwrap(), alone, 1e-6));
    }
    near(&four.embed_aligned(&faces[2]).unwrap(), &alone[2], 1e-6);
    assert!(four.embed_batch(&[]).is_empty());
}

#[test]
fn one_of_several_outputs_is_chosen_by_name() {
    let nodes = [averages("face", 112), vec![gemm("flat", "embedding"), node("Relu", &["embedding"], "logits", &[])]];
    let outputs = [output(), value("logits", 1, &[Side::Named("batch"), Side::Of(DIMENSION as u64)])];
    let network = model(&nodes.concat(), &weights(), &[usual()], &outputs);
    let names = || vec!["embedding".to_owned(), "logits".to_owned()];
    assert_eq!(builder().decode(network.clone()).map(|_| ()), Err(EmbedError::Outputs { outputs: names() }));
    let missing = builder().output("features").decode(network.clone()).map(|_| ());
    assert_eq!(missing, Err(EmbedError::NoOutput { output: "features".to_owned(), outputs: names() }));
    let chosen = builder().output("embedding").decode(network.clone()).unwrap();
    let embedding = chosen.embed(&picture(0).view(), &landmarks()).unwrap();
    near(&embedding, &made(tiny(DIMENSION)), 0.0);
    let other = builder().output("logits").decode(network).unwrap();
    assert_ne!(other.model(), chosen.model());
    let relu = other.embed(&picture(0).view(), &landmarks()).unwrap();
    assert!(relu.as_slice().iter().all(|v| *v >= 0.0) && embedding.as_slice().iter().any(|v| *v < 0.0));
    let form = InputForm::of(0.0, 1.0);
    assert_ne!(builder().input(form).output("embedding").decode(tiny(DIMENSION)).unwrap().model(), chosen.model());
}

#[test]
fn exports_changed_anywhere_are_an_error_and_no_panic() {
    let (plain, _) = parameters(DIMENSION);
    let halves = half_tensor("weights", &[AVERAGES as u64, DIMENSION as u64], &plain);
    let dropout = node("Dropout", &["flat"], "kept", &[]);
    let nodes = [averages("face", 112), vec![dropout, node("MatMul", &["kept", "weights"], "embedding", &[])]].concat();
    let switch = value("phase_train", 9, &[]);
    let whole = model(&nodes, &[halves], &[usual(), switch], &[output()]);
    assert!(builder().decode(whole.clone()).is_ok());
    // The fields, not the weights, are what a change can hurt.
    for at in (0..whole.len()).filter(|at| *at < 400 || at + 400 > whole.len()) {
        for flip in [0x01, 0x08, 0x80, 0xFF] {
            let mut changed = whole.clone();
            changed[at] ^= flip;
            let _ = builder().max_bytes(1 << 20).decode(changed);
        }
    }
}
