//! What a file holds, to choose from, and what differs from its fields.

use super::super::coding::ImageCoding;
use super::super::contents::RecordSummary;
use super::super::error::FormatError;
use super::super::record;
use super::field::Field;
use super::file::{An2kFile, Record};
use super::image::{POSITION, Stored};
use super::note::{Absence, Note};
use super::tagged::TaggedRecord;
use crate::fingerprint::position::FingerPosition;
use crate::image::scale_to_500;
use crate::limits::Limits;

/// Field with the reason why a finger was not printed.
const AMPUTATED: u16 = 18;
/// Field that links records to one another, in records of fields.
const IDC: u16 = 2;
/// Most images whose sizes are looked for; more are read without a note.
const MAX_LOOKED_AT: usize = 1024;

impl An2kFile {
    /// The images and the sets of minutiae in the file, to choose from, in the order of the file.
    ///
    /// ```
    /// use selfsame::format::an2k::{An2kFile, Record, TaggedRecord, Transaction};
    /// use selfsame::{FingerPosition, FingerTemplate, Limits};
    /// let transaction =
    ///     Transaction { kind: "DEMO", date: "20261127", destination: "DAI000000", origin: "ORI000000", control: "1" };
    /// let mut file = An2kFile::new(&transaction);
    /// let template = FingerTemplate::new(388, 374, Vec::new())?;
    /// for (idc, position) in [(1, FingerPosition::RightThumb), (2, FingerPosition::LeftLittle)] {
    ///     file.push(Record::Tagged(TaggedRecord::minutiae(idc, &template, position, "demo")?))?;
    /// }
    /// assert_eq!(file.contents()[1].to_string(), "record 2: Type-9, left little finger, 0 minutiae");
    /// assert_eq!(file.choose_minutiae(Some(FingerPosition::LeftLittle))?, 2);
    /// assert!(file.choose_minutiae(None).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn contents(&self) -> Vec<RecordSummary> {
        let images: Vec<usize> = self.images().collect();
        let each = self.records.iter().enumerate();
        let summary = |(index, record): (usize, &Record)| match record {
            record if images.contains(&index) => Some(self.image_summary(index, record)),
            Record::Tagged(record) if record.is_incits() || record.is_standard() => {
                Some(minutiae_summary(index, record))
            }
            _ => None,
        };
        each.filter_map(summary).collect()
    }

    fn image_summary(&self, index: usize, record: &Record) -> RecordSummary {
        let stored = Stored::of(record);
        let coding = stored.as_ref().and_then(Stored::coding);
        let size = stored.as_ref().and_then(|stored| stored.own_size().or(stored.stated_size()));
        RecordSummary {
            index,
            kind: record.kind(),
            position: self.position(index),
            code: code(record),
            impression: match record {
                Record::Fixed(record) => Some(record.impression),
                Record::Tagged(record) => byte(record, 3),
                Record::Binary { .. } => None,
            },
            size,
            ppi: self.ppi(index).ok().map(crate::image::Ppi::get),
            coding,
            minutiae: None,
        }
    }

    /// The record with the only image, or the only one of a finger.
    ///
    /// # Errors
    /// [`FormatError::NoRecord`] or [`FormatError::SeveralRecords`], with a list of the images.
    pub fn choose_image(&self, finger: Option<FingerPosition>) -> Result<usize, FormatError> {
        self.choose(finger, |summary| summary.minutiae.is_none())
    }

    /// The only record of minutiae, or the only one of a finger; [`An2kFile::minutiae`] reads it.
    ///
    /// # Errors
    /// [`FormatError::NoRecord`] or [`FormatError::SeveralRecords`], with a list of the records of minutiae.
    pub fn choose_minutiae(&self, finger: Option<FingerPosition>) -> Result<usize, FormatError> {
        self.choose(finger, |summary| summary.minutiae.is_some())
    }

    fn choose(
        &self,
        finger: Option<FingerPosition>,
        wanted: impl Fn(&RecordSummary) -> bool,
    ) -> Result<usize, FormatError> {
        let inside: Vec<RecordSummary> = self.contents().into_iter().filter(wanted).collect();
        let fits = |summary: &RecordSummary| finger.is_none_or(|finger| summary.position == Some(finger));
        let chosen: Vec<RecordSummary> = inside.iter().copied().filter(fits).collect();
        match chosen.as_slice() {
            [only] => Ok(only.index),
            [] => Err(FormatError::NoRecord { inside }),
            _ => Err(FormatError::SeveralRecords { inside: chosen }),
        }
    }

    /// The minutiae of record `index` (Type-9, in the standard form or that of INCITS 378), as a record of one view.
    ///
    /// The standard form does not state the image's size. It is that of the image with the same number (IDC) in the file;
    /// without one it is the smallest that holds all minutiae, so that positions are right up to one shift.
    ///
    /// # Errors
    /// As [`TaggedRecord::incits`] and [`TaggedRecord::template`].
    pub fn minutiae(&self, index: usize, limits: &Limits) -> Result<record::Record, FormatError> {
        let Some(Record::Tagged(record)) = self.records.get(index) else {
            return Err(FormatError::Unsupported { what: "minutiae in a record other than Type-9", offset: 0 });
        };
        if record.is_incits() { record.incits(limits) } else { record.standard(self.size_of_idc(record), limits) }
    }

    /// Width and height at 500 ppi of the only image that has the number of a record.
    fn size_of_idc(&self, record: &TaggedRecord) -> Option<(u32, u32)> {
        let wanted = record.field(IDC).and_then(Field::whole)?;
        let has_it = |index: &usize| match self.records.get(*index) {
            Some(Record::Fixed(image)) => u32::from(image.idc) == wanted,
            Some(Record::Tagged(image)) => image.field(IDC).and_then(Field::whole) == Some(wanted),
            _ => false,
        };
        let mut found = self.images().filter(has_it);
        let (Some(index), None) = (found.next(), found.next()) else { return None };
        let stored = Stored::of(self.records.get(index)?)?;
        let (width, height) = stored.own_size().or(stored.stated_size())?;
        let scale = scale_to_500(self.ppi(index).ok()?.get());
        Some((scaled(width, scale), scaled(height, scale)))
    }

    /// Looks for images that are not as their records say.
    pub(super) fn look(&self) -> Vec<Note> {
        let mut notes = Vec::new();
        for (index, record) in self.records.iter().enumerate().take(MAX_LOOKED_AT) {
            let Some(stored) = Stored::of(record) else { continue };
            if stored.data.is_empty() {
                let reason = absence(record);
                notes.push(Note::NoImage { record: index, position: self.position(index), reason });
                continue;
            }
            let Some(actual) = stored.coding() else { continue };
            if stored.stated != Some(actual) {
                notes.push(Note::Coding { record: index, stated: stored.stated, actual });
            }
            let (stated, own) = (stored.stated_size(), stored.own_size());
            if let Some(actual) = own.filter(|own| stated != Some(*own)) {
                notes.push(Note::Size { record: index, stated, actual });
            }
        }
        notes
    }
}

