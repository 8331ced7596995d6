//! References between components, and their resolution.

use eca_model::{Graph, Project};
use expect_test::{Expect, expect};

use crate::XMLNS;

/// A project of files, each `path` with the members of its root element.
fn project(files: &[(&str, &str, &str)]) -> Project {
    Project::from_entries(files.iter().map(|(path, root, members)| {
        let text = format!("<{root} {XMLNS}>\n{members}\n</{root}>\n");
        ((*path).to_owned(), text.into_bytes())
    }))
}

fn check(files: &[(&str, &str, &str)], expected: &Expect) {
    let project = project(files);
    let lines: Vec<_> = project
        .references()
        .iter()
        .map(|r| {
            format!(
                "{}:{} {} -> {} ({})\n",
                r.file, r.position, r.path, r.target, r.resolution
            )
        })
        .collect();
    expected.assert_eq(&lines.concat());
}

const POLICIES: (&str, &str, &str) = (
    "p/Shop.ecaOauthPlcy",
    "ExtlClntAppOauthConfigurablePolicies",
    "<apexHandler>Hook</apexHandler>\n<commaSeparatedPermissionSet> Shopper,Gone,\nacme__Buyer,${SET}</commaSeparatedPermissionSet>\n<externalClientApplication>Shop</externalClientApplication>",
);
const SHOPPER: (&str, &str, &str) = (
    "p/Shopper.permissionset",
    "PermissionSet",
    "<externalCredentialPrincipalAccesses><externalCredentialPrincipal>Erp-Web-Shop</externalCredentialPrincipal></externalCredentialPrincipalAccesses>\n<externalCredentialPrincipalAccesses><externalCredentialPrincipal>Erp-None</externalCredentialPrincipal></externalCredentialPrincipalAccesses>\n<externalCredentialPrincipalAccesses><externalCredentialPrincipal>acme__Erp-Any</externalCredentialPrincipal></externalCredentialPrincipalAccesses>",
);
const CREDENTIAL: (&str, &str, &str) = (
    "p/Erp.externalCredential",
    "ExternalCredential",
    "<externalCredentialParameters><parameterName>Web-Shop</parameterName><parameterType>NamedPrincipal</parameterType></externalCredentialParameters>\n<externalCredentialParameters><externalAuthIdentityProvider>Idp</externalAuthIdentityProvider><parameterType>ExternalAuthIdentityProvider</parameterType></externalCredentialParameters>\n<externalCredentialParameters><authProvider>Old</authProvider><parameterName>None</parameterName><parameterType>AuthProvider</parameterType></externalCredentialParameters>",
);
const APP: (&str, &str, &str) = (
    "p/Shop.eca",
    "ExternalClientApplication",
    "<label>Shop</label>",
);

