//! An embedded org with an app, and a customer of its site who is logged in.

use std::io::{Cursor, Write as _};
use std::time::{Duration, SystemTime};

use eca_attest::{ClientAttestation, Jti, KeyKind, Minter, OsIds, Provider, SelfSigned};
use eca_emulator::Org;
use eca_http::HttpClient;
use eca_oauth::{
    AttestationCarrier, ChallengeProfile, ClientId, ClientSecret, EndpointSource, HeadlessClient,
    LoginField, LoginParameters, Password,
};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::embedded::EmbeddedOrg;

const USER: &str = "ada@example.com";
const PASSWORD: &str = "correct horse battery";

/// The org, and an access token of the customer.
pub(crate) struct Shop {
    pub(crate) org: EmbeddedOrg,
    pub(crate) token: String,
}

impl Shop {
    pub(crate) fn open() -> Self {
        let (now, day) = (SystemTime::now(), Duration::from_hours(24));
        let names = SelfSigned::valid_for("Shop", now, day, &OsIds).expect("a certificate");
        let pair = names.generate(Provider::default(), KeyKind::Rsa2048);
        let (key, certificate) = pair.expect("a key");
        let signer = Provider::default().signer(&key).expect("a signer");

        let org = EmbeddedOrg::start_with(Org::builder().permission_set("Shoppers"));
        org.deploy(&package(&certificate.to_body()))
            .expect("an app");
        org.create_external_user(USER, PASSWORD).expect("a user");
        let assigned = org.assign_permission_set(USER, "Shoppers");
        assigned.expect("the permission set");
        let id: ClientId = org
            .consumer_key("Shop")
            .and_then(|key| key.parse().ok())
            .expect("a consumer key");
        let secret = org.consumer_secret("Shop").expect("a consumer secret");
        let secret = ClientSecret::new(secret.expose_secret()).expect("a secret");

        let site = org.site_url();
        let audience = site.parse().expect("a URL");
        let attestation = ClientAttestation::new(id.clone(), audience).id(Jti::Fresh);
        let minter = Minter::new(attestation, signer, SystemTime::now, OsIds);
        let http = HttpClient::new_default("torture").expect("a client");
        let site = site.parse().expect("a URL");
        let login = HeadlessClient::new(http, site, profile(), id, secret).attestation(minter);
        let password = Password::new(PASSWORD).expect("a password");
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let token = runtime.block_on(login.password(USER, &password));
        let token = token.expect("a login").access_token;
        Self {
            org,
            token: token.expose_secret().to_owned(),
        }
    }

    /// The app's secret.
    pub(crate) fn consumer_secret(&self) -> String {
        let secret = self.org.consumer_secret("Shop").expect("a consumer secret");
        secret.expose_secret().to_owned()
    }
}

fn profile() -> ChallengeProfile {
    let name = |name: &str| name.parse().expect("a parameter");
    ChallengeProfile::new(
        EndpointSource::Discover,
        AttestationCarrier::Header("OAuth-Client-Attestation".parse().expect("a header")),
        LoginParameters::new(name("username"), name("password"), [LoginField::Username]),
    )
}

/// The app as a package.
fn package(certificate: &str) -> Vec<u8> {
    let app = "<externalClientApplication>Shop</externalClientApplication>";
    let files = [
        ("externalClientApps/Shop.eca", "ExternalClientApplication", "<contactEmail>dev@example.com</contactEmail><distributionState>Local</distributionState><label>Shop</label>".to_owned()),
        ("extlClntAppOauthSettings/Shop_oauth.ecaOauth", "ExtlClntAppOauthSettings", format!("<clientAssertionCertificate>{certificate}</clientAssertionCertificate><commaSeparatedOauthScopes>Api, OpenID</commaSeparatedOauthScopes>{app}<isFirstPartyAppEnabled>true</isFirstPartyAppEnabled><label>Shop OAuth</label>")),
        ("extlClntAppGlobalOauthSets/Shop_glbl.ecaGlblOauth", "ExtlClntAppGlobalOauthSettings", format!("<callbackUrl>https://shop.example.com/callback</callbackUrl>{app}<isConsumerSecretOptional>false</isConsumerSecretOptional><isPkceRequired>true</isPkceRequired><label>Shop global</label>")),
        ("extlClntAppOauthPolicies/Shop_plcy.ecaOauthPlcy", "ExtlClntAppOauthConfigurablePolicies", format!("<commaSeparatedPermissionSet>Shoppers</commaSeparatedPermissionSet>{app}<label>Shop policies</label><permittedUsersPolicyType>AdminApprovedPreAuthorized</permittedUsersPolicyType>")),
    ];
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let mut add = |path: &str, text: &str| {
        let started = zip.start_file(path, SimpleFileOptions::default());
        started.expect("written to memory");
        zip.write_all(text.as_bytes()).expect("written to memory");
    };
    let namespace = "xmlns=\"http://soap.sforce.com/2006/04/metadata\"";
    let mut manifest = String::new();
    for (path, kind, members) in files {
        let (_, file) = path.split_once('/').expect("a folder");
        let (name, _) = file.split_once('.').expect("a suffix");
        let types = [
            "<types><members>",
            name,
            "</members><name>",
            kind,
            "</name></types>",
        ];
        manifest.extend(types);
        add(path, &format!("<{kind} {namespace}>{members}</{kind}>"));
    }
    add(
        "package.xml",
        &format!("<Package {namespace}>{manifest}<version>66.0</version></Package>"),
    );
    zip.finish().expect("written to memory").into_inner()
}
