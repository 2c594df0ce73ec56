//! Stored directions, and their cosines and sines.

use std::sync::LazyLock;

/// A direction in 65,536ths of a turn; differences wrap around.
pub(crate) type Brad = i16;

/// Cosine and sine of the 256 directions that are stored.
pub(crate) struct Turns([(f32, f32); 256]);

static TURNS: LazyLock<Turns> = LazyLock::new(|| {
    Turns(std::array::from_fn(|i| {
        let (sin, cos) = radians(((i as u16) << 8) as Brad).sin_cos();
        (cos, sin)
    }))
});

impl Turns {
    pub(crate) fn get() -> &'static Self {
        &TURNS
    }

    /// Cosine and sine of each, by 256ths of a turn.
    pub(crate) fn units(&self) -> &[(f32, f32); 256] {
        &self.0
    }

    /// Cosine and sine of a stored direction or of a difference of two.
    #[inline(always)]
    pub(crate) fn unit(&self, direction: Brad) -> (f32, f32) {
        self.0[usize::from(direction as u16 >> 8)]
    }
}

/// Any angle in radians as 65,536ths of a turn.
#[inline(always)]
pub(crate) fn brad(radians: f32) -> Brad {
    let turns = radians / std::f32::consts::TAU;
    ((turns - turns.floor()) * 65536.0) as u32 as u16 as i16
}

/// Radians in `[-pi, pi)`.
#[inline(always)]
pub(crate) fn radians(brad: Brad) -> f32 {
    f32::from(brad) * (std::f32::consts::PI / 32768.0)
}
