//! Conversion between records and templates.

use std::f32::consts::TAU;

use super::model::{Core, Delta, Extension, PIXELS_PER_CM, Record, RecordKind, RecordMinutia, SampleQuality, View};
use super::scale::{rescale, scaled_side, scales, turned};
use crate::fingerprint::minutia::{Minutia, MinutiaKind};
use crate::fingerprint::singular::{SingularKind, SingularPoint};
use crate::fingerprint::template::FingerTemplate;
use crate::format::error::FormatError;
use crate::geometry::Angle;

/// Default direction of the lowest arm of a delta: down.
const DOWN: f32 = 0.75 * TAU;

impl Record {
    /// A record with the templates as views 0, 1, ... of one unknown finger, at 197 pixels per cm.
    ///
    /// Positions keep their fractions here; a format rounds them when it is written.
    #[must_use]
    pub fn from_templates(templates: &[FingerTemplate]) -> Self {
        let number = |i: usize| u8::try_from(i).unwrap_or(u8::MAX);
        let views = templates.iter().enumerate().map(|(i, t)| View { number: number(i), ..view(t) }).collect();
        Self { views, ..Self::default() }
    }

    /// A template for each view, in pixels at 500 ppi; coordinates stay unchanged when the resolution is within 0.5 %
    /// of that.
    ///
    /// # Errors
    /// [`FormatError::Template`] when a position is beyond what a template holds.
    pub fn to_templates(&self) -> Result<Vec<FingerTemplate>, FormatError> {
        self.views.iter().map(template).collect()
    }

    /// The template of the only view.
    ///
    /// # Errors
    /// As [`Record::only_view`] and [`Record::to_templates`].
    ///
    /// ```
    /// use selfsame::format::{DecodeOptions, Record, TemplateFormat, decode, encode};
    /// use selfsame::{FingerTemplate, Limits};
    /// let templates = [388, 400].map(|width| FingerTemplate::new(width, 374, Vec::new()).expect("a template"));
    /// let (bytes, _) = encode(&Record::from_templates(&templates), TemplateFormat::Iso2011);
    /// let all = decode(&bytes, &DecodeOptions::default(), &Limits::default())?;
    /// assert!(all.to_template().is_err());
    /// let second = DecodeOptions { view: Some(1), ..DecodeOptions::default() };
    /// assert_eq!(decode(&bytes, &second, &Limits::default())?.to_template()?.width(), 400);
    /// # Ok::<(), selfsame::format::FormatError>(())
    /// ```
    pub fn to_template(&self) -> Result<FingerTemplate, FormatError> {
        template(self.only_view()?)
    }
}

pub(super) fn view(template: &FingerTemplate) -> View {
    let minutia = |m: &Minutia| RecordMinutia {
        x: m.x,
        y: m.y,
        direction: m.direction,
        kind: match m.kind {
            MinutiaKind::Ending => RecordKind::Ending,
            MinutiaKind::Bifurcation => RecordKind::Bifurcation,
            MinutiaKind::Other => RecordKind::Other,
        },
        quality: m.quality,
        reserved: 0,
    };
    let of = |kind| template.singular_points().iter().filter(move |p| p.kind == kind);
    let cores: Vec<_> = of(SingularKind::Core).map(|p| Core { x: p.x, y: p.y, direction: Some(p.direction) }).collect();
    let deltas: Vec<_> =
        of(SingularKind::Delta).map(|p| Delta { x: p.x, y: p.y, directions: Some(thirds(p.direction)) }).collect();
    let none = cores.is_empty() && deltas.is_empty();
    View {
        qualities: template
            .quality()
            .map(|score| SampleQuality { score, vendor: 0, algorithm: 0 })
            .into_iter()
            .collect(),
        width: template.width(),
        height: template.height(),
        x_resolution: PIXELS_PER_CM,
        y_resolution: PIXELS_PER_CM,
        minutiae: template.minutiae().iter().map(minutia).collect(),
        extensions: if none { Vec::new() } else { vec![Extension::Singular { cores, deltas }] },
        pattern: template.pattern(),
        reasons: template.quality_reasons(),
        method: template.method(),
        ridge_flow: template.ridge_flow().cloned(),
        ..View::default()
    }
}

pub(super) fn template(view: &View) -> Result<FingerTemplate, FormatError> {
    let (sx, sy) = scales(view.x_resolution, view.y_resolution);
    let minutia = |m: &RecordMinutia| Minutia {
        x: rescale(m.x, sx),
        y: rescale(m.y, sy),
        direction: turned(m.direction, sx, sy),
        kind: match m.kind {
            RecordKind::Ending => MinutiaKind::Ending,
            RecordKind::Bifurcation => MinutiaKind::Bifurcation,
            RecordKind::Other | RecordKind::Reserved => MinutiaKind::Other,
        },
        quality: m.quality.min(FingerTemplate::MAX_QUALITY),
    };
    let minutiae = view.minutiae.iter().map(minutia).collect();
    let (width, height) = (scaled_side(view.width, sx), scaled_side(view.height, sy));
    let mut template = FingerTemplate::new(width, height, minutiae)?;
    if let Some(quality) = view.qualities.iter().map(|q| q.score).find(|q| *q <= FingerTemplate::MAX_QUALITY) {
        template = template.with_quality(quality)?;
    }
    let cores = view.cores().map(|c| SingularPoint {
        kind: SingularKind::Core,
        x: rescale(c.x, sx),
        y: rescale(c.y, sy),
        direction: turned(c.direction.unwrap_or_default(), sx, sy),
    });
    let deltas = view.deltas().map(|d| SingularPoint {
        kind: SingularKind::Delta,
        x: rescale(d.x, sx),
        y: rescale(d.y, sy),
        direction: turned(lowest(d.directions), sx, sy),
    });
    let points = cores.chain(deltas).take(FingerTemplate::MAX_SINGULAR_POINTS).collect();
    template = template.with_singular_points(points)?.with_quality_reasons(view.reasons);
    if let Some(pattern) = view.pattern {
        template = template.with_pattern(pattern);
    }
    if let Some(method) = view.method {
        template = template.with_method(method);
    }
    if let Some(flow) = &view.ridge_flow {
        template = template.with_ridge_flow(flow.clone())?;
    }
    Ok(template)
}

