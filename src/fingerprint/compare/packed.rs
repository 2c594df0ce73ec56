//! A print in the compact form of galleries: all data that a comparison reads, in whole words.
//!
//! | words, of `n` minutiae | what |
//! |---|---|
//! | `6 n` | local descriptors with their masks, plane after plane (`descriptor`) |
//! | `n / 4` | x, quarters of a pixel, 16 bits each |
//! | `n / 4` | y, downwards, quarters of a pixel, 16 bits each |
//! | `n / 8` | direction, 256ths of a turn |
//! | `n / 8` | kind (2 bits) and quality (6 bits) |
//! | 2 | corners of the hull; cell, size and position of the ridge flow |
//! | `corners / 8` | numbers of the minutiae at the hull's corners |
//! | `cells / 8` | ridge flow, orientation (6 bits) and coherence (2 bits); then the period of blocks of cells, 8 bits each |
//!
//! Both sides of a comparison are converted to this form, so it does not matter which one is the probe.

use super::cylinder;
use super::descriptor::{self, PLANES};
use super::direction::Brad;
use super::flow::{Flow, FlowShape};
use super::hull;
use super::params::{MAX_USED, POSITION_STEP, QUALITY_STEPS};
use crate::fingerprint::minutia::{Minutia, MinutiaKind};
use crate::fingerprint::template::FingerTemplate;
use crate::simd::look_up::Points;
use crate::simd::nearest::prefetch;
use crate::simd::slab::{self, Line};

/// A template in the compact form of a gallery.
#[derive(Clone, PartialEq)]
pub struct FingerReference {
    lines: Box<[Line]>,
    len: usize,
}

impl std::fmt::Debug for FingerReference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FingerReference").field("minutiae", &self.len()).finish_non_exhaustive()
    }
}

/// A packed print in any storage.
#[derive(Clone, Copy)]
pub(crate) struct PackedRef<'a> {
    words: &'a [u64],
    len: usize,
}

/// A stored minutia.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Stored {
    y: u16,
    x: u16,
    direction: u8,
    mark: u8,
}

impl Stored {
    fn new(m: &Minutia) -> Self {
        let kind = match m.kind {
            MinutiaKind::Ending => 1,
            MinutiaKind::Bifurcation => 2,
            MinutiaKind::Other => 0,
        };
        let place = |v: f32| nearest(v * (1.0 / POSITION_STEP)).min(u16::MAX.into()) as u16;
        let turns = m.direction.radians() / std::f32::consts::TAU;
        // 0 stays 0, which is "not reported".
        let quality = (u32::from(m.quality) * QUALITY_STEPS).div_ceil(100).min(QUALITY_STEPS) as u8;
        Self {
            y: place(m.y),
            x: place(m.x),
            direction: nearest((turns - turns.floor()) * 256.0) as u8,
            mark: kind << 6 | quality,
        }
    }

    /// A number with the order of minutiae in a print: y, x, direction, mark.
    fn place(&self) -> u64 {
        u64::from(self.y) << 32 | u64::from(self.x) << 16 | u64::from(self.direction) << 8 | u64::from(self.mark)
    }
}

impl FingerReference {
    /// Prepares a template: keeps the best minutiae, orders them, describes their neighborhoods.
    pub(crate) fn new(template: &FingerTemplate) -> Self {
        let used: Vec<Stored> = Self::used(template).into_iter().map(|u| u.0).collect();
        let x: Vec<f32> = used.iter().map(|m| f32::from(m.x) * POSITION_STEP).collect();
        let y: Vec<f32> = used.iter().map(|m| -(f32::from(m.y) * POSITION_STEP)).collect();
        let direction: Vec<Brad> = used.iter().map(|m| brad(m.direction)).collect();
        let corners = hull::convex(&x, &y);
        let hull = hull::Hull::of(&corners, &x, &y);
        let descriptors = cylinder::describe(&x, &y, &direction, &hull);
        let flow = template.ridge_flow().and_then(Flow::pack);
        let (shape, cells, periods) = flow.unwrap_or_default();

        let n = used.len();
        let mut words = descriptor::planes(&descriptors);
        pack::<u16>(&mut words, used.iter().map(|m| m.x));
        pack::<u16>(&mut words, used.iter().map(|m| m.y));
        pack::<u8>(&mut words, used.iter().map(|m| m.direction));
        pack::<u8>(&mut words, used.iter().map(|m| m.mark));
        let header = [corners.len() as u16, shape.cell, shape.columns, shape.rows, shape.left, shape.top];
        pack::<u16>(&mut words, header.into_iter());
        pack::<u8>(&mut words, corners.iter().map(|&c| c as u8));
        pack::<u8>(&mut words, cells.into_iter().chain(periods));
        Self { lines: slab::lines(&words).into_boxed_slice(), len: n }
    }