/// A side scaled to the nearest whole number.
#[allow(clippy::as_conversions, reason = "the conversion saturates, and that is wanted")]
fn scaled(side: u32, scale: f32) -> u32 {
    if scale == 1.0 { side } else { (side as f32 * scale).round() as u32 }
}

fn byte(record: &TaggedRecord, field: u16) -> Option<u8> {
    u8::try_from(record.field(field)?.whole()?).ok()
}

/// The code of a finger or palm that a record of an image states.
fn code(record: &Record) -> Option<u8> {
    match record {
        Record::Fixed(record) => record.positions.first().copied().filter(|code| *code != u8::MAX),
        Record::Tagged(record) => byte(record, POSITION),
        Record::Binary { .. } => None,
    }
}

/// Why a record holds no image.
fn absence(record: &Record) -> Absence {
    let Record::Tagged(record) = record else { return Absence::Unstated };
    let reasons = record.field(AMPUTATED).into_iter().flat_map(Field::subfields);
    let codes: Vec<&[u8]> = reasons.filter_map(|mut items| items.nth(1)).collect();
    match codes.as_slice() {
        [first, ..] if first.eq_ignore_ascii_case(b"XX") => Absence::Amputated,
        [first, ..] if first.eq_ignore_ascii_case(b"UP") => Absence::Unprintable,
        _ => Absence::Unstated,
    }
}

fn minutiae_summary(index: usize, record: &TaggedRecord) -> RecordSummary {
    let code = record.minutiae_position();
    RecordSummary {
        index,
        kind: record.kind(),
        position: code.and_then(FingerPosition::from_code),
        code,
        impression: byte(record, 3),
        size: None,
        ppi: None,
        coding: None::<ImageCoding>,
        minutiae: record.minutiae_count(),
    }
}
