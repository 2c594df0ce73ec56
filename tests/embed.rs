//! Embeddings by a tiny network that the test writes itself, against what its definition says.

#![cfg(feature = "onnx")]

mod onnx;

use rayon::prelude::*;

use onnx::{AVERAGES, CELLS, POOL, Side, bias, model, node, tensor, tiny, tiny_between, value, weight};
use selfsame::face::align::{AlignError, AlignedFace, Colors, InputForm, Landmarks, RgbPicture};
use selfsame::face::embed::{EmbedError, FaceEmbedder};
use selfsame::face::embedding::{EmbeddingError, FaceError};
use selfsame::index::{Index, Search};
use selfsame::{Face, SubjectId};

const SIDE: usize = AlignedFace::SIDE;

/// A picture of `seed`, larger than a face.
fn picture(seed: usize) -> RgbPicture {
    let pixel = |i: usize| ((i / 3 % 200 * (3 + seed) + i / 600 * (7 + 2 * seed) + i % 3 * 50) % 256) as u8;
    RgbPicture::new((0..3 * 200 * 220).map(pixel).collect(), 200, 220).unwrap()
}

fn landmarks() -> Landmarks {
    Landmarks::new([(60.0, 90.0), (120.0, 80.0), (95.0, 118.0), (74.0, 156.0), (124.0, 148.0)]).unwrap()
}

/// What the tiny network is defined to give, in double precision.
fn expected(face: &AlignedFace, form: &InputForm, dimension: usize) -> Vec<f64> {
    let mut averages = [0.0; AVERAGES];
    for (i, pixel) in face.pixels().as_chunks::<3>().0.iter().enumerate() {
        let cell = i / SIDE / POOL * CELLS + i % SIDE / POOL;
        for (plane, &channel) in [[0, 1, 2], [2, 1, 0]][usize::from(form.colors == Colors::Bgr)].iter().enumerate() {
            let value = (f64::from(pixel[channel]) - f64::from(form.mean[channel])) / f64::from(form.divisor[channel]);
            averages[plane * CELLS * CELLS + cell] += value / (POOL * POOL) as f64;
        }
    }
    let output = |o| {
        let sum: f64 = averages.iter().enumerate().map(|(a, v)| v * f64::from(weight(a, o))).sum();
        sum + f64::from(bias(o))
    };
    let outputs: Vec<f64> = (0..dimension).map(output).collect();
    let norm = outputs.iter().map(|v| v * v).sum::<f64>().sqrt();
    outputs.into_iter().map(|v| v / norm).collect()
}

#[test]
fn an_embedding_is_what_the_network_is_defined_to_give() {
    let forms = [
        InputForm::default(),
        InputForm { mean: [123.7, 116.3, 103.5], divisor: [58.4, 57.1, 57.4], colors: Colors::Rgb },
        InputForm { colors: Colors::Bgr, ..InputForm::of(0.0, 255.0) },
    ];
    for (dimension, form) in [(64, forms[0]), (512, forms[1]), (65, forms[2])] {
        let embedder = FaceEmbedder::builder("tiny", "1").input(form).decode(tiny(dimension)).unwrap();
        assert_eq!(embedder.dimension(), dimension);
        let face = AlignedFace::from_picture(&picture(0).view(), &landmarks()).unwrap();
        let made = embedder.embed(&picture(0).view(), &landmarks()).unwrap();
        let expected = expected(&face, &form, dimension);
        for (made, expected) in made.as_slice().iter().zip(&expected) {
            assert!((f64::from(*made) - expected).abs() < 1e-5, "{made} {expected}");
        }
        assert_eq!(embedder.embed_aligned(&face).unwrap(), made);
        // The order of colors matters to these weights.
        let other = if form.colors == Colors::Rgb { Colors::Bgr } else { Colors::Rgb };
        let swapped = FaceEmbedder::builder("tiny", "1").input(InputForm { colors: other, ..form });
        let swapped = swapped.decode(tiny(dimension)).unwrap().embed_aligned(&face).unwrap();
        let cosine: f32 = made.as_slice().iter().zip(swapped.as_slice()).map(|(a, b)| a * b).sum();
        assert!(cosine < 0.9999, "{cosine}");
    }
}

