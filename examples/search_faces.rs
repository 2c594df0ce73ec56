//! A gallery of faces in bytes and bits: exact and rescored search, watch-list with a threshold, changes while searching.
//!
//! `cargo run --release --example search_faces`

use selfsame::face::index::{FaceFusion, FaceIndex, FaceMode, FaceModel, FaceSearch, Form};
use selfsame::synth::FaceGenerator;
use selfsame::{Cosine, SubjectId};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let people = FaceGenerator::new(7);
    let model = FaceModel::new("synthetic", "1", FaceGenerator::DIMENSION)?;
    // Floats are what scores are computed from; bytes bound them, bits guess them.
    let index = FaceIndex::builder(model.clone()).rows(Form::F32).scan(Form::I8).scan(Form::Bit).build()?;
    for n in 0..20_000 {
        index.insert(&SubjectId::new(format!("person-{n}"))?, &people.sample(n, 0))?;
    }
    // A second picture of some of them, labeled with where it was taken.
    for n in 0..100 {
        index.add_labeled(&SubjectId::new(format!("person-{n}"))?, &people.sample(n, 1), 2)?;
    }
    println!("{index:?}\n{:?}", index.memory());

    // A cosine threshold belongs to the model that made the embeddings; this one fits the synthetic ones.
    let exact = FaceSearch::top(3).at_least(Cosine::new(0.45)?);
    let rescored = exact.clone().mode(FaceMode::Rescored { scan: Form::Bit, shortlist: 100 });
    for (what, n) in [("enrolled", 42), ("a stranger", 50_000)] {
        for (how, search) in
            [("exact", &exact), ("rescored", &rescored), ("mean", &exact.clone().fusion(FaceFusion::Mean))]
        {
            let found = index.search(&people.sample(n, 5), search)?;
            let names: Vec<_> = found.iter().map(|c| format!("{} {:.3}", c.subject, c.score.value())).collect();
            println!("{what}, {how}: {names:?}");
        }
    }
    let at_site_2 = |label| label == 2;
    let found = index.search(&people.sample(42, 5), &exact.clone().filter_label(&at_site_2))?;
    println!("seen at site 2: {}", found.len());

    // What another model made is refused, and a snapshot stays as it is while the gallery changes.
    let other = FaceModel::new("synthetic", "2", FaceGenerator::DIMENSION)?.embedding(&people.sample(1, 0))?;
    println!("{}", index.search(&other, &exact).map_or_else(|error| error.to_string(), |_| "found".into()));
    let before = index.snapshot();
    index.remove(&SubjectId::new("person-42")?);
    println!("enrolled before and after a removal: {} and {}", before.len(), index.len());
    Ok(())
}
