//! Compaction of a gallery: what it frees, what it keeps, what it does beside everything else.

#[path = "common/people.rs"]
mod people;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use people::{finger, id, key, small_finger};
use selfsame::gallery::disk::{Access, Disk, MemoryDisk};
use selfsame::gallery::log::EventKind;
use selfsame::gallery::{BatchOptions, Gallery, GalleryBuilder, GalleryError, GallerySearch, LogQuery};

fn builder() -> GalleryBuilder {
    Gallery::builder(key(1))
}

/// Everything that a gallery shows of its people.
fn shown(gallery: &Gallery) -> String {
    let listed = gallery.subjects(None, usize::MAX).unwrap();
    let metadata: Vec<Vec<u8>> = listed.iter().map(|l| gallery.metadata(&l.subject).unwrap()).collect();
    let samples: Vec<_> = listed.iter().map(|l| (l.subject.clone(), l.samples.clone())).collect();
    let found: Vec<_> = (0..10)
        .map(|n| gallery.identify(&small_finger(n), &GallerySearch::top(50)).unwrap())
        .map(|list| list.into_iter().map(|c| (c.subject, c.score)).collect::<Vec<_>>())
        .collect();
    format!("{samples:?} {metadata:?} {found:?} {}", gallery.records())
}

fn compactions(gallery: &Gallery) -> usize {
    gallery.log(LogQuery::first(usize::MAX).kind(EventKind::Compact)).unwrap().len()
}

/// A gallery in which most of what was written no longer counts.
fn changed(disk: &MemoryDisk) -> Gallery {
    let gallery = builder().create_on(disk.clone()).unwrap();
    let all = (0..40).map(|n| (id(n), small_finger(n).metadata(vec![n as u8; 100])));
    gallery.enroll_batch(all, BatchOptions::new()).unwrap();
    (0..30).for_each(|n| gallery.update(&id(n), &small_finger(n + 100).metadata(vec![7; 50])).unwrap());
    (10..20).for_each(|n| gallery.enroll(&id(n), &small_finger(n)).unwrap());
    gallery.delete(&(25..35).map(id).collect::<Vec<_>>()).unwrap();
    gallery.enroll(&id(26), &small_finger(26)).unwrap();
    gallery
}

#[test]
fn what_counts_is_kept_and_the_rest_is_freed() {
    let disk = MemoryDisk::new();
    let gallery = changed(&disk);
    let (before, info) = (shown(&gallery), gallery.info());
    assert_eq!(info.record_bytes, disk.get("records.1").unwrap().len() as u64);
    assert!(info.dead_bytes > info.record_bytes / 3, "{} of {}", info.dead_bytes, info.record_bytes);
    let freed = gallery.compact().unwrap();
    let after = gallery.info();
    // All that is left beside people are the codes of blocks.
    assert!(freed <= info.dead_bytes && freed + 200 > info.dead_bytes, "{freed} of {}", info.dead_bytes);
    assert_eq!(after.record_bytes, disk.get("records.2").unwrap().len() as u64);
    assert!(after.dead_bytes < 100 && after.record_bytes + freed == info.record_bytes);
    assert!(disk.get("records.1").is_none());
    assert_eq!((shown(&gallery), compactions(&gallery)), (before.clone(), 1));
    // There is nothing left to do, and nothing is done.
    assert_eq!((gallery.compact().unwrap(), compactions(&gallery)), (0, 1));
    assert!(gallery.check().unwrap().is_sound());
    // Life goes on: with more people, other keys, another compaction, after reopening.
    gallery.enroll(&id(99), &small_finger(3)).unwrap();
    gallery.delete(&[id(99)]).unwrap();
    gallery.rotate_keys().unwrap();
    assert!(disk.get("records.2").is_none() && disk.get("records.3").is_some());
    gallery.update(&id(1), &small_finger(101).metadata(vec![7; 50])).unwrap();
    assert!(gallery.compact().unwrap() > 0);
    assert_eq!(shown(&gallery), before);
    drop(gallery);
    let gallery = builder().open_on(disk.clone()).unwrap();
    assert_eq!((shown(&gallery), gallery.info().dead_bytes < 100), (before, true));
    assert_eq!(disk.list().unwrap().iter().filter(|name| name.starts_with("records.")).count(), 1);
}

