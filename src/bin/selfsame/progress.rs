//! A progress bar on stderr, only for long work on a terminal.

use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Fewer steps than this show no bar.
const LEAST_STEPS: usize = 16;

/// A bar over `steps` steps named `what`; hidden when stderr is not a terminal or there are few steps.
pub fn bar(what: &'static str, steps: usize) -> ProgressBar {
    if steps < LEAST_STEPS || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::with_draw_target(Some(steps as u64), ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template("{msg:12} {wide_bar} {pos}/{len} {eta}") {
        bar.set_style(style);
    }
    bar.with_message(what)
}
