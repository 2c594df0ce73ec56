//! Skeleton filters: false ends and forks are removed (after SourceAFIS).

use super::params::{FRAGMENT, GAP_ALWAYS, GAP_ANGLE, GAP_MAX, GAP_MIN_RIDGE, GAP_OVERLAP, GAP_SAMPLE, PORE_ARM, TAIL};
use super::skeleton::{Skeleton, line};
use crate::geometry::Bitmap;
use crate::geometry::angle::wrap_signed;

/// All filters in order.
pub(super) fn clean(graph: &mut Skeleton) {
    pores(graph);
    knots(graph);
    gaps(graph);
    knots(graph);
    tails(graph);
    knots(graph);
    fragments(graph);
}

/// Joins ridges at nodes that have only two.
fn knots(graph: &mut Skeleton) {
    for node in 0..graph.nodes.len() {
        if graph.nodes[node].ends.len() == 2 {
            graph.join(node);
        }
    }
}

/// A ridge that splits in two and closes again at once is one ridge with a pore.
fn pores(graph: &mut Skeleton) {
    for node in 0..graph.nodes.len() {
        let [a, b, c] = graph.nodes[node].ends[..] else { continue };
        for (exit, arm, other) in [(a, b, c), (b, a, c), (c, a, b)] {
            let (far, far_other) = (graph.node(arm.reversed()), graph.node(other.reversed()));
            let is_pore = arm.ridge != other.ridge
                && far == far_other
                && far != node
                && graph.node(exit.reversed()) != far
                && graph.node(exit.reversed()) != node
                && graph.nodes[far].ends.len() == 3
                && graph.length(arm.ridge) <= PORE_ARM
                && graph.length(other.ridge) <= PORE_ARM;
            if is_pore {
                graph.remove(arm.ridge);
                graph.remove(other.ridge);
                let points = line(graph.nodes[node].position, graph.nodes[far].position);
                graph.add(node, far, points);
                break;
            }
        }
    }
}

/// Closes gaps between ends that face each other, nearest first.
fn gaps(graph: &mut Skeleton) {
    let ends: Vec<usize> = (0..graph.nodes.len())
        .filter(|&n| {
            let node = &graph.nodes[n];
            node.ends.len() == 1 && graph.length(node.ends[0].ridge) >= GAP_MIN_RIDGE
        })
        .collect();
    let mut found = Vec::new();
    for (a, b, square) in near_pairs(graph, &ends) {
        if graph.nodes[a].ends[0].ridge == graph.nodes[b].ends[0].ridge {
            continue;
        }
        if square as f32 <= GAP_ALWAYS * GAP_ALWAYS || (faces(graph, a, b) && faces(graph, b, a)) {
            found.push((square, a, b));
        }
    }
    found.sort_unstable();
    let mut shadow = graph.drawn();
    for (_, a, b) in found {
        if graph.nodes[a].ends.len() != 1 || graph.nodes[b].ends.len() != 1 {
            continue;
        }
        let points = line(graph.nodes[a].position, graph.nodes[b].position);
        let free = points.len().saturating_sub(2 * GAP_OVERLAP);
        if points.iter().skip(GAP_OVERLAP).take(free).any(|&[x, y]| shadow.get_signed(x as isize, y as isize)) {
            continue;
        }
        draw(&mut shadow, &points);
        graph.add(a, b, points);
    }
}

/// Pairs of nodes at most [`GAP_MAX`] apart with their squared distance, each once, in the nodes' order.
fn near_pairs(graph: &Skeleton, nodes: &[usize]) -> Vec<(usize, usize, i32)> {
    let bucket = |v: i32| v.div_euclid(GAP_MAX as i32 + 1);
    let mut sorted: Vec<(i32, i32, usize)> = nodes
        .iter()
        .map(|&n| {
            let [x, y] = graph.nodes[n].position;
            (bucket(y), bucket(x), n)
        })
        .collect();
    sorted.sort_unstable();
    let mut pairs = Vec::new();
    for &n in nodes {
        let [x, y] = graph.nodes[n].position;
        for by in bucket(y) - 1..=bucket(y) + 1 {
            let first = sorted.partition_point(|&(r, c, _)| (r, c) < (by, bucket(x) - 1));
            for &(_, _, m) in sorted[first..].iter().take_while(|&&(r, c, _)| r == by && c <= bucket(x) + 1) {
                let [mx, my] = graph.nodes[m].position;
                let square = (x - mx).pow(2) + (y - my).pow(2);
                if m > n && square as f32 <= GAP_MAX * GAP_MAX {
                    pairs.push((n, m, square));
                }
            }
        }
    }
    pairs
}

/// Whether the ridge that ends at `a` points towards `b`.
fn faces(graph: &Skeleton, a: usize, b: usize) -> bool {
    let direction = |from: [i32; 2], to: [i32; 2]| ((to[1] - from[1]) as f32).atan2((to[0] - from[0]) as f32);
    let (at, other) = (graph.nodes[a].position, graph.nodes[b].position);
    let inner = graph.point(graph.nodes[a].ends[0], GAP_SAMPLE - 1);
    wrap_signed(direction(inner, at) - direction(at, other)).abs() <= GAP_ANGLE
}

fn draw(bits: &mut Bitmap, points: &[[i32; 2]]) {
    for &[x, y] in points {
        if x >= 0 && y >= 0 {
            bits.set(x as usize, y as usize, true);
        }
    }
}

/// Removes short branches that end freely.
fn tails(graph: &mut Skeleton) {
    for node in 0..graph.nodes.len() {
        let [end] = graph.nodes[node].ends[..] else { continue };
        let far = graph.node(end.reversed());
        if graph.nodes[far].ends.len() >= 3 && graph.length(end.ridge) < TAIL {
            graph.remove(end.ridge);
        }
    }
}

/// Removes short ridges that end freely at both ends.
fn fragments(graph: &mut Skeleton) {
    for node in 0..graph.nodes.len() {
        let [end] = graph.nodes[node].ends[..] else { continue };
        let far = graph.node(end.reversed());
        if graph.nodes[far].ends.len() == 1 && graph.length(end.ridge) < FRAGMENT {
            graph.remove(end.ridge);
        }
    }
}
