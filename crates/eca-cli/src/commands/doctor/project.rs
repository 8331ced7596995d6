//! What the project's metadata states about an app.

use eca_attest::Certificate;
use eca_model::Project;
use eca_model::text::ScopeList;
use eca_model::types::{
    ExtlClntAppConfigurablePolicies, ExtlClntAppGlobalOauthSettings,
    ExtlClntAppOauthConfigurablePolicies, ExtlClntAppOauthSettings, PermittedUsersPolicyType,
    SessionSecurityLevel,
};
use eca_oauth::Scopes;
use eca_oauth::explain::Check;

use crate::auth::{ConfiguredApp, Identity, Login};
use crate::commands::doctor::Finding;

/// What the checks read of an app's files.
pub(super) struct App<'a> {
    name: &'a str,
    settings: &'a ExtlClntAppOauthSettings,
    global: Option<&'a ExtlClntAppGlobalOauthSettings>,
    policies: Option<&'a ExtlClntAppOauthConfigurablePolicies>,
    plugins: Option<&'a ExtlClntAppConfigurablePolicies>,
}

impl<'a> App<'a> {
    /// The app with this consumer key, or the only one with OAuth settings, and the finding of the
    /// search.
    pub(super) fn find(project: &'a Project, client_id: &str) -> (Option<Self>, Finding) {
        const CHECK: &str = "app";
        let apps = match project.app_by_consumer_key(client_id) {
            Some(app) => vec![app],
            None => project.apps(),
        };
        let apps: Vec<_> = apps
            .iter()
            .filter_map(|app| {
                Some(Self {
                    name: app.name,
                    settings: app.first()?.1,
                    global: app.first().map(|(_, global)| global),
                    policies: app.first().map(|(_, policies)| policies),
                    plugins: app.first().map(|(_, plugins)| plugins),
                })
            })
            .collect();
        let Ok([app]) = <[Self; 1]>::try_from(apps) else {
            let detail = "the project has no OAuth settings (.ecaOauth) that match this app";
            return (None, Finding::unknown(CHECK, detail));
        };
        let consumer_key = app.global.and_then(|global| global.consumer_key.as_deref());
        let finding = if consumer_key.is_some_and(|key| key != client_id) {
            let detail = format!("`{}` of the project has another consumer key", app.name);
            Finding::caused(CHECK, "app", detail)
        } else {
            Finding::ok(CHECK, format!("`{}` in the project", app.name))
        };
        (Some(app), finding)
    }

    /// What the app must be like for a headless login.
    pub(super) fn for_headless(
        &self,
        certificate: Option<&Certificate>,
        scopes: Option<&Scopes>,
    ) -> Vec<Finding> {
        let first_party = if self.settings.is_first_party_app_enabled == Some(true) {
            Finding::ok("first-party", "isFirstPartyAppEnabled is on").answering(Check::Flow)
        } else {
            let detail = format!("isFirstPartyAppEnabled of `{}` is not on", self.name);
            Finding::caused("first-party", "first-party", detail)
        };
        let registered_body = self.settings.client_assertion_certificate.as_deref();
        let mut findings = vec![
            first_party,
            registered(registered_body, "clientAssertionCertificate", certificate),
        ];
        findings.extend(scopes.map(|scopes| self.selected(scopes)));
        findings.extend(self.switched_off());
        findings.push(self.session_level());
        findings.push(self.approved());
        findings
    }

    /// What the app must be like for the way in which the org's tokens are got.
    pub(super) fn for_login(
        &self,
        known: &ConfiguredApp,
        certificate: Option<&Certificate>,
    ) -> Vec<Finding> {
        let mut findings = Vec::new();
        findings.extend(self.switched_off());
        let global = self.global;
        match known.method {
            "jwt" => {
                let body = global.and_then(|global| global.certificate.as_deref());
                findings.push(registered(body, "certificate", certificate));
                findings.push(self.approved());
            }
            "client-credentials" => {
                let on = global.and_then(|global| global.is_client_credentials_flow_enabled);
                findings.push(self.switched("isClientCredentialsFlowEnabled", on));
                findings.push(self.runs_as());
            }
            "token-exchange" => {
                let on = global.and_then(|global| global.is_token_exchange_enabled);
                findings.push(self.switched("isTokenExchangeEnabled", on));
            }
            "login" => {
                findings.push(self.called_back(&Login::redirect_uri(known.redirect_port)));
            }
            _ => {}
        }
        findings.extend(known.scope.as_ref().map(|scopes| self.selected(scopes)));
        findings
    }

    /// What the app must be like for the Headless Identity APIs.
    pub(super) fn for_identity(&self, identity: &Identity) -> Vec<Finding> {
        let global = self.global;
        let on = global.and_then(|global| global.is_code_cred_flow_enabled);
        let mut findings = vec![
            self.switched("isCodeCredFlowEnabled", on),
            {
                let post_only = global.and_then(|global| global.is_code_cred_post_only);
                match (post_only == Some(true), identity.in_body) {
                    (true, false) => {
                        let detail = format!(
                            "isCodeCredPostOnly of `{}` is on, and eca.toml sends the credentials in a header",
                            self.name
                        );
                        Finding::caused("post only", "post-only", detail)
                    }
                    (true, true) => {
                        Finding::ok("post only", "the credentials are sent in the body")
                            .answering(Check::Flow)
                    }
                    (false, true) => Finding::unknown(
                        "post only",
                        "isCodeCredPostOnly is off; that an org then takes credentials in the body is inferred",
                    ),
                    (false, false) => {
                        Finding::ok("post only", "isCodeCredPostOnly is off").answering(Check::Flow)
                    }
                }
            },
            self.called_back(&identity.redirect_uri),
        ];
        findings.extend(identity.scope.as_ref().map(|scopes| self.selected(scopes)));
        findings.extend(self.switched_off());
        findings.push(self.session_level());
        findings.push(self.approved());
        findings
    }

