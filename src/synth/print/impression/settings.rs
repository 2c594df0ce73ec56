//! The look of an impression: levels, sensors and every single setting.

/// Difficulty of an impression.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Level {
    /// Ridges without any defect or distortion, which an extractor must read without errors.
    Clean,
    /// A careful enrollment on a good sensor.
    Good,
    /// Everyday quality: some dry or wet skin, pores, cracks, distortion.
    Medium,
    /// Dry or smeared skin, many cracks, strong distortion, small overlap.
    Hard,
    /// Hardly any usable area.
    Broken,
}

impl Level {
    /// All levels, easiest first.
    pub const ALL: [Self; 5] = [Self::Clean, Self::Good, Self::Medium, Self::Hard, Self::Broken];

    /// Lower-case name, as in file names.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Clean => "clean",
            Self::Good => "good",
            Self::Medium => "medium",
            Self::Hard => "hard",
            Self::Broken => "broken",
        }
    }

    /// The level with a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|l| l.name() == name)
    }
}

/// The kind of sensor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sensor {
    /// Frustrated total reflection: black ridges on white; 388 x 374 pixels.
    Optical,
    /// Small capacitive chip: gray, low contrast, column pattern, lost spots; 300 x 300 pixels.
    Capacitive,
    /// Thermal sweep: black and white, stretched bands with seams; 300 x 480 pixels.
    ThermalSweep,
}

impl Sensor {
    /// All sensors.
    pub const ALL: [Self; 3] = [Self::Optical, Self::Capacitive, Self::ThermalSweep];

    /// Lower-case name, as in file names.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Optical => "optical",
            Self::Capacitive => "capacitive",
            Self::ThermalSweep => "thermal",
        }
    }

    /// The sensor with a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.name() == name)
    }

    /// Usual width and height of its pictures, pixels at 500 ppi.
    #[must_use]
    pub fn frame(self) -> (u32, u32) {
        match self {
            Self::Optical => (388, 374),
            Self::Capacitive => (300, 300),
            Self::ThermalSweep => (300, 480),
        }
    }
}

/// Every setting of an impression. Random draws of single impressions scatter around these values.
///
/// ```
/// use selfsame::synth::{ImpressionSettings, Level, Sensor};
/// let settings = ImpressionSettings { moisture: -0.6, ..ImpressionSettings::new(Level::Good, Sensor::Capacitive) };
/// assert_eq!((settings.width, settings.height), (300, 300));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct ImpressionSettings {
    /// Sensor.
    pub sensor: Sensor,
    /// Width of the picture, 32 to 2000 pixels (clamped).
    pub width: u32,
    /// Height of the picture, 32 to 2000 pixels (clamped).
    pub height: u32,
    /// Standard deviation of the rotation, degrees; truncated at 30 degrees.
    pub rotation: f32,
    /// Standard deviation of the displacement in each direction, pixels.
    pub displacement: f32,
    /// Strength of the plastic distortion, 0 to 1: up to 14 pixels and 7 degrees between the pressed center and the rim.
    pub distortion: f32,
    /// Smallest and largest diameter of the contact area relative to the finger.
    pub contact: (f32, f32),
    /// Skin moisture: -1 very dry (thin, broken ridges), 0 normal, 1 very wet (thick ridges that touch).
    pub moisture: f32,
    /// Variation of moisture and pressure over the picture, 0 to 1.
    pub unevenness: f32,
    /// Roughness of the ridges' edges, 0 to 1.
    pub roughness: f32,
    /// Share of the ridges lost in small blobs, 0 to 1.
    pub speckle: f32,
    /// Expected number of fresh scratches; a finger's own creases show when this is above 0.
    pub cracks: f32,
    /// Visibility of sweat pores, 0 to 1.
    pub pores: f32,
    /// Standard deviation of the gray noise, gray levels.
    pub grain: f32,
    /// Passes of a 3 x 3 smoothing before the grain is added.
    pub blur: u32,
    /// Strength of the background's gradient and stains, gray levels.
    pub background: f32,
    /// Strength of the residue of an earlier touch, 0 to 1.
    pub latent: f32,
    /// Lost spots, lines and bands of the sensor, 0 to 1.
    pub dropout: f32,
    /// Contrast of ridges against valleys, 0 to 1.
    pub contrast: f32,
}

impl ImpressionSettings {
    /// The settings of a level on a sensor.
    #[must_use]
    pub fn new(level: Level, sensor: Sensor) -> Self {
        let (width, height) = sensor.frame();
        let clean = Self {
            sensor,
            width,
            height,
            rotation: 6.0,
            displacement: 8.0,
            distortion: 0.0,
            contact: (0.85, 0.95),
            moisture: 0.0,
            unevenness: 0.1,
            roughness: 0.0,
            speckle: 0.0,
            cracks: 0.0,
            pores: 0.0,
            grain: 2.0,
            blur: 1,
            background: 0.0,
            latent: 0.0,
            dropout: 0.0,
            contrast: 1.0,
        };
        match level {
            Level::Clean => clean,
            Level::Good => Self {
                rotation: 7.0,
                displacement: 10.0,
                distortion: 0.4,
                contact: (0.65, 0.85),
                unevenness: 0.45,
                roughness: 0.45,
                speckle: 0.2,
                cracks: 0.7,
                pores: 0.6,
                grain: 3.0,
                background: 5.0,
                dropout: 0.05,
                ..clean
            },
            Level::Medium => Self {
                rotation: 9.0,
                displacement: 18.0,
                distortion: 0.75,
                contact: (0.54, 0.76),
                unevenness: 0.8,
                roughness: 0.78,
                speckle: 0.48,
                cracks: 5.0,
                pores: 0.8,
                grain: 6.0,
                background: 12.0,
                latent: 0.2,
                dropout: 0.2,
                contrast: 0.9,
                ..clean
            },
            Level::Hard => Self {
                rotation: 10.0,
                displacement: 22.0,
                distortion: 0.95,
                contact: (0.47, 0.69),
                unevenness: 1.0,
                roughness: 0.95,
                speckle: 0.7,
                cracks: 10.0,
                pores: 0.9,
                grain: 9.0,
                background: 22.0,
                latent: 0.5,
                dropout: 0.45,
                contrast: 0.8,
                ..clean
            },
            Level::Broken => Self {
                rotation: 12.0,
                displacement: 25.0,
                distortion: 1.0,
                contact: (0.42, 0.62),
                unevenness: 1.0,
                roughness: 1.0,
                speckle: 0.9,
                cracks: 16.0,
                pores: 1.0,
                grain: 18.0,
                background: 35.0,
                latent: 0.7,
                dropout: 0.9,
                contrast: 0.65,
                ..clean
            },
        }
    }
}

impl From<Level> for ImpressionSettings {
    fn from(level: Level) -> Self {
        Self::new(level, Sensor::Optical)
    }
}

impl From<&ImpressionSettings> for ImpressionSettings {
    fn from(settings: &ImpressionSettings) -> Self {
        settings.clone()
    }
}
