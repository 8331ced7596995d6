//! What is read of an org: components, facts, and what cannot be read.

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;

use eca_apply::{OrgReading, ReadOptions, read_org};
use eca_deploy::{
    Client, ComponentSet, MetadataRecord, Package, create_metadata, delete_metadata,
    update_metadata,
};
use eca_emulator::Org;
use eca_http::HttpClient;
use eca_model::{ComponentName, FieldPath, FieldValue, MetadataType, Project};
use eca_oauth::{
    AccessToken, ClientAuthentication, ClientCredential, ClientCredentials, ClientSecret,
    InstanceUrl, TokenSource,
};
use eca_plan::{Outcome, Plan, PlanOptions, plan};
use expect_test::{Expect, expect};

const BOT: &str = "bot@example.com";

fn file(path: &str, root: &str, members: &str) -> (String, Vec<u8>) {
    let text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <{root} xmlns=\"http://soap.sforce.com/2006/04/metadata\">{members}</{root}>\n"
    );
    (
        format!("force-app/main/default/{path}-meta.xml"),
        text.into_bytes(),
    )
}

/// A client credentials app that runs as the bot.
fn project(more: Vec<(String, Vec<u8>)>) -> Project {
    const APP: &str = "<externalClientApplication>Billing</externalClientApplication>";
    let mut files = vec![
        (
            "sfdx-project.json".to_owned(),
            br#"{"packageDirectories":[{"path":"force-app"}],"sourceApiVersion":"66.0"}"#.to_vec(),
        ),
        file(
            "externalClientApps/Billing.eca",
            "ExternalClientApplication",
            "<contactEmail>a@example.com</contactEmail><distributionState>Local</distributionState><label>Billing app</label>",
        ),
        file(
            "extlClntAppOauthSettings/Billing_oauth.ecaOauth",
            "ExtlClntAppOauthSettings",
            &format!(
                "<commaSeparatedOauthScopes>Api, RefreshToken</commaSeparatedOauthScopes>{APP}<label>Billing</label>"
            ),
        ),
        file(
            "extlClntAppGlobalOauthSets/Billing_glbloauth.ecaGlblOauth",
            "ExtlClntAppGlobalOauthSettings",
            &format!(
                "<callbackUrl>https://billing.example.com/back</callbackUrl>{APP}\
                 <isClientCredentialsFlowEnabled>true</isClientCredentialsFlowEnabled><label>Billing</label>"
            ),
        ),
        file(
            "extlClntAppOauthPolicies/Billing_oauthPlcy.ecaOauthPlcy",
            "ExtlClntAppOauthConfigurablePolicies",
            &format!(
                "<clientCredentialsFlowUser>{BOT}</clientCredentialsFlowUser>\
                 <commaSeparatedPermissionSet>Billing_Access</commaSeparatedPermissionSet>{APP}\
                 <isClientCredentialsFlowEnabled>true</isClientCredentialsFlowEnabled><label>Billing</label>\
                 <permittedUsersPolicyType>AdminApprovedPreAuthorized</permittedUsersPolicyType>"
            ),
        ),
        file(
            "permissionsets/Billing_Access.permissionset",
            "PermissionSet",
            "<label>Billing Access</label>",
        ),
    ];
    files.extend(more);
    Project::from_entries(files)
}

/// A permission set with these user permissions.
fn rights(permissions: &[&str]) -> Vec<(String, Vec<u8>)> {
    let granted = permissions.iter().fold(String::new(), |mut text, name| {
        let _ = write!(
            text,
            "<userPermissions><enabled>true</enabled><name>{name}</name></userPermissions>"
        );
        text
    });
    vec![file(
        "permissionsets/Rights.permissionset",
        "PermissionSet",
        &format!("{granted}<label>Rights</label>"),
    )]
}

struct Embedded {
    org: Org,
    admin: Client,
}

impl Embedded {
    /// An org with the project, in which the bot may use the app and has these permissions.
    async fn start(permissions: &[&str]) -> Self {
        let org = Org::start().await.unwrap();
        let token = AccessToken::new(org.admin_access_token().expose_secret()).unwrap();
        let admin = Client::connect(org.instance_url(), token).unwrap();
        org.create_integration_user(BOT).unwrap();
        let project = project(rights(permissions));
        // Nothing in the rights says that they are about an app.
        let all = ComponentSet::from_project(&project);
        let package = Package::builder(&project).components(all).build().unwrap();
        let outcome = admin.deploy(&package).await.unwrap();
        assert!(outcome.is_success(), "{outcome}");
        for set in ["Billing_Access", "Rights"] {
            org.assign_permission_set(BOT, set).unwrap();
        }
        Self { org, admin }
    }

