//! What exporters add to a network and the runtime does not take, rewritten without a change of meaning.
//!
//! | found in exports of | becomes |
//! |---|---|
//! | weights listed as inputs (IR version 3, MXNet, Caffe2) | weights only |
//! | `Dropout`, which does nothing outside training | `Identity` |
//! | a switch for training, an input of one truth value (`phase_train`) | the constant false |
//! | weights and casts of 16 bits (half precision) | of 32 bits, the same numbers |
//! | convolutions of single channels | of groups of channels (`groups`) |
//!
//! Fields that are not named here are copied byte for byte.

#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::as_conversions
    )
)]

use std::collections::HashSet;

use half::f16;

use super::fields::{BYTES, FLOAT, Field, Out, fields, number, rewritten, text, varint};
use super::groups::grouped;

/// Kinds of elements, as `onnx.proto` numbers them.
const BOOL: u64 = 9;
const FLOAT16: u64 = 10;

/// The file as the runtime takes it; the bytes as they are if they are no fields, which the runtime then says.
pub(super) fn mended(bytes: Vec<u8>) -> Vec<u8> {
    let mended = |graph: &[u8]| mend_graph(graph).map(|graph| grouped(&graph).unwrap_or(graph));
    let graph = |field: &Field<'_>| (field.number == number::MODEL_GRAPH).then(|| mended(field.bytes)).flatten();
    rewritten(&bytes, |field, out| match graph(field) {
        Some(graph) => out.bytes(field.number, &graph),
        None => out.copy(field),
    })
    .unwrap_or(bytes)
}

fn mend_graph(bytes: &[u8]) -> Option<Vec<u8>> {
    fn named<'a>(field: &Field<'a>, name: u64) -> &'a [u8] {
        text(field.bytes, name).unwrap_or_default()
    }
    let weights: HashSet<&[u8]> = fields(bytes)
        .flatten()
        .filter(|field| field.number == number::GRAPH_WEIGHTS)
        .map(|field| named(&field, number::TENSOR_NAME))
        .collect();
    rewritten(bytes, |field, out| match field.number {
        number::GRAPH_NODE => out.mended(field, mend_node),
        number::GRAPH_WEIGHTS => out.mended(field, mend_tensor),
        number::GRAPH_INPUT if weights.contains(named(field, number::VALUE_NAME)) => {}
        number::GRAPH_INPUT if kind_of(field.bytes) == Some(BOOL) => {
            let mut switch = Out::default();
            switch.whole(number::TENSOR_KIND, BOOL);
            switch.bytes(number::TENSOR_NAME, named(field, number::VALUE_NAME));
            switch.bytes(number::TENSOR_RAW, &[0]);
            out.bytes(number::GRAPH_WEIGHTS, &switch.0);
        }
        number::GRAPH_INPUT | number::GRAPH_OUTPUT | number::GRAPH_VALUE => out.mended(field, mend_value),
        _ => out.copy(field),
    })
}

fn mend_node(bytes: &[u8]) -> Option<Vec<u8>> {
    let operator = text(bytes, number::NODE_OPERATOR)?;
    if operator == b"Dropout" {
        // Its second output, a mask, has no meaning outside training; neither have its rate and its switch.
        let (mut inputs, mut outputs) = (0u32, 0u32);
        return rewritten(bytes, |field, out| {
            let count = match field.number {
                number::NODE_INPUT => &mut inputs,
                number::NODE_OUTPUT => &mut outputs,
                number::NODE_OPERATOR => return out.bytes(field.number, b"Identity"),
                number::NODE_NAME => return out.copy(field),
                _ => return,
            };
            *count = count.saturating_add(1);
            if *count == 1 {
                out.copy(field);
            }
        });
    }
    let cast = operator == b"Cast";
    rewritten(bytes, |field, out| match field.number {
        number::NODE_ATTRIBUTE => out.mended(field, |attribute| mend_attribute(attribute, cast)),
        _ => out.copy(field),
    })
}

fn mend_attribute(bytes: &[u8], cast: bool) -> Option<Vec<u8>> {
    let target = cast && text(bytes, number::ATTRIBUTE_NAME)? == b"to";
    rewritten(bytes, |field, out| match field.number {
        number::ATTRIBUTE_WHOLE if target && field.value == FLOAT16 => out.whole(field.number, FLOAT),
        number::ATTRIBUTE_TENSOR => out.mended(field, mend_tensor),
        _ => out.copy(field),
    })
}

