//! `eca explain`: what a rule, or an error of Salesforce, means.

use eca_lint::{KnownError, RULES, Rule, explain_error};
use serde::Serialize;

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;

pub(crate) const NAME: &str = "explain";

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// A rule's id or name, or an error message as Salesforce printed it; every rule when left out
    #[arg(value_name = "RULE or MESSAGE")]
    text: Vec<String>,
}

#[derive(Serialize)]
struct Document {
    rules: Vec<&'static Rule>,
    errors: Vec<&'static KnownError>,
}

pub(crate) fn run(context: &Context, arguments: &Arguments) -> Result<Exit, Failure> {
    let text = arguments.text.join(" ");
    let mut document = Document {
        rules: Vec::new(),
        errors: Vec::new(),
    };
    if arguments.text.is_empty() {
        document.rules = RULES.to_vec();
    } else if let Some(rule) = eca_lint::explain(text.trim()) {
        document.rules = vec![rule];
    } else {
        document.errors = explain_error(&text);
    }
    if document.rules.is_empty() && document.errors.is_empty() {
        return Err(Failure::new(
            Exit::Usage,
            "neither a rule nor an error message that this program knows",
        )
        .hint("eca explain lists the rules; of a message, the sentence of Salesforce is enough"));
    }
    context.output.document(NAME, Exit::Success, &document);
    if arguments.text.is_empty() {
        for rule in &document.rules {
            context
                .output
                .line(format_args!("{rule}: {}", rule.summary()));
        }
        return Ok(Exit::Success);
    }
    for rule in &document.rules {
        show_rule(context, rule);
    }
    for (index, error) in document.errors.iter().enumerate() {
        if index > 0 {
            context.output.line("");
        }
        show_error(context, error);
    }
    Ok(Exit::Success)
}

fn show_rule(context: &Context, rule: &Rule) {
    let profiles: Vec<_> = rule
        .profiles()
        .iter()
        .map(|profile| profile.as_str())
        .collect();
    let output = &context.output;
    output.line(format_args!(
        "{rule} ({}, profile {})",
        rule.severity(),
        profiles.join(", ")
    ));
    output.line(format_args!("\n  {}.\n", capitalised(rule.summary())));
    output.line(format_args!("  {}\n", rule.explanation()));
    output.line(format_args!("  source: {}", rule.source()));
}

fn show_error(context: &Context, error: &KnownError) {
    let output = &context.output;
    output.line(error.message);
    output.line(format_args!("  cause: {}", error.cause));
    output.line(format_args!("  fix: {}", error.fix));
    for id in error.rules {
        if let Some(rule) = eca_lint::explain(&id.to_string()) {
            output.line(format_args!("  found by: {rule}"));
        }
    }
    output.line(format_args!("  source: {}", error.source));
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|c| c.to_uppercase().to_string());
    first.unwrap_or_default() + chars.as_str()
}
