//! Reads samples from files.

use std::path::{Path, PathBuf};

use selfsame::format::npy::{NpyArray, NpyData};
use selfsame::gallery::Samples;
use selfsame::{Embedding, Extractor, FingerPosition, Limits};

use crate::args::gallery::SampleArgs;
use crate::failure::Failure;
use crate::sample;

/// Signature of an array file.
const NPY: &[u8] = b"\x93NUMPY";

/// Prints, templates and embeddings of one person.
pub fn read(files: &[PathBuf], args: &SampleArgs) -> Result<Samples, Failure> {
    let extractor = sample::extractor(&args.extraction)?;
    files.iter().try_fold(Samples::new(), |samples, file| add(samples, file, args.position, args, &extractor))
}

/// Adds the samples of one file.
pub fn add(
    samples: Samples,
    file: &Path,
    position: FingerPosition,
    args: &SampleArgs,
    extractor: &Extractor,
) -> Result<Samples, Failure> {
    let bytes = sample::bytes(file, &Limits::default())?;
    if bytes.starts_with(NPY) {
        return Ok(embeddings(file, &bytes)?.into_iter().fold(samples, Samples::face));
    }
    let loaded = sample::load(file, args.ppi)?;
    let template = sample::template(loaded, extractor).map_err(|e| Failure::at(file, e))?;
    Ok(samples.finger(position, template))
}

fn embeddings(file: &Path, bytes: &[u8]) -> Result<Vec<Embedding>, Failure> {
    let array = NpyArray::decode(bytes, &Limits::default()).map_err(|e| Failure::at(file, e))?;
    // A vector is one embedding; a matrix has one in each row.
    let columns = if array.dimensions() == 1 { array.rows() } else { array.columns() };
    let NpyData::Float(values) = array.into_data() else {
        return Err(Failure::plain(format!("{}: an embedding must be floats", file.display())));
    };
    if columns == 0 || values.is_empty() {
        return Err(Failure::plain(format!("{}: no embedding", file.display())));
    }
    values.chunks(columns).map(|row| Embedding::from_slice(row).map_err(|e| Failure::at(file, e))).collect()
}