    /// Logs the administrator in to the app in a browser, which gives it a refresh token.
    fn log_in(&self) {
        const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
        const BACK: &str = "https://billing.example.com/back";
        let admin = self.org.admin_username();
        self.org
            .assign_permission_set(admin, "Billing_Access")
            .unwrap();
        let key = self.org.consumer_key("Billing").unwrap();
        let secret = self.org.consumer_secret("Billing").unwrap();
        let page = self.form(
            "/services/oauth2/authorize",
            &[
                ("response_type", "code"),
                ("client_id", &key),
                ("redirect_uri", BACK),
                ("code_challenge", CHALLENGE),
                ("username", admin),
                ("password", self.org.admin_password().expose_secret()),
                ("decision", "allow"),
            ],
        );
        let code = page.split("code=").nth(1).unwrap();
        let code = code.split(['&', '\r']).next().unwrap().replace("%3D", "=");
        let token = self.form(
            "/services/oauth2/token",
            &[
                ("grant_type", "authorization_code"),
                ("client_id", &key),
                ("client_secret", secret.expose_secret()),
                ("code", &code),
                ("redirect_uri", BACK),
                ("code_verifier", VERIFIER),
            ],
        );
        assert!(token.contains("refresh_token"), "{token}");
    }

    /// Posts a form; the whole response. The HTTP client of this workspace follows no redirect,
    /// and shows none.
    fn form(&self, path: &str, fields: &[(&str, &str)]) -> String {
        let encoded = |text: &str| {
            text.bytes().fold(String::new(), |mut out, byte| {
                let _ = write!(out, "%{byte:02X}");
                out
            })
        };
        let fields: Vec<_> = fields
            .iter()
            .map(|(name, value)| format!("{name}={}", encoded(value)))
            .collect();
        let (body, address) = (fields.join("&"), self.org.address());
        let mut stream = TcpStream::connect(address).unwrap();
        write!(
            stream,
            "POST {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-length: {}\r\n\
             content-type: application/x-www-form-urlencoded\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let mut response = String::new();
        stream.read_to_string(&mut response).unwrap();
        response
    }

    /// A client with the bot's session.
    async fn bot(&self) -> Client {
        let http = HttpClient::new_default("test").unwrap();
        let instance: InstanceUrl = self.org.instance_url().parse().unwrap();
        let secret = self.org.consumer_secret("Billing").unwrap();
        let secret = ClientSecret::new(secret.expose_secret().to_owned()).unwrap();
        let tokens = ClientCredentials::new(
            http,
            instance.token_endpoint(),
            self.org.consumer_key("Billing").unwrap().parse().unwrap(),
            ClientCredential::Secret(secret, ClientAuthentication::Basic),
        )
        .unwrap();
        let token = tokens.access_token().await.unwrap();
        let token = Arc::try_unwrap(token)
            .unwrap_or_else(|shared| AccessToken::new(shared.expose_secret().to_owned()).unwrap());
        Client::connect(self.org.instance_url(), token).unwrap()
    }
}

async fn read(client: &Client, project: &Project) -> OrgReading {
    let last = project.snapshot();
    read_org(client, project, Some(&last), &ReadOptions::default())
        .await
        .unwrap()
}

fn planned(project: &Project, reading: &OrgReading) -> Plan {
    let desired = project.snapshot();
    plan(
        Some(&desired),
        &desired,
        &reading.snapshot(),
        &reading.facts,
        &PlanOptions::default(),
    )
}

/// The facts, and what is not known.
fn facts(reading: &OrgReading) -> String {
    let facts = &reading.facts;
    let mut text = format!(
        "sets {:?}\nprofiles {:?}\nusers {:?}\n",
        facts.permission_set_holders, facts.profile_holders, facts.users
    );
    for (app, tokens) in &facts.tokens {
        let _ = writeln!(text, "{app}: {tokens}");
    }
    let _ = writeln!(text, "stored {:?}", facts.stored_credentials);
    for (name, reason) in &facts.unreadable {
        let _ = writeln!(text, "? {name}: {}", reason.reason);
    }
    for unknown in &reading.unknown {
        let _ = writeln!(text, "{unknown}");
    }
    text
}

fn check(reading: &OrgReading, expected: &Expect) {
    expected.assert_eq(&facts(reading));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_deployed_is_what_is_read() {
    let embedded = Embedded::start(&[]).await;
    let project = project(Vec::new());
    let reading = read(&embedded.admin, &project).await;
    let plan = planned(&project, &reading);
    assert_eq!(plan.outcome(), Outcome::Nothing, "{plan:#?}");
    check(
        &reading,
        &expect![[r#"
            sets {"Billing_Access": 1}
            profiles {}
            users {"bot@example.com": ActiveApiOnly}
            Billing: 0 tokens of 0 users
            stored {}
        "#]],
    );

    embedded.org.set_user_active(BOT, false).unwrap();
    check(
        &read(&embedded.admin, &project).await,
        &expect![[r#"
            sets {"Billing_Access": 0}
            profiles {}
            users {"bot@example.com": Inactive}
            Billing: 0 tokens of 0 users
            stored {}
        "#]],
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn live_tokens_are_counted() {
    let embedded = Embedded::start(&[]).await;
    embedded.log_in();
    let project = project(Vec::new());
    let tokens = |reading: &OrgReading| {
        let known = reading.facts.tokens.get("Billing");
        known.map(|tokens| (tokens.count, tokens.users, tokens.last_used.is_some()))
    };
    let reading = read(&embedded.admin, &project).await;
    assert_eq!(tokens(&reading), Some((1, 1, true)));
    assert!(reading.unknown.is_empty(), "{:?}", reading.unknown);

    // Tokens name their app by its label only.
    let twin = file(
        "externalClientApps/Twin.eca",
        "ExternalClientApplication",
        "<contactEmail>s@example.com</contactEmail><distributionState>Local</distributionState><label>Billing app</label>",
    );
    let twin = Project::from_entries([twin]);
    let record = MetadataRecord::from_component(&twin.components()[0]);
    let created = create_metadata(&embedded.admin, &[record], true).await;
    assert!(created.unwrap()[0].success);
    let reading = read(&embedded.admin, &project).await;
    assert_eq!(tokens(&reading), None);
    expect!["how many live tokens Billing has is not known: another app has the same label, and tokens name their app by it"]
        .assert_eq(&reading.unknown[0].to_string());
}

/// A user without "Customize Application" does not see the tokens of others, and is not told so.
#[tokio::test(flavor = "multi_thread")]
async fn tokens_that_the_user_does_not_see_are_not_none() {
    let grants = ["ModifyMetadata", "ViewSetup", "ExternalClientAppViewer"];
    let embedded = Embedded::start(&grants).await;
    let project = project(Vec::new());
    // The lists of usage say that nobody has one.
    let reading = read(&embedded.bot().await, &project).await;
    assert_eq!(reading.facts.tokens["Billing"].count, 0);
    embedded.log_in();
    let reading = read(&embedded.bot().await, &project).await;
    assert!(!reading.facts.tokens.contains_key("Billing"));
    expect!["how many live tokens Billing has is not known: the user of the session sees only the own rows without \"Customize Application\""]
        .assert_eq(&reading.unknown[0].to_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_project_asks_nothing() {
    let embedded = Embedded::start(&[]).await;
    let (project, options) = (Project::default(), ReadOptions::default());
    let reading = read_org(&embedded.admin, &project, None, &options);
    let reading = reading.await.unwrap();
    assert!(reading.actual.components().is_empty() && reading.unknown.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn components_that_only_the_org_has_belong_to_an_app() {
    let embedded = Embedded::start(&[]).await;
    let mobile = file(
        "extlClntAppMobileSettings/Billing_mobile.ecaMobile",
        "ExtlClntAppMobileSettings",
        "<externalClientApplication>Billing</externalClientApplication>\
         <isScreenLockEnabled>true</isScreenLockEnabled><label>Billing</label>",
    );
    let other = file(
        "externalClientApps/Stranger.eca",
        "ExternalClientApplication",
        "<contactEmail>s@example.com</contactEmail><distributionState>Local</distributionState><label>Stranger</label>",
    );
    let clicked = Project::from_entries([mobile, other]);
    for component in clicked.components() {
        let record = MetadataRecord::from_component(component);
        let created = create_metadata(&embedded.admin, &[record], true)
            .await
            .unwrap();
        assert!(created[0].success, "{created:?}");
    }
    let project = project(Vec::new());
    let reading = read(&embedded.admin, &project).await;
    let names: Vec<_> = reading
        .actual
        .components()
        .iter()
        .map(|component| component.name().to_string())
        .filter(|name| {
            !project
                .components()
                .iter()
                .any(|ours| ours.name().to_string() == *name)
        })
        .collect();
    // The policies of the app that no file of the project has are the org's own.
    assert_eq!(
        names,
        [
            "ExtlClntAppConfigurablePolicies:Billing_defaultPolicy",
            "ExtlClntAppMobileSettings:Billing_mobile",
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn who_changed_a_component_is_known() {
    let embedded = Embedded::start(&["ModifyMetadata", "ViewSetup"]).await;
    let project = project(Vec::new());
    let name = ComponentName::new(MetadataType::ExternalClientApplication, "Billing");
    let header = project.component(&name).unwrap();
    let path = FieldPath::new("contactEmail");
    let clicked = header
        .set(&path, FieldValue::Text("clicked@example.com".to_owned()))
        .unwrap();
    let records = [MetadataRecord::from_component(&clicked)];
    let saved = update_metadata(&embedded.bot().await, &records, true)
        .await
        .unwrap();
    assert!(saved[0].success, "{saved:?}");
    let reading = read(&embedded.admin, &project).await;
    assert_eq!(reading.last_modified[&name].by.as_deref(), Some("bot"));
    assert_eq!(
        planned(&project, &reading).outcome(),
        Outcome::ChangesOrDrift
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_not_be_read_is_never_called_unchanged() {
    let project = project(Vec::new());
    for (permissions, expected) in [
        (
            &[][..],
            expect![[r#"
                sets {}
                profiles {}
                users {"bot@example.com": ActiveApiOnly}
                stored {}
                ? ExternalClientApplication:Billing: the org refuses it: INSUFFICIENT_ACCESS: use of the Metadata API requires a user with the ModifyAllData or ModifyMetadata permissions
                ? ExtlClntAppGlobalOauthSettings:Billing_glbloauth: the org refuses it: INSUFFICIENT_ACCESS: use of the Metadata API requires a user with the ModifyAllData or ModifyMetadata permissions
                ? ExtlClntAppOauthConfigurablePolicies:Billing_oauthPlcy: the org refuses it: INSUFFICIENT_ACCESS: use of the Metadata API requires a user with the ModifyAllData or ModifyMetadata permissions
                ? ExtlClntAppOauthSettings:Billing_oauth: the org refuses it: INSUFFICIENT_ACCESS: use of the Metadata API requires a user with the ModifyAllData or ModifyMetadata permissions
                ? PermissionSet:Billing_Access: the org refuses it: INSUFFICIENT_ACCESS: use of the Metadata API requires a user with the ModifyAllData or ModifyMetadata permissions
                how many users hold permission sets is not known: the user of the session sees only the own rows without "View Setup and Configuration"
                which apps hold live tokens is not known: the org refuses it: INVALID_TYPE: sObject type 'ExternalClientApplication' is not supported.
            "#]],
        ),
        (
            &["ModifyMetadata"],
            expect![[r#"
                sets {}
                profiles {}
                users {"bot@example.com": ActiveApiOnly}
                stored {}
                how many users hold permission sets is not known: the user of the session sees only the own rows without "View Setup and Configuration"
                which apps hold live tokens is not known: the org refuses it: INVALID_TYPE: sObject type 'ExternalClientApplication' is not supported.
            "#]],
        ),
        (
            &["ModifyMetadata", "ViewSetup", "ExternalClientAppViewer"],
            expect![[r#"
                sets {"Billing_Access": 1}
                profiles {}
                users {"bot@example.com": ActiveApiOnly}
                Billing: 0 tokens of 0 users
                stored {}
            "#]],
        ),
    ] {
        let embedded = Embedded::start(permissions).await;
        let reading = read(&embedded.bot().await, &project).await;
        check(&reading, &expected);
        let plan = planned(&project, &reading);
        let expected = if permissions.is_empty() {
            Outcome::UnreadableOnly
        } else {
            Outcome::Nothing
        };
        assert_eq!(plan.outcome(), expected, "{permissions:?}: {plan:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn stored_credentials_are_told_by_principal() {
    let embedded = Embedded::start(&[]).await;
    let credential = file(
        "externalCredentials/Partner.externalCredential",
        "ExternalCredential",
        "<authenticationProtocol>Custom</authenticationProtocol><externalCredentialParameters>\
         <parameterGroup>Shop</parameterGroup><parameterName>Shop</parameterName>\
         <parameterType>NamedPrincipal</parameterType><sequenceNumber>1</sequenceNumber>\
         </externalCredentialParameters><label>Partner</label>",
    );
    let project = project(vec![credential]);
    let package = Package::of(&project).unwrap();
    assert!(embedded.admin.deploy(&package).await.unwrap().is_success());
    let reading = read(&embedded.admin, &project).await;
    let stored = &reading.facts.stored_credentials;
    assert!(stored["Partner"].is_empty(), "{stored:?}");
    // A deleted one is not asked for.
    let names = ["Partner".to_owned()];
    let deleted = delete_metadata(&embedded.admin, "ExternalCredential", &names, true).await;
    assert!(deleted.unwrap()[0].success);
    let reading = read(&embedded.admin, &project).await;
    assert!(reading.facts.stored_credentials.is_empty());
    assert!(reading.unknown.is_empty(), "{:?}", reading.unknown);
}
