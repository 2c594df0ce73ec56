//! The stored form of an embedding: its components, little-endian.

use zeroize::Zeroizing;

use crate::face::embedding::Embedding;

pub(in crate::gallery) fn encode_face(embedding: &Embedding) -> Zeroizing<Vec<u8>> {
    let components = embedding.as_slice();
    let mut out = Zeroizing::new(Vec::with_capacity(components.len().saturating_mul(4)));
    components.iter().for_each(|c| out.extend_from_slice(&c.to_le_bytes()));
    out
}

pub(in crate::gallery) fn decode_face(bytes: &[u8]) -> Option<Embedding> {
    let (components, []) = bytes.as_chunks::<4>() else { return None };
    if components.len() > Embedding::MAX_DIMENSION {
        return None;
    }
    let components: Zeroizing<Vec<f32>> = Zeroizing::new(components.iter().map(|c| f32::from_le_bytes(*c)).collect());
    Embedding::from_slice(&components).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn components_come_back_to_the_bit() {
        let e = Embedding::from_slice(&(0..100).map(|i| (i as f32).sin()).collect::<Vec<_>>()).unwrap();
        let bytes = encode_face(&e);
        assert!(decode_face(&bytes).is_some_and(|again| again == e));
        assert!(decode_face(&bytes[..399]).is_none());
        assert!(decode_face(&[0; 400]).is_none());
        assert!(decode_face(&vec![1; 4 * 4097]).is_none());
    }
}
