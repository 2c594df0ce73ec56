//! Reads templates from files: images through extraction, template records through their codec.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use selfsame::fingerprint::extract::{ExtractorBuilder, Model};
use selfsame::fingerprint::quality::QualityReason;
use selfsame::format::an2k::An2kFile;
use selfsame::format::finger_image::{self, FingerImageRecord};
use selfsame::format::{DecodeOptions, FormatError, TemplateFormat, decode, decode_text, detect};
use selfsame::image::Gray8;
use selfsame::{Extractor, FingerImage, FingerPosition, FingerTemplate, Limits, Ppi};

use crate::args::values::position_name;
use crate::args::{ExtractionArgs, ExtractorKind};
use crate::choice;
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
    let builder = if args.unchecked { Extractor::builder().unchecked() } else { Extractor::builder() };
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

/// Reads an image. `ppi` overrides what a record states, and the difference is noted.
pub fn image(path: &Path, ppi: Ppi) -> Result<FingerImage, Failure> {
    let limits = Limits::default();
    let bytes = bytes(path, &limits)?;
    match contained(path, &bytes, choice::get().finger, &limits) {
        Some(found) => at_500(path, found?, Some(ppi), &limits).map_err(|e| Failure::at(path, e)),
        None => file(path, &bytes, Some(ppi), &limits),
    }
}

/// An image, pixel for pixel, with its finger and the resolution that its record states.
pub type Contained = (Gray8, FingerPosition, Ppi);

/// The chosen image, or the only one, of a record or file that contains images; `None` when it is neither. With a finger, an
/// image of another one is refused; one that names no finger is taken if it is the only one.
pub fn contained(
    path: &Path,
    bytes: &[u8],
    finger: Option<FingerPosition>,
    limits: &Limits,
) -> Option<Result<Contained, Failure>> {
    if bytes.starts_with(finger_image::MAGIC) {
        return Some(of_record(path, bytes, finger, limits));
    }
    let chosen = |file: An2kFile| chosen_image(&file, finger, limits);
    An2kFile::detect(bytes).then(|| an2k(path, bytes, limits).and_then(chosen).map_err(|e| Failure::at(path, e)))
}

/// The chosen image, or the only one, of a finger image record.
fn of_record(path: &Path, bytes: &[u8], finger: Option<FingerPosition>, limits: &Limits) -> Result<Contained, Failure> {
    let failed = |e| Failure::at(path, e);
    let choice = choice::get();
    let record = if choice.lenient {
        let (record, mendings) = FingerImageRecord::decode_lenient(bytes, limits).map_err(failed)?;
        mendings.iter().for_each(|mending| choice::note(path, mending));
        record
    } else {
        FingerImageRecord::decode(bytes, limits).map_err(failed)?
    };
    let position = |held: &finger_image::View| FingerPosition::from_code(held.position).unwrap_or_default();
    let alone = record.views.len() == 1;
    let fits = |held: &finger_image::View| {
        let unnamed = alone && position(held) == FingerPosition::Unknown;
        finger.is_none_or(|wanted| unnamed || position(held) == wanted)
            && (alone || choice.view.is_none_or(|wanted| held.number == wanted))
    };
    let mut found = (0..).zip(&record.views).filter(|(_, held)| fits(held));
    let (Some((at, held)), None) = (found.next(), found.next()) else {
        let named = |held: &finger_image::View| format!("{} (view {})", position_name(position(held)), held.number);
        let inside: Vec<String> = record.views.iter().map(named).collect();
        return Err(Failure::plain(format!(
            "{}: one image is needed: choose with --finger and --view; the record holds {}",
            path.display(),
            inside.join(", ")
        )));
    };
    Ok((record.image(at, limits).map_err(failed)?, position(held), record.ppi(at).map_err(failed)?))
}

/// An ANSI/NIST-ITL file, with what differs from its fields noted.
fn an2k(path: &Path, bytes: &[u8], limits: &Limits) -> Result<An2kFile, FormatError> {
    let lenient = choice::get().lenient;
    let file = if lenient { An2kFile::decode_lenient(bytes, limits) } else { An2kFile::decode(bytes, limits) }?;
    file.notes().iter().for_each(|note| choice::note(path, note));
    Ok(file)
}

