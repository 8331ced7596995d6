//! "Did you mean": the known name that is nearest to a misspelt one.

/// The candidate nearest to `word`, if one is near enough to be the intended one.
///
/// Case is ignored, so `api` finds `Api`. Otherwise a third of the letters may differ.
pub(crate) fn nearest<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let word = word.to_lowercase();
    let limit = (word.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .map(|candidate| {
            (
                strsim::damerau_levenshtein(&word, &candidate.to_lowercase()),
                candidate,
            )
        })
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// [`nearest`] as a sentence for a finding's help.
pub(crate) fn did_you_mean<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<String> {
    nearest(word, candidates).map(|name| format!("did you mean {name}?"))
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn finds_what_was_meant_and_nothing_else() {
        let names = ["isFirstPartyAppEnabled", "isPkceRequired", "label"];
        assert_eq!(
            nearest("isFirstPartyAppsEnabled", names),
            Some("isFirstPartyAppEnabled")
        );
        assert_eq!(nearest("ispkcerequired", names), Some("isPkceRequired"));
        assert_eq!(nearest("lable", names), Some("label"));
        assert_eq!(nearest("certificate", names), None);
        assert_eq!(nearest("", names), None);
    }
}
