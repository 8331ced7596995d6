//! Deployed components, and their OAuth consumers.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use eca_model::MetadataType;
use serde::{Deserialize, Serialize};

use crate::ids::RecordId;
use crate::secret;
use crate::secret::Secret;
use crate::state::component_key::ComponentKey;
use crate::state::id_token_config::IdTokenConfig;
use crate::state::ip_range::{IpRange, ranges};
use crate::state::record::Record;

/// How long a refresh token may be unused with `isEnforceRefreshTokenTTL` (Salesforce ISVforce
/// Guide, "Secure Your Connected Apps and External Client Apps": 30 days, which restart with each
/// use).
const IDLE_LIMIT: Duration = Duration::from_hours(30 * 24);

/// A component of the org.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Component {
    pub(crate) id: RecordId,
    pub(crate) record: Record,
    pub(crate) created: SystemTime,
    pub(crate) modified: SystemTime,
    /// The user name of who changed it last; the administrator, where an older store has none.
    #[serde(default)]
    pub(crate) modified_by: Option<String>,
}

/// An OAuth consumer: the record of an app's key and secret.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Consumer {
    pub(crate) id: RecordId,
    pub(crate) key: String,
    #[serde(with = "secret::at_rest")]
    pub(crate) secret: Secret,
}

/// A replaced pair of key and secret.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Rotated {
    pub(crate) app: String,
    pub(crate) consumer: Arc<Consumer>,
    /// When it stops working.
    pub(crate) until: SystemTime,
}

/// All metadata of the org. A deploy works on a copy, which then replaces the original or is
/// dropped.
#[derive(Clone, Default)]
pub(crate) struct Metadata {
    pub(crate) components: BTreeMap<ComponentKey, Component>,
    /// By app.
    pub(crate) consumers: BTreeMap<String, Arc<Consumer>>,
    /// Staged pairs, by app.
    pub(crate) staged: BTreeMap<String, Arc<Consumer>>,
    /// Replaced pairs that still work.
    pub(crate) rotated: Vec<Rotated>,
    /// When a consumer key was created, for those that the login servers may not know yet.
    pub(crate) key_births: BTreeMap<String, SystemTime>,
    /// Consumer keys from before a refresh.
    pub(crate) former_keys: BTreeSet<String>,
    /// Incremented by every deploy that changed something.
    pub(crate) revision: u64,
}

impl Metadata {
    pub(crate) fn get(&self, kind: MetadataType, name: &str) -> Option<&Component> {
        self.components.get(&ComponentKey {
            kind,
            name: name.to_owned(),
        })
    }

    pub(crate) fn has(&self, kind: MetadataType, name: &str) -> bool {
        self.get(kind, name).is_some()
    }

    pub(crate) fn of_type(
        &self,
        kind: MetadataType,
    ) -> impl Iterator<Item = (&ComponentKey, &Component)> {
        self.components
            .iter()
            .filter(move |(id, _)| id.kind == kind)
    }

    /// The name of the permission set with this record id, of 15 or 18 characters. Salesforce Help
    /// lists permission sets by their ids.
    pub(crate) fn permission_set_by_id(&self, id: &str) -> Option<&str> {
        let mut sets = self.of_type(MetadataType::PermissionSet);
        let found = sets.find(|(_, set)| set.id.short() == id || set.id.as_str() == id);
        found.map(|(key, _)| key.name.as_str())
    }

    /// Whether a deployed site allows first-party apps; `None` while no site was deployed with its
    /// switches.
    pub(crate) fn sites_allow_first_party(&self) -> Option<bool> {
        let sites = self.of_type(MetadataType::Network);
        let switches = sites.filter_map(|(_, site)| {
            let switches = site.record.records("networkAuthApiSettings").next()?;
            Some(switches.flag("isFirstPartyAppsAllowed") == Some(true))
        });
        switches.reduce(|one, other| one || other)
    }

    /// The component of a type that belongs to an app, by the element that names the app.
    pub(crate) fn of_app(
        &self,
        kind: MetadataType,
        app: &str,
    ) -> Option<(&ComponentKey, &Component)> {
        self.of_type(kind)
            .find(|(_, component)| component.record.text("externalClientApplication") == Some(app))
    }

    /// An app, as OAuth needs it.
    pub(crate) fn app(&self, name: &str) -> Option<App<'_>> {
        let find = |kind| {
            self.of_app(kind, name)
                .map(|(_, component)| &component.record)
        };
        Some(App {
            name: self
                .components
                .get_key_value(&ComponentKey {
                    kind: MetadataType::ExternalClientApplication,
                    name: name.to_owned(),
                })
                .map(|(id, _)| id.name.as_str())?,
            consumer: self.consumers.get(name)?,
            settings: find(MetadataType::ExtlClntAppOauthSettings)?,
            global: find(MetadataType::ExtlClntAppGlobalOauthSettings)?,
            oauth_policies: find(MetadataType::ExtlClntAppOauthConfigurablePolicies),
            policies: find(MetadataType::ExtlClntAppConfigurablePolicies),
            security: find(MetadataType::ExtlClntAppOauthSecuritySettings),
        })
    }

    /// The app with this consumer key.
    pub(crate) fn app_by_key(&self, key: &str) -> Option<App<'_>> {
        let current = self
            .consumers
            .iter()
            .find(|(_, consumer)| consumer.key == key);
        if let Some((name, _)) = current {
            return self.app(name);
        }
        // A replaced pair works for a while beside the new one.
        let old = self
            .rotated
            .iter()
            .find(|rotated| rotated.consumer.key == key)?;
        let mut app = self.app(&old.app)?;
        app.consumer = &old.consumer;
        Some(app)
    }
}

