//! Packages of a part of a project: sets, deletions, certificates, shared consumers, secrets.

use eca_deploy::{
    Archive, CertificatePair, ComponentSet, ConsumerChoice, Limits, Package, PackageBuilder,
    PackageError, PackagedFile,
};
use eca_model::text::SecretText;
use eca_model::{ApiVersion, ComponentName, FieldPath, Manifest, MetadataType, Project};
use expect_test::expect;
use proptest::prelude::*;

use crate::support::{bytes, files, project};

fn set(members: &[(&str, &str)]) -> ComponentSet {
    members.iter().copied().collect()
}

fn shop() -> ComponentSet {
    set(&[("ExternalClientApplication", "Shop")])
}

/// Names and contents in the zip.
fn entries(package: &Package) -> Vec<(String, String)> {
    let archive = Archive::read(&bytes(package), &Limits::default()).unwrap();
    let text = |content: &[u8]| String::from_utf8(content.to_vec()).unwrap();
    let entries = archive.entries();
    entries
        .map(|(name, content)| (name.to_owned(), text(content)))
        .collect()
}

fn names(package: &Package) -> Vec<String> {
    entries(package).into_iter().map(|(name, _)| name).collect()
}

fn refused(builder: PackageBuilder<'_>) -> String {
    builder.build().unwrap_err().to_string()
}

#[test]
fn a_part_depends_on_the_header_of_its_app() {
    let project = project();
    let settings = set(&[("ExtlClntAppOauthSettings", "Shop_oauth")]);
    let package = Package::builder(&project).components(settings.clone());
    let package = package.build().unwrap();
    assert_eq!(
        names(&package),
        [
            "package.xml",
            "extlClntAppOauthSettings/Shop_oauth.ecaOauth"
        ]
    );
    // The header with "Local" is in the project, but not in the package.
    assert_eq!(package.report().removed[0].element, *"oauthLink");

    let more = settings.union(&set(&[("NamedCredential", "Bank")]));
    expect!["the project has no NamedCredential:Bank"]
        .assert_eq(&refused(Package::builder(&project).components(more)));
}

#[test]
fn components_that_are_not_selected_may_be_unreadable() {
    let mut files = files("Local");
    files[1].1 = b"<broken".to_vec();
    let project = Project::from_entries(files);
    assert!(
        Package::builder(&project)
            .components(shop())
            .build()
            .is_ok()
    );
    assert!(matches!(
        Package::builder(&project).build(),
        Err(PackageError::Unreadable { .. })
    ));
}

