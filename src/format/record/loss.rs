//! Data that a format cannot hold, and reduction of records to a format.

use std::borrow::Cow;
use std::fmt;

use super::convert::{lowest, template, thirds};
use super::fields::admitted;
use super::fmr::{Dialect, MAX_SINGULAR, that_fit};
use super::model::{Extension, PIXELS_PER_CM, Record, RecordKind, RecordMinutia, View};
use super::scale::{rescale, scaled_side, scales, turned};
use super::template_format::TemplateFormat;
use super::{card, csv, piv, sourceafis};
use crate::fingerprint::template::FingerTemplate;
use crate::geometry::Angle;

/// Largest rounding of an arm of a delta, radians: slightly more than 2 degrees.
const ROUNDED_WAY: f32 = 0.04;

/// Kinds of data that are lost when a record is written in a format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Lost {
    /// Views beyond the number that the format holds.
    Views,
    /// Minutiae beyond the number that the format holds (the worst go first) or outside its range.
    Minutiae,
    /// Kinds of minutiae.
    Kinds,
    /// Qualities of minutiae.
    MinutiaQualities,
    /// Reserved bits.
    Reserved,
    /// Finger positions.
    Positions,
    /// View numbers, or their higher bits.
    Numbers,
    /// Impression types, or their higher bits.
    Impressions,
    /// Sample qualities.
    Qualities,
    /// Origins (vendor and algorithm) of sample qualities.
    QualityOrigins,
    /// Image sizes.
    Sizes,
    /// Resolutions: coordinates were rescaled.
    Resolutions,
    /// Cores and deltas.
    SingularPoints,
    /// Directions of cores and deltas.
    SingularDirections,
    /// Ridge counts.
    RidgeCounts,
    /// Zonal quality.
    Zones,
    /// Vendors' extensions.
    Extensions,
    /// Vendor, number of the format, or certification of the equipment.
    Equipment,
    /// Device ids, or their higher bits.
    DeviceIds,
    /// Time of capture, sensor and its certifications.
    Captures,
    /// Classes of patterns.
    Patterns,
    /// Reasons for a poor quality.
    Reasons,
    /// Extraction methods.
    Methods,
    /// Ridge flow.
    RidgeFlows,
    /// The wrapper and its signature.
    Wrappers,
}

impl Lost {
    /// A short name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Views => "views",
            Self::Minutiae => "minutiae",
            Self::Kinds => "kinds of minutiae",
            Self::MinutiaQualities => "qualities of minutiae",
            Self::Reserved => "reserved bits",
            Self::Positions => "finger positions",
            Self::Numbers => "view numbers",
            Self::Impressions => "impression types",
            Self::Qualities => "sample qualities",
            Self::QualityOrigins => "origins of sample qualities",
            Self::Sizes => "image sizes",
            Self::Resolutions => "resolutions",
            Self::SingularPoints => "cores and deltas",
            Self::SingularDirections => "directions of cores and deltas",
            Self::RidgeCounts => "ridge counts",
            Self::Zones => "zonal qualities",
            Self::Extensions => "vendor extensions",
            Self::Equipment => "equipment fields",
            Self::DeviceIds => "device ids",
            Self::Captures => "capture fields",
            Self::Patterns => "pattern classes",
            Self::Reasons => "reasons of poor quality",
            Self::Methods => "extraction methods",
            Self::RidgeFlows => "ridge flows",
            Self::Wrappers => "wrappers",
        }
    }
}

/// The lost kinds of data with their counts; rounding to the units of the format is not counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Losses(Vec<(Lost, usize)>);

impl Losses {
    /// Whether everything was kept.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each lost kind of data with its count.
    pub fn iter(&self) -> impl Iterator<Item = (Lost, usize)> {
        self.0.iter().copied()
    }

    /// Number of lost items of the kind `what`.
    #[must_use]
    pub fn count(&self, what: Lost) -> usize {
        self.0.iter().find(|(w, _)| *w == what).map_or(0, |(_, n)| *n)
    }

