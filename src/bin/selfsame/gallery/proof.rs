//! Checkpoints and proofs of a gallery's log.

use std::path::Path;

use selfsame::Limits;
use selfsame::gallery::log::checkpoint::{Checkpoint, CheckpointKey, CheckpointPublicKey};
use selfsame::gallery::log::{Hash, verify_consistency, verify_inclusion};
use selfsame::gallery::seal::SecretKey;
use serde_json::{Value, json};

use super::event::hex;
use super::open::{builder, close, failed, open, open_to_read, outside, present};
use crate::args::gallery::{CheckpointArgs, ProveArgs, VerifyProofArgs};
use crate::args::values::hex as bytes_of;
use crate::failure::{Failure, Kind};
use crate::outcome::{Outcome, pretty, shown_path};
use crate::{sample, stdio, write};

pub fn checkpoint(args: &CheckpointArgs) -> Result<Outcome, Failure> {
    let output = named(args.output.as_deref());
    write::check(&[output], args.force.force)?;
    output.into_iter().chain([&*args.signing_key]).try_for_each(|path| outside(&args.gallery, path))?;
    let key = signing_key(&args.signing_key)?;
    let gallery = open(&args.gallery, &args.key)?;
    let signed = gallery.checkpoint(&key).map_err(|e| failed(&args.gallery, e))?;
    let public = hex(&key.public().to_bytes());
    let json = json!({ "checkpoint": signed, "public_key": public });
    let Some(path) = output else { return Ok(Outcome::done(signed, json)) };
    write::output(path, signed.as_bytes(), args.force.force)?;
    Ok(Outcome::done(format!("{}: a checkpoint, signed by {public}\n", shown_path(path)), json))
}

/// The file for a result, which goes to standard output by itself.
fn named(output: Option<&Path>) -> Option<&Path> {
    output.filter(|path| !stdio::is_dash(path))
}

/// The signing key in a file that only its owner can read; a new key if the file is missing.
fn signing_key(path: &Path) -> Result<CheckpointKey, Failure> {
    if !path.exists() {
        let seed = SecretKey::random().map_err(|e| Failure::new("the signing key", e))?;
        write::private(path, seed.expose())?;
        return Ok(CheckpointKey::from_seed(seed.expose()));
    }
    // It is refused in the same cases as a file with a gallery's key.
    selfsame::gallery::seal::KeyFile::open(path).map_err(|e| Failure::at(path, e))?;
    let bytes = sample::bytes(path, &Limits::default())?;
    let seed = SecretKey::from_slice(&bytes).ok_or_else(|| Failure::plain(format!("{}: no key", path.display())))?;
    Ok(CheckpointKey::from_seed(seed.expose()))
}

fn kept(path: &Path, key: Option<&[u8; 32]>) -> Result<Checkpoint, Failure> {
    let bytes = sample::bytes(path, &Limits::default())?;
    let text = std::str::from_utf8(&bytes).map_err(|e| Failure::at(path, e))?;
    let key = key.ok_or_else(|| Failure::usage("a checkpoint needs the key that signed it: --public-key"))?;
    let key = CheckpointPublicKey::from_bytes(key).map_err(|e| Failure::new("--public-key", e).of(Kind::Usage))?;
    Checkpoint::verify(text, &key).map_err(|e| Failure::at(path, e))
}

pub fn prove(args: &ProveArgs) -> Result<Outcome, Failure> {
    let output = named(args.output.as_deref());
    write::check(&[output], args.force.force)?;
    output.map_or(Ok(()), |path| outside(&args.gallery, path))?;
    present(&args.gallery)?;
    let from = args.checkpoint.as_deref().map(|path| kept(path, args.public_key.as_ref())).transpose()?;
    let gallery = open_to_read(&args.gallery, builder(&args.key, false)?, &args.read)?;
    let newer = args.newer.as_deref().map(|path| kept(path, args.public_key.as_ref())).transpose()?;
    if from.is_some_and(|from| from.gallery_id != gallery.id()) {
        let another = format!("{}: the checkpoint belongs to another gallery", args.gallery.display());
        return Err(Failure::plain(another).of(Kind::Store));
    }
    let failed = |e| failed(&args.gallery, e);
    let hashes = |path: &[Hash]| path.iter().map(|hash| hex(hash)).collect::<Vec<_>>();
    let json = match args.entry {
        Some(number) => {
            let proof = match from {
                Some(from) => gallery.prove_inclusion_in(number, from.size),
                None => gallery.prove_inclusion(number),
            };
            let proof = proof.map_err(failed)?;
            json!({
                "proof": "inclusion",
                "number": proof.number,
                "leaf": hex(&proof.leaf),
                "size": proof.size,
                "root": hex(&proof.root),
                "path": hashes(&proof.path),
            })
        }
        None => {
            let first = from.map_or(0, |from| from.size);
            let proof = match newer {
                Some(newer) => gallery.prove_consistency_to(first, newer.size),
                None => gallery.prove_consistency(first),
            };
            let proof = proof.map_err(failed)?;
            json!({
                "proof": "consistency",
                "first": proof.first,
                "size": proof.size,
                "root": hex(&proof.root),
                "path": hashes(&proof.path),
            })
        }
    };
    close(&args.gallery, &gallery)?;
    let Some(path) = output else { return Ok(Outcome::done(pretty(&json), json)) };
    write::output(path, pretty(&json).as_bytes(), args.force.force)?;
    Ok(Outcome::done(format!("{}: a proof of {}\n", shown_path(path), json["proof"].as_str().unwrap_or("")), json))
}

pub fn verify(args: &VerifyProofArgs) -> Result<Outcome, Failure> {
    let bytes = sample::bytes(&args.proof, &Limits::default())?;
    let proof: Value = serde_json::from_slice(&bytes).map_err(|e| Failure::at(&args.proof, e))?;
    let wrong = || Failure::plain(format!("{}: not a proof written by `gallery prove`", args.proof.display()));
    let number = |name: &str| proof[name].as_u64().ok_or_else(wrong);
    let hash = |value: &Value| value.as_str().and_then(bytes_of::<32>).ok_or_else(wrong);
    let path = proof["path"].as_array().ok_or_else(wrong)?;
    let path = path.iter().map(hash).collect::<Result<Vec<Hash>, _>>()?;
    let older = kept(&args.checkpoint, Some(&args.public_key))?;
    let newer = args.newer.as_deref().map(|path| kept(path, Some(&args.public_key))).transpose()?;
    let (convinces, what) = match (proof["proof"].as_str(), newer) {
        (Some("inclusion"), None) => {
            let (entry, size, leaf) = (number("number")?, number("size")?, hash(&proof["leaf"])?);
            let holds = size == older.size && verify_inclusion(&leaf, entry, older.size, &path, &older.root);
            (holds, format!("entry {entry} is in the log of {} entries", older.size))
        }
        (Some("consistency"), Some(newer)) => {
            let same = older.gallery_id == newer.gallery_id && number("first")? == older.size;
            let holds = same
                && number("size")? == newer.size
                && verify_consistency(older.size, newer.size, &older.root, &newer.root, &path);
            (holds, format!("the log of {} entries extends that of {}", newer.size, older.size))
        }
        (Some("consistency"), None) => {
            return Err(Failure::usage("a proof that a log extends another also needs the later checkpoint: --newer"));
        }
        _ => return Err(wrong()),
    };
    let text = if convinces { format!("proved: {what}\n") } else { format!("NOT PROVED: {what}\n") };
    Ok(Outcome::decided(text, json!({ "proved": convinces, "what": what }), convinces))
}
