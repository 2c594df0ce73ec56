//! A record of numbered fields.

use super::super::error::FormatError;
use super::super::payload::{self, ImageCoding, ImageEncoding};
use super::field::{FS, Field, GS};
use crate::fingerprint::position::FingerPosition;
use crate::image::{Gray8, Ppi};

/// The field that holds a record's length, in every record of fields.
pub(super) const LENGTH: u16 = 1;
/// The field that holds the image, the last of its record.
pub(super) const DATA: u16 = 999;

/// A record of numbered fields, in the order of the file. Its length is recomputed when it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaggedRecord {
    pub(super) kind: u8,
    pub(super) fields: Vec<Field>,
}

impl TaggedRecord {
    /// A record of type `kind` with the fields that follow its length.
    ///
    /// # Errors
    /// [`FormatError::Value`] for a type that has no numbered fields (3 to 8, 0, above 99) or is the file's own (1), a
    /// field number outside 2 to 999, or a separator of fields or records inside a value (an image in the last field,
    /// 999, may hold them).
    ///
    /// ```
    /// use selfsame::format::an2k::{Field, TaggedRecord};
    /// let minutiae = TaggedRecord::new(9, vec![Field::new(2, "01"), Field::new(3, "0"), Field::new(4, "U")])?;
    /// assert_eq!(minutiae.field(4).and_then(Field::text), Some("U"));
    /// assert!(TaggedRecord::new(4, Vec::new()).is_err());
    /// # Ok::<(), selfsame::format::FormatError>(())
    /// ```
    pub fn new(kind: u8, fields: Vec<Field>) -> Result<Self, FormatError> {
        let value = |what, value: u64, expected| FormatError::Value { what, offset: 0, value, expected };
        if !is_tagged(kind) || kind == 1 {
            return Err(value("record type", kind.into(), "2 or 9 to 99 is allowed"));
        }
        let count = fields.len();
        for (field, place) in fields.iter().zip(1..) {
            if !(2..=DATA).contains(&field.number) {
                return Err(value("field number", field.number.into(), "2 to 999 is allowed"));
            }
            let image = field.number == DATA && place == count;
            if !image && field.value.iter().any(|b| matches!(*b, FS | GS)) {
                return Err(value("field with a separator inside", field.number.into(), "only an image may hold one"));
            }
        }
        let length = Field::new(LENGTH, Vec::new());
        Ok(Self { kind, fields: std::iter::once(length).chain(fields).collect() })
    }

    /// A Type-14 record: a plain live-scan image of a finger. `idc` links it to other records of the file; `agency` and
    /// `date` (`YYYYMMDD`) name the capturing agency and day.
    ///
    /// # Errors
    /// [`FormatError::Image`] when the image cannot be encoded, [`FormatError::Value`] for a separator in `agency` or `date`.
    pub fn finger_image(
        idc: u8,
        image: &Gray8,
        position: FingerPosition,
        ppi: Ppi,
        encoding: ImageEncoding,
        agency: &str,
        date: &str,
    ) -> Result<Self, FormatError> {
        let resolution = ppi.get().round().to_string();
        let coding = match encoding.coding() {
            ImageCoding::Raw => "NONE",
            ImageCoding::Wsq => "WSQ20",
            ImageCoding::Png => "PNG",
            ImageCoding::Jpeg => "JPEGB",
            ImageCoding::Jpeg2000 => "JP2",
        };
        let text = |number, value: String| Field::new(number, value);
        Self::new(
            14,
            vec![
                text(2, format!("{idc:02}")),
                text(3, "0".into()),
                text(4, agency.into()),
                text(5, date.into()),
                text(6, image.width().to_string()),
                text(7, image.height().to_string()),
                text(8, "1".into()),
                text(9, resolution.clone()),
                text(10, resolution),
                text(11, coding.into()),
                text(12, "8".into()),
                text(13, position.code().to_string()),
                Field::new(DATA, payload::encode(image, ppi, encoding)?),
            ],
        )
    }

    /// The record's type.
    #[must_use]
    pub fn kind(&self) -> u8 {
        self.kind
    }

    /// The fields in order, the length first.
    #[must_use]
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// The first field with a number.
    #[must_use]
    pub fn field(&self, number: u16) -> Option<&Field> {
        self.fields.iter().find(|field| field.number == number)
    }

    /// The record's bytes; its length is recomputed unless it is already right.
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut rest = Vec::new();
        for field in self.fields.iter().skip(1) {
            rest.push(GS);
            rest.extend(self.tag(field).as_bytes());
            rest.extend(&field.value);
        }
        rest.push(FS);
        let Some(first) = self.fields.first() else { return rest };
        let tag = self.tag(first);
        let total = |digits: usize| tag.len().saturating_add(digits).saturating_add(rest.len());
        let right = first.whole().and_then(|n| usize::try_from(n).ok()) == Some(total(first.value.len()));
        let length = if right {
            first.value.clone()
        } else {
            // The length counts its own digits.
            let digits = (1..=20).find(|&digits| total(digits).to_string().len() == digits);
            total(digits.unwrap_or(0)).to_string().into_bytes()
        };
        [tag.as_bytes(), &length, &rest].concat()
    }

    fn tag(&self, field: &Field) -> String {
        format!("{}.{:0digits$}:", self.kind, field.number, digits = field.digits)
    }

    /// Sets the value of a field, or appends the field if it is not there.
    pub(super) fn set(&mut self, number: u16, value: Vec<u8>) {
        match self.fields.iter_mut().find(|field| field.number == number) {
            Some(field) => field.value = value,
            None => self.fields.push(Field::new(number, value)),
        }
    }
}

/// Whether records of a type consist of numbered fields.
pub(super) fn is_tagged(kind: u8) -> bool {
    matches!(kind, 1 | 2 | 9..=99)
}
