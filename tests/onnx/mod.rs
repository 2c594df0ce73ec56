//! A writer of tiny networks in ONNX format, a few fields of its protocol buffers.
#![allow(dead_code, reason = "each test uses a part")]

/// Field of a number.
pub fn number(field: u64, value: u64) -> Vec<u8> {
    [varint(field << 3), varint(value)].concat()
}

/// Field of bytes: text, packed numbers, a message.
pub fn bytes(field: u64, value: impl AsRef<[u8]>) -> Vec<u8> {
    let value = value.as_ref();
    [&varint(field << 3 | 2)[..], &varint(value.len() as u64), value].concat()
}

fn varint(mut value: u64) -> Vec<u8> {
    let mut out = Vec::new();
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
    out
}

/// A side of a shape.
#[derive(Clone, Copy)]
pub enum Side {
    Of(u64),
    Named(&'static str),
}

/// What goes in or comes out; elements of type 1 are floats.
pub fn value(name: &str, element: u64, shape: &[Side]) -> Vec<u8> {
    let side = |side: &Side| match side {
        Side::Of(n) => number(1, *n),
        Side::Named(name) => bytes(2, name),
    };
    let shape: Vec<u8> = shape.iter().flat_map(|s| bytes(1, side(s))).collect();
    let tensor = [number(1, element), bytes(2, shape)].concat();
    [bytes(1, name), bytes(2, bytes(1, tensor))].concat()
}

/// Weights.
pub fn tensor(name: &str, shape: &[u64], values: &[f32]) -> Vec<u8> {
    let raw: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
    let shape: Vec<u8> = shape.iter().flat_map(|n| number(1, *n)).collect();
    [shape, number(2, 1), bytes(8, name), bytes(9, raw)].concat()
}

/// The same weights in half precision.
pub fn half_tensor(name: &str, shape: &[u64], values: &[f32]) -> Vec<u8> {
    let raw: Vec<u8> = values.iter().flat_map(|v| selfsame::half::f16::from_f32(*v).to_le_bytes()).collect();
    let shape: Vec<u8> = shape.iter().flat_map(|n| number(1, *n)).collect();
    [shape, number(2, 10), bytes(8, name), bytes(9, raw)].concat()
}

/// One whole number that sets an operator.
pub fn one(name: &str, value: u64) -> Vec<u8> {
    [bytes(1, name), number(3, value), number(20, 2)].concat()
}

/// Whole numbers that set an operator.
pub fn whole(name: &str, values: &[u64]) -> Vec<u8> {
    let values: Vec<u8> = values.iter().flat_map(|v| number(8, *v)).collect();
    [bytes(1, name), values, number(20, 7)].concat()
}

pub fn node(operator: &str, inputs: &[&str], output: &str, attributes: &[Vec<u8>]) -> Vec<u8> {
    let inputs: Vec<u8> = inputs.iter().flat_map(|i| bytes(1, i)).collect();
    let attributes: Vec<u8> = attributes.iter().flat_map(|a| bytes(5, a)).collect();
    [inputs, bytes(2, output), bytes(3, format!("{operator} of {output}")), bytes(4, operator), attributes].concat()
}

pub fn model(nodes: &[Vec<u8>], weights: &[Vec<u8>], inputs: &[Vec<u8>], outputs: &[Vec<u8>]) -> Vec<u8> {
    let all = |field, parts: &[Vec<u8>]| parts.iter().flat_map(|p| bytes(field, p)).collect::<Vec<u8>>();
    let graph = [all(1, nodes), bytes(2, "tiny"), all(5, weights), all(11, inputs), all(12, outputs)].concat();
    let opset = [bytes(1, ""), number(2, 13)].concat();
    [number(1, 8), bytes(7, graph), bytes(8, opset)].concat()
}

/// Rows and columns that the tiny network averages.
pub const POOL: usize = 14;
/// Averages per row and column.
pub const CELLS: usize = 112 / POOL;
/// Averages of all colors.
pub const AVERAGES: usize = 3 * CELLS * CELLS;

/// A weight of the tiny network: from an average to an output.
pub fn weight(average: usize, output: usize) -> f32 {
    ((average * 37 + output * 101) % 23) as f32 / 11.0 - 1.0
}

/// What is added to an output.
pub fn bias(output: usize) -> f32 {
    (output % 7) as f32 / 7.0 - 0.4
}

/// A network that averages squares of 14 x 14 pixels and maps the averages to `dimension` outputs.
pub fn tiny(dimension: usize) -> Vec<u8> {
    tiny_between(dimension, &value("face", 1, &[Side::Named("batch"), Side::Of(3), Side::Of(112), Side::Of(112)]))
}

/// The weights and biases of the tiny network.
pub fn parameters(dimension: usize) -> (Vec<f32>, Vec<f32>) {
    let weights = (0..AVERAGES).flat_map(|a| (0..dimension).map(move |o| weight(a, o))).collect();
    (weights, (0..dimension).map(bias).collect())
}

/// The same with an input of another shape.
pub fn tiny_between(dimension: usize, input: &[u8]) -> Vec<u8> {
    let (weights, biases) = parameters(dimension);
    let square = [POOL as u64; 2];
    model(
        &[
            node("AveragePool", &["face"], "cells", &[whole("kernel_shape", &square), whole("strides", &square)]),
            node("Flatten", &["cells"], "flat", &[]),
            node("Gemm", &["flat", "weights", "biases"], "embedding", &[]),
        ],
        &[
            tensor("weights", &[AVERAGES as u64, dimension as u64], &weights),
            tensor("biases", &[dimension as u64], &biases),
        ],
        &[input.to_vec()],
        &[value("embedding", 1, &[Side::Named("batch"), Side::Of(dimension as u64)])],
    )
}