#[test]
fn an_index_knows_the_file_by_its_digest() {
    let embedder = FaceEmbedder::builder("tiny", "1").decode(tiny(64)).unwrap();
    let version = |form: InputForm| {
        let embedder = FaceEmbedder::builder("tiny", "1").input(form).decode(tiny(64)).unwrap();
        embedder.model().version().to_owned()
    };
    assert_eq!((embedder.model().name(), embedder.model().version()), ("tiny", &*version(InputForm::default())));
    assert!(embedder.model().version().starts_with("1 ") && embedder.model().version().len() == 2 + 16);
    // Embeddings of another form of the input are not comparable.
    assert_ne!(version(InputForm::of(127.5, 128.0)), version(InputForm::default()));
    assert_ne!(version(InputForm { colors: Colors::Bgr, ..InputForm::default() }), version(InputForm::default()));
    let mut index = Index::new(Face::of(embedder.model().clone()));
    for (seed, name) in ["ada", "grace", "mary"].into_iter().enumerate() {
        let embedding = embedder.embed(&picture(seed).view(), &landmarks()).unwrap();
        index.insert(SubjectId::new(name).unwrap(), &embedding).unwrap();
    }
    let probe = embedder.embed(&picture(1).view(), &landmarks()).unwrap();
    let found = index.identify(&index.prepare(&probe).unwrap(), &Search::top(1)).unwrap();
    assert_eq!(found[0].subject.as_str(), "grace");
    // The same name and version, another file: one bias differs.
    let mut changed = tiny(64);
    let last = changed.windows(4).rposition(|w| w == bias(63).to_le_bytes()).unwrap();
    changed[last..last + 4].copy_from_slice(&0.3f32.to_le_bytes());
    let other = FaceEmbedder::builder("tiny", "1").decode(changed).unwrap();
    let stranger = other.embed(&picture(1).view(), &landmarks()).unwrap();
    assert!(matches!(index.prepare(&stranger), Err(FaceError::Model { .. })));
}

#[test]
fn models_of_another_kind_are_refused_with_a_reason() {
    let load = |bytes: Vec<u8>| FaceEmbedder::builder("tiny", "1").decode(bytes).map(|_| ());
    let [batch, three, side] = [Side::Named("batch"), Side::Of(3), Side::Of(112)];
    // Oblong pictures, gray, one dimension too few, none and too many at a time, integers.
    for (element, shape) in [
        (1, vec![batch, three, Side::Of(96), Side::Of(112)]),
        (1, vec![batch, Side::Of(1), side, side]),
        (1, vec![three, side, side]),
        (1, vec![Side::Of(0), three, side, side]),
        (1, vec![Side::Of(1000), three, side, side]),
        (6, vec![batch, three, side, side]),
    ] {
        let refused = load(tiny_between(64, &value("face", element, &shape)));
        assert!(matches!(refused, Err(EmbedError::Input { .. })), "{refused:?}");
    }
    // Sides that the file leaves open are tried.
    let open = [batch, three, Side::Named("h"), Side::Named("w")];
    assert_eq!(load(tiny_between(64, &value("face", 1, &open))), Ok(()));
    assert_eq!(load(tiny(63)), Err(EmbedError::Embedding(EmbeddingError::Dimension { dimension: 63 })));
    assert_eq!(load(tiny(4097)), Err(EmbedError::Embedding(EmbeddingError::Dimension { dimension: 4097 })));

    let input = value("face", 1, &[batch, three, side, side]);
    let of = |name: &str| value(name, 1, &[batch, Side::Named("n")]);
    let flatten = node("Flatten", &["face"], "flat", &[]);
    let again = node("Flatten", &["face"], "again", &[]);
    let two = model(&[flatten.clone(), again], &[], std::slice::from_ref(&input), &[of("flat"), of("again")]);
    assert_eq!(load(two), Err(EmbedError::Outputs { outputs: vec!["flat".to_owned(), "again".to_owned()] }));
    let pictures = [input.clone(), value("other", 1, &[batch, three])];
    let two = model(std::slice::from_ref(&flatten), &[], &pictures, &[of("flat")]);
    assert_eq!(load(two), Err(EmbedError::Inputs { inputs: vec!["face".to_owned(), "other".to_owned()] }));
    // A map of 3 x 10 x 10 is no vector, though 300 numbers would do.
    let map = [onnx::whole("kernel_shape", &[4, 4]), onnx::whole("strides", &[12, 12])];
    let map = node("AveragePool", &["face"], "map", &map);
    let refused = load(model(&[map], &[], std::slice::from_ref(&input), &[of("map")]));
    assert!(matches!(refused, Err(EmbedError::Output { .. })), "{refused:?}");
    // Weights that do not fit (the runtime panics over them), an operator that nobody knows.
    let bad = node("Gemm", &["flat", "weights"], "out", &[]);
    let weights = [tensor("weights", &[5, 64], &[0.5; 320])];
    let refused = load(model(&[flatten.clone(), bad], &weights, std::slice::from_ref(&input), &[of("out")]));
    assert!(matches!(refused, Err(EmbedError::Run { .. } | EmbedError::Panicked)), "{refused:?}");
    let refused = load(model(&[node("Guess", &["face"], "out", &[])], &[], std::slice::from_ref(&input), &[of("out")]));
    assert!(matches!(refused, Err(EmbedError::Load { .. })), "{refused:?}");
    // Nothing but zeros.
    let weights = [tensor("weights", &[3 * 112 * 112, 64], &vec![0.0; 3 * 112 * 112 * 64])];
    let zero = node("Gemm", &["flat", "weights"], "out", &[]);
    let refused = load(model(&[flatten, zero], &weights, &[input], &[of("out")]));
    assert_eq!(refused, Err(EmbedError::Embedding(EmbeddingError::Zero { dimension: 64 })));
}

