//! The pipeline without a network: image to minutiae, step by step.

use super::binarize;
use super::clean;
use super::enhance::{self, Enhanced};
use super::error::ExtractError;
use super::found::{FlowMaps, Found, check_area};
use super::frequency;
use super::minutiae::{self, Candidate};
use super::normalize::{self, Normalized};
use super::orientation::{Field, Tensor};
use super::params;
use super::params::CELL;
use super::prune;
use super::quality;
use super::segment;
use super::skeleton::Skeleton;
use super::thin;
use super::trace::{Stage, TraceSink, trace_map, trace_minutiae, trace_orientation};
use crate::fingerprint::minutia::{Minutia, MinutiaKind};
use crate::geometry::{Bitmap, Grid};
use crate::image::FingerImage;

/// Minutiae with qualities, and the other findings about the print.
pub(super) fn find(image: &FingerImage, sink: &mut dyn TraceSink) -> Result<Found, ExtractError> {
    let (width, height) = (image.width() as usize, image.height() as usize);

    let Normalized { pixels, scale } = normalize::normalize(image);
    if sink.wants("normalized") {
        let values = pixels.map(|p| (f32::from(p) - 128.0) / params::NORMALIZE_LEVELS);
        sink.stage("normalized", Stage::Image { values: &values, low: -2.0, high: 2.0 });
    }

    let tensor = Tensor::of_calmed(&pixels);
    let mask = segment::segment(&tensor, &scale);
    drop(scale);
    check_area(&mask)?;
    if sink.wants("mask") {
        sink.stage("mask", Stage::Bitmap(&binarize::pixel_mask(&mask, width, height)));
    }

    let tensor = tensor.masked(&mask);
    let first = tensor.field(&params::ORIENTATION_SIGMAS);
    let gradients = tensor.gradients();
    drop(tensor);
    trace_orientation(sink, "orientation_first", &first, &mask);
    trace_map(sink, "coherence", &first.coherence, 0.0, 1.0);

    let period = frequency::periods(&pixels, &first, &mask);
    if sink.wants("period") {
        let values = period.map(frequency::table_period);
        sink.stage("period", Stage::BlockMap { values: &values, cell: CELL, low: 4.0, high: 16.0 });
    }

    let enhanced = |field: &Field| Enhanced::new(&pixels, field, &period, &mask);
    let tensor = enhanced(&first).tensor();
    trace_enhanced(sink, "enhanced_first", || enhanced(&first));
    let field = tensor.masked(&mask).field(&params::REFINED_SIGMAS);
    trace_orientation(sink, "orientation", &field, &mask);
    let (energy, positive) = enhanced(&field).energy_and_signs();
    trace_enhanced(sink, "enhanced", || enhanced(&field));

    let reliability = enhance::reliability(&pixels, &energy);
    drop(pixels);
    let strength = enhance::strength(&energy, params::STRENGTH_SIGMA);
    drop(energy);
    trace_map(sink, "reliability", &reliability, 0.0, 1.0);
    let mask = reliable(mask, &reliability);
    check_area(&mask)?;

    let mut ends = ends(positive, &mask, &field, sink);
    let distance = segment::distance(&mask);
    prune::inside(&mut ends, &distance);
    trace_ends(sink, "minutiae_inside", &ends);
    let mut minutiae = quality::rate(
        &ends,
        &quality::Maps {
            first: &first,
            field: &field,
            reliability: &reliability,
            strength: &strength,
            distance: &distance,
        },
    );
    minutiae.retain(|m| m.quality >= params::MIN_LIKELIHOOD);
    prune::clouds(&mut minutiae);
    minutiae::settle(&mut minutiae, width, height);
    trace_minutiae(sink, "minutiae_pruned", &minutiae);
    let periods = period.map(frequency::table_period);
    let agreement = gradients.agreement(&field, &mask);
    let maps = FlowMaps { mask: &mask, field: &field, agreement, certainty: &reliability, period: &periods };
    Ok(Found::new(image, minutiae, &maps))
}

/// Ends of ridges, whose pixels are positive, and of valleys, as candidates for minutiae.
fn ends(positive: Bitmap, mask: &Grid<bool>, field: &Field, sink: &mut dyn TraceSink) -> Vec<Candidate> {
    let foreground = binarize::pixel_mask(mask, positive.width(), positive.height());
    let ridges = binarize::ridges(positive, &foreground);
    trace_bits(sink, "binary", &ridges);

    let valleys = thin::thin(foreground.without(&ridges));
    drop(foreground);
    let ridges = thin::thin(ridges);
    trace_bits(sink, "ridges_thinned", &ridges);
    trace_bits(sink, "valleys_thinned", &valleys);
    let mut ends = Vec::new();
    // One graph at a time: they are large.
    let lines =
        [("ridge_skeleton", ridges, MinutiaKind::Ending), ("valley_skeleton", valleys, MinutiaKind::Bifurcation)];
    for (name, thinned, kind) in lines {
        let mut graph = Skeleton::trace(&thinned);
        drop(thinned);
        clean::clean(&mut graph);
        trace_graph(sink, name, &graph);
        minutiae::collect(&graph, kind, field, &mut ends);
    }
    trace_ends(sink, "minutiae_raw", &ends);
    ends
}

/// The part of the foreground in which the enhanced pattern explains the image.
fn reliable(mut mask: Grid<bool>, reliability: &Grid<f32>) -> Grid<bool> {
    for (m, &r) in mask.as_mut_slice().iter_mut().zip(reliability.as_slice()) {
        *m &= r >= params::ENERGY_SHARE;
    }
    segment::tidy(mask)
}

fn trace_enhanced<'a>(sink: &mut dyn TraceSink, name: &'static str, enhanced: impl FnOnce() -> Enhanced<'a>) {
    if sink.wants(name) {
        sink.stage(name, Stage::Image { values: &enhanced().whole(), low: 1.5, high: -1.5 });
    }
}

fn trace_bits(sink: &mut dyn TraceSink, name: &'static str, bits: &Bitmap) {
    if sink.wants(name) {
        sink.stage(name, Stage::Bitmap(bits));
    }
}

fn trace_graph(sink: &mut dyn TraceSink, name: &'static str, graph: &Skeleton) {
    if sink.wants(name) {
        sink.stage(name, Stage::Bitmap(&graph.drawn()));
    }
}

fn trace_ends(sink: &mut dyn TraceSink, name: &'static str, ends: &[Candidate]) {
    if sink.wants(name) {
        let minutiae: Vec<Minutia> = ends.iter().map(|e| e.minutia).collect();
        sink.stage(name, Stage::Minutiae(&minutiae));
    }
}
