//! The learned method: one network finds minutiae, orientation, period and foreground.
//!
//! | file | what it does |
//! |---|---|
//! | `model` | reads weights |
//! | `network` | its layers |
//! | `stream` | the layers at work, from the top of an image down |
//! | `rows` | the rows of a layer that its input suffices for, on one thread or many |
//! | `layer`, `plane` | one convolution; activations |
//! | `peaks` | minutiae from the network's outputs |
//!
//! Weights have 8 bits, activations 7, and sums are exact: the outputs are bit-identical on every instruction set and
//! with any number of threads. Peak memory is about 5 bytes per pixel besides the image,
//! and some MB.

mod layer;
mod model;
mod network;
mod params;
mod peaks;
mod plane;
mod rows;
mod stream;

#[cfg(test)]
mod tests;

pub use model::{Model, ModelError};

use super::error::ExtractError;
use super::found::{FlowMaps, Found, check_area};
use super::normalize::{self, Normalized};
use super::orientation::{Field, Tensor};
use super::params::CELL;
use super::trace::{Stage, TraceSink, trace_map, trace_orientation};
use crate::geometry::Grid;
use crate::image::FingerImage;
use crate::simd::instruction_set::InstructionSet;
use network::{MINUTIA_CHANNELS, MULTIPLE, OUTPUTS};
use peaks::Peaks;
use rows::Means;

// Outputs about the whole print have the cells of the block maps.
const _: () = assert!(CELL == 4);

/// Minutiae with qualities, and the other findings about the print.
pub(super) fn find(
    model: &Model,
    image: &FingerImage,
    parallel: bool,
    sink: &mut dyn TraceSink,
) -> Result<Found, ExtractError> {
    let step = if parallel { params::PARALLEL_STEP } else { params::STEP };
    let means = Means { set: InstructionSet::best(), band: parallel.then_some(params::BAND), step };
    find_by(means, model, image, sink)
}

fn find_by(means: Means, model: &Model, image: &FingerImage, sink: &mut dyn TraceSink) -> Result<Found, ExtractError> {
    let (width, height) = (image.width() as usize, image.height() as usize);

    let Normalized { pixels, scale } = normalize::normalize(image);
    drop(scale);
    if sink.wants("normalized") {
        let values = pixels.map(|p| (f32::from(p) - 128.0) / super::params::NORMALIZE_LEVELS);
        sink.stage("normalized", Stage::Image { values: &values, low: -2.0, high: 2.0 });
    }

    let gradients = Tensor::of_calmed(&pixels).gradients();
    let (columns, rows) = (width.next_multiple_of(MULTIPLE) / CELL, height.next_multiple_of(MULTIPLE) / CELL);
    let mut print = Print::new(width.div_ceil(CELL), height.div_ceil(CELL));
    let mut peaks = Peaks::new(columns, rows, (image.width(), image.height()));
    let input = |y: usize, row: &mut [u8]| row.iter_mut().zip(pixels.row(y)).for_each(|(to, from)| *to = from / 2);
    model.network().run(means, (width, height), input, |y, outputs| {
        print.take(y, outputs);
        peaks.take(y, outputs);
    });
    drop(pixels);
    let (heat, minutiae) = peaks.found();

    check_area(&print.mask)?;
    trace_map(sink, "foreground", &print.foreground, 0.0, 1.0);
    trace_orientation(sink, "orientation", &print.field, &print.mask);
    trace_map(sink, "period", &print.period, 4.0, 16.0);
    if sink.wants("heat") {
        sink.stage("heat", Stage::BlockMap { values: &heat, cell: 2, low: 0.0, high: 1.0 });
    }
    drop(heat);
    let maps = FlowMaps {
        mask: &print.mask,
        field: &print.field,
        agreement: gradients.agreement(&print.field, &print.mask),
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
    /// For the cells that lie in the image.
    fn new(columns: usize, rows: usize) -> Self {
        let empty = || Grid::new(columns, rows, 0f32);
        Self {
            foreground: empty(),
            mask: Grid::new(columns, rows, false),
            field: Field { cosine: empty(), sine: empty(), coherence: empty() },
            period: empty(),
        }
    }

    /// Reads row `y` of the outputs; those beyond the image are left out.
    fn take(&mut self, y: usize, outputs: &[f32]) {
        for (x, outputs) in outputs.chunks_exact(OUTPUTS).take(self.mask.width()).enumerate() {
            let &[cosine, sine, period, mask] = &outputs[4 * MINUTIA_CHANNELS..OUTPUTS] else { continue };
            let length = cosine.hypot(sine).max(1e-6);
            self.field.cosine.set(x, y, cosine / length);
            self.field.sine.set(x, y, sine / length);
            self.field.coherence.set(x, y, length.min(1.0));
            let pixels = params::PERIOD_UNIT * period.exp();
            self.period.set(x, y, pixels.clamp(params::PERIODS.0, params::PERIODS.1));
            self.foreground.set(x, y, 1.0 / (1.0 + (-mask).exp()));
            self.mask.set(x, y, mask > 0.0);
        }
    }
}
