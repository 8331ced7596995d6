//! Behaviour of real orgs that surprises: one test for each, named after it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use eca_emulator::Org;
use expect_test::expect;

use crate::fixture::{
    APP, Client, GLOBAL, HEADER, OAUTH_POLICIES, Package, SETTINGS, builder, failures, storefront,
    zip,
};

/// The file of a component as the org has it.
fn file(org: &Org, name: &str) -> String {
    let component = org
        .components()
        .into_iter()
        .find(|component| component.name.name == name);
    component.unwrap().file
}

async fn deployed(package: Package) -> Org {
    let org = storefront(builder()).await;
    let result = Client(&org).deploy(&package);
    assert_eq!(result["status"], "Succeeded", "{}", failures(&result));
    org
}

#[tokio::test(flavor = "multi_thread")]
async fn omitted_members_are_reset_to_their_defaults() {
    let policies = Package::storefront().only(&[OAUTH_POLICIES]).replace(
        OAUTH_POLICIES,
        "    <permittedUsersPolicyType>AdminApprovedPreAuthorized</permittedUsersPolicyType>\n",
        "",
    );
    let before = storefront(builder()).await;
    assert!(file(&before, "Storefront_oauthPlcy").contains("AdminApprovedPreAuthorized"));
    let org = deployed(policies).await;
    assert!(!file(&org, "Storefront_oauthPlcy").contains("AdminApprovedPreAuthorized"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_omitted_pkce_requirement_counts_as_true() {
    let global = Package::storefront().only(&[GLOBAL]).replace(
        GLOBAL,
        "    <isPkceRequired>true</isPkceRequired>\n",
        "",
    );
    let org = deployed(global).await;
    let key = org.consumer_key(APP).unwrap();
    let answer = Client(&org).rest(
        "GET",
        &format!(
            "/services/oauth2/authorize?response_type=code&client_id={key}&redirect_uri=https%3A%2F%2Fshop.example.com%2Fcallback"
        ),
        "",
    );
    let shown = format!("{}{}", answer.headers, answer.body);
    assert!(
        shown.contains("code_challenge") || shown.contains("invalid_request"),
        "{shown}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pkce_requirement_that_is_turned_off_stays_off_or_reverts_by_setting() {
    let off =
        Package::storefront().replace(GLOBAL, "<isPkceRequired>true", "<isPkceRequired>false");
    for (reverts, expected) in [(false, "false"), (true, "true")] {
        let org = builder()
            .keeps_pkce_required(reverts)
            .start()
            .await
            .unwrap();
        assert_eq!(Client(&org).deploy(&off)["status"], "Succeeded");
        let text = file(&org, "Storefront_glbloauth");
        assert!(
            text.contains(&format!("<isPkceRequired>{expected}</isPkceRequired>")),
            "{text}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn default_policies_have_the_documented_names_and_values() {
    let org = builder().start().await.unwrap();
    let package = Package::storefront().only(&[HEADER, SETTINGS, GLOBAL]);
    assert_eq!(Client(&org).deploy(&package)["status"], "Succeeded");
    expect![[r#"
        <?xml version="1.0" encoding="UTF-8"?>
        <ExtlClntAppOauthConfigurablePolicies xmlns="http://soap.sforce.com/2006/04/metadata">
            <externalClientApplication>Storefront</externalClientApplication>
            <ipRelaxationPolicyType>Enforce</ipRelaxationPolicyType>
            <permittedUsersPolicyType>AllSelfAuthorized</permittedUsersPolicyType>
            <refreshTokenPolicyType>SpecificLifetime</refreshTokenPolicyType>
            <refreshTokenValidityPeriod>365</refreshTokenValidityPeriod>
            <refreshTokenValidityUnit>Days</refreshTokenValidityUnit>
            <requiredSessionLevel>STANDARD</requiredSessionLevel>
        </ExtlClntAppOauthConfigurablePolicies>
    "#]]
    .assert_eq(&file(&org, "Storefront_oauth_defaultPolicy"));
}

#[tokio::test(flavor = "multi_thread")]
async fn links_and_consumer_key_are_generated_and_a_wrong_oauth_link_fails() {
    let org = storefront(builder()).await;
    let org_id = org.org_id();
    let org_id = org_id.short();
    assert!(file(&org, APP).contains(&format!(
        "<orgScopedExternalApp>{org_id}:{APP}</orgScopedExternalApp>"
    )));
    assert!(file(&org, "Storefront_oauth").contains(&format!("<oauthLink>{org_id}:888")));
    assert!(file(&org, "Storefront_glbloauth").contains("<consumerKey>3MVG9"));
    let wrong = Package::storefront().only(&[SETTINGS]).replace(
        SETTINGS,
        "    <label>",
        "    <oauthLink>00D000000000001:888000000000001</oauthLink>\n    <label>",
    );
    let result = Client(&org).deploy(&wrong);
    assert_eq!(result["status"], "Failed");
    assert!(
        failures(&result).contains("oauthLink"),
        "{}",
        failures(&result)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn both_rotate_flags_rotate_and_need_ignore_warnings() {
    let org = storefront(builder()).await;
    let client = Client(&org);
    let secret = |org: &Org| org.consumer_secret(APP).unwrap().expose_secret().to_owned();
    for (flag, rotates_key) in [
        ("shouldRotateConsumerKey", true),
        ("shouldRotateConsumerSecret", false),
    ] {
        let before = (org.consumer_key(APP), secret(&org));
        let package = Package::storefront().only(&[GLOBAL]).replace(
            GLOBAL,
            "    <label>Storefront global</label>\n",
            &format!("    <label>Storefront global</label>\n    <{flag}>true</{flag}>\n"),
        );
        assert_eq!(client.deploy(&package)["status"], "Failed");
        assert_eq!((org.consumer_key(APP), secret(&org)), before);
        let result = client.deploy_with(
            &package.zip(),
            r#"{"singlePackage":true,"rollbackOnError":true,"ignoreWarnings":true}"#,
        );
        assert_eq!(result["status"], "Succeeded", "{}", failures(&result));
        let success = &result["details"]["componentSuccesses"][1];
        assert_eq!(success["problemType"], "Warning");
        assert_eq!(org.consumer_key(APP) != before.0, rotates_key);
        assert_eq!(secret(&org) != before.1, !rotates_key);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retrieve_is_canonical_and_repeats_itself() {
    let org = storefront(builder()).await;
    let client = Client(&org);
    let types = "<types><members>*</members><name>ExtlClntAppOauthSettings</name></types><types><members>*</members><name>ExternalClientApplication</name></types>";
    let first = client.retrieve("66.0", types);
    assert_eq!(client.retrieve("66.0", types), first);
    for (path, text) in first.iter().filter(|(path, _)| path != "package.xml") {
        let document = eca_model::Document::parse(text.as_str()).unwrap();
        assert_eq!(eca_model::canonical(&document), *text, "{path}");
    }
    // Deploying the retrieved files changes nothing.
    let result = client.deploy_with(
        &zip(&first),
        r#"{"singlePackage":true,"rollbackOnError":true}"#,
    );
    assert_eq!(result["status"], "Succeeded", "{}", failures(&result));
    for success in result["details"]["componentSuccesses"].as_array().unwrap() {
        assert!(
            success["componentType"] == "" || success["changed"] == false,
            "{success}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_version_from_58_to_68_deploys_over_rest_and_soap() {
    for version in 58..=68 {
        let org = builder().start().await.unwrap();
        let client = Client(&org);
        let version = format!("{version}.0");
        let package = Package::storefront().only(&[HEADER]).version(&version);
        let zip = STANDARD.encode(package.zip());
        let started = client.soap_with(&version, client.token(), &format!("<deploy><ZipFile>{zip}</ZipFile><DeployOptions><singlePackage>true</singlePackage></DeployOptions></deploy>"));
        let id = started.element("id").unwrap();
        let path =
            format!("/services/data/v{version}/metadata/deployRequest/{id}?includeDetails=true");
        let result = client.rest("GET", &path, "").json()["deployResult"].clone();
        assert_eq!(
            result["status"],
            "Succeeded",
            "{version}: {}",
            failures(&result)
        );
        let described = client.soap_with(
            &version,
            client.token(),
            &format!("<describeMetadata><asOfVersion>{version}</asOfVersion></describeMetadata>"),
        );
        assert_eq!(described.status, 200, "{version}");
    }
    let org = builder().start().await.unwrap();
    let client = Client(&org);
    for version in ["57.0", "69.0"] {
        let answer = client.soap_with(version, client.token(), "<describeMetadata/>");
        assert_eq!(
            answer.element("faultcode"),
            Some("sf:UNSUPPORTED_API_VERSION")
        );
        let path = format!("/services/data/v{version}/metadata/deployRequest/0Af000000000001AAA");
        assert_eq!(client.rest("GET", &path, "").status, 404, "{version}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn members_outside_the_versions_schema_are_refused() {
    // The first version of a member, and the one before it.
    for (path, member, since) in [
        (GLOBAL, "isNamedUserJwtEnabled", 61),
        (SETTINGS, "clientAssertionCertificate", 62),
    ] {
        for version in [since - 1, since] {
            let org = builder().start().await.unwrap();
            let client = Client(&org);
            let package = Package::storefront().only(&[HEADER, SETTINGS, GLOBAL]);
            let mut package = package.version(&format!("{version}.0"));
            if path == GLOBAL {
                // Only the tested member may be too new.
                let (_, text) = package
                    .files
                    .iter_mut()
                    .find(|(own, _)| own == SETTINGS)
                    .unwrap();
                let start = text.find("    <clientAssertion").unwrap();
                let end = text.find("    <commaSep").unwrap();
                text.replace_range(start..end, "");
                *text = text.replace(
                    "    <isFirstPartyAppEnabled>true</isFirstPartyAppEnabled>\n",
                    "",
                );
                package = package.replace(GLOBAL, "    <isPkceRequired>", "    <isNamedUserJwtEnabled>false</isNamedUserJwtEnabled>\n    <isPkceRequired>");
            }
            let result = client.deploy(&package);
            let shown = failures(&result);
            let message = format!(
                "Element {{http://soap.sforce.com/2006/04/metadata}}{member} invalid at this location"
            );
            assert_eq!(
                shown.contains(&message),
                version < since,
                "{member} at {version}: {shown}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn all_or_none_rolls_back_valid_components() {
    let org = builder().start().await.unwrap();
    let client = Client(&org);
    let app = |name: &str, more: &str| {
        format!(
            r#"<metadata xsi:type="ExternalClientApplication"><fullName>{name}</fullName><contactEmail>a@example.com</contactEmail><distributionState>Local</distributionState><label>{name}</label>{more}</metadata>"#
        )
    };
    let call = format!(
        "<createMetadata>{}{}</createMetadata>",
        app("Good", ""),
        app("Bad", "<nonsense/>")
    );
    let envelope = |header: &str| {
        let token = client.token();
        format!(
            r#"<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns="http://soap.sforce.com/2006/04/metadata"><e:Header><SessionHeader><sessionId>{token}</sessionId></SessionHeader>{header}</e:Header><e:Body>{call}</e:Body></e:Envelope>"#
        )
    };
    let post = |body: String| {
        crate::server::http::send(
            client.address(),
            "POST",
            "/services/Soap/m/66.0",
            &[("Content-Type", "text/xml")],
            body.as_bytes(),
        )
    };
    let answer = post(envelope(
        "<AllOrNoneHeader><allOrNone>true</allOrNone></AllOrNoneHeader>",
    ));
    assert!(
        answer.body.contains("ALL_OR_NONE_OPERATION_ROLLED_BACK"),
        "{}",
        answer.body
    );
    assert!(!answer.body.contains("<success>true"), "{}", answer.body);
    assert!(org.components().is_empty());
    let answer = post(envelope(""));
    assert!(answer.body.contains("<success>true"), "{}", answer.body);
    assert_eq!(org.components()[0].name.name, "Good");
}

#[tokio::test(flavor = "multi_thread")]
async fn destructive_changes_go_before_or_after_the_rest() {
    let manifest = |types: &str| {
        format!(
            "<Package xmlns=\"http://soap.sforce.com/2006/04/metadata\">{types}<version>66.0</version></Package>"
        )
    };
    let app = "<types><members>Storefront</members><name>ExternalClientApplication</name></types>";
    // The same app is deleted and deployed: the last step wins.
    for (name, is_left) in [
        ("destructiveChanges.xml", true),
        ("destructiveChangesPre.xml", true),
        ("destructiveChangesPost.xml", false),
    ] {
        let org = storefront(builder()).await;
        let key = org.consumer_key(APP);
        let mut files = Package::storefront().only(&[HEADER]).files;
        files.insert(0, ("package.xml".to_owned(), manifest(app)));
        files.push((name.to_owned(), manifest(app)));
        let result = Client(&org).deploy_with(
            &zip(&files),
            r#"{"singlePackage":true,"rollbackOnError":true,"purgeOnDelete":true}"#,
        );
        assert_eq!(
            result["status"],
            "Succeeded",
            "{name}: {}",
            failures(&result)
        );
        assert_eq!(
            org.components()
                .iter()
                .any(|component| component.name.name == APP),
            is_left,
            "{name}"
        );
        // In both cases the old consumer is gone.
        assert_ne!(org.consumer_key(APP), key);
        if is_left {
            continue;
        }
        // A purged app is not in the recycle bin: its name is free at once.
        let result = Client(&org).deploy(&Package::storefront());
        assert_eq!(
            result["status"],
            "Succeeded",
            "{name}: {}",
            failures(&result)
        );
    }
}
