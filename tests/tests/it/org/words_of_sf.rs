//! Options of the Salesforce CLI that `eca deploy` and `eca retrieve` take.

use eca_tests::{run_with, storefront_copy};
use serde_json::Value;

use crate::embedded::EmbeddedOrg;

const PACKAGE: &str = "<Package xmlns=\"http://soap.sforce.com/2006/04/metadata\"><types><members>*</members><name>ExternalClientApplication</name></types><version>66.0</version></Package>";

const APPS: &str = "force-app/main/default/externalClientApps";

#[test]
fn a_part_of_the_project() {
    let org = EmbeddedOrg::start();
    let project = storefront_copy();
    let root = project.path();
    org.seed(root);
    std::fs::write(root.join("some.xml"), PACKAGE).unwrap();
    let (app, settings) = ("ExternalClientApplication", "ExtlClntAppOauthSettings:*");
    let run = |line: &[&str]| -> Value {
        let run = run_with(root, line, org.environment());
        assert_eq!(run.code, 0, "{run:?}");
        run.json()
    };
    for (options, components) in [
        (&[][..], 9),
        (&["-m", "ExternalClientApplication:Storefront"], 1),
        (&["-m", app, "--metadata", settings], 2),
        (&["-d", APPS], 1),
        (&["-x", "some.xml"], 1),
    ] {
        let deploy = [&["deploy", "--dry-run", "--json", "-w", "10"], options].concat();
        let deployed = run(&deploy);
        assert_eq!(deployed["check_only"], true, "{options:?}");
        assert_eq!(deployed["components_total"], components, "{options:?}");
        let retrieved = run(&[&["retrieve", "--json", "-w", "10"], options].concat());
        assert_eq!(retrieved["unchanged"], components, "{options:?}");
    }
}

#[test]
fn an_org_by_its_name() {
    let org = EmbeddedOrg::start();
    let project = storefront_copy();
    let url = org.instance_url();
    let auth = "{ method = 'access-token', access-token = 'env:TOKEN' }";
    let config = format!("[orgs.local]\ninstance-url = '{url}'\nauth = {auth}\n");
    std::fs::write(project.path().join("eca.toml"), config).unwrap();
    for option in ["--org", "--target-org"] {
        let environment = [("TOKEN", org.token()), ("ECA_TRUST_CONFIG", "1")];
        let listed = run_with(project.path(), &["list", option, "local"], environment);
        assert_eq!(listed.code, 0, "{listed:?}");
    }
}
