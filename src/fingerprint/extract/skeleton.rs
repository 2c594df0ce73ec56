//! The skeleton as a graph: nodes where lines end or meet, ridges between them.

use super::thin::{neighbors, nodes};
use crate::geometry::Bitmap;

/// A ridge as seen from one of its two ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct End {
    pub ridge: usize,
    pub side: usize,
}

impl End {
    /// The same ridge from its other end.
    pub fn reversed(self) -> Self {
        Self { ridge: self.ridge, side: 1 - self.side }
    }
}

/// A place where lines end or meet.
pub(super) struct Node {
    /// Column and row, pixels.
    pub position: [i32; 2],
    /// Ridges that start here; a loop counts twice.
    pub ends: Vec<End>,
}

/// A line between two nodes.
struct Ridge {
    nodes: [usize; 2],
    points: Vec<[i32; 2]>,
}

/// Nodes and ridges. Removed ridges have no points; removed nodes have no ends.
pub(super) struct Skeleton {
    pub nodes: Vec<Node>,
    ridges: Vec<Ridge>,
    width: usize,
    height: usize,
}

const STEPS: [(isize, isize); 8] = [(0, -1), (1, -1), (1, 0), (1, 1), (0, 1), (-1, 1), (-1, 0), (-1, -1)];

impl Skeleton {
    /// Traces a thinned image. Closed rings without a fork are left out.
    pub fn trace(thinned: &Bitmap) -> Self {
        let (width, height) = (thinned.width(), thinned.height());
        let mut graph = Self { nodes: Vec::new(), ridges: Vec::new(), width, height };
        let mut owners = Owners::new(nodes(thinned));
        // Pixels of nodes in the order in which they are found.
        let mut pixels: Vec<(u32, u32, u32)> = Vec::new();
        let mut stack = Vec::new();
        for (x, y) in owners.bits.ones() {
            if owners.labels[owners.rank(x, y)] != 0 {
                continue;
            }
            let node = graph.nodes.len() as u32;
            let at = owners.rank(x, y);
            owners.labels[at] = node + 1;
            stack.push((x, y));
            let (mut sum_x, mut sum_y, mut count) = (0usize, 0usize, 0usize);
            while let Some((x, y)) = stack.pop() {
                (sum_x, sum_y, count) = (sum_x + x, sum_y + y, count + 1);
                pixels.push((x as u32, y as u32, node));
                for (nx, ny) in around(x, y, neighbors(&owners.bits, x, y)) {
                    let at = owners.rank(nx, ny);
                    if owners.labels[at] == 0 {
                        owners.labels[at] = node + 1;
                        stack.push((nx, ny));
                    }
                }
            }
            let position = [((sum_x + count / 2) / count) as i32, ((sum_y + count / 2) / count) as i32];
            graph.nodes.push(Node { position, ends: Vec::new() });
        }
        // Pixels of lines that do not belong to a ridge yet.
        let mut free = thinned.without(&owners.bits);
        for (x, y, from) in pixels.into_iter().map(|(x, y, n)| (x as usize, y as usize, n as usize)) {
            for (nx, ny) in around(x, y, neighbors(&free, x, y)) {
                if free.get(nx, ny) {
                    graph.follow(&owners, &mut free, from, (x, y), (nx, ny));
                }
            }
        }
        graph
    }

    /// Follows one ridge from node `from` whose first pixel is `at`.
    fn follow(&mut self, owners: &Owners, free: &mut Bitmap, from: usize, start: (usize, usize), at: (usize, usize)) {
        let mut points = vec![self.nodes[from].position];
        let (mut before, mut at) = (start, at);
        let to = loop {
            free.set(at.0, at.1, false);
            points.push([at.0 as i32, at.1 as i32]);
            let round = neighbors(&owners.bits, at.0, at.1);
            if round != 0 {
                // The start's own node counts as an end only after some steps (a loop).
                let end = around(at.0, at.1, round)
                    .filter(|&n| n != before)
                    .map(|(nx, ny)| owners.labels[owners.rank(nx, ny)] as usize - 1)
                    .filter(|&node| node != from || points.len() > 3)
                    .last();
                if let Some(node) = end {
                    break node;
                }
            }
            // The last free neighbor clockwise; the pixel before is not free.
            let Some(last) = neighbors(free, at.0, at.1).checked_ilog2() else { return };
            let (dx, dy) = STEPS[last as usize];
            (before, at) = (at, (at.0.wrapping_add_signed(dx), at.1.wrapping_add_signed(dy)));
        };
        points.push(self.nodes[to].position);
        self.add(from, to, points);
    }

    /// Adds a ridge; its points lead from node `from` to node `to`, both included.
    pub fn add(&mut self, from: usize, to: usize, points: Vec<[i32; 2]>) {
        let ridge = self.ridges.len();
        self.ridges.push(Ridge { nodes: [from, to], points });
        self.nodes[from].ends.push(End { ridge, side: 0 });
        self.nodes[to].ends.push(End { ridge, side: 1 });
    }

    /// Removes a ridge from the graph.
    pub fn remove(&mut self, ridge: usize) {
        let nodes = self.ridges[ridge].nodes;
        for node in nodes {
            self.nodes[node].ends.retain(|e| e.ridge != ridge);
        }
        self.ridges[ridge].points = Vec::new();
    }

