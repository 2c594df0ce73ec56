//! The picture at halves of its size, and windows spread over each.

use super::super::params::{CHECK_SCALES, CHECK_STRIDE, CHECK_WINDOWS};
use super::window::{SIDE, Window};
#[cfg(test)]
use crate::simd::instruction_set::InstructionSet;
use crate::simd::wide::{self, Kernels, Task};

/// What one window says.
#[derive(Clone, Copy, Debug)]
pub(super) struct Vote {
    /// Length of the wave, pixels of the whole picture.
    pub period: f32,
    /// Share of the window's power in the wave, 0..=1.
    pub share: f32,
    /// Amplitude of the wave, gray levels.
    pub amplitude: f32,
    /// Area that the window stands for, square pixels of the whole picture.
    pub area: f32,
}

/// Votes of all windows in which a wave dominates.
pub(super) fn votes(pixels: &[u8], width: usize, height: usize) -> Vec<Vote> {
    wide::run(Votes { pixels, width, height })
}

/// [`votes`] on one instruction set.
#[cfg(test)]
pub(super) fn votes_on(set: InstructionSet, pixels: &[u8], width: usize, height: usize) -> Vec<Vote> {
    set.run(Votes { pixels, width, height })
}

struct Votes<'a> {
    pixels: &'a [u8],
    width: usize,
    height: usize,
}

impl Task for Votes<'_> {
    type Output = Vec<Vote>;

    #[inline(always)]
    fn run(self, _: impl Kernels) -> Vec<Vote> {
        voted(self.pixels, self.width, self.height)
    }
}

#[inline(always)]
fn voted(pixels: &[u8], width: usize, height: usize) -> Vec<Vote> {
    let mut votes = Vec::new();
    let (mut level, mut width, mut height) = (std::borrow::Cow::Borrowed(pixels), width, height);
    let mut scale = 1f32;
    for _ in 0..CHECK_SCALES {
        if width < SIDE || height < SIDE {
            break;
        }
        vote(&level, width, height, scale, &mut votes);
        level = halved(&level, width, height).into();
        (width, height, scale) = (width / 2, height / 2, scale * 2.0);
    }
    votes
}

/// Adds the votes of one level, whose pixels are `scale` pixels of the whole picture wide.
#[inline(always)]
fn vote(pixels: &[u8], width: usize, height: usize, scale: f32, votes: &mut Vec<Vote>) {
    let places = (width - SIDE + 1) * (height - SIDE + 1);
    let stride = CHECK_STRIDE.max((places / CHECK_WINDOWS).isqrt());
    let starts = |side: usize| ((side - SIDE) % stride / 2..=side - SIDE).step_by(stride);
    for y in starts(height) {
        for x in starts(width) {
            if let Some(wave) = Window::of(pixels, width, x, y).wave() {
                let area = (scale * stride as f32).powi(2);
                votes.push(Vote { period: wave.period * scale, share: wave.share, amplitude: wave.amplitude, area });
            }
        }
    }
}

/// Means of four pixels each.
fn halved(pixels: &[u8], width: usize, height: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity((width / 2) * (height / 2));
    for lines in pixels.chunks_exact(width).take(height).collect::<Vec<_>>().chunks_exact(2) {
        let pairs = lines[0].chunks_exact(2).zip(lines[1].chunks_exact(2));
        out.extend(pairs.map(|(a, b)| {
            let sum = u16::from(a[0]) + u16::from(a[1]) + u16::from(b[0]) + u16::from(b[1]);
            ((sum + 2) / 4) as u8
        }));
    }
    out
}
