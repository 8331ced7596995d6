//! The likely causes of a refusal.
//!
//! Salesforce answers many mistakes with the same few errors. This table maps flow, `error` and
//! `error_description` to likely causes, the likeliest first, each with a check that a program can
//! run and one fix. It does not replace the org's error: show both.

mod causes;
mod table;

use crate::error::Error;
use crate::step::StepKind;

/// A likely cause of a refusal.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Cause {
    /// A name that stays the same, such as `audience`.
    pub id: &'static str,
    /// What is probably wrong.
    pub why: &'static str,
    /// How a program can find out.
    pub check: Check,
    /// The one thing to do.
    pub fix: &'static str,
}

/// A check that a program can run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Check {
    /// Decode the client's JWT: algorithm, `iss`, `sub`, `exp` in seconds.
    Assertion,
    /// Whether the private key is that of the certificate.
    KeyMatchesCertificate,
    /// Whether the certificate is the one in the project's metadata.
    CertificateRegistered,
    /// Whether `aud` fits the kind of org.
    Audience,
    /// The local clock against the `Date` header of the org.
    Clock,
    /// What kind of host the requests go to.
    Host,
    /// Whether the requested scopes are selected on the app.
    Scopes,
    /// Whether the org has the app.
    AppPresent,
    /// Whether the app's policies pre-authorise the user.
    Preauthorization,
    /// Whether id and secret have the shape of a consumer's.
    Client,
    /// Whether the challenge profile is that of the org.
    Profile,
    /// Whether the app's settings have the flow switched on.
    Flow,
    /// Whether the app's policies name a run-as user.
    RunAsUser,
    /// Whether the redirect URI is one of the app's callback URLs.
    Redirect,
    /// Whether the site serves the endpoint at all.
    Site,
    /// Whether the integration user's token is valid.
    Gate,
    /// Send a new request with a new assertion, code or password. If it succeeds, one of them was
    /// used up or mistyped; if it is refused with the same error, that error is the cause.
    Retry,
}

/// Every cause that is known.
pub fn all() -> &'static [Cause] {
    causes::ALL
}

/// Likely causes of `error`, the likeliest first; empty when nothing is known about it.
pub fn causes(error: &Error) -> &'static [Cause] {
    match (error.step(), error.oauth()) {
        (Some(step), Some(oauth)) => causes_of(
            step.kind(),
            oauth.code(),
            oauth.description().unwrap_or_default(),
        ),
        (Some(step), None) if matches!(error, Error::Unreadable { .. }) => {
            table::unreadable(step.kind())
        }
        _ => &[],
    }
}

/// Puts causes whose check has passed behind the others, each in the order of before. None is left
/// out: a check of the files and of this machine does not see the org.
pub fn rank(causes: &[Cause], has_passed: impl Fn(Check) -> bool) -> Vec<&Cause> {
    let (less_likely, likely): (Vec<_>, Vec<_>) =
        causes.iter().partition(|cause| has_passed(cause.check));
    likely.into_iter().chain(less_likely).collect()
}

/// Likely causes of this refusal.
pub fn causes_of(flow: StepKind, code: &str, description: &str) -> &'static [Cause] {
    let description = normalized(description);
    table::ROWS
        .iter()
        .find(|row| {
            (row.flows.is_empty() || row.flows.contains(&flow))
                && (row.codes.is_empty() || row.codes.contains(&code))
                && description.contains(row.description)
        })
        .map_or(&[], |row| row.causes)
}

/// One space between words, plain apostrophes, lower case.
fn normalized(text: &str) -> String {
    let squeezed: Vec<_> = text.split_whitespace().collect();
    squeezed
        .join(" ")
        .replace(['\u{2018}', '\u{2019}'], "'")
        .to_ascii_lowercase()
}

/// The likely causes in a text, such as the body of a response or a line of a log, when the flow is
/// not known: for each group of flows in which the table has an entry. A group without flows
/// stands for all of them.
pub fn causes_in(text: &str) -> Vec<(&'static [StepKind], &'static [Cause])> {
    let text = normalized(text);
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let has_word = |word: &str| text.split(|c| !is_word(c)).any(|part| part == word);
    let names_code = |row: &table::Row| {
        let mut codes = row.codes.iter();
        codes.any(|code| has_word(&code.to_ascii_lowercase()))
    };
    let mut rows: Vec<&table::Row> = Vec::new();
    for row in table::ROWS {
        // A sentence says enough without its code; a single word, such as "audience", does not.
        let is_sentence = row.description.contains([' ', '_']);
        let is_meant = if row.codes.is_empty() {
            is_sentence
        } else {
            let words = row.description.split(' ').count();
            names_code(row) || (is_sentence && (row.flows.is_empty() || words > 2))
        };
        // The first row that fits a flow decides for that flow.
        let decided = |flow: Option<&StepKind>| {
            rows.iter().any(|earlier| {
                earlier.flows.is_empty() || flow.is_some_and(|flow| earlier.flows.contains(flow))
            })
        };
        let open = match row.flows {
            [] => !decided(None),
            flows => flows.iter().any(|flow| !decided(Some(flow))),
        };
        if is_meant && text.contains(row.description) && open {
            rows.push(row);
        }
    }
    // A description is more specific than a code.
    let has_description = rows.iter().any(|row| !row.description.is_empty());
    rows.retain(|row| !has_description || !row.description.is_empty());
    rows.into_iter()
        .map(|row| (row.flows, row.causes))
        .collect()
}
