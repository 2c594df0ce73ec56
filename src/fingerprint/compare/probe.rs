//! A template prepared as a probe.

use std::sync::OnceLock;

use super::coarse::Sought;
use super::direction::Turns;
use super::packed::{FingerReference, PackedRef};
use super::side::Side;
use crate::fingerprint::template::FingerTemplate;

/// A template prepared as a probe.
#[derive(Clone)]
pub struct FingerProbe {
    packed: FingerReference,
    side: Side,
    /// Made when a shortlist first asks for it.
    sought: OnceLock<Sought>,
}

impl std::fmt::Debug for FingerProbe {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FingerProbe").field("minutiae", &self.len()).finish_non_exhaustive()
    }
}

impl AsRef<FingerReference> for FingerProbe {
    fn as_ref(&self) -> &FingerReference {
        &self.packed
    }
}

impl FingerProbe {
    /// Prepares a template.
    pub(crate) fn new(template: &FingerTemplate) -> Self {
        Self::from(FingerReference::new(template))
    }

    /// Number of minutiae in use.
    #[must_use]
    pub fn len(&self) -> usize {
        self.packed.len()
    }

    /// Whether there are no minutiae.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.packed.is_empty()
    }

    /// The packed form.
    pub(crate) fn packed(&self) -> PackedRef<'_> {
        self.packed.get()
    }

    /// The probe's form for shortlist scans.
    pub(crate) fn sought(&self) -> &Sought {
        self.sought.get_or_init(|| Sought::new(self.packed.get()))
    }

    /// The unfolded form.
    pub(crate) fn side(&self) -> &Side {
        &self.side
    }
}

impl From<FingerReference> for FingerProbe {
    fn from(packed: FingerReference) -> Self {
        let mut side = Side::default();
        side.unfold(Turns::get(), packed.get());
        Self { packed, side, sought: OnceLock::new() }
    }
}