    /// A switch of the app's policies that ends every login.
    fn switched_off(&self) -> Option<Finding> {
        let plugins = self.plugins?;
        let switches = [
            ("isEnabled", plugins.is_enabled),
            ("isOauthPluginEnabled", plugins.is_oauth_plugin_enabled),
        ];
        let (switch, _) = switches.into_iter().find(|(_, on)| *on == Some(false))?;
        let detail = format!("{switch} of `{}` is off", self.name);
        Some(Finding::caused("app policies", "app-off", detail))
    }

    /// A headless login cannot complete a second factor.
    fn session_level(&self) -> Finding {
        const CHECK: &str = "session level";
        let level = self
            .policies
            .and_then(|policies| policies.required_session_level.as_ref());
        if level == Some(&SessionSecurityLevel::HighAssurance) {
            let detail = format!("requiredSessionLevel of `{}` is HIGH_ASSURANCE", self.name);
            return Finding::caused(CHECK, "session-level", detail);
        }
        Finding::ok(CHECK, "a password is enough")
    }

    fn switched(&self, switch: &str, on: Option<bool>) -> Finding {
        const CHECK: &str = "flow";
        if on == Some(true) {
            return Finding::ok(CHECK, format!("{switch} is on")).answering(Check::Flow);
        }
        let detail = format!("{switch} of `{}` is not on", self.name);
        Finding::caused(CHECK, "flow", detail)
    }

    fn runs_as(&self) -> Finding {
        const CHECK: &str = "run-as user";
        let user = self
            .policies
            .and_then(|policies| policies.client_credentials_flow_user.as_deref());
        match user {
            Some(user) => Finding::ok(CHECK, user).answering(Check::RunAsUser),
            None => Finding::caused(
                CHECK,
                "run-as-user",
                format!("the policies of `{}` name none", self.name),
            ),
        }
    }

    fn called_back(&self, redirect_uri: &str) -> Finding {
        const CHECK: &str = "redirect uri";
        let urls = self.global.and_then(|global| global.callback_url.as_ref());
        let urls = urls.or(self.settings.callback_url.as_ref());
        let mut urls = urls.into_iter().flat_map(eca_model::text::LineList::iter);
        if urls.any(|url| url == redirect_uri) {
            return Finding::ok(CHECK, redirect_uri).answering(Check::Redirect);
        }
        let detail = format!(
            "{redirect_uri} is not among the callback urls of `{}`",
            self.name
        );
        Finding::caused(CHECK, "redirect-uri", detail)
    }

    fn selected(&self, scopes: &Scopes) -> Finding {
        const CHECK: &str = "scopes";
        let known = self.settings.comma_separated_oauth_scopes.as_ref();
        let selected: Vec<_> = known
            .into_iter()
            .flat_map(ScopeList::runtime_names)
            .collect();
        match scopes.iter().find(|scope| !selected.contains(scope)) {
            None => Finding::ok(CHECK, format!("{scopes} are selected")).answering(Check::Scopes),
            Some(scope) => Finding::caused(
                CHECK,
                "scope",
                format!("`{scope}` is not selected on the app"),
            ),
        }
    }

    fn approved(&self) -> Finding {
        const CHECK: &str = "pre-authorisation";
        // No user of these flows can approve the app.
        let policy = self
            .policies
            .map(|policies| &policies.permitted_users_policy_type);
        if let Some(Some(policy @ PermittedUsersPolicyType::AllSelfAuthorized)) = policy {
            let detail = format!(
                "permittedUsersPolicyType of `{}` is {}",
                self.name,
                policy.as_str()
            );
            return Finding::caused(CHECK, "pre-authorisation", detail);
        }
        let sets = self
            .policies
            .and_then(|policies| policies.comma_separated_permission_set.as_ref());
        let sets: Vec<String> = sets
            .into_iter()
            .flat_map(eca_model::text::NameList::iter)
            .map(ToString::to_string)
            .collect();
        if sets.is_empty() {
            let profiles = self
                .policies
                .and_then(|policies| policies.comma_separated_profile.as_ref());
            let has_profiles = profiles.is_some_and(|profiles| !profiles.is_empty());
            if matches!(policy, Some(Some(_))) && !has_profiles {
                let detail = format!("the policies of `{}` list nobody", self.name);
                return Finding::caused(CHECK, "pre-authorisation", detail);
            }
            return Finding::unknown(CHECK, "the project's policies name no permission set");
        }
        // Who has it, only the org knows: no answer to the table's question.
        Finding::ok(
            CHECK,
            format!("users with the permission set {}", sets.join(" or ")),
        )
    }
}

fn registered(body: Option<&str>, element: &str, certificate: Option<&Certificate>) -> Finding {
    const CHECK: &str = "certificate registered";
    match (body, certificate) {
        (None, _) => Finding::caused(CHECK, "certificate", format!("{element} is empty")),
        (Some(_), None) => Finding::unknown(CHECK, "no certificate to compare with"),
        (Some(text), Some(certificate)) => {
            let body: String = text.split_ascii_whitespace().collect();
            if body == certificate.to_body() {
                Finding::ok(CHECK, format!("{element} is this certificate"))
                    .answering(Check::CertificateRegistered)
            } else {
                let detail = format!("{element} is another certificate");
                Finding::caused(CHECK, "certificate", detail)
            }
        }
    }
}
