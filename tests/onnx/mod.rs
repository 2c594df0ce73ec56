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

/// A layer of a network of convolutions.
pub enum Layer {
    /// Output channels, side of the window, stride, padding, groups; with a slope below 0 of 0.25 afterwards if `curved`.
    Convolution { channels: usize, window: usize, stride: usize, padding: usize, groups: usize, curved: bool },
    /// Keeps the numbers for [`Layer::Add`].
    Keep,
    /// Adds the numbers that were kept.
    Add,
}

/// The layers of MobileFaceNet (Chen et al. 2018), for pictures of 112 x 112 pixels and embeddings of 128 numbers, with as many
/// blocks in its five stages as given; the paper has `[5, 1, 6, 1, 2]`.
pub fn mobile_layers(blocks: [usize; 5]) -> Vec<Layer> {
    let convolution = |channels, window: usize, stride, groups, curved| {
        let padding = if window == 7 { 0 } else { window / 2 };
        Layer::Convolution { channels, window, stride, padding, groups, curved }
    };
    let mut layers = vec![convolution(64, 3, 2, 1, true), convolution(64, 3, 1, 64, true)];
    let mut from = 64;
    for ((wider, to, first), count) in
        [(2, 64, 2), (4, 128, 2), (2, 128, 1), (4, 128, 2), (2, 128, 1)].into_iter().zip(blocks)
    {
        for block in 0..count {
            let stride = if block == 0 { first } else { 1 };
            let (inside, same) = (from * wider, stride == 1 && from == to);
            layers.extend(same.then_some(Layer::Keep));
            layers.extend([
                convolution(inside, 1, 1, 1, true),
                convolution(inside, 3, stride, inside, true),
                convolution(to, 1, 1, 1, false),
            ]);
            layers.extend(same.then_some(Layer::Add));
            from = to;
        }
    }
    layers.extend([
        convolution(512, 1, 1, 1, true),
        convolution(512, 7, 1, 512, false),
        convolution(128, 1, 1, 1, false),
    ]);
    layers
}

/// Slope below 0 of every channel.
pub const SLOPE: f32 = 0.25;

/// Weights of a convolution, evenly spread so that numbers keep their size from layer to layer: per output channel, then input
/// channel of its group, row, column.
pub fn kernel(layer: usize, count: usize, fan_in: usize) -> Vec<f32> {
    let reach = (6.0 / fan_in as f32).sqrt();
    let mut state = layer as u32 * 7919 + 1;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / (1 << 23) as f32 - 1.0
    };
    (0..count).map(|_| reach * next()).collect()
}

/// A network of layers as a file, and its multiply-adds per face.
pub fn mobile(layers: &[Layer]) -> (Vec<u8>, usize) {
    let (mut nodes, mut weights, mut kept) = (Vec::new(), Vec::new(), String::new());
    let (mut at, mut from, mut side, mut cost) = ("face".to_owned(), 3, 112, 0);
    for (number, layer) in layers.iter().enumerate() {
        let next = format!("map {number}");
        match *layer {
            Layer::Keep => kept.clone_from(&at),
            Layer::Add => {
                nodes.push(node("Add", &[&kept, &at], &next, &[]));
                at = next;
            }
            Layer::Convolution { channels, window, stride, padding, groups, curved } => {
                let fan_in = from / groups * window * window;
                let (kernels, biases) = (format!("kernels {number}"), format!("biases {number}"));
                let shape = [channels, from / groups, window, window].map(|n| n as u64);
                weights.push(tensor(&kernels, &shape, &kernel(number, channels * fan_in, fan_in)));
                weights.push(tensor(&biases, &[channels as u64], &kernel(number + 1000, channels, 600)));
                let settings = [
                    whole("kernel_shape", &[window as u64; 2]),
                    whole("strides", &[stride as u64; 2]),
                    whole("pads", &[padding as u64; 4]),
                    one("group", groups as u64),
                ];
                let linear = if curved { format!("linear {number}") } else { next.clone() };
                nodes.push(node("Conv", &[&at, &kernels, &biases], &linear, &settings));
                if curved {
                    let slopes = format!("slopes {number}");
                    weights.push(tensor(&slopes, &[channels as u64, 1, 1], &vec![SLOPE; channels]));
                    nodes.push(node("PRelu", &[&linear, &slopes], &next, &[]));
                }
                (at, from, side) = (next, channels, (side + 2 * padding - window) / stride + 1);
                cost += side * side * channels * fan_in;
            }
        }
    }
    nodes.push(node("Flatten", &[&at], "embedding", &[]));
    let input = value("face", 1, &[Side::Named("batch"), Side::Of(3), Side::Of(112), Side::Of(112)]);
    let output = value("embedding", 1, &[Side::Named("batch"), Side::Of(from as u64)]);
    (model(&nodes, &weights, &[input], &[output]), cost)
}
