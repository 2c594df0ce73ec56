//! A model in the runtime: loaded and run without a panic, each run on one thread.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rten::{Dimension, Model, NodeId, NodeInfo, RunOptions, ThreadPool, Value};
use rten_tensor::Layout as _;

use super::error::EmbedError;
use super::export::mended;

/// A model of one input.
pub(super) struct Runtime {
    model: Model,
    input: NodeId,
    /// Pools of one thread each, because the runtime's sums depend on the number of threads that share them; one pool
    /// for each run at a time.
    lanes: Vec<Arc<ThreadPool>>,
    /// Lane for the next caller from outside any pool.
    next: AtomicUsize,
}

/// Numbers of an output, and its shape.
pub(super) struct Output {
    pub shape: Vec<usize>,
    pub numbers: Vec<f32>,
}

impl Runtime {
    /// Reads a model of one input.
    pub(super) fn load(bytes: Vec<u8>, lanes: usize) -> Result<Self, EmbedError> {
        let model = guarded(|| Model::load(mended(bytes)).map_err(|e| EmbedError::Load { reason: e.to_string() }))?;
        let &[input] = model.input_ids() else {
            return Err(EmbedError::Inputs { inputs: names(&model, model.input_ids()) });
        };
        let lanes = (0..lanes.max(1)).map(|_| Arc::new(ThreadPool::with_num_threads(1))).collect();
        Ok(Self { model, input, lanes, next: AtomicUsize::new(0) })
    }

    /// What the file says about the input.
    pub(super) fn input(&self) -> Option<NodeInfo<'_>> {
        self.model.node_info(self.input)
    }

    /// The outputs.
    pub(super) fn outputs(&self) -> &[NodeId] {
        self.model.output_ids()
    }

    /// Names of the outputs.
    pub(super) fn output_names(&self) -> Vec<String> {
        names(&self.model, self.model.output_ids())
    }

    /// A thread for the caller, the same one for each thread of a pool.
    fn lane(&self) -> Option<Arc<ThreadPool>> {
        let number = rayon::current_thread_index().unwrap_or_else(|| self.next.fetch_add(1, Ordering::Relaxed));
        self.lanes.get(number.checked_rem(self.lanes.len())?).cloned()
    }

    /// The outputs asked for, which must be floats.
    pub(super) fn run(
        &self,
        shape: [usize; 4],
        numbers: Vec<f32>,
        outputs: &[NodeId],
    ) -> Result<Vec<Output>, EmbedError> {
        let failed = |e: &dyn std::fmt::Display| EmbedError::Run { reason: e.to_string() };
        let values = guarded(|| {
            let input = Value::from_shape(shape, numbers).map_err(|e| failed(&e))?;
            let mut options = RunOptions::default();
            options.thread_pool = self.lane();
            self.model.run(vec![(self.input, input.into())], outputs, Some(options)).map_err(|e| failed(&e))
        })?;
        let floats = |value: Value| match value {
            Value::FloatTensor(tensor) => Ok(Output { shape: tensor.shape().to_vec(), numbers: tensor.into_data() }),
            other => Err(EmbedError::Output { shape: format!("{:?} of {:?}", other.dtype(), other.shape()) }),
        };
        values.into_iter().map(floats).collect()
    }
}

/// Runs work that may panic on an unusual model.
fn guarded<T>(work: impl FnOnce() -> Result<T, EmbedError>) -> Result<T, EmbedError> {
    // The data of the work are dropped with it, and the model is only read.
    catch_unwind(AssertUnwindSafe(work)).unwrap_or(Err(EmbedError::Panicked))
}

fn names(model: &Model, ids: &[NodeId]) -> Vec<String> {
    let name = |&id| model.node_info(id).and_then(|info| info.name().map(str::to_owned)).unwrap_or_default();
    ids.iter().map(name).collect()
}

/// What the file says about an input, in words.
pub(super) fn described(info: Option<&NodeInfo<'_>>) -> String {
    let Some(info) = info else { return "unknown".to_owned() };
    let side = |side: &Dimension| match side {
        Dimension::Fixed(side) => side.to_string(),
        Dimension::Symbolic(name) => name.clone(),
    };
    let shape = info.shape().map(|shape| shape.iter().map(side).collect::<Vec<_>>().join(" x "));
    let kind = info.dtype().map(|dtype| format!("{dtype:?}"));
    format!("{} of {}", kind.unwrap_or("something".to_owned()), shape.unwrap_or("any shape".to_owned()))
}

/// A side, if the file says it.
pub(super) fn fixed(side: &Dimension) -> Option<usize> {
    match side {
        Dimension::Fixed(side) => Some(*side),
        Dimension::Symbolic(_) => None,
    }
}
