//! `selfsame convert-image`

use selfsame::Limits;
use selfsame::image::{Gray8, wsq};
use serde_json::json;

use crate::args::ConvertImageArgs;
use crate::failure::Failure;
use crate::outcome::{Outcome, number};
use crate::{sample, write};

pub fn run(args: &ConvertImageArgs) -> Result<Outcome, Failure> {
    // Names are checked before any work is done.
    let extension = args.output.extension().and_then(|e| e.to_str()).unwrap_or_default().to_lowercase();
    let to_wsq = match extension.as_str() {
        "wsq" => true,
        "png" => false,
        _ => return Err(Failure::plain(format!("{}: an image's name ends in .wsq or .png", args.output.display()))),
    };
    let limits = Limits::default();
    let input = sample::bytes(&args.input, &limits)?;
    let image = Gray8::decode(&input, &limits).map_err(|e| Failure::at(&args.input, e))?;
    let (width, height) = (image.width(), image.height());
    let output = if to_wsq {
        wsq::encode(width, height, image.pixels(), Some(args.ppi), args.bpp)
            .map_err(|e| Failure::at(&args.output, e))?
    } else {
        image.to_png().map_err(|e| Failure::at(&args.output, e))?
    };
    write::file(&args.output, &output)?;
    let ratio = image.pixels().len() as f64 / output.len() as f64;
    let text = format!("{width} x {height} pixels, {} bytes, {ratio:.1} times smaller than its pixels\n", output.len());
    let json = json!({
        "input": args.input.display().to_string(),
        "output": args.output.display().to_string(),
        "width": width,
        "height": height,
        "ppi": number(args.ppi.get()),
        "bpp": to_wsq.then(|| number(args.bpp)),
        "bytes": output.len(),
        "ratio": ratio,
    });
    Ok(Outcome::done(text, json))
}
