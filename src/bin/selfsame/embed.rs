//! `selfsame embed`

use selfsame::Limits;
use selfsame::face::align::{Colors, InputForm, Landmarks, RgbPicture};
use selfsame::face::embed::FaceEmbedder;
use selfsame::format::npy::NpyArray;
use selfsame::text::shown;
use serde_json::json;

use crate::args::EmbedArgs;
use crate::failure::{Failure, Kind};
use crate::outcome::{Outcome, shown_path};
use crate::{sample, write};

pub fn run(args: &EmbedArgs) -> Result<Outcome, Failure> {
    write::check(&[Some(&args.output)], args.force.force)?;
    let numbers: Result<Vec<f32>, _> = args.landmarks.split(',').map(|number| number.trim().parse()).collect();
    let numbers = numbers.map_err(|e| Failure::new("--landmarks", e).of(Kind::Usage))?;
    let (points, rest) = numbers.as_chunks::<2>();
    let points: Option<[[f32; 2]; 5]> = points.try_into().ok().filter(|_| rest.is_empty());
    let points = points.ok_or_else(|| Failure::usage("--landmarks: ten numbers are needed, x and y of five points"))?;
    let landmarks =
        Landmarks::new(points.map(|[x, y]| (x, y))).map_err(|e| Failure::new("--landmarks", e).of(Kind::Usage))?;
    let limits = Limits::default();
    let picture =
        RgbPicture::decode(&sample::bytes(&args.image, &limits)?, &limits).map_err(|e| Failure::at(&args.image, e))?;
    let colors = if args.bgr { Colors::Bgr } else { Colors::Rgb };
    let form = InputForm { mean: args.mean, divisor: args.divisor, colors };
    let name = args.model.file_stem().map_or("model".into(), |name| name.to_string_lossy());
    let embedder = FaceEmbedder::builder(name, "onnx").input(form).load(&args.model);
    let embedder = embedder.map_err(|e| Failure::at(&args.model, e))?;
    let embedding = embedder.embed(&picture.view(), &landmarks).map_err(|e| Failure::at(&args.image, e))?;
    let values = embedding.as_slice().to_vec();
    let array = NpyArray::from_floats(1, values.len(), values).map_err(|e| Failure::at(&args.output, e))?;
    write::output(&args.output, &array.encode(), args.force.force)?;
    let digest: String = embedder.digest().iter().map(|byte| format!("{byte:02x}")).collect();
    let text = format!(
        "{}\nsha-256 {digest}\nembedding: {}\n",
        shown(&embedder.model().to_string()),
        shown_path(&args.output)
    );
    let json = json!({
        "image": args.image.display().to_string(),
        "model": embedder.model().name(),
        "version": embedder.model().version(),
        "sha256": digest,
        "dimension": embedder.dimension(),
        "output": args.output.display().to_string(),
    });
    Ok(Outcome::done(text, json))
}
