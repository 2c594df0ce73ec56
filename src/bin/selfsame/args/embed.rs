//! Arguments of `selfsame embed`.

use std::path::PathBuf;

use clap::Args;

use super::extraction::{BatchArgs, ForceArgs};

#[derive(Args, Debug)]
pub struct EmbedArgs {
    /// Network that makes embeddings of aligned faces (.onnx).
    pub model: PathBuf,
    /// PNG, TIFF, BMP, PNM or JPEG picture, or a folder of them.
    pub image: PathBuf,
    /// Ten numbers x,y,x,y,...: pixels of the eye on the left of the picture, the eye on the right, the tip of the
    /// nose, the left and the right corner of the mouth. Or a file with those of many pictures: lines `name,x,y,...`, or an object of
    /// JSON with ten numbers under each name.
    #[arg(
        long,
        value_name = "X,Y,...|FILE",
        allow_hyphen_values = true,
        required_unless_present = "detector",
        conflicts_with = "detector"
    )]
    pub landmarks: Option<String>,
    /// Network that finds faces and their landmarks, of the layout of SCRFD or YuNet (.onnx).
    #[arg(long, value_name = "MODEL")]
    pub detector: Option<PathBuf>,
    /// Take the largest of several faces in a picture, instead of refusing it.
    #[arg(long, requires = "detector")]
    pub largest: bool,
    /// Output file for the embeddings: .npy, one row of floats of unit length for each picture, unencrypted.
    #[arg(short, long, value_name = "OUT.npy")]
    pub output: PathBuf,
    /// Output file for the names of the rows' pictures, one in each line.
    #[arg(long, value_name = "OUT")]
    pub names: Option<PathBuf>,
    #[command(flatten)]
    pub force: ForceArgs,
    #[command(flatten)]
    pub batch: BatchArgs,
    /// Number subtracted from each byte before the division, or three, of red, green and blue.
    #[arg(long, value_name = "M[,M,M]", default_value = "127.5", value_parser = colors)]
    pub mean: OfColors,
    /// Divisor of the difference, or three.
    #[arg(long, value_name = "D[,D,D]", default_value = "127.5", value_parser = colors)]
    pub divisor: OfColors,
    /// The model expects blue, green, red.
    #[arg(long)]
    pub bgr: bool,
    /// Width and height of the faces that the model takes, pixels [default: what its file says, else 112].
    #[arg(long, value_name = "N")]
    pub side: Option<usize>,
    /// Output of the model that is the embedding, if it has several.
    #[arg(long, value_name = "NAME")]
    pub model_output: Option<String>,
}

/// A number for each of red, green and blue.
#[derive(Clone, Copy, Debug)]
pub struct OfColors(pub [f32; 3]);

fn colors(text: &str) -> Result<OfColors, String> {
    let numbers: Result<Vec<f32>, _> = text.split(',').map(|number| number.trim().parse()).collect();
    match *numbers.map_err(|_| "not a number".to_owned())?.as_slice() {
        [all] => Ok(OfColors([all; 3])),
        [red, green, blue] => Ok(OfColors([red, green, blue])),
        _ => Err("one number is needed, or three".to_owned()),
    }
}
