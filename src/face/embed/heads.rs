//! The outputs of detectors as faces.

use super::runtime::Output;

/// Steps between the places of a detector's outputs, pixels.
const STEPS: [usize; 3] = [8, 16, 32];

/// Layout of a detector's outputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Heads {
    /// Scores, distances of a frame's sides and of the landmarks, in steps, from places with two anchors each.
    Scrfd,
    /// Class and object scores, frames and landmarks relative to places with one anchor each.
    YuNet,
}

/// A face in the model's picture.
pub(super) struct Raw {
    pub score: f32,
    /// Left, top, right, bottom, pixels.
    pub frame: [f32; 4],
    pub points: [(f32, f32); 5],
}

impl Heads {
    /// Outputs of each layout.
    fn count(self) -> usize {
        match self {
            Self::Scrfd => 9,
            Self::YuNet => 12,
        }
    }

    /// Anchors at each place.
    fn anchors(self) -> usize {
        match self {
            Self::Scrfd => 2,
            Self::YuNet => 1,
        }
    }

    /// The layout of outputs of a picture of this size; `None` when it is neither.
    pub fn of(outputs: &[Output], width: usize, height: usize) -> Option<Self> {
        let layout = [Self::Scrfd, Self::YuNet].into_iter().find(|heads| heads.count() == outputs.len())?;
        let whole = |&step: &usize| layout.at(outputs, width, height, step).is_some();
        STEPS.iter().all(whole).then_some(layout)
    }

    /// Scores, frames and landmarks at one step; several lists of scores for one of the layouts.
    fn at(self, outputs: &[Output], width: usize, height: usize, step: usize) -> Option<Head<'_>> {
        let count = (width / step) * (height / step) * self.anchors();
        // Outputs come in any order: how many numbers a place has tells what they are, and how many places which step.
        let of = |each: usize| {
            let fits = move |output: &&Output| {
                output.shape.last() == Some(&each) && output.numbers.len() == count.saturating_mul(each)
            };
            outputs.iter().filter(fits).map(|output| output.numbers.as_slice()).collect::<Vec<_>>()
        };
        let (scores, frames, points) = (of(1), of(4), of(10));
        let lists = self.count() / STEPS.len() - 2;
        let ([frames], [points]) = (frames.as_slice(), points.as_slice()) else { return None };
        (scores.len() == lists).then_some(Head { scores, frames: frames.as_chunks().0, points: points.as_chunks().0 })
    }

    /// Faces with at least a score.
    pub fn decode(self, outputs: &[Output], width: usize, height: usize, least: f32) -> Vec<Raw> {
        let mut faces = Vec::new();
        for step in STEPS {
            let Some(head) = self.at(outputs, width, height, step) else { continue };
            let (size, across) = (step as f32, width / step);
            for (place, (frame, points)) in head.frames.iter().zip(head.points).enumerate() {
                let scores = head.scores.iter().filter_map(|scores| scores.get(place));
                let product: f32 = scores.map(|score| score.clamp(0.0, 1.0)).product();
                let score = if self == Self::YuNet { product.sqrt() } else { product };
                if score.is_nan() || score < least {
                    continue;
                }
                let cell = place / self.anchors();
                let (x, y) = ((cell % across) as f32, (cell / across) as f32);
                let (left, top, right, bottom) = match self {
                    Self::Scrfd => (x - frame[0], y - frame[1], x + frame[2], y + frame[3]),
                    Self::YuNet => {
                        let (middle, half) =
                            ((x + frame[0], y + frame[1]), (frame[2].exp() / 2.0, frame[3].exp() / 2.0));
                        (middle.0 - half.0, middle.1 - half.1, middle.0 + half.0, middle.1 + half.1)
                    }
                };
                let point = |i: usize| (size * (x + points[2 * i]), size * (y + points[2 * i + 1]));
                faces.push(Raw {
                    score,
                    frame: [left, top, right, bottom].map(|side| size * side),
                    points: [0, 1, 2, 3, 4].map(point),
                });
            }
        }
        faces
    }
}

/// The outputs at one step.
struct Head<'a> {
    scores: Vec<&'a [f32]>,
    frames: &'a [[f32; 4]],
    points: &'a [[f32; 10]],
}
