//! Template records: decoding and encoding about 40 minutiae in each format.
//!
//! `cargo bench --bench format` first checks that each record survives a round trip.

use std::hint::black_box;
use std::time::Duration;

use criterion::Criterion;
use selfsame::format::{DecodeOptions, Record, TemplateFormat, decode, encode};
use selfsame::synth::TemplateGenerator;
use selfsame::{Limits, Ppi};

const SEED: u64 = 47;
const MINUTIAE: usize = 40;

fn main() {
    let generator = TemplateGenerator::new(SEED);
    let close = |n: usize| n.abs_diff(MINUTIAE) <= 1;
    let found = (0..).map(|i| generator.reference(i)).find(|t| close(t.minutiae().len()));
    let template = found.expect("one of many has about 40 minutiae");
    println!("{} minutiae", template.minutiae().len());
    let record = Record::from_templates(&[template]);
    let limits = Limits::default();
    let mut criterion = Criterion::default()
        .measurement_time(Duration::from_secs(1))
        .warm_up_time(Duration::from_millis(300))
        .configure_from_args();
    for format in TemplateFormat::ALL {
        let options = DecodeOptions { format: Some(format), ppi: Some(Ppi::P500), ..DecodeOptions::default() };
        // The record of the file in its own units, so that encoding rescales nothing.
        let bytes = encode(&record, format).0;
        let own = decode(&bytes, &options, &limits).expect("is read back");
        assert_eq!(encode(&own, format).0, bytes, "{format:?} comes back");
        assert_eq!(own.views[0].minutiae.len(), record.views[0].minutiae.len());
        criterion.bench_function(&format!("decode/{}", format.id()), |b| {
            b.iter(|| decode(black_box(&bytes), &options, &limits));
        });
        criterion.bench_function(&format!("encode/{}", format.id()), |b| {
            b.iter(|| encode(black_box(&own), format));
        });
    }
    criterion.final_summary();
}
