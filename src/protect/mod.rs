//! Renewable templates (in the terms of ISO/IEC 24745): codes of faces and fingers that depend on a key, to be stored
//! instead of the originals.
//!
//! A [`FaceCode`] or [`FingerCode`] is made from a sample and a key. Codes of one key can be compared, one to one
//! ([`crate::Comparator`]) or in an [`Index`](crate::index::Index) at the speed of counting bits; codes of two keys
//! cannot. A search for a finger uses a [`FingerCodeProbe`], also made from the sample and the key.
//! [`Renewable::renew`] makes another code under the next version of the key, and the old one is refused from then on.
//! Whatever a stolen code reveals about the person, it continues to reveal.
//!
//! | step | file |
//! |---|---|
//! | key, version, tag | `key`, `stream` |
//! | keyed rotation | `rotation` |
//! | faces: rotate, keep signs | `face` |
//! | fingers: choose and describe minutiae, rotate, keep signs, fill with noise | `points`, `outline`, `descriptor`, `neighborhood`, `finger` |
//! | compare fingers | `evidence` |
//! | codes as bytes, and in rows | `code`, `block` |
//! | subjects and renewals | `renewable` |
//!
//! # Guarantees and limits
//!
//! **Treat stolen codes as stolen templates.** Codes that can be compared without a secret preserve the distances
//! between samples, and distances to people known to an attacker reveal who somebody is.
//!
//! - While the key is secret and the attacker knows the sample behind no code, two face codes under two keys have as
//!   many bits in common as those of two strangers.
//! - With some hundred known pairs of a picture and its code under one secret, which anyone able to enroll has, most
//!   faces can be reconstructed from their codes well enough to be accepted as the person. This needs no key, and
//!   longer codes make it worse.
//! - With ten to a hundred known pairs of an old and a renewed code, other people's old and renewed codes are linked.
//! - Two stored finger codes of one secret are linked in part, where the same neighborhood got the same slot in both.
//!   Under two secret keys neither bits nor the distances inside codes linked any codes. Attacks on fingers from known
//!   pairs were not tried.
//! - With the key known, a code is as good as a picture of its sample: a face's embedding is recovered nearly always,
//!   and for a finger sometimes enough minutiae to be accepted as it.
//!
//! So a code is neither irreversible nor anonymous. `selfsame eval protect` measures each of these attacks on your
//! data, and `docs/benchmarks.md` has the rates on public data. Keep the key apart from the codes, and the codes
//! sealed.
//!
//! Anyone who can write the codes can swap them: store them sealed ([`crate::gallery`] or [`crate::gallery::seal`]).
//!
//! The same sample and key give the same code on every instruction set. Sines and cosines come from the platform, so
//! between platforms a bit of a finger's neighborhood may differ where a component was close to zero; the slots are
//! then also assigned differently, and scores change as they do between two keys.

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

pub use error::{CodeError, ProtectError};
pub use face::{FaceCode, FaceCodeProbe, FaceProtector, ProtectedFace};
pub use finger::{FingerCode, FingerCodeProbe, FingerProtector, ProtectedFinger};
pub use key::{KeyTag, ProtectionKey};
pub use renewable::{FaceSettings, Protector, RenewError, Renewable};