/// Three directions a third of a turn apart.
pub(super) fn thirds(first: Angle) -> [Angle; 3] {
    [first, first.turned(TAU / 3.0), first.turned(2.0 * TAU / 3.0)]
}

/// The arm of a delta that points down most, or the first arm if the others follow from it, as in a view made from a
/// template; down when no arm is known.
pub(super) fn lowest(directions: Option<[Angle; 3]>) -> Angle {
    let down = Angle::from_radians(DOWN);
    let off = |d: &Angle| d.difference(down).abs();
    match directions {
        None => down,
        Some(all @ [first, ..]) if all == thirds(first) => first,
        Some(all) => all.into_iter().min_by(|a, b| off(a).total_cmp(&off(b))).unwrap_or(down),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pixels_that_are_not_square_turn_directions() {
        let degrees = |d: f32, x, y| turned(Angle::from_degrees(d), x, y).degrees();
        let same = |degrees: i16| {
            let direction = Angle::from_degrees(degrees.into());
            turned(direction, 2.0, 2.0) == direction
        };
        assert!((0..360).all(same));
        // At half the width, a slope of 1 becomes a slope of 2.
        assert!((degrees(45.0, 0.5, 1.0) - 2f32.atan().to_degrees()).abs() < 1e-3);
        assert!((degrees(45.0, 1.0, 0.5) - 0.5f32.atan().to_degrees()).abs() < 1e-3);
        assert!((degrees(225.0, 0.5, 1.0) - 180.0 - 2f32.atan().to_degrees()).abs() < 1e-3);
        assert!((degrees(90.0, 0.5, 1.0) - 90.0).abs() < 1e-3);
    }

    #[test]
    fn templates_become_views_in_their_order() {
        let templates = [100, 200, 300].map(|side| FingerTemplate::new(side, side, Vec::new()).unwrap());
        let record = Record::from_templates(&templates);
        assert_eq!(
            record.views.iter().map(|v| (v.number, v.width)).collect::<Vec<_>>(),
            [(0, 100), (1, 200), (2, 300)]
        );
        assert_eq!(record.to_templates().unwrap(), templates);
    }

    #[test]
    fn cores_and_deltas_come_along() {
        let point = |kind, degrees| SingularPoint { kind, x: 10.0, y: 20.0, direction: Angle::from_degrees(degrees) };
        let (core, delta) = (point(SingularKind::Core, 80.0), point(SingularKind::Delta, 260.0));
        for points in [vec![core], vec![delta], vec![core, delta], Vec::new()] {
            let template =
                FingerTemplate::new(100, 100, Vec::new()).unwrap().with_singular_points(points.clone()).unwrap();
            let record = Record::from_templates(std::slice::from_ref(&template));
            let view = &record.views[0];
            assert_eq!(view.extensions.is_empty(), points.is_empty());
            let count = |kind| points.iter().filter(|p| p.kind == kind).count();
            assert_eq!(view.cores().count(), count(SingularKind::Core));
            assert_eq!(view.deltas().count(), count(SingularKind::Delta));
            for delta in view.deltas() {
                let ways = delta.directions.unwrap().map(|d| d.degrees().round());
                assert_eq!(ways, [260.0, 20.0, 140.0]);
            }
            // The arm that points down most represents all three.
            let again = record.to_templates().unwrap().remove(0);
            assert_eq!(again.singular_points().len(), points.len());
            for (new, old) in again.singular_points().iter().zip(&points) {
                assert!(new.kind == old.kind && new.direction.difference(old.direction).abs() < 1e-5);
            }
        }
    }

    #[test]
    fn each_axis_has_its_own_resolution() {
        assert_eq!(scales(0, 0), (1.0, 1.0));
        assert_eq!(scales(197, 197), (1.0, 1.0));
        let (x, y) = scales(394, 99);
        assert!((x - 500.0 / (394.0 * 2.54)).abs() < 1e-6 && (y - 500.0 / (99.0 * 2.54)).abs() < 1e-6);
        let minutia = RecordMinutia {
            x: 200.0,
            y: 50.0,
            direction: Angle::from_degrees(45.0),
            kind: RecordKind::Ending,
            quality: 7,
            reserved: 0,
        };
        let view = View {
            width: 400,
            height: 100,
            x_resolution: 394,
            y_resolution: 99,
            minutiae: vec![minutia],
            ..View::default()
        };
        let template = template(&view).unwrap();
        assert_eq!((template.width(), template.height()), (200, 199));
        let m = template.minutiae()[0];
        assert!((m.x - 99.67).abs() < 0.01 && (m.y - 99.92).abs() < 0.02, "{} {}", m.x, m.y);
        assert!((m.direction.degrees() - (394f32 / 99.0).atan().to_degrees()).abs() < 0.01);
    }
}
