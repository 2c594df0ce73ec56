//! A gallery of faces in bytes and bits: exact and shortlisted search, watch-list with a threshold, changes while searching.
//!
//! `cargo run --release --example search_faces`

use selfsame::face::compare::Form;
use selfsame::face::embedding::FaceModel;
use selfsame::index::{Fusion, Index, Mode, Search};
use selfsame::synth::FaceGenerator;
use selfsame::{Cosine, Face, SubjectId};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let people = FaceGenerator::new(7);
    let model = FaceModel::new("synthetic", "1", FaceGenerator::DIMENSION)?;
    // Scores are computed from floats; bytes bound them, and bits estimate them.
    let mut index = Index::new(Face::of(model).with_scan(Form::I8)?.with_scan(Form::Bit)?);
    for n in 0..20_000 {
        index.insert(SubjectId::new(format!("person-{n}"))?, &people.embedding(n, 0))?;
    }
    // A second picture of some of them, labeled with the place of capture.
    for n in 0..100 {
        index.add(SubjectId::new(format!("person-{n}"))?, (&people.embedding(n, 1), 2))?;
    }
    println!("{index:?}\n{:.1} MB", index.bytes() as f64 / 1e6);

    // A cosine threshold belongs to the model that made the embeddings; this one fits the synthetic ones.
    let exact = Search::top(3).at_least(Cosine::new(0.45)?);
    let shortlist = exact.clone().mode(Mode::Shortlist { rows: 100 });
    for (what, n) in [("enrolled", 42), ("a stranger", 50_000)] {
        let probe = index.prepare(&people.embedding(n, 5))?;
        let mean = exact.clone().fusion(Fusion::Mean);
        for (how, search) in [("exact", &exact), ("shortlist", &shortlist), ("mean", &mean)] {
            let found = index.identify(&probe, search)?;
            let names: Vec<_> = found.iter().map(|c| format!("{} {:.3}", c.subject, c.score.value())).collect();
            println!("{what}, {how}: {names:?}");
        }
    }
    let at_site_2 = |label| label == 2;
    let probe = index.prepare(&people.embedding(42, 5))?;
    let found = index.identify(&probe, &exact.clone().filter_label(&at_site_2))?;
    println!("seen at site 2: {}, in sample {}", found.len(), found.first().map_or(0, |c| c.sample));

    // Embeddings of another model are rejected, and a snapshot stays unchanged while the index changes.
    let other = FaceModel::new("synthetic", "2", FaceGenerator::DIMENSION)?.embedding(&people.sample(1, 0))?;
    println!("{}", index.prepare(&other).map_or_else(|error| error.to_string(), |_| "taken".into()));
    let before = index.snapshot();
    index.remove(&SubjectId::new("person-42")?);
    println!("enrolled before and after a removal: {} and {}", before.len(), index.len());
    Ok(())
}
