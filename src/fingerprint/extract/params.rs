//! Tuning constants of the extraction. Lengths are pixels at 500 ppi; an adult ridge period is about 9 pixels.

/// Side of a cell of the fine block maps (orientation, mask), pixels.
pub(super) const CELL: usize = 4;

// --- normalize ---
/// Sigma of the window of local mean and deviation, cells.
pub(super) const NORMALIZE_SIGMA: f32 = 2.0;
/// Share of the print's typical deviation that is added to the local one, so that flat areas stay flat.
pub(super) const NORMALIZE_FLOOR: f32 = 0.12;
/// Least deviation added, gray levels: below it there is only sensor noise.
pub(super) const NORMALIZE_MIN_DEVIATION: f32 = 2.0;
/// Levels of a normalized pixel for one deviation; with the cut below they fill a byte.
pub(super) const NORMALIZE_LEVELS: f32 = 50.0;
/// Normalized values are cut off at this many deviations.
pub(super) const NORMALIZE_CLIP: f32 = 2.5;
/// Quantile of local deviation taken as typical for the print.
pub(super) const NORMALIZE_QUANTILE: f32 = 0.8;

// --- segment (after GMFS of pyfing, MIT) ---
/// Sigma of the blur of gradient magnitude, cells (GMFS: 13/3 pixels).
pub(super) const SEGMENT_SIGMA: f32 = 1.5;
/// Quantile of the blurred gradient magnitude that represents a strong ridge.
pub(super) const SEGMENT_QUANTILE: f32 = 0.95;
/// Share of that magnitude from which a cell is foreground (GMFS).
pub(super) const SEGMENT_SHARE: f32 = 0.2;
/// Least coherence of the foreground over the window `SEGMENT_COHERENCE_SIGMA`.
pub(super) const SEGMENT_COHERENCE: f32 = 0.18;
/// Sigma of that window, cells.
pub(super) const SEGMENT_COHERENCE_SIGMA: f32 = 3.0;
/// Radius of the closing, cells (GMFS: 6 pixels).
pub(super) const SEGMENT_CLOSE: usize = 2;
/// Radius of the opening, cells (GMFS: 12 pixels).
pub(super) const SEGMENT_OPEN: usize = 3;
/// Components smaller than this share of the largest are dropped.
pub(super) const SEGMENT_COMPONENT_SHARE: f32 = 0.25;
/// Smallest foreground that counts as a print, square pixels (about 5 mm x 5 mm / 4).
pub(super) const MIN_AREA: usize = 2500;

// --- orientation ---
/// Sigma of the blur before gradients, pixels: pores and dots are smaller than ridges.
pub(super) const CALM_SIGMA: f32 = 1.2;
/// Sigmas of the windows of the first orientation estimate, cells, fine to coarse.
pub(super) const ORIENTATION_SIGMAS: [f32; 3] = [2.0, 4.0, 8.0];
/// Sigmas of the windows of the second estimate, taken on the enhanced image, cells.
pub(super) const REFINED_SIGMAS: [f32; 2] = [1.5, 3.0];
/// Sigma of the window over which gradients are compared with the final orientation, cells.
pub(super) const AGREEMENT_SIGMA: f32 = 2.0;

// --- frequency ---
/// Side of a cell of the period map, cells of the fine maps.
pub(super) const PERIOD_CELL: usize = 4;
/// Samples across the ridges, one pixel apart.
pub(super) const PERIOD_ACROSS: usize = 48;
/// Samples along the ridge.
pub(super) const PERIOD_ALONG: usize = 9;
/// Distance of the samples along the ridge, pixels.
pub(super) const PERIOD_ALONG_STEP: f32 = 2.0;
/// Number of periods in the table, evenly spaced in logarithm.
pub(super) const PERIODS: usize = 20;
/// Shortest period, pixels (child's finger, stretched skin).
pub(super) const PERIOD_MIN: f32 = 4.8;
/// Longest period, pixels.
pub(super) const PERIOD_MAX: f32 = 17.0;
/// Sigma of the smoothing of power spectra over neighboring cells, cells of the period map.
pub(super) const PERIOD_SIGMA: f32 = 1.5;
/// Usual period of adults, pixels, and its spread in natural logarithms (children: 6 to 7.5).
pub(super) const PERIOD_USUAL: f32 = 9.0;
/// See [`PERIOD_USUAL`].
pub(super) const PERIOD_USUAL_SPREAD: f32 = 0.5;
/// Spread of a print's periods around its own usual one, natural logarithms.
pub(super) const PERIOD_SPREAD: f32 = 0.3;
/// Weight of the whole print's spectrum in each cell.
pub(super) const PERIOD_PRIOR: f32 = 0.3;

