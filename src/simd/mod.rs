//! Kernels with run-time dispatch. This is the only module that may use `unsafe`; each kernel has a readable scalar
//! form that the others are tested against.
//!
//! Every kernel gives the same bits on every instruction set: the order of its additions is part of its definition.
#![allow(unsafe_code)]

#[macro_use]
pub mod instruction_set;

pub(crate) mod bell;
pub(crate) mod bits;
#[cfg(any(test, fuzzing))]
pub mod check;
pub mod chunk;
#[cfg(feature = "neural")]
pub(crate) mod conv;
pub mod dot;
pub(crate) mod gabor;
#[cfg(feature = "gallery")]
pub(crate) mod hadamard;
pub(crate) mod look_up;
pub(crate) mod motion;
pub(crate) mod near;
pub(crate) mod nearest;
pub mod panel;
pub(crate) mod popcount;
pub(crate) mod rows;
pub(crate) mod slab;
pub(crate) mod unit;
pub(crate) mod wide;
