//! Outline of the friction skin of a finger's last joint.

/// Two half super-ellipses, round at the tip and squarer at the joint.
#[derive(Clone)]
pub(crate) struct Silhouette {
    width: f32,
    height: f32,
}

impl Silhouette {
    pub(crate) fn new(width: u32, height: u32) -> Self {
        Self { width: width as f32, height: height as f32 }
    }

    /// Width and height of the master, pixels.
    pub(crate) fn size(&self) -> (f32, f32) {
        (self.width, self.height)
    }

    /// A level below 1 inside, above 1 outside, and 1 on the outline.
    pub(crate) fn level(&self, x: f32, y: f32) -> f32 {
        let middle = 0.48 * self.height;
        let dx = (x - 0.5 * self.width) / (0.485 * self.width);
        if y < middle {
            let dy = (y - middle) / (0.465 * self.height);
            dx * dx + dy * dy
        } else {
            let dy = (y - middle) / (0.505 * self.height);
            let (dx2, dy2) = (dx * dx, dy * dy);
            dx2 * dx2 + dy2 * dy2
        }
    }

    /// Whether the pixel is friction skin.
    pub(crate) fn contains(&self, x: f32, y: f32) -> bool {
        self.level(x, y) <= 1.0
    }
}