fn chosen_image(file: &An2kFile, finger: Option<FingerPosition>, limits: &Limits) -> Result<Contained, FormatError> {
    let mut images = file.images();
    let unnamed = match (images.next(), images.next()) {
        (Some(only), None) => file.position(only).unwrap_or_default() == FingerPosition::Unknown,
        _ => false,
    };
    let chosen = file.choose_image(finger.filter(|_| !unnamed))?;
    Ok((file.image(chosen, limits)?, file.position(chosen).unwrap_or_default(), file.ppi(chosen)?))
}

fn at_500(
    path: &Path,
    (image, _, stated): Contained,
    ppi: Option<Ppi>,
    limits: &Limits,
) -> Result<FingerImage, FormatError> {
    let ppi = choice::resolution(path, ppi, Some(stated)).unwrap_or(stated);
    Ok(FingerImage::from_gray8_within(image.width(), image.height(), ppi, image.pixels(), limits)?)
}

/// An image file at 500 ppi.
fn file(path: &Path, bytes: &[u8], ppi: Option<Ppi>, limits: &Limits) -> Result<FingerImage, Failure> {
    let image = choice::image(path, bytes, limits).map_err(|e| match e {
        selfsame::image::ImageError::UnknownFormat => {
            Failure::plain(format!("{}: neither an image nor a fingerprint template", path.display()))
        }
        e => Failure::at(path, e),
    })?;
    let stated = image.stated.and_then(|stated| Ppi::new(stated).ok());
    let ppi = choice::resolution(path, ppi, stated);
    if ppi.is_none() {
        let said = image.stated.map_or(String::new(), |ppi| format!(" (it states {ppi} ppi, which no sensor has)"));
        return Err(Failure::usage(format!("{}: give the resolution with --ppi{said}", path.display())));
    }
    image.finger(ppi, limits).map_err(|e| Failure::at(path, e))
}

/// The sample of an ANSI/NIST-ITL file: the chosen image or the only one, or, if there is none, the chosen minutiae.
fn of_file(
    path: &Path,
    bytes: &[u8],
    ppi: Option<Ppi>,
    finger: Option<FingerPosition>,
    limits: &Limits,
) -> Result<Held, FormatError> {
    let file = an2k(path, bytes, limits)?;
    if file.images().next().is_none() {
        let contents = file.contents();
        let unnamed =
            matches!(contents.as_slice(), [only] if only.position.unwrap_or_default() == FingerPosition::Unknown);
        let chosen = file.choose_minutiae(finger.filter(|_| !unnamed))?;
        let record = file.minutiae(chosen, limits)?;
        let position = record.views.first().map(|view| view.position).unwrap_or_default();
        return Ok((Sample::Template(record.to_template()?), position));
    }
    let found = chosen_image(&file, finger, limits)?;
    let position = found.1;
    Ok((Sample::Image(at_500(path, found, ppi, limits)?), position))
}

/// A sample, and the finger that its file names.
pub type Held = (Sample, FingerPosition);

/// Reads an image or a template, as detected from the bytes.
pub fn load(path: &Path, ppi: Option<Ppi>) -> Result<Sample, Failure> {
    Ok(of_bytes(path, bytes(path, &Limits::default())?, ppi, None)?.0)
}

