//! `eca attest inspect` and `eca attest verify`.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use eca_attest::{
    Audience, ClaimError, Claims, ClientId, NumericDate, Provider, ValidationPolicy, Verifier,
};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::{Failure, chain};
use crate::files::key_passwords::InputPassword;
use crate::files::{certificates, input};

#[derive(Debug, clap::Args)]
pub(crate) struct Inspect {
    /// The token, or `-` to read it from stdin
    #[arg(value_name = "JWT")]
    token: String,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Verify {
    /// The signer's certificate, or a key store with it
    #[arg(long, value_name = "FILE")]
    cert: PathBuf,
    #[command(flatten)]
    input_password: InputPassword,
    /// The expected audience (`aud`) [default: not checked]
    #[arg(long, value_name = "URL")]
    audience: Option<Audience>,
    /// The expected consumer key (`iss`) [default: not checked]
    #[arg(long, value_name = "ID")]
    issuer: Option<ClientId>,
    /// Accepted clock difference, for `exp`, `nbf` and `iat`
    #[arg(long, value_name = "TIME", default_value = "1m", value_parser = humantime::parse_duration)]
    skew: Duration,
    /// How far ahead `exp` may be
    #[arg(long, value_name = "TIME", default_value = "10m", value_parser = humantime::parse_duration)]
    max_lifetime: Duration,
    /// The token, or `-` to read it from stdin
    #[arg(value_name = "JWT")]
    token: String,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Inspected {
    verified: bool,
    header: Value,
    claims: Value,
}

/// Prints the content of a token, without verifying it.
pub(crate) fn inspect(context: &Context, name: &str, arguments: &Inspect) -> Result<Exit, Failure> {
    let text = token(&arguments.token)?;
    let token = eca_attest::inspect(&text).map_err(|error| {
        Failure::caused_by(Exit::Failed, "this is not a JWT", &error)
            .hint("give the whole token, three parts separated by dots, or - to read it from stdin")
    })?;
    let json = |text: &str| serde_json::from_str::<Value>(text).unwrap_or_default();
    let claims = token.unverified_claims();
    let document = Inspected {
        verified: false,
        header: json(token.header_json()),
        claims: json(claims.as_json()),
    };
    context.output.document(name, Exit::Success, &document);
    let output = &context.output;
    output.print("NOT VERIFIED: anyone can have created this token");
    output.print(format_args!("header     {}", document.header));
    output.print(format_args!("claims     {}", document.claims));
    let now = SystemTime::now();
    for (label, date) in [
        ("issued", claims.issued_at()),
        ("not before", claims.not_before()),
        ("expires", claims.expires_at()),
    ] {
        match date {
            Ok(Some(date)) => output.print(format_args!("{label:<11}{}", relative(date, now))),
            Ok(None) => {}
            Err(error) => output.print(format_args!("{label:<11}{error}")),
        }
    }
    output.info("next: eca attest verify --cert FILE JWT");
    Ok(Exit::Success)
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Verified {
    valid: bool,
    /// The check that failed, and the message with its causes.
    check: Option<&'static str>,
    message: Option<String>,
    /// Checks that were not requested.
    unchecked: Vec<&'static str>,
    expires_at: Option<String>,
    claims: Option<Value>,
}

/// Exit 1, and the check that failed, when the token is not valid.
pub(crate) fn verify(context: &Context, name: &str, arguments: Verify) -> Result<Exit, Failure> {
    let token = token(&arguments.token)?;
    let certificate = certificates::certificate(&arguments.cert, &arguments.input_password)?;
    let mut checks = ValidationPolicy::any_issuer_and_audience()
        .skew(arguments.skew)
        .max_lifetime(arguments.max_lifetime)
        .require_issued_at();
    let mut unchecked = Vec::new();
    match arguments.issuer {
        Some(issuer) => checks = checks.issuer(issuer),
        None => unchecked.push("iss"),
    }
    match arguments.audience {
        Some(audience) => checks = checks.audience(audience),
        None => unchecked.push("aud"),
    }
    // Only the server knows the tokens that it has seen.
    unchecked.push("replay");
    let judge = Verifier::new(Provider::AwsLcRs, certificate.public_key(), checks);
    let judge = judge.map_err(|error| {
        let message = format!("{} cannot check signatures", arguments.cert.display());
        Failure::caused_by(Exit::Usage, message, &error)
    })?;
    let result = judge.verify_ignoring_replay(&token, SystemTime::now());
    let (exit, document) = match &result {
        Ok(good) => {
            let claims = serde_json::from_str(good.claims().as_json()).unwrap_or_default();
            let document = Verified {
                valid: true,
                check: None,
                message: None,
                unchecked,
                expires_at: Some(good.expires_at().to_string()),
                claims: Some(claims),
            };
            (Exit::Success, document)
        }
        Err(error) => {
            let document = Verified {
                valid: false,
                check: Some(error.check()),
                message: Some(chain(error)),
                unchecked,
                expires_at: None,
                claims: None,
            };
            (Exit::Failed, document)
        }
    };
    context.output.document(name, exit, &document);
    match &result {
        Ok(good) => {
            let output = &context.output;
            output.print(format_args!("valid until {}", good.expires_at()));
            show(context, good.claims())
                .map_err(|error| Failure::from_error(Exit::Failed, &error))?;
            output.info(format_args!(
                "not checked: {}",
                document.unchecked.join(", ")
            ));
        }
        Err(error) => {
            context
                .output
                .print(format_args!("not valid: {}: {error}", error.check()));
            let mut cause = std::error::Error::source(error);
            while let Some(error) = cause {
                context.output.print(format_args!("  caused by: {error}"));
                cause = error.source();
            }
        }
    }
    Ok(exit)
}

fn show(context: &Context, claims: &Claims) -> Result<(), ClaimError> {
    for (label, text) in [
        ("issuer", claims.issuer()?),
        ("subject", claims.subject()?),
        ("id", claims.id()?),
    ] {
        if let Some(text) = text {
            context.output.print(format_args!("{label:<11}{text}"));
        }
    }
    let audiences = claims.audiences()?.join(", ");
    context
        .output
        .print(format_args!("{:<11}{audiences}", "audience"));
    Ok(())
}

/// A date, and how far away it is.
fn relative(date: NumericDate, now: SystemTime) -> String {
    let at = date.to_system_time();
    let rounded = |distance: Duration| {
        humantime::format_duration(Duration::from_secs(distance.as_secs())).to_string()
    };
    match at.duration_since(now) {
        Ok(ahead) => format!("{date} (in {})", rounded(ahead)),
        Err(past) => format!("{date} ({} ago)", rounded(past.duration())),
    }
}

/// The given token, or stdin.
fn token(given: &str) -> Result<String, Failure> {
    let text = match given {
        "-" => input::stdin(input::SMALL)?,
        given => given.to_owned(),
    };
    Ok(text.trim().to_owned())
}
