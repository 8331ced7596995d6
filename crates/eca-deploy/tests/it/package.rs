//! Packages of a whole project.

use eca_deploy::{Archive, Limits, Package, PackageError, RemovalReason};
use eca_model::{ApiVersion, ComponentName, MetadataType, Project};
use expect_test::{expect, expect_file};

use crate::support::{bytes, files, package, project};

fn report(package: &Package) -> String {
    let report = package.report();
    let mut text = String::new();
    for file in report.files.iter() {
        text += &format!(
            "{} <- {} ({} bytes)\n",
            file.package_path(),
            file.local_path,
            file.bytes
        );
    }
    for removed in &report.removed {
        text += &format!("{removed}\n");
    }
    for retained in &report.retained {
        text += &format!("{retained}\n");
    }
    for near in &report.near_limits {
        text += &format!("{near}\n");
    }
    text
}

/// Every file of the zip with its content.
fn listing(package: &Package) -> String {
    let archive = Archive::read(&bytes(package), &Limits::default()).unwrap();
    let show = |(name, content)| format!("===== {name}\n{}", str::from_utf8(content).unwrap());
    archive.entries().map(show).collect::<Vec<_>>().concat()
}

#[test]
fn a_local_app() {
    let package = package();
    expect_file!["golden/package_local.txt"].assert_eq(&listing(&package));
    expect![[r#"
        externalClientApps/Shop.eca <- force-app/main/default/externalClientApps/Shop.eca-meta.xml (267 bytes)
        extlClntAppGlobalOauthSets/Shop_glbloauth.ecaGlblOauth <- force-app/main/default/extlClntAppGlobalOauthSets/Shop_glbloauth.ecaGlblOauth-meta.xml (386 bytes)
        extlClntAppOauthSettings/Shop_oauth.ecaOauth <- force-app/main/default/extlClntAppOauthSettings/Shop_oauth.ecaOauth-meta.xml (467 bytes)
        force-app/main/default/externalClientApps/Shop.eca-meta.xml:6:5: orgScopedExternalApp removed: org-specific
        force-app/main/default/extlClntAppGlobalOauthSets/Shop_glbloauth.ecaGlblOauth-meta.xml:4:5: consumerKey removed: org-specific
        force-app/main/default/extlClntAppGlobalOauthSets/Shop_glbloauth.ecaGlblOauth-meta.xml:5:5: consumerSecret removed: a secret
        force-app/main/default/extlClntAppOauthSettings/Shop_oauth.ecaOauth-meta.xml:8:5: oauthLink removed: org-specific
    "#]].assert_eq(&report(&package));
    assert_eq!(package.report().zip_bytes, package.zip().length());
}

#[test]
fn a_packaged_app_retains_org_bound_fields_but_no_secret() {
    let project = Project::from_entries(files("Packaged"));
    let package = Package::builder(&project).build().unwrap();
    let text = listing(&package);
    assert!(text.contains("<oauthLink>00D5g000004Abcd:8885g0000000001</oauthLink>"));
    assert!(!text.contains("FAKE-SECRET"));
    expect![[r#"
        externalClientApps/Shop.eca <- force-app/main/default/externalClientApps/Shop.eca-meta.xml (340 bytes)
        extlClntAppGlobalOauthSets/Shop_glbloauth.ecaGlblOauth <- force-app/main/default/extlClntAppGlobalOauthSets/Shop_glbloauth.ecaGlblOauth-meta.xml (438 bytes)
        extlClntAppOauthSettings/Shop_oauth.ecaOauth <- force-app/main/default/extlClntAppOauthSettings/Shop_oauth.ecaOauth-meta.xml (526 bytes)
        force-app/main/default/extlClntAppGlobalOauthSets/Shop_glbloauth.ecaGlblOauth-meta.xml:5:5: consumerSecret removed: a secret
        force-app/main/default/externalClientApps/Shop.eca-meta.xml:6:5: orgScopedExternalApp retained: the app is Packaged
        force-app/main/default/extlClntAppGlobalOauthSets/Shop_glbloauth.ecaGlblOauth-meta.xml:4:5: consumerKey retained: the app is Packaged
        force-app/main/default/extlClntAppOauthSettings/Shop_oauth.ecaOauth-meta.xml:8:5: oauthLink retained: the app is Packaged
    "#]].assert_eq(&report(&package));
}

#[test]
fn nested_secrets_are_removed() {
    let mut files = files("Packaged");
    let push = r#"<ExtlClntAppPushSettings xmlns="http://soap.sforce.com/2006/04/metadata">
    <applePushConfig>
        <environment>Sandbox</environment>
        <keyIdentifier>K</keyIdentifier>
        <signingKey>FAKE-SECRET</signingKey>
    </applePushConfig>
    <externalClientApplication>Shop</externalClientApplication>
    <pushServiceType>Apple</pushServiceType>
</ExtlClntAppPushSettings>
"#;
    let path = "force-app/main/default/extlClntAppPushSettings/Shop_push.ecaPush-meta.xml";
    files.push((path.to_owned(), push.as_bytes().to_vec()));
    let package = Package::builder(&Project::from_entries(files))
        .build()
        .unwrap();
    let text = listing(&package);
    assert!(text.contains("<keyIdentifier>K</keyIdentifier>") && !text.contains("FAKE-SECRET"));
    let removed = format!("{path}:5:9: applePushConfig.signingKey removed: a secret");
    assert!(report(&package).contains(&removed), "{}", report(&package));
}

#[test]
fn an_app_without_its_header_retains_its_link() {
    let files = files("Local")
        .into_iter()
        .filter(|(path, _)| !path.contains(".eca-meta"));
    let package = Package::builder(&Project::from_entries(files))
        .build()
        .unwrap();
    let report = package.report();
    assert!(
        report
            .removed
            .iter()
            .all(|field| field.reason == RemovalReason::Secret)
    );
    assert_eq!(
        report.retained[0].to_string(),
        "force-app/main/default/extlClntAppGlobalOauthSets/Shop_glbloauth.ecaGlblOauth-meta.xml:4:5: consumerKey \
         retained: the project has no header file that sets the app to Local"
    );
}

#[test]
fn same_project_same_bytes() {
    let mut reversed = files("Local");
    reversed.reverse();
    assert_eq!(
        bytes(&package()),
        bytes(
            &Package::builder(&Project::from_entries(reversed))
                .build()
                .unwrap()
        )
    );
    // It contains no time and no owner.
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(bytes(&package()))).unwrap();
    for index in 0..zip.len() {
        let entry = zip.by_index(index).unwrap();
        assert_eq!(
            entry.last_modified().unwrap().to_string(),
            "1980-01-01 00:00:00"
        );
        assert_eq!(entry.unix_mode(), Some(0o100_644));
        assert_eq!(entry.extra_data(), None);
    }
}

#[test]
fn the_version_is_the_given_one_or_the_projects() {
    assert_eq!(package().manifest().version, ApiVersion::new(66));
    let package = Package::builder(&project())
        .api_version(ApiVersion::new(62))
        .build()
        .unwrap();
    assert!(listing(&package).contains("<version>62.0</version>"));
}

fn refused(files: Vec<(String, Vec<u8>)>) -> PackageError {
    Package::builder(&Project::from_entries(files))
        .build()
        .unwrap_err()
}

#[test]
fn a_package_is_refused() {
    expect!["the project has no metadata that can be deployed"]
        .assert_eq(&refused(Vec::new()).to_string());

    let mut broken = files("Local");
    broken[1].1 = b"<ExtlClntAppOauthSettings>\n  <a></b>\n</ExtlClntAppOauthSettings>".to_vec();
    expect!["the project has files that cannot be read: force-app/main/default/extlClntAppOauthSettings/Shop_oauth.ecaOauth-meta.xml:2:6: not well-formed XML: found end tag `</b>`, expected `</a>`"].assert_eq(&refused(broken).to_string());

    let mut twice = files("Local");
    twice.push((
        "force-app/other/externalClientApps/Shop.eca-meta.xml".to_owned(),
        twice[0].1.clone(),
    ));
    expect!["force-app/main/default/externalClientApps/Shop.eca-meta.xml and force-app/other/externalClientApps/Shop.eca-meta.xml are both ExternalClientApplication:Shop; Salesforce's names are not case-sensitive"].assert_eq(&refused(twice).to_string());

    let mut case = files("Local");
    case.push((
        "force-app/other/externalClientApps/SHOP.eca-meta.xml".to_owned(),
        case[0].1.clone(),
    ));
    expect!["force-app/other/externalClientApps/SHOP.eca-meta.xml and force-app/main/default/externalClientApps/Shop.eca-meta.xml are both ExternalClientApplication:Shop; Salesforce's names are not case-sensitive"].assert_eq(&refused(case).to_string());

    let mut rotating = files("Local");
    let text = String::from_utf8(rotating[2].1.clone()).unwrap();
    rotating[2].1 = text
        .replace(
            ">false</shouldRotateConsumerKey",
            "> TRUE </shouldRotateConsumerKey",
        )
        .into();
    expect!["force-app/main/default/extlClntAppGlobalOauthSets/Shop_glbloauth.ecaGlblOauth-meta.xml:8:5: shouldRotateConsumerKey is true: deploying it makes the org replace the current key or secret of ExtlClntAppGlobalOauthSettings:Shop_glbloauth"].assert_eq(&refused(rotating.clone()).to_string());
    let project = Project::from_entries(rotating);
    let name = ComponentName::new(
        MetadataType::ExtlClntAppGlobalOauthSettings,
        "Shop_glbloauth",
    );
    assert!(
        Package::builder(&project)
            .allow_rotation(name)
            .build()
            .is_ok()
    );
}

/// The app with this in place of its consumer secret.
fn with_secret(xml: &str) -> Vec<(String, Vec<u8>)> {
    let mut files = files("Local");
    let text = String::from_utf8(files[2].1.clone()).unwrap();
    let secret = "<consumerSecret>FAKE-SECRET-0123456789</consumerSecret>";
    files[2].1 = text.replace(secret, xml).into();
    files
}

#[test]
fn unusually_written_secrets_are_removed() {
    for xml in [
        "<consumerSecret>HIDDEN</consumerSecret>\n    <consumerSecret>HIDDEN</consumerSecret>",
        "<consumerSecret><!-- -->HIDDEN<x>HIDDEN</x></consumerSecret>",
        "<consumerSecret><![CDATA[HIDDEN]]></consumerSecret>",
        "<consumerSecret nil=\"true\">HIDDEN</consumerSecret>",
        "<m:consumerSecret xmlns:m=\"http://soap.sforce.com/2006/04/metadata\">HIDDEN</m:consumerSecret>",
    ] {
        let project = Project::from_entries(with_secret(xml));
        if let Ok(package) = Package::builder(&project).build() {
            assert!(!listing(&package).contains("HIDDEN"), "{xml}");
            assert!(
                package
                    .report()
                    .removed
                    .iter()
                    .any(|field| field.reason == RemovalReason::Secret)
            );
        }
    }
}

#[test]
fn limits_are_checked_before_anything_is_sent() {
    let size = package().report().unzipped_bytes;
    let mut limits = Limits::default();
    limits.unzipped_bytes = size - 1;
    let error = Package::builder(&project())
        .limits(limits)
        .build()
        .unwrap_err();
    assert!(matches!(error, PackageError::TooLarge(_)), "{error}");
    limits.unzipped_bytes = size;
    limits.files = 4;
    let package = Package::builder(&project()).limits(limits).build().unwrap();
    assert_eq!(package.report().near_limits.len(), 2);
    limits.files = 3;
    let error = Package::builder(&project())
        .limits(limits)
        .build()
        .unwrap_err();
    expect!["the package has 4 files, more than the 3 allowed"].assert_eq(&error.to_string());
}

#[test]
fn the_debug_output_has_no_content() {
    let text = format!("{:?}", package());
    assert!(
        !text.contains("3MVG9") && !text.contains("FAKE-SECRET"),
        "{text}"
    );
}