/// An app with everything that OAuth needs. Absent members have the defaults that the Metadata API
/// Developer Guide states.
#[derive(Clone, Copy)]
pub(crate) struct App<'a> {
    pub(crate) name: &'a str,
    pub(crate) consumer: &'a Consumer,
    settings: &'a Record,
    global: &'a Record,
    oauth_policies: Option<&'a Record>,
    policies: Option<&'a Record>,
    security: Option<&'a Record>,
}

impl<'a> App<'a> {
    /// Whether app and OAuth plugin are enabled.
    pub(crate) fn is_enabled(&self) -> bool {
        let on = |name| {
            self.policies
                .and_then(|policies| policies.flag(name))
                .unwrap_or(true)
        };
        on("isEnabled") && on("isOauthPluginEnabled")
    }

    pub(crate) fn is_first_party(&self) -> bool {
        self.settings.flag("isFirstPartyAppEnabled") == Some(true)
    }

    /// Whether the Authorization Code and Credentials flow is on.
    pub(crate) fn is_code_and_credentials_enabled(&self) -> bool {
        self.global.flag("isCodeCredFlowEnabled") == Some(true)
    }

    /// Whether that flow accepts credentials in the body only.
    pub(crate) fn takes_credentials_in_body_only(&self) -> bool {
        self.global.flag("isCodeCredPostOnly") == Some(true)
    }

    pub(crate) fn is_pkce_required(&self) -> bool {
        self.global.flag("isPkceRequired").unwrap_or(true)
    }

    pub(crate) fn is_secret_optional(&self) -> bool {
        self.global.flag("isConsumerSecretOptional") == Some(true)
    }

