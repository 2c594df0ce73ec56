//! Binary data as text: Base64 and hexadecimal digits.

use std::fmt;

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
            Self::Base64 => base64(digits, text.len()),
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

/// The value of a digit of Base64, in its usual alphabet or the one for addresses.
fn sextet(b: u8) -> Option<u8> {
    match b {
        b'A'..=b'Z' => b.checked_sub(b'A'),
        b'a'..=b'z' => b.checked_sub(b'a')?.checked_add(26),
        b'0'..=b'9' => b.checked_sub(b'0')?.checked_add(52),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    }
}

fn base64(digits: impl Iterator<Item = u8>, most: usize) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(most.div_euclid(4).saturating_mul(3));
    let (mut bits, mut held, mut count, mut padding) = (0u32, 0u32, 0usize, 0usize);
    for digit in digits {
        if digit == b'=' {
            padding = padding.checked_add(1)?;
            continue;
        }
        if padding > 0 {
            return None;
        }
        bits = bits << 6 | u32::from(sextet(digit)?);
        (held, count) = (held.checked_add(6)?, count.checked_add(1)?);
        if held >= 8 {
            held = held.checked_sub(8)?;
            out.push(u8::try_from(bits >> held & 0xFF).ok()?);
            bits &= (1u32 << held).checked_sub(1)?;
        }
    }
    // The bits that fill the last digit are zero, and padding completes the last group or is left out.
    let sound = bits == 0 && held < 6 && (padding == 0 || count.checked_add(padding)?.checked_rem(4) == Some(0));
    (sound && padding < 3).then_some(out)
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
