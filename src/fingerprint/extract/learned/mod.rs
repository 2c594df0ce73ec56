//! The learned method: one network finds minutiae, orientation, period and foreground.
//!
//! | file | what it does |
//! |---|---|
//! | `model` | reads weights |
//! | `network` | order of the layers |
//! | `layer`, `plane` | one convolution; activations |
//! | `peaks` | minutiae from the network's outputs |
//!
//! Weights have 8 bits, activations 7, and sums are exact: the outputs are bit-identical on every instruction set and
//! with any number of threads. Peak memory is about 45 bytes per pixel besides the image.

mod layer;
mod model;
mod network;
mod params;
mod peaks;
mod plane;

#[cfg(test)]
mod tests;

pub use model::{Model, ModelError};

use super::error::ExtractError;
use super::found::{FlowMaps, Found, check_area};
use super::normalize;
use super::orientation::{Field, Tensor};
use super::params::CELL;
use super::trace::{Stage, TraceSink, trace_map, trace_orientation};
use crate::geometry::Grid;
use crate::image::FingerImage;
use crate::simd::instruction_set::InstructionSet;
use layer::Means;
use network::{MINUTIA_CHANNELS, Network, OUTPUTS};

// Outputs about the whole print have the cells of the block maps.
const _: () = assert!(CELL == 4);

/// Minutiae with qualities, and the other findings about the print.
pub(super) fn find(
    model: &Model,
    image: &FingerImage,
    parallel: bool,
    sink: &mut dyn TraceSink,
) -> Result<Found, ExtractError> {
    let means = Means { set: InstructionSet::best(), band: parallel.then_some(params::BAND) };
    let (width, height) = (image.width() as usize, image.height() as usize);

    let normal = normalize::normalize(image);
    if sink.wants("normalized") {
        let values = normal.pixels.map(|p| (f32::from(p) - 128.0) / super::params::NORMALIZE_LEVELS);
        sink.stage("normalized", Stage::Image { values: &values, low: -2.0, high: 2.0 });
    }

    let mut input = Network::input(width, height);
    let (columns, rows) = (input.width() / CELL, input.height() / CELL);
    for (to, y) in input.rows_mut().zip(0..height) {
        to.iter_mut().zip(normal.pixels.row(y)).for_each(|(to, from)| *to = from / 2);
    }
    let tensor = Tensor::of_calmed(&normal.pixels);
    drop(normal);
    let outputs = model.network().run(means, input);

    let print = Print::read(&outputs, columns, width.div_ceil(CELL), height.div_ceil(CELL));
    check_area(&print.mask)?;
    trace_map(sink, "foreground", &print.foreground, 0.0, 1.0);
    trace_orientation(sink, "orientation", &print.field, &print.mask);
    trace_map(sink, "period", &print.period, 4.0, 16.0);

    let heat = peaks::heat(&outputs, columns, rows);
    if sink.wants("heat") {
        sink.stage("heat", Stage::BlockMap { values: &heat, cell: 2, low: 0.0, high: 1.0 });
    }
    let minutiae = peaks::minutiae(&heat, &outputs, columns, (image.width(), image.height()));
    let maps = FlowMaps {
        mask: &print.mask,
        field: &print.field,
        agreement: tensor.agreement(&print.field, &print.mask),
        certainty: &print.foreground,
        period: &print.period,
    };
    Ok(Found::new(image, minutiae, &maps))
}

/// The network's outputs about the whole print, per cell.
struct Print {
    /// Probability of foreground.
    foreground: Grid<f32>,
    mask: Grid<bool>,
    field: Field,
    /// Pixels.
    period: Grid<f32>,
}

impl Print {
    /// Reads the cells that lie in the image.
    fn read(outputs: &[f32], stride: usize, columns: usize, rows: usize) -> Self {
        let empty = || Grid::new(columns, rows, 0f32);
        let mut print = Self {
            foreground: empty(),
            mask: Grid::new(columns, rows, false),
            field: Field { cosine: empty(), sine: empty(), coherence: empty() },
            period: empty(),
        };
        for y in 0..rows {
            let line = outputs[y * stride * OUTPUTS..].chunks_exact(OUTPUTS).take(columns);
            for (x, outputs) in line.enumerate() {
                let &[cosine, sine, period, mask] = &outputs[4 * MINUTIA_CHANNELS..OUTPUTS] else { continue };
                let length = cosine.hypot(sine).max(1e-6);
                print.field.cosine.set(x, y, cosine / length);
                print.field.sine.set(x, y, sine / length);
                print.field.coherence.set(x, y, length.min(1.0));
                let pixels = params::PERIOD_UNIT * period.exp();
                print.period.set(x, y, pixels.clamp(params::PERIODS.0, params::PERIODS.1));
                print.foreground.set(x, y, 1.0 / (1.0 + (-mask).exp()));
                print.mask.set(x, y, mask > 0.0);
            }
        }
        print
    }
}
