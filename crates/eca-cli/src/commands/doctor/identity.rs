//! Headless logins by the Headless Identity APIs. None of them is called: each would send a
//! message to a user.

use eca_oauth::LoginUrl;
use eca_oauth::explain::Check;

use crate::auth::{Identity, user_info};
use crate::commands::doctor::project::App;
use crate::commands::doctor::{Finding, State, checks};
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;

pub(super) async fn examine(context: &Context) -> Result<Vec<Finding>, Failure> {
    let identity = Identity::find(context)?;
    let host: LoginUrl = identity
        .site
        .as_str()
        .parse()
        .map_err(|error: eca_oauth::InvalidUrl| Failure::from_error(Exit::Usage, &error))?;
    let mut findings = vec![checks::host(&host)];
    let (_, project) = context.load_project(&[])?;
    let (app, finding) = App::find(&project, identity.client_id.as_str());
    findings.push(finding);
    findings.extend(app.into_iter().flat_map(|app| app.for_identity(&identity)));
    if findings.iter().any(|f| f.state == State::Failed) {
        return Ok(findings);
    }
    findings.extend(checks::clock(&context.http()?, &host).await);
    findings.push(gate(context, &identity).await?);
    Ok(findings)
}

/// Whether the integration user's token is good.
async fn gate(context: &Context, identity: &Identity) -> Result<Finding, Failure> {
    const CHECK: &str = "gate";
    let Some(token) = identity.integration_token() else {
        let detail = "a reCAPTCHA or nothing; only its single use shows whether it is valid";
        return Ok(Finding::unknown(CHECK, detail));
    };
    let endpoint = identity.instance.userinfo_endpoint();
    Ok(match user_info(&context.http()?, &endpoint, token).await {
        Ok(user) => {
            let name = user.preferred_username.as_deref().unwrap_or(&user.sub);
            Finding::ok(CHECK, format!("the token belongs to {name}")).answering(Check::Gate)
        }
        Err(error) => {
            let words = error
                .oauth()
                .map_or(String::new(), |words| format!(": {words}"));
            Finding::caused(CHECK, "gate", format!("the token is not valid{words}"))
        }
    })
}
