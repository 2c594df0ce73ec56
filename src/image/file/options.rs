//! What the caller chose.

use super::super::error::ImageError;

/// How an image file is read.
///
/// ```
/// use selfsame::image::ImageOptions;
/// let second_page = ImageOptions::default().page(1);
/// let as_it_lies = ImageOptions::default().upright();
/// # let _ = (second_page, as_it_lies);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ImageOptions {
    page: Option<usize>,
    upright: bool,
}

impl ImageOptions {
    /// Reads this page of a TIFF file of several, from 0. Without it a file of several pages is refused.
    #[must_use]
    pub fn page(mut self, page: usize) -> Self {
        self.page = Some(page);
        self
    }

    /// Refuses a file whose EXIF or TIFF orientation says that viewers turn or mirror it, instead of doing so.
    #[must_use]
    pub fn upright(mut self) -> Self {
        self.upright = true;
        self
    }

    /// The chosen page.
    pub(super) fn chosen(&self) -> Option<usize> {
        self.page
    }

    pub(super) fn refuses_turned(&self) -> bool {
        self.upright
    }

    /// For formats of one page.
    pub(super) fn only_page(&self) -> Result<(), ImageError> {
        match self.page {
            Some(page) if page > 0 => Err(ImageError::NoSuchPage { page, pages: 1 }),
            _ => Ok(()),
        }
    }
}
