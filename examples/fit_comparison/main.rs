//! The fit of the comparison's weights, and their accuracy on sensors that they were not fitted on.
//!
//! ```text
//! cargo run --release --example fit_comparison -- [--plain] [--impostors N] [--ridge X] [--odds X] [--signs] [--ablate]
//!     FOLDER:PPI[:GROUP] [--except FILE] ...
//! ```
//!
//! Folders hold prints `FINGER_IMPRESSION.*`, images or templates (.iso, .csv). All genuine pairs and a seeded sample of at
//! most `N` impostor pairs of each folder are compared, and a logistic regression is fitted to the features of their best
//! matchings. Impostors count `--odds` times as much as genuine pairs, and all folders of a class have equal weight.
//! Fingers of one person (`PERSON-FINGER`) are not impostors, and `--except` names a file of mislabeled prints of the
//! preceding folder, one per line: such sets hold labeling errors.
//!
//! The program prints the weights for the table in `model.rs`, and for each folder EER, FMR1000 and FNMR (percent) with
//! the library's weights, with those fitted on all folders, and with those fitted on the folders of all other groups;
//! the FNMR is at one threshold for all folders, at which their mean FMR is 1e-3. Two folders that show the same
//! fingers belong in one `GROUP`; without one, a folder is its own group. `--plain` removes the ridge flow. `--ridge`
//! is the strength of the regularization (without it, several are compared); `--signs` drops features whose weight
//! would have the wrong sign; `--ablate` leaves groups of features out in turn. The features are those of the matching
//! that the shipped weights prefer.

mod logistic;
#[path = "../support/prints.rs"]
mod prints;

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::PathBuf;

use logistic::{Logistic, Row, Standard};
use prints::Failure;
use rayon::prelude::*;
use selfsame::eval::ScoreSet;
use selfsame::{Comparator, Finger, Modality, Ppi};

/// Features: name, group for ablation, and the sign that its weight should have (0: either).
const FEATURES: [(&str, &str, i8); 25] = [
    ("pairs", "count", 1),
    ("share", "overlap", 1),
    ("pairs_times_share", "overlap", 1),
    ("closeness", "count", 1),
    ("alignment", "count", 1),
    ("similarity", "local", 1),
    ("joint", "local", 1),
    ("same_kind", "type", 1),
    ("very_similar", "local", 1),
    ("surprise", "count", 1),
    ("scale", "distortion", -1),
    ("overlap", "overlap", 0),
    ("share_of_all", "overlap", 1),
    ("joint_times_share", "local", 1),
    ("mean_similarity", "local", 1),
    ("mean_distance", "distortion", -1),
    ("mean_angle", "distortion", -1),
    ("consistency", "distortion", 1),
    ("spread", "spread", 1),
    ("quality_against", "quality", -1),
    ("quality_for", "quality", 1),
    ("root_of_joint", "local", 1),
    ("root_of_cells", "orientation", 0),
    ("flow_cosine", "orientation", 1),
    ("period", "period", -1),
];
/// Groups of features that are left out together.
const ABLATIONS: [(&str, &[&str]); 9] = [
    ("ridge flow", &["orientation", "period"]),
    ("orientation", &["orientation"]),
    ("period", &["period"]),
    ("quality", &["quality"]),
    ("type", &["type"]),
    ("local similarity", &["local"]),
    ("distortion", &["distortion"]),
    ("overlap", &["overlap"]),
    ("spread", &["spread"]),
];
/// Strengths of the regularization that are compared.
const RIDGES: [f64; 5] = [1e-6, 1e-5, 1e-4, 1e-3, 1e-2];
const SEED: u64 = 2026;
/// Mean false match rate at the common threshold of all sets.
const POOLED_FMR: f64 = 1e-3;
/// Raw similarity of a pair without a template or a matching.
const NOTHING: f64 = -1e3;

struct Options {
    plain: bool,
    impostors: usize,
    ridge: Option<f64>,
    odds: f64,
    signs: bool,
    ablate: bool,
    folders: Vec<Folder>,
}

struct Folder {
    path: PathBuf,
    ppi: Ppi,
    group: String,
    except: HashSet<String>,
}

