//! A folder of named samples, and their templates.

use std::path::{Path, PathBuf};

use selfsame::eval::protocol::SampleName;
use selfsame::{Extractor, FingerTemplate, Ppi};

use crate::batch::LeftOut;
use crate::failure::Failure;
use crate::folder::{Listing, SAMPLES, regular};
use crate::sample::Sample;
use crate::{batch, sample};

/// The files of a folder with names of samples, and those names.
pub fn samples(dir: &Path) -> Result<(Listing, Vec<SampleName>), Failure> {
    let mut listing = Listing::of(dir, SAMPLES)?;
    let mut names = Vec::new();
    listing.files.retain(|(stem, path)| match SampleName::parse(stem) {
        Ok(name) => {
            names.push(name);
            true
        }
        Err(_) => {
            listing.ignored.push(path.file_name().unwrap_or_default().to_string_lossy().into_owned());
            false
        }
    });
    if names.is_empty() {
        let what = "no files named FINGER_IMPRESSION with a known extension";
        return Err(Failure::plain(format!("{}: {what} ({})", dir.display(), SAMPLES.join(", "))));
    }
    Ok((listing, names))
}

/// Templates of the files of a listing, in order.
pub struct Extracted {
    /// `None` where a file yields none.
    pub templates: Vec<Option<FingerTemplate>>,
    /// Those files.
    pub left_out: LeftOut,
    /// The number of files that are images.
    pub images: usize,
    /// The number of files that are templates.
    pub records: usize,
}

pub fn templates(
    listing: &Listing,
    ppi: Option<Ppi>,
    extractor: &Extractor,
    strict: bool,
) -> Result<Extracted, Failure> {
    let name = |(_, path): &(String, PathBuf)| path.display().to_string();
    let batch = batch::each("extracting", &listing.files, strict, name, |(_, path)| {
        let loaded = sample::load(regular(path)?, ppi)?;
        let image = matches!(loaded, Sample::Image(_));
        Ok((image, sample::template(path, loaded, extractor)?))
    })?;
    let images = batch.each.iter().flatten().filter(|(image, _)| *image).count();
    let records = batch.each.iter().flatten().count() - images;
    let templates = batch.each.into_iter().map(|one| one.map(|(_, template)| template)).collect();
    Ok(Extracted { templates, left_out: batch.left_out, images, records })
}
