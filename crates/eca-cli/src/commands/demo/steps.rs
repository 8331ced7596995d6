//! Steps 1 to 5: from files to an org and back.

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime};

use eca_attest::{KeyKind, OsIds, PrivateKey, Provider, SelfSigned};
use eca_deploy::{DeployOptions, DeployOutcome, Deployment, Package, RetrieveOptions, Update};
use eca_lint::{FIRST_PARTY_CERTIFICATE, Options, Profile, Severity};
use eca_model::fs::Access;
use eca_model::types::{ExtlClntAppGlobalOauthSettings, ExtlClntAppOauthSettings};
use eca_model::{ApiVersion, Component, ComponentChange, FieldChange, Project, diff};
use eca_oauth::ClientId;
use serde_json::json;

use crate::commands::demo::context::{DemoContext, broken, failed};
use crate::commands::demo::transcript::DemoStep;
use crate::commands::{cert, emulate};
use crate::context;
use crate::failure::Failure;
use crate::files::write;
use crate::project::package_args;
use crate::ui::progress::Progress;

/// The members that an org generates. The project's own values are not deployed.
const GENERATED: [&str; 3] = ["consumerKey", "oauthLink", "orgScopedExternalApp"];

/// Step 1: reads the project from disk.
pub(super) fn load(demo: &DemoContext<'_>, step: &mut DemoStep) -> Result<Project, Failure> {
    let project = context::load(&demo.workdir.project())?;
    if let Some(unreadable) = project.unreadable().first() {
        return Err(failed(unreadable.to_string()));
    }
    for component in project.components() {
        demo.print(format_args!(
            "{:<38}{}",
            component.kind(),
            component.full_name()
        ));
    }
    let apps: Vec<_> = project
        .apps()
        .iter()
        .map(|app| app.name.to_owned())
        .collect();
    let count = project.components().len();
    step.summary(format!("{count} components, app {}", apps.join(", ")));
    step.fact("components", count);
    step.fact("apps", apps);
    Ok(project)
}

/// Step 2: checks it, perhaps with a profile. The certificate of a first-party app is still
/// missing; the next step makes it.
pub(super) fn lint(
    demo: &DemoContext<'_>,
    project: &Project,
    profile: Option<Profile>,
    step: &mut DemoStep,
) -> Result<(), Failure> {
    let mut options = Options::new(SystemTime::now());
    options.profiles.extend(profile);
    let report = eca_lint::lint(project, &options);
    for finding in report.findings() {
        demo.print(format_args!("{finding:#}"));
    }
    step.fact(
        "findings",
        serde_json::to_value(report.findings()).unwrap_or_default(),
    );
    let all = report.findings().len();
    let (rest, certificate) = report.split(&[FIRST_PARTY_CERTIFICATE]);
    if let Some(error) = rest.at_least(Severity::Error).next() {
        let rules = match profile {
            Some(profile) => format!("the project does not meet the {profile} profile"),
            None => "the project has errors".to_owned(),
        };
        return Err(failed(format!("{rules}: {error}")).hint("eca lint lists all findings"));
    }
    if !certificate.is_clean() {
        demo.print("the next step makes the certificate");
    }
    let plural = if all == 1 { "" } else { "s" };
    step.summary(match certificate.findings().len() {
        0 => format!("{all} finding{plural}"),
        made => format!("{all} finding{plural}, {made} of them the certificate that step 3 makes"),
    });
    Ok(())
}

