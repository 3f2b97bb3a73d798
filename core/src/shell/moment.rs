//! Times as they are typed: `Utils.getDateTime` and `java.time.Duration.parse`.
//!
//! Leaves out years of more than four digits.

use super::thrown::Thrown;

const DAY_MS: i64 = 86_400_000;

/// Days from 1970-01-01 to a day of the Gregorian calendar.
fn days(year: i64, month: i64, day: i64) -> i64 {
    // Years begin in March, so that the leap day is the last.
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

fn digits(text: &str, least: i64, most: i64) -> Option<i64> {
    let is_number = !text.is_empty() && text.len() <= 9 && text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|number| is_number && (least..=most).contains(number))
}

/// `yyyy-MM-dd'T'HH:mm:ss.SSS` and a zone (UTC if there is none), in ms since 1970.
pub(super) fn date_time(text: &str) -> Result<i64, Thrown> {
    let wrong = |message: String| Thrown::new("java.text.ParseException", message);
    let Some((date, time)) = text.split_once('T') else {
        let message = "Error parsing timestamp. It does not contain a 'T' according to ISO8601 format";
        return Err(wrong(message.to_owned()));
    };
    let (spelled, time) =
        if time.contains(['+', '-', 'Z']) { (text.to_owned(), time) } else { (format!("{text}Z"), time) };
    read_date_time(date, time).ok_or_else(|| wrong(format!("Unparseable date: \"{spelled}\"")))
}

fn read_date_time(date: &str, time: &str) -> Option<i64> {
    let mut date = date.split('-');
    let (year, month, day) = (date.next()?, date.next()?, date.next()?);
    let year = digits(year, 1, 9999)?;
    let month = digits(month, 1, 12)?;
    let length = days(year + month / 12, month % 12 + 1, 1) - days(year, month, 1);
    let day = digits(day, 1, length)?;
    let (time, zone_minutes) = match time.find(['+', '-', 'Z']) {
        None => (time, 0),
        Some(at) => {
            let (time, zone) = time.split_at(at);
            (time, zone_minutes(zone)?)
        }
    };
    let mut parts = time.split([':', '.']);
    let hour = digits(parts.next()?, 0, 23)?;
    let minute = digits(parts.next()?, 0, 59)?;
    let second = digits(parts.next()?, 0, 59)?;
    let ms = digits(parts.next()?, 0, 999)?;
    if date.next().is_some() || parts.next().is_some() {
        return None;
    }
    Some(days(year, month, day) * DAY_MS + ((hour * 60 + minute - zone_minutes) * 60 + second) * 1000 + ms)
}

/// `Z`, `+01`, `+0130`, `+01:30`
fn zone_minutes(zone: &str) -> Option<i64> {
    if zone == "Z" {
        return Some(0);
    }
    let sign = if zone.starts_with('-') { -1 } else { 1 };
    let spelled: String = zone.chars().skip(1).filter(|c| *c != ':').collect();
    let (hours, minutes) = spelled.split_at_checked(2)?;
    let minutes = if minutes.is_empty() { 0 } else { digits(minutes, 0, 59)? };
    Some(sign * (digits(hours, 0, 23)? * 60 + minutes))
}

/// `PnDTnHnMn.nS` in ms.
pub(super) fn duration_ms(text: &str) -> Result<i64, Thrown> {
    read_duration(text)
        .ok_or_else(|| Thrown::new("java.time.format.DateTimeParseException", "Text cannot be parsed to a Duration"))
}

fn read_duration(text: &str) -> Option<i64> {
    let upper = text.to_ascii_uppercase();
    let (sign, rest) = match upper.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, upper.strip_prefix('+').unwrap_or(&upper)),
    };
    let rest = rest.strip_prefix('P')?;
    let (date, time) = match rest.split_once('T') {
        Some((_, "")) => return None,
        Some((date, time)) => (date, time),
        None => (rest, ""),
    };
    if date.is_empty() && time.is_empty() {
        return None;
    }
    let mut total: i64 = 0;
    if !date.is_empty() {
        total = amount(date.strip_suffix('D')?, DAY_MS)?;
    }
    let mut time = time;
    for (unit, unit_ms) in [('H', 3_600_000), ('M', 60_000), ('S', 1000)] {
        if let Some((number, behind)) = time.split_once(unit) {
            total = total.checked_add(amount(number, unit_ms)?)?;
            time = behind;
        }
    }
    time.is_empty().then_some(sign * total)
}

