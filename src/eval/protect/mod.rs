//! Renewable templates: their cost in accuracy, their unlinkability, and the leak through a stolen key.
//!
//! | question | file |
//! |---|---|
//! | likeness of one person's templates under two keys | `linkage` |
//! | faces: accuracy, linkage, inversion | `faces` |
//! | people known to the attacker, and evaluation of a reconstruction | `known` |
//! | faces from distances to known codes | `anchors` |
//! | a map from codes to faces, learned from known pairs | `map` |
//! | a map from old to renewed codes, learned from known pairs | `link` |
//! | learning from bits, and its equations | `regression`, `linear` |
//! | fingers: accuracy, linkage, inversion | `fingers` |
//! | a finger's code linked by the distances inside it | `structure` |
//! | minutiae from a finger's code and its key | `stitch` |
//!
//! Some attacks have the templates and the key, some the templates and known pairs without a key, and some only two
//! templates. Each is reported with its result on shuffled labels and with a control in which it must succeed. A low
//! value means that this attack found little, not that no other would.

mod anchors;
mod faces;
mod fingers;
mod known;
mod linear;
mod link;
mod linkage;
mod map;
mod params;
mod regression;
mod stitch;
mod structure;

pub use faces::{FaceLeak, FaceProtection, faces};
pub use fingers::{FingerLeak, FingerProtection, Structure, fingers};
pub use known::{Attack, Guess, KnownPairs, Renewal};
pub use linkage::{Linkage, unlinkability};