/// The comparisons of one folder. Those without a matching have no features.
struct Set {
    name: String,
    group: String,
    compared: Vec<Compared>,
}

struct Compared {
    genuine: bool,
    shipped: f64,
    features: Option<Vec<f64>>,
}

fn main() -> Result<(), Failure> {
    let options = options()?;
    let sets = options.folders.iter().map(|f| compare(f, &options)).collect::<Result<Vec<_>, _>>()?;
    let mut rows = rows(&sets, options.odds);
    let standard = Standard::apply(&mut rows);
    let fitting = Fitting { sets: &sets, rows: &rows, signs: options.signs };
    let free: Vec<bool> = (0..FEATURES.len()).map(|k| standard.varies(k)).collect();

    let ridges = options.ridge.map_or(RIDGES.to_vec(), |r| vec![r]);
    println!("{:<28}{:^30}{:^30}", "mean over folders", "fitted on all", "folder left out");
    println!("{:<28}{HEAD}{HEAD}", "ridge");
    let mut best = (RIDGES[0], f64::INFINITY);
    for &ridge in &ridges {
        let (all, without) = (fitting.all(&free, ridge)?.1, fitting.left_out(&free, ridge)?);
        println!("{ridge:<28.0e}{}{}", mean(&all), mean(&without));
        if mean(&without).pooled < best.1 {
            best = (ridge, mean(&without).pooled);
        }
    }
    let ridge = best.0;

    let (model, all) = fitting.all(&free, ridge)?;
    let without = fitting.left_out(&free, ridge)?;
    let shipped = fitting.shipped()?;
    println!("\nridge {ridge:.0e}");
    println!("{:<28}{:^30}{:^30}{:^30}", "", "shipped", "fitted on all", "folder left out");
    println!("{:<28}{HEAD}{HEAD}{HEAD}", "folder");
    for (((set, s), a), w) in sets.iter().zip(&shipped).zip(&all).zip(&without) {
        println!("{:<28}{s}{a}{w}", set.name);
    }
    println!("{:<28}{}{}{}", "mean", mean(&shipped), mean(&all), mean(&without));

    if options.ablate {
        println!("\n{:<28}{:^30}\n{:<28}{HEAD}", "", "folder left out", "without");
        println!("{:<28}{}", "nothing", mean(&without));
        for (name, groups) in ABLATIONS {
            let kept: Vec<bool> = free.iter().zip(FEATURES).map(|(f, (_, g, _))| *f && !groups.contains(&g)).collect();
            if kept != free {
                println!("{name:<28}{}", mean(&fitting.left_out(&kept, ridge)?));
            }
        }
    }

    println!("\n{:<40}{:>12}", "feature, group", "per deviation");
    for ((name, group, _), w) in FEATURES.iter().zip(&model.weights).filter(|(_, w)| **w != 0.0) {
        println!("{:<40}{w:12.3}", format!("{name} ({group})"));
    }
    let model = standard.fold_back(&model);
    println!();
    for ((name, _, _), weight) in FEATURES.iter().zip(&model.weights) {
        println!("{name}: {:.4}", weight + 0.0);
    }
    println!("constant {}: {:.4}", if options.plain { "without ridge flow" } else { "with it" }, model.bias);
    Ok(())
}

fn options() -> Result<Options, Failure> {
    let mut options = Options {
        plain: false,
        impostors: 20_000,
        ridge: None,
        odds: 1.0,
        signs: false,
        ablate: false,
        folders: Vec::new(),
    };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or(format!("{argument} needs a value"));
        match argument.as_str() {
            "--plain" => options.plain = true,
            "--signs" => options.signs = true,
            "--ablate" => options.ablate = true,
            "--impostors" => options.impostors = value()?.parse()?,
            "--ridge" => options.ridge = Some(value()?.parse()?),
            "--odds" => options.odds = value()?.parse()?,
            "--except" => {
                let text = std::fs::read_to_string(value()?)?;
                let folder = options.folders.last_mut().ok_or("--except follows a folder")?;
                folder.except = text.split_whitespace().map(str::to_owned).collect();
            }
            folder => {
                let (path, ppi, group) = prints::argument(folder)?;
                let group = group.unwrap_or_else(|| path.display().to_string());
                options.folders.push(Folder { path, ppi, group, except: HashSet::new() });
            }
        }
    }
    if options.folders.iter().map(|f| &f.group).collect::<BTreeSet<_>>().len() < 2 {
        return Err("at least two folders of different groups are needed".into());
    }
    Ok(options)
}

