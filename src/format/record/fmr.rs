//! Parts that finger minutiae records of all editions share: minutiae of 5 or 6 bytes, and extension areas.

use super::fields::Rules;
use super::model::{Core, Delta, Extension, ExtensionLength, RecordKind, RecordMinutia};
use super::number::{ansi_code, ansi_direction, direction, nearest_direction, round_u16};
use crate::bytes::Writer;
use crate::fingerprint::template::FingerTemplate;
use crate::format::error::{FormatError, Reader};
use crate::geometry::Angle;

/// The first bytes of every edition.
pub(super) const MAGIC: &[u8] = b"FMR\0";
/// Steps of a direction in the ISO editions.
const ISO_STEPS: u16 = 256;
/// Directions of the ANSI editions: 180 of 2 degrees.
const ANSI_STEPS: u8 = 180;
/// Set in the first 2 bits of a core or delta (ISO), or beside their count (ANSI): directions follow.
const DIRECTED: u16 = 0x4000;
const ANSI_DIRECTED: u8 = 0x40;
/// Most cores, and most deltas: 4 bits.
pub(super) const MAX_SINGULAR: usize = 15;
/// Type and length of an extension, bytes.
const EXTENSION_HEADER: u16 = 4;
/// Largest number of bits per cell that zones are read with.
const MAX_ZONE_BITS: u8 = 8;

/// Encoding of directions in an edition.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// 256 levels.
    Iso,
    /// 180 intervals of 2 degrees.
    Ansi,
}

impl Dialect {
    fn decode(self, code: u8) -> Option<Angle> {
        match self {
            Self::Iso => Some(direction(code.into(), ISO_STEPS)),
            Self::Ansi => (code < ANSI_STEPS).then(|| ansi_direction(code)),
        }
    }

    fn encode(self, angle: Angle) -> u8 {
        match self {
            Self::Iso => u8::try_from(nearest_direction(angle, ISO_STEPS)).unwrap_or(0),
            Self::Ansi => ansi_code(angle),
        }
    }
}

/// The kind of a code of 2 bits.
pub(super) fn kind(code: u16) -> RecordKind {
    match code & 3 {
        0 => RecordKind::Other,
        1 => RecordKind::Ending,
        2 => RecordKind::Bifurcation,
        _ => RecordKind::Reserved,
    }
}

/// The code of a kind, 2 bits.
pub(super) fn kind_code(kind: RecordKind) -> u16 {
    match kind {
        RecordKind::Other => 0,
        RecordKind::Ending => 1,
        RecordKind::Bifurcation => 2,
        RecordKind::Reserved => 3,
    }
}

/// Reads `count` minutiae of 6 bytes, or 5 without quality; all within `width` by `height`.
pub(super) fn read_minutiae(
    r: &mut Reader<'_>,
    count: usize,
    (width, height): (u32, u32),
    dialect: Dialect,
    with_quality: bool,
) -> Result<Vec<RecordMinutia>, FormatError> {
    let size = if with_quality { 6 } else { 5 };
    let start = r.offset();
    let bytes = r.take(count.saturating_mul(size), "minutiae")?;
    let mut minutiae = Vec::with_capacity(count);
    for (index, chunk) in bytes.chunks_exact(size).enumerate() {
        let offset = start.saturating_add(index.saturating_mul(size));
        let &[x0, x1, y0, y1, angle, ref rest @ ..] = chunk else { continue };
        let (x, y) = (u16::from_be_bytes([x0, x1]), u16::from_be_bytes([y0, y1]));
        if u32::from(x & FingerTemplate::MAX_COORDINATE) >= width
            || u32::from(y & FingerTemplate::MAX_COORDINATE) >= height
        {
            return Err(FormatError::Outside { offset });
        }
        let Some(direction) = dialect.decode(angle) else {
            let (what, offset) = ("minutia direction", offset.saturating_add(4));
            return Err(FormatError::Value { what, offset, value: angle.into(), expected: "0 to 179 are allowed" });
        };
        minutiae.push(RecordMinutia {
            x: f32::from(x & FingerTemplate::MAX_COORDINATE),
            y: f32::from(y & FingerTemplate::MAX_COORDINATE),
            direction,
            kind: kind(x >> 14),
            quality: rest.first().copied().unwrap_or(0),
            reserved: u8::try_from(y >> 14).unwrap_or(0),
        });
    }
    Ok(minutiae)
}

/// Writes minutiae of 6 bytes, or 5 without quality.
pub(super) fn write_minutiae(out: &mut Writer, minutiae: &[RecordMinutia], dialect: Dialect, with_quality: bool) {
    for m in minutiae {
        let [x0, x1] = (kind_code(m.kind) << 14 | coordinate(m.x)).to_be_bytes();
        let [y0, y1] = (u16::from(m.reserved & 3) << 14 | coordinate(m.y)).to_be_bytes();
        let bytes = [x0, x1, y0, y1, dialect.encode(m.direction), m.quality];
        out.bytes(if with_quality { &bytes } else { bytes.split_last().map_or(&[][..], |(_, five)| five) });
    }
}

