//! Activations of one resolution, of which only the rows that are still read are held.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::ops::Range;

use super::params::SPARE_BYTES;

/// Memory of planes that are gone, for those of the next image: fresh memory costs a fault for each page.
#[derive(Default)]
struct Spare {
    /// Of the planes in the order in which they went, which is that in which planes are made.
    buffers: VecDeque<Vec<u8>>,
    /// Capacity of all, at most [`SPARE_BYTES`].
    bytes: usize,
}

impl Spare {
    fn give(&mut self, buffer: Vec<u8>) {
        if self.bytes + buffer.capacity() <= SPARE_BYTES {
            self.bytes += buffer.capacity();
            self.buffers.push_back(buffer);
        }
    }

    fn take(&mut self) -> Vec<u8> {
        let mut buffer = self.buffers.pop_front().unwrap_or_default();
        self.bytes -= buffer.capacity();
        buffer.clear();
        buffer
    }
}

thread_local! {
    static SPARE: RefCell<Spare> = RefCell::default();
}

/// Channels of each pixel side by side, pixels row by row, with a margin of one value on all sides. Rows are added from
/// the top down; a line is a row or one of the lines of the margins above and below.
pub(super) struct Plane {
    width: usize,
    height: usize,
    channels: usize,
    margin: usize,
    fill: u8,
    /// Lines that were dropped.
    dropped: usize,
    /// Lines at the start of `bytes` that are not needed any more.
    unused: usize,
    bytes: Vec<u8>,
}

impl Plane {
    /// A plane of the size given without rows yet; `fill` is the value of its margins.
    pub fn new(width: usize, height: usize, channels: usize, margin: usize, fill: u8) -> Self {
        let mut bytes = SPARE.try_with(|spare| spare.borrow_mut().take()).unwrap_or_default();
        bytes.resize(margin * (width + 2 * margin) * channels, fill);
        Self { width, height, channels, margin, fill, dropped: 0, unused: 0, bytes }
    }

    /// Columns without margins.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Rows that the plane will have, without margins.
    pub fn height(&self) -> usize {
        self.height
    }

    /// Number of values of a pixel.
    pub fn channels(&self) -> usize {
        self.channels
    }

    /// Width of the margin, pixels.
    pub fn margin(&self) -> usize {
        self.margin
    }

    /// Bytes from a line to the next.
    pub fn stride(&self) -> usize {
        (self.width + 2 * self.margin) * self.channels
    }

    /// Lines that were added so far, those of the upper margin included.
    pub fn lines(&self) -> usize {
        self.dropped + self.bytes.len() / self.stride()
    }

    /// Rows that were added so far.
    pub fn rows(&self) -> usize {
        (self.lines() - self.margin).min(self.height)
    }

    /// Adds rows up to before row `end`, with the margins' value everywhere, and gives their lines. The lower margin
    /// comes with the last row.
    pub fn add(&mut self, end: usize) -> &mut [u8] {
        let (rows, stride) = (self.rows(), self.stride());
        // What is not needed is dropped when that moves few bytes.
        if self.unused * stride * 2 >= self.bytes.len() {
            self.bytes.drain(..self.unused * stride);
            self.dropped += self.unused;
            self.unused = 0;
        }
        let (start, added) = (self.bytes.len(), end.min(self.height).saturating_sub(rows) * stride);
        let below = if rows < self.height && end >= self.height { self.margin * stride } else { 0 };
        self.bytes.reserve_exact(added + below);
        self.bytes.resize(start + added + below, self.fill);
        &mut self.bytes[start..][..added]
    }

    /// States that no line before this one will be read again.
    pub fn release(&mut self, line: usize) {
        self.unused = self.unused.max(line.min(self.lines()).saturating_sub(self.dropped));
    }

    /// The part of a line without margins.
    pub fn inner(&self) -> Range<usize> {
        self.margin * self.channels..(self.margin + self.width) * self.channels
    }

    /// Values of a row, without margins.
    pub fn row(&self, y: usize) -> &[u8] {
        &self.lines_from(y + self.margin)[self.inner()]
    }

    /// All bytes from a line on.
    pub fn lines_from(&self, line: usize) -> &[u8] {
        &self.bytes[(line - self.dropped) * self.stride()..]
    }
}

impl Drop for Plane {
    fn drop(&mut self) {
        let bytes = std::mem::take(&mut self.bytes);
        // A thread that ends keeps nothing.
        let _ = SPARE.try_with(|spare| spare.borrow_mut().give(bytes));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_used_again_and_bounded() {
        let held = || SPARE.with_borrow(|spare| (spare.buffers.len(), spare.bytes));
        let mut plane = Plane::new(100, 50, 4, 1, 7);
        plane.add(50).fill(9);
        let address = plane.lines_from(0).as_ptr();
        drop(plane);
        assert_eq!(held().0, 1);
        let again = Plane::new(100, 50, 4, 1, 3);
        assert_eq!((again.lines_from(0).as_ptr(), held()), (address, (0, 0)));
        assert!(again.lines_from(0).iter().all(|v| *v == 3));
        drop(again);
        let mut large = Plane::new(1 << 12, 1 << 12, 4, 1, 7);
        large.add(1 << 12);
        drop(large);
        assert!(held().1 <= SPARE_BYTES, "the memory of a large plane is given back");
    }
}
