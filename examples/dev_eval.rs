//! Development only.
#![allow(missing_docs)]
use rayon::prelude::*;
use selfsame::*;
use std::io::Write;
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let (dir, ppi, out) = (&a[1], a[2].parse::<f32>().unwrap(), &a[3]);
    let mut files: Vec<_> = std::fs::read_dir(dir)
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| matches!(p.extension().and_then(|s| s.to_str()), Some("png" | "tif" | "iso" | "csv")))
        .collect();
    files.sort();
    let t = std::time::Instant::now();
    let ppi = Ppi::new(ppi).unwrap();
    let temps: Vec<Option<FingerTemplate>> = files
        .par_iter()
        .map(|p| {
            let b = std::fs::read(p).unwrap();
            if matches!(p.extension().and_then(|s| s.to_str()), Some("iso" | "csv")) {
                selfsame::format::decode_templates(&b, None, Some(ppi), &Limits::default())
                    .ok()
                    .and_then(|v| v.into_iter().next())
            } else {
                let im = FingerImage::decode(&b, ppi, &Limits::default()).unwrap();
                Extractor::new().extract(&im).ok()
            }
        })
        .collect();
    let te = t.elapsed();
    let n: usize = temps.iter().flatten().map(|t| t.minutiae().len()).sum();
    let c = Comparator::<Finger>::new();
    let probes: Vec<_> =
        temps.iter().map(|t| t.as_ref().map(|t| (c.prepare(t).unwrap(), c.reference(t).unwrap()))).collect();
    let t = std::time::Instant::now();
    let lines: Vec<String> = (0..files.len())
        .into_par_iter()
        .map(|i| {
            let mut s = String::new();
            let name = |p: &std::path::Path| p.file_stem().unwrap().to_str().unwrap().to_owned();
            for j in i + 1..files.len() {
                let v = match (&probes[i], &probes[j]) {
                    (Some(p), Some(r)) => c.compare(&p.0, &r.1).unwrap().decibels(),
                    _ => 0.0,
                };
                s += &format!("{},{},{}\n", name(&files[i]), name(&files[j]), v);
            }
            s
        })
        .collect();
    let tc = t.elapsed();
    let mut f = std::fs::File::create(out).unwrap();
    writeln!(f, "probe,reference,score").unwrap();
    for l in lines {
        f.write_all(l.as_bytes()).unwrap();
    }
    eprintln!(
        "{dir}: {} files, {:.1} minutiae, failed {}, extract {:.1} s, compare {:.1} us/pair wall",
        files.len(),
        n as f64 / files.len() as f64,
        temps.iter().filter(|t| t.is_none()).count(),
        te.as_secs_f64(),
        tc.as_secs_f64() * 1e6 / 3160.0
    );
}