    /// Joins the two ridges of a node that has exactly two, so that the node disappears; a ring stays unchanged.
    pub fn join(&mut self, node: usize) {
        let [a, b] = self.nodes[node].ends[..] else { return };
        if a.ridge == b.ridge {
            return;
        }
        let mut points: Vec<_> = self.points(a.reversed()).collect();
        points.extend(self.points(b).skip(1));
        let (from, to) = (self.node(a.reversed()), self.node(b.reversed()));
        self.remove(a.ridge);
        self.remove(b.ridge);
        self.add(from, to, points);
    }

    /// The node a ridge starts at.
    pub fn node(&self, end: End) -> usize {
        self.ridges[end.ridge].nodes[end.side]
    }

    /// Number of points of a ridge, nodes included; 0 when removed.
    pub fn length(&self, ridge: usize) -> usize {
        self.ridges[ridge].points.len()
    }

    /// Points of a ridge from an end.
    pub fn points(&self, end: End) -> impl Iterator<Item = [i32; 2]> + '_ {
        let points = &self.ridges[end.ridge].points;
        let n = points.len();
        (0..n).map(move |i| if end.side == 0 { points[i] } else { points[n - 1 - i] })
    }

    /// The point `at` steps from an end, or the ridge's last.
    pub fn point(&self, end: End, at: usize) -> [i32; 2] {
        let points = &self.ridges[end.ridge].points;
        let at = at.min(points.len().saturating_sub(1));
        let at = if end.side == 0 { at } else { points.len().saturating_sub(1) - at };
        points.get(at).copied().unwrap_or_else(|| self.nodes[self.node(end)].position)
    }

    /// The graph drawn back into an image.
    pub fn drawn(&self) -> Bitmap {
        let mut bits = Bitmap::new(self.width, self.height);
        for &[x, y] in self.ridges.iter().flat_map(|r| &r.points) {
            if x >= 0 && y >= 0 {
                bits.set(x as usize, y as usize, true);
            }
        }
        bits
    }
}

/// The node that each node pixel belongs to.
struct Owners {
    /// Pixels of nodes.
    bits: Bitmap,
    /// Number of node pixels before each word.
    before: Vec<u32>,
    /// Number of the node plus one, by the pixel's rank among set pixels.
    labels: Vec<u32>,
}

impl Owners {
    fn new(bits: Bitmap) -> Self {
        let (mut before, mut count) = (Vec::new(), 0);
        for word in (0..bits.height()).flat_map(|y| bits.row(y)) {
            before.push(count);
            count += word.count_ones();
        }
        Self { bits, before, labels: vec![0; count as usize] }
    }

    /// Rank of a set pixel among set pixels.
    fn rank(&self, x: usize, y: usize) -> usize {
        let row = self.bits.row(y);
        let below = row[x / 64] & ((1 << (x % 64)) - 1);
        (self.before[y * row.len() + x / 64] + below.count_ones()) as usize
    }
}

/// The neighbors of a pixel that are set, clockwise from north.
fn around(x: usize, y: usize, set: u8) -> impl Iterator<Item = (usize, usize)> {
    let mut rest = set;
    std::iter::from_fn(move || {
        let (dx, dy) = *STEPS.get(rest.trailing_zeros() as usize)?;
        rest &= rest - 1;
        Some((x.wrapping_add_signed(dx), y.wrapping_add_signed(dy)))
    })
}

/// A straight line of pixels between two points, both included.
pub(super) fn line(from: [i32; 2], to: [i32; 2]) -> Vec<[i32; 2]> {
    let (dx, dy) = (to[0] - from[0], to[1] - from[1]);
    let steps = dx.abs().max(dy.abs()).max(1);
    let at = |a: i32, d: i32, i: i32| a + (2 * d * i + steps * d.signum()) / (2 * steps);
    (0..=steps).map(|i| [at(from[0], dx, i), at(from[1], dy, i)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fork_has_three_ridges_and_three_ends() {
        let mut bits = Bitmap::new(64, 64);
        for i in 0..20 {
            bits.set(10 + i, 30, true);
            bits.set(30 + i, 30 - i, true);
            bits.set(30 + i, 30 + i, true);
        }
        let graph = Skeleton::trace(&bits);
        let mut degrees: Vec<usize> = graph.nodes.iter().map(|n| n.ends.len()).collect();
        degrees.sort_unstable();
        assert_eq!(degrees, [1, 1, 1, 3]);
        assert_eq!(graph.ridges.len(), 3);
    }

    #[test]
    fn joining_makes_one_ridge() {
        let mut bits = Bitmap::new(64, 64);
        for i in 0..20 {
            bits.set(10 + i, 30, true);
        }
        let mut graph = Skeleton::trace(&bits);
        graph.nodes.push(Node { position: [40, 30], ends: Vec::new() });
        let node = graph.nodes.iter().position(|n| n.position == [29, 30]).unwrap();
        graph.add(node, 2, line([29, 30], [40, 30]));
        graph.join(node);
        let end = graph.nodes[2].ends[0];
        assert_eq!(graph.length(end.ridge), 31);
        assert_eq!(graph.point(end, 0), [40, 30]);
        assert_eq!(graph.point(end, 99), [10, 30]);
    }

    #[test]
    fn lines_are_connected() {
        for to in [[9, 3], [-4, 7], [0, 0], [-6, -6], [5, -11]] {
            let points = line([0, 0], to);
            assert_eq!((points[0], *points.last().unwrap()), ([0, 0], to));
            assert!(points.windows(2).all(|w| (w[0][0] - w[1][0]).abs() <= 1 && (w[0][1] - w[1][1]).abs() <= 1));
        }
    }
}