#[test]
fn every_cut_of_a_file_is_an_error_and_no_panic() {
    let whole = tiny(64);
    let load = |bytes: &[u8]| FaceEmbedder::builder("tiny", "1").decode(bytes.to_vec()).map(|_| ());
    assert_eq!(load(&whole), Ok(()));
    for end in (0..600).chain((600..whole.len()).step_by(997)) {
        let refused = load(&whole[..end]);
        assert!(refused.is_err(), "{end}");
    }
    for start in 1..40 {
        assert!(load(&whole[start..]).is_err(), "{start}");
    }
}

#[test]
fn files_names_and_forms_are_checked() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tiny.onnx");
    let builder = || FaceEmbedder::builder("tiny", "1");
    assert_eq!(builder().load(&path).map(|_| ()), Err(EmbedError::Read(std::io::ErrorKind::NotFound)));
    std::fs::write(&path, tiny(64)).unwrap();
    assert_eq!(builder().load(&path).unwrap().model(), builder().decode(tiny(64)).unwrap().model());
    let refused = builder().max_bytes(1000).load(&path).map(|_| ());
    assert!(matches!(&refused, Err(EmbedError::Limit(e)) if e.limit == 1000 && e.value == 1001), "{refused:?}");
    let form = InputForm { divisor: [1.0, 0.0, 1.0], ..InputForm::default() };
    assert_eq!(builder().input(form).load(&path).map(|_| ()), Err(EmbedError::Form));
    for (name, version) in [("", "1"), ("tiny", ""), ("tiny", &*"1".repeat(240))] {
        let refused = FaceEmbedder::builder(name, version).load(&path).map(|_| ());
        assert!(matches!(refused, Err(EmbedError::Model(FaceError::ModelName { .. }))), "{refused:?}");
    }
    assert!(FaceEmbedder::builder("tiny", "1".repeat(239)).load(&path).is_ok());
    let small = RgbPicture::new(vec![0; 3 * 20 * 20], 20, 20).unwrap();
    let refused = builder().load(&path).unwrap().embed(&small.view(), &landmarks());
    assert_eq!(refused, Err(EmbedError::Align(AlignError::Outside { landmark: 0 })));
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let on = |threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    let all = || {
        let embedder = FaceEmbedder::builder("tiny", "1").decode(tiny(512)).unwrap();
        let one = |seed| embedder.embed(&picture(seed).view(), &landmarks()).unwrap();
        (0..12usize).into_par_iter().map(one).collect::<Vec<_>>()
    };
    let alone = FaceEmbedder::builder("tiny", "1").decode(tiny(512)).unwrap();
    let alone: Vec<_> = (0..12).map(|seed| alone.embed(&picture(seed).view(), &landmarks()).unwrap()).collect();
    assert_eq!(on(1).install(all), alone);
    assert_eq!(on(3).install(all), alone);
}

#[test]
fn debug_shows_the_model_only() {
    let shown = format!("{:?}", FaceEmbedder::builder("tiny", "1").decode(tiny(64)).unwrap());
    assert!(shown.starts_with("FaceEmbedder { model: FaceModel(tiny 1 ") && shown.len() < 200, "{shown}");
}
