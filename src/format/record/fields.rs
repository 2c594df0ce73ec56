//! Fields with a range, and functions that encoders share.

use std::cell::{Cell, RefCell};

use super::model::{Extension, PIXELS_PER_CM, RecordMinutia, SampleQuality, View};
use super::number::{round_u16, round_u32};
use crate::fingerprint::position::FingerPosition;
use crate::fingerprint::template::FingerTemplate;
use crate::format::error::{FormatError, Reader};
use crate::format::mending::{Mending, is_padding};
use crate::limits::Limits;

/// Qualities not computed and failed: the later editions define them, and NIST SP 800-76 for the older ones.
const SPECIAL_QUALITY: u8 = 254;
/// Largest resolution that is taken literally, pixels per cm: 4000 ppi.
const MAX_RESOLUTION: u16 = 1575;
/// Smallest resolution that the standards allow, pixels per cm.
const MIN_RESOLUTION: u16 = 99;

/// Rules for reading a record.
#[derive(Clone, Copy)]
pub(super) struct Rules<'a> {
    pub(super) limits: &'a Limits,
    /// Where a lenient reading notes what it mends; a strict one mends nothing.
    pub(super) notes: Option<&'a Notes>,
}

/// What a lenient reading found on its way.
#[derive(Default)]
pub(super) struct Notes {
    /// What was mended.
    pub(super) mendings: RefCell<Vec<Mending>>,
    /// Offsets of the lengths of extensions and of their areas.
    pub(super) lengths: RefCell<Vec<usize>>,
    /// The stated length of the record, and its offset.
    whole: Cell<Option<(u32, usize)>>,
}

impl Notes {
    pub(super) fn mended(&self, mending: Mending) {
        self.mendings.borrow_mut().push(mending);
    }
}

impl Rules<'_> {
    /// Rules that mend nothing.
    pub(super) fn strict(limits: &Limits) -> Rules<'_> {
        Rules { limits, notes: None }
    }

    /// The image that minutiae must lie in.
    pub(super) fn image(self, width: u32, height: u32) -> (u32, u32) {
        if self.notes.is_some() { (u32::MAX, u32::MAX) } else { (width, height) }
    }

    /// Notes minutiae that lie outside the image.
    pub(super) fn outside(self, minutiae: &[RecordMinutia], width: u32, height: u32) {
        let Some(notes) = self.notes else { return };
        let over = |place: f32, side: u32| round_u32(place) >= side;
        let count = minutiae.iter().filter(|m| over(m.x, width) || over(m.y, height)).count();
        if count > 0 {
            notes.mended(Mending::Outside { minutiae: count });
        }
    }

    /// Notes where the length of an extension or of an area of extensions is.
    pub(super) fn length_at(self, offset: usize) {
        if let Some(notes) = self.notes {
            notes.lengths.borrow_mut().push(offset);
        }
    }

    /// Whether a length that differs from what was read may be passed over.
    pub(super) fn passes(self, what: &'static str, offset: usize, declared: u64, used: u64) -> bool {
        match self.notes {
            _ if declared == used => true,
            Some(notes) => {
                notes.mended(Mending::Length { what, offset, declared, used });
                true
            }
            None => false,
        }
    }
}

/// The bytes must begin with `magic`.
pub(super) fn signature(r: &mut Reader<'_>, magic: &[u8], expected: &'static str) -> Result<(), FormatError> {
    let offset = r.offset();
    if r.take(magic.len(), "signature")? == magic {
        return Ok(());
    }
    Err(FormatError::Signature { expected, offset })
}

/// The name of the length of a record in errors.
const RECORD_LENGTH: &str = "the record length";

/// A length that must equal the length of the input; a lenient reading compares it with what was read, in [`end`].
pub(super) fn whole(declared: u32, offset: usize, bytes: &[u8], rules: Rules<'_>) -> Result<(), FormatError> {
    let actual = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    if let Some(notes) = rules.notes {
        notes.whole.set(Some((declared, offset)));
        return Ok(());
    }
    if u64::from(declared) == actual {
        return Ok(());
    }
    Err(FormatError::Length { what: RECORD_LENGTH, offset, declared: declared.into(), actual })
}

/// No bytes may be left; a lenient reading passes over padding.
pub(super) fn end(r: &Reader<'_>, rules: Rules<'_>) -> Result<(), FormatError> {
    let actual = u64::try_from(r.left()).unwrap_or(u64::MAX);
    if let Some(notes) = rules.notes {
        if let Some((declared, offset)) = notes.whole.take() {
            let used = u64::try_from(r.offset()).unwrap_or(u64::MAX);
            let all = used.saturating_add(actual);
            // Before padding, a length that is neither the record's nor the input's may be that of a record that was cut.
            if actual > 0 && u64::from(declared) != used && u64::from(declared) != all {
                return Err(FormatError::Length {
                    what: RECORD_LENGTH,
                    offset,
                    declared: declared.into(),
                    actual: used,
                });
            }
            rules.passes(RECORD_LENGTH, offset, declared.into(), used);
        }
        if r.left() > 0 && is_padding(r.rest()) {
            notes.mended(Mending::Padding { offset: r.offset(), bytes: r.left() });
            return Ok(());
        }
    }
    if r.left() == 0 {
        return Ok(());
    }
    Err(FormatError::Length { what: "what follows the record", offset: r.offset(), declared: 0, actual })
}

