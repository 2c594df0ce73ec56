//! Big-endian fields, appended.

/// Writes fields in order.
#[derive(Default)]
pub(crate) struct Writer {
    out: Vec<u8>,
}

impl Writer {
    pub(crate) fn with_capacity(bytes: usize) -> Self {
        Self { out: Vec::with_capacity(bytes) }
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        self.out.extend_from_slice(bytes);
    }

    pub(crate) fn u8(&mut self, value: u8) {
        self.out.push(value);
    }

    pub(crate) fn u16(&mut self, value: u16) {
        self.bytes(&value.to_be_bytes());
    }

    pub(crate) fn u16s(&mut self, values: &[u16]) {
        values.iter().for_each(|value| self.u16(*value));
    }

    pub(crate) fn u32(&mut self, value: u32) {
        self.bytes(&value.to_be_bytes());
    }

    /// Number of bytes so far.
    pub(crate) fn len(&self) -> usize {
        self.out.len()
    }

    /// Overwrites the bytes at `at`; does nothing beyond the end.
    pub(crate) fn put(&mut self, at: usize, bytes: &[u8]) {
        if let Some(place) = at.checked_add(bytes.len()).and_then(|end| self.out.get_mut(at..end)) {
            place.copy_from_slice(bytes);
        }
    }

    pub(crate) fn finish(self) -> Vec<u8> {
        self.out
    }
}
