//! A numbered field of a record.

use std::fmt;

/// Ends a record.
pub(super) const FS: u8 = 0x1C;
/// Ends a field.
pub(super) const GS: u8 = 0x1D;
/// Separates subfields.
pub(super) const RS: u8 = 0x1E;
/// Separates items of a subfield.
pub(super) const US: u8 = 0x1F;

/// A numbered field: its value consists of subfields, and each subfield of items.
///
/// ```
/// use selfsame::format::an2k::Field;
/// let field = Field::new(13, b"1\x1E2\x1E3\x1F4".to_vec());
/// let items: Vec<Vec<&[u8]>> = field.subfields().map(Iterator::collect).collect();
/// assert_eq!(items, [vec![&b"1"[..]], vec![b"2"], vec![b"3", b"4"]]);
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Field {
    pub(super) number: u16,
    /// Digits that the number is written with: three, or two in old files.
    pub(super) digits: usize,
    pub(super) value: Vec<u8>,
}

impl Field {
    /// A field with a number (1 to 999) and a value.
    #[must_use]
    pub fn new(number: u16, value: impl Into<Vec<u8>>) -> Self {
        Self { number, digits: 3, value: value.into() }
    }

    /// The number after the record's type.
    #[must_use]
    pub fn number(&self) -> u16 {
        self.number
    }

    /// The value with its separators.
    #[must_use]
    pub fn value(&self) -> &[u8] {
        &self.value
    }

    /// The value as text; `None` when it is not UTF-8.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.value).ok()
    }

    /// Items of each subfield.
    pub fn subfields(&self) -> impl Iterator<Item = impl Iterator<Item = &[u8]>> {
        self.value.split(|&b| b == RS).map(|subfield| subfield.split(|&b| b == US))
    }

    /// The value as a whole number.
    pub(super) fn whole(&self) -> Option<u32> {
        self.text()?.trim().parse().ok()
    }
}

impl fmt::Debug for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Field").field("number", &self.number).field("bytes", &self.value.len()).finish_non_exhaustive()
    }
}
