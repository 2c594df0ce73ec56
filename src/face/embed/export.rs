//! What exporters add to a network and the runtime does not take, rewritten without a change of meaning.
//!
//! | found in exports of | becomes |
//! |---|---|
//! | weights listed as inputs (IR version 3, MXNet, Caffe2) | weights only |
//! | `Dropout`, which does nothing outside training | `Identity` |
//! | a switch for training, an input of one truth value (`phase_train`) | the constant false |
//! | weights and casts of 16 bits (half precision) | of 32 bits, the same numbers |
//!
//! A file is fields within fields (Protocol Buffers). Fields that are not named here are copied byte for byte.

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

/// Numbers of the fields that are read, as `onnx.proto` of ONNX defines them.
mod number {
    pub const MODEL_GRAPH: u64 = 7;
    pub const GRAPH_NODE: u64 = 1;
    pub const GRAPH_WEIGHTS: u64 = 5;
    pub const GRAPH_INPUT: u64 = 11;
    pub const GRAPH_OUTPUT: u64 = 12;
    pub const GRAPH_VALUE: u64 = 13;
    pub const NODE_INPUT: u64 = 1;
    pub const NODE_OUTPUT: u64 = 2;
    pub const NODE_NAME: u64 = 3;
    pub const NODE_OPERATOR: u64 = 4;
    pub const NODE_ATTRIBUTE: u64 = 5;
    pub const ATTRIBUTE_NAME: u64 = 1;
    pub const ATTRIBUTE_WHOLE: u64 = 3;
    pub const ATTRIBUTE_TENSOR: u64 = 5;
    pub const TENSOR_KIND: u64 = 2;
    pub const TENSOR_FLOATS: u64 = 4;
    pub const TENSOR_WHOLES: u64 = 5;
    pub const TENSOR_NAME: u64 = 8;
    pub const TENSOR_RAW: u64 = 9;
    pub const VALUE_NAME: u64 = 1;
    pub const VALUE_TYPE: u64 = 2;
    pub const TYPE_TENSOR: u64 = 1;
    pub const KIND_OF_ELEMENT: u64 = 1;
}

/// Kinds of elements, as `onnx.proto` numbers them.
const FLOAT: u64 = 1;
const BOOL: u64 = 9;
const FLOAT16: u64 = 10;

/// The file as the runtime takes it; the bytes as they are if they are no fields, which the runtime then says.
pub(super) fn mended(bytes: Vec<u8>) -> Vec<u8> {
    let graph = |field: &Field<'_>| (field.number == number::MODEL_GRAPH).then(|| mend_graph(field.bytes)).flatten();
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

/// The bytes of the first field of a number.
fn text(bytes: &[u8], number: u64) -> Option<&[u8]> {
    fields(bytes).flatten().find(|field| field.number == number).map(|field| field.bytes)
}

/// Wire types of Protocol Buffers.
const VARINT: u64 = 0;
const EIGHT: u64 = 1;
const BYTES: u64 = 2;
const FOUR: u64 = 5;

/// One field of a message.
struct Field<'a> {
    number: u64,
    wire: u64,
    /// The number, of fields of that wire type.
    value: u64,
    /// The content, of fields of bytes.
    bytes: &'a [u8],
    /// All of the field.
    whole: &'a [u8],
}

/// The fields of a message; `None` at the first that is none, and nothing after it.
fn fields(bytes: &[u8]) -> impl Iterator<Item = Option<Field<'_>>> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let field = next(&mut rest);
        if field.is_none() {
            rest = &[];
        }
        Some(field)
    })
}

fn next<'a>(rest: &mut &'a [u8]) -> Option<Field<'a>> {
    let start = *rest;
    let key = varint(rest)?;
    let (mut value, mut bytes): (u64, &[u8]) = (0, &[]);
    let length = match key & 7 {
        VARINT => {
            value = varint(rest)?;
            0
        }
        EIGHT => 8,
        FOUR => 4,
        BYTES => usize::try_from(varint(rest)?).ok()?,
        _ => return None,
    };
    if length > 0 {
        (bytes, *rest) = rest.split_at_checked(length)?;
    }
    let whole = start.get(..start.len().checked_sub(rest.len())?)?;
    Some(Field { number: key >> 3, wire: key & 7, value, bytes, whole })
}

fn varint(rest: &mut &[u8]) -> Option<u64> {
    let mut value = 0u64;
    for place in 0..10u32 {
        let (&byte, after) = rest.split_first()?;
        *rest = after;
        value |= u64::from(byte & 0x7F).checked_shl(place.saturating_mul(7))?;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

/// A message being written.
#[derive(Default)]
struct Out(Vec<u8>);

impl Out {
    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(u8::try_from(value & 0x7F).unwrap_or(0) | 0x80);
            value >>= 7;
        }
        self.0.push(u8::try_from(value).unwrap_or(0));
    }

    fn whole(&mut self, number: u64, value: u64) {
        self.varint(number << 3 | VARINT);
        self.varint(value);
    }

    fn bytes(&mut self, number: u64, bytes: &[u8]) {
        self.varint(number << 3 | BYTES);
        self.varint(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        self.0.extend_from_slice(bytes);
    }

    fn copy(&mut self, field: &Field<'_>) {
        self.0.extend_from_slice(field.whole);
    }

    /// The field with its content mended, or as it is.
    fn mended(&mut self, field: &Field<'_>, mend: impl FnOnce(&[u8]) -> Option<Vec<u8>>) {
        match mend(field.bytes) {
            Some(bytes) => self.bytes(field.number, &bytes),
            None => self.copy(field),
        }
    }
}

/// A message written field by field; `None` if the bytes are no message.
fn rewritten(bytes: &[u8], mut each: impl FnMut(&Field<'_>, &mut Out)) -> Option<Vec<u8>> {
    let mut out = Out(Vec::with_capacity(bytes.len()));
    for field in fields(bytes) {
        each(&field?, &mut out);
    }
    Some(out.0)
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
