//! Step 6: a customer logs in without a browser.

use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use eca_attest::{
    Audience, ClientAttestation, IdSource as _, Jti, Minter, OsIds, PrivateKey, Provider,
};
use eca_model::text::NameList;
use eca_model::types::ExtlClntAppOauthConfigurablePolicies;
use eca_oauth::{
    AttestationCarrier, ChallengeProfile, ClientSecret, EndpointSource, HeadlessClient, LoginField,
    LoginParameters, Password, StepReport, UserInfo,
};

use crate::commands::demo::context::{DemoContext, broken, failed};
use crate::commands::demo::customer::{Customer, DeployedApp};
use crate::commands::demo::transcript::DemoStep;
use crate::failure::Failure;

impl Customer {
    /// A client of the app for this customer's site.
    pub(super) fn client(
        &self,
        demo: &DemoContext<'_>,
        app: &DeployedApp,
        attestations: Minter,
    ) -> Result<HeadlessClient, Failure> {
        let name = &app.name;
        // No API returns the secret: an administrator copies it from Setup.
        let secret = demo
            .org
            .consumer_secret(name)
            .ok_or_else(|| failed(format!("the org has no consumer of {name}")))?;
        let secret = ClientSecret::new(secret.expose_secret()).map_err(|error| broken(&error))?;
        let client = HeadlessClient::new(
            demo.http.clone(),
            self.site.clone(),
            self.profile.clone(),
            app.client_id.clone(),
            secret,
        );
        Ok(client.attestation(attestations))
    }
}

/// The attestation of the app for the site, with a fresh `jti` each.
pub(super) fn attestation(
    demo: &DemoContext<'_>,
    app: &DeployedApp,
) -> Result<ClientAttestation, Failure> {
    // Not derived from a host: the profile of the embedded org has the site as audience.
    let audience: Audience = demo
        .org
        .site_url()
        .parse()
        .map_err(|error: eca_attest::AudienceError| broken(&error))?;
    Ok(ClientAttestation::new(app.client_id.clone(), audience).id(Jti::Fresh))
}

/// Signs attestations with this key, by this clock.
pub(super) fn minter(
    attestation: ClientAttestation,
    key: &PrivateKey,
    clock: fn() -> SystemTime,
) -> Result<Minter, Failure> {
    let signer = Provider::AwsLcRs.signer(key);
    let signer = signer.map_err(|error| broken(&error))?;
    Ok(Minter::new(attestation, signer, clock, OsIds))
}

/// Step 6.
pub(super) async fn login(
    demo: &DemoContext<'_>,
    app: &DeployedApp,
    step: &mut DemoStep,
) -> Result<Customer, Failure> {
    let customer = register(demo, app)?;
    demo.print(format_args!(
        "customer {}, approved by permission set",
        customer.username
    ));
    let attestation = attestation(demo, app)?;
    let sample = attestation.prepare(SystemTime::now(), &OsIds);
    let sample = sample.map_err(|error| broken(&error))?;
    let (header, claims) = (sample.header().to_owned(), sample.claims());
    demo.print(format_args!("attestation {header}.{claims}"));

    let seen = Arc::new(Mutex::new(Vec::new()));
    let exchanges = Arc::clone(&seen);
    let observer = move |report: &StepReport| {
        if let Ok(mut seen) = exchanges.lock() {
            seen.push(format!("{} -> {}", report.step, report.outcome));
        }
    };
    let attestations = minter(attestation, &app.key, SystemTime::now)?;
    let client = customer.client(demo, app, attestations)?.observer(observer);
    let token = client
        .password(&customer.username, &customer.password)
        .await;
    let seen = seen.lock().map(|mut seen| std::mem::take(&mut *seen));
    let seen = seen.unwrap_or_default();
    for line in &seen {
        demo.print(line);
    }
    let token = token.map_err(|error| broken(&error))?;

    let endpoint = customer.site.userinfo_endpoint();
    let request = UserInfo::request(&endpoint, &token.access_token);
    let response = demo
        .http
        .send(eca_http::Idempotency::Idempotent, request)
        .await
        .map_err(|error| broken(&error))?;
    let user =
        UserInfo::parse(&UserInfo::step(&endpoint), &response).map_err(|error| broken(&error))?;
    let name = user.preferred_username.unwrap_or_default();
    if name != customer.username {
        return Err(failed(format!(
            "the token is for `{name}`, not for `{}`",
            customer.username
        )));
    }
    demo.print(format_args!("userinfo with the token -> {name}"));
    step.summary(format!("userinfo returned {name}"));
    step.fact("attestation_header", header);
    step.fact("exchanges", seen);
    step.fact("username", name);
    Ok(customer)
}

/// Creates the customer and assigns the permission sets that the app's policies pre-approve, as an
/// administrator does in Setup.
fn register(demo: &DemoContext<'_>, app: &DeployedApp) -> Result<Customer, Failure> {
    let random = OsIds.fresh_id().map_err(|error| broken(&error))?;
    let password = format!("{:032x}", u128::from_be_bytes(random));
    let username = "shopper@storefront.example".to_owned();
    demo.org
        .create_external_user(&username, &password)
        .map_err(|error| broken(&error))?;
    let policies = app
        .project
        .app(&app.name)
        .and_then(|app| app.first::<ExtlClntAppOauthConfigurablePolicies>());
    let sets = policies.and_then(|(_, policies)| policies.comma_separated_permission_set.as_ref());
    for set in sets.into_iter().flat_map(NameList::iter) {
        demo.org
            .assign_permission_set(&username, set)
            .map_err(|error| broken(&error))?;
    }
    let password = Password::new(password).map_err(|error| broken(&error))?;
    Ok(Customer {
        username,
        password,
        site: demo
            .org
            .site_url()
            .parse()
            .map_err(|error: eca_oauth::InvalidUrl| broken(&error))?,
        profile: profile(demo.org.challenge_profile())?,
    })
}

/// The client's side of the profile that the embedded org documents. For a real org these values
/// come from `eca.toml`.
fn profile(documented: &eca_emulator::ChallengeProfile) -> Result<ChallengeProfile, Failure> {
    let name = |text: &str| {
        text.parse()
            .map_err(|error: eca_oauth::InvalidProfile| broken(&error))
    };
    let carrier = match &documented.attestation {
        eca_emulator::AttestationCarrier::Header { name } => AttestationCarrier::Header(
            name.parse()
                .map_err(|error: eca_oauth::InvalidProfile| broken(&error))?,
        ),
        eca_emulator::AttestationCarrier::Form {
            assertion,
            assertion_type,
            assertion_type_value,
        } => AttestationCarrier::FormFields {
            assertion: name(assertion)?,
            assertion_type: name(assertion_type)?,
            assertion_type_value: assertion_type_value.clone(),
        },
        _ => {
            return Err(failed(
                "the embedded org documents a carrier that this program does not know",
            ));
        }
    };
    let login = LoginParameters::new(
        name(&documented.username_parameter)?,
        name(&documented.password_parameter)?,
        [LoginField::Username],
    );
    Ok(ChallengeProfile::new(
        EndpointSource::Discover,
        carrier,
        login,
    ))
}
