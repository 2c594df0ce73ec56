//! Untrusted text, made safe to display in a line of a terminal or a log.

use std::fmt;

/// The hidden code points beyond ASCII, sorted: Unicode 17.0, `DerivedGeneralCategory.txt` (Cc, Cf, Zl, Zp) and
/// `DerivedCoreProperties.txt` (Default_Ignorable_Code_Point). Noncharacters in the last two positions of a plane are
/// found by arithmetic.
const HIDDEN: &[(u32, u32)] = &[
    (0x7F, 0x9F),       // Cc
    (0xAD, 0xAD),       // soft hyphen
    (0x34F, 0x34F),     // combining grapheme joiner
    (0x600, 0x605),     // Arabic number signs
    (0x61C, 0x61C),     // Arabic letter mark: bidi
    (0x6DD, 0x6DD),     // Arabic end of ayah
    (0x70F, 0x70F),     // Syriac abbreviation mark
    (0x890, 0x891),     // Arabic pound and piastre marks above
    (0x8E2, 0x8E2),     // Arabic disputed end of ayah
    (0x115F, 0x1160),   // Hangul fillers
    (0x17B4, 0x17B5),   // Khmer inherent vowels
    (0x180B, 0x180F),   // Mongolian variation selectors, vowel separator
    (0x200B, 0x200F),   // zero-width space and joiners, left-to-right and right-to-left marks
    (0x2028, 0x202E),   // line and paragraph separators, bidi embeddings and overrides
    (0x2060, 0x206F),   // word joiner, invisible operators, bidi isolates
    (0x3164, 0x3164),   // Hangul filler
    (0xFDD0, 0xFDEF),   // noncharacters
    (0xFE00, 0xFE0F),   // variation selectors
    (0xFEFF, 0xFEFF),   // byte order mark
    (0xFFA0, 0xFFA0),   // half-width Hangul filler
    (0xFFF0, 0xFFFB),   // ignorable, interlinear annotation
    (0x110BD, 0x110BD), // Kaithi number sign
    (0x110CD, 0x110CD), // Kaithi number sign above
    (0x13430, 0x1343F), // Egyptian hieroglyph format controls
    (0x1BCA0, 0x1BCA3), // shorthand format controls
    (0x1D173, 0x1D17A), // musical beams and slurs
    (0xE0000, 0xE0FFF), // tags, variation selectors
];

/// Whether a character is invisible, or moves or turns the text around it: controls, format characters, line and
/// paragraph separators (general categories Cc, Cf, Zl, Zp), everything that is ignored where a font lacks it
/// (Default_Ignorable_Code_Point: zero-width characters, fillers, variation selectors), and noncharacters.
///
/// Spaces, private-use and unassigned characters are not hidden: something is drawn for them.
///
/// ```
/// use selfsame::text::is_hidden;
/// assert!(['\n', '\u{1b}', '\u{202e}', '\u{200b}', '\u{2028}', '\u{feff}'].into_iter().all(is_hidden));
/// assert!(!['a', ' ', 'é', '한', '\u{a0}', '😀'].into_iter().any(is_hidden));
/// ```
#[must_use]
pub fn is_hidden(character: char) -> bool {
    let code = u32::from(character);
    if code < 0x7F {
        return code < 0x20;
    }
    if code & 0xFFFE == 0xFFFE {
        return true;
    }
    let after = HIDDEN.partition_point(|&(first, _)| first <= code);
    after.checked_sub(1).and_then(|i| HIDDEN.get(i)).is_some_and(|&(_, last)| code <= last)
}

/// Text that is safe to display within one line: every [hidden](is_hidden) character is written as `\u{..}`, all others
/// as they are. No line break, terminal escape sequence or change of direction gets through.
///
/// Applying it twice has the same result as once; a text that literally contains `\u{a}` looks like one with a line
/// break.
///
/// ```
/// use selfsame::text::shown;
/// assert_eq!(shown("ann\nerror: none\u{1b}[2J").to_string(), "ann\\u{a}error: none\\u{1b}[2J");
/// assert_eq!(format!("{:>5}", shown("ann")), "  ann");
/// ```
#[must_use]
pub fn shown(text: &str) -> Shown<'_> {
    Shown(text)
}

/// The return value of [`shown`]: text that is displayed safely.
///
/// ```
/// use selfsame::text::{Shown, shown};
/// let name: Shown<'_> = shown("a\u{202e}b");
/// assert_eq!(name.to_string(), "a\\u{202e}b");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown<'a>(&'a str);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.0.contains(is_hidden) {
            return f.pad(self.0);
        }
        let mut text = String::with_capacity(self.0.len());
        for character in self.0.chars() {
            if is_hidden(character) {
                text.extend(character.escape_unicode());
            } else {
                text.push(character);
            }
        }
        f.pad(&text)
    }
}

/// Text that is safe inside an element or a quoted attribute of HTML, XML or SVG: [`shown`], and then the five characters
/// that mean something there are written as references.
///
/// ```
/// use selfsame::text::markup;
/// assert_eq!(markup("a<b & 'c'\n"), "a&lt;b &amp; &#39;c&#39;\\u{a}");
/// ```
#[must_use]
pub fn markup(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in shown(text).to_string().chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_its_ranges_do_not_touch() {
        assert!(HIDDEN.iter().all(|(first, last)| first <= last));
        assert!(HIDDEN.windows(2).all(|pair| pair[0].1 + 1 < pair[1].0));
    }

    #[test]
    fn hidden_is_what_unicode_says() {
        let hidden: Vec<char> = ('\0'..=char::MAX).filter(|c| is_hidden(*c)).collect();
        // Perl counts 4332 for [\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{DI}\p{NChar}] of Unicode 14.0; 15.0 added U+13439 to U+1343F.
        assert_eq!(hidden.len(), 4332 + 7);
        assert!(('\0'..=char::MAX).filter(|c| c.is_control()).all(is_hidden));
        let named = "\u{202a}\u{202b}\u{202c}\u{202d}\u{202e}\u{2066}\u{2067}\u{2068}\u{2069}\u{200e}\u{200f}\u{61c}\
                     \u{200b}\u{200c}\u{200d}\u{2060}\u{feff}\u{ad}\u{2028}\u{2029}\u{fdd0}\u{fffe}\u{10ffff}\u{e0041}\u{fe0f}";
        assert!(named.chars().all(is_hidden));
        assert!(
            !" ~\u{a0}\u{ac}\u{ae}\u{3000}\u{2027}\u{202f}\u{2070}\u{fffc}\u{fffd}\u{e000}\u{ac00}\u{301}"
                .contains(is_hidden)
        );
    }

    #[test]
    fn shown_text_hides_nothing_and_stays() {
        let all: String = ('\0'..=char::MAX).collect();
        let once = shown(&all).to_string();
        assert!(!once.contains(is_hidden));
        assert_eq!(shown(&once).to_string(), once);
        assert_eq!(once.lines().count(), 1);
        assert_eq!(format!("[{:<12}]", shown("a\nb")), "[a\\u{a}b     ]");
    }
}