#[test]
fn the_old_file_in_the_place_of_the_new_one_is_noticed() {
    let disk = MemoryDisk::new();
    let gallery = changed(&disk);
    let old = disk.get("records.1").unwrap();
    gallery.compact().unwrap();
    drop(gallery);
    let new = disk.get("records.2").unwrap();
    let with = |bytes: Vec<u8>| {
        let copy = disk.copy();
        copy.put("records.2", bytes);
        builder().open_on(copy).map(drop)
    };
    assert!(matches!(with(old.clone()), Err(GalleryError::Tampered(_))));
    assert!(matches!(with(old[..new.len()].to_vec()), Err(GalleryError::Tampered(_))));
    assert!(matches!(with([&new[..64], &old[64..]].concat()), Err(GalleryError::Tampered(_))));
    assert!(with([&new[..], b"left by a crash"].concat()).is_ok());
    // A file that a compaction left unfinished does not count, and is removed.
    let copy = disk.copy();
    copy.put("records.3", old);
    copy.put("records.1", b"anything".to_vec());
    assert!(builder().open_on(copy.clone()).is_ok());
    assert!(copy.get("records.3").is_none() && copy.get("records.1").is_none());
}

#[test]
fn what_does_not_open_is_not_copied() {
    let disk = MemoryDisk::new();
    let gallery = changed(&disk);
    let mut bytes = disk.get("records.1").unwrap();
    let middle = bytes.len() / 2;
    // A disk that changes something under an open gallery.
    bytes[middle..].iter_mut().for_each(|byte| *byte ^= 1);
    disk.open("records.1", Access::Write).unwrap().write_at(0, &bytes).unwrap();
    assert!(matches!(gallery.compact(), Err(GalleryError::Seal(_))));
    assert!(disk.get("records.2").is_none());
    assert_eq!((disk.get("records.1"), compactions(&gallery)), (Some(bytes), 0));
    // The gallery itself goes on.
    gallery.enroll(&id(200), &small_finger(4)).unwrap();
}

#[test]
fn a_flag_ends_it_and_a_reader_cannot_begin_it() {
    let disk = MemoryDisk::new();
    let gallery = changed(&disk);
    assert!(matches!(gallery.compact_until(&AtomicBool::new(true)), Err(GalleryError::Canceled)));
    assert!(disk.get("records.2").is_none());
    drop(gallery);
    let reader = builder().open_read_only_on(disk.clone(), selfsame::gallery::Unlogged::accepted()).unwrap();
    assert!(matches!(reader.compact(), Err(GalleryError::ReadOnly)));
}

