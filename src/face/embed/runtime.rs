//! A network of one input and one output in the runtime.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rten::{DataType, Dimension, Model, NodeId, NodeInfo, RunOptions, ThreadPool, Value, ValueType};
use rten_tensor::Layout;

use super::error::EmbedError;
use crate::face::align::AlignedFace;

/// Shape of the input: pictures, colors, rows, columns.
const SHAPE: [usize; 4] = [1, 3, AlignedFace::SIDE, AlignedFace::SIDE];

/// A model that takes one aligned face.
pub(super) struct Network {
    model: Model,
    input: NodeId,
    output: NodeId,
    /// Pools of one thread each, because the runtime's sums depend on the number of threads that share them; one pool
    /// for each face embedded at a time.
    lanes: Vec<Arc<ThreadPool>>,
    /// Lane for the next caller from outside any pool.
    next: AtomicUsize,
}

impl Network {
    /// Reads a model and checks its input.
    pub(super) fn load(bytes: Vec<u8>, lanes: usize) -> Result<Self, EmbedError> {
        let model = guarded(|| Model::load(bytes).map_err(|e| EmbedError::Load { reason: e.to_string() }))?;
        let (&[input], &[output]) = (model.input_ids(), model.output_ids()) else {
            return Err(EmbedError::Ends { inputs: model.input_ids().len(), outputs: model.output_ids().len() });
        };
        if let Some(info) = model.node_info(input).filter(|info| !takes_a_face(info)) {
            return Err(EmbedError::Input { shape: described(&info) });
        }
        let lanes = (0..lanes.max(1)).map(|_| Arc::new(ThreadPool::with_num_threads(1))).collect();
        Ok(Self { input, output, model, lanes, next: AtomicUsize::new(0) })
    }

    /// A thread for the caller, the same one for each thread of a pool.
    fn lane(&self) -> Option<Arc<ThreadPool>> {
        let number = rayon::current_thread_index().unwrap_or_else(|| self.next.fetch_add(1, Ordering::Relaxed));
        self.lanes.get(number.checked_rem(self.lanes.len())?).cloned()
    }

    /// The model's raw output for a picture.
    pub(super) fn run(&self, input: Vec<f32>) -> Result<Vec<f32>, EmbedError> {
        let failed = |e: &dyn std::fmt::Display| EmbedError::Run { reason: e.to_string() };
        let value = guarded(|| {
            let input = Value::from_shape(SHAPE, input).map_err(|e| failed(&e))?;
            let mut options = RunOptions::default();
            options.thread_pool = self.lane();
            let [value] = self
                .model
                .run_n(vec![(self.input, input.into())], [self.output], Some(options))
                .map_err(|e| failed(&e))?;
            Ok(value)
        })?;
        match value {
            // One side may be longer than 1: a row, a column, a 1 x 1 map of channels.
            Value::FloatTensor(tensor) if tensor.shape().iter().filter(|side| **side != 1).count() <= 1 => {
                Ok(tensor.into_data())
            }
            other => Err(EmbedError::Output { shape: format!("{:?} of {:?}", other.dtype(), other.shape()) }),
        }
    }
}

/// Runs work that may panic on an unusual model.
fn guarded<T>(work: impl FnOnce() -> Result<T, EmbedError>) -> Result<T, EmbedError> {
    // The data of the work are dropped with it, and the model is only read.
    catch_unwind(AssertUnwindSafe(work)).unwrap_or(Err(EmbedError::Panicked))
}

/// Whether the file's description of the input allows one face; running the model tests what it leaves open.
fn takes_a_face(info: &NodeInfo<'_>) -> bool {
    let floats = info.dtype().is_none_or(|dtype| dtype == ValueType::Tensor(DataType::Float));
    let fits = |(side, wanted): (&Dimension, usize)| match side {
        Dimension::Fixed(side) => *side == wanted,
        Dimension::Symbolic(_) => true,
    };
    let shaped = info.shape().is_none_or(|shape| shape.len() == SHAPE.len() && shape.iter().zip(SHAPE).all(fits));
    floats && shaped
}

fn described(info: &NodeInfo<'_>) -> String {
    let side = |side: &Dimension| match side {
        Dimension::Fixed(side) => side.to_string(),
        Dimension::Symbolic(name) => name.clone(),
    };
    let shape = info.shape().map(|shape| shape.iter().map(side).collect::<Vec<_>>().join(" x "));
    let kind = info.dtype().map(|dtype| format!("{dtype:?}"));
    format!("{} of {}", kind.unwrap_or("something".to_owned()), shape.unwrap_or("any shape".to_owned()))
}
