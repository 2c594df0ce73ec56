//! Values of arguments: fingers, and numbers in hexadecimal digits.

use selfsame::FingerPosition;

/// Names of the fingers, in the order of their codes.
const FINGERS: [&str; 11] = [
    "unknown",
    "right-thumb",
    "right-index",
    "right-middle",
    "right-ring",
    "right-little",
    "left-thumb",
    "left-index",
    "left-middle",
    "left-ring",
    "left-little",
];

pub fn position(text: &str) -> Result<FingerPosition, String> {
    let code = FINGERS.iter().position(|name| *name == text).and_then(|code| u8::try_from(code).ok());
    code.and_then(FingerPosition::from_code).ok_or_else(|| format!("one of {} is needed", FINGERS.join(", ")))
}

pub fn position_name(position: FingerPosition) -> &'static str {
    FINGERS.get(usize::from(position.code())).copied().unwrap_or("unknown")
}

pub fn gallery_id(text: &str) -> Result<[u8; 16], String> {
    hex(text).ok_or_else(|| "32 hexadecimal digits are needed".to_owned())
}

pub fn public_key(text: &str) -> Result<[u8; 32], String> {
    hex(text).ok_or_else(|| "64 hexadecimal digits are needed".to_owned())
}

/// Parses the wanted number of bytes from twice as many hexadecimal digits.
pub fn hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    if text.len() != 2 * N {
        return None;
    }
    for (byte, digits) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        if !digits.iter().all(u8::is_ascii_hexdigit) {
            return None;
        }
        *byte = u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
    }
    Some(bytes)
}
