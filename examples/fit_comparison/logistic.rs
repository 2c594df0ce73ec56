//! Ridge-regularized logistic regression by Newton's method (iteratively reweighted least squares).

/// Newton stops when no coefficient moves more than this, in units of a standardized feature.
const STILL: f64 = 1e-6;
/// Most Newton steps.
const MOST_STEPS: usize = 60;
/// Smallest standard deviation of a useful feature.
const LEAST_DEVIATION: f64 = 1e-9;

/// One comparison: its standardized features, its weight, and whether it is genuine.
pub struct Row {
    pub features: Vec<f64>,
    pub genuine: bool,
    /// Index of its set.
    pub set: usize,
    pub weight: f64,
}

/// Means and standard deviations that standardize the features.
pub struct Standard {
    mean: Vec<f64>,
    deviation: Vec<f64>,
}

impl Standard {
    /// Standardizes all rows in place.
    pub fn apply(rows: &mut [Row]) -> Self {
        let width = rows.first().map_or(0, |r| r.features.len());
        let total: f64 = rows.iter().map(|r| r.weight).sum();
        let mean_of = |f: &dyn Fn(&Row) -> f64| rows.iter().map(|r| r.weight * f(r)).sum::<f64>() / total;
        let mean: Vec<f64> = (0..width).map(|k| mean_of(&|r| r.features[k])).collect();
        let deviation = (0..width).map(|k| mean_of(&|r| (r.features[k] - mean[k]).powi(2)).sqrt()).collect();
        let standard = Self { mean, deviation };
        for row in rows {
            for (k, v) in row.features.iter_mut().enumerate() {
                *v = if standard.varies(k) { (*v - standard.mean[k]) / standard.deviation[k] } else { 0.0 };
            }
        }
        standard
    }

    /// Whether the feature is not constant.
    pub fn varies(&self, feature: usize) -> bool {
        self.deviation[feature] > LEAST_DEVIATION
    }

    /// The same regression on features without standardization.
    pub fn fold_back(&self, model: &Logistic) -> Logistic {
        let mut out = model.clone();
        for (k, w) in out.weights.iter_mut().enumerate() {
            *w = if self.varies(k) { *w / self.deviation[k] } else { 0.0 };
            out.bias -= *w * self.mean[k];
        }
        out
    }
}

/// Weights and constant; the value is the log odds of "genuine".
#[derive(Clone, Debug)]
pub struct Logistic {
    pub weights: Vec<f64>,
    pub bias: f64,
}

impl Logistic {
    pub fn zero(features: usize) -> Self {
        Self { weights: vec![0.0; features], bias: 0.0 }
    }

    pub fn log_odds(&self, features: &[f64]) -> f64 {
        self.bias + features.iter().zip(&self.weights).map(|(f, w)| f * w).sum::<f64>()
    }

    /// Fits the features that are `free` to the rows that are `used`; the others keep weight 0. The rows' weights are
    /// scaled to a total of 1; `ridge` is the penalty on half the squared length of the weights of standardized
    /// features.
    pub fn fit(rows: &[Row], used: impl Fn(&Row) -> bool, free: &[bool], ridge: f64, start: &Self) -> Self {
        let columns: Vec<usize> = (0..free.len()).filter(|&k| free[k]).collect();
        let n = columns.len() + 1;
        let mut model = start.clone();
        for (w, free) in model.weights.iter_mut().zip(free) {
            *w *= f64::from(u8::from(*free));
        }
        let total: f64 = rows.iter().filter(|r| used(r)).map(|r| r.weight).sum();
        let objective = |model: &Self| {
            let loss: f64 = rows.iter().filter(|r| used(r)).map(|r| r.weight * loss(model, r)).sum();
            loss / total + 0.5 * ridge * model.weights.iter().map(|w| w * w).sum::<f64>()
        };
        let mut value = objective(&model);
        for _ in 0..MOST_STEPS {
            // Lower triangle of the Hessian and the gradient; the constant comes last and is not penalized.
            let mut hessian = vec![0.0; n * n];
            let mut gradient = vec![0.0; n];
            let mut x = vec![1.0; n];
            for row in rows.iter().filter(|r| used(r)) {
                for (x, &k) in x.iter_mut().zip(&columns) {
                    *x = row.features[k];
                }
                let p = 1.0 / (1.0 + (-model.log_odds(&row.features)).exp());
                let weight = row.weight / total;
                let off = weight * (p - f64::from(u8::from(row.genuine)));
                let curve = weight * p * (1.0 - p);
                for i in 0..n {
                    gradient[i] += off * x[i];
                    let c = curve * x[i];
                    for (h, x) in hessian[i * n..=i * n + i].iter_mut().zip(&x) {
                        *h += c * x;
                    }
                }
            }
            for (i, &k) in columns.iter().enumerate() {
                gradient[i] += ridge * model.weights[k];
                hessian[i * n + i] += ridge;
            }
            hessian[n * n - 1] += f64::EPSILON;
            let step = solve(hessian, gradient, n);
            // The objective is convex: a step that overshoots is halved.
            let mut length = 1.0;
            let (next, most) = loop {
                let mut next = model.clone();
                for (i, &k) in columns.iter().enumerate() {
                    next.weights[k] -= length * step[i];
                }
                next.bias -= length * step[n - 1];
                let at = objective(&next);
                if at <= value || length < 1e-6 {
                    value = at;
                    break (next, step.iter().fold(0.0, |m: f64, s| m.max((length * s).abs())));
                }
                length *= 0.5;
            };
            model = next;
            if most < STILL {
                break;
            }
        }
        model
    }

    /// Like [`Self::fit`], but weights must have the sign in `signs` (0: any). Features with the wrong sign are
    /// dropped, the worst one first.
    pub fn fit_signed(
        rows: &[Row],
        used: impl Fn(&Row) -> bool,
        free: &[bool],
        signs: &[i8],
        ridge: f64,
        start: &Self,
    ) -> Self {
        let mut free = free.to_vec();
        let mut model = start.clone();
        loop {
            model = Self::fit(rows, &used, &free, ridge, &model);
            let wrong = |k: &usize| model.weights[*k] * f64::from(signs[*k]);
            let worst = (0..free.len()).filter(|k| free[*k]).min_by(|p, q| wrong(p).total_cmp(&wrong(q)));
            match worst {
                Some(k) if wrong(&k) < 0.0 => free[k] = false,
                _ => return model,
            }
        }
    }
}

/// The loss of one row, nats.
fn loss(model: &Logistic, row: &Row) -> f64 {
    let z = model.log_odds(&row.features);
    let z = if row.genuine { -z } else { z };
    // ln(1 + exp(z)) without overflow.
    z.max(0.0) + (-z.abs()).exp().ln_1p()
}

/// Solves a positive definite system, of which the lower triangle is given, by Cholesky's method.
fn solve(mut a: Vec<f64>, mut b: Vec<f64>, n: usize) -> Vec<f64> {
    for j in 0..n {
        for i in j..n {
            let sum = a[i * n + j] - (0..j).map(|k| a[i * n + k] * a[j * n + k]).sum::<f64>();
            a[i * n + j] = if i == j { sum.max(f64::MIN_POSITIVE).sqrt() } else { sum / a[j * n + j] };
        }
    }
    for i in 0..n {
        b[i] = (b[i] - (0..i).map(|k| a[i * n + k] * b[k]).sum::<f64>()) / a[i * n + i];
    }
    for i in (0..n).rev() {
        b[i] = (b[i] - (i + 1..n).map(|k| a[k * n + i] * b[k]).sum::<f64>()) / a[i * n + i];
    }
    b
}