/// Reads a folder and compares all genuine pairs and a sample of the impostor pairs.
fn compare(folder: &Folder, options: &Options) -> Result<Set, Failure> {
    let mut prints = prints::read(&folder.path, folder.ppi, options.plain)?;
    prints.retain(|p| !folder.except.contains(p.name.as_str()));
    if !options.plain && prints.iter().flat_map(|p| &p.template).any(|t| t.ridge_flow().is_none()) {
        return Err(format!("{}: templates without ridge flow need --plain", folder.path.display()).into());
    }
    let comparator = Comparator::<Finger>::new();
    let prepared: Vec<_> = prints
        .par_iter()
        .map(|p| p.template.as_ref().map(|t| comparator.modality().prepare(t)).transpose())
        .collect::<Result<_, _>>()?;
    let (mut pairs, mut impostors) = (Vec::new(), Vec::new());
    for (i, a) in prints.iter().enumerate() {
        for (j, b) in prints.iter().enumerate().skip(i + 1) {
            if a.name.subject() == b.name.subject() {
                pairs.push((i, j, true));
            } else if a.person() != b.person() {
                impostors.push((i, j, false));
            }
        }
    }
    if impostors.len() > options.impostors {
        impostors.sort_by_key(|&(i, j, _)| scramble((i as u64) << 32 | j as u64));
        impostors.truncate(options.impostors);
    }
    pairs.append(&mut impostors);
    let compared = pairs
        .par_iter()
        .map_init(Default::default, |scratch, &(i, j, genuine)| {
            let (Some(a), Some(b)) = (&prepared[i], &prepared[j]) else {
                return Compared { genuine, shipped: NOTHING, features: None };
            };
            let (raw, features) = comparator.modality().features(a, b, scratch);
            assert!(features.iter().map(|f| f.0).eq(FEATURES.map(|f| f.0)), "the features are those of the crate");
            let found = features.first().is_some_and(|pairs| pairs.1 > 0.0);
            let features = found.then(|| features.iter().map(|f| f64::from(f.1)).collect());
            Compared { genuine, shipped: f64::from(raw), features }
        })
        .collect();
    let parts: Vec<_> = folder.path.iter().rev().take(2).map(|p| p.to_string_lossy()).collect();
    let name = parts.into_iter().rev().collect::<Vec<_>>().join("/");
    eprintln!("{name}: {} prints, {} pairs", prints.len(), pairs.len());
    Ok(Set { name, group: folder.group.clone(), compared })
}

