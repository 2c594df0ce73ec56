//! The network: its layers.
//!
//! | resolution | layers |
//! |---|---|
//! | 1/2 | `stem` (7 x 7, of the image), `full` where the weights have it |
//! | 1/4 | `down2`, pairs `quarter` |
//! | 1/8 | `down3`, pairs `eighth`; later `merge3` of these and `up4` |
//! | 1/16 | `down4`, pairs `sixteenth`, the second of them with taps two apart; `up4` |
//! | 1/4 | `side` of the pairs, `fine` of the half resolution and `up3` of the eighth, added; `merge2`, pairs `last`, `head` |
//!
//! A pair is two convolutions `a` and `b` whose input is added to their output. Each layer has 8-bit weights by output,
//! input, row and column, and `scale` and `bias` per output, which convert sums to steps of the output; `share`
//! converts steps of the added values to steps of the output. The image has seven bits: 64 is the local mean, and 25
//! levels are one deviation.

use super::layer::Layer;

/// Sides of a network's input are multiples of this, pixels.
pub(super) const MULTIPLE: usize = 16;
/// Value outside the image.
pub(super) const OUTSIDE: u8 = 64;
/// Outputs per half-resolution place: logit of a minutia, its direction's cosine and sine, logit of an ending, its
/// offset to the right and down from the middle in half-resolution pixels.
pub(super) const MINUTIA_CHANNELS: usize = 6;
/// Outputs per quarter-resolution place: those of four half-resolution places, row by row; then the cosine and sine of
/// the doubled orientation, log of the ridge period in 9 pixels, logit of the foreground.
pub(super) const OUTPUTS: usize = 4 * MINUTIA_CHANNELS + 4;
/// Margin of the image: 7 taps, and the eighth byte of a line that has no weight.
pub(super) const IMAGE_MARGIN: usize = 4;

/// Two convolutions whose input is added to their output.
pub(super) struct Pair {
    pub a: Layer,
    pub b: Layer,
    pub share: f32,
}

/// All layers.
pub(super) struct Network {
    pub stem: Layer,
    pub full: Option<Layer>,
    pub down2: Layer,
    pub quarter: Vec<Pair>,
    pub down3: Layer,
    pub eighth: Vec<Pair>,
    pub down4: Layer,
    pub sixteenth: Vec<Pair>,
    pub up4: Layer,
    pub merge3_share: f32,
    pub merge3: Layer,
    pub up3: Layer,
    pub fine: Layer,
    pub side: Layer,
    pub merge2: Layer,
    pub last: Vec<Pair>,
    pub head: Layer,
}

impl Network {
    /// Checks that the layers fit together; the error names the mismatch.
    pub fn check(&self) -> Result<(), &'static str> {
        let mut channels = self.stem.outputs();
        if self.stem.inputs() != 1 {
            return Err("the stem takes more than one channel");
        }
        let mut follow = |layer: &Layer| {
            let fits = layer.inputs() == channels;
            channels = layer.outputs();
            if fits { Ok(()) } else { Err("a layer gets a wrong number of channels") }
        };
        let pairs = |pairs: &[Pair], channels: usize| {
            let fits = |layer: &Layer| layer.inputs() == channels && layer.outputs() == channels;
            if pairs.iter().all(|p| fits(&p.a) && fits(&p.b)) { Ok(()) } else { Err("a pair changes the channels") }
        };
        self.full.iter().try_for_each(&mut follow)?;
        follow(&self.down2)?;
        pairs(&self.quarter, self.down2.outputs())?;
        follow(&self.down3)?;
        pairs(&self.eighth, self.down3.outputs())?;
        follow(&self.down4)?;
        pairs(&self.sixteenth, self.down4.outputs())?;
        follow(&self.up4)?;
        follow(&self.merge3)?;
        follow(&self.up3)?;
        follow(&self.merge2)?;
        pairs(&self.last, self.merge2.outputs())?;
        follow(&self.head)?;
        let half = self.full.as_ref().unwrap_or(&self.stem).outputs();
        if self.up4.outputs() != self.down3.outputs()
            || (self.fine.inputs(), self.fine.outputs()) != (half, self.up3.outputs())
            || (self.side.inputs(), self.side.outputs()) != (self.down2.outputs(), self.up3.outputs())
        {
            return Err("added values have a wrong number of channels");
        }
        if self.head.outputs() != OUTPUTS { Err("the head has a wrong number of outputs") } else { Ok(()) }
    }
}
