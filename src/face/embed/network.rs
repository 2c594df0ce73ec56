//! A network that makes embeddings: what it takes and gives.

use rten::{DataType, NodeId, NodeInfo, ValueType};

use super::error::EmbedError;
use super::params::MAX_BATCH;
use super::runtime::{Output, Runtime, described, fixed};
use crate::face::align::{AlignedFace, Layout};

/// The shape of a network's input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Input {
    /// Pictures that the network takes at a time.
    pub batch: usize,
    /// Width and height of each, pixels.
    pub side: usize,
    pub layout: Layout,
}

/// A model that takes aligned faces.
pub(super) struct Network {
    runtime: Runtime,
    to: NodeId,
    input: Input,
}

impl Network {
    /// Reads a model and checks its input. `side` is the width of faces where the file leaves it open, and `output` the name of
    /// one of several outputs.
    pub(super) fn load(
        bytes: Vec<u8>,
        side: Option<usize>,
        output: Option<&str>,
        lanes: usize,
    ) -> Result<Self, EmbedError> {
        let runtime = Runtime::load(bytes, lanes)?;
        let outputs = runtime.output_names();
        let to = match (output, runtime.outputs()) {
            (None, &[only]) => only,
            (None, _) => return Err(EmbedError::Outputs { outputs }),
            (Some(wanted), ids) => match ids.iter().zip(&outputs).find(|(_, name)| *name == wanted) {
                Some((id, _)) => *id,
                None => return Err(EmbedError::NoOutput { output: wanted.to_owned(), outputs }),
            },
        };
        let info = runtime.input();
        let input = input(info.as_ref(), side).ok_or_else(|| EmbedError::Input { shape: described(info.as_ref()) })?;
        Ok(Self { runtime, to, input })
    }

    /// What the network takes.
    pub(super) fn input(&self) -> Input {
        self.input
    }

    /// The model's raw outputs for pictures, at most as many as it takes at a time; the last one fills places that are left.
    pub(super) fn run(&self, pictures: &[Vec<f32>]) -> Result<Vec<Vec<f32>>, EmbedError> {
        let Input { batch, side, layout } = self.input;
        let places = (0..batch).filter_map(|place| pictures.get(place).or(pictures.last()));
        let numbers: Vec<f32> = places.flatten().copied().collect();
        let shape = match layout {
            Layout::Planes => [batch, 3, side, side],
            Layout::Pixels => [batch, side, side, 3],
        };
        // One side may be longer than 1: a row, a column, a 1 x 1 map of channels.
        let vector = |sides: &[usize]| sides.iter().filter(|side| **side != 1).count() <= 1;
        let vectors = |shape: &[usize]| match (batch, shape) {
            (1, sides) => vector(sides),
            (_, [pictures, sides @ ..]) => *pictures == batch && vector(sides),
            _ => false,
        };
        match self.runtime.run(shape, numbers, &[self.to])?.as_slice() {
            [Output { shape, numbers }] if vectors(shape) => {
                let length = numbers.len().checked_div(batch).unwrap_or(0).max(1);
                Ok(numbers.chunks(length).take(pictures.len()).map(<[f32]>::to_vec).collect())
            }
            outputs => {
                let shapes: Vec<_> = outputs.iter().map(|output| &output.shape).collect();
                Err(EmbedError::Output { shape: format!("{shapes:?}") })
            }
        }
    }
}

/// What the file's description of the input allows; running the model tests what it leaves open. `None` when it is no square
/// picture in color, or not of the side asked for.
fn input(info: Option<&NodeInfo<'_>>, asked: Option<usize>) -> Option<Input> {
    let open = Input { batch: 1, side: asked.unwrap_or(AlignedFace::SIDE), layout: Layout::Planes };
    let Some(info) = info else { return Some(open) };
    if info.dtype().is_some_and(|dtype| dtype != ValueType::Tensor(DataType::Float)) {
        return None;
    }
    let Some(shape) = info.shape() else { return Some(open) };
    let &[batch, second, third, last] = shape.iter().map(fixed).collect::<Vec<_>>().as_slice() else { return None };
    let (layout, sides) = match (second, last) {
        (Some(3), _) => (Layout::Planes, [third, last]),
        (_, Some(3)) => (Layout::Pixels, [second, third]),
        (None, _) => (Layout::Planes, [third, last]),
        _ => return None,
    };
    let side = match sides {
        [None, None] => open.side,
        [Some(a), Some(b)] if a == b => a,
        [Some(a), None] | [None, Some(a)] => a,
        _ => return None,
    };
    let batch = batch.unwrap_or(1);
    let usable = asked.is_none_or(|asked| asked == side) && (1..=MAX_BATCH).contains(&batch);
    usable.then_some(Input { batch, side, layout })
}
