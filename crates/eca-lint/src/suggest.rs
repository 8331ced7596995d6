//! "Did you mean": the known name that is nearest to a misspelt one.

pub(crate) use eca_model::schema::nearest_name as nearest;

/// [`nearest`] as a sentence for a finding's help.
pub(crate) fn did_you_mean<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<String> {
    nearest(word, candidates).map(|name| format!("did you mean {name}?"))
}
