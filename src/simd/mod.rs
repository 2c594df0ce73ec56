//! Kernels with run-time dispatch. The only module that may use `unsafe`; each kernel has a readable scalar form that
//! the others are tested against.
#![allow(unsafe_code)]
