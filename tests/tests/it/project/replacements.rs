//! The `replacements` of `sfdx-project.json`: filled in by package, deploy and lint, with positions
//! in the files as they are.

use std::fs;
use std::path::Path;

use eca_tests::{Run, run, run_with};
use serde_json::{Value, json};

use crate::embedded::EmbeddedOrg;

const HEADER: &str = "force-app/main/default/externalClientApps/Shop.eca-meta.xml";
const SETTINGS: &str = "force-app/main/default/extlClntAppOauthSettings/Shop.ecaOauth-meta.xml";
const GLOBAL: &str = "force-app/main/default/extlClntAppGlobalOauthSets/Shop.ecaGlblOauth-meta.xml";

/// A project with these replacements, and members of the global OAuth settings.
fn project(replacements: &Value, members: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let sfdx = json!({
        "packageDirectories": [{ "path": "force-app", "default": true }],
        "sourceApiVersion": "66.0",
        "replacements": replacements,
    });
    let app = "<externalClientApplication>Shop</externalClientApplication>";
    // In the order of an org: what is before the app's name, and what follows.
    let (first, rest) = members.split_once('\n').unwrap_or((members, ""));
    for (path, kind, members) in [
        (HEADER, "ExternalClientApplication", ""),
        (SETTINGS, "ExtlClntAppOauthSettings", app),
        (
            GLOBAL,
            "ExtlClntAppGlobalOauthSettings",
            &format!("{first}\n    {app}\n{rest}"),
        ),
    ] {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let text = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{kind} xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n    {members}\n    <label>Shop</label>\n</{kind}>\n"
        );
        fs::write(path, text).unwrap();
    }
    fs::write(folder.path().join("sfdx-project.json"), sfdx.to_string()).unwrap();
    fs::write(folder.path().join("value.txt"), "https://file.example/cb").unwrap();
    fs::write(folder.path().join("large.txt"), " ".repeat(8 << 20)).unwrap();
    folder
}

/// The packaged global OAuth settings, or the run that refused.
fn packaged(root: &Path, environment: &[(&str, &str)]) -> Result<String, Run> {
    let run = run_with(
        root,
        &["package", "--output", "x.zip"],
        environment.iter().copied(),
    );
    if run.code != 0 {
        return Err(run);
    }
    let mut zip = zip::ZipArchive::new(fs::File::open(root.join("x.zip")).unwrap()).unwrap();
    let file = zip
        .by_name("extlClntAppGlobalOauthSets/Shop.ecaGlblOauth")
        .unwrap();
    Ok(std::io::read_to_string(file).unwrap())
}

