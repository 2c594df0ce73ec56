//! Galleries used from many threads at once, jobs of a rayon pool among them: nothing waits for itself, and searches do not wait for changes.
//!
//! `cargo test --release --test gallery_threads -- --ignored --nocapture` measures how long verifications take beside a batch, a rotation and a check.

#[path = "common/people.rs"]
mod people;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use people::{finger, id, key};
use selfsame::gallery::disk::MemoryDisk;
use selfsame::gallery::{BatchOptions, Gallery, GalleryError, GallerySearch, LogPolicy, LogQuery, Samples};
use selfsame::{Fmr, SubjectId, Threshold};

/// How long a pair of calls may take before it counts as hung. They take milliseconds.
const PATIENCE: Duration = Duration::from_secs(120);

fn threshold() -> Threshold {
    Threshold::at_fmr(Fmr::new(1e-3).unwrap()).unwrap()
}

fn enrolled(n: usize) -> Gallery {
    let gallery = Gallery::builder(key(1)).log_policy(LogPolicy::each()).create_on(MemoryDisk::new()).unwrap();
    gallery.enroll_batch((0..n).map(|i| (id(i), finger(i, 0))), BatchOptions::new()).unwrap();
    gallery
}

/// Runs something on a thread of its own and fails when it does not end.
fn watched(what: &str, work: impl FnOnce() + Send + 'static) {
    let (done, ended) = mpsc::channel();
    let worker = std::thread::spawn(move || {
        work();
        let _ = done.send(());
    });
    match ended.recv_timeout(PATIENCE) {
        Ok(()) => worker.join().unwrap(),
        Err(mpsc::RecvTimeoutError::Disconnected) => worker.join().unwrap(),
        Err(mpsc::RecvTimeoutError::Timeout) => panic!("{what} hangs"),
    }
}

/// What can be done with a gallery, each as one call.
type Call = (&'static str, fn(&Gallery, usize));

const CALLS: &[Call] = &[
    ("identify", |g, n| assert!(!g.identify(&finger(n % 8, 1), &GallerySearch::top(1)).unwrap().is_empty())),
    ("verify", |g, n| {
        let _ = g.verify(&id(n % 8), &finger(n % 8, 1), threshold()).unwrap();
    }),
    ("enroll", |g, n| g.enroll(&id(1000 + n), &finger(n % 50, 0)).unwrap()),
    ("enroll a batch", |g, n| {
        let some = (0..5).map(|i| (id(100_000 + 10 * n + i), finger(i, 0)));
        g.enroll_batch(some, BatchOptions::new().skip_enrolled()).map(drop).unwrap();
    }),
    ("update", |g, n| g.update(&id(n % 8), &finger(n % 8, 0)).unwrap()),
    ("delete", |g, n| {
        let _ = g.delete(&[id(1000 + n)]).unwrap();
    }),
    ("rotate", |g, _| g.rotate_keys().unwrap()),
    ("erase", |g, n| {
        let _ = g.erase(&[id(1000 + n)]).unwrap();
    }),
    ("compact", |g, _| {
        // A rotation beside it interrupts it.
        let done = g.compact();
        assert!(matches!(done, Ok(_) | Err(GalleryError::Canceled)), "{done:?}");
    }),
    ("change the provider", |g, _| g.change_provider(key(1)).unwrap()),
    ("check", |g, _| assert!(g.check().unwrap().is_sound())),
    ("read the log", |g, _| drop(g.log(LogQuery::first(usize::MAX)).unwrap())),
    ("export", |g, _| {
        let _ = g.export_in_the_clear(&mut |_| true).unwrap();
    }),
    ("prove", |g, _| drop(g.prove_inclusion(0).unwrap())),
    ("list", |g, _| drop(g.subjects(None, 3).unwrap())),
    ("metadata", |g, n| drop(g.metadata(&id(n % 8)).unwrap())),
];

#[test]
fn no_pair_of_calls_hangs() {
    for (i, first) in CALLS.iter().enumerate() {
        for second in &CALLS[i..] {
            let what = format!("{} beside {}", first.0, second.0);
            watched(&what, move || {
                let gallery = enrolled(8);
                let pool = rayon::ThreadPoolBuilder::new().num_threads(3).build().unwrap();
                // As jobs of a scope, which a thread that waits for rayon takes over in the middle of another call; and from outside of the pool.
                let outside = {
                    let gallery = gallery.clone();
                    std::thread::spawn(move || (0..4).for_each(|n| first.1(&gallery, n)))
                };
                pool.scope(|scope| {
                    for n in 0..6 {
                        let gallery = &gallery;
                        scope.spawn(
                            move |_| if n % 2 == 0 { first.1(gallery, 10 + n) } else { second.1(gallery, 10 + n) },
                        );
                    }
                });
                outside.join().unwrap();
                assert!(gallery.check().unwrap().is_sound());
            });
        }
    }
}

#[test]
fn code_of_the_caller_may_use_the_gallery() {
    watched("an iterator, a sink, a filter or a progress that uses the gallery", || {
        let gallery = enrolled(3);
        let some = (0..4).filter(|n| !gallery.contains(&id(*n)) && gallery.len() < 100);
        let mut told = 0;
        let mut progress = |_| told += usize::from(gallery.info().subjects > 0 && gallery.flush().is_ok());
        let options = BatchOptions::new().per_commit(1).progress(&mut progress);
        gallery.enroll_batch(some.map(|n| (id(n), finger(n, 0))), options).unwrap();
        assert_eq!(told, 1);
        let mut exported = 0;
        let sink = &mut |_| {
            exported += gallery.len();
            gallery.delete(&[id(50)]).is_ok()
        };
        gallery.export_in_the_clear(sink).unwrap();
        assert!(exported > 10);
        let filter = |subject: &SubjectId| gallery.contains(subject) && gallery.info().generation > 0;
        assert!(!gallery.identify(&finger(1, 1), &GallerySearch::top(1).filter(&filter)).unwrap().is_empty());
    });
}

#[test]
fn changes_of_many_threads_are_all_kept() {
    let disk = MemoryDisk::new();
    let gallery = Gallery::builder(key(1)).create_on(disk.clone()).unwrap();
    let stop = Arc::new(AtomicBool::new(false));
    let rotations = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..4)
            .map(|t| {
                let gallery = gallery.clone();
                scope.spawn(move || (0..20).for_each(|n| gallery.enroll(&id(100 * t + n), &finger(n, 0)).unwrap()))
            })
            .collect();
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                gallery.rotate_keys().unwrap();
                rotations.fetch_add(1, Ordering::Relaxed);
            }
        });
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                assert!(gallery.identify(&finger(1, 1), &GallerySearch::top(3)).is_ok());
            }
        });
        for worker in workers {
            worker.join().unwrap();
        }
        stop.store(true, Ordering::Relaxed);
    });
    assert!(rotations.into_inner() > 0);
    assert!(gallery.check().unwrap().is_sound());
    drop(gallery);
    let again = Gallery::builder(key(1)).open_on(disk).unwrap();
    assert_eq!(again.len(), 80);
}

