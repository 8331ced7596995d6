//! Packages of folders: made from one file after the other, and again while they are sent.

use std::path::Path;

use eca_deploy::{
    ConsumerChoice, DeployApi, DeployOptions, Deployment, Limits, Package, PackageBuilder,
    PackageError, StartError,
};
use eca_model::fs::Folder;
use eca_model::text::SecretText;
use eca_model::{ComponentId, MetadataType, Project};
use expect_test::expect;

use crate::support::{ScriptedOrg, bytes, files, started};

fn with_certificate(state: &str) -> Vec<(String, Vec<u8>)> {
    let mut files = files(state);
    let certificate = "<Certificate xmlns=\"http://soap.sforce.com/2006/04/metadata\"/>";
    for (path, content) in [
        ("Shop.crt", "-----BEGIN"),
        ("Shop.crt-meta.xml", certificate),
    ] {
        let path = format!("force-app/main/default/certs/{path}");
        files.push((path, content.into()));
    }
    files
}

fn folder(files: &[(String, Vec<u8>)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, content) in files {
        write(folder.path(), path, content);
    }
    folder
}

fn write(folder: &Path, path: &str, content: &[u8]) {
    let path = folder.join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, content).unwrap();
}

fn causes(error: &dyn std::error::Error) -> String {
    let all = std::iter::successors(Some(error), |error| error.source());
    let all: Vec<_> = all.map(ToString::to_string).collect();
    all.join(": ")
}

