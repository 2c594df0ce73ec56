//! Folders of prints, `FINGER_IMPRESSION.*`, read for fitting and calibration.

use std::error::Error;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use selfsame::eval::protocol::SampleName;
use selfsame::format::{DecodeOptions, decode};
use selfsame::{Extractor, FingerImage, FingerTemplate, Limits, Ppi};

/// Error of an example.
pub type Failure = Box<dyn Error + Send + Sync>;

const IMAGES: &[&str] = &["tif", "tiff", "png", "bmp", "pgm", "jpg", "jpeg"];
const TEMPLATES: &[&str] = &["iso", "csv"];

/// One print of a folder.
pub struct Named {
    /// `FINGER_IMPRESSION`.
    pub name: SampleName,
    /// `None` when nothing could be extracted.
    pub template: Option<FingerTemplate>,
}

impl Named {
    /// The person: the part before the first hyphen of `PERSON-FINGER`, or all of it.
    pub fn person(&self) -> &str {
        let finger = self.name.subject();
        finger.split_once('-').map_or(finger, |s| s.0)
    }
}

/// Splits `FOLDER:PPI` or `FOLDER:PPI:GROUP`.
pub fn argument(text: &str) -> Result<(PathBuf, Ppi, Option<String>), Failure> {
    let wrong = || format!("expected FOLDER:PPI or FOLDER:PPI:GROUP, not {text}");
    let (rest, last) = text.rsplit_once(':').ok_or_else(wrong)?;
    if let Ok(ppi) = last.parse() {
        return Ok((rest.into(), Ppi::new(ppi)?, None));
    }
    let (folder, ppi) = rest.rsplit_once(':').ok_or_else(wrong)?;
    Ok((folder.into(), Ppi::new(ppi.parse()?)?, Some(last.to_owned())))
}

/// Reads a folder in order of the names: images through extraction, template records through their codec. `plain`
/// removes the ridge flow.
pub fn read(folder: &Path, ppi: Ppi, plain: bool) -> Result<Vec<Named>, Failure> {
    let mut files: Vec<_> = std::fs::read_dir(folder)?.map(|e| e.map(|e| e.path())).collect::<Result<_, _>>()?;
    let extension = |f: &PathBuf| f.extension().map(|e| e.to_string_lossy().to_lowercase()).unwrap_or_default();
    files.retain(|f| IMAGES.iter().chain(TEMPLATES).any(|k| extension(f) == *k));
    files.sort();
    let load = |file: &PathBuf| -> Result<Named, Failure> {
        let stem = file.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
        let name = SampleName::parse(&stem)?;
        let bytes = std::fs::read(file)?;
        let template = if TEMPLATES.contains(&extension(file).as_str()) {
            let options = DecodeOptions { ppi: Some(ppi), ..DecodeOptions::default() };
            decode(&bytes, &options, &Limits::default())?.to_templates()?.into_iter().next()
        } else {
            Extractor::new().extract(&FingerImage::decode(&bytes, ppi, &Limits::default())?).ok()
        };
        let template = template.map(|t| if plain { minutiae_only(&t) } else { Ok(t) }).transpose()?;
        Ok(Named { name, template })
    };
    files.par_iter().map(|f| load(f).map_err(|e| format!("{}: {e}", f.display()).into())).collect()
}

/// The template without ridge flow, like those of other extractors.
pub fn minutiae_only(template: &FingerTemplate) -> Result<FingerTemplate, Failure> {
    Ok(FingerTemplate::new(template.width(), template.height(), template.minutiae().to_vec())?)
}
