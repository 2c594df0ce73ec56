//! Rates in words. No error among N comparisons is no rate of zero: it bounds the rate at 3/N with 95 % confidence (the rule
//! of three).

use selfsame::eval::bootstrap::Interval;

/// A share in percent, with as many digits as tell something.
pub fn percent(share: f64) -> String {
    let percent = 100.0 * share;
    match percent {
        p if p <= 0.0 => "0 %".to_owned(),
        p if p >= 10.0 => format!("{p:.1} %"),
        p if p >= 0.01 => format!("{p:.2} %"),
        p => format!("{p:.1e} %"),
    }
}

/// A rate over `count` comparisons.
pub fn rate(share: f64, count: usize) -> String {
    if share > 0.0 { percent(share) } else { format!("no error: {}", bound(count)) }
}

/// An interval of a rate over `count` comparisons.
pub fn interval(interval: Interval, count: usize) -> String {
    let Interval { low, high } = interval;
    if high <= 0.0 {
        bound(count)
    } else if low <= 0.0 {
        format!("up to {}", percent(high))
    } else {
        format!("{} to {}", percent(low), percent(high))
    }
}

/// What no error among `count` comparisons says.
pub fn bound(count: usize) -> String {
    let most = (3.0 / count.max(1) as f64).min(1.0);
    format!("fewer than 3/{count} ({})", percent(most))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_error_is_no_rate_of_zero() {
        assert_eq!(rate(0.0, 280), "no error: fewer than 3/280 (1.07 %)");
        assert_eq!(rate(0.025, 280), "2.50 %");
        assert_eq!(interval(Interval { low: 0.0, high: 0.0 }, 1000), "fewer than 3/1000 (0.30 %)");
        assert_eq!(interval(Interval { low: 0.0, high: 0.5 }, 9), "up to 50.0 %");
        assert_eq!(interval(Interval { low: 0.01, high: 0.5 }, 9), "1.00 % to 50.0 %");
        assert_eq!(bound(0), "fewer than 3/0 (100.0 %)");
        assert_eq!(percent(3e-6), "3.0e-4 %");
    }
}
