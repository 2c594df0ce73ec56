//! Where people stay when the process ends.
//!
//! An [`Index`](crate::index::Index) lives in memory. This table says what keeps people beyond that:
//!
//! | what is needed | what keeps it |
//! |---|---|
//! | people who come and go, each change durable when its call returns, who did what, erasure | a [`gallery`](crate::gallery) |
//! | an index as it is, made by a system that keeps the people elsewhere, to be loaded again | [a sealed index](#a-sealed-index) |
//! | templates for another system | [`format`](crate::format) for prints, and an export in the clear for what an index or a gallery holds |
//! | codes that can be revoked | [`protect`](crate::protect), kept sealed all the same |
//!
//! # A gallery
//!
//! A gallery is a folder of sealed files and, while it is open, its people in memory. A change is true when its method returns: a full disk, a kill
//! or a power failure loses nothing that was acknowledged. Enrollments, removals and decisions stand in a log that a third party can be
//! shown proofs of; events of searches may wait for up to a second unless
//! [`LogPolicy::each`](crate::gallery::LogPolicy::each) is set. Opening reads and checks every record.
//!
//! ```
//! use std::sync::Arc;
//!
//! use selfsame::gallery::seal::{RawKey, SecretKey};
//! use selfsame::gallery::{Gallery, GallerySearch, Samples};
//! use selfsame::synth::TemplateGenerator;
//! use selfsame::{FingerPosition, Fmr, SubjectId};
//!
//! let folder = tempfile::tempdir()?;
//! let path = folder.path().join("door");
//! let key = Arc::new(RawKey::new(SecretKey::random()?)); // or a Passphrase, a KeyFile, a key service of yours
//! let people = TemplateGenerator::new(1);
//! let finger = |template| Samples::new().finger(FingerPosition::RightIndex, template);
//!
//! let gallery = Gallery::builder(key.clone()).create(&path)?;
//! let (jo, kim) = (SubjectId::new("jo")?, SubjectId::new("kim")?);
//! gallery.enroll(&jo, &finger(people.reference(1)))?;
//! gallery.enroll(&kim, &finger(people.reference(2)))?;
//! drop(gallery);
//!
//! let gallery = Gallery::builder(key).open(&path)?;
//! let search = GallerySearch::top(1).at_fpir(Fmr::new(1e-2)?);
//! assert_eq!(gallery.identify(&finger(people.probe(1, 0)), &search)?[0].subject, jo);
//! // Kim is forgotten: everybody else is written anew under new keys.
//! gallery.erase(&[kim.clone()])?;
//! assert!(!gallery.contains(&kim));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`Gallery::delete`](crate::gallery::Gallery::delete) is the cheaper removal: the sealed bytes stay in the files until they are compacted,
//! which a gallery does by itself ([`Gallery::compact`](crate::gallery::Gallery::compact)), and on the disk until something else is written there.
//! [`Gallery::erase`](crate::gallery::Gallery::erase) says where an erasure ends, at backups of the keyring above all.
//! [`GalleryBuilder::open_read_only`](crate::gallery::GalleryBuilder::open_read_only) lets several processes search the same files.
//!
//! # A sealed index
//!
//! [`Index::save`](crate::index::Index::save) writes an index to one sealed file, [`Index::load`](crate::index::Index::load) opens it without
//! preparing anything, and the key providers are those of a gallery. [`Index::open`](crate::index::Index::open) leaves the references of prints in
//! the file, for indexes beyond memory, which [`IndexWriter`](crate::gallery::IndexWriter) writes part by part. The file takes the place of an older one once all of it is on the disk.
//! It has no log, and an older file put in its place is not noticed: people whose erasure must be certain belong in a gallery.
//!
//! ```
//! use selfsame::face::compare::Form;
//! use selfsame::gallery::IndexFileError;
//! use selfsame::gallery::seal::{KeyError, KeyringError, RawKey, SecretKey};
//! use selfsame::index::Index;
//! use selfsame::synth::FaceGenerator;
//! use selfsame::{Face, SubjectId};
//!
//! let people = FaceGenerator::new(1);
//! // The settings of the index, stated in one place: a file of other settings is refused.
//! let settings = || Face::default().with_scan(Form::I8);
//! let mut index = Index::new(settings()?);
//! for n in 0..50 {
//!     index.insert(SubjectId::new(format!("person-{n}"))?, &people.embedding(n, 0))?;
//! }
//! let folder = tempfile::tempdir()?;
//! let (path, key) = (folder.path().join("faces.index"), RawKey::new(SecretKey::random()?));
//! index.save(&path, &key)?;
//!
//! let again = Index::load(settings()?, &path, &key)?;
//! assert_eq!((again.len(), again.references()), (50, 50));
//! let refused = Index::load(Face::default(), &path, &key);
//! assert!(matches!(refused, Err(IndexFileError::OtherSettings { .. })));
//! let wrong = Index::load(settings()?, &path, &RawKey::new(SecretKey::random()?));
//! assert!(matches!(wrong, Err(IndexFileError::Key(KeyringError::Key(KeyError::WrongKey)))));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # In the clear
//!
//! [`Gallery::export_in_the_clear`](crate::gallery::Gallery::export_in_the_clear) hands out every template, and
//! [`Index::export_in_the_clear`](crate::index::Index::export_in_the_clear) the numbers of every face. Their names are loud on purpose: whoever
//! gets hold of what they give can look for these people elsewhere, or make fingers of it, and nobody can change a finger or a face. A reviewer
//! finds each use by searching for the name, and the export of a gallery stands in its log before the first template is handed out.
//!
//! ```
//! use selfsame::format::raw::{RawRows, encode_in_the_clear};
//! use selfsame::index::Index;
//! use selfsame::synth::FaceGenerator;
//! use selfsame::{Embedding, Face, SubjectId};
//!
//! let people = FaceGenerator::new(1);
//! let mut index = Index::<Face>::default();
//! for n in 0..3 {
//!     index.insert(SubjectId::new(format!("person-{n}"))?, &people.embedding(n, 0))?;
//! }
//! let (mut names, mut bytes) = (Vec::new(), Vec::new());
//! index.export_in_the_clear(&mut |subject, numbers, _label| {
//!     names.push(subject.clone());
//!     bytes.extend(encode_in_the_clear(numbers));
//!     true
//! });
//!
//! // Names and rows came in one order. Rows of another model would not be noticed, so keep the model's name with them.
//! let rows = RawRows::new(&bytes, FaceGenerator::DIMENSION)?;
//! let mut again = Index::<Face>::default();
//! let mut row = [0.0; FaceGenerator::DIMENSION];
//! for (n, name) in names.into_iter().enumerate() {
//!     rows.read(n, &mut row).ok_or("no such row")?;
//!     again.insert(name, &Embedding::from_slice(&row)?)?;
//! }
//! assert_eq!(again.len(), 3);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