    fn add(&mut self, what: Lost, count: usize) {
        if count == 0 {
            return;
        }
        match self.0.iter_mut().find(|(w, _)| *w == what) {
            Some((_, n)) => *n = n.saturating_add(count),
            None => self.0.push((what, count)),
        }
    }

    fn add_if(&mut self, what: Lost, lost: bool) {
        self.add(what, lost.into());
    }
}

impl fmt::Display for Losses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, (what, count)) in self.iter().enumerate() {
            write!(f, "{}{} ({count})", if i > 0 { ", " } else { "" }, what.name())?;
        }
        Ok(())
    }
}

/// The resolution at which a format writes coordinates.
#[derive(Clone, Copy, PartialEq)]
enum Resolution {
    Own,
    First,
    Fixed(u16),
}

struct Shape {
    views: usize,
    minutiae: usize,
    least: f32,
    largest: f32,
    /// Positions are not rounded to whole units.
    exact: bool,
    resolution: Resolution,
}

impl Shape {
    /// Whether the position of a minutia can be written.
    fn holds(&self, minutia: &RecordMinutia) -> bool {
        let range = self.least..=self.largest;
        let as_written = |v: f32| if self.exact { v } else { v.round() };
        range.contains(&as_written(minutia.x)) && range.contains(&as_written(minutia.y))
    }
}

fn shape(format: TemplateFormat) -> Shape {
    use TemplateFormat as F;
    let largest = f32::from(FingerTemplate::MAX_COORDINATE);
    let fmr = Shape { views: 255, minutiae: 255, least: 0.0, largest, exact: false, resolution: Resolution::Own };
    let fixed = Resolution::Fixed(PIXELS_PER_CM);
    let one = Shape { views: 1, minutiae: usize::from(u16::MAX), resolution: fixed, ..fmr };
    match format {
        F::Iso2005 | F::Ansi2004 => Shape { resolution: Resolution::First, ..fmr },
        F::Iso2011 => Shape { views: 176, ..fmr },
        F::Ansi2009 | F::Ansi2009Am1 | F::Piv => fmr,
        F::CardNormal => Shape { resolution: Resolution::Fixed(card::NORMAL_UNITS_PER_CM), ..one },
        F::CardCompact => Shape { largest: 255.0, resolution: Resolution::Fixed(card::COMPACT_UNITS_PER_CM), ..one },
        F::XytNist | F::XytM1 => one,
        F::Csv | F::CsvPixels => Shape { exact: true, ..one },
        F::SourceAfis => Shape { least: -10_000.0, largest: 10_000.0, ..one },
        F::Ssft => Shape { views: 255, minutiae: FingerTemplate::MAX_MINUTIAE, exact: true, ..one },
    }
}

