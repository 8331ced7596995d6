//! How an org's tokens are got.

use eca_attest::SignedJwt;

use crate::auth;
use crate::auth::{ConfiguredApp, JwtBearerRequest};
use crate::commands::doctor::project::App;
use crate::commands::doctor::{Finding, State, checks, diagnosis};
use crate::context::Context;
use crate::failure::Failure;

pub(super) async fn examine(context: &Context) -> Result<Vec<Finding>, Failure> {
    let known = ConfiguredApp::find(context)?;
    let Some(client_id) = &known.client_id else {
        return crate::commands::doctor::org::examine(context).await;
    };
    let mut findings = vec![checks::host(&known.host)];
    let mut certificate = None;
    if let Some(bearer) = JwtBearerRequest::find(context)? {
        certificate = checks::certificate(bearer.certificate.as_deref(), &bearer.key)?;
        let named = bearer.certificate.as_ref();
        let named = named.map_or_else(String::new, |path| path.display().to_string());
        let signed = bearer.assertions.mint().await;
        let text = signed.as_ref().map(SignedJwt::expose_jwt);
        let text = text.map_err(ToString::to_string);
        findings.push(checks::assertion("assertion", text));
        let key = &bearer.key;
        findings.push(checks::key(key, certificate.as_ref(), &named));
        findings.push(checks::audience(bearer.audience.as_str(), &bearer.host));
    }
    // Tokens are got without a project, too.
    if let Ok((_, project)) = context.load_project(&[]) {
        let (app, finding) = App::find(&project, client_id.as_str());
        findings.push(finding);
        findings.extend(
            app.into_iter()
                .flat_map(|app| app.for_login(&known, certificate.as_ref())),
        );
    }
    if findings
        .iter()
        .any(|finding| finding.state == State::Failed)
    {
        return Ok(findings);
    }
    findings.extend(checks::clock(&context.http()?, &known.host).await);
    if findings
        .iter()
        .any(|finding| finding.state == State::Failed)
    {
        return Ok(findings);
    }
    let target = auth::configured_target(context)?;
    findings.push(match target.tokens.access_token().await {
        Ok(_) => Finding::ok("token", "the org gives one"),
        Err(error) => diagnosis::refused("token", &error, &findings),
    });
    Ok(findings)
}
