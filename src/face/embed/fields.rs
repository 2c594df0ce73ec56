//! The fields of a file in ONNX format, which are fields within fields (Protocol Buffers).

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

/// Numbers of the fields that are read, as `onnx.proto` of ONNX defines them.
pub(super) mod number {
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
    pub const ATTRIBUTE_GRAPH: u64 = 6;
    pub const ATTRIBUTE_GRAPHS: u64 = 11;
    pub const TENSOR_SIDE: u64 = 1;
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

/// The kind of 32-bit floats, as `onnx.proto` numbers it.
pub(super) const FLOAT: u64 = 1;

/// The bytes of the first field of a number.
pub(super) fn text(bytes: &[u8], number: u64) -> Option<&[u8]> {
    fields(bytes).flatten().find(|field| field.number == number).map(|field| field.bytes)
}

/// Wire types of Protocol Buffers.
const VARINT: u64 = 0;
const EIGHT: u64 = 1;
pub(super) const BYTES: u64 = 2;
const FOUR: u64 = 5;

/// One field of a message.
pub(super) struct Field<'a> {
    pub number: u64,
    pub wire: u64,
    /// The number, of fields of that wire type.
    pub value: u64,
    /// The content, of fields of bytes.
    pub bytes: &'a [u8],
    /// All of the field.
    whole: &'a [u8],
}

/// The fields of a message; `None` at the first that is none, and nothing after it.
pub(super) fn fields(bytes: &[u8]) -> impl Iterator<Item = Option<Field<'_>>> {
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

pub(super) fn varint(rest: &mut &[u8]) -> Option<u64> {
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
pub(super) struct Out(pub Vec<u8>);

impl Out {
    pub fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(u8::try_from(value & 0x7F).unwrap_or(0) | 0x80);
            value >>= 7;
        }
        self.0.push(u8::try_from(value).unwrap_or(0));
    }

    pub fn whole(&mut self, number: u64, value: u64) {
        self.varint(number << 3 | VARINT);
        self.varint(value);
    }

    pub fn bytes(&mut self, number: u64, bytes: &[u8]) {
        self.varint(number << 3 | BYTES);
        self.varint(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        self.0.extend_from_slice(bytes);
    }

    pub fn copy(&mut self, field: &Field<'_>) {
        self.0.extend_from_slice(field.whole);
    }

    /// The field with its content mended, or as it is.
    pub fn mended(&mut self, field: &Field<'_>, mend: impl FnOnce(&[u8]) -> Option<Vec<u8>>) {
        match mend(field.bytes) {
            Some(bytes) => self.bytes(field.number, &bytes),
            None => self.copy(field),
        }
    }
}

/// A message written field by field; `None` if the bytes are no message.
pub(super) fn rewritten(bytes: &[u8], mut each: impl FnMut(&Field<'_>, &mut Out)) -> Option<Vec<u8>> {
    let mut out = Out(Vec::with_capacity(bytes.len()));
    for field in fields(bytes) {
        each(&field?, &mut out);
    }
    Some(out.0)
}