/// The record reduced to what `format` can hold, and the losses.
pub(super) fn fit(record: &Record, format: TemplateFormat) -> (Cow<'_, Record>, Losses) {
    let mut losses = Losses::default();
    let wrapped = format == TemplateFormat::Piv;
    let format = if wrapped { piv::inner(record) } else { format };
    losses.add_if(Lost::Wrappers, record.wrapper.is_some() && !wrapped);
    let shape = shape(format);
    let mut record = Cow::Borrowed(record);
    if record.views.len() > shape.views {
        losses.add(Lost::Views, record.views.len().saturating_sub(shape.views));
        record.to_mut().views.truncate(shape.views);
    }
    let target = match shape.resolution {
        Resolution::Own => None,
        Resolution::First => record.views.first().map(admitted),
        Resolution::Fixed(r) => Some((r, r)),
    };
    for i in 0..record.views.len() {
        let Some(view) = record.views.get(i) else { continue };
        let target = target.unwrap_or_else(|| admitted(view));
        let rescaled = (view.x_resolution, view.y_resolution) != target;
        let outside = |v: &View| v.minutiae.iter().filter(|m| !shape.holds(m)).count();
        let crowded = format == TemplateFormat::Ssft && !holds_singular(view);
        if rescaled || crowded || view.minutiae.len() > shape.minutiae || outside(view) > 0 {
            let Some(view) = record.to_mut().views.get_mut(i) else { continue };
            if rescaled && rescale_view(view, target) {
                losses.add(Lost::Resolutions, 1);
                // After rescaling, zones would not be the measured ones.
                let count = view.extensions.len();
                view.extensions.retain(|e| !matches!(e, Extension::Zones { .. }));
                losses.add(Lost::Zones, count.saturating_sub(view.extensions.len()));
            }
            if crowded {
                losses.add(Lost::SingularPoints, keep_singular(view));
            }
            let before = view.minutiae.len();
            view.minutiae.retain(|m| shape.holds(m));
            keep_best(&mut view.minutiae, shape.minutiae);
            let dropped = before.saturating_sub(view.minutiae.len());
            losses.add(Lost::Minutiae, dropped);
            if dropped > 0 {
                // Indices of minutiae are no longer valid.
                let count = view.extensions.len();
                view.extensions.retain(|e| !matches!(e, Extension::RidgeCounts { .. }));
                losses.add(Lost::RidgeCounts, count.saturating_sub(view.extensions.len()));
            }
        }
    }
    report(&record, format, &mut losses);
    if format == TemplateFormat::Ssft && record.views.iter().any(|v| template(v).is_err()) {
        let views = &mut record.to_mut().views;
        let count = views.len();
        views.retain(|v| template(v).is_ok());
        losses.add(Lost::Views, count.saturating_sub(views.len()));
    }
    (record, losses)
}

/// Whether a template holds all cores and deltas.
fn holds_singular(view: &View) -> bool {
    let count = view.cores().count().saturating_add(view.deltas().count());
    let inside = view.cores().all(|c| FingerTemplate::inside(c.x, c.y))
        && view.deltas().all(|d| FingerTemplate::inside(d.x, d.y));
    inside && count <= FingerTemplate::MAX_SINGULAR_POINTS
}

/// Keeps the cores and deltas that a template holds; returns the number removed.
fn keep_singular(view: &mut View) -> usize {
    let (mut left, mut lost) = (FingerTemplate::MAX_SINGULAR_POINTS, 0usize);
    let mut keep = |x, y| match left.checked_sub(1).filter(|_| FingerTemplate::inside(x, y)) {
        Some(rest) => {
            left = rest;
            true
        }
        None => {
            lost = lost.saturating_add(1);
            false
        }
    };
    for extension in &mut view.extensions {
        if let Extension::Singular { cores, deltas } = extension {
            cores.retain(|c| keep(c.x, c.y));
            deltas.retain(|d| keep(d.x, d.y));
        }
    }
    lost
}

/// Rescales a view to another resolution; returns whether anything except the stated resolution changed.
fn rescale_view(view: &mut View, (x, y): (u16, u16)) -> bool {
    let (from, to) = (scales(view.x_resolution, view.y_resolution), scales(x, y));
    let (sx, sy) = (from.0 / to.0, from.1 / to.1);
    (view.x_resolution, view.y_resolution) = (x, y);
    if (sx, sy) == (1.0, 1.0) {
        return false;
    }
    (view.width, view.height) = (scaled_side(view.width, sx), scaled_side(view.height, sy));
    for m in &mut view.minutiae {
        (m.x, m.y, m.direction) = (rescale(m.x, sx), rescale(m.y, sy), turned(m.direction, sx, sy));
    }
    for extension in &mut view.extensions {
        if let Extension::Singular { cores, deltas } = extension {
            for c in cores {
                (c.x, c.y, c.direction) = (rescale(c.x, sx), rescale(c.y, sy), c.direction.map(|d| turned(d, sx, sy)));
            }
            for d in deltas {
                (d.x, d.y) = (rescale(d.x, sx), rescale(d.y, sy));
                d.directions = d.directions.map(|all| all.map(|d| turned(d, sx, sy)));
            }
        }
    }
    true
}

