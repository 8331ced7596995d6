//! The ways to break a rule beyond the one that its pair shows.

use eca_lint::lint;
use expect_test::{Expect, expect};

use crate::fixture;

fn check(files: &str, expected: &Expect) {
    let (project, _) = fixture::project(files);
    let report = lint(&project, &fixture::options());
    let lines = report
        .findings()
        .iter()
        .fold(String::new(), |text, finding| {
            text + &format!("{finding:#}\n")
        });
    expected.assert_eq(&lines);
}

#[test]
fn a_flow_is_off_in_policies_that_are_not_there() {
    check(
        "-- externalClientApps/Shop.eca
<ExternalClientApplication>
    <label>Shop</label>
</ExternalClientApplication>
-- extlClntAppOauthSettings/Shop.ecaOauth
<ExtlClntAppOauthSettings>
    <externalClientApplication>Shop</externalClientApplication>
</ExtlClntAppOauthSettings>
-- extlClntAppGlobalOauthSets/Shop.ecaGlblOauth
<ExtlClntAppGlobalOauthSettings>
    <externalClientApplication>Shop</externalClientApplication>
    <isClientCredentialsFlowEnabled>true</isClientCredentialsFlowEnabled>
</ExtlClntAppGlobalOauthSettings>",
        &expect![[r#"
            extlClntAppGlobalOauthSets/Shop.ecaGlblOauth:3:5: warning ECA1107 flow-half-on: Shop has no OAuth policies; those that the org makes at the first deploy have the flow off
              help: retrieve the OAuth policies of Shop, or add them, with isClientCredentialsFlowEnabled true
        "#]],
    );
}

#[test]
fn an_org_may_block_what_an_app_turns_on() {
    check(
        "-- externalClientApps/Shop.eca
<ExternalClientApplication>
    <label>Shop</label>
</ExternalClientApplication>
-- extlClntAppOauthSettings/Shop.ecaOauth
<ExtlClntAppOauthSettings>
    <externalClientApplication>Shop</externalClientApplication>
</ExtlClntAppOauthSettings>
-- extlClntAppGlobalOauthSets/Shop.ecaGlblOauth
<ExtlClntAppGlobalOauthSettings>
    <externalClientApplication>Shop</externalClientApplication>
    <isCodeCredFlowEnabled>true</isCodeCredFlowEnabled>
    <isCodeCredPostOnly>true</isCodeCredPostOnly>
</ExtlClntAppGlobalOauthSettings>
-- settings/OauthOidc.settings
<OauthOidcSettings>
    <oAuthCdCrdtFlowEnable>false</oAuthCdCrdtFlowEnable>
</OauthOidcSettings>",
        &expect![[r#"
            extlClntAppGlobalOauthSets/Shop.ecaGlblOauth:3:5: warning ECA1224 codecred-flow: the org's own settings have the authorization code and credentials flow off
              help: set oAuthCdCrdtFlowEnable to true in settings/OauthOidc.settings, or isCodeCredFlowEnabled to false here
        "#]],
    );
}

#[test]
fn settings_that_say_nothing_block_nothing() {
    check(
        "-- externalClientApps/Shop.eca
<ExternalClientApplication>
    <label>Shop</label>
</ExternalClientApplication>
-- extlClntAppOauthSettings/Shop.ecaOauth
<ExtlClntAppOauthSettings>
    <externalClientApplication>Shop</externalClientApplication>
</ExtlClntAppOauthSettings>
-- extlClntAppGlobalOauthSets/Shop.ecaGlblOauth
<ExtlClntAppGlobalOauthSettings>
    <externalClientApplication>Shop</externalClientApplication>
    <isCodeCredFlowEnabled>true</isCodeCredFlowEnabled>
    <isCodeCredPostOnly>true</isCodeCredPostOnly>
</ExtlClntAppGlobalOauthSettings>
-- settings/OauthOidc.settings
<OauthOidcSettings>
    <isPkceRequired>true</isPkceRequired>
</OauthOidcSettings>",
        &expect![[""]],
    );
}

#[test]
fn an_unreadable_file_is_there_for_all_other_rules() {
    check(
        "-- externalClientApps/Shop.eca
<ExternalClientApplication>
    <label>Shop</lable>
</ExternalClientApplication>
-- extlClntAppOauthSettings/Shop.ecaOauth
<ExtlClntAppOauthSettings>
-- extlClntAppGlobalOauthSets/Shop.ecaGlblOauth
<ExtlClntAppGlobalOauthSettings>
    <externalClientApplication>Shop</externalClientApplication>
</ExtlClntAppGlobalOauthSettings>",
        &expect![[r#"
            externalClientApps/Shop.eca:2:16: error ECA1001 unreadable-file: not well-formed XML: end tag `</lable>` where `</label>` is due
            extlClntAppOauthSettings/Shop.ecaOauth:1:75: error ECA1001 unreadable-file: not well-formed XML: element `ExtlClntAppOauthSettings` is never closed
        "#]],
    );
}

#[test]
fn names_and_folders() {
    check(
        "-- force-app/apps/Shop_.eca-meta.xml
<ExternalClientApplication>
</ExternalClientApplication>
-- externalClientApps/Shop front.eca
<ExternalClientApplication>
</ExternalClientApplication>",
        &expect![[r#"
            externalClientApps/Shop front.eca:1:1: error ECA1008 name-charset: the API name "Shop front" contains ' '; only letters, digits and underscores are allowed
            force-app/apps/Shop_.eca-meta.xml:1:1: error ECA1008 name-charset: the API name "Shop_" ends with an underscore
            force-app/apps/Shop_.eca-meta.xml:1:1: warning ECA1009 suffix-dir: ExternalClientApplication files belong in the folder externalClientApps
        "#]],
    );
}

#[test]
fn app_links() {
    check(
        "-- extlClntAppOauthSettings/A.ecaOauth
<ExtlClntAppOauthSettings>
    <externalClientApplication>Shop</externalClientApplication>
</ExtlClntAppOauthSettings>
-- extlClntAppOauthSettings/B.ecaOauth
<ExtlClntAppOauthSettings>
    <externalClientApplication>acme__Shop</externalClientApplication>
</ExtlClntAppOauthSettings>
-- extlClntAppOauthSettings/C.ecaOauth
<ExtlClntAppOauthSettings>
    <externalClientApplication> </externalClientApplication>
</ExtlClntAppOauthSettings>",
        &expect![[r#"
            extlClntAppOauthSettings/A.ecaOauth:2:5: warning ECA1101 app-link: the project has no external client app called "Shop"
            extlClntAppOauthSettings/C.ecaOauth:1:1: error ECA1003 missing-required: ExtlClntAppOauthSettings needs externalClientApplication
        "#]],
    );
}

#[test]
fn oauth_policies() {
    check(
        "-- externalClientApps/Shop.eca
<ExternalClientApplication>
</ExternalClientApplication>
-- extlClntAppOauthSettings/Shop.ecaOauth
<ExtlClntAppOauthSettings>
    <externalClientApplication>Shop</externalClientApplication>
</ExtlClntAppOauthSettings>
-- extlClntAppGlobalOauthSets/Shop.ecaGlblOauth
<ExtlClntAppGlobalOauthSettings>
    <externalClientApplication>Shop</externalClientApplication>
</ExtlClntAppGlobalOauthSettings>
-- extlClntAppOauthPolicies/Shop.ecaOauthPlcy
<ExtlClntAppOauthConfigurablePolicies>
    <clientCredentialsFlowUser>005000000000001</clientCredentialsFlowUser>
    <commaSeparatedPermissionSet>Shopper</commaSeparatedPermissionSet>
    <externalClientApplication>Shop</externalClientApplication>
    <isClientCredentialsFlowEnabled>true</isClientCredentialsFlowEnabled>
    <refreshTokenPolicyType>Infinite</refreshTokenPolicyType>
    <refreshTokenValidityPeriod>30</refreshTokenValidityPeriod>
    <refreshTokenValidityUnit>Days</refreshTokenValidityUnit>
</ExtlClntAppOauthConfigurablePolicies>
-- externalClientApps/Robot.eca
<ExternalClientApplication>
</ExternalClientApplication>
-- extlClntAppOauthPolicies/Robot.ecaOauthPlcy
<ExtlClntAppOauthConfigurablePolicies>
    <externalClientApplication>Robot</externalClientApplication>
    <refreshTokenPolicyType>SpecificLifetime</refreshTokenPolicyType>
    <refreshTokenValidityPeriod>0</refreshTokenValidityPeriod>
    <refreshTokenValidityUnit>days</refreshTokenValidityUnit>
</ExtlClntAppOauthConfigurablePolicies>",
        &expect![[r#"
            extlClntAppOauthPolicies/Robot.ecaOauthPlcy:4:5: error ECA1206 refresh-policy: refreshTokenValidityPeriod must be greater than 0
            extlClntAppOauthPolicies/Robot.ecaOauthPlcy:5:5: error ECA1206 refresh-policy: "days" is not a unit of the refresh token's validity
              help: did you mean Days?
            extlClntAppOauthPolicies/Shop.ecaOauthPlcy:2:5: error ECA1207 cc-user: "005000000000001" is not a username
              help: a username has the form of an email address
            extlClntAppOauthPolicies/Shop.ecaOauthPlcy:3:5: warning ECA1205 preauth-lists: commaSeparatedPermissionSet has no effect: all users may authorize themselves
              help: set permittedUsersPolicyType to AdminApprovedPreAuthorized, or remove the list
            extlClntAppOauthPolicies/Shop.ecaOauthPlcy:5:5: error ECA1207 cc-user: the global OAuth settings of Shop do not turn the flow on
              help: set isClientCredentialsFlowEnabled to true in the global OAuth settings as well
            extlClntAppOauthPolicies/Shop.ecaOauthPlcy:7:5: error ECA1206 refresh-policy: Infinite takes no refreshTokenValidityPeriod
            extlClntAppOauthPolicies/Shop.ecaOauthPlcy:8:5: error ECA1206 refresh-policy: Infinite takes no refreshTokenValidityUnit
        "#]],
    );
}

#[test]
fn certificates() {
    check(
        "-- externalClientApps/Shop.eca
<ExternalClientApplication>
</ExternalClientApplication>
-- extlClntAppOauthSettings/Shop.ecaOauth
<ExtlClntAppOauthSettings>
    <assetTokenSigningCertificate>@cert:over-4-kb@</assetTokenSigningCertificate>
    <clientAssertionCertificate>not base64!</clientAssertionCertificate>
    <externalClientApplication>Shop</externalClientApplication>
</ExtlClntAppOauthSettings>
-- extlClntAppGlobalOauthSets/Shop.ecaGlblOauth
<ExtlClntAppGlobalOauthSettings>
    <certificate>@cert:rsa-1024@</certificate>
    <externalClientApplication>Shop</externalClientApplication>
</ExtlClntAppGlobalOauthSettings>
-- externalClientApps/Soon.eca
<ExternalClientApplication>
</ExternalClientApplication>
-- extlClntAppOauthSettings/Soon.ecaOauth
<ExtlClntAppOauthSettings>
    <clientAssertionCertificate>@cert:expires-soon@</clientAssertionCertificate>
    <externalClientApplication>Soon</externalClientApplication>
</ExtlClntAppOauthSettings>",
        &expect![[r#"
            extlClntAppGlobalOauthSets/Shop.ecaGlblOauth:2:5: error ECA1302 cert-form: the certificate's RSA key has 1024 bits, at least 2048 are needed
            extlClntAppOauthSettings/Shop.ecaOauth:2:5: error ECA1301 cert-size: the certificate has 5144 bytes; 4096 are allowed
              help: register only the certificate of the signing key, without its chain
            extlClntAppOauthSettings/Shop.ecaOauth:3:5: error ECA1302 cert-form: clientAssertionCertificate: the certificate is neither PEM nor DER nor base64
              help: export the certificate again, as PEM or DER; this has to print its name: openssl x509 -in FILE -noout -subject
            extlClntAppOauthSettings/Soon.ecaOauth:2:5: info ECA1303 cert-expiry: the certificate expires at 2027-01-09T19:04:09Z
            extlClntAppOauthSettings/Soon.ecaOauth:3:5: warning ECA1104 settings-needs-global: Soon has OAuth settings but no global OAuth settings
              help: add an .ecaGlblOauth file whose externalClientApplication names the same app
        "#]],
    );
}

#[test]
fn external_credentials() {
    check(
        "-- externalCredentials/Billing.externalCredential
<ExternalCredential>
    <authenticationProtocol>OAuth</authenticationProtocol>
    <externalCredentialParameters>
        <authProvider>Okta</authProvider>
        <parameterName>ExternalAuthIdentityProvider</parameterName>
        <parameterType>ExternalAuthIdentityProvider</parameterType>
    </externalCredentialParameters>
    <externalCredentialParameters>
        <parameterName>X-Api</parameterName>
        <parameterType>AuthHeader</parameterType>
    </externalCredentialParameters>
    <externalCredentialParameters>
        <externalAuthIdentityProvider>Billing_Idp</externalAuthIdentityProvider>
        <parameterName>Idp</parameterName>
        <parameterType>ExternalAuthIdentityProvider</parameterType>
    </externalCredentialParameters>
    <label>Billing</label>
</ExternalCredential>
-- namedCredentials/Api.namedCredential
<NamedCredential>
    <label>API</label>
    <namedCredentialParameters>
        <parameterName>A</parameterName>
        <parameterType>Authentication</parameterType>
    </namedCredentialParameters>
    <namedCredentialType>SecuredEndpoint</namedCredentialType>
</NamedCredential>
-- permissionsets/Shopper.permissionset
<PermissionSet>
    <externalCredentialPrincipalAccesses>
        <enabled>true</enabled>
        <externalCredentialPrincipal>Billing - Shop</externalCredentialPrincipal>
    </externalCredentialPrincipalAccesses>
    <externalCredentialPrincipalAccesses>
        <enabled>true</enabled>
        <externalCredentialPrincipal>Billing</externalCredentialPrincipal>
    </externalCredentialPrincipalAccesses>
    <externalCredentialPrincipalAccesses>
        <enabled>true</enabled>
        <externalCredentialPrincipal>Biling-Shop</externalCredentialPrincipal>
    </externalCredentialPrincipalAccesses>
    <externalCredentialPrincipalAccesses>
        <enabled>true</enabled>
        <externalCredentialPrincipal>acme__Billing-Shop</externalCredentialPrincipal>
    </externalCredentialPrincipalAccesses>
    <label>Shopper</label>
</PermissionSet>",
        &expect![[r#"
            externalCredentials/Billing.externalCredential:1:1: info ECA1105 orphan: no NamedCredential of the project uses Billing
            externalCredentials/Billing.externalCredential:1:1: error ECA1602 ec-principal: Billing has no principal
              help: add a parameter of type NamedPrincipal or PerUserPrincipal
            externalCredentials/Billing.externalCredential:2:5: error ECA1004 bad-enum: "OAuth" is not a value of authenticationProtocol (AuthenticationProtocol)
              help: did you mean Oauth?
            externalCredentials/Billing.externalCredential:3:5: error ECA1601 ec-param-shape: a parameter of type ExternalAuthIdentityProvider needs externalAuthIdentityProvider
            externalCredentials/Billing.externalCredential:4:9: error ECA1601 ec-param-shape: authProvider belongs to parameters of type AuthProvider, not ExternalAuthIdentityProvider
            externalCredentials/Billing.externalCredential:8:5: error ECA1601 ec-param-shape: a parameter of type AuthHeader needs parameterValue
            externalCredentials/Billing.externalCredential:13:9: warning ECA1604 eaip-link: the project has no ExternalAuthIdentityProvider called "Billing_Idp"
            namedCredentials/Api.namedCredential:3:5: error ECA1603 ec-link: a parameter of type Authentication needs externalCredential
            namedCredentials/Api.namedCredential:7:5: error ECA1603 ec-link: a SecuredEndpoint needs one parameter of type Url, not 0
            permissionsets/Shopper.permissionset:4:9: error ECA1605 ec-access: "Billing - Shop" has spaces around the hyphen
              help: write Billing-Shop
            permissionsets/Shopper.permissionset:8:9: error ECA1605 ec-access: "Billing" names no principal
              help: write the credential's API name, a hyphen, and the principal's parameterName
            permissionsets/Shopper.permissionset:12:9: error ECA1605 ec-access: the project has no ExternalCredential called "Biling"
              help: did you mean Billing?
        "#]],
    );
}

#[test]
fn values_with_line_feeds_stay_on_one_line() {
    check(
        "-- externalClientApps/Shop.eca
<ExternalClientApplication>
</ExternalClientApplication>
-- extlClntAppOauthSettings/Shop.ecaOauth
<ExtlClntAppOauthSettings>
    <commaSeparatedOauthScopes>Basic, every
thing, aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa</commaSeparatedOauthScopes>
    <externalClientApplication>Shop</externalClientApplication>
</ExtlClntAppOauthSettings>",
        &expect![[r#"
            extlClntAppOauthSettings/Shop.ecaOauth:2:5: error ECA1201 scopes-known: "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa…" is not an OAuth scope of the metadata
            extlClntAppOauthSettings/Shop.ecaOauth:2:5: error ECA1201 scopes-known: "every thing" is not an OAuth scope of the metadata
        "#]],
    );
}

#[test]
fn a_key_in_place_of_its_certificate() {
    let key = eca_attest::Provider::default()
        .generate(eca_attest::KeyKind::P256)
        .unwrap();
    let pem = key.expose_pkcs8_pem();
    let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let file = |certificate: &str| {
        format!(
            "-- externalClientApps/Shop.eca
<ExternalClientApplication>
</ExternalClientApplication>
-- extlClntAppOauthSettings/Shop.ecaOauth
<ExtlClntAppOauthSettings>
    <clientAssertionCertificate>{certificate}</clientAssertionCertificate>
    <externalClientApplication>Shop</externalClientApplication>
</ExtlClntAppOauthSettings>"
        )
    };
    for certificate in [&body, &*pem] {
        let (project, _) = fixture::project(&file(certificate));
        let report = lint(&project, &fixture::options());
        let rules: Vec<_> = report
            .findings()
            .iter()
            .map(|finding| finding.rule.name())
            .collect();
        assert!(rules.contains(&"private-key-in-source"), "{rules:?}");
        assert!(rules.contains(&"cert-form"), "{rules:?}");
        assert!(!format!("{report:?}").contains(&body[60..120]));
    }
}

#[test]
fn members_of_the_past() {
    let files = "-- extlClntAppOauthSettings/Shop.ecaOauth
<ExtlClntAppOauthSettings>
    <externalClientApplication>Shop</externalClientApplication>
    <isConsumerSecretOptional>true</isConsumerSecretOptional>
    <singleLogoutUrl>https://shop.example/logout</singleLogoutUrl>
</ExtlClntAppOauthSettings>
-- externalClientApps/Shop.eca
<ExternalClientApplication>
</ExternalClientApplication>";
    check(
        files,
        &expect![[r#"
        extlClntAppOauthSettings/Shop.ecaOauth:3:5: warning ECA1005 api-version: isConsumerSecretOptional existed until API version 57.0 only
    "#]],
    );
    let versioned = format!("-- sfdx-project.json\n{{ \"sourceApiVersion\": \"66.0\" }}\n{files}");
    check(
        &versioned,
        &expect![[r#"
        extlClntAppOauthSettings/Shop.ecaOauth:3:5: warning ECA1005 api-version: isConsumerSecretOptional existed until API version 57.0, but the project uses 66.0
    "#]],
    );
}
