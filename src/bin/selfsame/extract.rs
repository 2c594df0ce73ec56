//! `selfsame extract`

use std::fmt::Write as _;
use std::path::Path;
use std::time::Instant;

use selfsame::draw::{StagePictures, annotated, annotated_svg};
use selfsame::fingerprint::extract::ExtractError;
use selfsame::fingerprint::singular::{PatternClass, SingularKind};
use selfsame::format::{Losses, Record, encode};
use selfsame::{Extractor, FingerImage, FingerTemplate, MinutiaKind};
use serde_json::json;

use crate::args::ExtractArgs;
use crate::failure::Failure;
use crate::outcome::{Outcome, number, shown_path};
use crate::picture::{self, PictureKind};
use crate::{convert, sample, write};

pub fn run(args: &ExtractArgs) -> Result<Outcome, Failure> {
    // Names are checked before any work is done.
    let format = match &args.output {
        None => None,
        Some(path) => Some(args.format.or_else(|| convert::of_name(path)).ok_or_else(|| {
            let (path, endings) = (path.display(), convert::ENDINGS);
            Failure::usage(format!("{path}: give --format, or a name that ends in {endings}"))
        })?),
    };
    let overlay_format = args.overlay.as_deref().map(|path| picture::kind(path, "an overlay")).transpose()?;
    if args.output.is_none() && args.stages.is_none() && args.overlay.is_none() {
        return Err(Failure::usage("nothing to write: give --output, --overlay or --stages"));
    }
    let force = args.force.force;
    write::check(&[args.output.as_deref(), args.overlay.as_deref()], force)?;
    let mut builder = sample::builder(&args.extraction)?;
    if let Some(count) = args.max_minutiae {
        builder = builder.max_minutiae(count);
    }
    if let Some(quality) = args.min_quality {
        builder = builder.min_quality(quality);
    }
    let extractor = builder.build().map_err(|e| Failure::new("extractor", e))?;

    let image = sample::image(&args.image, args.ppi)?;
    let image = if args.invert { image.inverted() } else { image };
    let start = Instant::now();
    let result = match &args.stages {
        Some(folder) => extract_shown(&extractor, &image, folder)?,
        None => extractor.extract(&image),
    };
    let template = result.map_err(|e| Failure::at(&args.image, e))?;
    sample::note_doubt(&args.image, &template);
    let seconds = start.elapsed().as_secs_f64();

    let mut losses = Losses::default();
    if let (Some(path), Some(format)) = (&args.output, format) {
        let bytes;
        (bytes, losses) = encode(&Record::from_templates(std::slice::from_ref(&template)), format);
        write::output(path, &bytes, force)?;
    }
    match (&args.overlay, overlay_format) {
        (Some(path), Some(PictureKind::Png)) => {
            let png = annotated(&image, &template).to_png().map_err(|e| Failure::at(path, e))?;
            write::output(path, &png, force)?;
        }
        (Some(path), Some(PictureKind::Svg)) => {
            let svg = annotated_svg(&image, &template).map_err(|e| Failure::at(path, e))?;
            write::output(path, svg.as_bytes(), force)?;
        }
        _ => {}
    }

    Ok(report(args, &template, &losses, seconds))
}

/// Extracts, writing a picture of each stage.
fn extract_shown(
    extractor: &Extractor,
    image: &FingerImage,
    folder: &Path,
) -> Result<Result<FingerTemplate, ExtractError>, Failure> {
    let mut sink = StagePictures::new(image);
    let result = extractor.extract_traced(image, &mut sink);
    // The stages before an error are the ones to look at.
    write::folder(folder)?;
    for (i, (name, picture)) in sink.into_pictures().into_iter().enumerate() {
        let path = folder.join(format!("{:02}_{name}.png", i + 1));
        let png = picture.to_png().map_err(|e| Failure::at(&path, e))?;
        write::file(&path, &png)?;
    }
    Ok(result)
}

fn report(args: &ExtractArgs, template: &FingerTemplate, losses: &Losses, seconds: f64) -> Outcome {
    let count = |kind| template.minutiae().iter().filter(|m| m.kind == kind).count();
    let (endings, bifurcations) = (count(MinutiaKind::Ending), count(MinutiaKind::Bifurcation));
    let minutiae = template.minutiae().len();
    let quality = template.quality().map_or("unknown".to_owned(), |q| format!("{q} of 100"));
    let mut text = format!(
        "{minutiae} minutiae ({endings} endings, {bifurcations} bifurcations), quality {quality}, {} x {} pixels at 500 ppi, {:.0} ms\n",
        template.width(),
        template.height(),
        1000.0 * seconds
    );
    let points = |kind| template.singular_points().iter().filter(|p| p.kind == kind).count();
    let (cores, deltas) = (points(SingularKind::Core), points(SingularKind::Delta));
    let pattern = template.pattern().map(PatternClass::name);
    let _ = writeln!(text, "pattern {}, {cores} cores, {deltas} deltas", pattern.unwrap_or("unknown"));
    let reasons = template.quality_reasons();
    if !reasons.is_empty() {
        let _ = writeln!(text, "poor because: {reasons}");
    }
    for (what, path) in [("template", &args.output), ("overlay", &args.overlay), ("stages", &args.stages)] {
        if let Some(path) = path {
            text.push_str(&format!("{what}: {}\n", shown_path(path)));
        }
    }
    if !losses.is_empty() {
        let _ = writeln!(text, "the template's format cannot hold: {losses}");
    }
    let shown = |path: &Option<std::path::PathBuf>| path.as_ref().map(|p| p.display().to_string());
    let json = json!({
        "image": args.image.display().to_string(),
        "ppi": number(args.ppi.get()),
        "width": template.width(),
        "height": template.height(),
        "minutiae": minutiae,
        "endings": endings,
        "bifurcations": bifurcations,
        "quality": template.quality(),
        "quality_reasons": reasons.iter().map(|r| r.name()).collect::<Vec<_>>(),
        "pattern": pattern,
        "cores": cores,
        "deltas": deltas,
        "method": template.method().map(|m| m.to_string()),
        "seconds": seconds,
        "output": shown(&args.output),
        "lost": convert::lost(losses),
        "overlay": shown(&args.overlay),
        "stages": shown(&args.stages),
    });
    Outcome::done(text, json)
}
