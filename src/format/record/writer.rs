//! Big-endian fields, appended.

/// Writes fields in order.
#[derive(Default)]
pub(super) struct Writer {
    out: Vec<u8>,
}

impl Writer {
    pub(super) fn with_capacity(bytes: usize) -> Self {
        Self { out: Vec::with_capacity(bytes) }
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.out.extend_from_slice(bytes);
    }

    pub(super) fn u8(&mut self, value: u8) {
        self.out.push(value);
    }

    pub(super) fn u16(&mut self, value: u16) {
        self.bytes(&value.to_be_bytes());
    }

    pub(super) fn u32(&mut self, value: u32) {
        self.bytes(&value.to_be_bytes());
    }

    /// Number of bytes so far.
    pub(super) fn len(&self) -> usize {
        self.out.len()
    }

    /// Overwrites the bytes at `at`; does nothing beyond the end.
    pub(super) fn put(&mut self, at: usize, bytes: &[u8]) {
        if let Some(place) = at.checked_add(bytes.len()).and_then(|end| self.out.get_mut(at..end)) {
            place.copy_from_slice(bytes);
        }
    }

    pub(super) fn finish(self) -> Vec<u8> {
        self.out
    }
}
