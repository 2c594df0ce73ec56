//! The time that there is, and how it is spent.

use std::hint::black_box;
use std::time::{Duration, Instant};

/// Runs that a timing has at least, however little time is left.
const LEAST_RUNS: usize = 3;
/// Runs after which more tell nothing new.
const MOST_RUNS: usize = 2000;

/// The end of a part of the benchmark.
#[derive(Clone, Copy)]
pub struct Clock {
    end: Instant,
}

impl Clock {
    pub fn new(time: Duration) -> Self {
        Self { end: Instant::now() + time }
    }

    pub fn left(self) -> Duration {
        self.end.saturating_duration_since(Instant::now())
    }

    pub fn is_over(self) -> bool {
        self.left().is_zero()
    }

    /// A part of what is left.
    pub fn part(self, share: f64) -> Self {
        Self::new(self.left().mul_f64(share.clamp(0.0, 1.0)))
    }

    /// The seconds of each of some short works that are timed together: work `n` is done as `work(n)`.
    pub fn each<T>(self, together: usize, mut work: impl FnMut(usize) -> T) -> Timing {
        let timing = self.timed(|| {
            for n in 0..together {
                black_box(work(n));
            }
        });
        let of = |seconds: f64| seconds / together as f64;
        Timing {
            least: of(timing.least),
            median: of(timing.median),
            late: of(timing.late),
            runs: timing.runs * together,
        }
    }

    /// The seconds that `work` takes, repeated until the time is over.
    pub fn timed(self, mut work: impl FnMut()) -> Timing {
        let mut all = Vec::new();
        while all.len() < LEAST_RUNS || (all.len() < MOST_RUNS && !self.is_over()) {
            let start = Instant::now();
            work();
            all.push(start.elapsed().as_secs_f64());
        }
        all.sort_by(f64::total_cmp);
        let at = |share: f64| all[((all.len() - 1) as f64 * share) as usize];
        Timing { least: at(0.0), median: at(0.5), late: at(0.99), runs: all.len() }
    }
}

/// Seconds of the repetitions of one work.
#[derive(Clone, Copy)]
pub struct Timing {
    pub least: f64,
    pub median: f64,
    /// At most one in a hundred takes longer.
    pub late: f64,
    pub runs: usize,
}
