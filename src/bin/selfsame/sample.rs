//! Reads templates from files: images through extraction, template records through their codec.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use selfsame::fingerprint::extract::{ExtractError, ExtractorBuilder, Model};
use selfsame::format::an2k::{An2kFile, Record};
use selfsame::format::finger_image::{self, FingerImageRecord};
use selfsame::format::{DecodeOptions, FormatError, TemplateFormat, decode, detect};
use selfsame::image::Gray8;
use selfsame::{Extractor, FingerImage, FingerPosition, FingerTemplate, Limits, Ppi};

use crate::args::{ExtractionArgs, ExtractorKind};
use crate::failure::Failure;
use crate::stdio;

/// The content of a file.
pub enum Sample {
    /// A decoded template.
    Template(FingerTemplate),
    /// A fingerprint image.
    Image(FingerImage),
}

/// Reads a file, up to the number of bytes that the limits allow.
pub fn bytes(path: &Path, limits: &Limits) -> Result<Vec<u8>, Failure> {
    let failed = |e: std::io::Error| Failure::new(format!("cannot read {}", path.display()), e);
    let source: Box<dyn Read> = if stdio::is_dash(path) {
        Box::new(stdio::input()?)
    } else {
        let file = File::open(path).map_err(failed)?;
        if file.metadata().map_err(failed)?.is_dir() {
            return Err(Failure::plain(format!("cannot read {}: it is a folder", path.display())));
        }
        Box::new(file)
    };
    let mut bytes = Vec::new();
    source.take(limits.max_bytes as u64 + 1).read_to_end(&mut bytes).map_err(failed)?;
    limits.check_bytes(bytes.len()).map_err(|e| Failure::at(path, e))?;
    Ok(bytes)
}

/// The requested extractor.
pub fn extractor(args: &ExtractionArgs) -> Result<Extractor, Failure> {
    builder(args)?.build().map_err(|e| Failure::new("extractor", e))
}

/// As [`extractor`], but open to further settings.
pub fn builder(args: &ExtractionArgs) -> Result<ExtractorBuilder, Failure> {
    let builder = Extractor::builder();
    if let Some(path) = &args.weights {
        let limits = Limits { max_bytes: Model::MAX_BYTES, ..Limits::default() };
        return Ok(builder.model(Model::decode(&bytes(path, &limits)?).map_err(|e| Failure::at(path, e))?));
    }
    Ok(with_kind(builder, args.extractor))
}

/// One of the crate's own extractors.
pub fn extractor_of(kind: ExtractorKind) -> Result<Extractor, Failure> {
    with_kind(Extractor::builder(), kind).build().map_err(|e| Failure::new("extractor", e))
}

fn with_kind(builder: ExtractorBuilder, kind: ExtractorKind) -> ExtractorBuilder {
    match kind {
        ExtractorKind::Learned => builder,
        ExtractorKind::LearnedSynthetic => builder.model(Model::synthetic()),
        ExtractorKind::LearnedSmall => builder.model(Model::small()),
        ExtractorKind::Classical => builder.classical(),
    }
}

/// Reads an image; a record with its own resolution does not need `ppi` and ignores it.
pub fn image(path: &Path, ppi: Ppi) -> Result<FingerImage, Failure> {
    let limits = Limits::default();
    let bytes = bytes(path, &limits)?;
    match contained(&bytes, &limits) {
        Some(found) => found.and_then(|found| at_500(found, &limits)).map_err(|e| Failure::at(path, e)),
        None => FingerImage::decode(&bytes, ppi, &limits).map_err(|e| Failure::at(path, e)),
    }
}

/// An image, pixel for pixel, with its finger and its resolution.
pub type Contained = (Gray8, FingerPosition, Ppi);

/// The first image of a record or file that contains images; `None` when it is neither.
pub fn contained(bytes: &[u8], limits: &Limits) -> Option<Result<Contained, FormatError>> {
    if bytes.starts_with(finger_image::MAGIC) {
        return Some(FingerImageRecord::decode(bytes, limits).and_then(|record| {
            let position = record.views.first().and_then(|view| FingerPosition::from_code(view.position));
            Ok((record.image(0, limits)?, position.unwrap_or_default(), record.ppi(0)?))
        }));
    }
    An2kFile::detect(bytes).then(|| first_image(&An2kFile::decode(bytes, limits)?, limits))
}

