//! Nine tasks: a short program for each, or where it is.
//!
//! Examples with `selfsame::synth` or `selfsame::gallery` need the features of these names, and some use the crates `rayon` and `tempfile`.
//! Extraction and searches are many times slower without optimization: build with `--release`, or set `opt-level = 3` in
//! `[profile.dev.package.selfsame]`.
//!
//! # Enroll a folder and identify
//!
//! [`Extractor::extract_batch`](crate::Extractor::extract_batch) extracts many images on all cores.
//!
#![cfg_attr(feature = "decode", doc = "```")]
#![cfg_attr(not(feature = "decode"), doc = "```ignore")]
//! use std::path::Path;
//!
//! use selfsame::index::{Index, Search};
//! use selfsame::{Extractor, Finger, FingerImage, FingerTemplate, Fmr, Limits, Ppi, SubjectId};
//!
//! let extractor = Extractor::new();
//! let read = |path: &Path| -> Result<FingerTemplate, Box<dyn std::error::Error>> {
//!     let image = FingerImage::decode(&std::fs::read(path)?, Ppi::new(500.0)?, &Limits::default())?;
//!     Ok(extractor.extract(&image)?)
//! };
//! let mut index = Index::<Finger>::default();
//! for entry in std::fs::read_dir("fixtures")? {
//!     let path = entry?.path();
//!     let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
//!     // The first impressions of the synthetic prints that are there.
//!     if !(name.starts_with("print_") && name.contains("_0_optical_") && name.ends_with(".png")) {
//!         continue;
//!     }
//!     match read(&path) {
//!         Ok(template) => index.insert(SubjectId::new(name)?, &template)?,
//!         Err(reason) => eprintln!("{name} is not enrolled: {reason}"),
//!     }
//! }
//! let probe = index.prepare(&read(Path::new("fixtures/print_0_1_optical_good.png"))?)?;
//! let found = index.identify(&probe, &Search::top(5).at_fpir(Fmr::new(1e-2)?))?;
//! assert_eq!(found[0].subject.as_str(), "print_0_0_optical_clean.png");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Verify at 1e-5
//!
//! [`thresholds`](crate::guide::thresholds) begins with it, and `examples/verify_print.rs` takes two images from the command line.
//!
//! # 100,000 faces, several pictures of each person, with labels
//!
//! The same calls serve any number; [`sizing`](crate::guide::sizing) says what it takes. A label is a number of yours, here the site of a picture.
//!
//! ```
//! use selfsame::face::compare::Form;
//! use selfsame::index::{Index, Search};
//! use selfsame::synth::FaceGenerator;
//! use selfsame::{Face, SubjectId};
//!
//! let people = FaceGenerator::new(1);
//! let id = |n: u64| SubjectId::new(format!("person-{n}"));
//! let mut rows = Vec::new();
//! for n in 0..150 {
//!     rows.push((id(n / 3)?, n % 3, people.embedding(n / 3, n % 3)));
//! }
//! let mut index = Index::new(Face::default().with_scan(Form::I8)?);
//! assert_eq!(index.extend(rows)?, 150);
//! assert_eq!((index.len(), index.references()), (50, 150));
//!
//! let at_site_2 = |label| label == 2;
//! let probe = index.prepare(&people.embedding(7, 2))?;
//! let found = index.identify(&probe, &Search::top(1).filter_label(&at_site_2))?;
//! assert_eq!((found[0].subject.as_str(), found[0].sample, found[0].label), ("person-7", 2, 2));
//!
//! assert!(index.remove_sample(&id(7)?, 2));
//! assert_eq!(index.remove(&id(8)?), 3);
//! assert_eq!((index.len(), index.references()), (49, 146));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # A gallery with keys of one's own, fused verification, a proof of the log, a rotation
//!
//! Here the key is a random one; `examples/key_service.rs` has a provider that asks a key service, and `examples/access_control.rs` fuses fingers
//! and faces.
//!
//! ```
//! use std::sync::Arc;
//!
//! use selfsame::face::compare::{Cosine, CosineCalibration};
//! use selfsame::face::embedding::FaceModel;
//! use selfsame::gallery::disk::MemoryDisk;
//! use selfsame::gallery::log::{verify_consistency, verify_inclusion};
//! use selfsame::gallery::seal::{RawKey, SecretKey};
//! use selfsame::gallery::{Gallery, Samples};
//! use selfsame::synth::{FaceGenerator, TemplateGenerator};
//! use selfsame::{FingerPosition, Fmr, SubjectId, Threshold};
//!
//! let (fingers, faces) = (TemplateGenerator::new(1), FaceGenerator::new(1));
//! let both = |finger, face| Samples::new().finger(FingerPosition::RightIndex, finger).face(face);
//! // The cosines of your face model at two false match rates, from `selfsame calibrate`.
//! let rows = [(Fmr::new(1e-2)?, Cosine::new(0.2)?), (Fmr::new(1e-4)?, Cosine::new(0.3)?)];
//! let gallery = Gallery::builder(Arc::new(RawKey::new(SecretKey::random()?)))
//!     .face_model(FaceModel::new("synthetic", "1", FaceGenerator::DIMENSION)?)
//!     .face_calibration(CosineCalibration::from_table(&rows)?)
//!     .create_on(MemoryDisk::new())?; // or create("door")
//! let jo = SubjectId::new("jo")?;
//! gallery.enroll(&jo, &both(fingers.reference(1), faces.embedding(1, 0)))?;
//!
//! // Finger and face decide together: evidence is added, so a strong finger may outweigh another face.
//! let probe = both(fingers.probe(1, 0), faces.embedding(1, 1));
//! assert!(gallery.verify(&jo, &probe, Threshold::at_fmr(Fmr::new(1e-4)?)?)?.matched);
//!
//! // Somebody outside keeps the size and the root of the log, and needs no key to check what they are shown later.
//! let (size, root) = gallery.log_root()?;
//! // New keys under the same key of yours; `change_provider` goes over to another one.
//! gallery.rotate_keys()?;
//! let entry = gallery.prove_inclusion_in(0, size)?;
//! assert!(verify_inclusion(&entry.leaf, entry.number, size, &entry.path, &root));
//! let later = gallery.prove_consistency(size)?;
//! assert!(verify_consistency(size, later.size, &root, &later.root, &later.path));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # An ISO template as ANSI, and WSQ
//!
//! Templates know no finger position: `record.views[0].position` takes it. [`FingerImage::decode`](crate::FingerImage::decode) reads WSQ like any
//! other image; `wsq::decode` also tells the resolution that the file states.
//!
//! ```
//! use selfsame::format::{DecodeOptions, Record, TemplateFormat, decode, detect, encode};
//! use selfsame::image::wsq;
//! use selfsame::synth::{Level, PrintGenerator, TemplateGenerator};
//! use selfsame::{FingerImage, Limits, Ppi};
//!
//! let limits = Limits::default();
//! let (iso, _) = encode(&Record::from_templates(&[TemplateGenerator::new(1).reference(0)]), TemplateFormat::Iso2005);
//! let record = decode(&iso, &DecodeOptions::default(), &limits)?;
//! let (ansi, losses) = encode(&record, TemplateFormat::Ansi2004);
//! for (lost, count) in losses.iter() {
//!     println!("{count} {} have no place in it", lost.name());
//! }
//! assert_eq!(detect(&ansi), Some(TemplateFormat::Ansi2004));
//!
//! let print = PrintGenerator::new(1).finger(0).impression(0, Level::Good).image;
//! let bytes = wsq::encode(print.width(), print.height(), print.pixels(), Some(Ppi::P500), 0.75)?;
//! let decoded = wsq::decode(&bytes, &limits)?.image;
//! let image = FingerImage::from_gray8(decoded.width(), decoded.height(), Ppi::P500, decoded.pixels())?;
//! assert_eq!((image.width(), image.height()), (print.width(), print.height()));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # The others
//!
//! | task | where it is |
//! |---|---|
//! | an async server | [`threads`](crate::guide::threads): each task takes a snapshot or a clone, on a thread that may block |
//! | a thread pool of one's own | [`threads`](crate::guide::threads): `install` runs a search on it |
//! | a modality of one's own | [`modalities`](crate::guide::modalities): one program from the trait to a search |
//! | save and load | [`persistence`](crate::guide::persistence): a gallery is closed and opened again, an index goes to one sealed file |
