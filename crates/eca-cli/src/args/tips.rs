//! Tips for commands and options that people try and that this program does not have.

use clap::error::{ContextKind, ContextValue, ErrorKind};

/// Commands that people try, and what exists today.
const COMMANDS: [(&str, &str); 11] = [
    ("convert", CONVERT),
    (
        "init",
        "to start a project: create sfdx-project.json and a folder force-app, then eca retrieve --app NAME",
    ),
    ("migrate", CONVERT),
    (
        "new",
        "to start from an app of an org: eca retrieve --app NAME; to write one: eca schema TYPE lists the elements of a file",
    ),
    (
        "project",
        "`sf project deploy start` is eca deploy, `sf project retrieve start` is eca retrieve",
    ),
    (
        "rollback",
        "a deploy that fails is rolled back by the org; to return to an earlier state: check it out with git, then eca deploy",
    ),
    (
        "rotate",
        "a consumer key or secret is rotated by a deploy: eca deploy --allow-rotation TYPE:NAME --ignore-warnings (eca explain ECA1204)",
    ),
    (
        "status",
        "to see a deploy: eca deploys show ID; to follow it: eca deploys watch; to list deploys: eca deploys list",
    ),
    (
        "test",
        "to check files offline: eca lint; to run a command against a local org: eca emulate -- COMMAND; to test a login: eca doctor",
    ),
    (
        "validate",
        "to check files offline: eca lint; to let the org check them: eca deploy --check-only",
    ),
    (
        "whoami",
        "to see the user of a token and what works with it: eca doctor org",
    ),
];

const CONVERT: &str = "a Connected App is not converted: write the files of an External Client App (eca schema lists the types) and move its users in steps";

/// Options of the Salesforce CLI under another name.
const OPTIONS: [(&str, &str); 3] = [
    ("-o", "the org is given with --org or --target-org"),
    ("-l", "the tests are given with --tests"),
    ("-t", "the tests are given with --tests"),
];

/// Puts the tip of this program in place of the guesses of clap, which go by similar letters.
pub(crate) fn replace_guesses(error: &mut clap::Error) {
    let (kind, table) = match error.kind() {
        ErrorKind::InvalidSubcommand => (ContextKind::InvalidSubcommand, &COMMANDS[..]),
        ErrorKind::UnknownArgument => (ContextKind::InvalidArg, &OPTIONS[..]),
        _ => return,
    };
    let Some(ContextValue::String(word)) = error.get(kind) else {
        return;
    };
    let Some((_, tip)) = table.iter().find(|(known, _)| known == word) else {
        return;
    };
    for guess in [ContextKind::SuggestedSubcommand, ContextKind::SuggestedArg] {
        error.remove(guess);
    }
    let tip = ContextValue::StyledStrs(vec![(*tip).into()]);
    error.insert(ContextKind::Suggested, tip);
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory as _, Parser as _};

    use super::*;
    use crate::args::Arguments;

    fn message(arguments: &[&str]) -> String {
        let arguments = ["eca"].iter().chain(arguments);
        let mut error = Arguments::try_parse_from(arguments).unwrap_err();
        replace_guesses(&mut error);
        error.render().to_string()
    }

    #[test]
    fn commands_that_people_try() {
        let grammar = Arguments::command();
        for (word, tip) in COMMANDS {
            let message = message(&[word]);
            assert!(message.contains(&format!("tip: {tip}\n")), "{message}");
            assert!(!message.contains("similar"), "{message}");
            assert!(grammar.find_subcommand(word).is_none(), "{word} exists");
            // The tip names commands that exist.
            for named in tip.split("eca ").skip(1) {
                let named = named.split([' ', ';', ',', ')', ':']).next().unwrap();
                assert!(grammar.find_subcommand(named).is_some(), "{word}: {named}");
            }
        }
        assert!(message(&["lnit"]).contains("lint"), "clap's guess stays");
    }

    #[test]
    fn options_of_the_salesforce_cli() {
        let wrong = [&["deploy", "-o", "prod"], &["deploy", "-t", "AppTest"]];
        for (arguments, tip) in wrong.iter().zip(["--target-org", "--tests"]) {
            let message = message(&arguments[..]);
            assert!(message.contains(tip), "{message}");
        }
    }
}