// --- enhance ---
/// Number of orientations of the Gabor bank.
pub(super) const GABOR_ORIENTATIONS: usize = 32;
/// Sigma of the Gaussian of a Gabor kernel in periods (GBFEN of pyfing: 5/12).
pub(super) const GABOR_SIGMA: f32 = 5.0 / 12.0;
/// Half size of a kernel in sigmas.
pub(super) const GABOR_CUT: f32 = 2.1;
/// Levels of an enhanced pixel for one deviation: sixteen deviations fill 16 bits.
pub(super) const ENHANCED_LEVELS: f32 = 2048.0;
/// Sigma of the window of energies, cells.
pub(super) const ENERGY_SIGMA: f32 = 2.0;
/// Sigma of the window of the enhanced pattern's strength, cells.
pub(super) const STRENGTH_SIGMA: f32 = 1.0;
/// Share of the local energy that must lie in the ridge pattern.
pub(super) const ENERGY_SHARE: f32 = 0.12;

// --- thin ---
/// Most rounds of thinning; the widest ridge is a little over half the longest period (SourceAFIS: 26).
pub(super) const THINNING_ROUNDS: usize = 26;

// --- skeleton filters (after SourceAFIS) ---
/// Longest arm of a pore, pixels.
pub(super) const PORE_ARM: usize = 41;
/// Gaps up to this length are always closed, pixels.
pub(super) const GAP_ALWAYS: f32 = 5.0;
/// Gaps up to this length are closed when both ends point at each other, pixels.
pub(super) const GAP_MAX: f32 = 20.0;
/// Largest deviation of an end's direction from the gap, radians.
pub(super) const GAP_ANGLE: f32 = std::f32::consts::FRAC_PI_4;
/// Points from an end to the sample that gives its direction.
pub(super) const GAP_SAMPLE: usize = 22;
/// Shortest ridge whose gap is closed, points.
pub(super) const GAP_MIN_RIDGE: usize = 7;
/// Points at both ends of a closing line that may lie on other ridges.
pub(super) const GAP_OVERLAP: usize = 2;
/// Branches shorter than this are tails, points.
pub(super) const TAIL: usize = 11;
/// Free ridges shorter than this are fragments, points.
pub(super) const FRAGMENT: usize = 11;

// --- minutiae ---
/// First point of a ridge that counts for its direction.
pub(super) const DIRECTION_SKIP: usize = 1;
/// Points that count for its direction.
pub(super) const DIRECTION_SAMPLE: usize = 21;
/// Points along the ridge at which the orientation field is read.
pub(super) const DIRECTION_FIELD: usize = 6;
/// Least distance of a minutia from the foreground's edge, pixels, at the displaced position.
pub(super) const BORDER: f32 = 8.0;
/// Displacement against the direction for that test, pixels (SourceAFIS).
pub(super) const BORDER_DISPLACEMENT: f32 = 10.0;
/// Radius of a cloud of minutiae, pixels.
pub(super) const CLOUD_RADIUS: f32 = 20.0;
/// Most other minutiae within that radius.
pub(super) const CLOUD_MAX: usize = 6;
/// Side of the buckets that minutiae are sorted into and largest radius of a search among them, pixels (design: a little more
/// than any search needs).
pub(super) const BUCKET: f32 = 24.0;
/// Largest deviation of the skeleton's direction from the orientation field, radians.
pub(super) const FIELD_ANGLE: f32 = 0.7;
/// Amount by which thinning shortens the end of a line, pixels: the mean over synthetic prints of all levels and
/// sensors is 1.3 to 1.5 at any ridge period.
pub(super) const SKELETON_SHORT: f32 = 1.4;
/// Default limit of minutiae in a template.
pub(super) const MAX_MINUTIAE: usize = 128;
/// Largest setting of that limit (ISO/IEC 19794-2 counts minutiae in one byte).
pub(super) const MAX_MINUTIAE_LIMIT: usize = 255;
/// Fewer minutiae than this cannot identify anyone.
pub(super) const MIN_MINUTIAE: usize = 4;

