//! Galleries opened read-only.

use std::fmt;
use std::sync::Arc;

use super::log::Event;

/// What happens to the events of a gallery opened read-only, whose own log cannot be written.
///
/// Failed attempts are not carried over between such openings either: anyone who may open a gallery read-only may try
/// without limit.
///
/// ```
/// use std::sync::{Arc, Mutex};
/// use selfsame::gallery::Unlogged;
/// let own_log = Arc::new(Mutex::new(Vec::new()));
/// let log = Arc::clone(&own_log);
/// let told = Unlogged::told(move |event| log.lock().unwrap().push(event.kind));
/// let accepted = Unlogged::accepted();
/// # let _ = (told, accepted);
/// ```
#[derive(Clone)]
pub struct Unlogged(Option<Tell>);

/// The callback that receives events.
type Tell = Arc<dyn Fn(&Event) + Send + Sync>;

impl Unlogged {
    /// Accepts that nothing is logged.
    #[must_use]
    pub fn accepted() -> Self {
        Self(None)
    }

    /// Passes each event to `tell`, for a log of the caller's own. It is called from the thread that caused the event,
    /// and must not use the gallery.
    #[must_use]
    pub fn told(tell: impl Fn(&Event) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(tell)))
    }

    pub(super) fn tell(&self, event: &Event) {
        if let Some(tell) = &self.0 {
            tell(event);
        }
    }
}

impl fmt::Debug for Unlogged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Unlogged(told)" } else { "Unlogged(accepted)" })
    }
}
