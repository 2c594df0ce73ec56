//! Rates in words, for texts, pages and charts. No error among N comparisons is no rate of zero: it bounds the rate at 3/N with
//! 95 % confidence (the rule of three).

use selfsame::eval::ScoreSet;
use selfsame::eval::bootstrap::Interval;

/// Shares below this are 0 but for rounding: one error of all comparisons that a machine makes is more.
const NONE: f64 = 1e-12;

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
    if share < NONE { format!("no error: {}", bound(count)) } else { percent(share) }
}

/// The share of `count` comparisons without an error, given the share with one.
pub fn passed(missed: f64, count: usize) -> String {
    match missed {
        m if m < NONE => format!("all, {} are missed", bound(count)),
        m => format!("{:.2} %", 100.0 * (1.0 - m)),
    }
}

/// An interval of a rate over `count` comparisons.
pub fn interval(interval: Interval, count: usize) -> String {
    let Interval { low, high } = interval;
    if high < NONE {
        bound(count)
    } else if low < NONE {
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

/// Heads of the columns that [`row`] fills.
pub const COLUMNS: &str = " genuine impostor    EER % FMR100 % FMR1000 % ZeroFMR %";

/// The usual rates of a set, in columns.
pub fn row(set: &ScoreSet) -> String {
    let (genuine, impostor, rates) = (set.genuine(), set.impostor(), set.rates());
    let eer = cell(rates.eer, genuine.min(impostor));
    let [fmr100, fmr1000, zero] = [rates.fmr100, rates.fmr1000, rates.zero_fmr].map(|rate| cell(rate, genuine));
    format!("{genuine:8} {impostor:8} {eer:>8} {fmr100:>8} {fmr1000:>9} {zero:>9}")
}

/// A rate over `count` comparisons in a column of percents.
pub fn cell(share: f64, count: usize) -> String {
    match share {
        s if s < NONE => format!("<3/{count}"),
        s => percent(s).trim_end_matches(" %").to_owned(),
    }
}

/// An interval of such a rate.
pub fn interval_cell(interval: Interval, count: usize) -> String {
    match interval.high {
        high if high < NONE => cell(high, count),
        high => format!("{:.1}-{:.1}", 100.0 * interval.low, 100.0 * high),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_error_is_no_rate_of_zero() {
        assert_eq!(rate(0.0, 280), "no error: fewer than 3/280 (1.07 %)");
        assert_eq!(rate(1.0 - 0.9 - 0.1, 280), rate(0.0, 280));
        assert_eq!((rate(0.025, 280), rate(f64::NAN, 280)), ("2.50 %".into(), "NaN %".into()));
        assert_eq!(interval(Interval { low: 0.0, high: 0.0 }, 1000), "fewer than 3/1000 (0.30 %)");
        assert_eq!(interval(Interval { low: 0.0, high: 0.5 }, 9), "up to 50.0 %");
        assert_eq!(interval(Interval { low: 0.01, high: 0.5 }, 9), "1.00 % to 50.0 %");
        assert_eq!(bound(0), "fewer than 3/0 (100.0 %)");
        assert_eq!(percent(3e-6), "3.0e-4 %");
        assert_eq!(
            (cell(0.0, 280), cell(0.025, 280), cell(3e-6, 9)),
            ("<3/280".into(), "2.50".into(), "3.0e-4".into())
        );
        assert_eq!(interval_cell(Interval { low: 0.0, high: 0.0 }, 1000), "<3/1000");
        assert_eq!(interval_cell(Interval { low: 0.0, high: 0.5 }, 9), "0.0-50.0");
        assert_eq!(passed(0.0, 300), "all, fewer than 3/300 (1.00 %) are missed");
        assert_eq!(passed(0.015, 300), "98.50 %");
        let apart = ScoreSet::new(vec![9.0; 30], vec![1.0; 100]).unwrap();
        assert_eq!(row(&apart), "      30      100    <3/30    <3/30     <3/30     <3/30");
    }
}