/// Step 3: makes key and certificate, and registers the certificate by a typed edit. It takes the
/// place of one that the project has: the demo needs the private key.
pub(super) fn certificate(
    demo: &DemoContext<'_>,
    project: &Project,
    app: &str,
    step: &mut DemoStep,
) -> Result<(Project, PrivateKey), Failure> {
    let (name, year) = (
        "Storefront client attestation",
        Duration::from_hours(365 * 24),
    );
    let (key, certificate) = SelfSigned::valid_for(name, SystemTime::now(), year, &OsIds)
        .and_then(|request| request.generate(Provider::AwsLcRs, KeyKind::Rsa2048))
        .map_err(|error| broken(&error))?;
    write::create(
        &demo.workdir.key(),
        key.expose_pkcs8_pem().as_bytes(),
        Access::Owner,
    )?;
    write::create(
        &demo.workdir.certificate(),
        certificate.to_pem().as_bytes(),
        Access::Inherited,
    )?;
    let thumbprint = certificate.thumbprint().to_string();
    let size = certificate.der().len();
    demo.print(format_args!(
        "RSA-2048 key, self-signed certificate of {size} bytes (4096 allowed)"
    ));
    demo.print(format_args!("SHA-256 {thumbprint}"));

    let registered = cert::settings(project, Some(app))?;
    let component = &without_certificate(registered)?;
    if component.file().text() != registered.file().text() {
        demo.print("the copy of the project has a certificate already; this one takes its place");
    }
    let edited = cert::with_certificate(component, &certificate)?;
    let path = demo.workdir.project().join(component.path());
    let text = edited.file().text();
    write::replace(&path, text.as_bytes())?;
    let (before, place) = (
        component.file().text().len(),
        edited.file().position_of("clientAssertionCertificate"),
    );
    let after = unchanged(component.file().text(), text);
    if after != before {
        return Err(failed(format!(
            "the edit changed {} other bytes",
            before - after
        )));
    }
    demo.print(format_args!(
        "registered at {}:{place}; the other {before} bytes of the file are unchanged",
        component.path()
    ));
    step.summary(format!("1 line added, {before} bytes unchanged"));
    step.fact("thumbprint_sha256", thumbprint);
    step.fact("certificate_bytes", size);
    step.fact("file", component.path());
    step.fact("line", place.line);
    step.fact("bytes_untouched", before);

    // From disk again: those files are deployed.
    let project = context::load(&demo.workdir.project())?;
    let options = Options::new(SystemTime::now()).with_profile(Profile::FirstParty);
    let report = eca_lint::lint(&project, &options);
    match report.at_least(Severity::Error).next() {
        None => Ok((project, key)),
        Some(finding) => Err(failed(format!("still not ready: {finding}"))),
    }
}

/// The settings without a registered certificate.
fn without_certificate(component: &Component) -> Result<Component, Failure> {
    component
        .edit(|settings: &mut ExtlClntAppOauthSettings| {
            settings.client_assertion_certificate = None;
        })
        .map_err(|error| broken(&error))
}

/// The number of bytes that both texts have before and after one insertion.
fn unchanged(old: &str, new: &str) -> usize {
    let head = old
        .bytes()
        .zip(new.bytes())
        .take_while(|(a, b)| a == b)
        .count();
    let (old, new) = (&old.as_bytes()[head..], &new.as_bytes()[head..]);
    head + old
        .iter()
        .rev()
        .zip(new.iter().rev())
        .take_while(|(a, b)| a == b)
        .count()
}

/// Step 4: packages and deploys, first check-only.
pub(super) async fn deploy(
    demo: &DemoContext<'_>,
    project: &Project,
    step: &mut DemoStep,
) -> Result<Package, Failure> {
    let version = project.api_version().unwrap_or(ApiVersion::NEWEST_CHECKED);
    // The users that the project names are not metadata.
    emulate::seed::make_users_of(&demo.org, project);
    let package = package_args::build(project, &demo.workdir.project())?;
    let report = package.report();
    let files = report.files.len();
    demo.print(format_args!(
        "package: package.xml and {files} files, {} bytes, API {version}",
        report.zip_bytes
    ));
    for dropped in &report.removed {
        demo.print(dropped);
    }
    step.fact("files", files);
    step.fact("zip_bytes", report.zip_bytes);
    let org = demo.deploy_org(version)?;
    let mut deploys = Vec::new();
    for options in [DeployOptions::check_only(), DeployOptions::default()] {
        let what = if options.check_only {
            "check-only"
        } else {
            "deploy"
        };
        let deployment = org
            .deploy(&package)
            .options(options.clone())
            .start()
            .await
            .map_err(|error| broken(&error))?;
        let id = deployment.id().to_string();
        demo.print(format_args!("{what:<11}{id}"));
        let outcome = follow(demo, deployment).await;
        for problem in outcome.problems() {
            demo.print(problem);
        }
        let Some(result) = outcome.result().filter(|_| outcome.is_success()) else {
            return Err(failed(format!("{what} {id} did not succeed")));
        };
        let counts = format!(
            "{} of {} components",
            result.number_components_deployed, result.number_components_total
        );
        demo.print(format_args!("{what:<11}{}: {counts}", result.status));
        step.summary(format!("check-only and deploy: {counts}"));
        deploys.push(json!({
            "id": id,
            "check_only": options.check_only,
            "status": result.status.to_string(),
            "components": result.number_components_deployed,
        }));
    }
    step.fact("deploys", deploys);
    Ok(package)
}

