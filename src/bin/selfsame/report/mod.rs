//! The page of an evaluation: one file of HTML, without scripts and without anything from elsewhere.
//!
//! | part | file |
//! |---|---|
//! | the frame of the page, tables, figures | `page`, `style` |
//! | axes, and the charts on them | `axes`, `det`, `histogram`, `reject` |
//! | the thresholds and rates of a set | `rates` |
//! | version and machine | `machine` |
//! | the pages | `fingerprint`, `face`, `pairs` |

mod axes;
mod det;
pub mod face;
pub mod fingerprint;
mod histogram;
pub mod machine;
mod page;
pub mod pairs;
mod rates;
mod reject;
mod style;
