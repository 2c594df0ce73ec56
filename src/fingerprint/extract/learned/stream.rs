//! The network at work from the top of an image down: each layer makes the rows that the layer before suffices for, and
//! rows that nothing reads any more are dropped. No row is made twice.

use super::network::{IMAGE_MARGIN, MULTIPLE, Network, OUTSIDE, Pair};
use super::plane::Plane;
use super::rows::{Joined, Means, Merged, Scratch, Taps, Three, Work};

/// A pair of layers at work.
struct PairWork<'n> {
    a: Work<'n>,
    b: Work<'n>,
    share: f32,
}

/// A layer and the pairs after it.
struct Chain<'n> {
    first: Work<'n>,
    pairs: Vec<PairWork<'n>>,
}

impl<'n> Chain<'n> {
    fn new(first: &'n super::layer::Layer, pairs: &'n [Pair], from: &Plane, margin: usize) -> Self {
        let first = Work::new(first, from, margin);
        let mut made = Vec::<PairWork<'n>>::new();
        for pair in pairs {
            let from = made.last().map_or(&first.made, |pair| &pair.b.made);
            let a = Work::new(&pair.a, from, margin);
            let b = Work::new(&pair.b, &a.made, margin);
            made.push(PairWork { a, b, share: pair.share });
        }
        Self { first, pairs: made }
    }

    fn run(&mut self, means: Means, scratch: &mut Scratch, from: &Plane) {
        self.first.run(means, scratch, from);
        let mut from = &mut self.first.made;
        for PairWork { a, b, share } in &mut self.pairs {
            a.run(means, scratch, from);
            b.run_with(means, scratch, &a.made, (from, *share));
            a.made.release(b.needs(&a.made));
            from.release(a.needs(from).min(b.made.rows() + from.margin()));
            from = &mut b.made;
        }
    }

    fn made(&self) -> &Plane {
        self.pairs.last().map_or(&self.first.made, |pair| &pair.b.made)
    }

    /// States that no row before this one will be read again.
    fn release(&mut self, line: usize) {
        self.pairs.last_mut().map_or(&mut self.first.made, |pair| &mut pair.b.made).release(line);
    }
}

/// All layers at work.
struct Stream<'n> {
    means: Means,
    scratch: Scratch,
    image: Plane,
    stem: Work<'n>,
    full: Option<Work<'n>>,
    quarter: Chain<'n>,
    eighth: Chain<'n>,
    sixteenth: Chain<'n>,
    joined: Joined<'n>,
    merge3: Work<'n>,
    merged: Merged<'n>,
    last: Chain<'n>,
    head: Taps<'n>,
    /// Rows of the head's output so far.
    done: usize,
}

impl<'n> Stream<'n> {
    fn new(network: &'n Network, means: Means, width: usize, height: usize) -> Self {
        let (width, height) = (width.next_multiple_of(MULTIPLE), height.next_multiple_of(MULTIPLE));
        let image = Plane::new(width, height, 1, IMAGE_MARGIN, OUTSIDE);
        // Margins are the reach of the next layer's taps.
        let stem = Work::new(&network.stem, &image, 1);
        let full = network.full.as_ref().map(|full| Work::new(full, &stem.made, 1));
        let half = full.as_ref().map_or(&stem.made, |full| &full.made);
        let quarter = Chain::new(&network.down2, &network.quarter, half, 1);
        let eighth = Chain::new(&network.down3, &network.eighth, quarter.made(), 1);
        let sixteenth = Chain::new(&network.down4, &network.sixteenth, eighth.made(), 2);
        let joined = Joined::new(&network.up4, sixteenth.made(), eighth.made(), network.merge3_share);
        let merge3 = Work::new(&network.merge3, &joined.made, 1);
        let three = Three { double: half, same: quarter.made(), half: &merge3.made };
        let merged = Merged::new([&network.fine, &network.side, &network.up3], three);
        let last = Chain::new(&network.merge2, &network.last, &merged.made, 1);
        let head = Taps::new(&network.head, last.made());
        let scratch = Scratch::default();
        Self {
            means,
            scratch,
            image,
            stem,
            full,
            quarter,
            eighth,
            sixteenth,
            joined,
            merge3,
            merged,
            last,
            head,
            done: 0,
        }
    }

    /// Makes all rows that the image suffices for, and appends those of the output to `outputs`.
    fn advance(&mut self, outputs: &mut Vec<f32>) {
        let Self {
            means, scratch, image, stem, full, quarter, eighth, sixteenth, joined, merge3, merged, last, ..
        } = self;
        let means = *means;
        stem.run(means, scratch, image);
        image.release(stem.needs(image));
        if let Some(full) = full {
            full.run(means, scratch, &stem.made);
            stem.made.release(full.needs(&stem.made));
        }
        let half = full.as_mut().map_or(&mut stem.made, |full| &mut full.made);
        quarter.run(means, scratch, half);
        eighth.run(means, scratch, quarter.made());
        sixteenth.run(means, scratch, eighth.made());
        joined.run(means, scratch, sixteenth.made(), eighth.made());
        merge3.run(means, scratch, &joined.made);
        merged.run(means, scratch, Three { double: half, same: quarter.made(), half: &merge3.made });
        last.run(means, scratch, &merged.made);
        self.head.all_values(means, last.made(), self.done, outputs);
        self.done = last.made().rows();

        half.release(quarter.first.needs(half).min(2 * merged.made.rows() + half.margin()));
        let next = eighth.first.needs(quarter.made()).min(merged.made.rows() + 1);
        quarter.release(next);
        let next = sixteenth.first.needs(eighth.made()).min(joined.made.rows() + 1);
        eighth.release(next);
        sixteenth.release(joined.made.rows() / 2 + 2);
        joined.made.release(merge3.needs(&joined.made));
        merge3.made.release(merged.made.rows() / 2 + 1);
        merged.made.release(last.first.needs(&merged.made));
        last.release(self.done + 1);
    }
}

impl Network {
    /// Runs over an image of `width` by `height` pixels, padded to the network's multiple. `input(y, row)` fills a row,
    /// 7 bits per pixel, and `output(y, row)` gets the outputs at a quarter of the resolution, [`super::network::OUTPUTS`]
    /// for each place, from the top down. What is held between is some rows of each layer.
    pub fn run(
        &self,
        means: Means,
        (width, height): (usize, usize),
        mut input: impl FnMut(usize, &mut [u8]),
        mut output: impl FnMut(usize, &[f32]),
    ) {
        let mut stream = Stream::new(self, means, width, height);
        let image = &stream.image;
        let (stride, inner, padded) = (image.stride(), image.inner(), image.height());
        let step = (means.step / image.width() / MULTIPLE).max(1) * MULTIPLE;
        let length = image.width() / 4 * super::network::OUTPUTS;
        let mut outputs = Vec::new();
        for first in (0..padded).step_by(step) {
            let lines = stream.image.add(first + step).chunks_exact_mut(stride);
            for (line, y) in lines.zip(first..height) {
                input(y, &mut line[inner.clone()][..width]);
            }
            let done = stream.done;
            outputs.clear();
            stream.advance(&mut outputs);
            outputs.chunks_exact(length).enumerate().for_each(|(i, row)| output(done + i, row));
        }
    }
}