/// Keeps the best `most` minutiae in their order.
fn keep_best(minutiae: &mut Vec<RecordMinutia>, most: usize) {
    if minutiae.len() <= most {
        return;
    }
    let mut order: Vec<_> = minutiae.iter().enumerate().map(|(i, m)| (std::cmp::Reverse(m.quality), i)).collect();
    order.sort_unstable();
    let mut kept = vec![false; minutiae.len()];
    for (_, i) in order.into_iter().take(most) {
        if let Some(k) = kept.get_mut(i) {
            *k = true;
        }
    }
    let mut kept = kept.into_iter();
    minutiae.retain(|_| kept.next().unwrap_or(false));
}

/// Counts the data that the format has no place for.
fn report(record: &Record, format: TemplateFormat, losses: &mut Losses) {
    use TemplateFormat as F;
    let fmr = matches!(format, F::Iso2005 | F::Iso2011 | F::Ansi2004 | F::Ansi2009 | F::Ansi2009Am1);
    let own = format == F::Ssft;
    let ansi = matches!(format, F::Ansi2004 | F::Ansi2009 | F::Ansi2009Am1);
    let later = matches!(format, F::Iso2011 | F::Ansi2009 | F::Ansi2009Am1);
    let device = record.device;
    losses.add_if(Lost::Equipment, device.vendor != 0 && !ansi && format != F::Iso2011);
    losses.add_if(Lost::Equipment, device.subformat != 0 && !ansi);
    let bits = match format {
        F::Iso2005 | F::Ansi2004 => 4,
        F::Ansi2009 | F::Ansi2009Am1 => 8,
        _ => 0,
    };
    losses.add_if(Lost::Equipment, u16::from(device.certification).checked_shr(bits).unwrap_or(0) != 0);
    losses.add_if(Lost::DeviceIds, device.id != 0 && (!fmr || (!later && device.id > 0x0FFF)));
    losses.add_if(Lost::Reserved, record.reserved != 0 && (!fmr || format == F::Iso2011));
    let short = matches!(format, F::Iso2005 | F::Ansi2004);
    for view in &record.views {
        let (named, typed) = (view.number != 0 || view.position.code() != 0, view.impression != 0);
        losses.add_if(Lost::Positions, view.position.code() != 0 && !fmr && !own);
        losses.add_if(Lost::Numbers, named && view.number > if short { 15 } else { 255 });
        losses.add_if(Lost::Numbers, view.number != 0 && !fmr && !own);
        losses.add_if(Lost::Impressions, (typed && !fmr && !own) || (short && view.impression > 15));
        let qualities = view.qualities.len();
        let most = match format {
            F::Iso2011 => 255,
            _ if fmr || own => 1,
            _ => 0,
        };
        losses.add(Lost::Qualities, qualities.saturating_sub(most));
        let special = view.qualities.first().is_some_and(|q| q.score > FingerTemplate::MAX_QUALITY);
        losses.add_if(Lost::Qualities, special && own);
        let origins = view.qualities.iter().filter(|q| (q.vendor, q.algorithm) != (0, 0)).count();
        losses.add(Lost::QualityOrigins, if later { 0 } else { origins });
        let largest = match format {
            F::SourceAfis => sourceafis::MAX_SIDE,
            F::CsvPixels => csv::MAX_SIDE,
            F::Ssft => u32::MAX,
            _ if fmr => u16::MAX.into(),
            _ => 0,
        };
        losses.add_if(Lost::Sizes, view.width.max(view.height) > largest);
        losses.add_if(
            Lost::Captures,
            view.capture.as_deref().is_some_and(|c| {
                let known = c.time != [0xFF; 9] || c.technology != 0 || c.certifications.is_some();
                known && format != F::Iso2011
            }),
        );
        losses.add_if(Lost::Patterns, view.pattern.is_some() && !own);
        losses.add_if(Lost::Reasons, !view.reasons.is_empty() && !own);
        losses.add_if(Lost::Methods, view.method.is_some() && !own);
        losses.add_if(Lost::RidgeFlows, view.ridge_flow.is_some() && !own);
        report_minutiae(view, format, fmr, own, losses);
        report_extensions(view, ansi, fmr, own, losses);
        if fmr {
            let dialect = if ansi { Dialect::Ansi } else { Dialect::Iso };
            for (extension, _) in that_fit(&view.extensions, dialect).filter(|(_, fits)| !fits) {
                losses.add(of(extension), 1);
            }
        }
    }
}