#[test]
fn every_reference_is_found_with_its_place() {
    check(
        &[APP, POLICIES, SHOPPER, CREDENTIAL],
        &expect![[r"
        p/Erp.externalCredential:3:61 externalCredentialParameters[1].externalAuthIdentityProvider -> ExternalAuthIdentityProvider:Idp (outside the project)
        p/Erp.externalCredential:4:45 externalCredentialParameters[2].authProvider -> AuthProvider:Old (outside the project)
        p/Shop.ecaOauthPlcy:2:14 apexHandler -> ApexClass:Hook (outside the project)
        p/Shop.ecaOauthPlcy:3:31 commaSeparatedPermissionSet -> PermissionSet:Shopper (resolved)
        p/Shop.ecaOauthPlcy:3:39 commaSeparatedPermissionSet -> PermissionSet:Gone (broken)
        p/Shop.ecaOauthPlcy:4:1 commaSeparatedPermissionSet -> PermissionSet:acme__Buyer (outside the project)
        p/Shop.ecaOauthPlcy:4:13 commaSeparatedPermissionSet -> PermissionSet:${SET} (outside the project)
        p/Shop.ecaOauthPlcy:5:28 externalClientApplication -> ExternalClientApplication:Shop (resolved)
        p/Shopper.permissionset:2:67 externalCredentialPrincipalAccesses[0].externalCredentialPrincipal -> ExternalCredential:Erp[Web-Shop] (resolved)
        p/Shopper.permissionset:3:67 externalCredentialPrincipalAccesses[1].externalCredentialPrincipal -> ExternalCredential:Erp[None] (broken)
        p/Shopper.permissionset:4:67 externalCredentialPrincipalAccesses[2].externalCredentialPrincipal -> ExternalCredential:acme__Erp[Any] (outside the project)
    "]],
    );
}

#[test]
fn unresolved_references_are_marked() {
    check(
        &[POLICIES],
        &expect![[r"
        p/Shop.ecaOauthPlcy:2:14 apexHandler -> ApexClass:Hook (outside the project)
        p/Shop.ecaOauthPlcy:3:31 commaSeparatedPermissionSet -> PermissionSet:Shopper (outside the project)
        p/Shop.ecaOauthPlcy:3:39 commaSeparatedPermissionSet -> PermissionSet:Gone (outside the project)
        p/Shop.ecaOauthPlcy:4:1 commaSeparatedPermissionSet -> PermissionSet:acme__Buyer (outside the project)
        p/Shop.ecaOauthPlcy:4:13 commaSeparatedPermissionSet -> PermissionSet:${SET} (outside the project)
        p/Shop.ecaOauthPlcy:5:28 externalClientApplication -> ExternalClientApplication:Shop (outside the project)
    "]],
    );
    check(
        &[
            APP,
            ("q/Shop.eca", APP.1, APP.2),
            ("p/Erp.externalCredential", "Wrong", ""),
            (
                "p/Shop.ecaPlcy",
                "ExtlClntAppConfigurablePolicies",
                "<externalClientApplication>Shop</externalClientApplication>",
            ),
            (
                "p/Late.ecaPlcy",
                "ExtlClntAppConfigurablePolicies",
                "<externalClientApplication>shop&#x31;</externalClientApplication>",
            ),
            SHOPPER,
            (
                "p/Api.namedCredential",
                "NamedCredential",
                "<namedCredentialParameters><externalCredential>Erp</externalCredential></namedCredentialParameters>",
            ),
        ],
        &expect![[r"
            p/Late.ecaPlcy:2:1 externalClientApplication -> ExternalClientApplication:shop1 (broken)
            p/Shop.ecaPlcy:2:28 externalClientApplication -> ExternalClientApplication:Shop (ambiguous: p/Shop.eca, q/Shop.eca)
            p/Api.namedCredential:2:48 namedCredentialParameters.externalCredential -> ExternalCredential:Erp (resolved)
            p/Shopper.permissionset:2:67 externalCredentialPrincipalAccesses[0].externalCredentialPrincipal -> ExternalCredential:Erp[Web-Shop] (outside the project)
            p/Shopper.permissionset:3:67 externalCredentialPrincipalAccesses[1].externalCredentialPrincipal -> ExternalCredential:Erp[None] (outside the project)
            p/Shopper.permissionset:4:67 externalCredentialPrincipalAccesses[2].externalCredentialPrincipal -> ExternalCredential:acme__Erp[Any] (outside the project)
        "]],
    );
}

/// Policies list profiles by the names that Setup shows, and a project's own namespace is not that
/// of another package.
#[test]
fn names_in_setup_and_of_the_own_namespace() {
    let settings = r#"{"packageDirectories":[{"path":"p"}],"namespace":"acme"}"#;
    let policies = "<commaSeparatedPermissionSet>acme__Buyer,acme__Gone,other__Buyer</commaSeparatedPermissionSet>\n<commaSeparatedProfile>System Administrator,HR (Office),Analytics Cloud User</commaSeparatedProfile>";
    let files = [
        ("sfdx-project.json", settings.to_owned()),
        (
            "p/Shop.ecaOauthPlcy",
            format!(
                "<ExtlClntAppOauthConfigurablePolicies {XMLNS}>{policies}</ExtlClntAppOauthConfigurablePolicies>"
            ),
        ),
        ("p/Buyer.permissionset", format!("<PermissionSet {XMLNS}/>")),
        ("p/Admin.profile", format!("<Profile {XMLNS}/>")),
        ("p/HR %28Office%29.profile", format!("<Profile {XMLNS}/>")),
    ];
    let files = files.map(|(path, text)| (path.to_owned(), text.into_bytes()));
    let project = Project::from_entries(files);
    let found: Vec<_> = project
        .references()
        .iter()
        .map(|reference| format!("{} ({})", reference.target, reference.resolution))
        .collect();
    expect![[r"
        PermissionSet:acme__Buyer (resolved)
        PermissionSet:acme__Gone (broken)
        PermissionSet:other__Buyer (outside the project)
        Profile:System Administrator (resolved)
        Profile:HR (Office) (resolved)
        Profile:Analytics Cloud User (outside the project)"]]
    .assert_eq(&found.join("\n"));
}

#[test]
fn two_principals_of_one_name() {
    let twice = "<externalCredentialParameters><parameterName>None</parameterName><parameterType>PerUserPrincipal</parameterType></externalCredentialParameters>".repeat(2);
    check(
        &[
            ("p/Erp.externalCredential", "ExternalCredential", &twice),
            SHOPPER,
        ],
        &expect![[r"
            p/Shopper.permissionset:2:67 externalCredentialPrincipalAccesses[0].externalCredentialPrincipal -> ExternalCredential:Erp[Web-Shop] (broken)
            p/Shopper.permissionset:3:67 externalCredentialPrincipalAccesses[1].externalCredentialPrincipal -> ExternalCredential:Erp[None] (ambiguous: externalCredentialParameters[0], externalCredentialParameters[1])
            p/Shopper.permissionset:4:67 externalCredentialPrincipalAccesses[2].externalCredentialPrincipal -> ExternalCredential:acme__Erp[Any] (outside the project)
        "]],
    );
}

#[test]
fn the_graph_as_text_and_for_graphviz() {
    let project = project(&[APP, POLICIES, SHOPPER, CREDENTIAL]);
    let graph = Graph::new(&project);
    expect![[r"
        Shop
          ExternalClientApplication:Shop
          ExtlClntAppOauthConfigurablePolicies:Shop
            apexHandler -> ApexClass:Hook (outside the project)
            commaSeparatedPermissionSet -> PermissionSet:Shopper
            commaSeparatedPermissionSet -> PermissionSet:Gone (broken)
            commaSeparatedPermissionSet -> PermissionSet:acme__Buyer (outside the project)
            commaSeparatedPermissionSet -> PermissionSet:${SET} (outside the project)
            externalClientApplication -> ExternalClientApplication:Shop
        (no app)
          ExternalCredential:Erp
            externalCredentialParameters[1].externalAuthIdentityProvider -> ExternalAuthIdentityProvider:Idp (outside the project)
            externalCredentialParameters[2].authProvider -> AuthProvider:Old (outside the project)
          PermissionSet:Shopper
            externalCredentialPrincipalAccesses[0].externalCredentialPrincipal -> ExternalCredential:Erp[Web-Shop]
            externalCredentialPrincipalAccesses[1].externalCredentialPrincipal -> ExternalCredential:Erp[None] (broken)
            externalCredentialPrincipalAccesses[2].externalCredentialPrincipal -> ExternalCredential:acme__Erp[Any] (outside the project)
    "]].assert_eq(&graph.to_string());
    expect![[r#"
        digraph eca {
            rankdir=LR;
            node [shape=box, fontname="sans-serif"];
            subgraph cluster_0 {
                label="Shop";
                "ExternalClientApplication:Shop" [label="ExternalClientApplication\nShop"];
                "ExtlClntAppOauthConfigurablePolicies:Shop" [label="ExtlClntAppOauthConfigurablePolicies\nShop"];
            }
            "ApexClass:Hook" [style=dashed];
            "PermissionSet:${SET}" [style=dashed];
            "PermissionSet:Gone" [color=red];
            "PermissionSet:acme__Buyer" [style=dashed];
            "ExtlClntAppOauthConfigurablePolicies:Shop" -> "ApexClass:Hook" [label="apexHandler"];
            "ExtlClntAppOauthConfigurablePolicies:Shop" -> "PermissionSet:Shopper" [label="commaSeparatedPermissionSet"];
            "ExtlClntAppOauthConfigurablePolicies:Shop" -> "PermissionSet:Gone" [label="commaSeparatedPermissionSet", color=red];
            "ExtlClntAppOauthConfigurablePolicies:Shop" -> "PermissionSet:acme__Buyer" [label="commaSeparatedPermissionSet"];
            "ExtlClntAppOauthConfigurablePolicies:Shop" -> "PermissionSet:${SET}" [label="commaSeparatedPermissionSet"];
            "ExtlClntAppOauthConfigurablePolicies:Shop" -> "ExternalClientApplication:Shop" [label="externalClientApplication"];
        }
    "#]].assert_eq(&graph.only("Shop").to_dot());
}
