//! `selfsame compare`

use std::path::Path;

use selfsame::draw::{Compared, DrawError, ShownPrint};
use selfsame::{Comparator, Extractor, Finger, FingerImage, FingerTemplate, Score, Threshold};
use serde_json::json;

use crate::args::CompareArgs;
use crate::failure::Failure;
use crate::outcome::{Outcome, shown_path};
use crate::picture::{self, PictureKind};
use crate::rule::{Rule, decibels};
use crate::sample::Sample;
use crate::{sample, write};

/// One of the two prints.
struct Print<'a> {
    path: &'a Path,
    template: FingerTemplate,
    /// Kept only for a picture.
    image: Option<FingerImage>,
}

impl<'a> Print<'a> {
    fn shown(&'a self, name: &'a str) -> ShownPrint<'a> {
        ShownPrint { template: &self.template, image: self.image.as_ref(), name }
    }
}

pub fn run(args: &CompareArgs) -> Result<Outcome, Failure> {
    let rule = Rule::of_comparison(args.fmr)?;
    let kind = args.picture.as_deref().map(|path| picture::kind(path, "a picture")).transpose()?;
    write::check(&[args.picture.as_deref()], args.force.force)?;
    let extractor = sample::extractor(&args.extraction)?;
    let read = |path| read(path, args, &extractor);
    let (first, second) = (read(&args.a)?, read(&args.b)?);
    let (a, b) = (&first.template, &second.template);
    let score = Comparator::<Finger>::new()
        .compare_templates(a, b)
        .map_err(|e| Failure::new(format!("cannot compare {} with {}", args.a.display(), args.b.display()), e))?;
    let threshold = rule.threshold();
    let matched = score.meets(threshold);
    if let (Some(path), Some(kind)) = (&args.picture, kind) {
        let bytes = drawn(&first, &second, threshold, kind).map_err(|e| Failure::at(path, e))?;
        write::output(path, &bytes, args.force.force)?;
    }
    let mut text = format!(
        "score {:.1} dB, which corresponds to a false match rate {}\n{}: threshold {:.1} dB ({}); {} and {} minutiae\n",
        score.decibels(),
        rate(score),
        if matched { "match" } else { "no match" },
        threshold.score().decibels(),
        rule.text(),
        a.minutiae().len(),
        b.minutiae().len(),
    );
    if let Some(path) = &args.picture {
        text.push_str(&format!("picture: {}\n", shown_path(path)));
    }
    let json = json!({
        "a": args.a.display().to_string(),
        "b": args.b.display().to_string(),
        "minutiae": [a.minutiae().len(), b.minutiae().len()],
        "score": decibels(score),
        "fmr": score.backed_fmr(),
        "fmr_below": score.backed_fmr().is_none().then(backed_to),
        "threshold": decibels(threshold.score()),
        "rule": rule.json(),
        "match": matched,
        "picture": args.picture.as_ref().map(|path| path.display().to_string()),
    });
    Ok(Outcome::decided(text, json, matched))
}

/// Reads a print and finds its minutiae.
fn read<'a>(path: &'a Path, args: &CompareArgs, extractor: &Extractor) -> Result<Print<'a>, Failure> {
    let loaded = sample::load(path, args.ppi)?;
    let image = match &loaded {
        Sample::Image(image) if args.picture.is_some() => Some(image.clone()),
        _ => None,
    };
    let template = sample::template(path, loaded, extractor)?;
    Ok(Print { path, template, image })
}

/// The picture of the comparison.
fn drawn(a: &Print<'_>, b: &Print<'_>, threshold: Threshold, kind: PictureKind) -> Result<Vec<u8>, DrawError> {
    let names = [a, b].map(|print| print.path.display().to_string());
    let explanation = Comparator::<Finger>::new().explain(&a.template, &b.template);
    let compared =
        Compared { probe: a.shown(&names[0]), reference: b.shown(&names[1]), explanation: &explanation, threshold };
    match kind {
        PictureKind::Png => compared.to_picture().to_png(),
        PictureKind::Svg => compared.to_svg().map(String::into_bytes),
    }
}

/// The lowest false match rate that data back.
fn backed_to() -> f64 {
    // Powers of ten are not exact in binary; this one is meant.
    format!("{:.0e}", Score::from_decibels(Score::BACKED_TO).fmr()).parse().unwrap_or_default()
}

/// The false match rate of a score in words.
fn rate(score: Score) -> String {
    score.backed_fmr().map_or_else(|| format!("below {:e}", backed_to()), |fmr| format!("of {fmr:.1e}"))
}
