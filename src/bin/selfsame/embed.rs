//! `selfsame embed`

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use selfsame::Limits;
use selfsame::face::align::{AlignedFace, Colors, InputForm, Landmarks, RgbPicture};
use selfsame::face::embed::{FaceDetector, FaceEmbedder, mean_cosine_if_alike};
use selfsame::format::npy::NpyArray;
use selfsame::text::shown;
use serde_json::json;

use crate::args::EmbedArgs;
use crate::batch::{self, Batch};
use crate::failure::{Failure, Kind};
use crate::folder::{Listing, regular};
use crate::landmarks::Said;
use crate::outcome::{Outcome, counted, number, shown_path};
use crate::{choice, sample, write};

/// Extensions of pictures of faces.
const PICTURES: &[&str] = &["png", "jpg", "jpeg", "tif", "tiff", "bmp", "ppm"];

/// Where landmarks come from.
enum Source {
    Said(Said),
    Found { detector: Box<FaceDetector>, largest: bool },
}

pub fn run(args: &EmbedArgs) -> Result<Outcome, Failure> {
    write::check(&[Some(&args.output), args.names.as_deref()], args.force.force)?;
    let source = match (&args.landmarks, &args.detector) {
        (Some(text), _) => Source::Said(Said::of(text)?),
        (None, Some(path)) => Source::Found {
            detector: Box::new(FaceDetector::load(path).map_err(|e| Failure::at(path, e))?),
            largest: args.largest,
        },
        (None, None) => return Err(Failure::usage("give --landmarks or --detector")),
    };
    let folder = args.image.is_dir();
    if folder && matches!(source, Source::Said(Said::One(_))) {
        return Err(Failure::usage("--landmarks: a folder needs a file with landmarks for each picture"));
    }
    let listing = if folder { Listing::of(&args.image, PICTURES)? } else { Listing::default() };
    let files: Vec<PathBuf> =
        if folder { listing.files.into_iter().map(|(_, path)| path).collect() } else { vec![args.image.clone()] };
    if files.is_empty() {
        return Err(Failure::plain(format!("{}: no pictures ({})", args.image.display(), PICTURES.join(", "))));
    }
    let embedder = embedder(args)?;
    let name = |path: &PathBuf| path.display().to_string();
    let aligned = |path: &PathBuf| align(if folder { regular(path)? } else { path }, &source, embedder.side());
    let Batch { each, mut left_out } = batch::each("aligning", &files, args.batch.strict, name, aligned)?;
    let (paths, faces): (Vec<&PathBuf>, Vec<AlignedFace>) =
        files.iter().zip(each).filter_map(|(path, face)| Some((path, face?))).unzip();
    let (mut names, mut embeddings, mut last) = (Vec::new(), Vec::new(), None);
    for (path, made) in paths.into_iter().zip(embedder.embed_batch(&faces)) {
        match made {
            Ok(embedding) => {
                names.push(path.file_name().unwrap_or_default().to_string_lossy().into_owned());
                embeddings.push(embedding);
            }
            Err(e) => {
                left_out.add(&name(path), Failure::at(path, e.clone()), args.batch.strict)?;
                last = Some(e);
            }
        }
    }
    if let (Some(e), true) = (last, embeddings.is_empty()) {
        return Err(Failure::at(&args.model, e));
    }
    if let Some(cosine) = mean_cosine_if_alike(&embeddings) {
        let what = "if they show different people, --mean, --divisor, --bgr or the landmarks are wrong";
        choice::note(&args.image, format!("all faces look alike (mean cosine {cosine:.2}): {what}"));
    }
    let values: Vec<f32> = embeddings.iter().flat_map(|embedding| embedding.as_slice().iter().copied()).collect();
    let array = NpyArray::from_floats(embeddings.len(), embedder.dimension(), values);
    let array = array.map_err(|e| Failure::at(&args.output, e))?;
    write::output(&args.output, &array.encode(), args.force.force)?;
    if let Some(path) = &args.names {
        let lines: String = names.iter().map(|name| format!("{}\n", shown(name))).collect();
        write::output(path, lines.as_bytes(), args.force.force)?;
    }
    let digest: String = embedder.digest().iter().map(|byte| format!("{byte:02x}")).collect();
    let mut text = String::new();
    left_out.list(&mut text);
    // Writing to a String does not fail.
    let _ = writeln!(text, "{}\nsha-256 {digest}", shown(&embedder.model().to_string()));
    let count = counted(embeddings.len() as u64, "embedding", "embeddings");
    let _ = writeln!(text, "{count} of {} numbers: {}", embedder.dimension(), shown_path(&args.output));
    left_out.summary(&mut text, ": they have no row");
    let mut json = json!({
        "image": args.image.display().to_string(),
        "model": embedder.model().name(),
        "version": embedder.model().version(),
        "sha256": digest,
        "dimension": embedder.dimension(),
        "side": embedder.side(),
        "rows": names,
        "alike": mean_cosine_if_alike(&embeddings).map(number),
        "output": args.output.display().to_string(),
    });
    left_out.tell(&mut json);
    Ok(Outcome::done(text, json).leaving_out(left_out.len()))
}

fn embedder(args: &EmbedArgs) -> Result<FaceEmbedder, Failure> {
    let colors = if args.bgr { Colors::Bgr } else { Colors::Rgb };
    let form = InputForm { mean: args.mean.0, divisor: args.divisor.0, colors };
    let name = args.model.file_stem().map_or("model".into(), |name| name.to_string_lossy());
    let mut builder = FaceEmbedder::builder(name, "onnx").input(form);
    if let Some(side) = args.side {
        builder = builder.side(side);
    }
    if let Some(output) = &args.model_output {
        builder = builder.output(output);
    }
    builder.load(&args.model).map_err(|e| Failure::at(&args.model, e))
}

/// The aligned face of a picture.
fn align(path: &Path, source: &Source, side: usize) -> Result<AlignedFace, Failure> {
    let limits = Limits::default();
    let bytes = sample::bytes(path, &limits)?;
    let picture = RgbPicture::decode(&bytes, &limits).map_err(|e| Failure::at(path, e))?;
    let landmarks: Landmarks = match source {
        Source::Said(said) => said.at(path)?,
        Source::Found { detector, largest } => {
            let faces = detector.detect(&picture.view()).map_err(|e| Failure::at(path, e))?;
            let mut by_size: Vec<_> = faces.iter().collect();
            by_size.sort_by(|a, b| b.area().total_cmp(&a.area()));
            match by_size.as_slice() {
                [] => return Err(Failure::plain(format!("{}: no face was found", path.display())).of(Kind::Quality)),
                [only] => only.landmarks,
                [first, ..] if *largest => {
                    choice::note(path, format!("the largest of {} faces was taken", by_size.len()));
                    first.landmarks
                }
                several => {
                    let text = format!("{}: {} faces; --largest takes the largest", path.display(), several.len());
                    return Err(Failure::plain(text).of(Kind::Quality));
                }
            }
        }
    };
    AlignedFace::from_picture_of_side(&picture.view(), &landmarks, side).map_err(|e| Failure::at(path, e))
}
