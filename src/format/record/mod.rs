//! Fingerprint templates of every format over one neutral model.

mod ansi2004;
mod ansi2009;
mod card;
mod cbor;
mod convert;
mod csv;
mod decode;
mod detect;
mod encode;
mod fields;
mod fmr;
mod iso2005;
mod iso2011;
mod loss;
mod mend;
mod model;
mod number;
mod piv;
mod read;
mod scale;
mod sourceafis;
mod ssft;
mod template_format;
mod xyt;

pub use decode::{DecodeOptions, decode};
pub use detect::detect;
pub use encode::encode;
pub(super) use iso2011::read_capture;
pub use loss::{Losses, Lost};
pub(super) use model::PIXELS_PER_CM;
pub use model::{
    Capture, Core, Delta, Device, Extension, ExtensionLength, Record, RecordKind, RecordMinutia, SampleQuality, View,
    Wrapper,
};
#[cfg(feature = "gallery")]
pub(crate) use ssft::{decode_template, encode_template};
pub use template_format::TemplateFormat;
