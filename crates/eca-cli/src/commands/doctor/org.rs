//! The org itself.

use eca_oauth::LoginUrl;

use crate::auth;
use crate::commands::doctor::{Finding, State, checks, diagnosis};
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;

pub(super) async fn examine(context: &Context) -> Result<Vec<Finding>, Failure> {
    let target = auth::target(context, &context.project_root(&[])?, None)?;
    let host: LoginUrl = target
        .instance
        .as_str()
        .parse()
        .map_err(|error: eca_oauth::InvalidUrl| Failure::from_error(Exit::Usage, &error))?;
    let http = context.http()?;
    let mut findings = vec![checks::host(&host)];
    findings.extend(checks::clock(&http, &host).await);
    if findings
        .iter()
        .any(|f| f.check == "reachable" && f.state == State::Failed)
    {
        return Ok(findings);
    }
    let token = match target.tokens.access_token().await {
        Ok(token) => token,
        Err(error) => {
            findings.push(diagnosis::refused("token", &error, &findings));
            return Ok(findings);
        }
    };
    findings.push(Finding::ok("token", format!("by `{}`", target.method)));
    let endpoint = target.instance.userinfo_endpoint();
    let user = auth::user_info(&http, &endpoint, &token).await;
    findings.push(match user {
        Ok(user) => {
            let name = user.preferred_username.as_deref().unwrap_or(&user.sub);
            Finding::ok("token accepted", format!("it belongs to {name}"))
        }
        Err(error) => diagnosis::refused("token accepted", &error, &findings),
    });
    Ok(findings)
}
