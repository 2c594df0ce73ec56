//! Identifiers of the people in a gallery.

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;
use std::sync::Arc;

use thiserror::Error;

use crate::text::{is_hidden, shown};

/// The caller's name for a subject: 1 to 256 bytes of UTF-8, ordered bytewise. Cheap to clone.
///
/// To keep out names that look alike but differ, forge lines, or hide parts of themselves when displayed,
/// [hidden](is_hidden) characters (controls, bidi, zero-width) and white space at either end are refused.
/// [`SubjectId::new_unrestricted`] accepts them where they are intended. Names are compared as they are, without
/// Unicode normalization. `Display` writes hidden characters as `\u{..}`; [`SubjectId::as_str`] is the text itself.
///
/// ```
/// use selfsame::SubjectId;
/// let id = SubjectId::new("employee-4711")?;
/// assert_eq!(id.as_str(), "employee-4711");
/// assert!(SubjectId::new("").is_err());
/// assert!(SubjectId::new("employee-4711\n").is_err());
/// # Ok::<(), selfsame::subject::SubjectIdError>(())
/// ```
#[derive(Clone)]
pub struct SubjectId(Text);

/// Longest id that is held in place, bytes: one that takes as much as a pointer would, with its length and what the memory's owner adds.
const SHORT: usize = 22;

/// The text of an id. Most are short, and millions of them are in memory.
#[derive(Clone)]
enum Text {
    Short { len: u8, bytes: [u8; SHORT] },
    Long(Arc<str>),
}

impl Text {
    fn new(id: &str) -> Self {
        let mut bytes = [0; SHORT];
        match bytes.get_mut(..id.len()) {
            Some(held) => {
                held.copy_from_slice(id.as_bytes());
                Self::Short { len: id.len() as u8, bytes }
            }
            None => Self::Long(id.into()),
        }
    }

    fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Short { len, bytes } => bytes.get(..usize::from(*len)).unwrap_or_default(),
            Self::Long(id) => id.as_bytes(),
        }
    }
}

impl PartialEq for SubjectId {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_bytes() == other.0.as_bytes()
    }
}

impl Eq for SubjectId {}

impl PartialOrd for SubjectId {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for SubjectId {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.as_bytes().cmp(other.0.as_bytes())
    }
}

/// The hash of the text, because a map of ids can be asked for a text.
impl Hash for SubjectId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

/// Why a text is not a subject id.
///
/// ```
/// use selfsame::SubjectId;
/// use selfsame::subject::SubjectIdError;
/// let refused = SubjectId::new("ann\u{202e}");
/// assert_eq!(refused, Err(SubjectIdError::Hidden { character: '\u{202e}', offset: 3 }));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SubjectIdError {
    /// The text is empty or too long.
    #[error("a subject id must have 1 to {max} bytes, not {len}", max = SubjectId::MAX_LEN)]
    Length {
        /// The length given, in bytes.
        len: usize,
    },
    /// The text contains a control, bidi or zero-width character, a line separator or another invisible character.
    #[error("a subject id must not contain the invisible U+{:04X} at byte {offset}; SubjectId::new_unrestricted accepts it", u32::from(*character))]
    Hidden {
        /// The character.
        character: char,
        /// Its offset, in bytes.
        offset: usize,
    },
    /// The text begins or ends with white space.
    #[error("a subject id must not begin or end with white space (U+{:04X} at byte {offset}); SubjectId::new_unrestricted accepts it", u32::from(*character))]
    Space {
        /// The white-space character.
        character: char,
        /// Its offset, in bytes.
        offset: usize,
    },
}

impl SubjectId {
    /// Longest id, in bytes.
    pub const MAX_LEN: usize = 256;

    /// Creates an id from visible text.
    ///
    /// # Errors
    /// [`SubjectIdError`] when the text is empty or longer than [`SubjectId::MAX_LEN`] bytes, contains a
    /// [hidden](is_hidden) character, or begins or ends with white space.
    pub fn new(id: impl AsRef<str>) -> Result<Self, SubjectIdError> {
        let id = Self::new_unrestricted(id)?;
        if let Some((offset, character)) = id.as_str().char_indices().find(|(_, c)| is_hidden(*c)) {
            return Err(SubjectIdError::Hidden { character, offset });
        }
        let (first, last) = (id.as_str().char_indices().next(), id.as_str().char_indices().next_back());
        if let Some((offset, character)) = [first, last].into_iter().flatten().find(|(_, c)| c.is_whitespace()) {
            return Err(SubjectIdError::Space { character, offset });
        }
        Ok(id)
    }

    /// Creates an id from any text, for names from other systems that legitimately contain what [`SubjectId::new`]
    /// refuses: joiners of Persian and Indic scripts, variation selectors of Han characters, file names.
    ///
    /// ```
    /// use selfsame::SubjectId;
    /// let id = SubjectId::new_unrestricted("می\u{200c}نا")?;
    /// assert_eq!(id.as_str(), "می\u{200c}نا");
    /// assert_eq!(id.to_string(), "می\\u{200c}نا");
    /// # Ok::<(), selfsame::subject::SubjectIdError>(())
    /// ```
    ///
    /// # Errors
    /// [`SubjectIdError::Length`] when the text is empty or longer than [`SubjectId::MAX_LEN`] bytes.
    pub fn new_unrestricted(id: impl AsRef<str>) -> Result<Self, SubjectIdError> {
        let id = id.as_ref();
        let len = id.len();
        if (1..=Self::MAX_LEN).contains(&len) { Ok(Self(Text::new(id))) } else { Err(SubjectIdError::Length { len }) }
    }