fn amount(text: &str, unit_ms: i64) -> Option<i64> {
    let (whole, fraction) = match text.split_once(['.', ',']) {
        Some((whole, fraction)) if unit_ms == 1000 && fraction.len() <= 9 => (whole, fraction),
        Some(_) => return None,
        None => (text, ""),
    };
    if !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let thousandths: String = fraction.chars().chain("000".chars()).take(3).collect();
    let ms = thousandths.parse::<i64>().ok()?;
    let ms = if whole.starts_with('-') { -ms } else { ms };
    whole.parse::<i64>().ok()?.checked_mul(unit_ms)?.checked_add(ms)
}

/// `java.util.Date.toString()` in UTC: `Thu Jan 01 00:00:00 UTC 1970`.
pub(super) fn date_text(at_ms: i64) -> String {
    const WEEKDAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (day, second) = (at_ms.div_euclid(DAY_MS), at_ms.rem_euclid(DAY_MS) / 1000);
    let named = |names: &[&'static str], index: i64| {
        usize::try_from(index).ok().and_then(|index| names.get(index)).copied().unwrap_or("")
    };
    let mut year = 1970 + day.div_euclid(366);
    while days(year + 1, 1, 1) <= day {
        year += 1;
    }
    let month = (1..12).rev().find(|month| days(year, month + 1, 1) <= day).map_or(1, |month| month + 1);
    let of_month = day - days(year, month, 1) + 1;
    let (weekday, month) = (named(&WEEKDAYS, day.rem_euclid(7)), named(&MONTHS, month - 1));
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{weekday} {month} {of_month:02} {hour:02}:{minute:02}:{second:02} UTC {year}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_written_as_java_writes_them() {
        for (at_ms, expected) in [
            (0, "Thu Jan 01 00:00:00 UTC 1970"),
            (951_827_415_250, "Tue Feb 29 12:30:15 UTC 2000"),
            (4_102_444_799_999, "Thu Dec 31 23:59:59 UTC 2099"),
            (1_717_192_800_000, "Fri May 31 22:00:00 UTC 2024"),
        ] {
            assert_eq!(date_text(at_ms), expected);
        }
    }

    #[test]
    fn times_are_read_as_java_reads_them() {
        for (text, expected) in [
            ("1970-01-01T00:00:00.000", Ok(0)),
            ("2000-02-29T12:30:15.250Z", Ok(951_827_415_250)),
            ("2100-01-01T00:00:00.000", Ok(4_102_444_800_000)),
            ("2024-06-01T00:00:00.000+02:00", Ok(1_717_192_800_000)),
            ("2024-06-01T00:00:00.000-0230", Ok(1_717_209_000_000)),
            ("2024-06-01", Err("Error parsing timestamp. It does not contain a 'T' according to ISO8601 format")),
            ("2023-02-29T00:00:00.000", Err("Unparseable date: \"2023-02-29T00:00:00.000Z\"")),
            ("2024-06-01T00:00:00", Err("Unparseable date: \"2024-06-01T00:00:00Z\"")),
        ] {
            let found = date_time(text).map_err(|thrown| thrown.message);
            assert_eq!(found, expected.map_err(str::to_owned), "{text}");
        }
    }

    #[test]
    fn durations_are_read_as_java_reads_them() {
        for (text, expected) in [
            ("PT0S", Some(0)),
            ("P1D", Some(86_400_000)),
            ("P1DT2H3M4.5S", Some(93_784_500)),
            ("pt1.25s", Some(1250)),
            ("-PT1M", Some(-60_000)),
            ("PT-1.5S", Some(-1500)),
            ("P", None),
            ("PT", None),
            ("1D", None),
            ("PT1D", None),
            ("P1H", None),
            ("PT1S2M", None),
            ("P1", None),
        ] {
            assert_eq!(duration_ms(text).ok(), expected, "{text}");
        }
    }
}