/// Numbers of 16 bits as numbers of 32.
fn mend_tensor(bytes: &[u8]) -> Option<Vec<u8>> {
    let is_half = |field: Field<'_>| field.number == number::TENSOR_KIND && field.value == FLOAT16;
    if !fields(bytes).flatten().any(is_half) {
        return None;
    }
    let mut floats = Vec::new();
    let mut kept = rewritten(bytes, |field, out| match field.number {
        number::TENSOR_KIND => out.whole(field.number, FLOAT),
        number::TENSOR_RAW => {
            let (halves, _) = field.bytes.as_chunks::<2>();
            let raw: Vec<u8> =
                halves.iter().flat_map(|half| f16::from_le_bytes(*half).to_f32().to_le_bytes()).collect();
            out.bytes(field.number, &raw);
        }
        // Packed or one by one; a half float is in the lower 16 bits.
        number::TENSOR_WHOLES if field.wire == BYTES => {
            let mut rest = field.bytes;
            while let Some(bits) = varint(&mut rest) {
                floats.extend(half_of(bits).to_le_bytes());
            }
        }
        number::TENSOR_WHOLES => floats.extend(half_of(field.value).to_le_bytes()),
        _ => out.copy(field),
    })?;
    if !floats.is_empty() {
        let mut out = Out(std::mem::take(&mut kept));
        out.bytes(number::TENSOR_FLOATS, &floats);
        kept = out.0;
    }
    Some(kept)
}

fn half_of(bits: u64) -> f32 {
    f16::from_bits(u16::try_from(bits & 0xFFFF).unwrap_or(0)).to_f32()
}

/// A value of 16-bit floats becomes one of 32 bits.
fn mend_value(bytes: &[u8]) -> Option<Vec<u8>> {
    if kind_of(bytes) != Some(FLOAT16) {
        return None;
    }
    rewritten(bytes, |field, out| match field.number {
        number::VALUE_TYPE => out.mended(field, |kind| {
            rewritten(kind, |field, out| match field.number {
                number::TYPE_TENSOR => out.mended(field, |tensor| {
                    rewritten(tensor, |field, out| match field.number {
                        number::KIND_OF_ELEMENT => out.whole(field.number, FLOAT),
                        _ => out.copy(field),
                    })
                }),
                _ => out.copy(field),
            })
        }),
        _ => out.copy(field),
    })
}

/// The kind of a value's elements.
fn kind_of(value: &[u8]) -> Option<u64> {
    let within = |bytes, number| fields(bytes).flatten().find(|field| field.number == number);
    let tensor = within(within(value, number::VALUE_TYPE)?.bytes, number::TYPE_TENSOR)?;
    Some(within(tensor.bytes, number::KIND_OF_ELEMENT)?.value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_needs_no_mending_stays_byte_for_byte() {
        let mut graph = Out::default();
        graph.bytes(number::GRAPH_NODE, b"\x0a\x01x\x12\x01y\x22\x04Relu");
        graph.bytes(99, b"unknown");
        let mut model = Out::default();
        model.whole(1, 8);
        model.bytes(number::MODEL_GRAPH, &graph.0);
        assert_eq!(mended(model.0.clone()), model.0);
        for bytes in [&b""[..], b"\x07", b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", b"not a model"] {
            assert_eq!(mended(bytes.to_vec()), bytes);
        }
    }

    #[test]
    fn half_floats_keep_their_values() {
        let numbers = [0.0f32, -1.5, 65_504.0, 6.1e-5, f32::INFINITY];
        let halves: Vec<u8> = numbers.iter().flat_map(|&v| f16::from_f32(v).to_le_bytes()).collect();
        let mut raw = Out::default();
        raw.whole(number::TENSOR_KIND, FLOAT16);
        raw.bytes(number::TENSOR_RAW, &halves);
        let mut packed = Out::default();
        packed.whole(number::TENSOR_KIND, FLOAT16);
        let mut wholes = Out::default();
        numbers.iter().for_each(|&v| wholes.varint(u64::from(f16::from_f32(v).to_bits())));
        packed.bytes(number::TENSOR_WHOLES, &wholes.0);
        for (tensor, at) in [(raw, number::TENSOR_RAW), (packed, number::TENSOR_FLOATS)] {
            let mended = mend_tensor(&tensor.0).expect("a tensor");
            let (floats, _) = text(&mended, at).expect("floats").as_chunks::<4>();
            let floats: Vec<f32> = floats.iter().map(|v| f32::from_le_bytes(*v)).collect();
            assert_eq!(floats, numbers.map(|v| f16::from_f32(v).to_f32()));
        }
    }
}
