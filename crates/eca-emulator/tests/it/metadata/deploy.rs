//! Deploys that an org refuses, with its messages.

use expect_test::{Expect, expect};

use crate::fixture::{
    APP_CERTIFICATE, CREDENTIAL, Client, GLOBAL, HEADER, NAMED, OAUTH_POLICIES, PERMISSION_SET,
    POLICIES, PROVIDER, Package, SETTINGS, body, builder, failures, zip,
};

async fn check(package: Package, expected: Expect) {
    let org = builder().start().await.unwrap();
    let result = Client(&org).deploy(&package);
    let errors = result["numberComponentErrors"].as_u64().unwrap();
    let found = failures(&result);
    assert_eq!(errors, found.lines().count() as u64);
    assert_eq!(result["status"], "Failed");
    assert_eq!(result["success"], false);
    assert!(
        org.components().is_empty(),
        "a failed deploy changed the org"
    );
    expected.assert_eq(&found);
}

fn app() -> Package {
    Package::storefront()
}

#[tokio::test(flavor = "multi_thread")]
async fn elements_that_the_schema_does_not_have() {
    check(
        app().only(&[HEADER]).replace(
            HEADER,
            "<label>",
            "<isDistributed>true</isDistributed><label>",
        ),
        expect![[r#"
            externalClientApps/Storefront.eca:6:5 ExternalClientApplication Storefront: Error Error parsing file: Element {http://soap.sforce.com/2006/04/metadata}isDistributed invalid at this location in type ExternalClientApplication
        "#]],
    )
    .await;
    // The misspelt name on one help page.
    check(
        app().replace(
            SETTINGS,
            "<isFirstPartyAppEnabled>true</isFirstPartyAppEnabled>",
            "<isFirstPartyAppsEnabled>true</isFirstPartyAppsEnabled>",
        ),
        expect![[r#"
            extlClntAppGlobalOauthSets/Storefront_glbloauth.ecaGlblOauth:5:5 ExtlClntAppGlobalOauthSettings Storefront_glbloauth: Error The external client app configured in your global OAuth Settings doesn't have a valid OAuth settings configuration.
            extlClntAppOauthSettings/Storefront_oauth.ecaOauth:8:5 ExtlClntAppOauthSettings Storefront_oauth: Error Error parsing file: Element {http://soap.sforce.com/2006/04/metadata}isFirstPartyAppsEnabled invalid at this location in type ExtlClntAppOauthSettings
        "#]],
    )
    .await;
    check(
        app()
            .only(&[HEADER])
            .replace(HEADER, "<label>", "<label>One</label>\n    <label>"),
        expect![[r#"
            externalClientApps/Storefront.eca:7:5 ExternalClientApplication Storefront: Error Error parsing file: Element label is duplicated at this location in type ExternalClientApplication
        "#]],
    )
    .await;
    check(
        app().only(&[PROVIDER, CREDENTIAL]).replace(CREDENTIAL, "    <label>Ledger</label>", "    <label>Ledger</label>\n    <externalCredentialParameters><parameterName>a</parameterName><parameterType>AuthHeader</parameterType></externalCredentialParameters>"),
        expect![[r#"
            externalCredentials/Ledger.externalCredential:16:5 ExternalCredential Ledger: Error Error parsing file: Element externalCredentialParameters is duplicated at this location in type ExternalCredential
        "#]],
    )
    .await;
    check(
        app()
            .only(&[HEADER])
            .replace(HEADER, "Storefront</label>", "<b>Storefront</b></label>"),
        expect![[r#"
            externalClientApps/Storefront.eca:6:12 ExternalClientApplication Storefront: Error Error parsing file: Unexpected element {http://soap.sforce.com/2006/04/metadata}b during simple type deserialization
        "#]],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn values_of_the_wrong_kind() {
    check(
        app().replace(
            OAUTH_POLICIES,
            "AdminApprovedPreAuthorized",
            "AdminApproved",
        ),
        expect![[r#"
            extlClntAppOauthPolicies/Storefront_oauthPlcy.ecaOauthPlcy:9:5 ExtlClntAppOauthConfigurablePolicies Storefront_oauthPlcy: Error 'AdminApproved' is not a valid value for the enum 'PermittedUsersPolicyType'
        "#]],
    )
    .await;
    check(
        app().replace(GLOBAL, "<isPkceRequired>true", "<isPkceRequired>yes"),
        expect![[r#"
            extlClntAppGlobalOauthSets/Storefront_glbloauth.ecaGlblOauth:8:5 ExtlClntAppGlobalOauthSettings Storefront_glbloauth: Error 'yes' is not a valid value for the type xsd:boolean
        "#]],
    )
    .await;
    check(
        app().replace(
            OAUTH_POLICIES,
            "<refreshTokenValidityPeriod>30",
            "<refreshTokenValidityPeriod>a month",
        ),
        expect![[r#"
            extlClntAppOauthPolicies/Storefront_oauthPlcy.ecaOauthPlcy:11:5 ExtlClntAppOauthConfigurablePolicies Storefront_oauthPlcy: Error 'a month' is not a valid value for the type xsd:int
        "#]],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_are_not_valid() {
    check(
        app()
            .only(&[POLICIES, HEADER])
            .replace(POLICIES, "    <isEnabled>true</isEnabled>\n", ""),
        expect![[r#"
            extlClntAppPolicies/Storefront_plcy.ecaPlcy:2:1 ExtlClntAppConfigurablePolicies Storefront_plcy: Error Required field is missing: isEnabled
        "#]],
    )
    .await;
    check(
        app()
            .only(&[HEADER])
            .rename(HEADER, "externalClientApps/Store__front.eca"),
        expect![[r#"
            externalClientApps/Store__front.eca:2:1 ExternalClientApplication Store__front: Error Cannot create a new component with the namespace: Store. Only components in the same namespace as the organization can be created through the API
        "#]],
    )
    .await;
    check(
        app()
            .only(&[HEADER])
            .replace(HEADER, "</ExternalClientApplication>", ""),
        expect![[r#"
            externalClientApps/Storefront.eca:8:1 ExternalClientApplication Storefront: Error Error parsing file: not well-formed XML: element `ExternalClientApplication` is never closed
        "#]],
    )
    .await;
    check(
        app()
            .only(&[HEADER])
            .replace(HEADER, "soap.sforce.com/2006/04", "example.com"),
        expect![[r#"
            externalClientApps/Storefront.eca:2:1 ExternalClientApplication Storefront: Error Error parsing file: expected {http://soap.sforce.com/2006/04/metadata}ExternalClientApplication, found {http://example.com/metadata}ExternalClientApplication
        "#]],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_version_decides_the_schema() {
    check(
        app().only(&[HEADER, SETTINGS]).version("61.0"),
        expect![[r#"
            extlClntAppOauthSettings/Storefront_oauth.ecaOauth:6:5 ExtlClntAppOauthSettings Storefront_oauth: Error Error parsing file: Element {http://soap.sforce.com/2006/04/metadata}clientAssertionCertificate invalid at this location in type ExtlClntAppOauthSettings
        "#]],
    )
    .await;
    check(
        app().only(&[HEADER]).version("99.0"),
        expect![[r#"
        package.xml:7:5  package.xml: Error Invalid version specified:99.0
    "#]],
    )
    .await;
    check(
        app().only(&[HEADER]).version("57.0"),
        expect![[r#"
        package.xml:7:5  package.xml: Error Invalid version specified:57.0
    "#]],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn references_to_missing_components() {
    check(
        app().without(HEADER).only(&[SETTINGS, POLICIES]),
        expect![[r#"
            extlClntAppOauthSettings/Storefront_oauth.ecaOauth:5:5 ExtlClntAppOauthSettings Storefront_oauth: Error INVALID_CROSS_REFERENCE_KEY: In field: externalClientApplication - no ExternalClientApplication named Storefront found
            extlClntAppPolicies/Storefront_plcy.ecaPlcy:3:5 ExtlClntAppConfigurablePolicies Storefront_plcy: Error INVALID_CROSS_REFERENCE_KEY: In field: externalClientApplication - no ExternalClientApplication named Storefront found
        "#]],
    )
    .await;
    check(app().only(&[HEADER, GLOBAL]), expect![[r#"
        extlClntAppGlobalOauthSets/Storefront_glbloauth.ecaGlblOauth:5:5 ExtlClntAppGlobalOauthSettings Storefront_glbloauth: Error The external client app configured in your global OAuth Settings doesn't have a valid OAuth settings configuration.
    "#]]).await;
    check(app().without(PERMISSION_SET), expect![[r#"
        extlClntAppOauthPolicies/Storefront_oauthPlcy.ecaOauthPlcy:4:5 ExtlClntAppOauthConfigurablePolicies Storefront_oauthPlcy: Error In field: commaSeparatedPermissionSet - no PermissionSet named Shoppers found
    "#]]).await;
    check(app().only(&[CREDENTIAL, NAMED]), expect![[r#"
        externalCredentials/Ledger.externalCredential:5:9 ExternalCredential Ledger: Error In field: externalAuthIdentityProvider - no ExternalAuthIdentityProvider named Ledger_IdP found
        namedCredentials/Ledger_API.namedCredential:11:9 NamedCredential Ledger_API: Error In field: externalCredential - no ExternalCredential named Ledger found
    "#]]).await;
    check(
        app().replace(PERMISSION_SET, "Ledger-Ledger Principal", "Ledger-Somebody"),
        expect![[r#"
            extlClntAppOauthPolicies/Storefront_oauthPlcy.ecaOauthPlcy:4:5 ExtlClntAppOauthConfigurablePolicies Storefront_oauthPlcy: Error In field: commaSeparatedPermissionSet - no PermissionSet named Shoppers found
            permissionsets/Shoppers.permissionset:5:9 PermissionSet Shoppers: Error In field: externalCredentialPrincipal - no ExternalCredentialParameter named Ledger-Somebody found
        "#]],
    )
    .await;
    check(
        app().replace(
            OAUTH_POLICIES,
            "admin@embedded.example",
            "nobody@example.com",
        ),
        expect![[r#"
            extlClntAppOauthPolicies/Storefront_oauthPlcy.ecaOauthPlcy:3:5 ExtlClntAppOauthConfigurablePolicies Storefront_oauthPlcy: Error Enter a valid execution user for the OAuth client credentials flow.
        "#]],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn scopes_are_checked_by_name() {
    check(
        app()
            .only(&[HEADER, SETTINGS])
            .replace(SETTINGS, "RefreshToken,Api, OpenID", "Api, SFAP"),
        expect![[r#"
            extlClntAppOauthSettings/Storefront_oauth.ecaOauth:7:5 ExtlClntAppOauthSettings Storefront_oauth: Error There's a problem with your scope(s): SFAP. Valid scopes are: Basic, Api, Web, Full, Chatter, CustomApplications, RefreshToken, OpenID, Profile, Email, Address, Phone, OfflineAccess, CustomPermissions, Wave, Eclair, Pardot, Lightning, Content, CDPIngest, CDPProfile, CDPQuery, Chatbot, CDPSegment, CDPIdentityResolution, CDPCalculatedInsight, ForgotPassword, UserRegistration, SFApiPlatform, Interaction, CDP, EinsteinGPT, PwdlessLogin, MCP, SCRT, DataCloudUserClaims, A2A, CmdbDiscovery, SemanticLayer
        "#]],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn certificates_are_x509_rsa_and_small() {
    let own = body(APP_CERTIFICATE);
    for (certificate, expected) in [
        (
            "bm90IGEgY2VydGlmaWNhdGU=".to_owned(),
            expect![[r#"
            extlClntAppOauthSettings/Storefront_oauth.ecaOauth:6:5 ExtlClntAppOauthSettings Storefront_oauth: Error The certificate can't be read: the certificate is damaged
        "#]],
        ),
        (
            body(include_str!("../../data/test-only-ec.cert.pem")),
            expect![[r#"
                extlClntAppOauthSettings/Storefront_oauth.ecaOauth:6:5 ExtlClntAppOauthSettings Storefront_oauth: Error The certificate has a EC P-256 key; an RSA key is required
            "#]],
        ),
        (
            body(include_str!("../../data/test-only-large.cert.pem")),
            expect![[r#"
                extlClntAppOauthSettings/Storefront_oauth.ecaOauth:6:5 ExtlClntAppOauthSettings Storefront_oauth: Error The certificate has 4586 bytes; the limit is 4096
            "#]],
        ),
    ] {
        check(
            app()
                .only(&[HEADER, SETTINGS])
                .replace(SETTINGS, &own, &certificate),
            expected,
        )
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn members_bound_to_another_org() {
    check(
        app().only(&[HEADER]).replace(
            HEADER,
            "</label>",
            "</label>\n    <orgScopedExternalApp>00D000000000001:Storefront</orgScopedExternalApp>",
        ),
        expect![[r#"
            externalClientApps/Storefront.eca:7:5 ExternalClientApplication Storefront: Error The orgScopedExternalApp must be in the format OrgId:DeveloperName and belong to this org: 00D000000000001:Storefront
        "#]],
    )
    .await;
    check(
        app().only(&[HEADER, SETTINGS]).replace(
            SETTINGS,
            "</label>",
            "</label>\n    <oauthLink>00D000000000001:888000000000001</oauthLink>",
        ),
        expect![[r#"
            extlClntAppOauthSettings/Storefront_oauth.ecaOauth:5:5 ExtlClntAppOauthSettings Storefront_oauth: Error The oauthLink doesn't identify an OAuth consumer of this app in this org: 00D000000000001:888000000000001
        "#]],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn jwt_lifetimes_need_jwts() {
    check(
        app().replace(OAUTH_POLICIES, "    <label>", "    <namedUserJwtSessionTimeoutType>UserSession</namedUserJwtSessionTimeoutType>\n    <label>"),
        expect![[r#"
            extlClntAppOauthPolicies/Storefront_oauthPlcy.ecaOauthPlcy:8:5 ExtlClntAppOauthConfigurablePolicies Storefront_oauthPlcy: Error Invalid plugin settings
        "#]],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_component_of_a_type_for_each_app() {
    let mut package = app();
    let (_, policies) = package
        .files
        .iter()
        .find(|(path, _)| path == POLICIES)
        .unwrap()
        .clone();
    package
        .files
        .push(("extlClntAppPolicies/Another.ecaPlcy".to_owned(), policies));
    let org = builder().start().await.unwrap();
    let result = Client(&org).deploy(&package);
    expect![[r#"
        extlClntAppPolicies/Another.ecaPlcy:N:N ExtlClntAppConfigurablePolicies Another: Error DUPLICATE_VALUE: duplicate value found: ExternalClientApplicationId duplicates value on record with id: NxINkNNNNNNNaQN
    "#]].assert_eq(&failures(&result).replace(|c: char| c.is_ascii_digit(), "N"));

    // The policies that the org generated conflict with deployed ones, too.
    let org = builder().start().await.unwrap();
    let client = Client(&org);
    let result = client.deploy(&app().only(&[HEADER]));
    assert_eq!(result["status"], "Succeeded");
    let result = client.deploy(&app().only(&[POLICIES]));
    assert!(
        failures(&result).contains("DUPLICATE_VALUE"),
        "{}",
        failures(&result)
    );
}

/// The files of a package with one app: its manifest, and its header.
fn parts() -> (String, (String, String)) {
    let package = app().only(&[HEADER]);
    (package.manifest(), package.files[0].clone())
}

fn file(path: &str, text: &str) -> (String, String) {
    (path.to_owned(), text.to_owned())
}

/// The failures of a package with these files.
async fn refusal(files: &[(String, String)]) -> String {
    let org = builder().start().await.unwrap();
    let options = r#"{"singlePackage":true,"rollbackOnError":true}"#;
    let result = Client(&org).deploy_with(&zip(files), options);
    assert_eq!(result["status"], "Failed");
    failures(&result)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_package_has_its_manifest_at_its_root() {
    let (manifest, (path, text)) = parts();
    let in_a_folder = [
        file("src/package.xml", &manifest),
        file(&format!("src/{path}"), &text),
    ];
    for files in [&[file(&path, &text)][..], &in_a_folder] {
        assert_eq!(
            refusal(files).await,
            "package.xml:-:-  package.xml: Error No package.xml found\n"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn packages_that_are_inconsistent() {
    let (manifest, (path, text)) = parts();
    let app = file(&path, &text);
    for (files, expected) in [
        (
            vec![file("package.xml", &manifest)],
            expect![[r#"
                package.xml:4:9  Storefront: Error An object 'Storefront' of type ExternalClientApplication was named in package.xml, but was not found in zipped directory
            "#]],
        ),
        (
            vec![
                file("package.xml", &manifest),
                app.clone(),
                file("classes/A.cls", ""),
            ],
            expect![[r#"
                classes/A.cls:-:-  A.cls: Error Not in package.xml
            "#]],
        ),
        (
            vec![
                file(
                    "package.xml",
                    &manifest.replace("ExternalClientApplication", "ApexKlass"),
                ),
                app.clone(),
            ],
            expect![[r#"
                externalClientApps/Storefront.eca:-:-  Storefront.eca: Error Not in package.xml
                package.xml:5:9  package.xml: Error Unknown type name 'ApexKlass' specified in package.xml
            "#]],
        ),
        (
            vec![file("package.xml", &manifest.replace("</Package>", ""))],
            expect![[r#"
                package.xml:9:1  package.xml: Error Error parsing file: not well-formed XML: element `Package` is never closed
            "#]],
        ),
        (
            vec![
                file("package.xml", &manifest),
                app.clone(),
                file("destructiveChanges.xml", &manifest),
            ],
            expect![[r#"
                destructiveChanges.xml:4:9 ExternalClientApplication Storefront: Warning No ExternalClientApplication named: Storefront found
            "#]],
        ),
    ] {
        expected.assert_eq(&refusal(&files).await);
    }
}

/// `allowMissingFiles`, wildcards, and a folder around the package.
#[tokio::test(flavor = "multi_thread")]
async fn packages_that_are_accepted_because_of_options() {
    let org = builder().start().await.unwrap();
    let (manifest, (path, text)) = parts();
    for (files, options) in [
        (
            vec![file("package.xml", &manifest)],
            r#"{"singlePackage":true,"allowMissingFiles":"true"}"#,
        ),
        (
            vec![
                file("package.xml", &manifest.replace("Storefront", "*")),
                file(&path, &text),
            ],
            r#"{"singlePackage":true}"#,
        ),
        (
            vec![
                file("src/package.xml", &manifest),
                file(&format!("src/{path}"), &text),
            ],
            r#"{"singlePackage":false}"#,
        ),
    ] {
        let result = Client(&org).deploy_with(&zip(&files), options);
        assert_eq!(result["status"], "Succeeded", "{}", failures(&result));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn zips_that_are_refused() {
    let org = builder().start().await.unwrap();
    let client = Client(&org);
    let file = |path: &str| (path.to_owned(), String::new());
    for (bytes, code, message) in [
        (
            b"no zip".to_vec(),
            "INVALID_OPERATION",
            "The zip file is not valid",
        ),
        (
            zip(&[file("package.xml"), file("../evil")]),
            "INVALID_OPERATION",
            "an entry outside its root: ../",
        ),
        (
            zip(&[file("a/B.eca"), file("a/b.eca")]),
            "INVALID_OPERATION",
            "\"a/B.eca\" and \"a/b.eca\"",
        ),
        (
            vec![0; 39 * 1024 * 1024 + 1],
            "LIMIT_EXCEEDED",
            "Maximum size",
        ),
    ] {
        let result = client.deploy_with(&bytes, "{}");
        assert_eq!(result["status"], "Failed");
        assert_eq!(result["errorStatusCode"], code);
        let found = result["errorMessage"].as_str().unwrap();
        assert!(found.contains(message), "{found}");
    }
}

/// What is read as a tree takes many times its length.
#[tokio::test(flavor = "multi_thread")]
async fn requests_with_too_much_structure_are_refused() {
    let org = builder().start().await.unwrap();
    let client = Client(&org);
    let zip = Package::storefront().zip();
    for (padding, status) in [(1_000_000, 201), (1 << 20, 400)] {
        let options = format!(r#"{{"singlePackage":true{}}}"#, " ".repeat(padding));
        let started = client.start_deploy(&zip, &options);
        assert_eq!(started.status, status, "{}", started.body);
        let is_named = started.body.contains("more than 1 MiB");
        assert_eq!(is_named, status == 400, "{}", started.body);
    }
    let zip = "<a/>".repeat(100_000);
    let refused = client.soap(&format!("<deploy><ZipFile>{zip}</ZipFile></deploy>"));
    assert_eq!(refused.status, 500);
    assert!(
        refused.body.contains("more than 100000 elements"),
        "{}",
        refused.body
    );
}