fn first_image(file: &An2kFile, limits: &Limits) -> Result<Contained, FormatError> {
    let none = FormatError::Header { offset: 0, reason: "the file contains no finger image" };
    let first = file.images().next().ok_or(none)?;
    Ok((file.image(first, limits)?, file.position(first).unwrap_or_default(), file.ppi(first)?))
}

fn at_500((image, _, ppi): Contained, limits: &Limits) -> Result<FingerImage, FormatError> {
    Ok(FingerImage::from_gray8_within(image.width(), image.height(), ppi, image.pixels(), limits)?)
}

/// The sample of an ANSI/NIST-ITL file: its first image, or, if there is none, its only record of minutiae (INCITS
/// 378).
fn of_file(bytes: &[u8], limits: &Limits) -> Result<Sample, FormatError> {
    let file = An2kFile::decode(bytes, limits)?;
    let mut minutiae = file.records().iter().filter_map(|record| match record {
        Record::Tagged(record) if record.is_incits() => Some(record),
        _ => None,
    });
    if file.images().next().is_none()
        && let (Some(only), None) = (minutiae.next(), minutiae.next())
    {
        // A record of minutiae has one view.
        return only.incits(limits)?.to_templates().map(|mut all| Sample::Template(all.remove(0)));
    }
    at_500(first_image(&file, limits)?, limits).map(Sample::Image)
}

/// Reads an image or a template, as detected from the bytes.
pub fn load(path: &Path, ppi: Option<Ppi>) -> Result<Sample, Failure> {
    of_bytes(path, bytes(path, &Limits::default())?, ppi)
}

/// As [`load`], of a file that was read.
pub fn of_bytes(path: &Path, bytes: Vec<u8>, ppi: Option<Ppi>) -> Result<Sample, Failure> {
    let limits = Limits::default();
    if bytes.is_empty() {
        return Err(Failure::at(path, FormatError::Empty));
    }
    if An2kFile::detect(&bytes) {
        return of_file(&bytes, &limits).map_err(|e| Failure::at(path, e));
    }
    if let Some(found) = contained(&bytes, &limits) {
        let image = found.and_then(|found| at_500(found, &limits));
        return image.map(Sample::Image).map_err(|e| Failure::at(path, e));
    }
    let needs_ppi = || Failure::usage(format!("{}: give the resolution with --ppi (pixels per inch)", path.display()));
    let format = detect(&bytes);
    if format == Some(TemplateFormat::CsvPixels) && ppi.is_none() {
        return Err(needs_ppi());
    }
    if format.is_some() {
        let options = DecodeOptions { format, ppi, ..DecodeOptions::default() };
        let templates = decode(&bytes, &options, &limits).and_then(|record| record.to_templates());
        let templates = templates.map_err(|e| Failure::at(path, e))?;
        let views = templates.len();
        return match <[FingerTemplate; 1]>::try_from(templates) {
            Ok([template]) => Ok(Sample::Template(template)),
            Err(_) => Err(Failure::plain(format!("{}: {views} views, exactly one is needed", path.display()))),
        };
    }
    // Without a resolution a damaged image and a text file still get their own messages.
    match FingerImage::decode(&bytes, ppi.unwrap_or(Ppi::P500), &limits) {
        Err(selfsame::image::ImageError::UnknownFormat) => {
            Err(Failure::plain(format!("{}: neither an image nor a fingerprint template", path.display())))
        }
        Err(e) => Err(Failure::at(path, e)),
        Ok(_) if ppi.is_none() => Err(needs_ppi()),
        Ok(image) => Ok(Sample::Image(image)),
    }
}

/// The template of a sample.
pub fn template(sample: Sample, extractor: &Extractor) -> Result<FingerTemplate, ExtractError> {
    match sample {
        Sample::Template(template) => Ok(template),
        Sample::Image(image) => extractor.extract(&image),
    }
}
