//! Names of entries that this org refuses, because computers disagree about which file they are.
//!
//! Salesforce does not document any of this; the org is strict so that a package that it takes is
//! one that every system unpacks alike.

use icu_normalizer::DecomposingNormalizerBorrowed;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// What is wrong with a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error, Serialize, Deserialize)]
pub(crate) enum BadName {
    #[error("has control characters or invisible ones")]
    Unseen,
    #[error("has a part that ends with a dot or a space")]
    LastCharacter,
    #[error("has a part that Windows reserves for a device")]
    Reserved,
}

/// Devices of Windows (Microsoft, "Naming Files, Paths, and Namespaces"); those with a number have
/// one of 0 to 9, also as a superscript.
const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "conin$", "conout$"];
const NUMBERED_DEVICES: [&str; 2] = ["com", "lpt"];

/// Ranges of characters that show nothing, or turn the direction of what follows.
const UNSEEN: [(char, char); 11] = [
    ('\u{ad}', '\u{ad}'),
    ('\u{34f}', '\u{34f}'),
    ('\u{61c}', '\u{61c}'),
    ('\u{180b}', '\u{180f}'),
    ('\u{200b}', '\u{200f}'),
    ('\u{2028}', '\u{202e}'),
    ('\u{2060}', '\u{206f}'),
    ('\u{fe00}', '\u{fe0f}'),
    ('\u{feff}', '\u{feff}'),
    ('\u{fff9}', '\u{fffb}'),
    ('\u{e0000}', '\u{e0fff}'),
];

impl BadName {
    /// The problem of a path in the root, if it has one.
    pub(crate) fn find(path: &str) -> Option<Self> {
        let is_unseen = |c: char| {
            c.is_control()
                || UNSEEN
                    .iter()
                    .any(|(first, last)| (*first..=*last).contains(&c))
        };
        if path.contains(is_unseen) {
            return Some(Self::Unseen);
        }
        path.trim_end_matches('/').split('/').find_map(|part| {
            if part.ends_with('.') || part.ends_with(' ') {
                Some(Self::LastCharacter)
            } else {
                is_reserved(part).then_some(Self::Reserved)
            }
        })
    }
}

/// With any extension, and any spaces before it.
fn is_reserved(part: &str) -> bool {
    let name = part.split_once('.').map_or(part, |(name, _)| name);
    let name = name.trim_end().to_lowercase();
    DEVICES.contains(&name.as_str())
        || NUMBERED_DEVICES.iter().any(|device| {
            let number = name.strip_prefix(device).map(|rest| rest.chars().collect());
            matches!(
                number.unwrap_or(Vec::new())[..],
                ['0'..='9' | '¹' | '²' | '³']
            )
        })
}

/// Equal for paths that differ in case (`ß` and `SS`, too) or in Unicode normalization only.
pub(crate) fn identity(path: &str) -> String {
    let decomposed = DecomposingNormalizerBorrowed::new_nfd();
    let path = decomposed.normalize(path.trim_end_matches('/'));
    let upper: String = path
        .chars()
        .flat_map(char::to_lowercase)
        .flat_map(char::to_uppercase)
        .collect();
    decomposed.normalize(&upper).into_owned()
}
