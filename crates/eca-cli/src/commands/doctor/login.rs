//! How an org's tokens are got.

use eca_oauth::AssertionJwt;

use super::{Finding, checks};
use crate::context::{self, Context};
use crate::failure::Failure;
use crate::org::{self, Bearer};

pub(super) async fn examine(context: &Context) -> Result<Vec<Finding>, Failure> {
    let mut findings = Vec::new();
    if let Some(bearer) = Bearer::find(context)? {
        let certificate = checks::certificate(bearer.certificate.as_deref())?;
        let named = bearer.certificate.as_ref();
        let named = named.map_or_else(String::new, |path| path.display().to_string());
        findings.push(checks::host(&bearer.host));
        let signed = bearer.assertions.assertion();
        let text = signed.as_ref().map(AssertionJwt::expose_secret);
        let text = text.map_err(ToString::to_string);
        findings.push(checks::assertion("assertion", text));
        findings.push(checks::key(
            &bearer.assertions.key,
            certificate.as_ref(),
            &named,
        ));
        findings.push(checks::audience(&bearer.audience, &bearer.host));
        findings.extend(checks::clock(&context::http()?, &bearer.host).await);
        let target = org::target(context, &context.project_root(&[])?, None)?;
        findings.push(match target.tokens.access_token().await {
            Ok(_) => Finding::ok("token", "the org gives one"),
            Err(error) => checks::refused("token", &error),
        });
        return Ok(findings);
    }
    super::org::examine(context).await
}
