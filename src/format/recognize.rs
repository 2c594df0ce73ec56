//! Records in text.

use super::record::detect;
use super::text::TextEncoding;
use crate::bytes::FileKind;

/// The encoding and the bytes of a known record, image or file that was given as Base64 or hexadecimal text; `None` for
/// everything else. Templates in text are read by [`decode`](super::decode) with
/// [`DecodeOptions::lenient`](super::DecodeOptions::lenient); this function is for images and their records.
///
/// ```
/// use selfsame::format::{TextEncoding, decode_text};
/// let (encoding, bytes) = decode_text(b"iVBORw0KGgoAAAANSUhEUg==").expect("text of a PNG image");
/// assert!(encoding == TextEncoding::Base64 && bytes.starts_with(b"\x89PNG"));
/// assert_eq!(decode_text(b"c29tZSBvdGhlciB0ZXh0"), None);
/// ```
#[must_use]
pub fn decode_text(text: &[u8]) -> Option<(TextEncoding, Vec<u8>)> {
    // Files that are text themselves are no text of something else.
    if FileKind::of(text).is_some() || detect(text).is_some() {
        return None;
    }
    TextEncoding::ALL.into_iter().find_map(|encoding| {
        let bytes = encoding.decode(text)?;
        let known = FileKind::of(&bytes).is_some() || detect(&bytes).is_some();
        known.then_some((encoding, bytes))
    })
}
