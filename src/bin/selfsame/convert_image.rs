//! `selfsame convert-image`

use std::path::Path;

use selfsame::format::finger_image::{Edition, FingerImageRecord, ImageEncoding};
use selfsame::image::{Gray8, wsq};
use selfsame::{FingerPosition, Limits, Ppi};
use serde_json::json;

use crate::args::{ConvertImageArgs, ImageEdition, ImageTarget};
use crate::failure::{Failure, Kind};
use crate::outcome::{Outcome, number};
use crate::{choice, sample, write};

pub fn run(args: &ConvertImageArgs) -> Result<Outcome, Failure> {
    // Names are checked before any work is done.
    let target = args.format.map_or_else(|| of_name(&args.output), Ok)?;
    write::check(&[Some(&args.output)], args.force.force)?;
    let limits = Limits::default();
    let input = sample::bytes(&args.input, &limits)?;
    let (image, position, told) = match sample::contained(&args.input, &input, choice::get().finger, &limits) {
        Some(found) => {
            let (image, position, ppi) = found?;
            (image, position, Some(ppi))
        }
        None => {
            let file = choice::image(&args.input, &input, &limits).map_err(|e| Failure::at(&args.input, e))?;
            let stated = file.stated.and_then(|stated| Ppi::new(stated).ok());
            (file.image, FingerPosition::Unknown, stated)
        }
    };
    let Some(ppi) = choice::resolution(&args.input, args.ppi, told) else {
        let wanted = "give the resolution with --ppi (pixels per inch)";
        return Err(Failure::usage(format!("{}: {wanted}", args.input.display())));
    };
    let (width, height) = (image.width(), image.height());
    let output = match target {
        ImageTarget::Wsq => wsq::encode(width, height, image.pixels(), Some(ppi), args.bpp)
            .map_err(|e| Failure::at(&args.output, e).of(Kind::Usage))?,
        ImageTarget::Png => image.to_png().map_err(|e| Failure::at(&args.output, e))?,
        ImageTarget::Fir => record(args, &image, position, ppi)?,
    };
    write::output(&args.output, &output, args.force.force)?;
    let ratio = image.pixels().len() as f64 / output.len() as f64;
    let text = format!("{width} x {height} pixels, {} bytes, {ratio:.1} times smaller than its pixels\n", output.len());
    let coded = target == ImageTarget::Wsq || (target == ImageTarget::Fir && !args.lossless);
    let json = json!({
        "input": args.input.display().to_string(),
        "output": args.output.display().to_string(),
        "width": width,
        "height": height,
        "ppi": number(ppi.get()),
        "bpp": coded.then(|| number(args.bpp)),
        "bytes": output.len(),
        "ratio": ratio,
    });
    Ok(Outcome::done(text, json))
}

fn of_name(path: &Path) -> Result<ImageTarget, Failure> {
    let extension = path.extension().and_then(|e| e.to_str()).unwrap_or_default().to_lowercase();
    Ok(match extension.as_str() {
        "wsq" => ImageTarget::Wsq,
        "png" => ImageTarget::Png,
        "fir" => ImageTarget::Fir,
        _ => {
            let wanted = "give --format, or a name that ends in .wsq, .png or .fir";
            return Err(Failure::usage(format!("{}: {wanted}", path.display())));
        }
    })
}

fn record(args: &ConvertImageArgs, image: &Gray8, position: FingerPosition, ppi: Ppi) -> Result<Vec<u8>, Failure> {
    let edition = match args.edition {
        ImageEdition::Iso2005 => Edition::Iso2005,
        ImageEdition::Iso2011 => Edition::Iso2011,
        ImageEdition::Ansi2004 => Edition::Ansi2004,
    };
    let encoding = if args.lossless { ImageEncoding::Png } else { ImageEncoding::Wsq(args.bpp) };
    FingerImageRecord::from_images(edition, &[(image, position)], ppi, encoding)
        .and_then(|record| record.encode())
        .map_err(|e| Failure::at(&args.output, e))
}
