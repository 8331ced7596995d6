//! Members that do not travel: which, why, and how they are taken out.

use eca_model::types::{
    ExternalClientApplication, ExtlClntAppGlobalOauthSettings, ExtlClntAppOauthSettings,
    ExtlClntAppPushSettings, NamedCredential,
};
use eca_model::{Component, EditError, MetadataType};

/// Why a member is no part of every package.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum RemovalReason {
    /// Made by an org and true only there. Local apps leave it out, so that the org makes its own;
    /// packaged apps keep it, since it ties the package to its source org's consumer. An app
    /// whose header does not say counts as a local one.
    OrgBound,
    /// A secret: it enters a package only where one is named for it.
    Secret,
}

impl std::fmt::Display for RemovalReason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Self::OrgBound => "made by an org and true only there",
            Self::Secret => "a secret",
        })
    }
}

/// One member and the typed edit that takes it out of its file, leaving every other byte.
pub(crate) struct Rule {
    pub(crate) kind: MetadataType,
    /// The path below the root: names with dots in between.
    pub(crate) element: &'static str,
    pub(crate) reason: RemovalReason,
    pub(crate) clear: fn(&Component) -> Result<Component, EditError>,
    /// The edit that puts another value there.
    pub(crate) put: fn(&Component, &str) -> Result<Component, EditError>,
}

impl Rule {
    /// The component with this value in the member.
    pub(crate) fn set(&self, component: &Component, value: &str) -> Result<Component, EditError> {
        (self.put)(component, value)
    }
}

macro_rules! rules {
    ($($kind:ident . $field:ident $(. $inner:ident)? = $element:literal: $reason:ident;)*) => {
        /// Every member of the typed schemas that is org-generated or secret; a test compares.
        pub(crate) static RULES: &[Rule] = &[$(
            Rule {
                kind: MetadataType::$kind,
                element: $element,
                reason: RemovalReason::$reason,
                clear: |component| component.edit::<$kind>(|value| {
                    rules!(@set value . $field $(. $inner)? = None);
                }),
                put: |component, text| component.edit::<$kind>(|value| {
                    rules!(@set value . $field $(. $inner)? = Some(text.to_owned().into()));
                }),
            },
        )*];
    };
    (@set $value:ident . $field:ident = $new:expr) => {
        $value.$field = $new;
    };
    (@set $value:ident . $field:ident . $inner:ident = $new:expr) => {
        if let Some(record) = &mut $value.$field {
            record.$inner = $new;
        }
    };
}

rules! {
    ExternalClientApplication.org_scoped_external_app = "orgScopedExternalApp": OrgBound;
    ExternalClientApplication.oauth_dev.consumer_key = "oauthDev.consumerKey": OrgBound;
    ExternalClientApplication.oauth_dev.consumer_secret = "oauthDev.consumerSecret": Secret;
    ExtlClntAppOauthSettings.oauth_link = "oauthLink": OrgBound;
    ExtlClntAppOauthSettings.consumer_key = "consumerKey": OrgBound;
    ExtlClntAppOauthSettings.consumer_secret = "consumerSecret": Secret;
    ExtlClntAppGlobalOauthSettings.consumer_key = "consumerKey": OrgBound;
    ExtlClntAppGlobalOauthSettings.consumer_secret = "consumerSecret": Secret;
    ExtlClntAppPushSettings.push_config_link = "pushConfigLink": OrgBound;
    ExtlClntAppPushSettings.android_push_config.service_account = "androidPushConfig.serviceAccount": Secret;
    ExtlClntAppPushSettings.apple_push_config.certificate = "applePushConfig.certificate": Secret;
    ExtlClntAppPushSettings.apple_push_config.password = "applePushConfig.password": Secret;
    ExtlClntAppPushSettings.apple_push_config.signing_key = "applePushConfig.signingKey": Secret;
    NamedCredential.aws_access_key = "awsAccessKey": Secret;
    NamedCredential.aws_access_secret = "awsAccessSecret": Secret;
    NamedCredential.oauth_refresh_token = "oauthRefreshToken": Secret;
    NamedCredential.oauth_token = "oauthToken": Secret;
    NamedCredential.password = "password": Secret;
}

/// Members that make the org replace what it holds, with every deploy that carries them as true.
pub(crate) const ROTATIONS: [&str; 2] = ["shouldRotateConsumerKey", "shouldRotateConsumerSecret"];

#[cfg(test)]
mod tests {
    use eca_model::{FieldKind, RecordSchema};

    use super::*;

    #[test]
    fn every_generated_or_secret_member_has_a_rule() {
        let mut expected = Vec::new();
        for kind in MetadataType::ALL {
            let schema = kind.schema();
            collect(kind.name(), "", schema.record, &mut expected);
        }
        let mut actual: Vec<_> = RULES
            .iter()
            .map(|rule| {
                (
                    rule.kind.name(),
                    rule.element.to_owned(),
                    format!("{:?}", rule.reason),
                )
            })
            .collect();
        expected.sort();
        actual.sort();
        assert_eq!(actual, expected);
    }

    /// A package is looked at in the order of the types, and what a header says must be known by
    /// then.
    #[test]
    fn no_rule_is_about_a_type_before_the_headers() {
        let headers = MetadataType::ExternalClientApplication;
        assert!(RULES.iter().all(|rule| rule.kind >= headers));
    }

    fn collect(
        kind: &'static str,
        prefix: &str,
        record: &RecordSchema,
        expected: &mut Vec<(&'static str, String, String)>,
    ) {
        for field in record.fields {
            let path = format!("{prefix}{}", field.element);
            if field.secret || field.generated {
                let reason = if field.secret {
                    RemovalReason::Secret
                } else {
                    RemovalReason::OrgBound
                };
                expected.push((kind, path.clone(), format!("{reason:?}")));
            }
            if let FieldKind::Record(record) = field.kind {
                let known = expected.len();
                collect(kind, &format!("{path}."), record, expected);
                assert!(
                    !field.list || known == expected.len(),
                    "{kind}.{path}: a rule clears one record, not several"
                );
            }
        }
    }
}