/// Waits until something holds.
fn in_time(what: &str, holds: impl Fn() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < Duration::from_secs(120), "{what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Enrolls and deletes so many that more than 8 MiB no longer count.
fn much_is_dead(gallery: &Gallery) {
    gallery.enroll(&id(0), &small_finger(0)).unwrap();
    let all = (1..2000).map(|n| (id(n), small_finger(n).metadata(vec![n as u8; 4096])));
    gallery.enroll_batch(all, BatchOptions::new()).unwrap();
    gallery.delete(&(1..2000).map(id).collect::<Vec<_>>()).unwrap();
}

#[test]
fn it_is_done_without_being_asked_for_unless_the_caller_does_it() {
    let disk = MemoryDisk::new();
    let gallery = builder().create_on(disk.clone()).unwrap();
    much_is_dead(&gallery);
    in_time("a compaction begins by itself", || gallery.info().dead_bytes < 100);
    assert_eq!((gallery.len(), compactions(&gallery)), (1, 1));
    drop(gallery);
    assert_eq!(builder().open_on(disk.clone()).unwrap().len(), 1);

    let disk = MemoryDisk::new();
    let gallery = builder().compact_by_hand().create_on(disk.clone()).unwrap();
    much_is_dead(&gallery);
    std::thread::sleep(Duration::from_millis(200));
    assert!(gallery.info().dead_bytes > 8 << 20);
    drop(gallery);
    // The next opening does it.
    let gallery = builder().open_on(disk).unwrap();
    in_time("a compaction begins when a gallery is opened", || gallery.info().dead_bytes < 100);
    assert_eq!(gallery.len(), 1);
}

#[test]
fn the_end_of_a_gallery_interrupts_it() {
    for after in [0, 1, 3, 10, 30] {
        let disk = MemoryDisk::new();
        let gallery = builder().create_on(disk.clone()).unwrap();
        much_is_dead(&gallery);
        std::thread::sleep(Duration::from_millis(after));
        drop(gallery);
        // It is closed: another opening neither waits nor is disturbed.
        let gallery = builder().compact_by_hand().open_on(disk.clone()).unwrap();
        assert_eq!(gallery.len(), 1);
        let before = disk.list().unwrap();
        std::thread::sleep(Duration::from_millis(30));
        assert_eq!(disk.list().unwrap(), before);
        assert!(gallery.check().unwrap().is_sound());
    }
}

#[test]
fn changes_and_new_keys_beside_it_are_all_kept() {
    let disk = MemoryDisk::new();
    let gallery = builder().create_on(disk.clone()).unwrap();
    gallery.enroll_batch((0..200).map(|n| (id(n), small_finger(n))), BatchOptions::new()).unwrap();
    let (stop, done, ended) = (AtomicBool::new(false), AtomicUsize::new(0), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..3)
            .map(|t| {
                let (gallery, done) = (gallery.clone(), &done);
                scope.spawn(move || {
                    // After the rotations, for as long as it takes until something was compacted beside the changes.
                    for n in (0..).take_while(|n| *n < 60 || (*n < 2000 && done.load(Ordering::Relaxed) < 2)) {
                        gallery.enroll(&id(1000 * (t + 1) + n), &small_finger(n)).unwrap();
                        gallery.update(&id(50 * t + n % 50), &small_finger(n)).unwrap();
                        gallery.delete(&[id(1000 * (t + 1) + n / 2)]).unwrap();
                        if n % 3 == 0 {
                            gallery.enroll(&id(1000 * (t + 1) + n / 2), &small_finger(n + 1)).unwrap();
                        }
                        if n < 60 && n % 20 == 7 {
                            gallery.rotate_keys().unwrap();
                        }
                        if n < 60 && n % 20 == 14 {
                            gallery.erase(&[id(1000 * (t + 1) + n)]).unwrap();
                        }
                    }
                })
            })
            .collect();
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                match gallery.compact() {
                    Ok(freed) => drop(done.fetch_add(usize::from(freed > 0), Ordering::Relaxed)),
                    Err(error) => {
                        assert!(matches!(error, GalleryError::Canceled), "{error:?}");
                        ended.fetch_add(1, Ordering::Relaxed);
                    }
                }
            }
        });
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                assert!(!gallery.identify(&finger(1, 1), &GallerySearch::top(3)).unwrap().is_empty());
            }
        });
        workers.into_iter().for_each(|worker| worker.join().unwrap());
        stop.store(true, Ordering::Relaxed);
    });
    println!("{} compactions beside changes, {} interrupted", done.load(Ordering::Relaxed), ended.into_inner());
    assert!(done.into_inner() > 0);
    let before = shown(&gallery);
    assert!(gallery.check().unwrap().is_sound());
    drop(gallery);
    assert_eq!(shown(&builder().open_on(disk).unwrap()), before);
}