    /// The minutiae in use in their order, each with its number in the template.
    fn used(template: &FingerTemplate) -> Vec<(Stored, usize)> {
        let quality = |number: usize| template.minutiae().get(number).map_or(0, |m| m.quality);
        let mut used: Vec<_> = template.minutiae().iter().enumerate().map(|(i, m)| (Stored::new(m), i)).collect();
        if used.len() > MAX_USED {
            used.sort_by(|a, b| quality(b.1).cmp(&quality(a.1)).then((a.0.place(), a.1).cmp(&(b.0.place(), b.1))));
            used.truncate(MAX_USED);
        }
        used.sort_unstable_by_key(|u| u128::from(u.0.place()) << 64 | u.1 as u128);
        used.dedup_by_key(|u| u.0);
        used
    }

    /// Numbers of the template's minutiae in use, in the order of the packed print.
    pub(crate) fn numbers(template: &FingerTemplate) -> Vec<usize> {
        Self::used(template).into_iter().map(|u| u.1).collect()
    }

    /// The print of `len` minutiae whose words these are; `None` when they are not those of any print.
    pub(crate) fn from_words(len: usize, words: &[u64]) -> Option<Self> {
        let print = Self { lines: slab::lines(words).into_boxed_slice(), len };
        (words.len().is_multiple_of(slab::WORDS) && print.get().is_whole()).then_some(print)
    }

    /// Number of minutiae in use.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are no minutiae.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Memory size, bytes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        size_of::<Self>() + size_of_val(&*self.lines)
    }

    /// The print for reading.
    pub(crate) fn get(&self) -> PackedRef<'_> {
        PackedRef::new(&self.lines, self.len)
    }

    /// The lines that hold the print.
    pub(crate) fn lines(&self) -> &[Line] {
        &self.lines
    }
}

impl<'a> PackedRef<'a> {
    /// The print of `len` minutiae in `lines`.
    pub(crate) fn new(lines: &'a [Line], len: usize) -> Self {
        Self { words: slab::words(lines), len }
    }

    /// A copy of the print in its own memory.
    pub(crate) fn to_packed(self) -> FingerReference {
        FingerReference { lines: slab::lines(self.words).into_boxed_slice(), len: self.len }
    }

