//! Renewable templates (in the terms of ISO/IEC 24745): codes of faces and fingers that a key decides, to be kept in place of originals.
//!
//! A [`FaceCode`] or [`FingerCode`] is made of a sample and a key. Under one key they are compared, one against one
//! ([`crate::Comparator`]) or in an [`Index`](crate::index::Index) at the speed of counting bits; under two keys they are not. What is searched
//! for among fingers is a [`FingerCodeProbe`], made of the sample and the key as well.
//! [`Renewable::renew`] makes another code under the next version of the key, and the old one is refused from then on. What a stolen code
//! tells about the person, it goes on telling.
//!
//! | step | file |
//! |---|---|
//! | key, version, tag | `key`, `stream` |
//! | keyed rotation | `rotation` |
//! | faces: rotate, keep signs | `face` |
//! | fingers: choose and describe minutiae, rotate, keep signs, fill up | `points`, `outline`, `descriptor`, `neighborhood`, `finger` |
//! | compare fingers | `evidence` |
//! | codes as bytes, and in rows | `code`, `block` |
//! | subjects and renewals | `renewable` |
//!
//! # What this promises, and what not
//!
//! **Treat stolen codes as stolen templates.** Codes that can be compared without a secret keep the distances between samples, and distances
//! to people whom an attacker knows say who somebody is.
//!
//! - While the key is secret and the attacker knows the sample behind no code, two face codes under two keys have as many bits in common as
//!   those of two strangers.
//! - With some hundred known pairs of a picture and its code under one secret, which whoever can enroll has, most faces come back
//!   from their codes well enough to be taken for the person. No key is needed for it, and longer codes make it worse.
//! - With ten to a hundred known pairs of an old and a renewed code, other people's old and renewed codes are linked.
//! - Two stored finger codes of one secret are linked in part, where the same neighborhood got the same slot in both. Under two secret
//!   keys neither bits nor the distances inside codes linked any. Attacks on fingers from known pairs were not tried.
//! - With the key known, a code is as good as a picture of what it was made of: a face's embedding comes back nearly always, and of a finger
//!   enough minutiae to be taken for it sometimes.
//!
//! So a code is neither irreversible nor anonymous. `selfsame eval protect` measures each of these attacks on the caller's data, and
//! `docs/benchmarks.md` has the rates on public ones. Keep the key apart from the codes, and the codes sealed.
//!
//! Whoever can write the codes can swap them: store them sealed ([`crate::gallery`] or [`crate::gallery::seal`]).
//!
//! The same sample and key give the same code on every instruction set. Sines and cosines come from the platform, so between platforms a bit of a
//! finger's neighborhood may differ where a component was next to nothing; the slots are then dealt otherwise too, and scores move as they do
//! between two keys.

mod block;
mod code;
mod descriptor;
mod error;
mod evidence;
mod face;
mod finger;
mod key;
mod neighborhood;
mod outline;
mod params;
mod points;
mod renewable;
mod rotation;
mod stream;

pub use block::CodeBlock;
pub use error::{CodeError, ProtectError};
pub use face::{FaceCode, FaceCodeProbe, FaceProtector, ProtectedFace};
pub use finger::{FingerCode, FingerCodeProbe, FingerProtector, ProtectedFinger};
pub use key::{KeyTag, ProtectionKey};
pub use renewable::{FaceSettings, Protector, RenewError, Renewable};