/// A hash that puts pairs into a fixed, arbitrary order (splitmix64).
fn scramble(pair: u64) -> u64 {
    let mut h = pair.wrapping_add(SEED.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    h = (h ^ (h >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    h = (h ^ (h >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    h ^ (h >> 31)
}

/// The comparisons with a matching, weighted by class and equally for all folders of a class.
fn rows(sets: &[Set], odds: f64) -> Vec<Row> {
    let mut rows = Vec::new();
    for (set, compared) in sets.iter().map(|s| &s.compared).enumerate() {
        let count = |genuine| compared.iter().filter(|c| c.genuine == genuine && c.features.is_some()).count();
        let weights = [odds / count(false).max(1) as f64, 1.0 / count(true).max(1) as f64];
        rows.extend(compared.iter().filter_map(|c| {
            let features = c.features.clone()?;
            Some(Row { features, genuine: c.genuine, set, weight: weights[usize::from(c.genuine)] })
        }));
    }
    rows
}

/// Columns of [`Rates`].
const HEAD: &str = "     EER   FMR1000    pooled   ";

/// Percent.
#[derive(Clone, Copy)]
struct Rates {
    eer: f64,
    fmr1000: f64,
    /// FNMR at the threshold at which the mean FMR of all sets is [`POOLED_FMR`].
    pooled: f64,
}

impl std::fmt::Display for Rates {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:8.2}{:10.2}{:10.2}   ", self.eer, self.fmr1000, self.pooled)
    }
}

fn mean(rates: &[Rates]) -> Rates {
    let of = |f: fn(&Rates) -> f64| rates.iter().map(f).sum::<f64>() / rates.len() as f64;
    Rates { eer: of(|r| r.eer), fmr1000: of(|r| r.fmr1000), pooled: of(|r| r.pooled) }
}

/// Genuine and impostor scores of a set.
type Scores = (Vec<f64>, Vec<f64>);

fn rates(sets: Vec<Scores>) -> Result<Vec<Rates>, Failure> {
    let mut impostors: Vec<(f64, f64)> = Vec::new();
    for (_, impostor) in &sets {
        let share = 1.0 / (impostor.len() * sets.len()) as f64;
        impostors.extend(impostor.iter().map(|s| (*s, share)));
    }
    impostors.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut rate = 0.0;
    let beyond = impostors.iter().position(|(_, share)| {
        rate += share;
        rate > POOLED_FMR
    });
    let threshold = beyond.map_or(NOTHING, |k| impostors[k].0);
    sets.into_iter()
        .map(|(genuine, impostor)| {
            let missed = genuine.iter().filter(|s| **s <= threshold).count() as f64 / genuine.len().max(1) as f64;
            let r = ScoreSet::new(genuine, impostor)?.rates();
            Ok(Rates { eer: 100.0 * r.eer, fmr1000: 100.0 * r.fmr1000, pooled: 100.0 * missed })
        })
        .collect()
}

struct Fitting<'a> {
    sets: &'a [Set],
    /// In the order of the sets and of their comparisons.
    rows: &'a [Row],
    signs: bool,
}

impl Fitting<'_> {
    fn fit(&self, used: impl Fn(&Row) -> bool, free: &[bool], ridge: f64, start: &Logistic) -> Logistic {
        let signs = FEATURES.map(|(_, _, s)| s);
        if self.signs {
            Logistic::fit_signed(self.rows, used, free, &signs, ridge, start)
        } else {
            Logistic::fit(self.rows, used, free, ridge, start)
        }
    }

    /// Fits a model on all sets; returns it and its rates on each.
    fn all(&self, free: &[bool], ridge: f64) -> Result<(Logistic, Vec<Rates>), Failure> {
        let model = self.fit(|_| true, free, ridge, &Logistic::zero(free.len()));
        let rates = rates((0..self.sets.len()).map(|s| self.scores(s, &model)).collect())?;
        Ok((model, rates))
    }

    /// The rates on each set of a model fitted on the sets of other groups.
    fn left_out(&self, free: &[bool], ridge: f64) -> Result<Vec<Rates>, Failure> {
        let start = if self.signs { Logistic::zero(free.len()) } else { self.all(free, ridge)?.0 };
        let groups: BTreeSet<&str> = self.sets.iter().map(|s| s.group.as_str()).collect();
        let models: BTreeMap<&str, Logistic> = groups
            .into_par_iter()
            .map(|group| (group, self.fit(|r| self.sets[r.set].group != group, free, ridge, &start)))
            .collect();
        rates(self.sets.iter().enumerate().map(|(s, set)| self.scores(s, &models[set.group.as_str()])).collect())
    }

    fn scores(&self, set: usize, model: &Logistic) -> Scores {
        let mut rows = self.rows.iter().filter(|r| r.set == set);
        split(&self.sets[set], |c| match &c.features {
            Some(_) => rows.next().map_or(NOTHING, |r| model.log_odds(&r.features)),
            None => NOTHING,
        })
    }

    fn shipped(&self) -> Result<Vec<Rates>, Failure> {
        rates(self.sets.iter().map(|s| split(s, |c| c.shipped)).collect())
    }
}

fn split(set: &Set, mut score: impl FnMut(&Compared) -> f64) -> Scores {
    let (mut genuine, mut impostor) = (Vec::new(), Vec::new());
    for c in &set.compared {
        if c.genuine { genuine.push(score(c)) } else { impostor.push(score(c)) }
    }
    (genuine, impostor)
}