#[test]
fn what_a_package_holds() {
    let url = "<callbackUrl>%%URL%%</callbackUrl>";
    let glob = |more: Value| {
        let mut entry = json!({ "glob": "force-app/**", "stringToReplace": "%%URL%%" });
        let members = entry.as_object_mut().unwrap();
        members.extend(more.as_object().unwrap().clone());
        json!([entry])
    };
    let env = || json!({ "replaceWithEnv": "URL" });
    let when =
        json!({ "replaceWithEnv": "URL", "replaceWhenEnv": [{ "env": "TO", "value": "prod" }] });
    let a = ("URL", "https://a.example/cb");
    for (replacements, environment, expected) in [
        (
            glob(env()),
            &[a][..],
            "<callbackUrl>https://a.example/cb</callbackUrl>",
        ),
        (
            glob(json!({ "replaceWithFile": "value.txt" })),
            &[],
            "https://file.example/cb",
        ),
        (
            glob(json!({ "replaceWithFile": "./value.txt" })),
            &[],
            "https://file.example/cb",
        ),
        (
            glob(json!({ "replaceWithEnv": "URL", "allowUnsetEnvVariable": true })),
            &[],
            "<callbackUrl></callbackUrl>",
        ),
        (
            glob(when.clone()),
            &[a, ("TO", "prod")],
            "https://a.example/cb",
        ),
        (
            json!([{ "filename": GLOBAL, "regexToReplace": "%%[A-Z]+%%", "replaceWithEnv": "URL" }]),
            &[a],
            "https://a.example/cb",
        ),
        // Refused, with file, line and column.
        (
            glob(env()),
            &[],
            "3:18: sfdx-project.json fills %%URL%% in from the environment variable URL, which is not set",
        ),
        (
            glob(when),
            &[a, ("TO", "test")],
            "3:5: nothing fills in %%URL%%",
        ),
        (
            glob(json!({ "replaceWithFile": "absent.txt" })),
            &[],
            "the file absent.txt, which is not in the project",
        ),
        // A few bytes of a stranger's file would become gigabytes.
        (
            json!([{ "glob": "force-app/**", "stringToReplace": "l", "replaceWithFile": "large.txt" }]),
            &[],
            "Shop.eca-meta.xml: with the values of sfdx-project.json the file is larger than 16 MiB",
        ),
        (
            json!(vec![
                json!({ "glob": "**", "stringToReplace": "%", "replaceWithEnv": "A" });
                1001
            ]),
            &[],
            "replacements[1000] is one too many: at most 1000 replacements are read",
        ),
        (
            json!([{ "glob": "**", "regexToReplace": "\\w{1000}", "replaceWithEnv": "A" }]),
            &[],
            "replacements[0] has an invalid regexToReplace: Compiled regex exceeds size limit",
        ),
        (
            json!([{ "glob": "**" }]),
            &[],
            "replacements[0] needs either stringToReplace or regexToReplace",
        ),
        (
            json!([{ "glob": "other/**", "stringToReplace": "%%URL%%", "replaceWithEnv": "URL" }]),
            &[a],
            "<callbackUrl>%%URL%%</callbackUrl>",
        ),
    ] {
        let project = project(&replacements, url);
        let said = match packaged(project.path(), environment) {
            Ok(text) => text,
            Err(run) => {
                assert_eq!(run.code, 3, "{run:?}");
                run.stderr
            }
        };
        assert!(said.contains(expected), "{replacements}: {said}");
    }
}

#[test]
fn a_placeholder_that_nothing_declares_is_found() {
    let project = project(&json!([]), "<callbackUrl>https://${HOST}/cb</callbackUrl>");
    let root = project.path();
    let refused = packaged(root, &[("HOST", "a.example")]).unwrap_err();
    assert_eq!(refused.code, 3, "{refused:?}");
    let words = format!("{GLOBAL}:3:5: nothing fills in ${{HOST}}");
    assert!(refused.stderr.contains(&words), "{refused:?}");
    let lint = run(root, &["lint", "--format", "short"]);
    assert_eq!(lint.code, 1, "{lint:?}");
    let words = format!("{GLOBAL}:3:5: error ECA1405 unfilled-value: nothing fills in ${{HOST}}");
    assert!(lint.stdout.contains(&words), "{lint:?}");
}

#[test]
fn positions_are_those_of_the_files() {
    let declared = json!([
        { "glob": "force-app/**", "stringToReplace": "%%URL%%", "replaceWithEnv": "URL" },
        { "glob": "force-app/**", "stringToReplace": "%%PKCE%%", "replaceWithEnv": "PKCE" },
    ]);
    let members =
        "<callbackUrl>%%URL%%</callbackUrl>\n    <isPkceRequired>%%PKCE%%</isPkceRequired>";
    let project = project(&declared, members);
    let root = project.path();
    // Without values, there is nothing to say about them.
    let lint = run(root, &["lint"]);
    assert_eq!(lint.code, 0, "{lint:?}");
    assert!(
        lint.stderr.contains("0 errors, 0 warnings: clean"),
        "{lint:?}"
    );
    // The value has two lines, the file one.
    let urls = ("URL", "https://a.example/cb\nhttp://b.example/cb");
    let environment = [urls, ("PKCE", "maybe")];
    // A stranger's file does not choose which variables are read and shown.
    let lint = run_with(root, &["lint"], environment);
    assert_eq!(lint.code, 0, "{lint:?}");
    let lint = ["lint", "--environment", "--format", "short"];
    let lint = run_with(root, &lint, environment);
    for words in [
        format!("{GLOBAL}:3:5: warning ECA1203"),
        format!("{GLOBAL}:5:5: error ECA1006"),
    ] {
        assert!(lint.stdout.contains(&words), "{words}: {lint:?}");
    }
    // The text shows the file, and no value of the environment.
    let text = run_with(root, &["lint", "--environment"], environment);
    assert!(
        text.stdout.contains("5 |     <isPkceRequired>%%PKCE%%"),
        "{text:?}"
    );
    let org = EmbeddedOrg::start();
    let connection = org.environment();
    let connection = connection
        .iter()
        .map(|(name, value)| (*name, value.as_str()));
    let deploy = run_with(root, &["deploy"], connection.chain(environment));
    assert_eq!(deploy.code, 1, "{deploy:?}");
    let printed = format!("{}{}", deploy.stdout, deploy.stderr);
    assert!(printed.contains(&format!("{GLOBAL}:5:5")), "{printed}");
}

