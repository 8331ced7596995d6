//! How the file of a package is made from the local one, as often as it is needed.

use std::hash::{DefaultHasher, Hasher as _};
use std::io;

use eca_model::text::SecretText;

/// What was decided about one file when the package was made. Holds no content but what the package
/// has in place of the local one, so that a package of many files is small until it is sent.
#[derive(Debug, Default)]
pub(super) struct Recipe {
    /// Of the local content. A file that is another one by now must not be cut at the old places.
    digest: u64,
    change: Option<Box<Change>>,
}

/// One piece of the local content, from the first to the last difference, and what stands there in
/// the package.
#[derive(Debug)]
struct Change {
    from: usize,
    to: usize,
    /// May be a secret that was supplied for the package.
    by: SecretText,
}

impl Recipe {
    /// A file that goes in as it is.
    pub(super) fn copy(local: &[u8]) -> Self {
        Self {
            digest: digest(local),
            change: None,
        }
    }

    /// A file that goes in as another text.
    pub(super) fn edit(local: &str, packaged: &str) -> Self {
        let same = |(a, b): &(char, char)| a == b;
        let length = |pairs: &mut dyn Iterator<Item = (char, char)>| -> usize {
            pairs.map(|(one, _)| one.len_utf8()).sum()
        };
        let from = length(&mut local.chars().zip(packaged.chars()).take_while(same));
        let (tail, packaged_tail) = (&local[from..], &packaged[from..]);
        let after = length(
            &mut tail
                .chars()
                .rev()
                .zip(packaged_tail.chars().rev())
                .take_while(same),
        );
        let by = packaged_tail[..packaged_tail.len() - after].to_owned();
        let to = local.len() - after;
        Self {
            digest: digest(local.as_bytes()),
            change: (from < to || !by.is_empty()).then(|| {
                Box::new(Change {
                    from,
                    to,
                    by: by.into(),
                })
            }),
        }
    }

    /// The content for the package.
    ///
    /// # Errors
    /// When the local content is not what it was; the error names `path`.
    pub(super) fn make(&self, path: &str, local: Vec<u8>) -> io::Result<Vec<u8>> {
        if digest(&local) != self.digest {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                format!("{path} was changed after the package was made"),
            ));
        }
        let Some(change) = &self.change else {
            return Ok(local);
        };
        let (before, after) = (&local[..change.from], &local[change.to..]);
        let by = change.by.expose_secret().as_bytes();
        Ok([before, by, after].concat())
    }
}

/// Tells a changed file from the same one, within one process.
fn digest(content: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(content);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_edited_text_is_made_again(local in "[aäb\n]{0,12}", packaged in "[aäb\n]{0,12}") {
            let recipe = Recipe::edit(&local, &packaged);
            let made = recipe.make("x", local.as_bytes().into()).unwrap();
            prop_assert_eq!(made, packaged.as_bytes());
        }
    }

    #[test]
    fn another_file_is_refused() {
        let recipe = Recipe::copy(b"one");
        assert_eq!(recipe.make("x", b"one".into()).unwrap(), &b"one"[..]);
        let error = recipe.make("certs/A.crt", b"two".into()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "certs/A.crt was changed after the package was made"
        );
    }

    #[test]
    fn a_supplied_secret_is_not_shown() {
        let recipe = Recipe::edit("<a></a>", "<a>s3cret</a>");
        assert!(!format!("{recipe:?}").contains("s3cret"));
    }
}
