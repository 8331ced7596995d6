//! `cargo xtask schema`: compares the reflection table of `eca-model` with Salesforce's metadata
//! WSDL.

mod compare;
mod draft;
mod table;
mod versions;
mod wsdl;

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::Subcommand;
use eca_model::ApiVersion;
use fs_err as fs;

use crate::failure::Failure;

use crate::schema::compare::Difference;
use crate::schema::wsdl::Wsdl;
pub(crate) use wsdl::WsdlError;

/// The commands of `cargo xtask schema`.
#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    /// Compares types, members, values, kinds and required flags; with files of several API
    /// versions also the first and last version of each
    Check {
        /// Metadata WSDL files, of any API versions
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// Lists what eca-model adds and drops between two API versions
    Diff {
        /// The earlier version, such as 66.0 (or 66)
        earlier: ApiVersion,
        /// The later version
        later: ApiVersion,
    },
    /// Prints the Rust lines for what the WSDL has and eca-model does not
    Add {
        /// Metadata WSDL files, of any API versions
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
}

/// Runs a command; `false` when the table differs from a file.
///
/// # Errors
/// When a file cannot be read or is no metadata WSDL.
pub(crate) fn run(command: &Command) -> Result<bool, Failure> {
    let (files, is_check) = match command {
        Command::Check { files } => (files, true),
        Command::Add { files } => (files, false),
        Command::Diff { earlier, later } => {
            for line in versions::between(*earlier, *later) {
                println!("{line}");
            }
            return Ok(true);
        }
    };
    let mut wsdls = files.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    wsdls.sort_by_key(|wsdl| wsdl.version);
    let differences = differences(&wsdls);
    if !is_check {
        print!("{}", draft::render(&differences, &wsdls));
        return Ok(true);
    }
    print!("{}", table::render(&differences));
    let versions: Vec<_> = wsdls.iter().map(|wsdl| wsdl.version.to_string()).collect();
    eprintln!(
        "schema: {} in API {}",
        table::count(differences.len()),
        versions.join(", ")
    );
    Ok(differences.is_empty())
}

fn read(path: &PathBuf) -> Result<Wsdl, Failure> {
    let text = fs::read_to_string(path)?;
    Wsdl::parse(&text).map_err(|source| Failure::Wsdl {
        path: path.clone(),
        source,
    })
}

fn differences(wsdls: &[Wsdl]) -> Vec<Difference> {
    wsdls.iter().flat_map(compare::compare).collect()
}

/// The first of these versions that has an item.
fn first<'a>(wsdls: &'a [Wsdl], has: impl Fn(&'a Wsdl) -> bool) -> Option<ApiVersion> {
    let versions: BTreeSet<_> = wsdls
        .iter()
        .filter(|wsdl| has(wsdl))
        .map(|wsdl| wsdl.version)
        .collect();
    versions.first().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The types of External Client Apps, cut from the metadata WSDL 66.0.
    pub(super) const CUT: &str = include_str!("testdata/metadata-66.0.cut.wsdl");

    fn lines(text: &str) -> Vec<String> {
        let wsdl = Wsdl::parse(text).unwrap();
        let found = differences(&[wsdl]);
        found.iter().map(Difference::to_string).collect()
    }

    #[test]
    fn the_table_has_no_differences_from_the_wsdl() {
        assert_eq!(lines(CUT), [""; 0]);
    }

    #[test]
    fn every_kind_of_difference_is_found() {
        for (from, to, expected) in [
            (
                r#"name="isFirstPartyAppEnabled""#,
                r#"name="isFirstPartyAppsEnabled""#,
                &[
                    "66.0 ExtlClntAppOauthSettings.isFirstPartyAppsEnabled: xsd:boolean | nothing",
                    "66.0 ExtlClntAppOauthSettings.isFirstPartyAppEnabled: nothing | from 62.0",
                ][..],
            ),
            (
                r#"name="assetTokenValidity" minOccurs="0" type="xsd:int""#,
                r#"name="assetTokenValidity" minOccurs="0" type="xsd:string""#,
                &["66.0 ExtlClntAppOauthSettings.assetTokenValidity: xsd:string | an integer"],
            ),
            (
                r#"name="trustedIpRanges" minOccurs="0" maxOccurs="unbounded""#,
                r#"name="trustedIpRanges" minOccurs="0""#,
                &["66.0 ExtlClntAppOauthSettings.trustedIpRanges: one | a list"],
            ),
            (
                r#"<xsd:element name="isFullContent" type"#,
                r#"<xsd:element name="isFullContent" minOccurs="0" type"#,
                &["66.0 ExtlClntAppPushConfigurablePolicies.isFullContent: optional | required"],
            ),
            (
                r#"value="AdminApprovedPreAuthorized""#,
                r#"value="AdminApproved""#,
                &[
                    "66.0 PermittedUsersPolicyType=AdminApproved: a value | nothing",
                    "66.0 PermittedUsersPolicyType=AdminApprovedPreAuthorized: nothing | a value",
                ],
            ),
            (
                r#"complexType name="ExtlClntAppCanvasSettings""#,
                r#"complexType name="ExtlClntAppCanvasses""#,
                &[
                    "66.0 ExtlClntAppCanvasSettings: nothing | from 66.0",
                    "66.0 ExtlClntAppCanvasses: a type | nothing",
                ],
            ),
        ] {
            assert!(CUT.contains(from), "{from}");
            assert_eq!(lines(&CUT.replacen(from, to, 1)), expected, "{to}");
        }
    }

    #[test]
    fn versions_are_compared_too() {
        let older = lines(&CUT.replace("m/66.0", "m/61.0"));
        for expected in [
            "61.0 ExtlClntAppCanvasSettings: a type | from 66.0",
            "61.0 ExtlClntAppOauthSettings.clientAssertionCertificate: xsd:string | from 62.0",
            "61.0 ExtlClntAppDistState=AutoInstalled: a value | from 62.0",
            "61.0 ExtlClntAppOauthConfigurablePolicies.isNamedUserJwtEnabled: nothing | from 61.0 to 63.0",
        ] {
            assert!(
                older.iter().any(|line| line == expected),
                "{expected}\n{older:#?}"
            );
        }
    }

    /// Several files in one run, in any order: the newest has no differences, and the older one has
    /// the same as alone.
    #[test]
    fn several_files_are_checked_in_one_run() {
        let folder = tempfile::tempdir().unwrap();
        let file = |version: &str| {
            let path = folder.path().join(format!("metadata-{version}.wsdl"));
            fs::write(&path, CUT.replace("m/66.0", &format!("m/{version}"))).unwrap();
            path
        };
        let (new, old) = (file("66.0"), file("61.0"));
        let check = |files: Vec<PathBuf>| run(&Command::Check { files });
        assert!(check(vec![new.clone()]).unwrap());
        assert!(!check(vec![new.clone(), old.clone()]).unwrap());
        assert!(!check(vec![old.clone(), new.clone()]).unwrap());
        // A file that is no WSDL stops the run. The error names it.
        let nowhere = folder.path().join("nowhere.wsdl");
        let refused = check(vec![new.clone(), nowhere]).unwrap_err().to_string();
        assert!(refused.contains("nowhere.wsdl"), "{refused}");

        let wsdls: Vec<_> = [&new, &old].map(|path| read(path).unwrap()).into();
        let found: Vec<_> = differences(&wsdls)
            .iter()
            .map(Difference::to_string)
            .collect();
        assert_eq!(found, lines(&CUT.replace("m/66.0", "m/61.0")));
        let label = first(&wsdls, |wsdl| wsdl.version.to_string() == "61.0");
        assert_eq!(
            label,
            Some(wsdls[1].version),
            "the first version over all files"
        );
    }
}
