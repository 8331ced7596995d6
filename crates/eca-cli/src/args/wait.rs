//! The value of `--wait`.

use std::time::Duration;

/// A time with units (`90s`, `1h 30m`), or a number alone: minutes, as in the Salesforce CLI.
pub(crate) fn wait(text: &str) -> Result<Duration, String> {
    match text.parse::<u64>() {
        Ok(minutes) => minutes.checked_mul(60).map(Duration::from_secs),
        Err(_) => return humantime::parse_duration(text).map_err(|error| error.to_string()),
    }
    .ok_or_else(|| "number is too large".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bare_number_is_minutes() {
        for (text, seconds) in [
            ("10", Some(600)),
            ("0", Some(0)),
            ("90s", Some(90)),
            ("1h 30m", Some(5400)),
            ("18446744073709551615", None),
            ("-1", None),
            ("10 parsecs", None),
            ("", None),
        ] {
            let parsed = wait(text).ok().map(|time| time.as_secs());
            assert_eq!(parsed, seconds, "{text}");
        }
    }
}
