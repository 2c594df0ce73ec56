//! Constants of the print generator.

/// Share of arches, tented arches, left loops, right loops and whorls among fingers (SFinGe, natural mix).
pub(super) const CLASS_SHARES: [f32; 5] = [0.037, 0.029, 0.338, 0.317, 0.279];

/// Width and height of a master, pixels.
pub(super) const MASTER_SIZE: (u32, u32) = (400, 500);
/// Ridge period of a finger where the flow is straight, pixels (500 ppi; adults 0.4 to 0.5 mm).
pub(super) const PERIOD_RANGE: (f32, f32) = (7.8, 9.6);
/// Smallest and largest ridge period that a caller may set, pixels.
pub(super) const PERIOD_LIMITS: (f32, f32) = (6.0, 14.0);

/// Largest random change of a Vizcaya-Gerhardt knot, radians.
pub(super) const KNOT_CHANGE: f32 = 0.30;
/// Knots of a Vizcaya-Gerhardt correction.
pub(super) const KNOTS: usize = 8;
/// Rotation of the legs of a loop towards its axis half-way around, radians; for a whorl's loops.
pub(super) const LEGS: f32 = 0.65;
pub(super) const WHORL_LEGS: f32 = 0.25;
/// Largest rotation of the whole pattern against the finger's axis, radians.
pub(super) const PATTERN_TURN: f32 = 0.10;
/// Downward bend of ridges towards both sides at the finger's tip, radians.
pub(super) const TIP_BEND: f32 = 0.6;

/// Relative increase of the period above the upper loop and below the deltas.
pub(super) const WIDER_ENDS: f32 = 0.16;
/// Largest random change of the local period.
pub(super) const PERIOD_CHANGE: f32 = 0.08;

/// Samples per ridge period of the grid on which ridges grow.
pub(super) const GRID_SAMPLES: f32 = 5.0;
/// Deviation of the Gabor envelope in ridge periods: three peaks within 1e-3 (SFinGe).
pub(super) const ENVELOPE: f32 = 0.4036;
/// Radius of the kernels, grid samples.
pub(super) const KERNEL_RADIUS: usize = 7;
/// Orientations for which kernels are kept.
pub(super) const KERNEL_ORIENTATIONS: usize = 48;
/// Periods for which kernels are kept.
pub(super) const KERNEL_PERIODS: usize = 12;
/// Shortest and longest period of a kernel, grid samples.
pub(super) const KERNEL_PERIOD_RANGE: (f32, f32) = (4.2, 6.8);

/// Pixels of a master per seed of ridge growth.
pub(super) const PIXELS_PER_SEED: f32 = 1000.0;
/// Gain of the filter before clipping, which sets the speed of ridge growth.
pub(super) const GROWTH_GAIN: f32 = 3.0;
/// Most iterations.
pub(super) const GROWTH_LIMIT: usize = 70;
/// Iterations after the last empty place is filled.
pub(super) const SETTLE: usize = 12;

/// The pattern fades where the analytic signal is weaker than this part of its usual magnitude (at phase residues).
pub(super) const FADE: f32 = 0.20;
/// Distance of the pixels whose phase gradient makes the true orientation, pixels.
pub(super) const FLOW_CELL: usize = 4;
/// Deviation of the window that averages the phase gradient, ridge periods.
pub(super) const FLOW_WINDOW: f32 = 0.6;
/// Distance ahead of the residue at which the kind of a minutia is read, ridge periods.
pub(super) const KIND_REACH: f32 = 0.35;
/// Radius around a core or delta within which the presence of a minutia is undecided, ridge periods.
pub(super) const SINGULAR_RADIUS: f32 = 1.2;
/// Residues of opposite sign closer than this are a wrinkle of one ridge, not two minutiae; ridge periods.
pub(super) const DIPOLE: f32 = 0.7;
