//! Examples in the help of each command.

use clap::Command;

/// Exit codes, at the end of the help.
const EXIT_CODES: &str = "\
Exit codes:
  0  done, or a match
  1  no match, not proved, or a gallery that is not sound
  2  usage: the arguments cannot be carried out
  3  input: a file cannot be read, or is not what it should be
  4  quality: no print, or too little of it
  5  store: the gallery refused, is missing, is damaged or is open elsewhere
  6  key: the passphrase or key is missing, refused or wrong
  7  output: a result could not be written, or would replace a file without --force
  8  done, but some files were left out
130  interrupted";

/// The commands and their examples.
const EXAMPLES: &[(&str, &str)] = &[
    (
        "extract",
        "  selfsame extract print.png --ppi 500 -o print.iso --overlay print.svg
  scan | selfsame extract - --ppi 500 -o - --format ssft > print.ssft",
    ),
    (
        "compare",
        "  selfsame compare a.png b.iso --ppi 500
  selfsame compare a.png b.png --ppi 500 --fmr 1e-5 --json
  selfsame compare a.png b.png --ppi 500 --picture why.svg",
    ),
    (
        "identify",
        "  selfsame identify gallery/ probe.png --ppi 500 --top 5
  selfsame identify gallery/ *.png --ppi 500 --fpir 1e-3 --strict",
    ),
    (
        "dedup",
        "  selfsame dedup gallery/ --ppi 500
  selfsame dedup gallery/ --ppi 500 --shortlist 100 --checkpoint state.txt",
    ),
    (
        "convert-image",
        "  selfsame convert-image print.png print.wsq --ppi 500 --bpp 0.75
  selfsame convert-image - - --format png < print.fir > print.png",
    ),
    (
        "convert",
        "  selfsame convert print.iso print.ssft
  selfsame convert card.bin - --from card --format csv",
    ),
    (
        "inspect",
        "  selfsame inspect print.iso --svg print.svg
  cat print.iso | selfsame inspect - --json",
    ),
    ("embed", "  selfsame embed model.onnx face.png --landmarks 50,60,92,58,72,84,55,108,90,107 -o face.npy"),
    ("calibrate", "  selfsame calibrate embeddings.npy labels.npy -o model.cal"),
    ("demo", "  selfsame demo --seed 7"),
    ("bench", "  selfsame bench --people 1000,100000 --seconds 120 --svg growth.svg"),
    ("completions", "  selfsame completions bash > ~/.local/share/bash-completion/completions/selfsame"),
    ("man", "  selfsame man ~/.local/share/man/man1"),
    ("synth prints", "  selfsame synth prints --fingers 10 --impressions 8 --seed 1 -o prints/"),
    ("synth templates", "  selfsame synth templates --fingers 1000 --impressions 2 -o templates/"),
    ("synth faces", "  selfsame synth faces --identities 100 --images 4 -o faces/"),
    (
        "eval fingerprint",
        "  selfsame eval fingerprint prints/ --ppi 500 --scores scores.csv --report report/
  selfsame eval fingerprint prints/ --ppi 500 --enroll 3",
    ),
    ("eval face", "  selfsame eval face embeddings.npy labels.npy --pairs pairs.npy"),
    ("eval extract", "  selfsame eval extract synthetic/"),
    ("eval protect faces", "  selfsame eval protect faces embeddings.npy labels.npy --bits 512,1024"),
    ("eval protect fingers", "  selfsame eval protect fingers prints/ --ppi 500"),
    (
        "gallery create",
        "  selfsame gallery create door
  selfsame gallery create door --key-file key --face-model mobilefacenet/2/512",
    ),
    ("gallery enroll", "  selfsame gallery enroll door ada print.png --ppi 500 --position right-index"),
    ("gallery update", "  selfsame gallery update door ada print.png --ppi 500 --position right-index"),
    ("gallery identify", "  selfsame gallery identify door probe.png --ppi 500"),
    ("gallery verify", "  selfsame gallery verify door ada probe.png --ppi 500 --fmr 1e-5 --actor \"door 3\""),
    ("gallery delete", "  selfsame gallery delete door ada"),
    ("gallery erase", "  selfsame gallery erase door ada"),
    ("gallery remove-sample", "  selfsame gallery remove-sample door ada --position right-index --sample 1"),
    ("gallery list", "  selfsame gallery list door --after ada --count 20"),
    ("gallery info", "  selfsame gallery info door --json"),
    ("gallery log", "  selfsame gallery log door --since 2026-11-27 --kind erase"),
    ("gallery checkpoint", "  selfsame gallery checkpoint door --signing-key signer -o today"),
    ("gallery prove", "  selfsame gallery prove door --checkpoint today --public-key HEX --entry 7 -o proof.json"),
    ("gallery verify-proof", "  selfsame gallery verify-proof proof.json --checkpoint today --public-key HEX"),
    ("gallery check", "  selfsame gallery check door --json"),
    ("gallery compact", "  selfsame gallery compact door"),
    ("gallery retire-log", "  selfsame gallery retire-log door --before 2026-01-01 --archive 2025.log"),
    ("gallery read-archive", "  selfsame gallery read-archive 2025.log --from 100 --count 20"),
    ("gallery rotate-keys", "  selfsame gallery rotate-keys door --new-passphrase"),
    ("gallery export", "  selfsame gallery export door out --in-the-clear"),
    ("gallery import", "  selfsame gallery import door people/ --ppi 500 --skip-enrolled"),
];

/// Adds the examples to the help of each command.
pub fn added(command: Command) -> Command {
    below(command, "").after_help(EXIT_CODES)
}

fn below(mut command: Command, path: &str) -> Command {
    let names: Vec<String> = command.get_subcommands().map(|inner| inner.get_name().to_owned()).collect();
    for name in names {
        let path = if path.is_empty() { name.clone() } else { format!("{path} {name}") };
        command = command.mut_subcommand(&name, |inner| below(inner, &path));
    }
    match EXAMPLES.iter().find(|(of, _)| *of == path) {
        Some((_, examples)) => command.after_help(format!("Examples:\n{examples}")),
        None => command,
    }
}

#[cfg(test)]
mod tests {
    use clap::Command;

    fn leaves(command: &Command, path: &str, found: &mut Vec<(String, bool)>) {
        if command.get_subcommands().next().is_none() {
            found.push((path.to_owned(), command.get_after_help().is_some()));
        }
        for inner in command.get_subcommands() {
            leaves(inner, format!("{path} {}", inner.get_name()).trim(), found);
        }
    }

    #[test]
    fn every_command_has_examples_that_it_takes() {
        let mut found = Vec::new();
        leaves(&crate::args::command(), "", &mut found);
        assert!(found.len() > 30 && found.iter().all(|(_, examples)| *examples), "{found:?}");
        for (path, examples) in super::EXAMPLES.iter().filter(|(path, _)| cfg!(feature = "onnx") || *path != "embed") {
            for line in examples.lines() {
                // Behind a pipe, before a redirection, and with a key in place of the word.
                let line = line.rsplit("| ").next().unwrap_or(line);
                let line = line.split(" > ").next().unwrap_or(line);
                let line = line
                    .split(" < ")
                    .next()
                    .unwrap_or(line)
                    .replace("HEX", &"0".repeat(64))
                    .replace("\"door 3\"", "door");
                let parsed = crate::args::command().try_get_matches_from(line.split_whitespace());
                assert!(parsed.is_ok(), "{path}: {line}: {:?}", parsed.err().map(|e| e.to_string()));
            }
        }
    }
}