    /// The certificate that verifies client attestations.
    pub(crate) fn attestation_certificate(&self) -> Option<&'a str> {
        self.settings.filled("clientAssertionCertificate")
    }

    /// The scopes selected on the app, as written in its file.
    pub(crate) fn scopes(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.settings.list("commaSeparatedOauthScopes")
    }

    /// The run-as user of the client credentials flow, if settings and policies both allow it.
    pub(crate) fn client_credentials_user(&self) -> Option<&'a str> {
        let policies = self.oauth_policies?;
        (self.global.flag("isClientCredentialsFlowEnabled") == Some(true)
            && policies.flag("isClientCredentialsFlowEnabled") == Some(true))
        .then(|| policies.filled("clientCredentialsFlowUser"))?
    }

    /// The content of ID tokens (Metadata API Developer Guide, "ExternalAppIdTokenConfig"). It is
    /// inferred that several audiences are separated by commas or white space; a duration out of
    /// range counts as the default.
    pub(crate) fn id_token_config(&self) -> IdTokenConfig {
        let mut config = IdTokenConfig::default();
        let Some(record) = self.global.records("idTokenConfig").next() else {
            return config;
        };
        let audiences = record.filled("idTokenAudience").unwrap_or_default();
        config.audiences = audiences
            .split(|c: char| c == ',' || c.is_whitespace())
            .filter(|one| !one.is_empty())
            .map(str::to_owned)
            .collect();
        let minutes = record.filled("idTokenValidityInMinutes");
        let minutes = minutes.and_then(|text| text.parse().ok());
        if let Some(minutes) = minutes.filter(|minutes| (1..=720).contains(minutes)) {
            config.lifetime = Duration::from_mins(minutes);
        }
        config.has_standard_claims = record.flag("idTokenIncludeStandardClaims") == Some(true);
        config
    }

    /// Whether only users whom an administrator approved may use the app.
    pub(crate) fn is_preauthorized(&self) -> bool {
        self.oauth_policies
            .and_then(|policies| policies.text("permittedUsersPolicyType"))
            == Some("AdminApprovedPreAuthorized")
    }

    /// Whether access tokens are JWTs.
    pub(crate) fn issues_jwts(&self) -> bool {
        self.global.flag("isNamedUserJwtEnabled") == Some(true)
    }

    /// How long an access token works, by the app's policies. The two formats have their own
    /// policies.
    pub(crate) fn session_lifetime(&self) -> Option<Duration> {
        let member = if self.issues_jwts() {
            "namedUserJwtTimeout"
        } else {
            "sessionTimeoutInMinutes"
        };
        let minutes = self.oauth_policies?.filled(member)?;
        let minutes = minutes.parse().ok().filter(|minutes| *minutes > 0)?;
        Some(Duration::from_mins(minutes))
    }

    /// Whether each use of a refresh token returns the next one.
    pub(crate) fn rotates_refresh_tokens(&self) -> bool {
        self.global.flag("isRefreshTokenRotationEnabled") == Some(true)
    }

    pub(crate) fn is_secret_needed_to_refresh(&self) -> bool {
        self.global
            .flag("isSecretRequiredForRefreshToken")
            .unwrap_or(true)
    }

    pub(crate) fn is_device_flow_enabled(&self) -> bool {
        self.global.flag("isDeviceFlowEnabled") == Some(true)
    }

    /// Whether the app may introspect tokens of other apps.
    pub(crate) fn introspects_all(&self) -> bool {
        self.global.flag("isIntrospectAllTokens") == Some(true)
    }

    /// Whether settings and policies allow token exchange.
    pub(crate) fn exchanges_tokens(&self) -> bool {
        self.global.flag("isTokenExchangeEnabled") == Some(true)
            && self
                .oauth_policies
                .and_then(|policies| policies.flag("isTokenExchangeFlowEnabled"))
                == Some(true)
    }

    pub(crate) fn is_secret_needed_to_exchange(&self) -> bool {
        self.global
            .flag("isSecretRequiredForTokenExchange")
            .unwrap_or(true)
    }

    /// The redirect URIs, one per line.
    pub(crate) fn callback_urls(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.global
            .text("callbackUrl")
            .unwrap_or_default()
            .lines()
            .map(str::trim)
            .filter(|url| !url.is_empty())
    }

    /// Whether a refresh token of this age still works (Metadata API Developer Guide,
    /// "ExtlClntAppOauthConfigurablePolicies").
    pub(crate) fn accepts_refresh(
        &self,
        issued: SystemTime,
        used: SystemTime,
        now: SystemTime,
    ) -> bool {
        if self.global.flag("isEnforceRefreshTokenTTL") == Some(true)
            && now.duration_since(used).unwrap_or_default() >= IDLE_LIMIT
        {
            return false;
        }
        let Some(policies) = self.oauth_policies else {
            return true;
        };
        let since = match policies.text("refreshTokenPolicyType") {
            Some("Zero") => return false,
            Some("SpecificLifetime") => issued,
            Some("SpecificInactivity") => used,
            _ => return true,
        };
        let period: u64 = policies
            .filled("refreshTokenValidityPeriod")
            .and_then(|text| text.parse().ok())
            .unwrap_or(0);
        let unit = match policies.text("refreshTokenValidityUnit") {
            Some("Hours") => Duration::from_hours(1),
            Some("Months") => Duration::from_hours(30 * 24),
            _ => Duration::from_hours(24),
        };
        let limit = unit.saturating_mul(u32::try_from(period).unwrap_or(u32::MAX));
        now.duration_since(since).unwrap_or_default() < limit
    }

    /// The effect of the login IP ranges of profiles. Unknown values count as the default.
    pub(crate) fn ip_relaxation(&self) -> &'a str {
        self.oauth_policies
            .and_then(|policies| policies.filled("ipRelaxationPolicyType"))
            .unwrap_or("Enforce")
    }

    /// The addresses that the app trusts.
    pub(crate) fn trusted_addresses(&self) -> Vec<IpRange> {
        ranges(
            self.settings,
            "trustedIpRanges",
            ["startIpAddress", "endIpAddress"],
        )
    }

    /// The addresses that may get or use refresh tokens; all, if there are none.
    pub(crate) fn refresh_token_addresses(&self) -> Vec<IpRange> {
        let members = ["startIpAddress", "endIpAddress"];
        self.security
            .map(|security| ranges(security, "tokenIpRanges", members))
            .unwrap_or_default()
    }

    /// Whether a password is not enough.
    pub(crate) fn needs_high_assurance(&self) -> bool {
        self.oauth_policies
            .and_then(|policies| policies.text("requiredSessionLevel"))
            == Some("HIGH_ASSURANCE")
    }

    /// Whether a login with a password only is refused, without a second factor.
    pub(crate) fn blocks_low_assurance(&self) -> bool {
        self.oauth_policies
            .and_then(|policies| policies.text("policyAction"))
            == Some("Block")
    }

    /// The certificate that verifies JWT bearer assertions.
    pub(crate) fn jwt_certificate(&self) -> Option<&'a str> {
        self.global.filled("certificate")
    }

    /// The profiles that approve their users.
    pub(crate) fn profiles(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let policies = self.oauth_policies;
        policies
            .into_iter()
            .flat_map(|policies| policies.list("commaSeparatedProfile"))
    }

    /// The permission sets that approve their users.
    pub(crate) fn permission_sets(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let policies = self.oauth_policies;
        policies
            .into_iter()
            .flat_map(|policies| policies.list("commaSeparatedPermissionSet"))
    }
}
