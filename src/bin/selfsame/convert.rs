//! `selfsame convert`

use std::ffi::OsStr;
use std::path::Path;

use selfsame::Limits;
use selfsame::format::{
    FormatError, Record, RecordFormat, TemplateFormat, decode_record, decode_templates, detect, encode_record,
};
use serde_json::{Map, Value, json};

use crate::args::ConvertArgs;
use crate::failure::Failure;
use crate::outcome::{Outcome, shown_path};
use crate::{sample, write};

pub fn run(args: &ConvertArgs) -> Result<Outcome, Failure> {
    // The name is checked before any work is done.
    let target = match args.format {
        Some(format) => format,
        None => of_name(&args.output)?,
    };
    let (record, source) = read(&args.input, args.from)?;
    let (bytes, losses) = encode_record(&record, target);
    write::file(&args.output, &bytes)?;
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
    let lost: Map<String, Value> = losses.iter().map(|(what, count)| (what.name().to_owned(), count.into())).collect();
    let json = json!({ "from": source.id(), "to": target.id(), "bytes": bytes.len(), "lost": lost });
    Ok(Outcome::done(text, json))
}

/// A format that a record was read in.
#[derive(Clone, Copy)]
pub enum Source {
    /// One of the record formats.
    Record(RecordFormat),
    /// This crate's CSV.
    Csv,
}

impl Source {
    pub fn name(self) -> &'static str {
        match self {
            Self::Record(format) => format.name(),
            Self::Csv => TemplateFormat::Csv.name(),
        }
    }

    pub fn id(self) -> &'static str {
        match self {
            Self::Record(format) => format.id(),
            Self::Csv => "csv",
        }
    }
}

/// Reads a record of any format; CSV too, where nothing else is asked for.
pub fn read(path: &Path, format: Option<RecordFormat>) -> Result<(Record, Source), Failure> {
    let limits = Limits::default();
    let bytes = sample::bytes(path, &limits)?;
    let at = |e: FormatError| Failure::at(path, e);
    if format.is_none() && TemplateFormat::detect(&bytes) == Some(TemplateFormat::Csv) {
        let templates = decode_templates(&bytes, TemplateFormat::Csv, None, &limits).map_err(at)?;
        return Ok((Record::from_templates(&templates), Source::Csv));
    }
    let Some(format) = format.or_else(|| detect(&bytes)) else {
        let error = if bytes.is_empty() { FormatError::Empty } else { FormatError::UnknownFormat };
        return Err(at(error));
    };
    Ok((decode_record(&bytes, format, &limits).map_err(at)?, Source::Record(format)))
}

/// The format that a file's name asks for.
fn of_name(path: &Path) -> Result<RecordFormat, Failure> {
    let extension = path.extension().and_then(OsStr::to_str).unwrap_or_default().to_ascii_lowercase();
    Ok(match extension.as_str() {
        "iso" | "fmr" => RecordFormat::Iso2005,
        "ansi" => RecordFormat::Ansi2004,
        "xyt" => RecordFormat::XytNist,
        "cbor" => RecordFormat::SourceAfis,
        "piv" => RecordFormat::Piv,
        "ssft" => RecordFormat::Compact,
        _ => {
            let wanted = "give --format, or a name that ends in .iso, .fmr, .ansi, .xyt, .cbor, .piv or .ssft";
            return Err(Failure::plain(format!("{}: {wanted}", path.display())));
        }
    })
}
