//! What the project's metadata says about an app: the org has it so once it is deployed.

use eca_attest::Certificate;
use eca_model::types::{
    ExtlClntAppGlobalOauthSettings, ExtlClntAppOauthConfigurablePolicies, ExtlClntAppOauthSettings,
};
use eca_model::{Component, Project};

use super::Finding;

/// The app of the project, and what it must be like for a headless login.
pub(super) fn examine(
    project: &Project,
    client_id: &str,
    certificate: Option<&Certificate>,
    scopes: Option<&eca_oauth::Scopes>,
) -> Vec<Finding> {
    let Some((app, settings)) = settings(project, client_id) else {
        return vec![Finding::unknown(
            "app",
            "the project has no OAuth settings (.ecaOauth) that can be told to be this app's",
        )];
    };
    let mut findings = vec![Finding::ok("app", format!("`{app}` in the project"))];
    findings.push(if settings.is_first_party_app_enabled == Some(true) {
        Finding::ok("first-party", "isFirstPartyAppEnabled is on")
    } else {
        Finding::failed(
            "first-party",
            "isFirstPartyAppEnabled is not on",
            "set isFirstPartyAppEnabled in the app's .ecaOauth to true, and deploy",
        )
    });
    findings.push(registered(settings, certificate));
    if let Some(scopes) = scopes {
        findings.push(selected(settings, scopes));
    }
    findings.push(approved(project, &app));
    findings
}

/// The app with this consumer key, or the only one.
fn settings<'a>(
    project: &'a Project,
    client_id: &str,
) -> Option<(String, &'a ExtlClntAppOauthSettings)> {
    let by_key = project
        .of_type::<ExtlClntAppGlobalOauthSettings>()
        .find(|(_, global)| global.consumer_key.as_deref() == Some(client_id))
        .and_then(|(component, _)| component.app());
    let mut all = project
        .of_type::<ExtlClntAppOauthSettings>()
        .filter(|(component, _)| by_key.is_none() || component.app() == by_key);
    let (component, settings) = all.next()?;
    let app = Component::app(component)?;
    all.next().is_none().then(|| (app.to_owned(), settings))
}

fn registered(settings: &ExtlClntAppOauthSettings, certificate: Option<&Certificate>) -> Finding {
    const CHECK: &str = "certificate registered";
    let fix = "eca cert register CERTIFICATE, and deploy";
    match (&settings.client_assertion_certificate, certificate) {
        (None, _) => Finding::failed(CHECK, "clientAssertionCertificate is empty", fix),
        (Some(_), None) => Finding::unknown(CHECK, "no certificate to compare with"),
        (Some(text), Some(certificate)) => {
            let body: String = text.split_ascii_whitespace().collect();
            if body == certificate.to_body() {
                Finding::ok(CHECK, "clientAssertionCertificate is this certificate")
            } else {
                Finding::failed(
                    CHECK,
                    "clientAssertionCertificate is another certificate",
                    fix,
                )
            }
        }
    }
}

fn selected(settings: &ExtlClntAppOauthSettings, scopes: &eca_oauth::Scopes) -> Finding {
    let known = settings.comma_separated_oauth_scopes.as_ref();
    let runtime: Vec<&str> = known
        .into_iter()
        .flat_map(eca_model::text::ScopeList::iter)
        .filter_map(|own| {
            let own = own.to_string();
            let scope = eca_model::scope::ALL.iter().find(|s| s.token == own);
            scope.and_then(|scope| scope.runtime)
        })
        .collect();
    let missing = scopes.iter().find(|scope| !runtime.contains(scope));
    match missing {
        None => Finding::ok("scopes", format!("{scopes} are selected")),
        Some(scope) => Finding::failed(
            "scopes",
            format!("`{scope}` is not selected on the app"),
            "add it to commaSeparatedOauthScopes, and deploy; or do not ask for it",
        ),
    }
}

fn approved(project: &Project, app: &str) -> Finding {
    const CHECK: &str = "pre-authorisation";
    let policies = project
        .of_type::<ExtlClntAppOauthConfigurablePolicies>()
        .find(|(component, _)| component.app() == Some(app));
    let sets = policies.and_then(|(_, policies)| policies.comma_separated_permission_set.as_ref());
    let sets: Vec<String> = sets
        .into_iter()
        .flat_map(eca_model::text::NameList::iter)
        .map(ToString::to_string)
        .collect();
    if sets.is_empty() {
        return Finding::unknown(CHECK, "the project's policies name no permission set");
    }
    Finding::ok(
        CHECK,
        format!("users with the permission set {}", sets.join(" or ")),
    )
}
