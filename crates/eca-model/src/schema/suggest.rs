//! "Did you mean": the known name that is nearest to a misspelt one.

/// The known name that a misspelt one was meant to be: case does not count, one letter in five may
/// differ, and one in short names. `None` when none is that near.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = name.to_lowercase();
    let letters = name.chars().count();
    let most = if letters < 3 { 0 } else { (letters / 5).max(1) };
    let distances = known.into_iter().map(|known| {
        let distance = strsim::osa_distance(&lower, &known.to_lowercase());
        (distance, known)
    });
    let (distance, nearest) = distances.min()?;
    (distance <= most && !name.is_empty()).then_some(nearest)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn close_names_only() {
        let known = [
            "ExternalClientApplication",
            "NamedCredential",
            "Profile",
            "isFirstPartyAppEnabled",
            "label",
            "my_lab_obs",
            "Api",
        ];
        for (name, expected) in [
            (
                "ExternalClientAplication",
                Some("ExternalClientApplication"),
            ),
            ("NamedCredentials", Some("NamedCredential")),
            ("profil", Some("Profile")),
            ("isFirstPartyAppsEnabled", Some("isFirstPartyAppEnabled")),
            ("lable", Some("label")),
            ("API", Some("Api")),
            ("Apo", Some("Api")),
            ("my_lab_app", None),
            ("ConnectedApp", None),
            ("File", None),
            ("Ai", None),
            ("", None),
        ] {
            assert_eq!(nearest(name, known), expected, "{name}");
        }
    }
}
