//! Who is kept out, and who is not.
//!
//! The tables with every attacker, and the test that holds each line, are in the documentation of the [`gallery`](crate::gallery) and in
//! `SECURITY.md`. This is the short form:
//!
//! | what protects | against whom | not against whom |
//! |---|---|---|
//! | sealed files of a gallery | who reads or changes them without the key | who has the key, or reads the memory of the process |
//! | an anchor, or an expected id | who puts back an old copy, continues one, or puts another gallery in its place | who controls the anchor too |
//! | a log with a root that is kept elsewhere | who has the keys and writes another history | the same, where nobody kept a root |
//! | rotation of the keys | who has an old keyring and its passphrase | who has old copies of the files as well: those open |
//! | erasure | who has today's keys and the disk | who has a copy of the old keyring with its passphrase |
//! | [`Limits`](crate::Limits) and typed errors of decoders | who sends hostile files | |
//! | renewable codes ([`protect`](crate::protect)) | who presents a code that was revoked | who stole the codes: treat them as stolen templates |
//!
//! Templates in memory and plain files are in the clear, and liveness is not detected: a good copy of a finger is a finger to this crate.
//!
//! # Scores tell too much
//!
//! Somebody who may try again and again and sees each score changes a sample little by little and keeps what scores higher. In
//! `cargo run --release --example hill_climbing` 11 of 11 synthetic faces fell at a false match rate of 1e-4 after 25 to 97 attempts. Two settings
//! of a gallery take that away, and a door needs both:
//!
//! - [`decisions_only`](crate::gallery::GalleryBuilder::decisions_only) tells matches and no scores, and a search must have a threshold.
//! - [`attempts`](crate::gallery::GalleryBuilder::attempts) makes whoever failed wait, and doubles the wait with each further failure. A match below
//!   30 dB counts as a failure there, so that a lax threshold gives nothing away. With the usual limit 34 attempts a day are left.
//!
//! Where a gallery is opened to be read only, attempts are not counted from one opening to the next. An [`Index`](crate::index::Index)
//! and a [`Comparator`](crate::Comparator) always tell scores: a server that uses them keeps scores to itself and limits attempts on its own.
//!
//! ```
//! use std::sync::Arc;
//!
//! use selfsame::gallery::disk::MemoryDisk;
//! use selfsame::gallery::seal::{RawKey, SecretKey};
//! use selfsame::gallery::{AttemptLimit, Gallery, GalleryError, Samples};
//! use selfsame::synth::TemplateGenerator;
//! use selfsame::{FingerPosition, Fmr, SubjectId, Threshold};
//!
//! let people = TemplateGenerator::new(1);
//! let finger = |template| Samples::new().finger(FingerPosition::RightIndex, template);
//! let key = Arc::new(RawKey::new(SecretKey::random()?));
//! let limit = AttemptLimit { subject: 2, ..AttemptLimit::default() };
//! let door = Gallery::builder(key).attempts(limit).decisions_only().create_on(MemoryDisk::new())?;
//! let jo = SubjectId::new("jo")?;
//! door.enroll(&jo, &finger(people.reference(1)))?;
//!
//! let threshold = Threshold::at_fmr(Fmr::new(1e-5)?)?;
//! for attempt in 0..2 {
//!     let told = door.verify(&jo, &finger(people.probe(9, attempt)), threshold)?;
//!     assert!(!told.matched && told.score.is_none());
//! }
//! let third = door.verify(&jo, &finger(people.probe(9, 2)), threshold);
//! assert!(matches!(third, Err(GalleryError::Limited { .. })));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