/// A coordinate in 14 bits.
pub(super) fn coordinate(value: f32) -> u16 {
    round_u16(value).min(FingerTemplate::MAX_COORDINATE)
}

/// Reads the extension area: its length, then extensions that fill it exactly. If `either` length of an extension is
/// allowed, the one that fills the area is used; the length of the data alone is tried first.
pub(super) fn read_extensions(
    r: &mut Reader<'_>,
    dialect: Dialect,
    either: bool,
    rules: Rules<'_>,
) -> Result<(Vec<Extension>, ExtensionLength), FormatError> {
    rules.length_at(r.offset());
    let length = usize::from(r.u16("extension area length")?);
    if length == 0 {
        return Ok((Vec::new(), ExtensionLength::Standard));
    }
    let start = r.offset();
    let area = r.take(length, "extension area")?;
    if either && let Ok(extensions) = walk(area, start, dialect, false, rules) {
        return Ok((extensions, ExtensionLength::Standard));
    }
    let kind = if either { ExtensionLength::Inclusive } else { ExtensionLength::Standard };
    walk(area, start, dialect, true, rules).map(|extensions| (extensions, kind))
}

fn walk(
    area: &[u8],
    start: usize,
    dialect: Dialect,
    inclusive: bool,
    rules: Rules<'_>,
) -> Result<Vec<Extension>, FormatError> {
    let mut r = Reader::new(area);
    let mut extensions = Vec::new();
    while r.left() > 0 {
        let offset = start.saturating_add(r.offset());
        let wrong = |value: u64| FormatError::Value {
            what: "extension length",
            offset: offset.saturating_add(2),
            value,
            expected: "extensions must fill their area",
        };
        let (Ok(code), Ok(length)) = (r.u16("extension type"), r.u16("extension length")) else {
            return Err(wrong(r.left().try_into().unwrap_or(u64::MAX)));
        };
        rules.length_at(offset.saturating_add(2));
        let data = if inclusive { length.checked_sub(EXTENSION_HEADER) } else { Some(length) };
        let data = data.ok_or(wrong(length.into()))?;
        let data = r.take(data.into(), "extension data").map_err(|_| wrong(length.into()))?;
        extensions.push(read_extension(code, data, dialect));
    }
    Ok(extensions)
}

/// An extension of a known type if writing it gives the same data; otherwise its bytes.
fn read_extension(code: u16, data: &[u8], dialect: Dialect) -> Extension {
    let known = match code {
        1 => read_ridge_counts(data),
        2 => read_singular(data, dialect),
        3 => read_zones(data),
        _ => None,
    };
    let same = |e: &Extension| {
        let mut out = Writer::default();
        write_data(&mut out, e, dialect);
        out.finish() == data
    };
    known.filter(same).unwrap_or_else(|| Extension::Other { code, data: data.to_vec() })
}

fn read_ridge_counts(data: &[u8]) -> Option<Extension> {
    let (method, triples) = data.split_first()?;
    let (counts, rest) = triples.as_chunks::<3>();
    rest.is_empty().then(|| Extension::RidgeCounts { method: *method, counts: counts.to_vec() })
}

fn read_zones(data: &[u8]) -> Option<Extension> {
    let &[cell_width, cell_height, bits, ref packed @ ..] = data else { return None };
    let sound = cell_width > 0 && cell_height > 0 && (1..=MAX_ZONE_BITS).contains(&bits);
    sound.then(|| Extension::Zones { cell_width, cell_height, bits, packed: packed.to_vec() })
}

fn read_singular(data: &[u8], dialect: Dialect) -> Option<Extension> {
    let mut r = Reader::new(data);
    let (cores, all) = count(&mut r, dialect)?;
    let mut found = Vec::with_capacity(cores);
    for _ in 0..cores {
        let (x, y, directed) = point(&mut r, dialect, all)?;
        let direction = if directed { Some(dialect.decode(r.u8("core").ok()?)?) } else { None };
        found.push(Core { x, y, direction });
    }
    let (number, all) = count(&mut r, dialect)?;
    let mut deltas = Vec::with_capacity(number);
    for _ in 0..number {
        let (x, y, directed) = point(&mut r, dialect, all)?;
        let directions = if directed {
            let mut three = [Angle::default(); 3];
            for angle in &mut three {
                *angle = dialect.decode(r.u8("delta").ok()?)?;
            }
            Some(three)
        } else {
            None
        };
        deltas.push(Delta { x, y, directions });
    }
    (r.left() == 0).then_some(Extension::Singular { cores: found, deltas })
}

/// A number of cores or deltas, at most 15, and in the ANSI editions whether all of them have directions.
fn count(r: &mut Reader<'_>, dialect: Dialect) -> Option<(usize, bool)> {
    let byte = r.u8("count").ok()?;
    let (count, all) = match dialect {
        Dialect::Iso => (byte, false),
        Dialect::Ansi => (byte & 0x0F, byte & ANSI_DIRECTED != 0),
    };
    (usize::from(count) <= MAX_SINGULAR).then_some((count.into(), all))
}

