//! Records that break their standard in a way that can be read in only one way.

use super::detect::detect;
use super::fields::{Notes, Rules, ends_in_padding};
use super::model::Record;
use super::read::read;
use super::template_format::TemplateFormat;
use super::{ansi2009, fmr, iso2005, piv, ssft};
use crate::format::error::FormatError;
use crate::format::mending::{Mending, is_padding};
use crate::format::text::TextEncoding;
use crate::image::Ppi;
use crate::limits::Limits;

/// Largest record whose lengths of extensions are tried out, bytes; the largest that a maker is likely to write.
const MAX_TRIED: usize = 1 << 17;
/// Most lengths that are tried out.
const MAX_LENGTHS: usize = 32;
/// Errors of makers in the lengths of extensions, bytes: one more or less, the field of the length itself, or the header.
const OFF_BY: [i32; 6] = [1, -1, 2, -2, 4, -4];

/// A record that was mended, and the format that it was read in.
pub(super) struct Mended {
    pub(super) record: Record,
    pub(super) format: TemplateFormat,
}

/// The record that bytes hold which break a rule; `None` when there is none, or when they can be read in several ways.
pub(super) fn mend(bytes: &[u8], format: Option<TemplateFormat>, ppi: Option<Ppi>, limits: &Limits) -> Option<Mended> {
    binary(bytes, format, ppi, limits).or_else(|| text(bytes, format, ppi, limits))
}

/// A record in text.
fn text(bytes: &[u8], format: Option<TemplateFormat>, ppi: Option<Ppi>, limits: &Limits) -> Option<Mended> {
    TextEncoding::ALL.into_iter().find_map(|encoding| {
        let inside = encoding.decode(bytes)?;
        let found = detect(&inside);
        let known = found.is_some() || inside.starts_with(fmr::MAGIC) || piv::padded(&inside).is_some();
        let as_it_is = || {
            let format = format.or(found)?;
            let record = read(&inside, format, ppi, Rules::strict(limits)).ok()?;
            Some(Mended { record, format })
        };
        let mut mended =
            if known { as_it_is().or_else(|| binary(&inside, format, ppi, limits))? } else { return None };
        mended.record.mendings.insert(0, Mending::Text(encoding));
        Some(mended)
    })
}

/// A record of bytes.
fn binary(bytes: &[u8], format: Option<TemplateFormat>, ppi: Option<Ppi>, limits: &Limits) -> Option<Mended> {
    let mut all = Vec::new();
    for &candidate in candidates(bytes).iter().filter(|&&c| format.is_none_or(|format| format == c)) {
        all.extend(readings(bytes, candidate, ppi, limits));
    }
    if all.is_empty() {
        all.extend(drafts(bytes, limits).into_iter().filter(|m| format.is_none_or(|format| format == m.format)));
    }
    if all.is_empty() {
        all.extend(padded_text(bytes, format, ppi, limits));
    }
    // A reading that takes no length for wrong explains more than one that does.
    if all.iter().any(is_measured) {
        all.retain(is_measured);
    }
    let first = all.pop()?;
    let several = all.iter().any(|other| other.format != first.format || other.record.views != first.record.views);
    (!several).then_some(first)
}

/// Whether all stated lengths of a record were right, apart from the mended ones of extensions.
fn is_measured(mended: &Mended) -> bool {
    !mended.record.mendings.iter().any(|m| matches!(m, Mending::Length { .. }))
}

/// The formats that bytes may be in, by their first bytes.
fn candidates(bytes: &[u8]) -> &'static [TemplateFormat] {
    use TemplateFormat as F;
    if bytes.starts_with(iso2005::MAGIC) {
        return &[F::Iso2005, F::Ansi2004];
    }
    if let Some(version) = bytes.strip_prefix(fmr::MAGIC) {
        return match version.get(..4) {
            Some(ansi2009::VERSION) => &[F::Iso2011, F::Ansi2009],
            Some(ansi2009::AMENDED) => &[F::Ansi2009Am1],
            _ => &[],
        };
    }
    match () {
        () if bytes.starts_with(ssft::MAGIC) => &[F::Ssft],
        () if piv::is(bytes) || piv::padded(bytes).is_some() => &[F::Piv],
        () => &[],
    }
}

