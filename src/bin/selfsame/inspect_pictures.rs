//! The report of `selfsame inspect` on image files, and on the ridges of any image.

use selfsame::fingerprint::extract::ridge_period;
use selfsame::format::{decode_text, detect};
use selfsame::image::{Gray8, ImageError, ImageFile, ImageOptions};
use selfsame::{FingerImage, Limits, Ppi};
use serde_json::{Value, json};

use crate::args::InspectArgs;
use crate::choice;
use crate::failure::Failure;
use crate::outcome::{Outcome, counted, number, shown_path};

/// Describes an image file, page by page; `None` when it is something else.
pub fn describe(args: &InspectArgs, bytes: &[u8]) -> Result<Option<Outcome>, Failure> {
    let limits = Limits::default();
    if detect(bytes).is_some() || bytes.starts_with(b"FMR") || decode_text(bytes).is_some() {
        return Ok(None);
    }
    let pages = match choice::image(&args.file, bytes, &limits) {
        Ok(page) => vec![page],
        Err(ImageError::UnknownFormat | ImageError::Empty) => return Ok(None),
        Err(ImageError::SeveralPages { pages }) => {
            let page = |page| ImageFile::decode(bytes, &ImageOptions::default().page(page), &limits);
            (0..pages).map(page).collect::<Result<_, _>>().map_err(|e| Failure::at(&args.file, e))?
        }
        Err(e) => return Err(Failure::at(&args.file, e)),
    };
    if args.svg.is_some() {
        return Err(Failure::usage(format!("{}: only templates can be drawn, not images", args.file.display())));
    }
    let mut text =
        format!("{}: image file, {}\n", shown_path(&args.file), counted(pages.len() as u64, "picture", "pictures"));
    let mut all = Vec::new();
    for (at, page) in pages.iter().enumerate() {
        let (width, height) = (page.image.width(), page.image.height());
        let stated = page.stated.map_or("no resolution".to_owned(), |ppi| format!("{ppi:.1} ppi"));
        let (ridges, json) = ridges(&page.image, page.stated.and_then(|ppi| Ppi::new(ppi).ok()), &limits);
        text.push_str(&format!("picture {at}: {width} x {height} pixels, states {stated}; {ridges}\n"));
        all.push(json!({
            "width": width,
            "height": height,
            "stated_ppi": page.stated.map(number),
            "ridges": json,
            "notes": page.notes.iter().map(ToString::to_string).collect::<Vec<_>>(),
        }));
    }
    Ok(Some(Outcome::done(text, json!({ "format": "image", "pictures": all }))))
}

/// What the ridges of an image say about its resolution.
pub fn ridges(image: &Gray8, stated: Option<Ppi>, limits: &Limits) -> (String, Value) {
    // Measured on the pixels as they are: a wrong resolution must not resample them away.
    let image = FingerImage::from_gray8_within(image.width(), image.height(), Ppi::P500, image.pixels(), limits);
    let Some(period) = image.ok().as_ref().and_then(ridge_period) else {
        return ("no ridges to measure".to_owned(), Value::Null);
    };
    let (low, high) = period.likely_ppi();
    let fits = stated.is_none_or(|ppi| !period.if_stated(ppi).is_doubtful());
    let doubt = if fits { "" } else { ", not what it states" };
    let text = format!("ridges {:.1} pixels apart, which fits {low} to {high} ppi{doubt}", period.pixels());
    let json = json!({
        "pixels": number(period.pixels()),
        "agreement": number(period.agreement()),
        "likely_ppi": [number(low), number(high)],
        "fits": fits,
    });
    (text, json)
}