#[test]
fn a_package_that_only_deletes() {
    let project = project();
    let old = set(&[("ExternalClientApplication", "Old"), ("X", "a & b")]);
    let package = Package::builder(&project)
        .components(ComponentSet::new())
        .delete_after(old)
        .build()
        .unwrap();
    let [manifest, destructive] = entries(&package).try_into().unwrap();
    expect![[r#"
        <?xml version="1.0" encoding="UTF-8"?>
        <Package xmlns="http://soap.sforce.com/2006/04/metadata">
            <version>66.0</version>
        </Package>
    "#]]
    .assert_eq(&manifest.1);
    assert_eq!(destructive.0, "destructiveChangesPost.xml");
    expect![[r#"
        <?xml version="1.0" encoding="UTF-8"?>
        <Package xmlns="http://soap.sforce.com/2006/04/metadata">
            <types>
                <members>Old</members>
                <name>ExternalClientApplication</name>
            </types>
            <types>
                <members>a &amp; b</members>
                <name>X</name>
            </types>
            <version>66.0</version>
        </Package>
    "#]]
    .assert_eq(&destructive.1);
}

#[test]
fn deletions_before_and_after_a_deploy() {
    let project = project();
    let both = Package::builder(&project)
        .components(shop())
        .delete_before(shop())
        .delete_after(set(&[("ExternalClientApplication", "Old")]))
        .build()
        .unwrap();
    assert_eq!(
        names(&both),
        [
            "package.xml",
            "destructiveChangesPost.xml",
            "destructiveChangesPre.xml",
            "externalClientApps/Shop.eca"
        ]
    );
}

#[test]
fn invalid_deletions_are_refused() {
    let project = project();
    expect!["deployed and deleted in one package: ExternalClientApplication:Shop"]
        .assert_eq(&refused(Package::builder(&project).delete_after(shop())));
    expect!["X:* cannot be deleted: destructive changes name each component"].assert_eq(&refused(
        Package::builder(&project).delete_before(set(&[("X", "*")])),
    ));
    expect!["the project has no metadata that can be deployed"].assert_eq(&refused(
        Package::builder(&project).components(ComponentSet::new()),
    ));
}

#[test]
fn sets_from_manifests() {
    let mut manifest = Manifest::new(ApiVersion::new(66));
    manifest.insert(&ComponentName::new("ExternalClientApplication", "*"));
    manifest.insert(&ComponentName::new("NamedCredential", "Bank"));
    assert_eq!(
        ComponentSet::select(&manifest, &project()).to_string(),
        "ExternalClientApplication:Shop, NamedCredential:Bank"
    );
    let error = ComponentSet::from_manifest(&manifest).unwrap_err();
    expect!["the manifest has ExternalClientApplication:*, but a wildcard is not supported here: name each component"].assert_eq(&error.to_string());
}

#[test]
fn certificates_are_pairs() {
    let meta = "<Certificate xmlns=\"http://soap.sforce.com/2006/04/metadata\"/>";
    let pair = |path, content: &'static str, meta: &'static str| {
        CertificatePair::new(path, content.as_bytes(), meta.as_bytes())
    };
    let certificate = pair("force-app/certs/Shop.crt", "-----BEGIN", meta).unwrap();
    let project = project();
    let builder = Package::builder(&project)
        .components(ComponentSet::new())
        .certificate(certificate.clone());
    let package = builder.clone().build().unwrap();
    assert_eq!(
        names(&package),
        ["package.xml", "certs/Shop.crt", "certs/Shop.crt-meta.xml"]
    );
    assert!(
        package
            .manifest()
            .lists(&ComponentName::new("Certificate", "Shop"))
    );
    let place =
        package
            .source_map()
            .locate("unpackaged/certs/Shop.crt-meta.xml", None, Some(2), None);
    assert_eq!(
        place.unwrap().to_string(),
        "force-app/certs/Shop.crt-meta.xml:2"
    );
    assert_eq!(
        refused(builder.certificate(certificate)),
        "there are two certificates Shop"
    );
    for (path, content, meta, message) in [
        ("Shop.pem", "x", meta, "Shop.pem is not named NAME.crt"),
        ("Shop.crt", "", meta, "Shop.crt is empty"),
        ("Shop.crt", "x", "<a", "Shop.crt-meta.xml:1:1"),
        (
            "Shop.crt",
            "x",
            "<a/>",
            "Shop.crt-meta.xml has the root a, not Certificate",
        ),
    ] {
        let error = pair(path, content, meta).unwrap_err();
        assert_eq!(error.to_string(), message);
    }
}

#[test]
fn certificates_of_the_project_are_in_the_package() {
    let meta = "<Certificate xmlns=\"http://soap.sforce.com/2006/04/metadata\"/>";
    let file = |path: &str, text: &str| (path.to_owned(), text.as_bytes().to_vec());
    let both = [
        file("force-app/certs/Shop.crt-meta.xml", meta),
        file("force-app/certs/Shop.crt", "-----BEGIN"),
    ];
    let project = Project::from_entries(both.clone());
    let package = Package::builder(&project).build().unwrap();
    let paths = ["certs/Shop.crt", "certs/Shop.crt-meta.xml"];
    assert_eq!(names(&package), ["package.xml", paths[0], paths[1]]);
    let archive = Archive::read(&bytes(&package), &Limits::default()).unwrap();
    assert_eq!(archive.get(paths[0]), Some("-----BEGIN".as_bytes()));
    let files = &package.report().files;
    let reported: Vec<_> = files.iter().map(PackagedFile::package_path).collect();
    assert_eq!(reported, paths);
    for path in paths {
        let place = package.source_map().locate(path, None, Some(2), None);
        assert_eq!(place.unwrap().to_string(), format!("force-app/{path}:2"));
    }
    // The package can be read as a project, with the pair in it.
    let again = Project::from_entries(archive.into_entries());
    assert_eq!(
        again.components()[0].content().unwrap().bytes,
        b"-----BEGIN"
    );

    let incomplete = Project::from_entries(both.into_iter().take(1));
    assert_eq!(
        refused(Package::builder(&incomplete)),
        "Certificate:Shop has no content: there is no force-app/certs/Shop.crt beside force-app/certs/Shop.crt-meta.xml"
    );
}

#[test]
fn a_shared_consumer_retains_the_link_and_skips_the_settings() {
    let project = project();
    let package = Package::builder(&project)
        .consumer(ConsumerChoice::Share)
        .build()
        .unwrap();
    assert_eq!(
        names(&package),
        [
            "package.xml",
            "externalClientApps/Shop.eca",
            "extlClntAppOauthSettings/Shop_oauth.ecaOauth"
        ]
    );
    let report = package.report();
    assert!(report.removed.is_empty());
    expect!["force-app/main/default/extlClntAppGlobalOauthSets/Shop_glbloauth.ecaGlblOauth-meta.xml: component skipped: the app shares the consumer of its source org"].assert_eq(&report.skipped[0].to_string());
    expect!["force-app/main/default/extlClntAppOauthSettings/Shop_oauth.ecaOauth-meta.xml:8:5: oauthLink retained: the app shares the consumer of its source org"].assert_eq(&report.retained[1].to_string());

    let mut unlinked = files("Local");
    let text = String::from_utf8(unlinked[1].1.clone()).unwrap();
    unlinked[1].1 = text
        .replace("<oauthLink>00D5g000004Abcd:8885g0000000001</oauthLink>", "")
        .into();
    let unlinked = Project::from_entries(unlinked);
    expect!["force-app/main/default/extlClntAppOauthSettings/Shop_oauth.ecaOauth-meta.xml: there is no oauthLink, so the consumer of the app's source org cannot be shared"].assert_eq(&refused(
        Package::builder(&unlinked).consumer(ConsumerChoice::Share),
    ));
}

#[test]
fn retained_fields_are_bound_to_one_org() {
    let mut files = files("Packaged");
    let text = String::from_utf8(files[1].1.clone()).unwrap();
    files[1].1 = text
        .replace("00D5g000004Abcd:888", "00D5g000009Zyxw:888")
        .into();
    let project = Project::from_entries(files);
    expect!["force-app/main/default/extlClntAppOauthSettings/Shop_oauth.ecaOauth-meta.xml:8:5: oauthLink is bound to org 00D5g000009Zyxw, force-app/main/default/externalClientApps/Shop.eca-meta.xml to org 00D5g000004Abcd"].assert_eq(&refused(Package::builder(&project)));
}

#[test]
fn secrets_are_injected_by_name() {
    let project = project();
    let id = |name| ComponentName::new(MetadataType::ExtlClntAppGlobalOauthSettings, name);
    let secret = || SecretText::from("s3cret & more".to_owned());
    let builder = Package::builder(&project).secret(
        id("Shop_glbloauth"),
        "consumerSecret".parse().unwrap(),
        secret(),
    );
    assert!(!format!("{builder:?}").contains("s3cret"));
    let package = builder.build().unwrap();
    let text = &entries(&package)[2].1;
    assert!(
        text.contains("<consumerSecret>s3cret &amp; more</consumerSecret>"),
        "{text}"
    );
    assert!(!text.contains("FAKE-SECRET"));
    assert!(!format!("{package:?}").contains("s3cret"));
    expect!["force-app/main/default/extlClntAppGlobalOauthSets/Shop_glbloauth.ecaGlblOauth-meta.xml: consumerSecret set from a secret source"].assert_eq(&package.report().injected[0].to_string());
    for (name, element) in [
        ("Shop_glbloauth", "callbackUrl"),
        ("Other", "consumerSecret"),
    ] {
        let error = refused(Package::builder(&project).secret(
            id(name),
            element.parse().unwrap(),
            secret(),
        ));
        assert!(
            error.contains("which is not a secret of this package"),
            "{error}"
        );
    }
}

fn any_set() -> impl Strategy<Value = ComponentSet> {
    proptest::collection::vec(("[A-C]", "[a-c]"), 0..8).prop_map(|all| all.into_iter().collect())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn sets_are_an_algebra(a in any_set(), b in any_set()) {
        let both = a.clone().intersection(&b);
        prop_assert_eq!(a.clone().union(&b), b.clone().union(&a));
        prop_assert_eq!(a.clone().difference(&b).union(&both), a.clone());
        prop_assert_eq!(a.clone().filter(|component| b.contains(component)), both);
        let manifest = a.to_manifest(ApiVersion::new(66));
        prop_assert_eq!(ComponentSet::from_manifest(&Manifest::parse(&manifest.to_xml()).unwrap()).unwrap(), a);
    }
}

#[test]
fn secrets_of_an_org_are_redacted_and_local_ones_merged() {
    let push = |config: &str| {
        let text = format!(
            "<ExtlClntAppPushSettings xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n    <applePushConfig>\n        {config}\n    </applePushConfig>\n    <externalClientApplication>Shop</externalClientApplication>\n    <label>Shop</label>\n</ExtlClntAppPushSettings>\n"
        );
        let path = "extlClntAppPushSettings/Shop.ecaPush".to_owned();
        Project::from_entries([(path, text.into_bytes())])
    };
    let with = push("<password>s3cret</password>");
    let with = &with.components()[0];
    let (redacted, elements) = Package::redacted(with).unwrap().unwrap();
    assert_eq!(
        elements[..],
        [&"applePushConfig.password".parse::<FieldPath>().unwrap()]
    );
    assert!(!redacted.file().text().contains("s3cret"));
    assert!(Package::redacted(&redacted).unwrap().is_none());

    let (merged, elements) = Package::with_secrets_from(with, &redacted)
        .unwrap()
        .unwrap();
    assert_eq!(
        elements[..],
        [&"applePushConfig.password".parse::<FieldPath>().unwrap()]
    );
    assert!(merged.file().text().contains("<password>s3cret</password>"));
    assert!(
        Package::with_secrets_from(&redacted, with)
            .unwrap()
            .is_none()
    );
}
