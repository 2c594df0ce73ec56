//! What renewable templates cost in accuracy, how well they are unlinkable, and what a leaked key gives away.
//!
//! | question | file |
//! |---|---|
//! | how alike templates of one person under two keys are | `linkage` |
//! | faces: accuracy, linkage, inversion | `faces` |
//! | who is known to the attacker, and how a reconstruction is judged | `known` |
//! | faces from distances to known codes | `anchors` |
//! | a map from codes to faces, learned from known pairs | `map` |
//! | a map from old to renewed codes, learned from known pairs | `link` |
//! | learning from bits, and the equations below it | `regression`, `linear` |
//! | fingers: accuracy, linkage, inversion | `fingers` |
//! | a finger's code linked by the distances inside it | `structure` |
//! | minutiae from a finger's code and its key | `stitch` |
//!
//! Some attacks have the templates and the key, some the templates and known pairs and no key, some two templates alone. Each stands beside
//! what it finds with labels shuffled, and beside a control in which it must succeed. A low figure says that this attack found little, not that no
//! other would.

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
