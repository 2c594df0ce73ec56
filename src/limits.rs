//! Upper bounds on untrusted input.

use thiserror::Error;

/// Bounds that every decoder checks before it allocates or loops.
///
/// The defaults admit any single print or palm of a ten-print scanner and refuse decompression bombs.
///
/// ```
/// use selfsame::Limits;
/// let small = Limits { max_pixels: 1_000_000, ..Limits::default() };
/// assert!(small.check_pixels(1000, 1000).is_ok());
/// assert!(small.check_pixels(20_000, 20_000).is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Largest encoded input, in bytes.
    pub max_bytes: usize,
    /// Largest image, in pixels (width times height), before and after resampling.
    pub max_pixels: usize,
    /// Most minutiae in one view of a template.
    pub max_minutiae: usize,
    /// Most views (finger impressions) in one template record.
    pub max_views: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_bytes: 64 << 20, max_pixels: 4096 * 4096, max_minutiae: 1024, max_views: 176 }
    }
}

/// The error for an input that exceeds the caller's [`Limits`].
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{value} {what} are too many, the limit is {limit}; `Limits::max_{what}` raises it")]
#[non_exhaustive]
pub struct LimitError {
    /// The quantity: `"bytes"`, `"pixels"`, `"minutiae"`, `"views"`.
    pub what: &'static str,
    /// The count in the input.
    pub value: u64,
    /// The limit.
    pub limit: u64,
}

impl Limits {
    /// Checks an encoded length.
    ///
    /// # Errors
    /// [`LimitError`] when `bytes` exceeds [`Limits::max_bytes`].
    pub fn check_bytes(&self, bytes: usize) -> Result<(), LimitError> {
        check("bytes", bytes as u64, self.max_bytes as u64)
    }

    /// Checks image dimensions without overflow.
    ///
    /// # Errors
    /// [`LimitError`] when `width * height` exceeds [`Limits::max_pixels`].
    pub fn check_pixels(&self, width: u32, height: u32) -> Result<(), LimitError> {
        check("pixels", u64::from(width) * u64::from(height), self.max_pixels as u64)
    }

    /// Checks a number of minutiae.
    ///
    /// # Errors
    /// [`LimitError`] when `count` exceeds [`Limits::max_minutiae`].
    pub fn check_minutiae(&self, count: usize) -> Result<(), LimitError> {
        check("minutiae", count as u64, self.max_minutiae as u64)
    }

    /// Checks a number of views.
    ///
    /// # Errors
    /// [`LimitError`] when `count` exceeds [`Limits::max_views`].
    pub fn check_views(&self, count: usize) -> Result<(), LimitError> {
        check("views", count as u64, self.max_views as u64)
    }
}

fn check(what: &'static str, value: u64, limit: u64) -> Result<(), LimitError> {
    if value > limit { Err(LimitError { what, value, limit }) } else { Ok(()) }
}
