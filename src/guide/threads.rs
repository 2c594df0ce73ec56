//! Async servers, thread pools, time limits, and why the answer does not depend on them.
//!
//! # Who does the work
//!
//! A search of an [`Index`](crate::index::Index) runs on rayon: on the pool of the thread that calls it, or on rayon's global pool when that
//! thread belongs to none. The caller waits. The answer is the same at any number of threads, for equal scores are ordered by name, and
//! whatever else runs does not change it.
//!
//! # A snapshot for each search
//!
//! Searches take `&self` and may run beside one another; a change takes `&mut self`. Where an index changes while it is searched, it stands
//! behind a `Mutex`, and each search takes a [snapshot](crate::index::Index::snapshot): some microseconds, no copy of references. The lock is
//! held while the snapshot is taken and never across a search. A thread that waits for rayon takes over other jobs of the pool meanwhile; if one
//! of those wants the lock that this thread holds, the thread waits for itself. A lock held that long would also make enrollments wait for
//! searches.
//!
//! ```
//! use std::sync::{Arc, Mutex};
//! use std::thread;
//!
//! use selfsame::face::embedding::FaceError;
//! use selfsame::index::{Candidates, Index, IndexError, Search};
//! use selfsame::synth::FaceGenerator;
//! use selfsame::{Face, SubjectId};
//!
//! let people = FaceGenerator::new(1);
//! let mut index = Index::<Face>::default();
//! for n in 0..100 {
//!     index.insert(SubjectId::new(format!("person-{n}"))?, &people.embedding(n, 0))?;
//! }
//! let shared = Arc::new(Mutex::new(index));
//! let mut tasks = Vec::new();
//! for n in 0..4 {
//!     let (shared, face) = (Arc::clone(&shared), people.embedding(n, 0));
//!     tasks.push(thread::spawn(move || -> Result<Candidates<Face>, IndexError<FaceError>> {
//!         // The lock is released at the end of this line.
//!         let index = shared.lock().unwrap().snapshot();
//!         let probe = index.prepare(&face)?;
//!         index.identify(&probe, &Search::top(1))
//!     }));
//! }
//! // Enrollment goes on meanwhile; no search sees half of it.
//! shared.lock().unwrap().insert(SubjectId::new("new")?, &people.embedding(1000, 0))?;
//! for (n, task) in tasks.into_iter().enumerate() {
//!     let found = task.join().unwrap()?;
//!     assert_eq!(found[0].subject.as_str(), format!("person-{n}"));
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Async servers
//!
//! A search blocks the thread that calls it until it is done, and so does everything else that takes time here: extraction, a gallery that waits
//! for its disk. On an async runtime it belongs on a thread that may block. With tokio, which is no dependency of this crate, it reads:
//!
//! ```text
//! async fn identify(shared: Arc<Mutex<Index<Face>>>, face: Embedding) -> Result<Candidates<Face>, Error> {
//!     let index = shared.lock().unwrap().snapshot(); // a std::sync::Mutex, released before the await
//!     let found = tokio::task::spawn_blocking(move || {
//!         let probe = index.prepare(&face)?;
//!         index.identify(&probe, &Search::top(1))
//!     });
//!     Ok(found.await??)
//! }
//! ```
//!
//! `Error` is `Box<dyn std::error::Error + Send + Sync>` here, because tokio's error of a lost task is not one of this crate.
//! Enrollment takes the lock inside `spawn_blocking` too.
//!
//! A [`Gallery`](crate::gallery::Gallery) needs no lock of yours: all its methods take `&self`, each task gets a clone, and
//! [`Gallery::acting_as`](crate::gallery::Gallery::acting_as) makes a clone whose actions stand in the log under another name. Searches and
//! verifications go on while another task enrolls or rotates keys.
//!
//! # A pool of your own, and a search that ends early
//!
//! `install` runs a search on a pool of yours, for example one that leaves cores to the rest of a server.
//! [`Search::cancel`](crate::index::Search::cancel) and [`DedupOptions::cancel`](crate::index::DedupOptions::cancel) take a flag. A blocking task
//! goes on when the future that waits for it is dropped, so a server that wants to stop the work sets the flag; a time limit is a timer that sets it.
//! [`GallerySearch::cancel`](crate::gallery::GallerySearch::cancel), [`BatchOptions::cancel`](crate::gallery::BatchOptions::cancel) and
//! [`Gallery::check_until`](crate::gallery::Gallery::check_until) are those of a gallery.
//!
//! ```
//! use std::sync::atomic::AtomicBool;
//!
//! use selfsame::index::{Index, IndexError, Search};
//! use selfsame::synth::FaceGenerator;
//! use selfsame::{Cosine, Face, SubjectId};
//!
//! let people = FaceGenerator::new(1);
//! let mut index = Index::<Face>::default();
//! for n in 0..100 {
//!     index.insert(SubjectId::new(format!("person-{n}"))?, &people.embedding(n, 0))?;
//! }
//! let probe = index.prepare(&people.embedding(7, 1))?;
//! let search = Search::<Cosine>::top(10);
//! let mut answers = Vec::new();
//! for threads in [1, 3] {
//!     let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build()?;
//!     answers.push(pool.install(|| index.identify(&probe, &search))?);
//! }
//! assert_eq!(answers[0], answers[1]);
//!
//! // Somebody hung up, or time is over: another thread sets the flag, and the search ends soon.
//! let stop = AtomicBool::new(true);
//! assert!(matches!(index.identify(&probe, &search.clone().cancel(&stop)), Err(IndexError::Canceled)));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What is the same, and where
//!
//! The same input gives the same answer at any number of threads, and SIMD kernels give the same bits on every instruction set. Between
//! platforms the system's sines and logarithms may differ in the last bit, and the score of a print with them (`docs/architecture.md`).
