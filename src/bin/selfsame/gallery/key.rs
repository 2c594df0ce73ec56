//! The source of a gallery's key: never an argument, which other users of the machine can read.

use std::io::{IsTerminal, Read};
use std::path::Path;
use std::sync::Arc;

use selfsame::gallery::seal::{Argon2Cost, KeyError, KeyFile, KeyProvider, Passphrase, Zeroizing};

use crate::args::gallery::{KeyArgs, NewKeyArgs};
use crate::failure::{Failure, Kind};
use crate::stdio;

/// Variable that holds the passphrase when no other source is named.
pub const VARIABLE: &str = "SELFSAME_PASSPHRASE";
/// Longest passphrase, bytes.
const LONGEST: u64 = 4096;

/// The key of a gallery; for a new gallery the passphrase is asked for twice.
pub fn provider(args: &KeyArgs, new: bool) -> Result<Arc<dyn KeyProvider>, Failure> {
    if let Some(path) = &args.key_file {
        return key_file(path, new);
    }
    let variable = std::env::var(VARIABLE).ok();
    passphrase(args.passphrase_file.as_deref(), variable, new, args)
}

/// The key that replaces another.
pub fn new_provider(args: &NewKeyArgs, key: &KeyArgs) -> Result<Arc<dyn KeyProvider>, Failure> {
    match &args.new_key_file {
        Some(path) => key_file(path, !path.exists()),
        None => passphrase(args.new_passphrase_file.as_deref(), None, true, key),
    }
}

fn key_file(path: &Path, new: bool) -> Result<Arc<dyn KeyProvider>, Failure> {
    let at = |e| Failure::at(path, e);
    let file =
        if new && !path.exists() { KeyFile::create(path).map_err(at)? } else { KeyFile::open(path).map_err(at)? };
    Ok(Arc::new(file))
}

fn refused(what: impl Into<String>) -> Failure {
    Failure::plain(what).of(Kind::Key)
}

fn passphrase(
    file: Option<&Path>,
    given: Option<String>,
    new: bool,
    args: &KeyArgs,
) -> Result<Arc<dyn KeyProvider>, Failure> {
    let text = match (file, given) {
        (Some(path), _) => {
            let failed = |e| Failure::new(format!("cannot read {}", path.display()), e).of(Kind::Key);
            let mut bytes = Zeroizing::new(Vec::with_capacity(LONGEST as usize + 1));
            let source: Box<dyn Read> = match stdio::is_dash(path) {
                true => Box::new(stdio::input()?),
                false => Box::new(std::fs::File::open(path).map_err(failed)?),
            };
            source.take(LONGEST + 1).read_to_end(&mut bytes).map_err(failed)?;
            if bytes.len() as u64 > LONGEST {
                return Err(refused(format!("{}: a passphrase has at most {LONGEST} bytes", path.display())));
            }
            let text = std::str::from_utf8(&bytes);
            let text = text.map_err(|_| refused(format!("{}: the passphrase is not UTF-8", path.display())))?;
            // An editor adds a line break at the end that nobody typed.
            text.strip_suffix('\n').map_or(text, |t| t.strip_suffix('\r').unwrap_or(t)).to_owned()
        }
        (None, Some(text)) => text,
        (None, None) if !std::io::stdin().is_terminal() => {
            return Err(refused(format!(
                "no passphrase: there is no terminal to ask; give --passphrase-file, --key-file or the variable {VARIABLE}"
            )));
        }
        (None, None) => {
            let ask = |prompt| {
                rpassword::prompt_password(prompt).map_err(|e| Failure::new("reading the passphrase", e).of(Kind::Key))
            };
            let first = ask(if new { "New passphrase: " } else { "Passphrase: " })?;
            if new && *Zeroizing::new(ask("Once more: ")?) != first {
                return Err(refused("the two passphrases differ"));
            }
            first
        }
    };
    let made = if args.allow_short_passphrase { Passphrase::of_any_length(text) } else { Passphrase::new(text) };
    let passphrase = made.map_err(|e| match e {
        KeyError::ShortPassphrase { characters, least } => refused(format!(
            "the passphrase has {characters} characters, {least} are needed (--allow-short-passphrase accepts it)"
        )),
        e => Failure::new("the passphrase", e),
    })?;
    Ok(Arc::new(if args.accept_costly_passphrase {
        passphrase.accept_cost_up_to(Argon2Cost::MOST)
    } else {
        passphrase
    }))
}
