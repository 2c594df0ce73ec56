//! A part of the gallery that one task scans.

use super::rows::Link;
use crate::modality::{Block, Modality};

/// References and whose they are, row by row.
#[derive(Clone)]
pub(super) struct Shard<M: Modality> {
    pub(super) block: M::Block,
    pub(super) links: Vec<Link>,
    /// The caller's label of each row.
    pub(super) labels: Vec<u64>,
}

impl<M: Modality> Shard<M> {
    pub(super) fn new(modality: &M) -> Self {
        Self { block: modality.new_block(), links: Vec::new(), labels: Vec::new() }
    }

    pub(super) fn len(&self) -> usize {
        self.links.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.links.is_empty()
    }

    pub(super) fn bytes(&self) -> usize {
        self.block.bytes() + self.links.capacity() * size_of::<Link>() + self.labels.capacity() * size_of::<u64>()
    }
}
