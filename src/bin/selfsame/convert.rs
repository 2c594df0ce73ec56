//! `selfsame convert`

use std::ffi::OsStr;
use std::path::Path;

use selfsame::Limits;
use selfsame::format::{DecodeOptions, Losses, Record, TemplateFormat, decode, detect, encode};
use serde_json::{Map, Value, json};

use crate::args::ConvertArgs;
use crate::failure::Failure;
use crate::outcome::{Outcome, shown_path};
use crate::{sample, write};

pub fn run(args: &ConvertArgs) -> Result<Outcome, Failure> {
    // The name is checked before any work is done.
    let target = args.format.or_else(|| of_name(&args.output)).ok_or_else(|| {
        Failure::usage(format!("{}: give --format, or a name that ends in {ENDINGS}", args.output.display()))
    })?;
    write::check(&[Some(&args.output)], args.force.force)?;
    let input = sample::bytes(&args.input, &Limits::default())?;
    let (record, source) = read(&args.input, &input, args.from)?;
    let (bytes, losses) = encode(&record, target);
    write::output(&args.output, &bytes, args.force.force)?;
    let mut text = format!(
        "{} ({}) -> {} ({}), {} bytes\n",
        shown_path(&args.input),
        source.name(),
        shown_path(&args.output),
        target.name(),
        bytes.len()
    );
    if !losses.is_empty() {
        text.push_str(&format!("lost: {losses}\n"));
    }
    let (input, output) = (args.input.display().to_string(), args.output.display().to_string());
    let json = json!({ "input": input, "output": output, "from": source.id(), "to": target.id(), "bytes": bytes.len(), "lost": lost(&losses) });
    Ok(Outcome::done(text, json))
}

/// What was lost, and how often.
pub fn lost(losses: &Losses) -> Map<String, Value> {
    losses.iter().map(|(what, count)| (what.name().to_owned(), count.into())).collect()
}

/// Decodes a template of any format, and returns the format.
pub fn read(path: &Path, bytes: &[u8], format: Option<TemplateFormat>) -> Result<(Record, TemplateFormat), Failure> {
    let format = format.or_else(|| detect(bytes));
    let options = DecodeOptions { format, ..DecodeOptions::default() };
    let record = decode(bytes, &options, &Limits::default()).map_err(|e| Failure::at(path, e))?;
    // Files that match no format were refused.
    Ok((record, format.unwrap_or(TemplateFormat::Iso2005)))
}

/// The file name endings that [`of_name`] knows.
pub const ENDINGS: &str = ".iso, .fmr, .ansi, .xyt, .cbor, .piv, .csv or .ssft";

/// The format for a file name.
pub fn of_name(path: &Path) -> Option<TemplateFormat> {
    let extension = path.extension().and_then(OsStr::to_str).unwrap_or_default().to_ascii_lowercase();
    Some(match extension.as_str() {
        "iso" | "fmr" => TemplateFormat::Iso2005,
        "ansi" => TemplateFormat::Ansi2004,
        "xyt" => TemplateFormat::XytNist,
        "cbor" => TemplateFormat::SourceAfis,
        "piv" => TemplateFormat::Piv,
        "csv" => TemplateFormat::Csv,
        "ssft" => TemplateFormat::Ssft,
        _ => return None,
    })
}
