//! Times as text: `2026-11-27T18:30:00.250Z`, always UTC.

/// Milliseconds of a day.
const DAY: u64 = 86_400_000;
/// Days from 0000-03-01 to 1970-01-01 in the Gregorian calendar.
const EPOCH: u64 = 719_468;
/// Days of 400 Gregorian years.
const ERA: u64 = 146_097;

/// Formats milliseconds since 1970-01-01 UTC as text.
pub fn text(milliseconds: u64) -> String {
    let (day, rest) = (milliseconds / DAY, milliseconds % DAY);
    // Years that begin in March put the leap day at the end (H. Hinnant, "chrono-compatible low-level date algorithms").
    let shifted = day + EPOCH;
    let (era, of_era) = (shifted / ERA, shifted % ERA);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    let (h, m, s, ms) = (rest / 3_600_000, rest / 60_000 % 60, rest / 1000 % 60, rest % 1000);
    format!("{year:04}-{month:02}-{day:02}T{h:02}:{m:02}:{s:02}.{ms:03}Z")
}

/// Days of a month.
fn days_of(year: u64, month: u64) -> u64 {
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 => 28 + u64::from(is_leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Converts a day (`2026-11-27`) or a time (`2026-11-27T18:30:00`, with or without fraction and `Z`) to milliseconds
/// since 1970-01-01 UTC.
pub fn parse(text: &str) -> Result<u64, String> {
    let wrong = || "a day or a time in UTC is needed, as in 2026-11-27 or 2026-11-27T18:30:00Z".to_owned();
    let (date, clock) = text.split_once('T').unwrap_or((text, "00:00:00"));
    let part = |text: Option<&str>, digits: usize, most: u64| {
        let text = text.filter(|t| t.len() == digits && t.bytes().all(|b| b.is_ascii_digit())).ok_or_else(wrong)?;
        text.parse::<u64>().ok().filter(|n| *n <= most).ok_or_else(wrong)
    };
    let mut parts = date.split('-');
    let (year, month, day) = (part(parts.next(), 4, 9999)?, part(parts.next(), 2, 12)?, part(parts.next(), 2, 31)?);
    let clock = clock.strip_suffix('Z').unwrap_or(clock);
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "000"));
    let mut times = clock.split(':');
    let (h, m, s) = (part(times.next(), 2, 23)?, part(times.next(), 2, 59)?, part(times.next(), 2, 59)?);
    let ms = part(Some(&format!("{fraction:0<3}")), 3, 999)?;
    if parts.next().is_some()
        || times.next().is_some()
        || year < 1970
        || month == 0
        || day == 0
        || day > days_of(year, month)
    {
        return Err(wrong());
    }
    let shifted_year = year - u64::from(month <= 2);
    let (era, year_of_era) = (shifted_year / 400, shifted_year % 400);
    let of_year = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day - 1;
    let of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + of_year;
    Ok((era * ERA + of_era - EPOCH) * DAY + ((h * 60 + m) * 60 + s) * 1000 + ms)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_written_and_read() {
        for (ms, shown) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_827_696_789, "2000-02-29T12:34:56.789Z"),
            (1_795_803_000_250, "2026-11-27T18:10:00.250Z"),
            (4_107_542_399_999, "2100-02-28T23:59:59.999Z"),
        ] {
            assert_eq!(text(ms), shown);
            assert_eq!(parse(shown), Ok(ms));
        }
        assert_eq!(parse("2026-11-27"), parse("2026-11-27T00:00:00Z"));
        for bad in [
            "",
            "2026-02-29",
            "2026-04-31",
            "2100-02-29",
            "2026-11-27T00:00:60Z",
            "2026",
            "2026-13-01",
            "2026-1-1",
            "1969-12-31",
            "2026-11-27T25:00:00",
            "2026-11-27T1:2:3",
            "+026-11-27",
        ] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}