// --- quality ---
/// Number of features of a minutia.
pub(super) const FEATURES: usize = 14;
/// Constant of the logistic model that distinguishes true minutiae from false ones (fitted to about 43,000 ends of
/// ridges on prints of twelve sensors, each labeled by whether a strong neural extractor reports it too).
pub(super) const LIKELIHOOD_BIAS: f32 = -13.9693;
/// Weights of the features in the order of `quality::features`.
pub(super) const LIKELIHOOD_WEIGHTS: [f32; FEATURES] =
    [-2.0114, 1.2203, 1.1515, 5.6637, 5.0679, 9.4586, 2.1818, -0.023, 0.0804, 1.415, 1.8252, -2.0377, -0.2021, -0.2285];
/// Minutiae of less quality than this are not reported.
pub(super) const MIN_LIKELIHOOD: u8 = 2;
/// Area from which more does not help, pixels (about 1.3 square centimeters).
pub(super) const FULL_AREA: f32 = 50_000.0;
/// Number of minutiae, each counted with its likelihood, from which more does not help.
pub(super) const FULL_COUNT: f32 = 25.0;

// --- template ---
/// Cell of the ridge flow stored in a template, pixels.
pub(super) const FLOW_CELL: usize = 16;

// --- singular points ---
/// Blur of the doubled orientation before the Poincaré index, cells.
pub(super) const SINGULAR_SIGMA: f32 = 2.5;
/// Least distance of a core or delta from the foreground's edge, pixels.
pub(super) const SINGULAR_BORDER: f32 = 16.0;
/// A core and a delta closer than this are noise, pixels.
pub(super) const SINGULAR_PAIR: f32 = 20.0;
/// A field with more of them, before pairs are joined, is noise (real prints of the worst quality: under 20).
pub(super) const SINGULAR_NOISE: usize = 64;
/// The same after pairs are joined; a finger has at most two of each kind, and scars add some.
pub(super) const SINGULAR_MOST: usize = 12;
/// Rings over which the direction of a core or delta is measured, cells.
pub(super) const SINGULAR_RINGS: [f32; 3] = [3.0, 5.0, 7.0];
/// A delta within this angle of the loop's opening makes a tented arch, radians.
pub(super) const TENTED: f32 = 0.26;
/// A loop without a visible delta that opens this close to straight down may be a left or a right loop, radians.
pub(super) const STRAIGHT_LOOP: f32 = 0.2;
/// Distance from the edge that counts as well visible, pixels.
pub(super) const CLASS_BORDER: f32 = 24.0;
/// Well visible area from which no core means an arch, pixels (about 2 square centimeters).
pub(super) const CLASS_AREA: usize = 45_000;

