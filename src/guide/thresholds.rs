//! Which threshold to choose, and what it promises.
//!
//! # A score is a false match rate
//!
//! The [`Score`](crate::Score) of two fingers is `-10 * log10(FMR)` in decibels, where the false match rate is the share of comparisons of
//! different fingers that score as high or higher. So a threshold is chosen as a rate, and [`Threshold::at_fmr`](crate::Threshold::at_fmr)
//! turns it into decibels: 1e-3 is 30 dB, 1e-5 is 50 dB. Lower rates are refused, because no data back them;
//! [`Threshold::at_score`](crate::Threshold::at_score) takes any score.
//!
//! A verification compares with one person, so its threshold is a rate per comparison:
//!
#![cfg_attr(feature = "decode", doc = "```")]
#![cfg_attr(not(feature = "decode"), doc = "```ignore")]
//! use selfsame::{Comparator, Extractor, Finger, FingerImage, Fmr, Limits, Ppi, Threshold};
//!
//! let extractor = Extractor::new();
//! let template = |path| -> Result<_, Box<dyn std::error::Error>> {
//!     let image = FingerImage::decode(&std::fs::read(path)?, Ppi::new(500.0)?, &Limits::default())?;
//!     Ok(extractor.extract(&image)?)
//! };
//! let enrolled = template("fixtures/print_0_0_optical_clean.png")?;
//! let threshold = Threshold::at_fmr(Fmr::new(1e-5)?)?;
//! assert_eq!(threshold.score().decibels(), 50.0);
//! let comparator = Comparator::<Finger>::new();
//! for (path, same) in [("fixtures/print_0_1_optical_good.png", true), ("fixtures/print_3_0_optical_good.png", false)] {
//!     let score = comparator.compare_templates(&template(path)?, &enrolled)?;
//!     assert_eq!(score.meets(threshold), same);
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # A search compares many times
//!
//! A stranger who is searched for among a thousand references has a thousand chances. [`Search::at_fmr`](crate::index::Search::at_fmr) keeps
//! the rate of each comparison, so the rate of the search grows with the index. [`Search::at_fpir`](crate::index::Search::at_fpir) keeps the
//! rate of the search: it is the share of searches for strangers that return anybody (FPIR), and the threshold follows from the number of
//! comparisons, taken as independent ([`Threshold::at_fpir`](crate::Threshold::at_fpir)).
//!
//! What is counted is references, not subjects: somebody with three samples counts three times. A search by
//! [label](crate::index::Search::filter_label) or of [some subjects only](crate::index::Search::only) compares fewer references, and those
//! are counted. A [filter of names](crate::index::Search::filter) leaves the number as it is.
//!
//! ```
//! use selfsame::index::{Index, Search};
//! use selfsame::synth::TemplateGenerator;
//! use selfsame::{Finger, Fmr, SubjectId, Threshold};
//!
//! let people = TemplateGenerator::new(1);
//! let mut index = Index::<Finger>::default();
//! for n in 0..20 {
//!     index.add(SubjectId::new(format!("person-{}", n / 2))?, &people.probe(n / 2, n % 2))?;
//! }
//! assert_eq!((index.len(), index.references()), (10, 20));
//! let fpir = Fmr::new(1e-2)?;
//! let counted = Search::top(1).at_fpir(fpir);
//! let by_hand = Search::top(1).at_least(Threshold::at_fpir(fpir, index.references()).score());
//! let probe = index.prepare(&people.probe(3, 7))?;
//! assert_eq!(index.identify(&probe, &counted)?, index.identify(&probe, &by_hand)?);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`GallerySearch::at_fpir`](crate::gallery::GallerySearch::at_fpir) counts subjects, because a gallery charges each subject's score for the
//! number of samples that it is the best of.
//!
//! # Where data end
//!
//! A score of fingers is backed by data up to 50 dB and is an order of strength beyond; [`fingerprint::compare`](crate::fingerprint::compare)
//! says by how many comparisons, and how sensors differ. An FPIR of 1e-2 among 1,000 references needs about 50 dB and among
//! 100,000 about 70 dB, so the rate of a large search is an extrapolation. `selfsame eval fingerprint DIR --ppi N` measures rates on your prints.
//!
//! # Faces
//!
//! The score of two faces is a [`Cosine`](crate::Cosine), and what it means depends on the model that made the embeddings. A
//! [`CosineCalibration`](crate::face::compare::CosineCalibration) holds that relation for one model: it comes from the model's own table, or
//! from the cosines of different people. It says where its data end too (`backed_to`), and refuses a rate that it does not reach.
//!
//! ```
//! use selfsame::face::compare::CosineCalibration;
//! use selfsame::index::Search;
//! use selfsame::{Cosine, Fmr, Threshold};
//!
//! // `selfsame calibrate EMBEDDINGS.npy LABELS.npy` printed these for the model of docs/benchmarks.md; yours has others.
//! let rows = [(1e-2, 0.182), (1e-3, 0.246), (1e-4, 0.308), (1e-5, 0.370)].map(|(rate, cosine)| {
//!     (Fmr::new(rate).unwrap(), Cosine::new(cosine).unwrap())
//! });
//! let model = CosineCalibration::from_table(&rows)?;
//! // A verification: the cosine at a rate, or the decibels of a cosine.
//! assert!((model.threshold_at(Fmr::new(1e-4)?)?.value() - 0.308).abs() < 1e-4);
//! assert!(model.score(Cosine::new(0.4)?).meets(Threshold::at_fmr(Fmr::new(1e-5)?)?));
//! assert!(model.threshold_at(Fmr::new(1e-6)?).is_err());
//! // A search of 1,000 references in which one stranger in ten is found.
//! let needed = Threshold::at_fpir(Fmr::new(0.1)?, 1000).score().fmr();
//! let search = Search::top(5).at_least(model.threshold_at(Fmr::new(needed)?)?);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Several samples
//!
//! Calibrated scores are fused by arithmetic on their rates. [`fusion::best_of`](crate::fusion::best_of) is for several samples of one finger,
//! of which the best counts and is charged for the number of chances; [`fusion::independent`](crate::fusion::independent) is for different
//! fingers, or a finger and a face. A gallery does both. An index reports the best of a subject's references as it is, which is why its
//! searches count references.
//!
//! ```
//! use selfsame::Score;
//! use selfsame::fusion::{best_of, independent};
//!
//! let index_finger = best_of(&[30.0, 12.0].map(Score::from_decibels));
//! assert!(index_finger < Score::from_decibels(30.0));
//! let both = independent(&[index_finger, Score::from_decibels(30.0)]);
//! assert!(both > Score::from_decibels(40.0) && both < Score::from_decibels(57.0));
//! ```
