//! Logins of the Salesforce CLI, read with the installed program: its files are encrypted in a
//! private format.

use eca_oauth::AccessToken;
use serde_json::Value;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::program::Program;

/// The most bytes of a JSON document of the Salesforce CLI.
const MAX_OUTPUT: u64 = 1 << 20;

/// The access token of an org that `sf` is logged in to.
pub(super) fn access_token(org: Option<&str>) -> Result<AccessToken, Failure> {
    // Since plugin-org 5.11 `org display` hides the token, and this command shows it. Older
    // versions have only `org display`.
    let answer = match ask(&["org", "auth", "show-access-token"], org)? {
        Ok(answer) => answer,
        Err(_) => ask(&["org", "display"], org)?.map_err(|message| no_login(&message))?,
    };
    read(&answer)
}

/// The instance URL of an org that `sf` is logged in to.
pub(super) fn instance_url(org: Option<&str>) -> Result<String, Failure> {
    let answer = ask(&["org", "display"], org)?.map_err(|message| no_login(&message))?;
    let url = answer
        .pointer("/result/instanceUrl")
        .and_then(Value::as_str);
    url.map(str::to_owned).ok_or_else(|| {
        Failure::new(Exit::Authentication, "`sf` printed no instance URL")
            .hint("update it: `sf org display --json` must show instanceUrl")
    })
}

fn no_login(message: &str) -> Failure {
    Failure::new(
        Exit::Authentication,
        format!("`sf` has no token: {message}"),
    )
    .hint("log in with `sf org login web`, or name another org: `target-org` in eca.toml, or SF_TARGET_ORG")
}

fn read(answer: &Value) -> Result<AccessToken, Failure> {
    let token = answer
        .pointer("/result/accessToken")
        .or_else(|| answer.pointer("/result/token"))
        .or_else(|| answer.pointer("/result"))
        .and_then(Value::as_str);
    let Some(token) = token else {
        let message = "`sf` printed no access token";
        return Err(Failure::new(Exit::Authentication, message)
            .hint("update it: `sf org auth show-access-token` must work"));
    };
    if token.contains("[REDACTED]") {
        return Err(Failure::new(
            Exit::Authentication,
            "`sf` printed [REDACTED] instead of the access token",
        )
        .hint("update it to a version with `sf org auth show-access-token`; SF_TEMP_SHOW_SECRETS=true is a temporary workaround"));
    }
    AccessToken::new(token).map_err(|error| {
        Failure::caused_by(
            Exit::Authentication,
            "`sf` printed something that is not an access token",
            &error,
        )
    })
}

/// The JSON document of a successful command, or the message of a failed one.
fn ask(command: &[&str], org: Option<&str>) -> Result<Result<Value, String>, Failure> {
    let mut program = Program::new("sf").args(command).args(["--json"]);
    if let Some(org) = org {
        program = program.args(["--target-org", org]);
    }
    let output = program.output(None, MAX_OUTPUT).map_err(|error| {
        Failure::from_error(Exit::Authentication, &error)
            .hint("install the Salesforce CLI, or use another `method` in eca.toml")
    })?;
    // Its stderr is not printed: it may contain secrets.
    let document: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    if output.status.success() {
        return Ok(Ok(document));
    }
    let message = document.pointer("/message").and_then(Value::as_str);
    let message = message.unwrap_or("it failed").escape_debug().to_string();
    Ok(Err(message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn output_of_sf() {
        let check = |text: &str| {
            read(&serde_json::from_str(text).unwrap())
                .map(|token| token.expose_secret().to_owned())
                .map_err(|failure| failure.to_string())
        };
        for text in [
            r#"{"result":{"accessToken":"00D!x"}}"#,
            r#"{"result":"00D!x"}"#,
        ] {
            assert_eq!(check(text).unwrap(), "00D!x");
        }
        let hidden = check(r#"{"result":{"accessToken":"[REDACTED] use another"}}"#).unwrap_err();
        assert!(hidden.contains("show-access-token"), "{hidden}");
        assert!(check("{}").unwrap_err().contains("no access token"));
    }
}