fn point(r: &mut Reader<'_>, dialect: Dialect, all: bool) -> Option<(f32, f32, bool)> {
    let (x, y) = (r.u16("x").ok()?, r.u16("y").ok()?);
    let directed = match dialect {
        Dialect::Iso => x & DIRECTED != 0,
        Dialect::Ansi => all,
    };
    Some((f32::from(x & FingerTemplate::MAX_COORDINATE), f32::from(y & FingerTemplate::MAX_COORDINATE), directed))
}

/// The extensions, each with whether the area of 65,535 bytes has room for it; earlier ones come first.
pub(super) fn that_fit(extensions: &[Extension], dialect: Dialect) -> impl Iterator<Item = (&Extension, bool)> {
    let mut left = usize::from(u16::MAX);
    extensions.iter().map(move |extension| {
        let rest = left.checked_sub(size(extension, dialect));
        left = rest.unwrap_or(left);
        (extension, rest.is_some())
    })
}

/// Bytes of an extension with its header.
fn size(extension: &Extension, dialect: Dialect) -> usize {
    let data = match extension {
        Extension::RidgeCounts { counts, .. } => counts.as_flattened().len().saturating_add(1),
        Extension::Zones { packed, .. } => packed.len().saturating_add(3),
        Extension::Other { data, .. } => data.len(),
        Extension::Singular { .. } => {
            let mut out = Writer::default();
            write_data(&mut out, extension, dialect);
            out.len()
        }
    };
    data.saturating_add(EXTENSION_HEADER.into())
}

/// Writes the extension area with its length; extensions that do not fit were already dropped.
pub(super) fn write_extensions(out: &mut Writer, extensions: &[Extension], dialect: Dialect, inclusive: bool) {
    let at = out.len();
    out.u16(0);
    let start = out.len();
    for (extension, _) in that_fit(extensions, dialect).filter(|(_, fits)| *fits) {
        let begin = out.len();
        out.u16(code(extension));
        out.u16(0);
        write_data(out, extension, dialect);
        let whole = u16::try_from(out.len().saturating_sub(begin)).unwrap_or(u16::MAX);
        let length = if inclusive { whole } else { whole.saturating_sub(EXTENSION_HEADER) };
        out.put(begin.saturating_add(2), &length.to_be_bytes());
    }
    let length = u16::try_from(out.len().saturating_sub(start)).unwrap_or(u16::MAX);
    out.put(at, &length.to_be_bytes());
}

fn code(extension: &Extension) -> u16 {
    match extension {
        Extension::RidgeCounts { .. } => 1,
        Extension::Singular { .. } => 2,
        Extension::Zones { .. } => 3,
        Extension::Other { code, .. } => *code,
    }
}

fn write_data(out: &mut Writer, extension: &Extension, dialect: Dialect) {
    match extension {
        Extension::RidgeCounts { method, counts } => {
            out.u8(*method);
            out.bytes(counts.as_flattened());
        }
        Extension::Zones { cell_width, cell_height, bits, packed } => {
            out.bytes(&[*cell_width, *cell_height, *bits]);
            out.bytes(packed);
        }
        Extension::Singular { cores, deltas } => {
            let all = !cores.is_empty() && cores.iter().all(|c| c.direction.is_some());
            write_count(out, cores.len(), dialect, all);
            for core in cores.iter().take(MAX_SINGULAR) {
                let angles = core.direction.map(|d| [d]);
                write_point(out, core.x, core.y, angles.as_ref().map(|a| &a[..]), dialect, all);
            }
            let all = !deltas.is_empty() && deltas.iter().all(|d| d.directions.is_some());
            write_count(out, deltas.len(), dialect, all);
            for delta in deltas.iter().take(MAX_SINGULAR) {
                write_point(out, delta.x, delta.y, delta.directions.as_ref().map(|a| &a[..]), dialect, all);
            }
        }
        Extension::Other { data, .. } => out.bytes(data),
    }
}

fn write_count(out: &mut Writer, count: usize, dialect: Dialect, all: bool) {
    let count = u8::try_from(count.min(MAX_SINGULAR)).unwrap_or(0);
    out.u8(if dialect == Dialect::Ansi && all { count | ANSI_DIRECTED } else { count });
}

fn write_point(out: &mut Writer, x: f32, y: f32, angles: Option<&[Angle]>, dialect: Dialect, all: bool) {
    let angles = angles.filter(|_| dialect == Dialect::Iso || all);
    let flag = if dialect == Dialect::Iso && angles.is_some() { DIRECTED } else { 0 };
    out.u16(flag | coordinate(x));
    out.u16(coordinate(y));
    for angle in angles.unwrap_or_default() {
        out.u8(dialect.encode(*angle));
    }
}
