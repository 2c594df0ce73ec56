//! Answers to questions that no single item answers. These modules hold no code; their examples are compiled and run as tests.
//!
//! | question | page |
//! |---|---|
//! | How do I do one of the usual tasks, from a folder of prints to a gallery with keys of mine? | [`tasks`] |
//! | Which threshold do I choose, and what does it promise? | [`thresholds`] |
//! | How much memory and time does a gallery of a thousand, a hundred thousand or a million take, and how do I search it? | [`sizing`] |
//! | How do I search from an async server, on a thread pool of mine, with a time limit? | [`threads`] |
//! | Where do people stay when the process ends? | [`persistence`] |
//! | Whom does a gallery keep out, and whom not? | [`threat_model`] |
//! | How do I compare and search something other than fingers and faces? | [`modalities`] |
//!
//! Data in the examples come from [`crate::synth`] or are the synthetic prints in `fixtures`. What scores such people reach says nothing about
//! yours.

pub mod modalities;
pub mod persistence;
pub mod sizing;
pub mod tasks;
pub mod threads;
pub mod threat_model;
pub mod thresholds;
