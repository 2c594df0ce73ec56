//! One form of a passphrase, however it was typed: the profile OpaqueString of RFC 8265.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_public_assigned;
use zeroize::Zeroizing;

use super::super::error::KeyError;
use crate::text::is_hidden;

/// Some editors put it before a text; it is not part of the text.
const BYTE_ORDER_MARK: char = '\u{feff}';
/// Zero-width joiners, which Persian and Indic scripts and emoji need.
const JOINERS: [char; 2] = ['\u{200c}', '\u{200d}'];
/// The most by which canonical composition lengthens a text in UTF-8 (Unicode Standard Annex 15).
const GROWTH: usize = 3;

/// A text as OpaqueString prepares it: a byte order mark at the start is dropped, every space becomes U+0020, and
/// canonical composition (NFC) is applied.
///
/// Refuses what the profile refuses, with two harmless exceptions: joiners are accepted without regard to their
/// context, and conjoining jamo without regard to whether they compose. Unassigned characters are refused because a
/// later Unicode may compose them differently.
pub(super) fn prepared(text: &str) -> Result<Zeroizing<String>, KeyError> {
    let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
    // The buffer never grows, so no copy of the text stays behind.
    let mut out = Zeroizing::new(String::with_capacity(text.len().saturating_mul(GROWTH)));
    out.extend(text.chars().map(|c| if is_space(c) { ' ' } else { c }).nfc());
    for (place, character) in (1..).zip(out.chars()) {
        let what = if character.is_control() {
            "a control character"
        } else if is_hidden(character) && !JOINERS.contains(&character) {
            "an invisible character"
        } else if !is_public_assigned(character) {
            "an unassigned or private character"
        } else {
            continue;
        };
        return Err(KeyError::PassphraseCharacter { what, place });
    }
    Ok(out)
}

/// General category Zs.
fn is_space(character: char) -> bool {
    matches!(character, ' ' | '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is(text: &str, expected: &str) {
        assert_eq!(*prepared(text).unwrap(), expected, "{}", text.escape_unicode());
    }

    #[test]
    fn composed_and_decomposed_are_one() {
        is("caf\u{e9}", "caf\u{e9}");
        is("cafe\u{301}", "caf\u{e9}");
        is("\u{1112}\u{1161}\u{11ab}\u{1100}\u{1173}\u{11af}", "\u{d55c}\u{ae00}");
        is("\u{d55c}\u{ae00}", "\u{d55c}\u{ae00}");
        // The order of marks that do not interact does not matter either; Angstrom is A with ring.
        is("q\u{307}\u{323}", "q\u{323}\u{307}");
        is("\u{212b}", "\u{c5}");
    }

    #[test]
    fn what_only_looks_alike_stays_different() {
        for text in
            ["\u{fb01}sh", "fish", "\u{ff21}", "A", "\u{2460}", "1", "Stra\u{df}e", "STRASSE", "\u{1100}\u{1100}"]
        {
            is(text, text);
        }
    }

    #[test]
    fn spaces_are_one_and_a_byte_order_mark_is_none() {
        let spaces = " \u{a0}\u{1680}\u{2000}\u{2001}\u{2009}\u{200a}\u{202f}\u{205f}\u{3000}";
        is(spaces, &" ".repeat(10));
        is("\u{feff}open sesame", "open sesame");
        is("\u{feff}", "");
        is("", "");
        // The set of RFC 8265 is that of the standard: spaces that are neither controls nor separators of lines.
        let all: Vec<char> = ('\0'..=char::MAX).filter(|c| c.is_whitespace() && !is_hidden(*c)).collect();
        assert_eq!(all, ('\0'..=char::MAX).filter(|c| is_space(*c)).collect::<Vec<_>>());
    }

    #[test]
    fn what_cannot_be_typed_is_refused_by_its_place() {
        let refused = |text: &str, expected: &str, at: usize| match prepared(text).unwrap_err() {
            KeyError::PassphraseCharacter { what, place } => assert_eq!((what, place), (expected, at)),
            error => panic!("{error:?}"),
        };
        for control in ['\0', '\t', '\n', '\r', '\u{1b}', '\u{7f}', '\u{85}'] {
            refused(&format!("e\u{301}{control}b"), "a control character", 2);
        }
        for hidden in ['\u{ad}', '\u{200b}', '\u{202e}', '\u{2028}', '\u{2066}', '\u{feff}', '\u{fe0f}', '\u{ffff}'] {
            refused(&format!("ab{hidden}"), "an invisible character", 3);
        }
        for character in ['\u{378}', '\u{e000}', '\u{10fffd}'] {
            refused(&character.to_string(), "an unassigned or private character", 1);
        }
        is("\u{645}\u{6cc}\u{200c}\u{646}\u{627}", "\u{645}\u{6cc}\u{200c}\u{646}\u{627}");
        refused("\u{feff}\u{feff}", "an invisible character", 1);
    }

    #[test]
    fn nothing_is_written_past_what_was_set_aside() {
        for text in ["\u{1d160}", "\u{fb2c}", "\u{1f82}", "\u{390}", "\u{2adc}", "a"] {
            let text = text.repeat(50);
            let out = prepared(&text).unwrap();
            assert!(out.len() <= text.len() * GROWTH, "{}", text.escape_unicode());
        }
    }
}
