//! `sfdx-project.json`.

use serde_json::Value;

use crate::project::replacements;
use crate::project::replacements::{Declared, Replacement};
use crate::values::version::ApiVersion;

/// One of the `packageDirectories` of `sfdx-project.json`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PackageDirectory {
    /// The folder as written in the file.
    pub(crate) path: String,
    /// Whether new components go there.
    pub(crate) is_default: bool,
    /// Whether package versions are made of it.
    pub(crate) has_package: bool,
}

impl PackageDirectory {
    /// A folder that the file does not name.
    pub(crate) fn further(path: &str) -> Self {
        Self {
            path: path.to_owned(),
            is_default: false,
            has_package: false,
        }
    }
}

/// The content of a project file.
#[derive(Debug)]
pub(crate) struct ProjectFile {
    /// `sourceApiVersion`.
    pub(crate) api_version: Option<ApiVersion>,
    /// `namespace`, when there is one.
    pub(crate) namespace: Option<String>,
    /// `replacements`.
    pub(crate) replacements: Declared,
    /// `packageDirectories`, or the reason why there are none.
    pub(crate) package_directories: Result<Vec<PackageDirectory>, String>,
}

impl ProjectFile {
    pub(crate) const FILE: &str = "sfdx-project.json";

    /// The files that replacements take their values from.
    pub(crate) fn value_files(&self) -> impl Iterator<Item = &str> {
        let replacements = self.replacements.iter().flatten();
        replacements.filter_map(Replacement::value_file)
    }

    pub(crate) fn parse(bytes: &[u8]) -> Self {
        // PowerShell writes a byte order mark, which is not JSON.
        let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        match serde_json::from_slice::<Value>(bytes) {
            Ok(json) => Self {
                api_version: json
                    .get("sourceApiVersion")
                    .and_then(|version| version.as_str()?.parse().ok()),
                namespace: json
                    .get("namespace")
                    .and_then(Value::as_str)
                    .filter(|namespace| !namespace.is_empty())
                    .map(str::to_owned),
                replacements: replacements::parse(&json),
                package_directories: package_directories(&json).map_err(str::to_owned),
            },
            Err(error) => Self {
                api_version: None,
                namespace: None,
                replacements: Ok(Vec::new()),
                package_directories: Err(error.to_string()),
            },
        }
    }
}

fn package_directories(json: &Value) -> Result<Vec<PackageDirectory>, &'static str> {
    let list = json.get("packageDirectories").and_then(Value::as_array);
    let list = list.ok_or("it has no list `packageDirectories`")?;
    let directory = |entry: &Value| {
        Some(PackageDirectory {
            path: entry.get("path")?.as_str()?.to_owned(),
            is_default: entry.get("default").and_then(Value::as_bool) == Some(true),
            has_package: entry.get("package").is_some_and(Value::is_string),
        })
    };
    let directories: Option<Vec<_>> = list.iter().map(directory).collect();
    let directories = directories.ok_or("an entry of `packageDirectories` has no text `path`")?;
    if directories.is_empty() {
        return Err("`packageDirectories` is empty");
    }
    Ok(directories)
}
