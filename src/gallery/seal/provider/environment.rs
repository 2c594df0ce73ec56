//! A key in an environment variable.

use std::env::{self, VarError};

use base64ct::{Base64, Encoding};
use zeroize::{Zeroize, Zeroizing};

use super::super::error::KeyError;
use super::super::key::SecretKey;
use super::key_provider::KeyProvider;
use super::raw::RawKey;

/// A key of 32 bytes in an environment variable, as 64 hexadecimal digits or 44 characters of base64 (RFC 4648, section
/// 4).
///
/// Other processes of the same user can read a process's environment, and it cannot be wiped: prefer a key file where
/// there is a choice.
///
/// ```
/// use selfsame::gallery::seal::{EnvironmentKey, KeyError};
/// assert!(matches!(EnvironmentKey::read("SELFSAME_NO_SUCH_VARIABLE"), Err(KeyError::NotSet { .. })));
/// ```
#[derive(Debug)]
pub struct EnvironmentKey(RawKey);

impl EnvironmentKey {
    /// Reads the key from the variable `name`.
    ///
    /// # Errors
    /// [`KeyError::NotSet`], [`KeyError::Malformed`].
    pub fn read(name: &str) -> Result<Self, KeyError> {
        match env::var(name) {
            Ok(text) => Self::from_text(&Zeroizing::new(text)),
            Err(VarError::NotPresent) => Err(KeyError::NotSet { name: name.to_owned() }),
            Err(VarError::NotUnicode(_)) => Err(MALFORMED),
        }
    }

    fn from_text(text: &str) -> Result<Self, KeyError> {
        let text = text.trim();
        let mut bytes = Zeroizing::new([0; SecretKey::LEN]);
        let decoded = match text.len() {
            HEX_LEN => from_hex(text, &mut bytes),
            BASE64_LEN => {
                Base64::decode(text, bytes.as_mut_slice()).ok().filter(|b| b.len() == SecretKey::LEN).map(|_| ())
            }
            _ => None,
        };
        decoded.map(|()| Self(RawKey::new(SecretKey::from_bytes(&bytes)))).ok_or(MALFORMED)
    }
}

const HEX_LEN: usize = 2 * SecretKey::LEN;
const BASE64_LEN: usize = SecretKey::LEN.div_ceil(3) * 4;
const MALFORMED: KeyError =
    KeyError::Malformed { what: "the variable holds neither 64 hexadecimal digits nor 44 characters of base64" };

fn from_hex(text: &str, out: &mut [u8; SecretKey::LEN]) -> Option<()> {
    let mut digits = text.chars().map(|c| c.to_digit(16).and_then(|d| u8::try_from(d).ok()));
    for byte in out.iter_mut() {
        let (high, low) = (digits.next()??, digits.next()??);
        *byte = (high << 4) | low;
    }
    let done = digits.next().is_none().then_some(());
    if done.is_none() {
        out.zeroize();
    }
    done
}

impl KeyProvider for EnvironmentKey {
    fn wrap(&self, key: &SecretKey, context: &[u8]) -> Result<Vec<u8>, KeyError> {
        self.0.wrap(key, context)
    }

    fn unwrap(&self, wrapped: &[u8], context: &[u8]) -> Result<SecretKey, KeyError> {
        self.0.unwrap(wrapped, context)
    }

    fn describe(&self) -> &'static str {
        "environment variable"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gallery::seal::testing::hex;

    #[test]
    fn both_spellings_are_read() {
        let bytes: [u8; 32] = std::array::from_fn(|i| (i * 37 + 200) as u8);
        let key = SecretKey::from_bytes(&[9; 32]);
        let wrapped = RawKey::new(SecretKey::from_bytes(&bytes)).wrap(&key, b"").unwrap();
        let base64 = "yO0SN1yBpsvwFTpfhKnO8xg9Yoes0fYbQGWKr9T5HkM=";
        for text in [hex(&bytes), hex(&bytes).to_uppercase(), base64.to_owned(), format!(" {base64}\n")] {
            let provider = EnvironmentKey::from_text(&text).unwrap();
            assert_eq!(provider.unwrap(&wrapped, b"").unwrap().expose(), key.expose());
        }
    }

    #[test]
    fn anything_else_is_refused() {
        let digits = "0123456789abcdef".repeat(4);
        let wrong = [
            String::new(),
            digits[1..].to_owned(),
            format!("{digits}0"),
            digits.replace('7', "g"),
            digits.replacen("01", "+1", 1),
            digits.replacen("01", "é", 1),
            "yO0SN1yBpsvwFTpfhKnO8xg9Yoes0fYbQGWKr9T5HkM".to_owned(),
            "yO0SN1yBpsvwFTpfhKnO8xg9Yoes0fYbQGWKr9T5HkN=".to_owned(),
            "yO0SN1yBpsvwFTpfhKnO8xg9Yoes0fYbQGWKr9T5Hg==".to_owned(),
            "yO0SN1yBpsvwFTpfhKnO8xg9Yoes0fYbQGWKr9T5HkMA".to_owned(),
            "yO0SN1yBpsvw_Tpf-KnO8xg9Yoes0fYbQGWKr9T5HkM=".to_owned(),
        ];
        for text in wrong {
            assert!(matches!(EnvironmentKey::from_text(&text), Err(KeyError::Malformed { .. })), "{text}");
        }
    }
}