/// The ways to read a record in one format.
fn readings(bytes: &[u8], format: TemplateFormat, ppi: Option<Ppi>, limits: &Limits) -> Vec<Mended> {
    let notes = Notes::default();
    let first = tolerant(bytes, format, ppi, limits, &notes);
    let wrong = !matches!(&first, Ok(mended) if is_measured(mended));
    let mut all: Vec<_> = first.into_iter().collect();
    if !wrong || bytes.len() > MAX_TRIED {
        return all;
    }
    let mut lengths = notes.lengths.take();
    lengths.sort_unstable();
    lengths.dedup();
    // A wrong length is found out soon after it.
    for &at in lengths.iter().rev().take(MAX_LENGTHS) {
        let place = at..at.saturating_add(2);
        let Some(&[high, low]) = bytes.get(place.clone()) else { continue };
        let declared = u16::from_be_bytes([high, low]);
        for used in OFF_BY.iter().filter_map(|by| u16::try_from(i32::from(declared).checked_add(*by)?).ok()) {
            let mut changed = bytes.to_vec();
            let Some(field) = changed.get_mut(place.clone()) else { continue };
            field.copy_from_slice(&used.to_be_bytes());
            let Ok(mut mended) = tolerant(&changed, format, ppi, limits, &Notes::default()) else { continue };
            if is_measured(&mended) {
                mended.record.mendings.insert(0, Mending::ExtensionLength { offset: at, declared, used });
                all.push(mended);
            }
        }
    }
    all
}

/// Reads a record and mends what needs no second try.
fn tolerant(
    bytes: &[u8],
    format: TemplateFormat,
    ppi: Option<Ppi>,
    limits: &Limits,
    notes: &Notes,
) -> Result<Mended, FormatError> {
    let mut record = read(bytes, format, ppi, Rules { limits, notes: Some(notes) })?;
    record.mendings = notes.mendings.take();
    let padded = record.mendings.iter().any(|m| matches!(m, Mending::Padding { .. }));
    if padded && record.views.last().is_some_and(ends_in_padding) {
        // A cut record in a field of fixed size: its last bytes are padding.
        return Err(FormatError::UnknownFormat);
    }
    Ok(Mended { record, format })
}

/// Headers of drafts: the numbers of known versions, written otherwise.
fn drafts(bytes: &[u8], limits: &Limits) -> Vec<Mended> {
    use TemplateFormat as F;
    let Some(header @ [b'F', b'M', b'R', 0 | b' ', version @ ..]) = bytes.get(..8) else { return Vec::new() };
    let digits: Vec<u8> = version.iter().copied().filter(u8::is_ascii_digit).skip_while(|b| *b == b'0').collect();
    let blank = version.iter().all(|b| b.is_ascii_digit() || matches!(b, 0 | b' '));
    let (magic, formats) = match digits.as_slice() {
        b"10" | b"20" if blank => (iso2005::MAGIC, &[F::Iso2005, F::Ansi2004][..]),
        b"30" if blank => (&b"FMR\x00030\0"[..], &[F::Iso2011, F::Ansi2009][..]),
        b"35" if blank => (&b"FMR\x00035\0"[..], &[F::Ansi2009Am1][..]),
        _ => return Vec::new(),
    };
    if header == magic {
        return Vec::new();
    }
    let changed = [magic, bytes.get(8..).unwrap_or_default()].concat();
    let as_edition = |&format: &TemplateFormat| {
        let mut record = read(&changed, format, None, Rules::strict(limits)).ok()?;
        record.mendings.push(Mending::Draft { edition: format.name() });
        Some(Mended { record, format })
    };
    formats.iter().filter_map(as_edition).collect()
}

/// Text that is followed by zeros.
fn padded_text(bytes: &[u8], format: Option<TemplateFormat>, ppi: Option<Ppi>, limits: &Limits) -> Option<Mended> {
    use TemplateFormat as F;
    let offset = bytes.iter().rposition(|b| *b != 0)?.checked_add(1)?;
    let (text, rest) = bytes.split_at_checked(offset)?;
    let format = format.or_else(|| detect(text))?;
    let is_text = matches!(format, F::XytNist | F::XytM1 | F::Csv | F::CsvPixels);
    if !is_text || rest.is_empty() || !is_padding(rest) {
        return None;
    }
    let mut record = read(text, format, ppi, Rules::strict(limits)).ok()?;
    record.mendings.push(Mending::Padding { offset, bytes: rest.len() });
    Some(Mended { record, format })
}
