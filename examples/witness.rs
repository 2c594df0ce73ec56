//! A witness: a small process that remembers the newest state of many galleries, rejects forks, and signs the states.
//! Here it runs on loopback in its own thread; in production it belongs on another machine, behind TLS.
//!
//! `cargo run --release --example witness`
//!
//! ```text
//! get NAME                            -> none | ID SIZE ROOT
//! advance NAME ID SIZE ROOT [HASH..]  -> ok | forked
//! signed NAME                         -> a signed checkpoint
//! ```
//!
//! NAME is chosen by the client that opens a gallery. The witness must not be queried by the gallery's own id: another
//! gallery that it knows could then replace the first.

use std::error::Error;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use selfsame::gallery::log::Hash;
use selfsame::gallery::log::checkpoint::{Checkpoint, CheckpointKey};
use selfsame::gallery::seal::{KeyProvider, RawKey, SecretKey};
use selfsame::gallery::{Anchor, AnchorError, AnchorState, FileAnchor, Gallery, GalleryError, Samples};
use selfsame::synth::TemplateGenerator;
use selfsame::{FingerPosition, SubjectId};

/// Longest line that the witness reads, bytes: an id, a root and 128 hashes.
const LONGEST: u64 = 10_000;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let (address, kept) = (listener.local_addr()?, folder.path().join("witness"));
    std::fs::create_dir(&kept)?;
    let signer = Arc::new(CheckpointKey::from_seed(SecretKey::random()?.expose()));
    let public = signer.public();
    std::thread::spawn(move || serve(&listener, &kept, &signer));

    let path = folder.path().join("door");
    let key: Arc<dyn KeyProvider> = Arc::new(RawKey::new(SecretKey::random()?));
    let open = || Gallery::builder(Arc::clone(&key)).anchor(Witness { address, name: "door" });
    let enroll = |gallery: &Gallery, n: u64| -> Result<(), Box<dyn Error>> {
        let template = TemplateGenerator::new(1).reference(n);
        let samples = Samples::new().finger(FingerPosition::RightIndex, template);
        Ok(gallery.enroll(&SubjectId::new(format!("person-{n}"))?, &samples)?)
    };
    let gallery = open().create(&path)?;
    enroll(&gallery, 1)?;
    let old = folder.path().join("old copy");
    drop(gallery);
    copy(&path, &old)?;
    let gallery = open().open(&path)?;
    enroll(&gallery, 2)?;
    drop(gallery);

    let signed = ask(address, "signed door")?.replace('|', "\n");
    let checkpoint = Checkpoint::verify(&signed, &public)?;
    println!("the witness remembers {} entries and signs that", checkpoint.size);
    let refused = open().open(&old);
    assert!(matches!(refused, Err(GalleryError::RolledBack { .. })));
    println!("an old copy is refused: {}", refused.err().map(|e| e.to_string()).unwrap_or_default());
    // An attacker with the key extends the old copy, without its anchor, until it is as long.
    let fork = Gallery::builder(Arc::clone(&key)).new_anchor().open(&old)?;
    (3..9).try_for_each(|n| enroll(&fork, n))?;
    drop(fork);
    let refused = open().open(&old);
    assert!(matches!(refused, Err(GalleryError::Forked { .. })));
    println!("a fork of it is refused: {}", refused.err().map(|e| e.to_string()).unwrap_or_default());
    println!("the true gallery opens: {} people", open().open(&path)?.len());
    Ok(())
}

fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    std::fs::create_dir(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        std::fs::copy(entry.path(), to.join(entry.file_name()))?;
    }
    Ok(())
}

/// The gallery's side of the connection.
struct Witness {
    address: SocketAddr,
    name: &'static str,
}

impl Anchor for Witness {
    fn get(&self) -> Result<Option<AnchorState>, AnchorError> {
        let answer = ask(self.address, &format!("get {}", self.name)).map_err(AnchorError::failed)?;
        match answer.as_str() {
            "none" => Ok(None),
            answer => {
                read_state(answer).map(|(state, _)| Some(state)).ok_or_else(|| AnchorError::failed("a wrong answer"))
            }
        }
    }

    fn advance(&mut self, state: &AnchorState, proof: &[Hash]) -> Result<(), AnchorError> {
        let hashes: String = proof.iter().map(|hash| format!(" {}", hex(hash))).collect();
        let AnchorState { gallery_id, size, root } = state;
        let line = format!("advance {} {} {size} {}{hashes}", self.name, hex(gallery_id), hex(root));
        match ask(self.address, &line).map_err(AnchorError::failed)?.as_str() {
            "ok" => Ok(()),
            "forked" => Err(AnchorError::Forked),
            other => Err(AnchorError::failed(other.to_owned())),
        }
    }
}

fn ask(address: SocketAddr, line: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(5))?;
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    writeln!(stream, "{line}")?;
    let mut answer = String::new();
    BufReader::new(std::io::Read::take(stream, LONGEST)).read_line(&mut answer)?;
    Ok(answer.trim_end().to_owned())
}

/// The witness's side: it answers one query per connection.
fn serve(listener: &TcpListener, folder: &Path, signer: &CheckpointKey) {
    for stream in listener.incoming().flatten() {
        let mut line = String::new();
        let limited = std::io::Read::take(&stream, LONGEST);
        let _ = stream.set_read_timeout(Some(Duration::from_secs(5)));
        let answer = match BufReader::new(limited).read_line(&mut line) {
            Ok(_) => answer(line.trim_end(), folder, signer).unwrap_or_else(|| "not understood".to_owned()),
            Err(e) => e.to_string(),
        };
        let _ = writeln!(&stream, "{answer}");
    }
}

fn answer(line: &str, folder: &Path, signer: &CheckpointKey) -> Option<String> {
    let (word, rest) = line.split_once(' ')?;
    let (name, rest) = rest.split_once(' ').unwrap_or((rest, ""));
    if name.is_empty() || name.len() > 64 || !name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()) {
        return None;
    }
    // An anchor file for each gallery compares, locks and syncs the state.
    let mut anchor = FileAnchor::new(folder.join(name));
    match word {
        "get" => match anchor.get().ok()? {
            None => Some("none".to_owned()),
            Some(state) => Some(format!("{} {} {}", hex(&state.gallery_id), state.size, hex(&state.root))),
        },
        "signed" => {
            let AnchorState { gallery_id, size, root } = anchor.get().ok()??;
            let time = SystemTime::now().duration_since(UNIX_EPOCH).ok()?.as_millis() as u64;
            Some(Checkpoint { gallery_id, size, root, time }.sign(signer).replace('\n', "|"))
        }
        "advance" => {
            let (state, proof) = read_state(rest)?;
            match anchor.advance(&state, &proof) {
                Ok(()) => Some("ok".to_owned()),
                Err(AnchorError::Forked) => Some("forked".to_owned()),
                Err(e) => Some(e.to_string()),
            }
        }
        _ => None,
    }
}

/// `ID SIZE ROOT [HASH..]`
fn read_state(text: &str) -> Option<(AnchorState, Vec<Hash>)> {
    let mut words = text.split(' ');
    let gallery_id = bytes(words.next()?)?;
    let size = words.next()?.parse().ok()?;
    let root = bytes(words.next()?)?;
    let proof = words.map(bytes).collect::<Option<Vec<Hash>>>()?;
    Some((AnchorState { gallery_id, size, root }, proof))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn bytes<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digits = text.as_bytes();
    if digits.len() != 2 * N || !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(bytes)
}
