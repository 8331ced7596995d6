//! Hints for messages of an org, and for names that are misspelt.

use eca_lint::{KnownError, Occasion, explain_error};

/// The most specific entry about a message of a deploy.
pub(crate) fn known(message: &str) -> Option<&'static KnownError> {
    let found = explain_error(message).into_iter();
    found
        .filter(|known| known.occasion == Occasion::Deploy)
        .find(|known| !known.fix.is_empty())
}

/// The known name that is closest to a misspelt one, if at most a third of its letters differ.
pub(crate) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = name.to_lowercase();
    let distances = known
        .into_iter()
        .map(|known| (strsim::osa_distance(&lower, &known.to_lowercase()), known));
    let (distance, nearest) = distances.min()?;
    (distance * 3 <= nearest.chars().count()).then_some(nearest)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_misspelt_name() {
        let known = ["staging", "production", "Billing"];
        for (name, expected) in [
            ("stagin", Some("staging")),
            ("PRODUCTION", Some("production")),
            ("Biling", Some("Billing")),
            ("uat", None),
            ("", None),
        ] {
            assert_eq!(nearest(name, known), expected, "{name}");
        }
        assert_eq!(nearest("staging", []), None);
    }
}