/// A folder and the same project in memory give the same package, to the byte, or the same refusal,
/// however much of the folder's contents may be kept.
fn check(files: &[(String, Vec<u8>)], settings: impl Fn(PackageBuilder<'_>) -> PackageBuilder<'_>) {
    for kept in [0, 1_000, u64::MAX] {
        check_kept(files, kept, &settings);
    }
}

fn check_kept(
    files: &[(String, Vec<u8>)],
    kept: u64,
    settings: &impl Fn(PackageBuilder<'_>) -> PackageBuilder<'_>,
) {
    let disk = folder(files);
    let open = Folder::open(disk.path()).unwrap();
    let project = Project::from_entries(files.to_vec());
    let streamed = settings(Package::builder(&open).in_memory(kept)).build();
    let whole = settings(Package::builder(&project)).build();
    if let Err(refused) = &whole {
        return assert_eq!(causes(&streamed.unwrap_err()), causes(refused));
    }
    let (streamed, whole) = (streamed.unwrap(), whole.unwrap());
    assert_eq!(streamed.report(), whole.report());
    assert_eq!(streamed.manifest(), whole.manifest());
    assert_eq!(bytes(&streamed), bytes(&whole));
    assert_eq!(streamed.zip().length(), bytes(&streamed).len() as u64);
    for file in whole.report().files.iter() {
        let place = |package: &Package| {
            let map = package.source_map();
            map.locate(&file.package_path(), None, Some(5), Some(1))
        };
        assert_eq!(place(&streamed), place(&whole));
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let sent = |package: &Package| {
        [DeployApi::Rest, DeployApi::Soap].map(|api| {
            let org = ScriptedOrg::new();
            let client = org.client.clone().with_deploy_api(api);
            let options = DeployOptions::default();
            let _ = runtime.block_on(Deployment::start(&client, package, &options));
            let request = org.transport.requests().remove(0);
            (request.headers().clone(), request.into_body())
        })
    };
    assert_eq!(sent(&streamed), sent(&whole));
}

#[test]
fn a_folder_makes_the_package_of_its_project() {
    for state in ["Local", "Packaged"] {
        check(&with_certificate(state), |builder| builder);
    }
    let id = ComponentId::new(
        MetadataType::ExtlClntAppGlobalOauthSettings,
        "Shop_glbloauth",
    );
    check(&files("Local"), |builder| {
        let secret = SecretText::from("s3cret & möre".to_owned());
        builder.secret(id.clone(), "consumerSecret", secret)
    });
    check(&files("Local"), |builder| {
        builder.consumer(ConsumerChoice::Share)
    });
    check(&files("Local"), |builder| {
        let only = [("ExternalClientApplication", "Shop")];
        builder.components(only.into_iter().collect())
    });
}

#[test]
fn a_folder_is_refused_as_its_project_is() {
    let changed = |path: &str, by: &str| {
        let mut files = with_certificate("Local");
        let (_, content) = files
            .iter_mut()
            .find(|(name, _)| name.contains(path))
            .unwrap();
        *content = by.into();
        files
    };
    check(&changed("ecaOauth", "<x"), |builder| builder);
    check(&changed("ecaGlbl", "<Other/>"), |builder| builder);
    let more = |path: &str, like: &str| {
        let mut files = with_certificate("Local");
        let (_, content) = files.iter().find(|(name, _)| name.contains(like)).unwrap();
        let entry = (format!("force-app/{path}"), content.clone());
        files.push(entry);
        files
    };
    check(&more("again/Shop.eca-meta.xml", "Shop.eca-"), |builder| {
        builder
    });
    check(&more("again/SHOP.eca-meta.xml", "Shop.eca-"), |builder| {
        builder
    });
    check(&more("again/Bank.crt-meta.xml", "crt-meta"), |builder| {
        builder
    });
    check(&[], |builder| builder);
    let mut limits = Limits::default();
    limits.zip_bytes = 100;
    check(&files("Local"), |builder| builder.limits(limits));
}

/// What is sent is what was looked at: members that stay out are cut at places that hold for that
/// content only.
#[tokio::test]
async fn a_file_that_changed_is_not_sent() {
    let path = "force-app/main/default/extlClntAppOauthSettings/Shop_oauth.ecaOauth-meta.xml";
    let disk = folder(&files("Local"));
    let open = Folder::open(disk.path()).unwrap();
    let package = Package::builder(&open).in_memory(0).build().unwrap();
    let content = std::fs::read(disk.path().join(path)).unwrap();
    let start = async |org: &ScriptedOrg| {
        let options = DeployOptions::default();
        Deployment::start(&org.client, &package, &options).await
    };

    write(disk.path(), path, &[&content[..], b"\n"].concat());
    let org = ScriptedOrg::new();
    let error = start(&org).await.unwrap_err();
    assert!(matches!(error, StartError::NotStarted(_)), "{error:?}");
    expect!["the deploy was not started: the REST deployRequest request got no response: no answer from acme.my.salesforce.com after 1 attempt in 0.0 s: POST acme.my.salesforce.com: the request could not be sent whole: force-app/main/default/extlClntAppOauthSettings/Shop_oauth.ecaOauth-meta.xml was changed after the package was made"].assert_eq(&causes(&error));

    std::fs::remove_file(disk.path().join(path)).unwrap();
    let org = ScriptedOrg::new();
    let error = causes(&start(&org).await.unwrap_err());
    assert!(
        error.contains(&format!(": {path}: No such file")),
        "{error}"
    );

    // Once it is what it was, so is the package.
    write(disk.path(), path, &content);
    let org = ScriptedOrg::new();
    org.transport.json(201, started());
    let _ = start(&org).await.unwrap();
    let project = Project::from_entries(files("Local"));
    let whole = Package::builder(&project).build().unwrap();
    let sent = org.transport.requests();
    let zip = bytes(&whole);
    assert!(
        sent[0]
            .body()
            .windows(zip.len())
            .any(|window| window == zip)
    );
}

/// What is kept is what was looked at, whatever becomes of the files.
#[test]
fn a_small_package_does_not_need_its_files_again() {
    let disk = folder(&files("Local"));
    let open = Folder::open(disk.path()).unwrap();
    let package = Package::builder(&open).build().unwrap();
    disk.close().unwrap();
    let project = Project::from_entries(files("Local"));
    let whole = Package::builder(&project).build().unwrap();
    assert_eq!(bytes(&package), bytes(&whole));
}

/// A header that stays out still says what its satellites are; of a folder it is read for that
/// only.
#[test]
fn a_header_counts_where_it_is_not_packaged() {
    for state in ["Local", "Packaged"] {
        check(&files(state), |builder| {
            let only = [("ExtlClntAppOauthSettings", "Shop_oauth")];
            builder.components(only.into_iter().collect())
        });
    }
    let mut broken = files("Local");
    let (_, header) = broken
        .iter_mut()
        .find(|(path, _)| path.ends_with(".eca-meta.xml"))
        .unwrap();
    *header = "<x".into();
    check(&broken, |builder| {
        let only = [("ExtlClntAppOauthSettings", "Shop_oauth")];
        builder.components(only.into_iter().collect())
    });
}

#[test]
fn a_folder_without_the_file_names_it() {
    let disk = folder(&files("Local"));
    let open = Folder::open(disk.path()).unwrap();
    let path = "force-app/main/default/externalClientApps/Shop.eca-meta.xml";
    std::fs::remove_file(disk.path().join(path)).unwrap();
    let error = Package::builder(&open).build().unwrap_err();
    assert!(matches!(error, PackageError::Load(_)));
    assert!(error.to_string().ends_with(path), "{error}");
}
