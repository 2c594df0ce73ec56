//! Embeds a face in a picture with a model of yours, and compares it with a second one.
//!
//! `cargo run --release --features onnx --example embed_face -- MODEL.onnx PICTURE x,y,x,y,x,y,x,y,x,y [PICTURE LANDMARKS]`
//!
//! Landmarks are pixels: the eye on the left of the picture, the eye on the right, the tip of the nose, the left and the right
//! corner of the mouth.

use std::error::Error;

use selfsame::face::align::{Landmarks, RgbPicture};
use selfsame::face::embed::FaceEmbedder;
use selfsame::{Comparator, Face, Limits};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some((model, faces)) = arguments.split_first().filter(|(_, faces)| matches!(faces.len(), 2 | 4)) else {
        return Err("usage: embed_face MODEL.onnx PICTURE LANDMARKS [PICTURE LANDMARKS]".into());
    };
    let embedder = FaceEmbedder::builder("model", "1").load(model)?;
    println!("{}", embedder.model());
    let mut embeddings = Vec::new();
    for face in faces.chunks_exact(2) {
        let picture = RgbPicture::decode(&std::fs::read(&face[0])?, &Limits::default())?;
        let numbers = face[1].split(',').map(|n| n.trim().parse()).collect::<Result<Vec<f32>, _>>()?;
        let points: [[f32; 2]; 5] = numbers.as_chunks().0.try_into().map_err(|_| "ten numbers are needed")?;
        let embedding = embedder.embed(&picture.view(), &Landmarks::new(points.map(|[x, y]| (x, y)))?)?;
        println!("{}: {} dimensions", face[0], embedding.dimension());
        embeddings.push(embedding);
    }
    if let [a, b] = &embeddings[..] {
        // The cosine that makes a match depends on the model: `selfsame calibrate` finds it.
        println!("cosine {}", Comparator::<Face>::new().compare_templates(a, b)?);
    }
    Ok(())
}