/// Median and 99th of 100 of some times, milliseconds.
fn times(mut all: Vec<f64>) -> (f64, f64) {
    all.sort_by(f64::total_cmp);
    let at = |share: f64| all[((all.len() - 1) as f64 * share) as usize];
    (at(0.5), at(0.99))
}

#[test]
#[ignore = "a measurement: timings never fail a test"]
fn measures_verifications_beside_changes() {
    let folder = tempfile::tempdir().unwrap();
    let gallery = Gallery::builder(key(1)).compact_by_hand().create(folder.path().join("gallery")).unwrap();
    let prepared: Vec<Samples> = (0..2000).map(|n| finger(n, 0)).collect();
    let some = |from: usize, count: usize| (from..from + count).map(|n| (id(n), prepared[n % 2000].clone()));
    gallery.enroll_batch(some(0, 20_000), BatchOptions::new()).unwrap();
    let probes: Vec<Samples> = (0..50).map(|n| finger(n, 1)).collect();
    let verified = |count: usize, done: &AtomicBool| {
        let (mut verifications, mut searches) = (Vec::new(), Vec::new());
        for n in 0.. {
            if verifications.len() >= count && done.load(Ordering::Relaxed) {
                break;
            }
            let start = Instant::now();
            gallery.verify(&id(n % 50), &probes[n % 50], threshold()).unwrap();
            verifications.push(1e3 * start.elapsed().as_secs_f64());
            if n % 20 == 0 {
                let start = Instant::now();
                gallery.identify(&probes[n % 50], &GallerySearch::top(1)).unwrap();
                searches.push(1e3 * start.elapsed().as_secs_f64());
            }
        }
        (times(verifications), times(searches))
    };
    let told = |what: &str, (verified, searched): ((f64, f64), (f64, f64))| {
        println!(
            "{what:<28} verify: median {:.2} ms, p99 {:.2} ms; identify among 20,000: median {:.1} ms, p99 {:.1} ms",
            verified.0, verified.1, searched.0, searched.1
        );
    };
    told("nothing beside", verified(1000, &AtomicBool::new(true)));
    let beside = |what: &str, work: &(dyn Fn() + Sync)| {
        let done = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                work();
                done.store(true, Ordering::Relaxed);
            });
            told(what, verified(200, &done));
        });
    };
    beside("a batch of 20,000", &|| assert!(gallery.enroll_batch(some(100_000, 20_000), BatchOptions::new()).is_ok()));
    beside("a rotation of 40,000", &|| gallery.rotate_keys().unwrap());
    gallery.delete(&(100_000..115_000).map(id).collect::<Vec<_>>()).unwrap();
    beside("a compaction", &|| assert!(gallery.compact().unwrap() > 0));
    beside("a check", &|| assert!(gallery.check().unwrap().is_sound()));
    beside("an export", &|| assert!(gallery.export_in_the_clear(&mut |_| true).is_ok()));
}
