//! `eca explain`: explains a rule, a profile, an exit code, or an error of Salesforce.

mod paste;
mod refusals;

use std::fmt::Write as _;

use eca_lint::{KnownError, Profile, RULES, Rule, explain_error, nearest_error, nearest_rule};
use eca_model::schema::nearest_name as nearest;
use schemars::JsonSchema;
use serde::Serialize;

use crate::commands::explain::refusals::Refusal;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::shapes;
use crate::ui::terminal::{self, Stream, Style};

pub(crate) const NAME: &str = "explain";

/// The width of the text.
const WIDTH: usize = 100;

/// The most rules in a hint.
const MEANT: usize = 3;

/// Error codes of token endpoints (RFC 6749, section 5.2; RFC 8628, section 3.5).
const OAUTH_ERRORS: [&str; 8] = [
    "access_denied",
    "authorization_pending",
    "invalid_client",
    "invalid_grant",
    "invalid_request",
    "invalid_scope",
    "unauthorized_client",
    "unsupported_grant_type",
];

/// The next step for users of the older kind of app.
pub(crate) const CONNECTED_APP: &str = "a Connected App is not an External Client App; one of those has the types ExternalClientApplication, \
     ExtlClntAppOauthSettings, ExtlClntAppGlobalOauthSettings and ExtlClntAppOauthConfigurablePolicies: eca schema TYPE";

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// A rule's id or name, a profile, an exit code, or an error message of Salesforce as it was
    /// copied, with everything around it [default: list the rules]
    #[arg(value_name = "RULE or MESSAGE")]
    text: Vec<String>,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Document {
    #[schemars(with = "Vec<shapes::Rule>")]
    rules: Vec<&'static Rule>,
    #[schemars(with = "Vec<shapes::KnownError>")]
    errors: Vec<&'static KnownError>,
    refusals: Vec<Refusal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exit_code: Option<ExitCode>,
}

#[derive(Serialize, JsonSchema)]
struct ExitCode {
    code: u8,
    name: &'static str,
    meaning: &'static str,
}

pub(crate) fn run(context: &Context, arguments: &Arguments) -> Result<Exit, Failure> {
    let text = arguments.text.join(" ");
    let text = text.trim();
    let mut document = Document {
        rules: Vec::new(),
        errors: Vec::new(),
        refusals: Vec::new(),
        exit_code: exit_code(text),
    };
    if arguments.text.is_empty() {
        document.rules = RULES.to_vec();
    } else if let Some(rule) = eca_lint::explain(text) {
        document.rules = vec![rule];
    } else if let Ok(profile) = text.parse::<Profile>() {
        let rules = RULES.iter().copied();
        document.rules = rules
            .filter(|rule| rule.profiles().contains(&profile))
            .collect();
    } else if document.exit_code.is_none() {
        let text = paste::unescaped(text);
        document.errors = explain_error(&text);
        document.refusals = refusals::in_text(&text);
    }
    let is_known = !document.rules.is_empty() || document.exit_code.is_some();
    if !is_known && document.errors.is_empty() && document.refusals.is_empty() {
        return Err(unknown(text));
    }
    context.output.document(NAME, Exit::Success, &document);
    if let Some(exit) = &document.exit_code {
        context.output.print(format_args!(
            "exit code {}, {}: {}",
            exit.code, exit.name, exit.meaning
        ));
    }
    if arguments.text.is_empty() || document.rules.len() > 1 {
        for rule in &document.rules {
            context
                .output
                .print(format_args!("{rule}: {}", rule.summary()));
        }
        return Ok(Exit::Success);
    }
    let rules = document.rules.iter().map(|rule| describe_rule(rule));
    let errors = document.errors.iter().map(|error| describe_error(error));
    let refusals = document.refusals.iter().map(describe_refusal);
    let parts: Vec<_> = rules.chain(errors).chain(refusals).collect();
    context.output.print_block(Style::Plain, parts.join("\n\n"));
    Ok(Exit::Success)
}

/// The exit code in `4`, `exit 4` or `exit code 4`.
fn exit_code(text: &str) -> Option<ExitCode> {
    let number = text.strip_prefix("exit").unwrap_or(text).trim_start();
    let number = number.strip_prefix("code").unwrap_or(number).trim();
    let code = number.parse::<u8>().ok()?;
    let exit = Exit::ALL.into_iter().find(|exit| exit.code() == code)?;
    Some(ExitCode {
        code,
        name: exit.name(),
        meaning: exit.meaning(),
    })
}

