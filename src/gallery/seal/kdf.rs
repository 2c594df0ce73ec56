//! HKDF-SHA256 (RFC 5869), with lengths fixed by types.

use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

/// Output of SHA-256, bytes.
const HASH_LEN: usize = 32;

/// Derives `N` bytes from a key; the parts of `info` are joined.
pub(super) fn hkdf<const N: usize>(ikm: &[u8], salt: &[u8], info: &[&[u8]]) -> Zeroizing<[u8; N]> {
    const { assert!(N <= 255 * HASH_LEN, "HKDF gives no more than 255 blocks") };
    let mut out = Zeroizing::new([0; N]);
    #[allow(clippy::expect_used, reason = "the one error is a length that the assertion above refuses to compile")]
    Hkdf::<Sha256>::new(Some(salt), ikm).expand_multi_info(info, out.as_mut_slice()).expect("the length is in range");
    out
}

#[cfg(test)]
mod tests {
    use super::super::testing::{hex, unhex};
    use super::*;

    #[test]
    fn rfc_5869_cases() {
        let a1 = hkdf::<42>(
            &[0x0b; 22],
            &unhex("000102030405060708090a0b0c"),
            &[&unhex("f0f1f2f3f4"), &unhex("f5f6f7f8f9")],
        );
        let expected = "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865";
        assert_eq!(hex(&*a1), expected);
        let range = |from: u8, to: u8| (from..=to).collect::<Vec<u8>>();
        let a2 = hkdf::<82>(&range(0x00, 0x4f), &range(0x60, 0xaf), &[&range(0xb0, 0xff)]);
        let expected = "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09\
                        da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87";
        assert_eq!(hex(&*a2), expected);
        let a3 = hkdf::<42>(&[0x0b; 22], &[], &[]);
        let expected = "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8";
        assert_eq!(hex(&*a3), expected);
    }
}
