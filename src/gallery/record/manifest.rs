//! What the whole gallery must look like.

use zeroize::Zeroizing;

use crate::face::compare::CosineCalibration;
use crate::face::index::FaceModel;
use crate::gallery::params::{FORMAT, MAX_MANIFEST};
use crate::seal::{Reader, SealError, SecretKey, associated, open_bytes, seal_bytes};

/// What a gallery was told when it was made, or later.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::gallery) struct Settings {
    /// The model of its faces.
    pub(in crate::gallery) model: Option<FaceModel>,
    /// What its cosines mean.
    pub(in crate::gallery) calibration: Option<CosineCalibration>,
}

/// The state of a gallery after a commit, sealed in the same commit: `format u16 | epoch u32 | sealed (counter u64 | subjects u64 |
/// records u64 | root (32) | log size u64 | log head (32) | settings)`.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::gallery) struct Manifest {
    /// Grows by one with each commit.
    pub(in crate::gallery) counter: u64,
    pub(in crate::gallery) subjects: u64,
    /// Templates and embeddings; directories are not counted.
    pub(in crate::gallery) records: u64,
    /// Hash over all keys and records.
    pub(in crate::gallery) root: [u8; 32],
    pub(in crate::gallery) log_size: u64,
    pub(in crate::gallery) log_head: [u8; 32],
    pub(in crate::gallery) settings: Settings,
}

/// Why a manifest cannot be read.
#[derive(Debug)]
pub(in crate::gallery) enum ManifestError {
    Newer(u16),
    NotAuthentic,
}

impl Manifest {
    /// Format and epoch, which stand in the clear (and are authentic once it opened).
    pub(in crate::gallery) fn epoch_of(bytes: &[u8]) -> Result<u32, ManifestError> {
        let mut reader = Reader::new(bytes);
        let format = reader.u16().ok_or(ManifestError::NotAuthentic)?;
        if format > FORMAT {
            return Err(ManifestError::Newer(format));
        }
        reader.u32().ok_or(ManifestError::NotAuthentic)
    }

    pub(in crate::gallery) fn seal(
        &self,
        key: &SecretKey,
        gallery_id: &[u8; 16],
        epoch: u32,
    ) -> Result<Vec<u8>, SealError> {
        let mut body = Zeroizing::new(Vec::with_capacity(256));
        for number in [self.counter, self.subjects, self.records] {
            body.extend_from_slice(&number.to_be_bytes());
        }
        body.extend_from_slice(&self.root);
        body.extend_from_slice(&self.log_size.to_be_bytes());
        body.extend_from_slice(&self.log_head);
        self.settings.encode(&mut body);
        let mut out = FORMAT.to_be_bytes().to_vec();
        out.extend_from_slice(&epoch.to_be_bytes());
        let sealed = seal_bytes(key, &place(gallery_id, FORMAT, epoch), &body)?;
        out.extend_from_slice(&sealed);
        Ok(out)
    }

    pub(in crate::gallery) fn open(
        bytes: &[u8],
        key: &SecretKey,
        gallery_id: &[u8; 16],
    ) -> Result<Self, ManifestError> {
        let epoch = Self::epoch_of(bytes)?;
        let mut reader = Reader::new(bytes);
        let format = reader.u16().ok_or(ManifestError::NotAuthentic)?;
        reader.u32().ok_or(ManifestError::NotAuthentic)?;
        if reader.rest().len() > MAX_MANIFEST {
            return Err(ManifestError::NotAuthentic);
        }
        let body = open_bytes(key, &place(gallery_id, format, epoch), reader.rest());
        Self::read(&body.map_err(|_| ManifestError::NotAuthentic)?).ok_or(ManifestError::NotAuthentic)
    }

    fn read(body: &[u8]) -> Option<Self> {
        let mut r = Reader::new(body);
        let (counter, subjects, records, root) = (r.u64()?, r.u64()?, r.u64()?, r.array()?);
        let (log_size, log_head) = (r.u64()?, r.array()?);
        let settings = Settings::decode(&mut r)?;
        let manifest = Self { counter, subjects, records, root, log_size, log_head, settings };
        r.rest().is_empty().then_some(manifest)
    }
}

impl Settings {
    /// `0`, or `1 | name length u16, name | version length u16, version | dimension u16`; then the calibration's length u16 (0 for none) and the
    /// calibration.
    fn encode(&self, out: &mut Vec<u8>) {
        let put = |out: &mut Vec<u8>, bytes: &[u8]| {
            out.extend_from_slice(&u16::try_from(bytes.len()).unwrap_or(u16::MAX).to_be_bytes());
            out.extend_from_slice(bytes);
        };
        out.push(u8::from(self.model.is_some()));
        if let Some(model) = &self.model {
            put(out, model.name().as_bytes());
            put(out, model.version().as_bytes());
            out.extend_from_slice(&u16::try_from(model.dimension()).unwrap_or(u16::MAX).to_be_bytes());
        }
        put(out, &self.calibration.as_ref().map(CosineCalibration::encode).unwrap_or_default());
    }

    fn decode(r: &mut Reader<'_>) -> Option<Self> {
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
        Some(Self { model, calibration })
    }
}

fn place(gallery_id: &[u8; 16], format: u16, epoch: u32) -> Vec<u8> {
    associated(b"manifest", &[gallery_id, &format.to_be_bytes(), &epoch.to_be_bytes()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_opens_whole_or_not_at_all() {
        let key = SecretKey::from_bytes(&[5; 32]);
        let rows = [(crate::score::Fmr::new(1e-3).unwrap(), crate::face::compare::Cosine::new(0.25).unwrap())];
        let calibration = CosineCalibration::from_table(&rows).unwrap();
        let model = FaceModel::new("net", "1", 512).unwrap();
        for (model, calibration) in [(None, None), (Some(model), Some(calibration))] {
            let settings = Settings { model, calibration };
            let manifest = Manifest {
                counter: 7,
                subjects: 2,
                records: 3,
                root: [1; 32],
                log_size: 4,
                log_head: [2; 32],
                settings,
            };
            let bytes = manifest.seal(&key, &[9; 16], 3).unwrap();
            assert_eq!(Manifest::open(&bytes, &key, &[9; 16]).unwrap(), manifest);
            assert!(Manifest::open(&bytes, &key, &[8; 16]).is_err());
            for bit in 0..bytes.len() * 8 {
                let mut changed = bytes.clone();
                changed[bit / 8] ^= 1 << (bit % 8);
                assert!(Manifest::open(&changed, &key, &[9; 16]).is_err(), "bit {bit}");
            }
            assert!((0..bytes.len()).all(|end| Manifest::open(&bytes[..end], &key, &[9; 16]).is_err()));
        }
        assert!(matches!(Manifest::epoch_of(&[0, 99, 0, 0, 0, 1]), Err(ManifestError::Newer(99))));
    }
}
