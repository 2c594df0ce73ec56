//! A template of a finger as it is stored: everything it holds, so that a comparison scores the same to the bit.

use zeroize::Zeroizing;

use crate::fingerprint::minutia::{Minutia, MinutiaKind};
use crate::fingerprint::quality::{QualityReason, QualityReasons};
use crate::fingerprint::singular::{PatternClass, SingularKind, SingularPoint};
use crate::fingerprint::template::{ExtractionMethod, FingerTemplate, RidgeFlow};
use crate::geometry::Angle;
use crate::seal::Reader;

/// Stands for something that is not known.
const UNKNOWN: u8 = 255;
/// Room for everything of fixed length, bytes.
const FIXED: usize = 32;
/// Bytes of a minutia: x, y, direction (f32 each), kind and quality.
const MINUTIA: usize = 14;
/// Bytes of a singular point: kind, x, y, direction.
const SINGULAR: usize = 13;

/// `width u32 | height u32 | quality u8 | reasons u8 | pattern u8 | method u8 | singular points u8, each | minutiae u16, each |
/// ridge flow u8 (0 or 1), then cell, columns, rows u16 and three bytes per cell`; numbers big-endian, `UNKNOWN` for what is not known.
pub(in crate::gallery) fn encode_finger(template: &FingerTemplate) -> Zeroizing<Vec<u8>> {
    let (minutiae, singular) = (template.minutiae(), template.singular_points());
    let cells = template.ridge_flow().map_or(0, |flow| flow.orientation.len());
    let length = minutiae.len().saturating_mul(MINUTIA).saturating_add(singular.len().saturating_mul(SINGULAR));
    let mut out =
        Zeroizing::new(Vec::with_capacity(length.saturating_add(cells.saturating_mul(3)).saturating_add(FIXED)));
    out.extend_from_slice(&template.width().to_be_bytes());
    out.extend_from_slice(&template.height().to_be_bytes());
    let reasons = template.quality_reasons();
    let bit = |(i, reason): (usize, QualityReason)| if reasons.contains(reason) { 1u8 << i } else { 0 };
    out.push(template.quality().unwrap_or(UNKNOWN));
    out.push(QualityReason::ALL.into_iter().enumerate().map(bit).fold(0, |set, bit| set | bit));
    out.push(number_in(&PatternClass::ALL, template.pattern()));
    out.push(number_in(&METHODS, template.method()));
    out.push(u8::try_from(singular.len()).unwrap_or(u8::MAX));
    for point in singular {
        out.push(number_in(&SINGULARS, Some(point.kind)));
        [point.x, point.y, point.direction.radians()].iter().for_each(|v| out.extend_from_slice(&v.to_be_bytes()));
    }
    out.extend_from_slice(&u16::try_from(minutiae.len()).unwrap_or(u16::MAX).to_be_bytes());
    for m in minutiae {
        [m.x, m.y, m.direction.radians()].iter().for_each(|v| out.extend_from_slice(&v.to_be_bytes()));
        out.push(number_in(&KINDS, Some(m.kind)));
        out.push(m.quality);
    }
    out.push(u8::from(template.ridge_flow().is_some()));
    if let Some(flow) = template.ridge_flow() {
        [flow.cell, flow.columns, flow.rows].iter().for_each(|v| out.extend_from_slice(&v.to_be_bytes()));
        [&flow.orientation, &flow.coherence, &flow.period].iter().for_each(|grid| out.extend_from_slice(grid));
    }
    out
}

