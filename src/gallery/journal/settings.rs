//! Settings of a gallery, as heads and frames store them.

use crate::bytes::Reader;
use crate::face::compare::CosineCalibration;
use crate::face::embedding::FaceModel;
use crate::gallery::error::GalleryError;
use crate::gallery::params::MAX_CALIBRATION;

/// Settings made when a gallery was created, or later.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::gallery) struct Settings {
    /// The face model.
    pub(in crate::gallery) model: Option<FaceModel>,
    /// The calibration of its cosines.
    pub(in crate::gallery) calibration: Option<CosineCalibration>,
    /// Whether there is an anchor, which is then required to open the gallery.
    pub(in crate::gallery) anchored: bool,
}

impl Settings {
    /// Refuses settings that do not fit into a head.
    pub(in crate::gallery) fn check(&self) -> Result<(), GalleryError> {
        let len = self.calibration.as_ref().map_or(0, |calibration| calibration.encode().len());
        if len > MAX_CALIBRATION { Err(GalleryError::CalibrationTooLong { len, max: MAX_CALIBRATION }) } else { Ok(()) }
    }

    /// `anchored u8 | 0, or 1 | name length u16, name | version length u16, version | dimension u16`; then the calibration's length u16 (0 for
    /// none) and the calibration.
    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        let put = |out: &mut Vec<u8>, bytes: &[u8]| {
            out.extend_from_slice(&u16::try_from(bytes.len()).unwrap_or(u16::MAX).to_be_bytes());
            out.extend_from_slice(bytes);
        };
        out.push(u8::from(self.anchored));
        out.push(u8::from(self.model.is_some()));
        if let Some(model) = &self.model {
            put(out, model.name().as_bytes());
            put(out, model.version().as_bytes());
            out.extend_from_slice(&u16::try_from(model.dimension()).unwrap_or(u16::MAX).to_be_bytes());
        }
        put(out, &self.calibration.as_ref().map(CosineCalibration::encode).unwrap_or_default());
    }

    pub(super) fn decode(r: &mut Reader<'_>) -> Option<Self> {
        let anchored = match r.u8()? {
            0 => false,
            1 => true,
            _ => return None,
        };
        let model = match r.u8()? {
            0 => None,
            1 => {
                let mut text = || {
                    let length = usize::from(r.u16()?);
                    std::str::from_utf8(r.take(length)?).ok()
                };
                let (name, version) = (text()?, text()?);
                Some(FaceModel::new(name, version, usize::from(r.u16()?)).ok()?)
            }
            _ => return None,
        };
        let length = usize::from(r.u16()?);
        let bytes = r.take(length)?;
        let calibration = if length == 0 { None } else { Some(CosineCalibration::decode(bytes).ok()?) };
        Some(Self { model, calibration, anchored })
    }
}
