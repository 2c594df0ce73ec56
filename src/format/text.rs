//! Binary data as text: Base64 and hexadecimal digits.

use std::fmt;

use base64ct::{Base64Unpadded, Encoding};

/// How text stands for bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TextEncoding {
    /// Base64, with either of its two alphabets.
    Base64,
    /// Two hexadecimal digits for each byte.
    Hexadecimal,
}

impl fmt::Display for TextEncoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Base64 => "Base64",
            Self::Hexadecimal => "hexadecimal",
        })
    }
}

/// Fewest bytes of a record that is worth decoding.
const LEAST: usize = 8;
/// Bytes that are looked at before all of them are.
const HEAD: usize = 256;

impl TextEncoding {
    /// The ways to read text, the stricter first: hexadecimal digits are digits of Base64, too.
    pub(super) const ALL: [Self; 2] = [Self::Hexadecimal, Self::Base64];

    /// The bytes that the text stands for; white space is skipped. `None` when it is no such text.
    pub(super) fn decode(self, text: &[u8]) -> Option<Vec<u8>> {
        let plain = |b: &u8| b.is_ascii_whitespace() || b.is_ascii_alphanumeric() || b"+/-_=".contains(b);
        // Most input is binary, and nothing is allocated for it.
        if !text.iter().take(HEAD).all(plain) {
            return None;
        }
        let digits = text.iter().copied().filter(|b| !b.is_ascii_whitespace());
        let bytes = match self {
            Self::Hexadecimal => hexadecimal(digits, text.len()),
            Self::Base64 => base64(digits),
        };
        bytes.filter(|bytes| bytes.len() >= LEAST)
    }
}

fn hexadecimal(mut digits: impl Iterator<Item = u8>, most: usize) -> Option<Vec<u8>> {
    let value = |b: u8| u8::try_from(char::from(b).to_digit(16)?).ok();
    let mut out = Vec::with_capacity(most.div_euclid(2));
    while let Some(first) = digits.next() {
        out.push(value(first)? << 4 | value(digits.next()?)?);
    }
    Some(out)
}

fn base64(digits: impl Iterator<Item = u8>) -> Option<Vec<u8>> {
    // One of the two alphabets is for addresses.
    let usual = |b| match b {
        b'-' => '+',
        b'_' => '/',
        b => char::from(b),
    };
    let text: String = digits.map(usual).collect();
    let plain = text.trim_end_matches('=');
    // Padding completes the last group or is left out.
    let padded = text.len() > plain.len();
    let sound = !padded || text.len().checked_rem(4) == Some(0);
    Base64Unpadded::decode_vec(plain).ok().filter(|_| sound)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(encoding: TextEncoding, text: &str) -> Option<String> {
        encoding.decode(text.as_bytes()).map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    }

    #[test]
    fn both_alphabets_line_breaks_and_padding_are_read() {
        let base64 = |text| decoded(TextEncoding::Base64, text);
        assert_eq!(base64("TWFueSBoYW5kcw==").as_deref(), Some("Many hands"));
        assert_eq!(base64("TWFueSBo\r\nYW5kcw\n").as_deref(), Some("Many hands"));
        assert_eq!(TextEncoding::Base64.decode(b"-_-_-_-_-_-_"), TextEncoding::Base64.decode(b"+/+/+/+/+/+/"));
        assert_eq!(decoded(TextEncoding::Hexadecimal, "4d616e79 2068616E6473\n").as_deref(), Some("Many hands"));
    }

    #[test]
    fn other_text_is_not_read() {
        let bad = [
            "TWFueSBoYW5kcw=",
            "TWFueSBoYW5kcw===",
            "TWFueSBoYW5kc===",
            "TWFueSBoYW5kcx==",
            "TWFu eSBoYW5kc",
            "TW=ueSBoYW5kcw==",
            "x,y,angle",
            "TWFu",
            "",
        ];
        for text in bad {
            assert_eq!(decoded(TextEncoding::Base64, text), None, "{text}");
        }
        for text in ["4d616e79206861fg", "4d616e79206861646", "4d616e"] {
            assert_eq!(decoded(TextEncoding::Hexadecimal, text), None, "{text}");
        }
    }
}