pub(in crate::gallery) fn decode_finger(bytes: &[u8]) -> Option<FingerTemplate> {
    let mut r = Reader::new(bytes);
    let (width, height) = (r.u32()?, r.u32()?);
    let (quality, reasons) = (r.u8()?, r.u8()?);
    let pattern = in_list(&PatternClass::ALL, r.u8()?)?;
    let method = in_list(&METHODS, r.u8()?)?;
    let mut singular = Vec::new();
    for _ in 0..r.u8()? {
        let kind = in_list(&SINGULARS, r.u8()?)??;
        let (x, y, direction) = (float(&mut r)?, float(&mut r)?, Angle::from_radians(float(&mut r)?));
        singular.push(SingularPoint { kind, x, y, direction });
    }
    let count = usize::from(r.u16()?);
    if count > FingerTemplate::MAX_MINUTIAE || count.checked_mul(MINUTIA)? > r.rest().len() {
        return None;
    }
    let mut minutiae = Vec::with_capacity(count);
    for _ in 0..count {
        let (x, y, direction) = (float(&mut r)?, float(&mut r)?, Angle::from_radians(float(&mut r)?));
        let kind = in_list(&KINDS, r.u8()?)??;
        minutiae.push(Minutia { x, y, direction, kind, quality: r.u8()? });
    }
    let mut template = FingerTemplate::new(width, height, minutiae).ok()?.with_singular_points(singular).ok()?;
    if quality != UNKNOWN {
        template = template.with_quality(quality).ok()?;
    }
    let known = QualityReason::ALL.into_iter().enumerate().filter(|(i, _)| reasons >> i & 1 == 1);
    let known: QualityReasons = known.map(|(_, reason)| reason).collect();
    template = template.with_quality_reasons(known);
    if let Some(pattern) = pattern {
        template = template.with_pattern(pattern);
    }
    if let Some(method) = method {
        template = template.with_method(method);
    }
    match r.u8()? {
        0 => {}
        1 => {
            let (cell, columns, rows) = (r.u16()?, r.u16()?, r.u16()?);
            let cells = usize::from(columns).checked_mul(usize::from(rows))?;
            let (orientation, coherence, period) = (r.take(cells)?, r.take(cells)?, r.take(cells)?);
            let [orientation, coherence, period] = [orientation, coherence, period].map(<[u8]>::to_vec);
            template =
                template.with_ridge_flow(RidgeFlow { cell, columns, rows, orientation, coherence, period }).ok()?;
        }
        _ => return None,
    }
    r.rest().is_empty().then_some(template)
}

const METHODS: [ExtractionMethod; 2] = [ExtractionMethod::Learned, ExtractionMethod::Classical];
const KINDS: [MinutiaKind; 3] = [MinutiaKind::Ending, MinutiaKind::Bifurcation, MinutiaKind::Other];
const SINGULARS: [SingularKind; 2] = [SingularKind::Core, SingularKind::Delta];

fn float(reader: &mut Reader<'_>) -> Option<f32> {
    reader.array().map(f32::from_be_bytes).filter(|v| v.is_finite())
}

fn number_in<T: PartialEq + Copy>(list: &[T], value: Option<T>) -> u8 {
    let place = value.and_then(|value| list.iter().position(|v| *v == value));
    place.and_then(|i| u8::try_from(i).ok()).unwrap_or(UNKNOWN)
}

/// `None` for a number that is not in the list, `Some(None)` for `UNKNOWN`.
fn in_list<T: Copy>(list: &[T], number: u8) -> Option<Option<T>> {
    if number == UNKNOWN { Some(None) } else { list.get(usize::from(number)).copied().map(Some) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn full() -> FingerTemplate {
        let minutia = |i: u16| Minutia {
            x: f32::from(i) * 3.7,
            y: 200.0 - f32::from(i),
            direction: Angle::from_degrees(f32::from(i) * 31.0),
            kind: KINDS[usize::from(i) % 3],
            quality: 50 + i as u8,
        };
        let point = |kind, x| SingularPoint { kind, x, y: 90.5, direction: Angle::from_degrees(x) };
        let grid = |n: u8| (0..12).map(|i| i * n).collect();
        let flow =
            RidgeFlow { cell: 16, columns: 4, rows: 3, orientation: grid(9), coherence: grid(20), period: grid(7) };
        FingerTemplate::new(388, 374, (0..40).map(minutia).collect())
            .and_then(|t| t.with_quality(77))
            .and_then(|t| t.with_singular_points(vec![point(SingularKind::Core, 9.0), point(SingularKind::Delta, 8.0)]))
            .and_then(|t| t.with_ridge_flow(flow))
            .unwrap()
            .with_quality_reasons([QualityReason::TooDry, QualityReason::BrightRidges].into_iter().collect())
            .with_pattern(PatternClass::Whorl)
            .with_method(ExtractionMethod::Classical)
    }

    #[test]
    fn a_template_comes_back_to_the_bit() {
        let bare = FingerTemplate::new(0, 0, Vec::new()).unwrap();
        for template in [full(), bare] {
            let bytes = encode_finger(&template);
            assert!(decode_finger(&bytes).is_some_and(|again| again == template));
            assert!((0..bytes.len()).all(|end| decode_finger(&bytes[..end]).is_none()));
            let mut longer = bytes.to_vec();
            longer.push(0);
            assert!(decode_finger(&longer).is_none());
        }
    }

    #[test]
    fn numbers_out_of_range_are_refused() {
        let bare = encode_finger(&FingerTemplate::new(0, 0, Vec::new()).unwrap());
        for (at, bad) in [(8, 101), (10, 5), (11, 2), (12, 31), (15, 2)] {
            let mut bytes = bare.to_vec();
            bytes[at] = bad;
            assert!(decode_finger(&bytes).is_none(), "byte {at}");
        }
    }
}
