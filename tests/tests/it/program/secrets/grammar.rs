//! Compares the cases with the grammar, so that a new command or option is not forgotten.

use std::collections::BTreeSet;

use eca_tests::run;

use super::{CASES, WITHOUT_SECRETS};

/// Parts of the names of options that take or name a secret.
const SECRET: [&str; 7] = [
    "key",
    "otp",
    "password",
    "pin",
    "secret",
    "token",
    "user-data",
];

/// Options with a test of their own.
const OTHERS: &[(&str, &str)] = &[
    (
        "--password-fd",
        "keys::attest::a_password_comes_from_a_file_descriptor",
    ),
    (
        "--out-password-fd",
        "keys::cert::an_encrypted_key_is_decrypted_with_its_password",
    ),
    ("--tls-key", "emulate::tls"),
];

/// The lines of a help page.
fn help(command: &[&str]) -> String {
    let arguments = [command, &["--help"]].concat();
    run(&std::env::temp_dir(), &arguments).stdout
}

/// The names in the list of commands of a help page.
fn subcommands(help: &str) -> Vec<String> {
    let Some((_, commands)) = help.split_once("Commands:\n") else {
        return Vec::new();
    };
    let (commands, _) = commands.split_once("\n\n").unwrap_or((commands, ""));
    let names = commands.lines().filter(|line| !line.starts_with("   "));
    let names = names.filter_map(|line| line.split_whitespace().next());
    let names = names.filter(|name| *name != "help");
    names.map(str::to_owned).collect()
}

/// The options for secrets of a help page.
fn secret_options(help: &str) -> BTreeSet<String> {
    let (own, _) = help.split_once("Global options:").unwrap_or((help, ""));
    let options = own.lines().filter_map(|line| {
        let option = line
            .trim_start()
            .split([' ', '=', '['])
            .find(|word| word.starts_with("--"))?;
        let starts = line.trim_start().starts_with('-');
        (starts && SECRET.iter().any(|part| option.contains(part))).then(|| option.to_owned())
    });
    options.collect()
}

/// Every command without subcommands, and those that work without one, with its help.
fn commands() -> Vec<(String, String)> {
    let mut commands = Vec::new();
    let mut open = vec![Vec::<String>::new()];
    while let Some(command) = open.pop() {
        let words: Vec<_> = command.iter().map(String::as_str).collect();
        let help = help(&words);
        let below = subcommands(&help);
        let name = command.join(" ");
        let alone = format!("Usage: eca {name} [OPTIONS]");
        let works_alone = help
            .lines()
            .any(|line| line.starts_with(&alone) && !line.contains("<COMMAND>"));
        open.extend(
            below
                .iter()
                .map(|below| [&command[..], std::slice::from_ref(below)].concat()),
        );
        if !name.is_empty() && (below.is_empty() || works_alone) {
            commands.push((name, help));
        }
    }
    commands
}

/// The command of a case: the longest that it begins with.
fn command_of<'a>(case: &str, commands: &'a [(String, String)]) -> Option<&'a str> {
    let names = commands.iter().map(|(name, _)| name.as_str());
    let begins = |name: &&str| case == *name || case.starts_with(&format!("{name} "));
    names.filter(begins).max_by_key(|name| name.len())
}

#[test]
fn every_command_and_option_for_a_secret_is_in_a_list() {
    let commands = commands();
    assert!(commands.len() > 25, "{commands:?}");
    let mut others = BTreeSet::new();
    for (command, help) in &commands {
        let mut cases = CASES.iter().map(|case| case.arguments);
        let is_without = WITHOUT_SECRETS.contains(&command.as_str());
        assert_ne!(
            cases.any(|case| command_of(case, &commands) == Some(command.as_str())),
            is_without,
            "`{command}` must be in CASES or in WITHOUT_SECRETS"
        );
        for option in secret_options(help) {
            let mut cases = CASES.iter().map(|case| case.arguments);
            let is_used = cases.any(|case| {
                command_of(case, &commands) == Some(command.as_str())
                    && case.split(' ').any(|word| word == option)
            });
            let is_other = OTHERS.iter().any(|(other, _)| *other == option);
            if !is_used {
                others.insert(option.clone());
            }
            assert!(is_used || is_other, "no case of `{command}` has {option}");
        }
    }
    let listed = OTHERS.iter().map(|(option, _)| (*option).to_owned());
    assert_eq!(others, listed.collect(), "OTHERS is longer than it must be");
}
