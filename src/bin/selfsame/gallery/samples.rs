//! Reads samples from files.

use std::path::{Path, PathBuf};

use selfsame::format::npy::{NpyArray, NpyData};
use selfsame::gallery::Samples;
use selfsame::{Embedding, Extractor, FingerPosition, FingerTemplate, Limits};

use crate::args::gallery::SampleArgs;
use crate::failure::Failure;
use crate::sample;

/// Signature of an array file.
const NPY: &[u8] = b"\x93NUMPY";

/// What a file holds of one person.
pub enum Found {
    Prints(Vec<(FingerPosition, FingerTemplate)>),
    Faces(Vec<Embedding>),
}

/// Prints, templates and embeddings of one person; every file must be good. A probe is one print; a file to enroll may hold
/// several, each of another finger.
pub fn read(files: &[PathBuf], args: &SampleArgs, probe: bool) -> Result<Samples, Failure> {
    let extractor = sample::extractor(&args.extraction)?;
    files.iter().try_fold(Samples::new(), |samples, file| {
        of_file(file, args.position, args, &extractor, probe).map(|found| add(samples, found))
    })
}

/// Adds what a file holds.
pub fn add(samples: Samples, found: Found) -> Samples {
    match found {
        Found::Prints(prints) => {
            prints.into_iter().fold(samples, |samples, (position, template)| samples.finger(position, template))
        }
        Found::Faces(embeddings) => embeddings.into_iter().fold(samples, Samples::face),
    }
}

/// Reads the samples of one file, once: it may be a pipe.
pub fn of_file(
    file: &Path,
    position: FingerPosition,
    args: &SampleArgs,
    extractor: &Extractor,
    probe: bool,
) -> Result<Found, Failure> {
    let bytes = sample::bytes(file, &Limits::default())?;
    if bytes.starts_with(NPY) {
        return embeddings(file, &bytes).map(Found::Faces);
    }
    let fingers = if probe || position != FingerPosition::Unknown { Vec::new() } else { sample::fingers(&bytes) };
    let one = |bytes: Vec<u8>, named: FingerPosition| {
        let (loaded, held) = sample::of_bytes(file, bytes, args.ppi, Some(named))?;
        // A file that names its finger is taken at its word where the caller said nothing.
        let position = if named == FingerPosition::Unknown { held } else { named };
        Ok((position, sample::template(file, loaded, extractor)?))
    };
    if fingers.len() < 2 {
        return Ok(Found::Prints(vec![one(bytes, position)?]));
    }
    fingers.into_iter().map(|finger| one(bytes.clone(), finger)).collect::<Result<_, _>>().map(Found::Prints)
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
