//! 1:N identification over rayon, for any modality.
//!
//! References are stored in segments of fixed size, whatever the number of threads. A search compares the probe with
//! all of them on the caller's rayon pool, keeps the best of each thread and merges them by (score descending, subject
//! ascending), so the list is the same at any number of threads.
//!
//! Searches take `&self` and may run at the same time; changes take `&mut self`. To search while another thread
//! enrolls, keep the index behind a `Mutex` and search in [snapshots](Index::snapshot), which share its references: a
//! lock held during a search would also be held during any other work that the rayon pool does meanwhile.
//!
//! ```
//! use selfsame::index::{Index, Search};
//! use selfsame::{Cosine, Embedding, Face, SubjectId};
//!
//! let face = |seed: f32| Embedding::from_slice(&(0..128).map(|i| (i as f32 * seed).sin()).collect::<Vec<_>>());
//! let mut index = Index::<Face>::default();
//! index.insert(SubjectId::new("ada")?, &face(0.7)?)?;
//! index.insert(SubjectId::new("grace")?, &face(1.3)?)?;
//!
//! let probe = index.prepare(&face(0.7)?)?;
//! let found = index.identify(&probe, &Search::top(5).at_least(Cosine::new(0.5)?))?;
//! assert_eq!(found.len(), 1);
//! assert_eq!(found[0].subject.as_str(), "ada");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod bar;
mod change;
mod dedup;
mod engine;
mod error;
mod exact;
mod export;
mod identify;
mod list;
mod names;
mod params;
mod partition;
mod partitions;
#[cfg(feature = "gallery")]
mod parts;
mod search;
mod shard;
mod shortlist;
mod subjects;
mod top_k;
mod vectors;
mod visit;
mod walk;

pub use change::Labeled;
pub use dedup::{Dedup, DedupCheckpoint, DedupOptions, DedupProgress, Duplicate};
pub use engine::Index;
pub use error::{CheckpointError, IndexError};
pub use identify::{Candidate, Candidates};
#[cfg(feature = "gallery")]
pub(crate) use parts::Part;
pub use search::{Fusion, Mode, Search};
