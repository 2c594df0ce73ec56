//! Memory and time of a gallery, and how to search it at a thousand, a hundred thousand and a million references.
//!
//! All figures are those of `docs/benchmarks.md`. Times were taken with synthetic people on the machine that it names, a virtual one that is
//! shared with others: compare ratios, and run the command beside a figure on a machine of yours.
//!
//! # Prints
//!
//! | | | command |
//! |---|---|---|
//! | memory per print, ready to search, without ridge flow, about 35 minutiae | 2.2 kB | `cargo bench --bench identify` |
//! | one comparison of prepared prints of different fingers, 46 minutiae | 8.4 us | `cargo bench --bench compare` |
//! | every reference compared in full, one thread / two | 110 / 216 thousand references/s | `cargo bench --bench identify` |
//! | the usual shortlist, 10,000 references, one thread / two | 2.9 / 5.2 million references/s | `cargo bench --bench identify` |
//! | the same, 100,000 references | 3.4 / 6.4 million/s | `cargo bench --bench identify` |
//! | the same, 1,000,000 references | 3.2 / 6.1 million/s | the same with `SELFSAME_BENCH_PRINTS=10000,1000000` |
//!
//! Where there is not so much memory, [`Index::open`](crate::index::Index::open) leaves the references in a sealed file and keeps sketches of
//! them, some 425 bytes of each print with its name. Shortlists are then ranked by the sketches, and their rows are read from the disk.
//!
//! Templates with ridge flow, as [`Extractor`](crate::Extractor) makes them, take more than that; [`Index::bytes`](crate::index::Index::bytes)
//! tells for yours. From these rates follows what one search by one thread takes:
//!
//! | references | in full | by [`Mode::shortlist`](crate::index::Mode::shortlist) | use |
//! |---|---|---|---|
//! | 1,000 | 9 ms | | [`Mode::Exact`](crate::index::Mode::Exact), which is the default |
//! | 100,000 | 0.9 s | 29 ms | the shortlist where a search must answer at once, else `Exact` on more threads |
//! | 1,000,000 | 9 s | 0.3 s | the shortlist |
//!
//! What a shortlist may lose is a mate that the exact search would find. A shortlist of 100 among 10,425 references lost none of 3,551 probes,
//! and one of 5,000 among a million lost none of 500, which is evidence of a loss below 0.6 %, not of none
//! (`cargo run --release --example shortlist_cost`, with the options in `docs/benchmarks.md`).
//!
//! # Faces
//!
//! A face takes what its [`Form`](crate::face::compare::Form) takes. Bytes and bits may stand beside wider rows, and a search reads them first.
//! At 512 dimensions:
//!
//! | rows | beside them | bytes each | FNIR at FPIR 1 % | |
//! |---|---|---|---|---|
//! | floats | | 2048 | 1.99 % | the default |
//! | floats | bytes | 2568 | 1.99 % | the same answers by reading 520 bytes each |
//! | half floats | | 1024 | 1.99 % | |
//! | bytes | | 520 | 1.99 % | |
//! | bits | | 64 | 3.34 % | |
//! | floats | bits | 2112 | 1.99 %, the best 10 by bits compared in full | for shortlists |
//!
//! The rates are of 13,233 LFW embeddings of one model (`selfsame eval face EMBEDDINGS.npy LABELS.npy --pairs PAIRS.npy --label-errors
//! PAIRS.npy`); this command shows what the forms cost a model of yours. Searches for the ten best on two threads take:
//!
//! | references | probes at once | | command |
//! |---|---|---|---|
//! | 100,000 | 32, floats with bytes, exact | 3.7 ms | `cargo bench --bench face_search` |
//! | 100,000 | 256, floats with bytes, exact | 19.6 ms | `cargo bench --bench face_search` |
//! | 1,000,000 | 1, floats with bytes, exact | 8.4 to 16.2 ms | `cargo bench --bench face_search` |
//! | 1,000,000 | 1, a shortlist of 100 by bits | 2.4 ms | `cargo bench --bench face_search` |
//!
//! - **At 1,000** use the default.
//! - **At 100,000** keep bytes beside floats, and search exactly. [`Index::identify_batch`](crate::index::Index::identify_batch) reads the
//!   memory once for many probes.
//! - **At 1,000,000** do the same where there is memory for it. Where there is not, rows of bytes alone took a fifth of it and had the same
//!   rates above. Where a search must be faster, keep bits too: a shortlist of 100 kept the right person first for all of 1,929 probes, and
//!   one of 1,000 kept 99.8 % of the exact ten best in 3.1 ms (`cargo bench --bench face_search`).
//!
//! ```
//! use selfsame::face::compare::Form;
//! use selfsame::index::{Index, Mode, Search};
//! use selfsame::synth::FaceGenerator;
//! use selfsame::{Cosine, Face, SubjectId};
//!
//! assert_eq!([Form::F32, Form::F16, Form::I8, Form::Bit].map(|form| form.bytes(512)), [2048, 1024, 520, 64]);
//! let people = FaceGenerator::new(1);
//! let mut index = Index::new(Face::default().with_scan(Form::I8)?.with_scan(Form::Bit)?);
//! index.extend((0..500).map(|n| (SubjectId::new(format!("person-{n}")).unwrap(), 0, people.embedding(n, 0))))?;
//! println!("{} bytes for each of {}", index.bytes() / index.references(), index.references());
//!
//! let probe = index.prepare(&people.embedding(7, 0))?;
//! let exact = Search::<Cosine>::top(1);
//! let shortlist = exact.clone().mode(Mode::Shortlist { rows: 100 });
//! assert_eq!(index.identify(&probe, &exact)?, index.identify(&probe, &shortlist)?);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What else takes memory
//!
//! - **Names**: a subject takes some 50 bytes beside the rows (`cargo bench --bench face_search` prints it), and one whose name has more than 22
//!   bytes takes the name's length and some 30 more. A label takes 8 bytes per row, in segments where one is not 0.
//! - **Reserve**: references stand in segments of 1,024 prints or 4,096 faces, which are filled one after the other. A segment of prints grows by
//!   an eighth when it is full, and one of faces by blocks of 64 to 512 KiB at 512 dimensions, so a small index takes more per reference than a
//!   large one. [`Index::bytes`](crate::index::Index::bytes) counts it.
//! - **Removals**: rows that were removed are filled by later ones. A segment gives its memory back when it is empty.
//! - **Snapshots** share all of it. A change while one is held copies what it touches: the segment of prints, or a block of a segment of faces.
