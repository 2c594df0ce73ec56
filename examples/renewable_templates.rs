//! A door that stores codes of fingers in place of fingers, and rejects the old ones after a renewal. Codes must be
//! protected like templates.
//!
//! `cargo run --release --example renewable_templates`

use selfsame::gallery::seal::SecretKey;
use selfsame::index::Search;
use selfsame::protect::{FingerCode, FingerProtector, Renewable};
use selfsame::synth::{Level, PrintGenerator};
use selfsame::{Extractor, FingerTemplate, Fmr, SubjectId, Threshold};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let extractor = Extractor::new();
    // Synthetic prints; real ones: FingerImage::decode(&std::fs::read("print.png")?, Ppi::new(500.0)?, &Limits::default())?
    let people = PrintGenerator::new(1);
    let print =
        |person: u64, impression: u64| -> Result<FingerTemplate, selfsame::fingerprint::extract::ExtractError> {
            extractor.extract(&people.finger(person).impression(impression, Level::Good).image)
        };
    // In production the secret belongs in a key service, never beside the codes.
    let secret = SecretKey::from_bytes(&[7; 32]);
    let mut door = Renewable::<FingerProtector>::new(SecretKey::from_bytes(secret.expose()), ())?;

    // Enroll. The code is kept, and the print is discarded.
    let mut kept: Vec<(SubjectId, Vec<u8>)> = Vec::new();
    for person in 0..20 {
        let subject = SubjectId::new(format!("person-{person:02}"))?;
        let code = door.enroll(subject.clone(), &print(person, 0)?)?;
        kept.push((subject, code.encode()));
    }
    println!("{} people enrolled, {} bytes each", door.len(), kept[0].1.len());

    // Identify.
    let threshold = Threshold::at_fmr(Fmr::new(1e-4)?)?;
    let who = |door: &Renewable<FingerProtector>| -> Result<String, Box<dyn std::error::Error>> {
        let found = door.identify(&print(17, 1)?, &Search::top(1).at_least(threshold.score()))?;
        Ok(found.first().map_or("nobody".into(), |c| format!("{} at {:.0} dB", c.subject.as_str(), c.score.decibels())))
    };
    println!("a finger comes: {}", who(&door)?);

    // The codes are stolen: what they reveal stays revealed. Person 17 gives the finger once more, so that the stolen
    // code is rejected.
    let victim = SubjectId::new("person-17")?;
    let stolen = FingerCode::decode(&kept[17].1)?;
    let renewed = door.renew(&victim, &[print(17, 2)?])?;
    kept.retain(|(subject, _)| *subject != victim);
    kept.extend(renewed.iter().map(|code| (victim.clone(), code.encode())));
    println!("renewed to version {}: {}", renewed[0].version(), who(&door)?);
    println!("the stolen code put back: {}", door.insert(victim, stolen).expect_err("it is of an old version"));

    // The next start, from the stored data.
    let mut again = Renewable::<FingerProtector>::new(secret, ())?;
    for (subject, bytes) in kept {
        again.insert(subject, FingerCode::decode(&bytes)?)?;
    }
    println!("after a restart: {}", who(&again)?);
    Ok(())
}
