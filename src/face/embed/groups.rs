//! Convolutions of single channels (depthwise) as convolutions of groups of four, which the runtime computes faster: the first by a
//! loop over numbers, the second by its matrix product, in vectors. The weights between different channels of a group are zero.

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

use std::collections::HashMap;

use super::fields::{BYTES, FLOAT, Field, Out, fields, number, rewritten, text, varint};
use super::params::{GROUP, MOST_TAPS};

/// Bytes of such a number.
const BYTES_EACH: usize = 4;

/// The weights of a convolution of single channels.
struct Kernel<'a> {
    channels: u64,
    sides: [u64; 2],
    numbers: &'a [u8],
    taps: usize,
}

/// A graph with its convolutions regrouped; `None` when it has none, or none that can be.
pub(super) fn grouped(graph: &[u8]) -> Option<Vec<u8>> {
    let mut kernels = HashMap::new();
    for field in fields(graph).flatten().filter(|field| field.number == number::GRAPH_WEIGHTS) {
        kernels.extend(kernel(field.bytes).and_then(|kernel| Some((text(field.bytes, number::TENSOR_NAME)?, kernel))));
    }
    // Weights that anything else uses stay as they are.
    for node in fields(graph).flatten().filter(|field| field.number == number::GRAPH_NODE) {
        let groups = groups(node.bytes)?;
        for (place, name) in inputs(node.bytes).enumerate() {
            if place != 1 || kernels.get(name).is_some_and(|kernel| Some(kernel.channels) != groups) {
                kernels.remove(name);
            }
        }
    }
    if kernels.is_empty() {
        return None;
    }
    rewritten(graph, |field, out| match field.number {
        number::GRAPH_NODE => out.mended(field, |node| {
            kernels.get(inputs(node).nth(1)?)?;
            rewritten(node, |field, out| match field.number {
                number::NODE_ATTRIBUTE if is_group(field.bytes) => out.mended(field, |attribute| {
                    rewritten(attribute, |field, out| match field.number {
                        number::ATTRIBUTE_WHOLE => out.whole(field.number, field.value.div_euclid(GROUP)),
                        _ => out.copy(field),
                    })
                }),
                _ => out.copy(field),
            })
        }),
        number::GRAPH_WEIGHTS => out.mended(field, |tensor| {
            let name = text(tensor, number::TENSOR_NAME).filter(|name| kernels.contains_key(name))?;
            Some(kernel(tensor)?.written(name))
        }),
        _ => out.copy(field),
    })
}

impl Kernel<'_> {
    /// The tensor of the group's weights.
    fn written(&self, name: &[u8]) -> Vec<u8> {
        let tap = vec![0u8; self.taps.saturating_mul(BYTES_EACH)];
        let mut raw = Vec::new();
        for (channel, own) in (0..GROUP).cycle().zip(self.numbers.chunks(tap.len())) {
            (0..GROUP).for_each(|other| raw.extend_from_slice(if other == channel { own } else { &tap }));
        }
        let mut out = Out::default();
        [self.channels, GROUP].into_iter().chain(self.sides).for_each(|side| out.whole(number::TENSOR_SIDE, side));
        out.whole(number::TENSOR_KIND, FLOAT);
        out.bytes(number::TENSOR_NAME, name);
        out.bytes(number::TENSOR_RAW, &raw);
        out.0
    }
}

/// The weights in a tensor, if they have the shape of single channels and are worth it.
fn kernel(tensor: &[u8]) -> Option<Kernel<'_>> {
    let (mut sides, mut numbers) = (Vec::new(), &[][..]);
    for field in fields(tensor) {
        let field = field?;
        match field.number {
            number::TENSOR_SIDE if field.wire == BYTES => {
                let mut rest = field.bytes;
                while let Some(side) = varint(&mut rest) {
                    sides.push(side);
                }
            }
            number::TENSOR_SIDE => sides.push(field.value),
            number::TENSOR_KIND if field.value != FLOAT => return None,
            // One by one in fields of their own, floats stay as they are.
            number::TENSOR_RAW | number::TENSOR_FLOATS => numbers = field.bytes,
            _ => {}
        }
    }
    let &[channels, 1, height, width] = sides.as_slice() else { return None };
    let taps = usize::try_from(height.checked_mul(width)?).ok().filter(|taps| (2..=MOST_TAPS).contains(taps))?;
    let bytes = usize::try_from(channels).ok()?.checked_mul(taps)?.checked_mul(BYTES_EACH)?;
    let sound = channels.checked_rem(GROUP) == Some(0) && bytes == numbers.len() && bytes > 0;
    sound.then_some(Kernel { channels, sides: [height, width], numbers, taps })
}

/// The number of groups of a convolution, 0 for other nodes; `None` for a node with a graph inside, which may use any weights.
fn groups(node: &[u8]) -> Option<Option<u64>> {
    let attributes = || fields(node).flatten().filter(|field| field.number == number::NODE_ATTRIBUTE);
    let inside = |field: Field<'_>| [number::ATTRIBUTE_GRAPH, number::ATTRIBUTE_GRAPHS].contains(&field.number);
    if attributes().any(|attribute| fields(attribute.bytes).flatten().any(inside)) {
        return None;
    }
    let is_convolution = text(node, number::NODE_OPERATOR) == Some(b"Conv");
    let group = attributes().find(|attribute| is_convolution && is_group(attribute.bytes));
    let whole = |field: &Field<'_>| field.number == number::ATTRIBUTE_WHOLE;
    Some(group.and_then(|group| fields(group.bytes).flatten().find(whole)).map(|field| field.value))
}

fn is_group(attribute: &[u8]) -> bool {
    text(attribute, number::ATTRIBUTE_NAME) == Some(b"group")
}

fn inputs(node: &[u8]) -> impl Iterator<Item = &[u8]> {
    fields(node).flatten().filter(|field| field.number == number::NODE_INPUT).map(|field| field.bytes)
}