/// As [`load`], of a file that was read. `named` is the finger that the caller says it holds: it chooses among several, and a
/// file that says otherwise is refused.
pub fn of_bytes(path: &Path, bytes: Vec<u8>, ppi: Option<Ppi>, named: Option<FingerPosition>) -> Result<Held, Failure> {
    let limits = Limits::default();
    let finger = named.filter(|finger| *finger != FingerPosition::Unknown).or(choice::get().finger);
    if bytes.is_empty() {
        return Err(Failure::at(path, FormatError::Empty));
    }
    if An2kFile::detect(&bytes) {
        return of_file(path, &bytes, ppi, finger, &limits).map_err(|e| Failure::at(path, e));
    }
    if let Some(found) = contained(path, &bytes, finger, &limits) {
        let found = found?;
        let position = found.1;
        let image = at_500(path, found, ppi, &limits).map_err(|e| Failure::at(path, e))?;
        return Ok((Sample::Image(image), position));
    }
    let choice = choice::get();
    let format = detect(&bytes);
    if format == Some(TemplateFormat::CsvPixels) && ppi.is_none() {
        return Err(Failure::usage(format!("{}: give the resolution with --ppi (pixels per inch)", path.display())));
    }
    // Padded headers and drafts of records are not detected, but no image begins like them.
    if format.is_none() && !bytes.starts_with(b"FMR") && decode_text(&bytes).is_none() {
        return Ok((Sample::Image(file(path, &bytes, ppi, &limits)?), FingerPosition::Unknown));
    }
    let options = DecodeOptions { ppi, lenient: choice.lenient, ..DecodeOptions::default() };
    let failed = |e| Failure::at(path, e);
    let mut record = decode(&bytes, &options, &limits).map_err(failed)?;
    record.mendings.iter().for_each(|mending| choice::note(path, mending));
    // Of two files on one command line, often only one holds several views.
    let (several, inside, mut places) = (record.views.len() > 1, record.contents(), 0..);
    record.views.retain(|view| {
        let place = places.next();
        let is_finger = |wanted| view.position == wanted || (!several && view.position == FingerPosition::Unknown);
        let is_chosen = choice.place.is_none_or(|wanted| place == Some(wanted))
            && choice.view.is_none_or(|wanted| view.number == wanted);
        finger.is_none_or(is_finger) && (!several || is_chosen)
    });
    if record.views.is_empty() {
        return Err(failed(FormatError::NoView { inside }));
    }
    let template = record.to_template().map_err(failed)?;
    let position = record.views.first().map(|view| view.position).unwrap_or_default();
    Ok((Sample::Template(template), position))
}

/// The fingers that a file of several prints names; empty where the user chose, where a print names none, or where they cannot be
/// told.
pub fn fingers(bytes: &[u8]) -> Vec<FingerPosition> {
    let (choice, limits) = (choice::get(), Limits::default());
    if choice.finger.is_some() || choice.view.is_some() || choice.place.is_some() {
        return Vec::new();
    }
    let options = DecodeOptions { lenient: choice.lenient, ..DecodeOptions::default() };
    let mut fingers: Vec<FingerPosition> = if bytes.starts_with(finger_image::MAGIC) {
        let record = FingerImageRecord::decode_lenient(bytes, &limits).map(|(record, _)| record.views);
        let position = |view: &finger_image::View| FingerPosition::from_code(view.position).unwrap_or_default();
        record.unwrap_or_default().iter().map(position).collect()
    } else if An2kFile::detect(bytes) {
        // Minutiae count where there are no images, as they do when one is read.
        An2kFile::decode_lenient(bytes, &limits).map_or_else(
            |_| Vec::new(),
            |file| match file.images().next() {
                Some(_) => file.images().map(|image| file.position(image).unwrap_or_default()).collect(),
                None => file.contents().iter().map(|held| held.position.unwrap_or_default()).collect(),
            },
        )
    } else {
        decode(bytes, &options, &limits)
            .map_or_else(|_| Vec::new(), |record| record.views.iter().map(|view| view.position).collect())
    };
    // Several views of one finger are left to the reader, which asks for a choice.
    fingers.sort_by_key(|finger| finger.code());
    fingers.dedup();
    if fingers.contains(&FingerPosition::Unknown) { Vec::new() } else { fingers }
}

/// The template of a sample, with a doubtful resolution noted.
pub fn template(path: &Path, sample: Sample, extractor: &Extractor) -> Result<FingerTemplate, Failure> {
    match sample {
        Sample::Template(template) => Ok(template),
        Sample::Image(image) => {
            let template = extractor.extract(&image).map_err(|e| Failure::at(path, e))?;
            note_doubt(path, &template);
            Ok(template)
        }
    }
}

/// Notes that the ridges of an extracted print make its resolution doubtful.
pub fn note_doubt(path: &Path, template: &FingerTemplate) {
    if template.quality_reasons().contains(QualityReason::DoubtfulResolution) {
        choice::note(path, "its ridges make the resolution doubtful: inspect tells what they fit");
    }
}
