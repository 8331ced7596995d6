//! Projects as text.

use std::time::{Duration, SystemTime};

use eca_lint::{Options, Profile};
use eca_model::{Position, Project};

/// The files of an app with OAuth settings.
pub(crate) const APP: &str = "-- externalClientApps/Shop.eca
<ExternalClientApplication>
    <label>Shop</label>
</ExternalClientApplication>
-- extlClntAppOauthSettings/Shop.ecaOauth
<ExtlClntAppOauthSettings>
    <commaSeparatedOauthScopes>Api, RefreshToken</commaSeparatedOauthScopes>
    <externalClientApplication>Shop</externalClientApplication>
</ExtlClntAppOauthSettings>
";

/// 2027-01-01, the time of every test.
pub(crate) fn options() -> Options {
    Options::new(SystemTime::UNIX_EPOCH + Duration::from_hours(499_656))
}

pub(crate) fn first_party() -> Options {
    options().with_profile(Profile::FirstParty)
}

/// Where `$0` stands.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    pub(crate) path: String,
    pub(crate) position: Position,
}

/// A project from files that start with a line `-- path`. `$0` marks places, a root element gets
/// the metadata namespace, and `@cert:NAME@` is replaced by a certificate.
pub(crate) fn project(text: &str) -> (Project, Vec<Mark>) {
    let mut marks = Vec::new();
    let mut entries = Vec::new();
    for file in format!("\n{text}").split("\n-- ").skip(1) {
        let (path, content) = file.split_once('\n').expect("a path and a file");
        let mut content = content.to_owned();
        while let Some(offset) = content.find("$0") {
            content.replace_range(offset..offset + 2, "");
            marks.push(Mark {
                path: path.to_owned(),
                position: Position::from_offset(&content, offset),
            });
        }
        if let (true, Some(end)) = (content.starts_with('<'), root_tag_end(&content)) {
            let end = if content[..end].ends_with('/') {
                end - 1
            } else {
                end
            };
            content.insert_str(end, " xmlns=\"http://soap.sforce.com/2006/04/metadata\"");
        }
        for (name, body) in CERTIFICATES {
            content = content.replace(&format!("@cert:{name}@"), body.trim());
        }
        entries.push((path.to_owned(), content.into_bytes()));
    }
    (Project::from_entries(entries), marks)
}

/// Where the start tag of the root element ends; comments may stand before it.
fn root_tag_end(content: &str) -> Option<usize> {
    let after = content.rfind("-->\n<").map_or(0, |comment| comment + 4);
    let start = if content.starts_with("<!--") {
        after
    } else {
        0
    };
    content[start..].find('>').map(|end| start + end)
}

/// Made by `cargo xtask fixtures`. Valid for 100 years, but for those that say otherwise.
pub(crate) const CERTIFICATES: &[(&str, &str)] = &[
    ("rsa-2048", include_str!("certificates/rsa-2048.txt")),
    ("rsa-1024", include_str!("certificates/rsa-1024.txt")),
    ("p-256", include_str!("certificates/p-256.txt")),
    ("expired", include_str!("certificates/expired.txt")),
    (
        "expires-soon",
        include_str!("certificates/expires-soon.txt"),
    ),
    ("over-4-kb", include_str!("certificates/over-4-kb.txt")),
];
