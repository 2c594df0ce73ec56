//! Galleries whose files were damaged, bit by bit, and processes that were killed: an error or the right answer, never another one.
//!
//! `SELFSAME_FLIPS=600000 cargo test --release --test gallery_damage -- every_flipped --nocapture` runs the long campaign.

#[path = "common/people.rs"]
mod people;

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use people::{id, key, small_finger};
use rayon::prelude::*;
use selfsame::gallery::{Gallery, GalleryError, GallerySearch, LogQuery};

/// Flipped bits of a usual run.
const FLIPS: u64 = 4_000;
/// Killed processes of a usual run.
const KILLS: u64 = 200;
/// Names the folder in which the process that is to be killed works.
const VICTIM: &str = "SELFSAME_TEST_VICTIM";

/// SplitMix64.
fn mixed(n: u64) -> u64 {
    let z = n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// What a gallery answers; two galleries of equal answers are one as far as anybody can tell.
fn answers(gallery: &Gallery) -> Result<Answers, GalleryError> {
    let found = gallery.identify(&small_finger(1), &GallerySearch::top(9))?;
    let found = found.into_iter().map(|c| (c.subject.to_string(), c.score.map(|s| s.decibels().to_bits()))).collect();
    let looks = ["open", "identify", "read-log", "check"];
    let changes =
        |e: &selfsame::gallery::LogEntry| e.event.as_ref().is_none_or(|event| !looks.contains(&event.kind.name()));
    let log = gallery.log(LogQuery::first(usize::MAX))?.into_iter().filter(changes).count();
    Ok((gallery.len(), gallery.records(), found, log))
}

type Answers = (usize, u64, Vec<(String, Option<u32>)>, usize);

const FILES: [&str; 5] = ["keyring.1", "records.1", "log.1", "log-hashes.1", "log-index.1"];

#[test]
fn every_flipped_bit_and_every_cut_is_an_error_or_harmless() {
    let folder = tempfile::tempdir().unwrap();
    let whole = folder.path().join("whole");
    let gallery = Gallery::builder(key(1)).create(&whole).unwrap();
    for n in 0..4 {
        gallery.enroll(&id(n), &small_finger(n)).unwrap();
    }
    gallery.delete(&[id(3)]).unwrap();
    drop(gallery);
    let files = FILES.map(|name| (name, fs::read(whole.join(name)).unwrap()));
    let first = Gallery::builder(key(1)).open(copy(&folder.path().join("first"), &files)).unwrap();
    let right = answers(&first).unwrap();
    // What opens answers right, and after a check that found nothing wrong everything goes on to work.
    let opened = |place: &Path, files: &[(&str, Vec<u8>)]| {
        let place = copy(place, files);
        let sound = Gallery::builder(key(1)).check(&place).is_ok_and(|report| report.is_sound());
        let gallery = Gallery::builder(key(1)).open(&place);
        let answered = gallery.and_then(|gallery| {
            let answers = answers(&gallery)?;
            if sound {
                gallery.enroll(&id(9), &small_finger(9)).unwrap();
                gallery.prove_consistency(2).unwrap();
                gallery.rotate_keys().unwrap();
            }
            Ok(answers)
        });
        assert!(!sound || answered.is_ok(), "sound, and does not open: {:?}", answered.err());
        answered.map(|answers| assert_eq!(answers, right)).is_ok()
    };
    let flips = std::env::var("SELFSAME_FLIPS").ok().and_then(|n| n.parse().ok()).unwrap_or(FLIPS);
    // All bits of the keyring, and of the others as many as are asked for, those of bytes in use mostly.
    let used: Vec<Vec<u64>> =
        files.iter().map(|f| (0..f.1.len() as u64).filter(|i| f.1[*i as usize] != 0).collect()).collect();
    let keyring_bits = files[0].1.len() as u64 * 8;
    let step = (keyring_bits / (flips / 4).max(1)).max(1);
    let mut cases: Vec<(usize, u64)> = (0..keyring_bits).step_by(step as usize).map(|bit| (0, bit)).collect();
    cases.extend((0..flips).map(|n| {
        let file = 1 + (mixed(n) % 3) as usize;
        match mixed(n + 7) % 8 {
            0 => (file, mixed(n + flips) % (files[file].1.len() as u64 * 8)),
            bit => (file, used[file][(mixed(n + flips) % used[file].len() as u64) as usize] * 8 + bit),
        }
    }));
    let harmless = AtomicU64::new(0);
    let chunk = cases.len().div_ceil(rayon::current_num_threads() * 4);
    cases.par_chunks(chunk).enumerate().for_each(|(worker, cases)| {
        let place = folder.path().join(format!("flip-{worker}"));
        for &(file, bit) in cases {
            let mut files = files.clone();
            files[file].1[bit as usize / 8] ^= 1 << (bit % 8);
            let fine = opened(&place, &files);
            // A byte between header and first block, a head that is not the newest, and hashes that can be computed again.
            let unused = file == 3 || (file == 2 && bit / 8 < 36_864) || (file == 1 && (26..64).contains(&(bit / 8)));
            assert!(!fine || unused, "bit {bit} of {}", files[file].0);
            harmless.fetch_add(u64::from(fine), Ordering::Relaxed);
        }
    });
    println!(
        "{} flipped bits: {} errors, {} harmless",
        cases.len(),
        cases.len() as u64 - harmless.load(Ordering::Relaxed),
        harmless.load(Ordering::Relaxed)
    );
    // Truncations: every length of the keyring, and lengths all over the others.
    let lengths = (0..files[0].1.len()).map(|len| (0, len));
    let others = (0..flips / 4).map(|n| {
        let file = 1 + (n % 3) as usize;
        (file, (mixed(n) % files[file].1.len() as u64) as usize)
    });
    let cuts: Vec<(usize, usize)> = lengths.chain(others).collect();
    cuts.par_chunks(cuts.len().div_ceil(rayon::current_num_threads() * 4)).enumerate().for_each(|(worker, cuts)| {
        let place = folder.path().join(format!("cut-{worker}"));
        for &(file, len) in cuts {
            let mut files = files.clone();
            files[file].1.truncate(len);
            assert!(!opened(&place, &files) || file == 3, "{} of {len} bytes", files[file].0);
        }
    });
}

/// Writes a gallery's files into a folder.
fn copy(place: &Path, files: &[(&str, Vec<u8>)]) -> PathBuf {
    // Notes of failed openings are told by the next that succeeds.
    let _ = fs::remove_dir_all(place);
    fs::create_dir_all(place).unwrap();
    for (name, bytes) in files {
        fs::write(place.join(name), bytes).unwrap();
    }
    place.to_owned()
}

/// Does nothing unless [`killed_processes_lose_nothing_that_was_acknowledged`] starts it: enrolls, and says so, until it is killed.
#[test]
fn victim() {
    let Ok(path) = std::env::var(VICTIM) else { return };
    let gallery = Gallery::builder(key(1)).open(&path).unwrap();
    let mut out = std::io::stdout();
    for n in gallery.info().log_entries.. {
        gallery.enroll(&id(n), &small_finger(n % 50)).unwrap();
        if n % 5 == 0 {
            gallery.delete(&[id(n - n % 3)]).unwrap();
        }
        if n % 41 == 0 {
            gallery.erase(&[id(n)]).unwrap();
        }
        // A line of its own, because the test runner prints too.
        writeln!(out, "\nacknowledged {} {}", gallery.info().log_entries, gallery.len()).unwrap();
        out.flush().unwrap();
    }
}

#[test]
fn killed_processes_lose_nothing_that_was_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gallery");
    drop(Gallery::builder(key(1)).create(&path).unwrap());
    let kills = std::env::var("SELFSAME_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(KILLS);
    let mut acknowledged_in_all = 0;
    for cycle in 0..kills {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "victim", "--nocapture"])
            .env(VICTIM, &path)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let reader = std::thread::spawn(move || {
            let lines = out.lines().map_while(Result::ok).filter_map(|line| {
                let mut words = line.strip_prefix("acknowledged ")?.split(' ');
                Some((words.next()?.parse().ok()?, words.next()?.parse().ok()?))
            });
            let all: Vec<(u64, usize)> = lines.collect();
            (all.len(), all.last().copied())
        });
        std::thread::sleep(Duration::from_millis(1 + mixed(cycle) % 120));
        child.kill().unwrap();
        child.wait().unwrap();
        let (count, last) = reader.join().unwrap();
        acknowledged_in_all += count;
        // Every record is opened and checked here.
        let gallery = Gallery::builder(key(1)).open(&path).unwrap();
        if let Some((entries, subjects)) = last {
            let now = gallery.info().log_entries;
            assert!(now >= entries && now <= entries + 6, "cycle {cycle}: {entries} and {now}");
            assert!(gallery.len().abs_diff(subjects) <= 1, "cycle {cycle}");
        }
    }
    println!("{kills} processes killed, {acknowledged_in_all} acknowledgements, none lost");
    assert!(acknowledged_in_all as u64 > kills);
    assert!(Gallery::builder(key(1)).open(&path).unwrap().check().unwrap().is_sound());
}