// --- resolution ---
/// Copies of the picture that are looked at, each of half the size of the one before.
pub(super) const CHECK_SCALES: usize = 4;
/// Windows looked at in each copy, about (design: with 30, periods scatter twice as much as with 80; with all, hardly less).
pub(super) const CHECK_WINDOWS: usize = 80;
/// Least distance of windows, pixels of the copy.
pub(super) const CHECK_STRIDE: usize = 8;
/// Waves of a window that count as its slow shading and not as its power, waves per window.
pub(super) const WAVE_SLOW: f32 = 1.4;
/// Longest wave that a window measures, pixels of the copy.
pub(super) const WAVE_LONGEST: f32 = 6.7;
/// Shortest wave, pixels of the copy.
pub(super) const WAVE_SHORTEST: f32 = 2.1;
/// Share of a window's power from which its wave counts.
pub(super) const CHECK_SHARE: f32 = 0.35;
/// Least amplitude of a wave, gray levels: below it there is only noise.
pub(super) const CHECK_AMPLITUDE: f32 = 3.0;
/// Least amplitude of a wave, share of the picture's strong ones.
pub(super) const CHECK_AMPLITUDE_SHARE: f32 = 0.25;
/// Quantile of the amplitudes that stands for strong ones.
pub(super) const CHECK_STRONG: f32 = 0.9;
/// Power of a wave's share that weights its vote.
pub(super) const CHECK_POWER: i32 = 4;
/// Spread of the weights around the agreed period, natural logarithms.
pub(super) const CHECK_NEAR: f32 = 0.225;
/// Least windows that vote.
pub(super) const CHECK_VOTES: usize = 4;
/// Spread of the periods of one print, natural logarithms.
pub(super) const CHECK_SPREAD: f32 = 0.15;
/// Distance within which a period agrees with the print's, natural logarithms.
pub(super) const CHECK_WITHIN: f32 = 0.25;
/// Agreement from which an impossible period refuses the sample (prints: 0.44 to 1).
pub(super) const CHECK_AGREEMENT: f32 = 0.4;
/// Periods outside are doubtful, pixels (2,484 pictures of 425 fingers on twelve sensors: 5.97 to 11.6).
pub(super) const PERIOD_DOUBTFUL: (f32, f32) = (5.8, 11.8);
/// Periods outside are impossible, pixels: a fifth closer and a sixth farther than any that was seen.
pub(super) const PERIOD_IMPOSSIBLE: (f32, f32) = (4.8, 13.5);
/// Periods of most grown people, pixels (98 of 100 of those pictures: 6.6 to 11; 9 of 10: 7.5 to 10.4).
pub(super) const PERIOD_TYPICAL: (f32, f32) = (7.2, 10.6);

// --- number of prints ---
/// Edge of the foreground that is cut off before parts are counted, pixels (1 mm).
pub(super) const PRINT_EDGE: f32 = 20.0;
/// Least area of a part that can be a print of its own, without its edge, square pixels (about 0.5 square centimeters).
pub(super) const PRINT_AREA: usize = 20_000;
/// Least minutiae of such a part, each counted with its likelihood (fingertips have 15 and more, background less than 2).
pub(super) const PRINT_MINUTIAE: f32 = 4.0;
/// Width of two parts side by side up to which they can be one print with a gap, without its edges, pixels (20 mm).
pub(super) const PRINT_GAP: usize = 400;
/// Width from which one part is more than one print, without its edges, pixels (42 mm; rolled thumbs have up to 40).
pub(super) const PRINT_WIDEST: usize = 790;
/// Height of parts above one another up to which they are one finger, pixels (70 mm, two bones).
pub(super) const PRINT_TALLEST: usize = 1400;

// --- reasons of poor quality ---
/// Side of a patch whose gray levels are measured, pixels: more than a ridge period.
pub(super) const PATCH: usize = 16;
/// Distance of the pixels that are read, pixels.
pub(super) const PATCH_STEP: usize = 2;
/// Foreground below this is too small, pixels.
pub(super) const SMALL_AREA: usize = 38_750;
/// A share of dark pixels below this is dry (synthetic prints: 0.26 very dry, 0.46 normal, 0.66 very wet; pictures of real prints
/// below it show dotted ridges).
pub(super) const DRY_SHARE: f32 = 0.27;
/// A share above this is wet (pictures of real prints above it show closed valleys).
pub(super) const WET_SHARE: f32 = 0.62;
/// Contrast below this is low, gray levels.
pub(super) const LOW_CONTRAST: f32 = 40.0;
/// Fewer minutiae than this are few.
pub(super) const FEW_MINUTIAE: f32 = 12.0;
/// Mean agreement of gradients with the ridge flow below this is poor (synthetic prints: 0.88 good, 0.7 medium, 0.55 hard, 0.45
/// broken).
pub(super) const POOR_FLOW: f32 = 0.5;
/// Least background for judging polarity, pixels.
pub(super) const BACKGROUND_LEAST: usize = 1024;
/// A background darker than this share of the way from the darkest to the brightest of the print means bright ridges (inverted
/// synthetic prints: at most 0.005; dry ones of thermal sensors, whose background is gray: from 0.05).
pub(super) const BRIGHT_RIDGES: f32 = 0.03;
/// Reach of the window of a Gaussian blur, standard deviations (design: 1 % of the weight lies beyond).
pub(super) const BLUR_REACH: f32 = 2.5;
