//! Renewable templates (ISO/IEC 24745): codes of faces and fingers that a key decides, for those who must not hold originals, not even sealed ones.
//!
//! A [`FaceCode`] or [`FingerCode`] is made of a sample and a key. Codes under one key are compared with each other, one against one
//! ([`crate::Comparator`]) or in an [`Index`](crate::index::Index) at the speed of counting bits; codes under two keys have nothing to do with each other.
//! A code that was stolen is made worthless by making another under the next version of the key ([`Renewable::renew`]).
//!
//! | step | file |
//! |---|---|
//! | key, version, tag | `key`, `stream` |
//! | keyed rotation | `rotation` |
//! | faces: rotate, keep signs | `face` |
//! | fingers: describe neighbourhoods, rotate, keep signs, fill up | `neighbourhood`, `finger` |
//! | compare fingers | `evidence` |
//! | codes as bytes, and in rows | `code`, `block` |
//! | subjects and renewals | `renewable` |
//!
//! # What this promises, and what not
//!
//! While the key is **secret**, codes are renewable and unlinkable: nothing measurable tells whether two codes under two keys are of one person.
//! Keep it apart from the codes, in a key service for example. With the key **known**, a code is as good as a picture of what it was made of:
//! a face's embedding comes back well enough to be taken for the person nearly always, and of a finger enough minutiae to be taken for it
//! sometimes. So a code is not irreversible, nor is anything of the kind that compares well. The README has the rates, and
//! `selfsame eval protect` measures them on other data.
//!
//! Whoever can write the codes can swap them: store them sealed ([`crate::gallery`] or [`crate::seal`]).
//!
//! The same sample and key give the same code on every instruction set. Sines and cosines come from the platform, so between platforms a bit of a
//! finger's code may differ where a component was next to nothing; scores move by as much as one bit does.

mod block;
mod code;
mod error;
mod evidence;
mod face;
mod finger;
mod key;
mod neighbourhood;
mod params;
mod renewable;
mod rotation;
mod stream;

pub use block::CodeBlock;
pub use error::{CodeError, ProtectError};
pub use face::{FaceCode, FaceCodeProbe, FaceProtector, ProtectedFace};
pub use finger::{FingerCode, FingerProtector, ProtectedFinger};
pub use key::{KeyTag, ProtectionKey};
pub use renewable::{FaceSettings, Protector, RenewError, Renewable};
