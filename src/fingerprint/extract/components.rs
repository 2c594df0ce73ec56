//! Connected components of a mask.

use std::ops::Range;

use crate::geometry::Bitmap;

/// A run of equal cells in a line, from `start` to before `end`.
struct Run {
    line: usize,
    start: usize,
    end: usize,
    /// A run of the same component; the run itself if it is the root.
    parent: usize,
}

/// A component.
#[derive(Clone, Debug, Default)]
pub(super) struct Part {
    /// Cells.
    pub area: usize,
    /// Whether it touches the image's border.
    pub border: bool,
    /// Columns from the first to before the last.
    pub columns: Range<usize>,
    /// Lines from the first to before the last.
    pub lines: Range<usize>,
}

/// Runs of cells equal to `value`, and the components that they form.
pub(super) struct Components {
    runs: Vec<Run>,
    /// Indexed by the component's root run; empty for other runs.
    found: Vec<Part>,
}

impl Components {
    /// 4-connected components of the cells equal to `value`.
    pub fn new(bits: &Bitmap, value: bool) -> Self {
        let (width, height) = (bits.width(), bits.height());
        let mut runs: Vec<Run> = Vec::new();
        let (mut above, mut line_start) = (0, 0);
        for line in 0..height {
            let row = bits.row(line);
            // First cell from `x` on that is (or is not) `value`.
            let next = |mut x: usize, wanted: bool| {
                while x < width {
                    let rest = (if wanted == value { row[x / 64] } else { !row[x / 64] }) >> (x % 64);
                    if rest != 0 {
                        return (x + rest.trailing_zeros() as usize).min(width);
                    }
                    x = (x / 64 + 1) * 64;
                }
                width
            };
            let mut start = next(0, true);
            while start < width {
                let end = next(start, false);
                let this = runs.len();
                runs.push(Run { line, start, end, parent: this });
                // Runs of the line above that end before this one starts touch none that follow.
                while above < line_start && runs[above].end <= start {
                    above += 1;
                }
                let mut other = above;
                while other < line_start && runs[other].start < end {
                    let (a, b) = (root(&mut runs, other), root(&mut runs, this));
                    runs[a.max(b)].parent = a.min(b);
                    other += 1;
                }
                start = next(end, true);
            }
            (above, line_start) = (line_start, runs.len());
        }
        let mut found = vec![Part::default(); runs.len()];
        for i in 0..runs.len() {
            let at = root(&mut runs, i);
            let Run { line, start, end, .. } = runs[i];
            let part = &mut found[at];
            if part.area == 0 {
                (part.columns, part.lines) = (start..end, line..line + 1);
            }
            part.area += end - start;
            part.border |= line == 0 || line + 1 == height || start == 0 || end == width;
            part.columns = part.columns.start.min(start)..part.columns.end.max(end);
            // Runs are in the order of lines.
            part.lines.end = line + 1;
        }
        Self { runs, found }
    }

    /// The components.
    pub fn all(&self) -> impl Iterator<Item = &Part> {
        self.found.iter().filter(|part| part.area > 0)
    }

    /// The cells of the components that `keep` selects.
    pub fn kept(mut self, size: &Bitmap, keep: impl Fn(&Part) -> bool) -> Bitmap {
        let mut out = Bitmap::new(size.width(), size.height());
        for i in 0..self.runs.len() {
            if keep(&self.found[root(&mut self.runs, i)]) {
                let Run { line, start, end, .. } = self.runs[i];
                (start..end).for_each(|x| out.set(x, line, true));
            }
        }
        out
    }
}

/// The root run of a run's component; halves the path to it.
fn root(runs: &mut [Run], mut at: usize) -> usize {
    while runs[at].parent != at {
        runs[at].parent = runs[runs[at].parent].parent;
        at = runs[at].parent;
    }
    at
}