fn unknown(text: &str) -> Failure {
    let failure = Failure::new(Exit::Usage, "neither a rule nor a known error message");
    // An id that is cut off: the rules that begin so stand together.
    let upper = text.to_uppercase();
    let begun = RULES
        .iter()
        .find(|rule| !text.is_empty() && rule.id().to_string().starts_with(&upper));
    if let Some(rule) = begun.copied().or_else(|| nearest_rule(text)) {
        return failure.hint(format!("did you mean {rule}?"));
    }
    let profiles = Profile::ALL.iter().map(|profile| profile.as_str());
    if let Some(meant) = nearest(text, profiles.chain(OAUTH_ERRORS)) {
        return failure.hint(format!("did you mean {meant}?"));
    }
    // A part of a rule's name: scopes, certificate.
    let has_word = |rule: &&Rule| {
        rule.name()
            .split('-')
            .any(|word| nearest(text, [word]).is_some())
    };
    let rules: Vec<_> = RULES.iter().copied().filter(has_word).take(MEANT).collect();
    if !text.is_empty() && !rules.is_empty() {
        let rules: Vec<_> = rules.iter().map(ToString::to_string).collect();
        return failure.hint(format!("did you mean {}?", rules.join(", ")));
    }
    if nearest(text, ["ConnectedApp", "Connected App"]).is_some() {
        return failure.hint(CONNECTED_APP);
    }
    match nearest_error(text) {
        Some(error) => failure.hint(format!(
            "the most similar known message is: {}",
            error.message
        )),
        None => failure
            .hint("eca explain lists the rules; for an error, give the message of Salesforce"),
    }
}

fn describe_rule(rule: &Rule) -> String {
    let profiles: Vec<_> = rule
        .profiles()
        .iter()
        .map(|profile| profile.as_str())
        .collect();
    let example = rule.example();
    let mut text = format!(
        "{rule} ({}, profile {})\n\n  {}.\n\n{}\n",
        rule.severity(),
        profiles.join(", "),
        capitalised(rule.summary()),
        wrapped("  ", rule.explanation()),
    );
    let before = &example.before;
    let _ = write!(
        text,
        "\n  Incorrect: {}\n{}\n",
        before.path,
        indented(&before.text)
    );
    if let Some(after) = &example.after {
        let _ = write!(
            text,
            "\n  Correct: {}\n{}\n",
            after.path,
            indented(&after.text)
        );
    }
    let _ = write!(
        text,
        "\n{}",
        wrapped("  ", &format!("source: {}", rule.source()))
    );
    text
}

fn describe_error(error: &KnownError) -> String {
    let mut text = error.message.to_owned();
    let _ = write!(
        text,
        "\n{}",
        wrapped("  ", &format!("cause: {}", error.cause))
    );
    let _ = write!(text, "\n{}", wrapped("  ", &format!("fix: {}", error.fix)));
    let rules = error.rules.iter();
    for rule in rules.filter_map(|id| eca_lint::explain(&id.to_string())) {
        let _ = write!(text, "\n  found by: {rule}");
    }
    let _ = write!(
        text,
        "\n{}",
        wrapped("  ", &format!("source: {}", error.source))
    );
    text
}

/// The most likely cause first.
fn describe_refusal(refusal: &Refusal) -> String {
    let mut text = if refusal.flows.is_empty() {
        "a refusal in any flow; the most likely cause first".to_owned()
    } else {
        format!(
            "a refusal of the {}; the most likely cause first",
            refusal.flows.join(", ")
        )
    };
    for cause in &refusal.causes {
        let _ = write!(
            text,
            "\n{}",
            wrapped("  ", &format!("cause: {}", cause.why))
        );
        let _ = write!(
            text,
            "\n{}",
            wrapped("    ", &format!("fix: {}", cause.fix))
        );
        for rule in &cause.rules {
            let _ = write!(text, "\n    found by: {rule}");
        }
        if let Some(command) = cause.check {
            let _ = write!(text, "\n    check: {command}");
        }
    }
    text
}

/// A sentence; one that begins with the name of an element, such as `isPkceRequired`, stays.
fn capitalised(text: &str) -> String {
    let first = text.split(' ').next().unwrap_or_default();
    if first.contains(char::is_uppercase) {
        return text.to_owned();
    }
    let mut chars = text.chars();
    let first = chars.next().map(|c| c.to_uppercase().to_string());
    first.unwrap_or_default() + chars.as_str()
}

fn indented(text: &str) -> String {
    let lines = text.lines().map(|line| format!("    {line}"));
    lines.collect::<Vec<_>>().join("\n")
}

/// Text in lines that begin with `indent` and have at most 100 characters, but for longer words.
fn wrapped(indent: &str, text: &str) -> String {
    let width = terminal::columns(Stream::Stdout).map_or(WIDTH, |columns| columns.min(WIDTH));
    let mut lines = Vec::new();
    let mut line = String::from(indent);
    for word in text.split_whitespace() {
        if line.len() > indent.len() {
            if line.chars().count() + 1 + word.chars().count() > width {
                lines.push(std::mem::replace(&mut line, indent.to_owned()));
            } else {
                line.push(' ');
            }
        }
        line.push_str(word);
    }
    lines.push(line);
    lines.join("\n")
}