/// Whether the end of a view may be padding that was taken for data, so that the view was cut: bytes of 0 or 255 only.
pub(super) fn ends_in_padding(view: &View) -> bool {
    let fill =
        |bytes: &[u8]| !bytes.is_empty() && (bytes.iter().all(|&b| b == 0) || bytes.iter().all(|&b| b == u8::MAX));
    if let Some(extension) = view.extensions.last() {
        return match extension {
            Extension::RidgeCounts { counts, .. } => counts.last().is_some_and(|last| fill(last)),
            Extension::Zones { packed, .. } => packed.last().is_some_and(|last| fill(&[*last])),
            Extension::Singular { cores, deltas } => {
                let places = cores.iter().map(|c| (c.x, c.y)).chain(deltas.iter().map(|d| (d.x, d.y)));
                places.last().is_some_and(|(x, y)| x == y && is_fill(x))
            }
            Extension::Other { code, data } => *code == 0 || *code == u16::MAX || fill(data),
        };
    }
    // Neither can the number of minutiae be believed when it is 0.
    let Some((last, others)) = view.minutiae.split_last() else { return true };
    // A minutia that was cut lacks its quality, which comes last.
    let value = |m: &RecordMinutia| m.quality == 0 || m.quality == u8::MAX;
    let alone = !others.is_empty() && value(last) && !others.iter().any(value);
    alone || (last.x == last.y && is_fill(last.x) && value(last))
}

/// Whether a coordinate has bits of one value only.
fn is_fill(place: f32) -> bool {
    place == 0.0 || place == f32::from(FingerTemplate::MAX_COORDINATE)
}

pub(super) fn side(r: &mut Reader<'_>, what: &'static str) -> Result<u32, FormatError> {
    let offset = r.offset();
    match r.u16(what)? {
        0 => Err(FormatError::Value { what, offset, value: 0, expected: "at least 1 is needed" }),
        value => Ok(value.into()),
    }
}

pub(super) fn resolution(r: &mut Reader<'_>, what: &'static str) -> Result<u16, FormatError> {
    let offset = r.offset();
    let value = r.u16(what)?;
    if (MIN_RESOLUTION..=MAX_RESOLUTION).contains(&value) {
        return Ok(value);
    }
    Err(FormatError::Value { what, offset, value: value.into(), expected: "99 to 1575 pixels per cm are allowed" })
}

pub(super) fn position(r: &mut Reader<'_>) -> Result<FingerPosition, FormatError> {
    let offset = r.offset();
    let code = r.u8("finger position")?;
    let wrong =
        FormatError::Value { what: "finger position", offset, value: code.into(), expected: "0 to 10 are allowed" };
    FingerPosition::from_code(code).ok_or(wrong)
}

/// A sample quality; 254 (not computed) and 255 (failed) are kept, and templates read from the record have no quality.
pub(super) fn quality(r: &mut Reader<'_>) -> Result<u8, FormatError> {
    let offset = r.offset();
    let value = r.u8("sample quality")?;
    if value <= FingerTemplate::MAX_QUALITY || value >= SPECIAL_QUALITY {
        return Ok(value);
    }
    let (what, value) = ("sample quality", value.into());
    Err(FormatError::Value { what, offset, value, expected: "0 to 100, 254 and 255 are allowed" })
}

/// A quality from formats that hold a score without its origin.
pub(super) fn plain_quality(score: u8) -> Vec<SampleQuality> {
    if score == 0 { Vec::new() } else { vec![SampleQuality { score, vendor: 0, algorithm: 0 }] }
}

/// The first quality, or 0; those that no edition defines become 0.
pub(super) fn first_quality(view: &View) -> u8 {
    let defined = |q: u8| q <= FingerTemplate::MAX_QUALITY || q >= SPECIAL_QUALITY;
    view.qualities.first().map(|q| q.score).filter(|&q| defined(q)).unwrap_or(0)
}

/// Checks a declared number of views of at least `size` bytes each against the limits and the bytes left.
pub(super) fn views(
    r: &Reader<'_>,
    offset: usize,
    count: usize,
    size: usize,
    limits: &Limits,
) -> Result<(), FormatError> {
    limits.check_views(count)?;
    if count == 0 {
        return Err(FormatError::Value { what: "number of views", offset, value: 0, expected: "at least 1 is needed" });
    }
    if count > r.left().checked_div(size).unwrap_or(0) {
        let value = u64::try_from(count).unwrap_or(u64::MAX);
        return Err(FormatError::Value {
            what: "number of views",
            offset,
            value,
            expected: "the record is too short for them",
        });
    }
    Ok(())
}

/// A view's resolution, clamped to the range of the standards.
pub(super) fn admitted(view: &View) -> (u16, u16) {
    let admit = |r: u16| if r == 0 { PIXELS_PER_CM } else { r.clamp(MIN_RESOLUTION, MAX_RESOLUTION) };
    (admit(view.x_resolution), admit(view.y_resolution))
}

/// The smallest image that holds the minutiae.
pub(super) fn holding(minutiae: &[RecordMinutia]) -> (u32, u32) {
    let side = |of: fn(&RecordMinutia) -> f32| round_u32(minutiae.iter().map(of).fold(0.0, f32::max).ceil());
    (side(|m| m.x).saturating_add(1), side(|m| m.y).saturating_add(1))
}

/// The view's image size, enlarged to hold its minutiae, within 1 and 65,535.
pub(super) fn size(view: &View) -> (u16, u16) {
    let grown = |side: u16, coordinate: f32| {
        side.max(round_u16(coordinate).min(FingerTemplate::MAX_COORDINATE).saturating_add(1))
    };
    let side = |side: u32| u16::try_from(side).unwrap_or(u16::MAX).max(1);
    let start = (side(view.width), side(view.height));
    view.minutiae.iter().fold(start, |(w, h), m| (grown(w, m.x), grown(h, m.y)))
}
