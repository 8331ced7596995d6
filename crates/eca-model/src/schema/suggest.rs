//! Suggestions for misspelt names.

/// The known name that is closest to a misspelt one, if it is close: at most one letter in five is
/// different, missing or added, ignoring case. A known name is close to itself.
pub(crate) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = name.to_ascii_lowercase();
    let distances = known.into_iter().map(|known| {
        (
            strsim::osa_distance(&lower, &known.to_ascii_lowercase()),
            known,
        )
    });
    let (distance, nearest) = distances.min()?;
    (distance * 5 <= nearest.len().min(name.len())).then_some(nearest)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn close_names_only() {
        let known = ["ExternalClientApplication", "NamedCredential", "Profile"];
        for (name, expected) in [
            (
                "ExternalClientAplication",
                Some("ExternalClientApplication"),
            ),
            ("NamedCredentials", Some("NamedCredential")),
            ("profil", Some("Profile")),
            ("ConnectedApp", None),
            ("File", None),
            ("", None),
        ] {
            assert_eq!(nearest(name, known), expected, "{name}");
        }
    }
}