fn report_minutiae(view: &View, format: TemplateFormat, fmr: bool, own: bool, losses: &mut Losses) {
    use TemplateFormat as F;
    let count = |of: &dyn Fn(&RecordMinutia) -> bool| view.minutiae.iter().filter(|m| of(m)).count();
    match format {
        F::XytNist | F::XytM1 => losses.add(Lost::Kinds, count(&|m| m.kind != RecordKind::Other)),
        F::SourceAfis => {
            losses.add(Lost::Kinds, count(&|m| matches!(m.kind, RecordKind::Other | RecordKind::Reserved)));
        }
        F::Csv | F::CsvPixels | F::Ssft => losses.add(Lost::Kinds, count(&|m| m.kind == RecordKind::Reserved)),
        _ => {}
    }
    let no_quality =
        matches!(format, F::CardNormal | F::CardCompact | F::SourceAfis) || (format == F::Iso2011 && view.five_bytes);
    if no_quality {
        losses.add(Lost::MinutiaQualities, count(&|m| m.quality != 0));
    }
    let percent = matches!(format, F::XytNist | F::XytM1 | F::Csv | F::CsvPixels | F::Ssft);
    // The pixel CSV cannot express a quality that is not reported.
    let least = u8::from(format == F::CsvPixels);
    losses.add(
        Lost::MinutiaQualities,
        count(&|m| percent && !(least..=FingerTemplate::MAX_QUALITY).contains(&m.quality)),
    );
    if !fmr && format != F::CardNormal || own {
        losses.add(Lost::Reserved, count(&|m| m.reserved != 0));
    }
}

/// The kind of data that is lost with an extension.
fn of(extension: &Extension) -> Lost {
    match extension {
        Extension::RidgeCounts { .. } => Lost::RidgeCounts,
        Extension::Singular { .. } => Lost::SingularPoints,
        Extension::Zones { .. } => Lost::Zones,
        Extension::Other { .. } => Lost::Extensions,
    }
}

/// Whether the arms of a delta follow from the lowest one, up to the rounding of formats.
fn are_thirds(ways: [Angle; 3]) -> bool {
    let even = thirds(lowest(Some(ways)));
    ways.iter().all(|way| even.iter().any(|third| third.difference(*way).abs() <= ROUNDED_WAY))
}

fn report_extensions(view: &View, ansi: bool, fmr: bool, own: bool, losses: &mut Losses) {
    for extension in &view.extensions {
        match extension {
            Extension::RidgeCounts { .. } => losses.add_if(Lost::RidgeCounts, !fmr),
            Extension::Zones { .. } => losses.add_if(Lost::Zones, !fmr),
            Extension::Other { .. } => losses.add_if(Lost::Extensions, !fmr),
            Extension::Singular { cores, deltas } => {
                let (c, d) = (cores.len(), deltas.len());
                if !own {
                    let kept = if fmr { MAX_SINGULAR } else { 0 };
                    losses.add(Lost::SingularPoints, c.saturating_sub(kept).saturating_add(d.saturating_sub(kept)));
                }
                if own {
                    // A template holds the direction of each core, and one direction of a delta from which the others
                    // follow.
                    let unknown = cores.iter().filter(|c| c.direction.is_none()).count();
                    let uneven = deltas.iter().filter(|d| !d.directions.is_some_and(are_thirds)).count();
                    losses.add(Lost::SingularDirections, unknown.saturating_add(uneven));
                }
                // The ANSI editions give all of them directions or none.
                let (dc, dd) = (
                    cores.iter().filter(|c| c.direction.is_some()).count(),
                    deltas.iter().filter(|d| d.directions.is_some()).count(),
                );
                let mixed = |some: usize, all: usize| if ansi && some < all { some } else { 0 };
                losses.add(Lost::SingularDirections, mixed(dc, c).saturating_add(mixed(dd, d)));
            }
        }
    }
}
