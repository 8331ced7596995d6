//! Every operation against the embedded org. It shares no wire code with this crate; in strict mode
//! it refuses what is not in the schema's order and spelling.

use std::collections::HashSet;

use eca_deploy::{
    Client, DeployApi, DeployMatch, Deployment, Package, RetrieveOptions, TestLevel,
    create_metadata, delete_metadata, describe_metadata, describe_value_type, list_metadata,
    read_metadata, recent_deploys, rename_metadata, retrieve, update_metadata, upsert_metadata,
};
use eca_deploy::{ListQuery, MetadataRecord, SaveResult};
use eca_emulator::Org;
use eca_model::{Document, Project};
use eca_oauth::AccessToken;

use crate::support::files;

const APP: &str = "ExternalClientApplication";

async fn start(api: DeployApi) -> (Org, Client) {
    let embedded = Org::builder().strict(true).start().await.unwrap();
    let token = AccessToken::new(embedded.admin_access_token().expose_secret()).unwrap();
    let org = Client::connect(embedded.instance_url(), token).unwrap();
    (embedded, org.with_deploy_api(api))
}

fn package() -> Package {
    Package::of(&Project::from_entries(files("Local"))).unwrap()
}

/// The apps that the org has.
fn apps(embedded: &Org) -> Vec<String> {
    let components = embedded.components().into_iter();
    let headers = components.filter(|component| component.name.kind.as_str() == APP);
    headers.map(|component| component.name.name).collect()
}

async fn deploy_and_retrieve(api: DeployApi) {
    let (embedded, org) = start(api).await;
    let package = package();
    let validation = org.deploy(&package).check_only();
    let validation = validation.test_level(TestLevel::RunLocalTests);
    // The org reads a zip with a comment, and reports what a lost start is found by.
    let validation = validation.recoverable().await.unwrap();
    let started = validation.fingerprint().clone();
    assert!(started.is_recognizable());
    let validation = validation.start(&HashSet::new()).await.unwrap();
    let found = Deployment::find_recent(&org, &started, &HashSet::new()).await;
    assert_eq!(found.unwrap(), DeployMatch::One(validation.id().clone()));
    let validated = validation.id().clone();
    assert!(validation.await.is_success());
    assert!(apps(&embedded).is_empty());

    let quick = org.quick_deploy(&validated).recoverable().await.unwrap();
    let started = quick.fingerprint().clone();
    let quick = quick.start(&HashSet::new()).await.unwrap();
    let found = Deployment::find_recent(&org, &started, &HashSet::new()).await;
    assert_eq!(found.unwrap(), DeployMatch::One(quick.id().clone()));
    let id = quick.id().clone();
    assert_ne!(id, validated);
    assert!(quick.await.is_success());
    assert_eq!(apps(&embedded), ["Shop"]);
    let late = Deployment::attach(&org, id.clone()).cancel().await;
    assert!(late.unwrap_err().api_error().is_some());

    let recent = recent_deploys(&org, 5).await.unwrap();
    let ids: Vec<_> = recent.deploys.iter().map(|deploy| &deploy.id).collect();
    assert_eq!(ids, [&id, &validated]);

    let retrieved = retrieve(&org, package.manifest(), &RetrieveOptions::default())
        .await
        .unwrap();
    assert_eq!(retrieved.into_project().components().len(), 3);
    embedded.stop().await;
}

#[tokio::test]
async fn deploys_over_rest() {
    deploy_and_retrieve(DeployApi::Rest).await;
}

#[tokio::test]
async fn deploys_over_soap() {
    deploy_and_retrieve(DeployApi::Soap).await;
}

fn app(name: &str, description: &str) -> MetadataRecord {
    let members = format!(
        "<x><contactEmail>shop@example.com</contactEmail><description>{description}</description>\
         <distributionState>Local</distributionState><label>{name}</label></x>"
    );
    MetadataRecord::from_document(APP, name, &Document::parse(members).unwrap())
}

fn saved(results: &[SaveResult]) -> Vec<(&str, bool)> {
    let results = results.iter();
    results
        .map(|result| (result.full_name.as_str(), result.success))
        .collect()
}

#[tokio::test]
async fn records_are_created_updated_renamed_and_deleted() {
    let (embedded, org) = start(DeployApi::Soap).await;
    let created = create_metadata(&org, &[app("Shop", "one"), app("Bank", "one")], true).await;
    assert_eq!(saved(&created.unwrap()), [("Shop", true), ("Bank", true)]);
    let again = create_metadata(&org, &[app("Shop", "two"), app("Post", "one")], true).await;
    let again = again.unwrap();
    assert!(
        again.iter().all(|result| !result.success),
        "all or none: {again:?}"
    );
    assert_eq!(apps(&embedded), ["Bank", "Shop"]);

    let changed = update_metadata(&org, &[app("Shop", "two"), app("None", "")], false).await;
    assert_eq!(saved(&changed.unwrap()), [("Shop", true), ("None", false)]);
    let upserted = upsert_metadata(&org, &[app("Shop", "three"), app("Post", "one")], false).await;
    let upserted = upserted.unwrap();
    assert_eq!(saved(&upserted), [("Shop", true), ("Post", true)]);
    let created: Vec<_> = upserted.iter().map(|result| result.created).collect();
    assert_eq!(created, [Some(false), Some(true)]);

    let names = ["Shop", "Unknown"].map(str::to_owned);
    let read = read_metadata(&org, APP, &names).await.unwrap();
    assert_eq!(read.len(), 1);
    assert!(read[0].file.contains("<description>three</description>"));

    let renamed = rename_metadata(&org, APP, "Post", "Mail").await.unwrap();
    assert!(renamed.success, "{renamed:?}");
    let deleted = delete_metadata(&org, APP, &["Bank", "Unknown"].map(str::to_owned), false).await;
    assert_eq!(
        saved(&deleted.unwrap()),
        [("Bank", true), ("Unknown", false)]
    );
    assert_eq!(apps(&embedded), ["Mail", "Shop"]);
    embedded.stop().await;
}

#[tokio::test]
async fn components_and_types_are_listed() {
    let (embedded, org) = start(DeployApi::Soap).await;
    let package = package();
    let deploy = org.deploy(&package).test_level(TestLevel::NoTestRun);
    assert!(deploy.await.unwrap().is_success());
    let queries = [
        APP,
        "NoSuchType",
        "ExtlClntAppOauthSettings",
        "NamedCredential",
    ];
    let inventory = list_metadata(&org, &queries.map(ListQuery::new), 2).await;
    let found = inventory
        .components
        .iter()
        .map(|component| component.full_name.as_str());
    assert_eq!(found.collect::<Vec<_>>(), ["Shop", "Shop_oauth"]);
    let failed = inventory
        .failures
        .iter()
        .map(|(query, _)| query.kind.as_str());
    assert_eq!(failed.collect::<Vec<_>>(), ["NoSuchType"]);

    let described = describe_metadata(&org).await.unwrap();
    let kinds = described.metadata_objects.iter();
    assert!(
        kinds
            .clone()
            .any(|object| object.xml_name == APP && object.suffix.as_deref() == Some("eca"))
    );
    let described = describe_value_type(&org, APP).await.unwrap();
    let fields = described.value_type_fields.iter();
    assert!(
        fields
            .clone()
            .any(|field| field.name == "distributionState")
    );
    embedded.stop().await;
}