    /// Number of minutiae.
    #[inline(always)]
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// All words; two prints are equal if these and the lengths are.
    pub(crate) fn words(&self) -> &'a [u64] {
        self.words
    }

    /// A total order of contents, so that a comparison can put its two sides in the same order every time.
    #[inline(always)]
    pub(crate) fn order(&self, other: &Self) -> std::cmp::Ordering {
        self.len.cmp(&other.len).then_with(|| self.words.cmp(other.words))
    }

    /// The descriptors, plane after plane.
    #[inline(always)]
    pub(crate) fn planes(&self) -> &'a [u64] {
        self.section(0, PLANES * self.len)
    }

    /// Prefetches the words that a scan of these sections will read.
    pub(crate) fn prefetch(&self, sections: &[usize]) {
        for &w in sections {
            prefetch(self.section(w * self.len, self.len));
        }
        prefetch(self.section(PLANES * self.len, 2 * self.len.div_ceil(4) + self.len.div_ceil(8)));
    }

    /// Horizontal positions, quarters of a pixel.
    #[inline(always)]
    pub(crate) fn x(&self) -> impl Iterator<Item = u16> + 'a {
        unpack::<u16>(self.section(PLANES * self.len, self.len.div_ceil(4)), self.len)
    }

    /// Vertical positions (downwards), quarters of a pixel.
    #[inline(always)]
    pub(crate) fn y(&self) -> impl Iterator<Item = u16> + 'a {
        let at = PLANES * self.len + self.len.div_ceil(4);
        unpack::<u16>(self.section(at, self.len.div_ceil(4)), self.len)
    }

    /// Directions.
    #[inline(always)]
    pub(crate) fn direction(&self) -> impl Iterator<Item = Brad> + 'a {
        let at = PLANES * self.len + 2 * self.len.div_ceil(4);
        unpack::<u8>(self.section(at, self.len.div_ceil(8)), self.len).map(brad)
    }

    /// Positions and directions by number.
    pub(crate) fn points(&self) -> Points<'a> {
        let (n, quarter) = (self.len, self.len.div_ceil(4));
        let x = self.section(PLANES * n, quarter);
        let y = self.section(PLANES * n + quarter, quarter);
        let direction = self.section(PLANES * n + 2 * quarter, n.div_ceil(8));
        Points { x, y, direction, step: POSITION_STEP }
    }

    /// Kinds (0 is unknown) and qualities (of [`QUALITY_STEPS`], 0 is not reported).
    #[inline(always)]
    pub(crate) fn marks(&self) -> impl Iterator<Item = (u8, u8)> + 'a {
        let at = PLANES * self.len + 2 * self.len.div_ceil(4) + self.len.div_ceil(8);
        unpack::<u8>(self.section(at, self.len.div_ceil(8)), self.len).map(|m| (m >> 6, m & 63))
    }

    /// Numbers of the minutiae, the best quality first. Minutiae are sorted from top to bottom: among equal qualities, or without any, they are
    /// spread over all of the print.
    #[inline(always)]
    pub(crate) fn best_first<'o>(&self, order: &'o mut [u32; MAX_USED]) -> impl Iterator<Item = usize> + use<'o> {
        let key =
            |i: usize, quality: u8| u32::from(!quality) << 16 | u32::from((i as u8).reverse_bits()) << 8 | i as u32;
        for (i, (_, quality)) in self.marks().enumerate().take(MAX_USED) {
            order[i] = key(i, quality);
        }
        let order = &mut order[..self.len.min(MAX_USED)];
        order.sort_unstable();
        order.iter().map(|key| (key & 0xff) as usize)
    }

    /// Whether the words are as many as they say, minutiae in their order and of known kinds, and corners among them.
    fn is_whole(&self) -> bool {
        let (corners, shape, at) = self.header();
        let needed = at + corners.div_ceil(8) + shape.bytes().div_ceil(8);
        if self.len > MAX_USED || corners > self.len || needed.next_multiple_of(slab::WORDS) != self.words.len() {
            return false;
        }
        let marks =
            self.section(PLANES * self.len + 2 * self.len.div_ceil(4) + self.len.div_ceil(8), self.len.div_ceil(8));
        let marks = unpack::<u8>(marks, self.len);
        let minutiae = self.y().zip(self.x()).zip(self.direction().zip(marks));
        let minutiae = minutiae.map(|((y, x), (direction, mark))| (y, x, direction as u16, mark));
        minutiae.is_sorted_by(|a, b| a < b)
            && self.marks().all(|(kind, _)| kind <= 2)
            && self.corners().all(|corner| corner < self.len)
    }

    /// Number of corners of the hull and the shape of the ridge flow, and the start of the words after them.
    #[inline(always)]
    fn header(&self) -> (usize, FlowShape, usize) {
        let at = PLANES * self.len + 2 * self.len.div_ceil(4) + 2 * self.len.div_ceil(8);
        let mut fields = unpack::<u16>(self.section(at, 2), 6);
        let mut next = || fields.next().unwrap_or(0);
        let corners = usize::from(next());
        let shape = FlowShape { cell: next(), columns: next(), rows: next(), left: next(), top: next() };
        (corners, shape, at + 2)
    }

    /// Numbers of the minutiae at the hull's corners, counter-clockwise.
    #[inline(always)]
    pub(crate) fn corners(&self) -> impl Iterator<Item = usize> + 'a {
        let (corners, _, at) = self.header();
        unpack::<u8>(self.section(at, corners.div_ceil(8)), corners).map(usize::from)
    }

    /// The ridge flow.
    #[inline(always)]
    pub(crate) fn flow(&self) -> Option<Flow<'a>> {
        let (corners, shape, at) = self.header();
        Flow::new(shape, self.words.get(at + corners.div_ceil(8)..)?)
    }

    #[inline(always)]
    fn section(&self, at: usize, words: usize) -> &'a [u64] {
        self.words.get(at..at + words).unwrap_or_default()
    }
}

impl AsRef<FingerReference> for FingerReference {
    fn as_ref(&self) -> &FingerReference {
        self
    }
}

/// The nearest whole number, at least 0, the upper one of two: without the call that `round` is on plain x86-64.
#[inline(always)]
fn nearest(v: f32) -> u32 {
    let below = v as u32;
    below + u32::from(v - below as f32 >= 0.5)
}

#[inline(always)]
fn brad(direction: u8) -> Brad {
    (u16::from(direction) << 8) as Brad
}

/// Unsigned numbers of a width that divides a word.
trait Field: Copy + Into<u64> {
    fn low(word: u64) -> Self;
}

impl Field for u8 {
    #[inline(always)]
    fn low(word: u64) -> Self {
        word as u8
    }
}

impl Field for u16 {
    #[inline(always)]
    fn low(word: u64) -> Self {
        word as u16
    }
}

/// Appends numbers, as many to a word as fit, from the lowest bits upwards.
fn pack<T: Field>(words: &mut Vec<u64>, values: impl Iterator<Item = T>) {
    let width = 8 * size_of::<T>();
    let mut at = 64;
    for value in values {
        if at == 64 {
            words.push(0);
            at = 0;
        }
        if let Some(word) = words.last_mut() {
            *word |= value.into() << at;
        }
        at += width;
    }
}

/// The first `n` numbers packed in words.
#[inline(always)]
fn unpack<T: Field>(words: &[u64], n: usize) -> impl Iterator<Item = T> {
    let width = 8 * size_of::<T>();
    words.iter().flat_map(move |word| (0..64 / width).map(move |k| T::low(word >> (k * width)))).take(n)
}
