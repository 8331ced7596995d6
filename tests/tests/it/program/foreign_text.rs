//! Text of an org, of files and of names reaches neither a terminal nor a CI as something else than
//! text.

use std::fs;

use eca_tests::{FakeOrg, Run, configure, run, run_with, storefront_copy};
use serde_json::json;

/// Sets the clipboard and the title, colours, deletes, hides, reverses, and gives orders to the CIs
/// of GitHub and Azure.
pub(crate) const HOSTILE: &str = "boom\n::error::pwned\n  ::stop-commands::x\n##[error]pwned \
    ##vso[task.setvariable variable=a]pwned\u{1b}]52;c;eA==\u{7}\u{1b}[31m\u{9b}31m\u{7f}\r\u{202e}\u{200b}\u{feff}";

/// The characters of [`HOSTILE`] that XML 1.0 allows.
fn hostile_xml() -> String {
    HOSTILE.replace(['\u{1b}', '\u{7}'], "")
}

pub(crate) fn check(arguments: &[&str], run: &Run) {
    for (stream, text) in [("stdout", &run.stdout), ("stderr", &run.stderr)] {
        let is_raw = |c: char| {
            c.is_control() && c != '\n' || matches!(c, '\u{202e}' | '\u{200b}' | '\u{feff}')
        };
        assert!(!text.contains(is_raw), "{arguments:?} {stream}: {text:?}");
        let orders = |line: &&str| {
            line.trim_start().starts_with("::") || line.contains("##[") || line.contains("##vso[")
        };
        let order = text.lines().find(orders);
        assert_eq!(order, None, "{arguments:?} {stream}: {text}");
        // Nor is a line of foreign text a line of its own.
        let forged = text.lines().find(|line| line.starts_with(r"\u{3a}"));
        assert_eq!(forged, None, "{arguments:?} {stream}: {text}");
    }
}

#[test]
fn words_of_an_org() {
    let soap = format!(
        "<soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\"><soapenv:Body>\
         <soapenv:Fault><faultcode>sf:UNKNOWN_EXCEPTION</faultcode><faultstring>{}</faultstring>\
         </soapenv:Fault></soapenv:Body></soapenv:Envelope>",
        hostile_xml()
    );
    let org = FakeOrg::start(move |request, _| {
        if request.path.contains("/Soap/") {
            return (500, soap.clone());
        }
        let rest = json!([{"errorCode": HOSTILE, "message": HOSTILE}]);
        (400, rest.to_string())
    });
    let project = storefront_copy();
    let environment = [
        ("SF_ACCESS_TOKEN", "00D000000000001!LEAK"),
        ("SF_ORG_INSTANCE_URL", org.url.as_str()),
    ];
    let mut reached = 0;
    for line in [
        "list",
        "describe",
        "deploy",
        "deploy --check-only",
        "retrieve --all",
        "deploys list",
        "deploys show 0Af000000000001AAA",
        "doctor org",
    ] {
        for flags in ["", " --json", " -vvv", " --quiet"] {
            let line = format!("{line}{flags}");
            let arguments: Vec<_> = line.split(' ').collect();
            let run = run_with(project.path(), &arguments, environment);
            check(&arguments, &run);
            reached += usize::from(format!("{}{}", run.stdout, run.stderr).contains("pwned"));
        }
    }
    assert!(reached >= 12, "the org's words were shown {reached} times");
}

#[test]
fn words_of_a_token_endpoint() {
    let org = FakeOrg::start(|_, _| {
        let body = json!({"error": HOSTILE, "error_description": HOSTILE});
        (400, body.to_string())
    });
    let project = storefront_copy();
    let auth = r#"{ method = "client-credentials", client-id = "3MVG9", client-secret = "env:ECA_TEST_SECRET" }"#;
    configure(project.path(), &org.url, auth);
    for arguments in [
        &["token"][..],
        &["token", "--json"],
        &["list"],
        &["doctor", "login"],
    ] {
        let secret = [("ECA_TEST_SECRET", "LEAK-secret")];
        check(arguments, &run_with(project.path(), arguments, secret));
    }
}

#[cfg(unix)]
#[test]
fn words_of_a_checkout() {
    let project = storefront_copy();
    let app = project.path().join("force-app/main/default");
    let folder = app.join("externalClientApps/x\n::error::pwned\n##[error]pwned \u{202e}");
    fs::create_dir(&folder).unwrap();
    let text = format!(
        "<ExtlClntAppOauthSettings xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n\
         <commaSeparatedOauthScopes>{0}</commaSeparatedOauthScopes>\n\
         <externalClientApplication>{0}</externalClientApplication>\n\
         <label>{0}</label>\n</ExtlClntAppOauthSettings>\n",
        hostile_xml()
    );
    fs::write(folder.join("A\n::error::pwned.ecaOauth-meta.xml"), text).unwrap();
    fs::write(folder.join("B\n::b.ecaOauthx-meta.xml"), "").unwrap();
    let mut reached = 0;
    for line in [
        "lint",
        "lint --format short",
        "lint --format sarif",
        "lint --format gitlab",
        "lint --json",
        "fmt --check",
        "show",
        "show --json",
        "graph",
        "graph --dot",
        "graph --json",
        "package",
        "diff . force-app",
        "diff . force-app --json",
        "cert check",
    ] {
        let arguments: Vec<_> = line.split(' ').collect();
        let run = run(project.path(), &arguments);
        check(&arguments, &run);
        reached += usize::from(format!("{}{}", run.stdout, run.stderr).contains("pwned"));
    }
    assert!(reached >= 8, "the names were shown {reached} times");
}

/// The one format whose lines are orders: one for each finding, and none from a file.
#[cfg(unix)]
#[test]
fn github_commands_are_those_of_the_program() {
    let project = storefront_copy();
    let app = project.path().join("force-app/main/default");
    let name = "externalClientApps/A\n::error::pwned ##[error]pwned.eca-meta.xml";
    fs::write(app.join(name), "<x>").unwrap();
    let run = run(project.path(), &["lint", "--format", "github"]);
    assert!(run.stdout.contains("pwned"), "{}", run.stdout);
    for line in run.stdout.lines() {
        let orders = ["::error ", "::warning ", "::notice "];
        assert!(orders.iter().any(|order| line.starts_with(order)), "{line}");
        assert!(!line.contains("##["), "{line}");
    }
}

#[test]
fn refused_secrets_are_not_shown() {
    let project = storefront_copy();
    for arguments in [
        &["deploy", "--secret", "hunter2"][..],
        &["deploy", "--secret=A:b.c=hunter2"],
        &["login", "--password", "hunter2"],
        &["login", "--otp=hunter2"],
    ] {
        let run = run(project.path(), arguments);
        let shown = format!("{}{}", run.stdout, run.stderr);
        assert_eq!(run.code, 3, "{arguments:?}: {shown}");
        assert!(!shown.contains("hunter2"), "{arguments:?}: {shown}");
    }
}
