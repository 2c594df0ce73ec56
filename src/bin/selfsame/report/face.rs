//! The page of `selfsame eval face`.

use selfsame::Fmr;
use selfsame::eval::bootstrap::Interval;
use selfsame::eval::face::{AllPairs, PairVerification};

use super::det::{self, Curve};
use super::page::{Page, Section};
use super::{histogram, machine, rates};
use crate::args::eval::EvalFaceArgs;
use crate::rate;

/// What the page is made of.
pub struct Content<'a> {
    pub args: &'a EvalFaceArgs,
    /// Number of embeddings, and of numbers in each.
    pub rows: usize,
    pub dimension: usize,
    pub all: &'a AllPairs,
    pub pairs: Option<&'a PairVerification>,
}

/// The page.
pub fn page(content: &Content<'_>) -> String {
    let a = content.all;
    let set = &a.balanced;
    let lead = format!(
        "{}: {} embeddings of {} identities, {} genuine and {} impostor pairs",
        content.args.embeddings.display(),
        content.rows,
        a.identities,
        set.genuine(),
        set.impostor()
    );
    let mut page = Page::new("Face error rates", &lead);
    let usual = rates::usual(set, None);
    let thousandth = usual.iter().find(|u| u.name == "FMR1000").map_or(f64::NAN, |u| u.at.threshold);
    let mut tiles: Vec<(String, &str)> = usual.iter().take(3).map(|u| (u.text(), u.name)).collect();
    tiles.push((rates::threshold(thousandth, 3, ""), "cosine at FMR1000"));
    page.tiles(&tiles);
    page.side_by_side(&[trade_off(content, &usual), scores(content, thousandth)]);
    let mut table = Section::new("Rates of all pairs");
    let row = |u: &rates::Usual| {
        // An interval at the threshold of the whole set.
        let interval = missed(a, u.at.threshold).filter(|_| u.name != "EER");
        let interval = interval.map_or("-".to_owned(), |i| rate::interval(i, set.genuine()));
        vec![u.name.to_owned(), u.meaning().to_owned(), u.text(), interval, rates::threshold(u.at.threshold, 3, "")]
    };
    table.table(&["", "meaning", "rate", "95 % interval", "cosine"], &usual.iter().map(row).collect::<Vec<_>>());
    table.note(
        "All identities weigh alike. Intervals of the FNMR are a bootstrap over identities with the threshold held fixed: 95 %. Where no \
         error was seen, the rate is not zero but fewer than 3/N with 95 % confidence (rule of three), if the N comparisons were \
         independent; those of one person are not, so the truth may be higher.",
    );
    page.section(&table);
    let mut left_out = Section::new("Not in this report");
    left_out.note(
        "Error against reject, and pictures of pairs: embeddings state no quality and hold no picture. Identification and stored forms \
         are in report.txt.",
    );
    page.section(&left_out);
    let mut section = Section::new("Settings and machine");
    let shown =
        |path: &Option<std::path::PathBuf>| path.as_ref().map_or("none".to_owned(), |p| p.display().to_string());
    let mut facts = vec![
        ("embeddings", content.args.embeddings.display().to_string()),
        ("labels", content.args.labels.display().to_string()),
        ("listed pairs", shown(&content.args.pairs)),
        ("label errors left out", shown(&content.args.label_errors)),
        ("dimension", content.dimension.to_string()),
        ("identities with two or more", a.with_mates.to_string()),
    ];
    facts.extend(machine::facts());
    section.facts(&facts);
    page.section(&section);
    page.finish()
}

/// Interval of the FNMR at a threshold.
fn missed(all: &AllPairs, threshold: f64) -> Option<Interval> {
    all.tar_interval(threshold).map(|i| Interval { low: (1.0 - i.high).max(0.0), high: (1.0 - i.low).max(0.0) })
}

fn trade_off(content: &Content<'_>, usual: &[rates::Usual]) -> Section {
    let a = content.all;
    let at = |fmr: &Fmr| Some((fmr.get(), missed(a, a.balanced.threshold_at(*fmr))?));
    let band: Vec<_> = det::rates(&a.balanced).iter().filter_map(at).collect();
    let mut curves =
        vec![Curve { class: "c1", set: &a.balanced, band }, Curve { class: "c2", set: &a.plain, band: Vec::new() }];
    let mut key = vec![
        ("c1", "all pairs, identities alike, with the 95 % band".to_owned()),
        ("c2", "all pairs alike".to_owned()),
    ];
    if let Some(pairs) = content.pairs {
        curves.push(Curve { class: "c3", set: &pairs.scores, band: Vec::new() });
        key.push(("c3", "listed pairs".to_owned()));
    }
    let marks: Vec<_> = usual.iter().take(3).map(|u| (u.at, u.name.to_owned(), u.name == "EER")).collect();
    det::section(&curves, &key, &marks)
}

fn scores(content: &Content<'_>, thousandth: f64) -> Section {
    let all = &content.all.balanced;
    let thresholds = [(thousandth, format!("FMR1000 {thousandth:.3}"))];
    let counts = (all.genuine(), all.impostor());
    histogram::section(&content.all.histogram, counts, "cosine", &thresholds)
}
