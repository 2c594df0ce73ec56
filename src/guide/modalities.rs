//! A modality of one's own: what to write, and what comes with it.
//!
//! A [`Modality`](crate::Modality) says how two samples are compared and how many of them are stored; [`Index`](crate::index::Index) brings
//! subjects, labels, filters, top-k, threads and snapshots. Here hands are told by eight lengths, and two hands are the more alike the less
//! their lengths differ.
//!
//! ```
//! use selfsame::index::{Index, Search};
//! use selfsame::modality::Segment;
//! use selfsame::{Modality, SubjectId};
//!
//! /// Eight lengths of a hand in hundredths of a millimeter.
//! type Lengths = [u16; 8];
//!
//! /// The modality holds its settings; this one has none.
//! #[derive(Clone, Debug, Default)]
//! struct Hand;
//!
//! #[derive(Clone, Debug, PartialEq)]
//! struct Missing;
//!
//! impl std::fmt::Display for Missing {
//!     fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
//!         f.write_str("a length of the hand is missing")
//!     }
//! }
//!
//! impl std::error::Error for Missing {}
//!
//! fn complete(lengths: &Lengths) -> Result<Lengths, Missing> {
//!     if lengths.contains(&0) { Err(Missing) } else { Ok(*lengths) }
//! }
//!
//! /// Many hands in rows.
//! #[derive(Clone, Default)]
//! struct Hands(Vec<Lengths>);
//!
//! impl Segment<Lengths> for Hands {
//!     fn push(&mut self, reference: Lengths) {
//!         self.0.push(reference);
//!     }
//!     fn swap_remove(&mut self, row: usize) {
//!         if row < self.0.len() {
//!             self.0.swap_remove(row);
//!         }
//!     }
//!     fn len(&self) -> usize {
//!         self.0.len()
//!     }
//!     fn bytes(&self) -> usize {
//!         self.0.capacity() * size_of::<Lengths>()
//!     }
//! }
//!
//! impl Modality for Hand {
//!     type Template = Lengths;
//!     type Probe = Lengths;
//!     type Reference = Lengths;
//!     /// Minus the sum of all differences: 0 for the same lengths, and never below -524,280.
//!     type Score = i32;
//!     type Segment = Hands;
//!     type Scratch = ();
//!     type Error = Missing;
//!
//!     fn prepare(&self, template: &Lengths) -> Result<Lengths, Missing> {
//!         complete(template)
//!     }
//!     fn reference(&self, template: &Lengths) -> Result<Lengths, Missing> {
//!         complete(template)
//!     }
//!     fn compare(&self, probe: &Lengths, reference: &Lengths, _: &mut ()) -> Result<i32, Missing> {
//!         let apart: i32 = probe.iter().zip(reference).map(|(a, b)| i32::from(a.abs_diff(*b))).sum();
//!         Ok(-apart)
//!     }
//!     fn new_segment(&self) -> Hands {
//!         Hands::default()
//!     }
//!     fn check_segment(&self, _: &Hands, _: &Lengths) -> Result<(), Missing> {
//!         Ok(())
//!     }
//!     fn value(score: i32) -> f32 {
//!         score as f32
//!     }
//!     fn mean(scores: &[i32]) -> i32 {
//!         scores.iter().sum::<i32>() / scores.len().max(1) as i32
//!     }
//!     fn compare_row(&self, probe: &Lengths, segment: &Hands, row: usize, scratch: &mut ()) -> Result<i32, Missing> {
//!         self.compare(probe, &segment.0[row], scratch)
//!     }
//! }
//!
//! let ada: Lengths = [7420, 8210, 7690, 6120, 1830, 1790, 1690, 8480];
//! let grace: Lengths = [6950, 7640, 7180, 5740, 1710, 1680, 1560, 7930];
//! let mut index = Index::<Hand>::default();
//! index.insert(SubjectId::new("ada")?, &ada)?;
//! index.insert(SubjectId::new("grace")?, &grace)?;
//! let nothing: Lengths = [0; 8];
//! assert!(index.insert(SubjectId::new("eve")?, &nothing).is_err());
//! // Measured again, each length half a millimeter longer.
//! let probe = index.prepare(&ada.map(|length| length + 50))?;
//! let found = index.identify(&probe, &Search::top(1).at_least(-1000))?;
//! assert_eq!((found[0].subject.as_str(), found[0].score), ("ada", -400));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What the index relies on
//!
//! - A comparison is deterministic, and symmetric: a probe and a reference may change places.
//! - [`compare_row`](crate::Modality::compare_row) gives the score of [`compare`](crate::Modality::compare) with what the segment holds.
//! - [`value`](crate::Modality::value) never falls where scores rise.
//!
//! # What can be added
//!
//! - A [`scan`](crate::Modality::scan) that compares many rows at once, or offers bounds of scores so that few rows are compared in full.
//! - [`stages`](crate::Modality::stages) and [`rank`](crate::Modality::rank), without which shortlists are refused.
//! - [`SelfSearch`](crate::modality::SelfSearch) for [`Index::duplicates`](crate::index::Index::duplicates), and
//!   [`InTheClear`](crate::modality::InTheClear) for an export, and [`Stored`](crate::modality::Stored) for
//!   [`Index::save`](crate::index::Index::save).
//! - [`Score`](crate::Score) as the type of scores, when they are calibrated as false match rates. Then
//!   [`Search::at_fpir`](crate::index::Search::at_fpir) and [`fusion`](crate::fusion) work with them.
