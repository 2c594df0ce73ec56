//! Detection of a format.

use super::template_format::TemplateFormat;
use super::{ansi2004, ansi2009, csv, fmr, iso2005, iso2011, piv, sourceafis, ssft, xyt};
use crate::format::error::Reader;

/// Detects the format of a template; `None` when the bytes belong to none. Card formats have no signature and are not
/// detected; NBIS text is taken to be in the NIST convention, its default.
///
/// ```
/// use selfsame::format::{TemplateFormat, detect};
/// assert_eq!(detect(b"101 77 45 80\n"), Some(TemplateFormat::XytNist));
/// assert_eq!(detect(b"x,y,angle_degrees,type,quality\n"), Some(TemplateFormat::Csv));
/// assert_eq!(detect(b"388,374\n"), Some(TemplateFormat::CsvPixels));
/// assert_eq!(detect(b"hello"), None);
/// ```
#[must_use]
pub fn detect(bytes: &[u8]) -> Option<TemplateFormat> {
    if bytes.starts_with(iso2005::MAGIC) {
        return Some(first_edition(bytes));
    }
    if let Some(version) = bytes.strip_prefix(fmr::MAGIC) {
        return match version.get(..4)? {
            ansi2009::AMENDED => Some(TemplateFormat::Ansi2009Am1),
            ansi2009::VERSION if chain(bytes).is_some() => Some(TemplateFormat::Iso2011),
            ansi2009::VERSION => Some(TemplateFormat::Ansi2009),
            _ => None,
        };
    }
    if bytes.starts_with(ssft::MAGIC) {
        return Some(TemplateFormat::Ssft);
    }
    if piv::is(bytes) {
        return Some(TemplateFormat::Piv);
    }
    if sourceafis::detect(bytes) {
        return Some(TemplateFormat::SourceAfis);
    }
    csv::detect(bytes).or_else(|| xyt::detect(bytes).then_some(TemplateFormat::XytNist))
}

/// ISO of 2005 or ANSI of 2004, which begin alike: decided by the length field that is right, or else by its likely
/// size.
fn first_edition(bytes: &[u8]) -> TemplateFormat {
    let mut r = Reader::new(bytes);
    let field = |r: &mut Reader<'_>| r.u16("length").unwrap_or(0);
    let _ = r.take(iso2005::MAGIC.len(), "signature");
    let (first, second, third) = (field(&mut r), field(&mut r), field(&mut r));
    let is = |length: u32| usize::try_from(length).is_ok_and(|l| l == bytes.len());
    let long = |high: u16, low: u16| u32::from(high) << 16 | u32::from(low);
    if is(long(first, second)) {
        return TemplateFormat::Iso2005;
    }
    let ansi = match first {
        0 if is(long(second, third)) => true,
        0 => second < 24,
        short => short >= ansi2004::HEADER,
    };
    if ansi { TemplateFormat::Ansi2004 } else { TemplateFormat::Iso2005 }
}

/// Whether representations of ISO/IEC 19794-2:2011 follow one another up to the end that the header declares, or to the
/// end of the bytes if that comes first.
fn chain(bytes: &[u8]) -> Option<()> {
    let mut r = Reader::new(bytes);
    r.take(iso2011::LENGTH_AT, "signature").ok()?;
    let declared = usize::try_from(r.u32("length").ok()?).ok()?;
    let mut r = Reader::new(bytes.get(..declared).unwrap_or(bytes));
    r.take(iso2011::HEADER.checked_sub(3)?, "header").ok()?;
    let count = r.u16("count").ok()?;
    if r.u8("flag").ok()? > 1 {
        return None;
    }
    for _ in 0..count {
        let rest = r.u32("length").ok()?.checked_sub(4)?;
        r.take(usize::try_from(rest).ok()?, "representation").ok()?;
    }
    (r.left() == 0).then_some(())
}
