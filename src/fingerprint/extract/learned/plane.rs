//! Activations of one resolution.

/// Channels of each pixel side by side, pixels row by row, with a margin of one value on all sides.
pub(super) struct Plane {
    width: usize,
    height: usize,
    channels: usize,
    margin: usize,
    bytes: Vec<u8>,
}

impl Plane {
    /// A plane filled with one value.
    pub fn new(width: usize, height: usize, channels: usize, margin: usize, fill: u8) -> Self {
        let bytes = vec![fill; (width + 2 * margin) * (height + 2 * margin) * channels];
        Self { width, height, channels, margin, bytes }
    }

    /// Columns without margins.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Rows without margins.
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

    /// Bytes from a row to the next.
    pub fn stride(&self) -> usize {
        (self.width + 2 * self.margin) * self.channels
    }

    /// Values of a row, without margins.
    pub fn row(&self, y: usize) -> &[u8] {
        &self.bytes[(y + self.margin) * self.stride() + self.margin * self.channels..][..self.width * self.channels]
    }

    /// All bytes from the upper margin of row `y` on, which convolutions centered on that row read.
    pub fn row_with_margin(&self, y: usize) -> &[u8] {
        &self.bytes[y * self.stride()..]
    }

    /// The rows, without margins.
    pub fn rows_mut(&mut self) -> impl Iterator<Item = &mut [u8]> {
        let (stride, before, length) = (self.stride(), self.margin * self.channels, self.width * self.channels);
        let inside = self.bytes.chunks_exact_mut(stride).skip(self.margin).take(self.height);
        inside.map(move |row| &mut row[before..before + length])
    }
}
