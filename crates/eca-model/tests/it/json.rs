//! Values as JSON.

use eca_model::types::{
    ExtlClntAppApplePushConfig, ExtlClntAppConfigurablePolicies, ExtlClntAppOauthSettings,
    ExtlClntAppPushSettings, ExtlClntAppStartPage,
};
use eca_model::{ExposeSecrets, Metadata, MetadataType};
use serde::de::DeserializeSeed;

fn check(kind: MetadataType, json: &str) {
    let mut reader = serde_json::Deserializer::from_str(json);
    let value = kind.deserialize(&mut reader).unwrap();
    assert_eq!(
        serde_json::to_string(&ExposeSecrets(&value)).unwrap(),
        json,
        "{kind}"
    );
}

#[test]
fn values_come_back() {
    use MetadataType as T;
    check(T::Profile, "{}");
    check(T::ExtlClntAppPushConfigurablePolicies, r#"{"label":"é\n"}"#);
    check(
        T::ExtlClntAppOauthSettings,
        r#"{"assetTokenValidity":-1,"commaSeparatedOauthScopes":"Api ,Nonsense","customAttributes":[{"formula":"a","key":"b"},{}],"isFirstPartyAppEnabled":false}"#,
    );
    check(
        T::ExtlClntAppPushSettings,
        r#"{"androidPushConfig":{"fcmProject":"p","serviceAccount":"s"},"pushServiceType":"Android"}"#,
    );
    check(
        T::ExtlClntAppCanvasSettings,
        r#"{"canvasOptions":["HideShare","Sparkle"]}"#,
    );
}

#[test]
fn an_unknown_value_keeps_its_text() {
    let json = r#"{"startPage":"Hologram"}"#;
    let value: ExtlClntAppConfigurablePolicies = serde_json::from_str(json).unwrap();
    assert!(matches!(
        value.start_page,
        Some(ExtlClntAppStartPage::Unknown(_))
    ));
    assert_eq!(serde_json::to_string(&value).unwrap(), json);
}

#[test]
fn secrets_are_masked_unless_asked_for() {
    let push = ExtlClntAppPushSettings {
        apple_push_config: Some(ExtlClntAppApplePushConfig {
            signing_key: Some("hunter2".to_owned().into()),
            ..Default::default()
        }),
        ..Default::default()
    };
    let masked = r#"{"applePushConfig":{"signingKey":"***"}}"#;
    assert_eq!(serde_json::to_string(&push).unwrap(), masked);
    assert_eq!(
        serde_json::to_string(&Metadata::from(push.clone())).unwrap(),
        masked
    );
    let key = &push.apple_push_config.as_ref().unwrap().signing_key;
    assert_eq!(serde_json::to_string(key).unwrap(), r#""***""#);
    assert!(!format!("{push:?}").contains("hunter2"));
    let shown = serde_json::to_string(&ExposeSecrets(&push)).unwrap();
    assert_eq!(shown, masked.replace("***", "hunter2"));
    let error = serde_json::from_str::<ExtlClntAppPushSettings>(masked).unwrap_err();
    assert!(error.to_string().contains("masked secret"), "{error}");
}

#[test]
fn refusals_name_what_is_wrong() {
    for (json, message) in [
        (
            r#"{"isFirstPartyAppsEnabled":true}"#,
            "ExtlClntAppOauthSettings has no element isFirstPartyAppsEnabled",
        ),
        (r#"{"isFirstPartyAppEnabled":"true"}"#, "expected a boolean"),
        (r#"{"customAttributes":{}}"#, "expected a sequence"),
        ("[]", "expected the members of ExtlClntAppOauthSettings"),
    ] {
        let error = serde_json::from_str::<ExtlClntAppOauthSettings>(json).unwrap_err();
        assert!(error.to_string().contains(message), "{json}: {error}");
    }
    // A null is an absent member.
    let value: ExtlClntAppOauthSettings =
        serde_json::from_str(r#"{"label":null,"customAttributes":null}"#).unwrap();
    assert_eq!(value, ExtlClntAppOauthSettings::default());
}