async fn follow(demo: &DemoContext<'_>, mut deployment: Deployment) -> DeployOutcome {
    let mut progress = Progress::start(&demo.context.output);
    while let Some(update) = deployment.next_update().await {
        match update {
            Update::Status(status) => progress.status(&status),
            other => progress.interrupted(&other),
        }
    }
    drop(progress);
    deployment.outcome().await
}

/// Step 5: retrieves the deployed components and compares them.
pub(super) async fn retrieve(
    demo: &DemoContext<'_>,
    project: &Project,
    package: &Package,
    step: &mut DemoStep,
) -> Result<Project, Failure> {
    let org = demo.deploy_org(package.report().api_version)?;
    let retrieved = eca_deploy::retrieve(&org, package.manifest(), &RetrieveOptions::default())
        .await
        .map_err(|error| broken(&error))?;
    demo.print(format_args!(
        "{} files retrieved",
        retrieved.file_properties.len()
    ));
    let theirs = retrieved.into_project();
    if let Some(unreadable) = theirs.unreadable().first() {
        return Err(failed(unreadable.to_string()));
    }
    let mut generated = BTreeSet::new();
    let mut differences = Vec::new();
    let mut unexpected = None;
    for component in diff(project, &theirs) {
        let fields = match component.change {
            ComponentChange::Update(fields) => fields,
            other => {
                unexpected = Some(format!("{}: {other:?}", component.component));
                continue;
            }
        };
        for field in fields {
            let target = field.target.as_ref();
            let value = target.map_or_else(|| "-".to_owned(), ToString::to_string);
            let place = format!("{}.{}", component.component, field.path);
            // A project may have the values of another org. They are not deployed.
            let by_org = field.change == FieldChange::OrgMade
                || GENERATED.contains(&field.path.to_string().as_str());
            if by_org {
                demo.print(format_args!("+ {place} = {value}"));
                generated.insert(field.path.to_string());
            } else {
                demo.print(format_args!(
                    "! {place}: {:?} {:?} -> {value}",
                    field.change, field.source
                ));
                unexpected = Some(place.clone());
            }
            differences.push(json!({ "member": place, "value": value, "by_org": by_org }));
        }
    }
    step.fact("differences", differences);
    if let Some(unexpected) = unexpected {
        return Err(failed(format!(
            "the org's copy differs in members that the org does not generate: {unexpected}"
        )));
    }
    step.summary(if generated.is_empty() {
        "the same".to_owned()
    } else {
        let generated: Vec<_> = generated.into_iter().collect();
        format!("same, but for {}", generated.join(", "))
    });
    Ok(theirs)
}

/// The client id that the org has generated for an app.
pub(super) fn client_id(theirs: &Project, app: &str) -> Result<ClientId, Failure> {
    let global = theirs
        .app(app)
        .and_then(|app| app.first::<ExtlClntAppGlobalOauthSettings>());
    let key = global.and_then(|(_, global)| global.consumer_key.clone());
    let key = key.ok_or_else(|| failed(format!("the org gave no consumer key for {app}")))?;
    key.parse()
        .map_err(|e: eca_oauth::ClientIdError| broken(&e))
}