    /// Memory that the id takes beside its own size, in bytes; an estimate.
    pub(crate) fn bytes_elsewhere(&self) -> usize {
        match &self.0 {
            Text::Short { .. } => 0,
            Text::Long(id) => id.len() + 2 * size_of::<usize>(),
        }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match &self.0 {
            // The bytes are those of a text.
            Text::Short { .. } => std::str::from_utf8(self.0.as_bytes()).unwrap_or_default(),
            Text::Long(id) => id,
        }
    }
}

impl FromStr for SubjectId {
    type Err = SubjectIdError;

    /// [`SubjectId::new`].
    fn from_str(id: &str) -> Result<Self, SubjectIdError> {
        Self::new(id)
    }
}

impl TryFrom<&str> for SubjectId {
    type Error = SubjectIdError;

    fn try_from(id: &str) -> Result<Self, SubjectIdError> {
        Self::new(id)
    }
}

impl TryFrom<String> for SubjectId {
    type Error = SubjectIdError;

    fn try_from(id: String) -> Result<Self, SubjectIdError> {
        Self::new(id)
    }
}

impl AsRef<str> for SubjectId {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

/// Equal ids have equal text, with the same hash and order, so that maps can be queried by text.
impl Borrow<str> for SubjectId {
    fn borrow(&self) -> &str {
        self.as_str()
    }
}

impl fmt::Debug for SubjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SubjectId({:?})", self.as_str())
    }
}

impl fmt::Display for SubjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&shown(self.as_str()), f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_seen_is_refused_and_told() {
        let all = "\0\n\t\u{1b}\u{9b}\u{ad}\u{61c}\u{200b}\u{200d}\u{200e}\u{202a}\u{202e}\u{2028}\u{2029}\u{2060}\u{2066}\u{2069}\u{feff}\
                   \u{fdd0}\u{fffe}\u{e0041}";
        for hidden in all.chars() {
            let text = format!("é{hidden}b");
            let error = SubjectId::new(&text).unwrap_err();
            assert_eq!(error, SubjectIdError::Hidden { character: hidden, offset: 2 });
            let told = format!("must not contain the invisible U+{:04X} at byte 2;", u32::from(hidden));
            assert!(error.to_string().contains(&told), "{error}");
            let id = SubjectId::new_unrestricted(&text).unwrap();
            assert_eq!((id.as_str(), id.to_string()), (&*text, format!("é{}b", hidden.escape_unicode())));
        }
    }

    #[test]
    fn spaces_are_refused_at_the_ends_alone() {
        for (text, character, offset) in [
            (" ann", ' ', 0),
            ("ann ", ' ', 3),
            ("ann\u{a0}", '\u{a0}', 3),
            ("\u{3000}ann", '\u{3000}', 0),
            (" ", ' ', 0),
        ] {
            assert_eq!(SubjectId::new(text), Err(SubjectIdError::Space { character, offset }));
            assert!(SubjectId::new_unrestricted(text).is_ok());
        }
        for text in ["ann lee", "Ægir Þór", "안나", "王 小明", "o'neil-4711", "a\\u{a}", "\u{e000}", "😀"] {
            assert_eq!(SubjectId::new(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn both_constructors_bound_the_length() {
        for text in [String::new(), "a".repeat(257), "\n".repeat(257), "é".repeat(129)] {
            let refused = Err(SubjectIdError::Length { len: text.len() });
            assert_eq!((SubjectId::new(&text), SubjectId::new_unrestricted(&text)), (refused.clone(), refused));
        }
        assert!(SubjectId::new("é".repeat(128)).is_ok());
    }

    #[test]
    fn short_and_long_ids_are_alike() {
        assert_eq!((size_of::<SubjectId>(), size_of::<Option<SubjectId>>()), (24, 24));
        let ids: Vec<SubjectId> = (1..60).map(|n| SubjectId::new("né".repeat(n).split_off(n % 2)).unwrap()).collect();
        let texts: Vec<&str> = ids.iter().map(SubjectId::as_str).collect();
        for (a, x) in ids.iter().zip(&texts) {
            assert!(x.ends_with('é') && a.clone() == *a);
            for (b, y) in ids.iter().zip(&texts) {
                assert_eq!((a == b, a.cmp(b)), (x == y, x.cmp(y)));
            }
        }
        let set: std::collections::HashSet<SubjectId> = ids.iter().cloned().collect();
        assert!(set.len() == ids.len() && texts.iter().all(|text| set.contains(*text)));
    }

    #[test]
    fn texts_become_ids_and_ask_maps() {
        let id: SubjectId = "ann".parse().unwrap();
        assert_eq!(
            (Ok(id.clone()), Ok(id.clone())),
            (SubjectId::try_from("ann"), SubjectId::try_from("ann".to_owned()))
        );
        assert!("ann\n".parse::<SubjectId>().is_err() && SubjectId::try_from("").is_err());
        assert_eq!(id.as_ref(), "ann");
        assert!(std::collections::HashSet::from([id.clone()]).contains("ann"));
        assert!(std::collections::BTreeSet::from([id]).contains("ann"));
    }
}
