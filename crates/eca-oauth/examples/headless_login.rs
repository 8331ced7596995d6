//! Logs a customer in headless against the embedded org, as a test of your back end would: a
//! first-party app is deployed with a certificate, its key signs the client attestation, and the
//! org verifies it.

use std::error::Error;
use std::io::{Cursor, Write as _};
use std::time::{Duration, SystemTime};

use eca_attest::{ClientAttestation, Jti, KeyKind, Minter, OsIds, Provider, SelfSigned};
use eca_emulator::Org;
use eca_http::HttpClient;
use eca_oauth::{
    AttestationCarrier, ChallengeProfile, ClientId, ClientSecret, EndpointSource, HeadlessClient,
    LoginField, LoginParameters, Password, StepReport,
};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

const USER: &str = "ada@example.com";
const PASSWORD: &str = "correct horse battery";

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // The app's key, and the certificate that the org gets.
    let (now, day) = (SystemTime::now(), Duration::from_hours(24));
    let (key, certificate) = SelfSigned::valid_for("Shop", now, day, &OsIds)?
        .generate(Provider::default(), KeyKind::Rsa2048)?;
    let signer = Provider::default().signer(&key)?;

    // The org, with the app and a customer in it.
    let org = Org::builder().permission_set("Shoppers").start().await?;
    org.deploy(&package(&certificate.to_body())?)?;
    org.create_external_user(USER, PASSWORD)?;
    org.assign_permission_set(USER, "Shoppers")?;
    let client_id = org.consumer_key("Shop").ok_or("no consumer key")?;
    let secret = org.consumer_secret("Shop").ok_or("no consumer secret")?;

    // From here on, a real org differs only in the profile: see `ChallengeProfile`.
    let profile = ChallengeProfile::new(
        EndpointSource::Discover,
        AttestationCarrier::Header("OAuth-Client-Attestation".parse()?),
        LoginParameters::new(
            "username".parse()?,
            "password".parse()?,
            [LoginField::Username],
        ),
    );
    let site = org.site_url();
    let client_id: ClientId = client_id.parse()?;
    let secret = ClientSecret::new(secret.expose_secret())?;
    let attestation = ClientAttestation::new(client_id.clone(), site.parse()?).id(Jti::Fresh);
    let minter = Minter::new(attestation, signer, SystemTime::now, OsIds);
    let http = HttpClient::new_default("headless-login")?;
    let steps = |report: &StepReport| println!("{} -> {}", report.step, report.outcome);

    let login =
        HeadlessClient::new(http, site.parse()?, profile, client_id, secret).attestation(minter);
    let token = login
        .observer(steps)
        .password(USER, &Password::new(PASSWORD)?)
        .await?;
    println!("{:?}", token.access_token);
    org.stop().await;
    Ok(())
}

/// The app as a package of the Metadata API; `eca-deploy` makes it from a project.
fn package(certificate: &str) -> Result<Vec<u8>, Box<dyn Error>> {
    let app = "<externalClientApplication>Shop</externalClientApplication>";
    let files = [
        ("externalClientApps/Shop.eca", "ExternalClientApplication", "<contactEmail>dev@example.com</contactEmail><distributionState>Local</distributionState><label>Shop</label>".to_owned()),
        ("extlClntAppOauthSettings/Shop_oauth.ecaOauth", "ExtlClntAppOauthSettings", format!("<clientAssertionCertificate>{certificate}</clientAssertionCertificate><commaSeparatedOauthScopes>Api, OpenID</commaSeparatedOauthScopes>{app}<isFirstPartyAppEnabled>true</isFirstPartyAppEnabled><label>Shop OAuth</label>")),
        ("extlClntAppGlobalOauthSets/Shop_glbl.ecaGlblOauth", "ExtlClntAppGlobalOauthSettings", format!("<callbackUrl>https://shop.example.com/callback</callbackUrl>{app}<isConsumerSecretOptional>false</isConsumerSecretOptional><isPkceRequired>true</isPkceRequired><label>Shop global</label>")),
        ("extlClntAppOauthPolicies/Shop_plcy.ecaOauthPlcy", "ExtlClntAppOauthConfigurablePolicies", format!("<commaSeparatedPermissionSet>Shoppers</commaSeparatedPermissionSet>{app}<label>Shop policies</label><permittedUsersPolicyType>AdminApprovedPreAuthorized</permittedUsersPolicyType>")),
    ];
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let mut manifest = String::new();
    for (path, kind, members) in files {
        let name = path
            .rsplit('/')
            .next()
            .and_then(|file| file.split('.').next())
            .unwrap_or_default();
        manifest.extend([
            "<types><members>",
            name,
            "</members><name>",
            kind,
            "</name></types>",
        ]);
        zip.start_file(path, SimpleFileOptions::default())?;
        write!(
            zip,
            "<{kind} xmlns=\"http://soap.sforce.com/2006/04/metadata\">{members}</{kind}>"
        )?;
    }
    zip.start_file("package.xml", SimpleFileOptions::default())?;
    write!(
        zip,
        "<Package xmlns=\"http://soap.sforce.com/2006/04/metadata\">{manifest}<version>66.0</version></Package>"
    )?;
    Ok(zip.finish()?.into_inner())
}
