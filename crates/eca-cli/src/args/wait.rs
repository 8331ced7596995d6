//! The value of `--wait`.

use std::time::Duration;

/// A time with units (`90s`, `1h 30m`), or a number alone: minutes, as in the Salesforce CLI.
pub(crate) fn wait(text: &str) -> Result<Duration, String> {
    let time = match text.parse::<u64>() {
        Ok(minutes) => minutes.checked_mul(60).map(Duration::from_secs),
        Err(_) => humantime::parse_duration(text).ok(),
    };
    time.ok_or_else(|| "give a time with a unit (90s, 1h 30m), or minutes".to_owned())
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
