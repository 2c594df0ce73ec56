//! Whose face is it? This example enrolls synthetic face embeddings and searches them for an enrolled person and for a
//! stranger.
//!
//! `cargo run --release --example identify_face`

use selfsame::index::{Index, Search};
use selfsame::synth::FaceGenerator;
use selfsame::{Cosine, Face, SubjectId};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let people = FaceGenerator::new(7);
    let mut index = Index::<Face>::default();
    for n in 0..1000 {
        index.insert(SubjectId::new(format!("person-{n}"))?, &people.embedding(n, 0))?;
    }
    // A cosine threshold belongs to the model that made the embeddings; this one fits the synthetic ones.
    let search = Search::top(3).at_least(Cosine::new(0.45)?);
    for n in [42, 5000] {
        let probe = index.prepare(&people.embedding(n, 1))?;
        let candidates = index.identify(&probe, &search)?;
        println!("face {n}: {} candidates", candidates.len());
        for c in candidates {
            println!("  {} with cosine {:.3}", c.subject, c.score.value());
        }
    }
    Ok(())
}