/// The values of an org come after the replacements: none of them is replaced, and positions stay
/// those of the file.
#[test]
fn the_values_of_an_org_come_afterwards() {
    let declared = json!([
        { "glob": "force-app/**", "stringToReplace": "%%URL%%", "replaceWithEnv": "URL" },
        { "glob": "force-app/**", "stringToReplace": "%%PKCE%%", "replaceWithEnv": "PKCE" },
    ]);
    let members =
        "<callbackUrl>%%URL%%</callbackUrl>\n    <isPkceRequired>%%PKCE%%</isPkceRequired>";
    let project = project(&declared, members);
    let root = project.path();
    let config = |callback: &str| {
        let text = format!(
            "[orgs.prod]\ninstance-url = \"https://acme.my.salesforce.com\"\nauth = {{ method = \"sf\" }}\n\
             [orgs.prod.values.Shop]\ncallbackUrl = {callback}\n"
        );
        fs::write(root.join("eca.toml"), text).unwrap();
    };
    let package = |environment: &[(&str, &str)]| {
        let line = ["package", "--org", "prod", "--output", "x.zip"];
        run_with(root, &line, environment.iter().copied())
    };
    config(r#"["https://a.example/cb", "https://b.example/cb"]"#);
    let environment = [("URL", "https://env.example/cb"), ("PKCE", "true")];
    let packaged = package(&environment);
    assert_eq!(packaged.code, 0, "{packaged:?}");
    // What the value replaces was filled in before, and had to be there.
    let refused = package(&environment[1..]);
    assert_eq!(refused.code, 3, "{refused:?}");
    assert!(
        refused.stderr.contains("URL, which is not set"),
        "{refused:?}"
    );
    // A value is sent as it is written, so that no replacement fills it in.
    config(r#"["https://a.example/%%URL%%"]"#);
    let refused = package(&environment);
    assert_eq!(refused.code, 3, "{refused:?}");
    let words = format!("{GLOBAL}:3:5: nothing fills in %%URL%%");
    assert!(refused.stderr.contains(&words), "{refused:?}");
    // The values have two lines, the file one.
    config(r#"["https://a.example/cb", "http://b.example/cb"]"#);
    let line = "lint --org prod --environment --format short";
    let line: Vec<_> = line.split(' ').collect();
    let environment = [("URL", "https://env.example/cb"), ("PKCE", "maybe")];
    let report = run_with(root, &line, environment);
    for words in [
        format!("{GLOBAL}:3:5: warning ECA1203"),
        "[value of eca.toml:5]".to_owned(),
        format!("{GLOBAL}:5:5: error ECA1006"),
    ] {
        assert!(report.stdout.contains(&words), "{words}: {report:?}");
    }
    let text = run_with(root, &line[..4], environment);
    let shown = "3 |     <callbackUrl>%%URL%%";
    assert!(text.stdout.contains(shown), "{text:?}");
    let shown = run(root, &["show", "--org", "prod"]);
    let words = "http://b.example/cb  [eca.toml:5]";
    assert!(shown.stdout.contains(words), "{shown:?}");
}
