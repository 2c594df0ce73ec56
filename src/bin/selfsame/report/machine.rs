//! What ran the evaluation.

use std::fs;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::time;

/// Version, machine and time.
pub fn facts() -> Vec<(&'static str, String)> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_millis() as u64);
    let mut facts = vec![
        ("version", format!("selfsame {}", env!("CARGO_PKG_VERSION"))),
        ("machine", format!("{}, {}", std::env::consts::ARCH, std::env::consts::OS)),
    ];
    facts.extend(processor().map(|name| ("processor", name)));
    let cores = std::thread::available_parallelism().map_or("unknown".to_owned(), |n| n.to_string());
    facts.push(("cores, threads used", format!("{cores}, {}", rayon::current_num_threads())));
    // Seconds are enough.
    let now = time::text(now);
    facts.push(("made at", now.split_once('.').map_or(now.clone(), |(seconds, _)| format!("{seconds}Z"))));
    facts
}

/// The processor's name where the system tells it in a file.
fn processor() -> Option<String> {
    let text = fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = text.lines().find(|l| l.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim().chars().take(120).collect())
}
