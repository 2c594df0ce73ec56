//! The rotation, scale and shift that map points nearest to others.

/// A similarity of the plane: `(x, y)` maps to `(a x - b y + u, b x + a y + v)`. It is never a reflection.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Similarity {
    /// Scale times cosine of the rotation.
    pub a: f64,
    /// Scale times sine of the rotation.
    pub b: f64,
    /// Shift to the right.
    pub u: f64,
    /// Shift down.
    pub v: f64,
}

/// Quality of a fit of points to others.
pub(super) struct Fit {
    pub(super) similarity: Similarity,
    /// Root mean square distance of the points from their mean.
    pub(super) spread: f64,
    /// Length of the complex correlation of points and targets, 0 to 1: the part explained by rotation, scale and
    /// shift.
    pub(super) agreement: f64,
}

impl Similarity {
    /// The image of a point.
    #[must_use]
    pub fn apply(self, (x, y): (f64, f64)) -> (f64, f64) {
        (self.a * x - self.b * y + self.u, self.b * x + self.a * y + self.v)
    }

    /// Scale factor.
    #[must_use]
    pub fn scale(self) -> f64 {
        (self.a * self.a + self.b * self.b).sqrt()
    }

    /// The inverse; not finite when the scale is 0.
    #[must_use]
    pub fn inverse(self) -> Self {
        let square = self.a * self.a + self.b * self.b;
        let (a, b) = (self.a / square, -self.b / square);
        Self { a, b, u: -(a * self.u - b * self.v), v: -(b * self.u + a * self.v) }
    }

    /// The similarity that maps `from` nearest to `to`, by the sum of squared distances: the closed form of Umeyama
    /// (1991), which in the plane is one complex division. With points as complex numbers around their means, the
    /// factor is `sum(conj(from) * to) / sum(|from|^2)`.
    pub(super) fn fit<const N: usize>(from: &[(f64, f64); N], to: &[(f64, f64); N]) -> Fit {
        let count = N.max(1) as f64;
        let mean = |points: &[(f64, f64); N]| {
            let sum = points.iter().fold((0.0, 0.0), |sum, p| (sum.0 + p.0, sum.1 + p.1));
            (sum.0 / count, sum.1 / count)
        };
        let (from_mean, to_mean) = (mean(from), mean(to));
        let (mut real, mut imaginary, mut from_squares, mut to_squares) = (0.0, 0.0, 0.0, 0.0);
        for (p, q) in from.iter().zip(to) {
            let (px, py) = (p.0 - from_mean.0, p.1 - from_mean.1);
            let (qx, qy) = (q.0 - to_mean.0, q.1 - to_mean.1);
            real += px * qx + py * qy;
            imaginary += px * qy - py * qx;
            from_squares += px * px + py * py;
            to_squares += qx * qx + qy * qy;
        }
        let (a, b) = (real / from_squares, imaginary / from_squares);
        let u = to_mean.0 - (a * from_mean.0 - b * from_mean.1);
        let v = to_mean.1 - (b * from_mean.0 + a * from_mean.1);
        Fit {
            similarity: Self { a, b, u, v },
            spread: (from_squares / count).sqrt(),
            agreement: ((real * real + imaginary * imaginary) / (from_squares * to_squares)).sqrt(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn squares(s: Similarity, from: &[(f64, f64); 5], to: &[(f64, f64); 5]) -> f64 {
        from.iter()
            .zip(to)
            .map(|(p, q)| {
                let (x, y) = s.apply(*p);
                (x - q.0).powi(2) + (y - q.1).powi(2)
            })
            .sum()
    }

    fn points() -> impl Strategy<Value = [(f64, f64); 5]> {
        prop::array::uniform5((-200.0f64..200.0, -200.0f64..200.0))
    }

    proptest! {
        #[test]
        fn no_neighbor_fits_better(from in points(), to in points(), step in prop::array::uniform4(-1.0f64..1.0)) {
            let Fit { similarity: s, spread, agreement } = Similarity::fit(&from, &to);
            prop_assume!(spread > 1.0);
            let best = squares(s, &from, &to);
            let near = Similarity {
                a: s.a + 1e-3 * step[0],
                b: s.b + 1e-3 * step[1],
                u: s.u + 0.1 * step[2],
                v: s.v + 0.1 * step[3],
            };
            prop_assert!(squares(near, &from, &to) >= best - 1e-6);
            prop_assert!((0.0..=1.0 + 1e-12).contains(&agreement));
        }

        #[test]
        fn a_similarity_is_found_and_undone(
            from in points(),
            (a, b) in (-3.0f64..3.0, -3.0f64..3.0),
            (u, v) in (-500.0f64..500.0, -500.0f64..500.0),
        ) {
            let given = Similarity { a, b, u, v };
            prop_assume!(given.scale() > 0.05);
            let to = from.map(|p| given.apply(p));
            let fit = Similarity::fit(&from, &to);
            prop_assume!(fit.spread > 1.0);
            let near = |x: f64, y: f64| (x - y).abs() < 1e-6;
            let found = fit.similarity;
            prop_assert!(near(found.a, a) && near(found.b, b) && near(found.u, u) && near(found.v, v));
            prop_assert!(near(fit.agreement, 1.0));
            for p in from {
                let back = found.inverse().apply(found.apply(p));
                prop_assert!(near(back.0, p.0) && near(back.1, p.1));
            }
        }
    }
}
