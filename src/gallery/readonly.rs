//! Galleries that are opened to be read.

use std::fmt;
use std::sync::Arc;

use super::log::Event;

/// What becomes of the events of a gallery that is opened to be read: its own log cannot be written.
///
/// Attempts are not counted from one opening to the next either: whoever may open a gallery to read it may try as often as he likes.
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

/// Who is told.
type Tell = Arc<dyn Fn(&Event) + Send + Sync>;

impl Unlogged {
    /// Nothing is logged, and that is accepted.
    #[must_use]
    pub fn accepted() -> Self {
        Self(None)
    }

    /// Each event is told to the caller, for a log of its own. It is called from the thread of whoever does something, and must not use
    /// the gallery.
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
