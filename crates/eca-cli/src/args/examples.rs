//! The examples at the beginning of `eca COMMAND --help`.

use std::fmt::Write as _;

use clap::Command;

/// A call, and what it is for.
type Example = (&'static str, &'static str);

/// The calls of each command, most frequent first.
const EXAMPLES: &[(&str, &[Example])] = &[
    (
        "eca",
        &[
            ("eca demo", "the whole walkthrough, without an account"),
            ("eca lint", "check the project of the current folder"),
            (
                "eca emulate -- eca deploy",
                "deploy it to a fresh org on this machine",
            ),
            (
                "eca deploy --check-only --org staging",
                "let a real org check it",
            ),
        ],
    ),
    (
        "eca demo",
        &[
            ("eca demo", "the whole walkthrough, without an account"),
            (
                "eca demo --project . --keep tour",
                "with your project; keep its copy, key and certificate",
            ),
        ],
    ),
    (
        "eca lint",
        &[
            ("eca lint", "check the project of the current folder"),
            ("eca lint --fix", "apply the safe fixes"),
            (
                "eca lint --profile isv-2026 --deny warning",
                "with more rules, and fail on warnings",
            ),
            (
                "eca lint --format github --since origin/main",
                "in a pull request",
            ),
        ],
    ),
    (
        "eca show",
        &[
            ("eca show", "all apps"),
            ("eca show Billing", "one app, with the labels of Setup"),
        ],
    ),
    (
        "eca fmt",
        &[
            ("eca fmt", "format every file"),
            ("eca fmt --check", "in CI: fail if a file would change"),
        ],
    ),
    (
        "eca diff",
        &[
            (
                "eca diff staging",
                "what a deploy to the org staging of eca.toml would change",
            ),
            (
                "eca diff staging production",
                "what would make production like staging",
            ),
            (
                "eca diff before.zip . --app Billing",
                "between two packages or folders",
            ),
        ],
    ),
    (
        "eca apply",
        &[
            ("eca apply --org staging", "plan, show, ask, and apply"),
            (
                "eca apply plan.eca --org production --yes",
                "in a pipeline: the plan of a file that was reviewed",
            ),
            (
                "eca apply --allow adopt,reset --org staging",
                "take over what the org has already, and take the risk of a reset",
            ),
            (
                "eca apply --resume --org production",
                "go on after a kill, on any machine that shares the state",
            ),
        ],
    ),
    (
        "eca plan",
        &[
            (
                "eca plan --org staging",
                "what a deploy would change, what it would lock out, and in which steps",
            ),
            (
                "eca plan --org production --restore-drift Billing",
                "what putting the project's values of an app back would do",
            ),
            (
                "eca plan --org production --format markdown",
                "a comment for a pull request",
            ),
        ],
    ),
    (
        "eca drift",
        &[
            (
                "eca drift --org production",
                "what somebody changed in the org, and who",
            ),
            (
                "eca drift --org production --format sarif",
                "for code scanning, at the lines of the project",
            ),
        ],
    ),
    (
        "eca graph",
        &[
            ("eca graph", "every reference, and those that lead nowhere"),
            ("eca graph --dot", "as a picture, for Graphviz"),
        ],
    ),
    (
        "eca schema",
        &[
            ("eca schema", "list the types"),
            (
                "eca schema ExtlClntAppOauthSettings --markdown",
                "the members of a type, as a table",
            ),
            (
                "eca schema --json-output deploy",
                "the JSON Schema of eca deploy --json",
            ),
        ],
    ),
    (
        "eca schema diff",
        &[(
            "eca schema diff --org staging",
            "members of the org's types that eca does not know",
        )],
    ),
    (
        "eca explain",
        &[
            (
                "eca explain ECA1207",
                "a rule, with an incorrect and a correct file",
            ),
            (
                "eca explain 'invalid_client_id: client identifier invalid'",
                "an error of Salesforce",
            ),
            ("eca explain isv-2026", "the rules of a profile"),
        ],
    ),
    (
        "eca deploy",
        &[
            (
                "eca deploy --check-only --org staging",
                "let the org check the project; nothing changes",
            ),
            ("eca deploy --app Billing --org staging", "deploy one app"),
            (
                "eca deploy --tests local --format github --junit deploy.xml",
                "in CI",
            ),
            (
                "eca deploy --resume",
                "follow the last deploy, also after a lost connection",
            ),
        ],
    ),
    (
        "eca retrieve",
        &[
            (
                "eca retrieve --app Billing --org staging",
                "one app, into the project",
            ),
            (
                "eca retrieve --dry-run",
                "what the org has changed in the project's components",
            ),
            (
                "eca retrieve --all --into snapshot",
                "everything, into another folder",
            ),
        ],
    ),
    (
        "eca deploys list",
        &[(
            "eca deploys list --org staging",
            "the newest deploys, by all users",
        )],
    ),
    (
        "eca deploys show",
        &[
            ("eca deploys show", "the last deploy of this machine"),
            ("eca deploys show 0Af000000000001AAA", "another one"),
        ],
    ),
    (
        "eca deploys watch",
        &[(
            "eca deploys watch",
            "follow the newest deploy that has not ended",
        )],
    ),
    (
        "eca package",
        &[(
            "eca package --output billing.zip --app Billing",
            "one app, as eca deploy would send it",
        )],
    ),
    (
        "eca list",
        &[
            (
                "eca list --apps",
                "the apps of the org, with their flows and scopes",
            ),
            (
                "eca list ExternalClientApplication --org staging",
                "the components of a type",
            ),
        ],
    ),
    (
        "eca describe",
        &[
            ("eca describe", "the metadata types of the org"),
            (
                "eca describe ExtlClntAppOauthSettings",
                "the members of a type",
            ),
        ],
    ),
    (
        "eca emulate",
        &[
            (
                "eca emulate -- eca deploy",
                "deploy the project to a fresh org",
            ),
            (
                "eca emulate --seed . -- npm test",
                "run tests against the deployed project",
            ),
            (
                "eca emulate --sf -- sf project deploy start --source-dir force-app",
                "with the Salesforce CLI logged in",
            ),
            (
                "eca emulate --state .org --port 8443 --tls",
                "an org that stays",
            ),
        ],
    ),
    (
        "eca attest mint",
        &[(
            "eca attest mint --client-id 3MVG9 --key key.pem --audience https://acme.my.site.com/shop",
            "a token for a headless login",
        )],
    ),
    (
        "eca attest inspect",
        &[(
            "eca attest inspect eyJh.eyJp.c2ln",
            "the header and claims of a token",
        )],
    ),
    (
        "eca attest verify",
        &[(
            "eca attest verify eyJh.eyJp.c2ln --cert cert.pem --audience https://acme.my.site.com/shop",
            "check a token as an org does",
        )],
    ),
    (
        "eca cert new",
        &[(
            "eca cert new --name billing --key-out key.pem --cert-out cert.pem",
            "a key and its self-signed certificate",
        )],
    ),
    (
        "eca cert inspect",
        &[(
            "eca cert inspect cert.pem",
            "its dates and names, and Salesforce's limits",
        )],
    ),
    (
        "eca cert check",
        &[(
            "eca cert check --within 30d",
            "fail if a certificate of the project expires soon",
        )],
    ),
    (
        "eca cert match",
        &[(
            "eca cert match cert.pem --key key.pem",
            "whether they belong together",
        )],
    ),
    (
        "eca cert register",
        &[
            (
                "eca cert register cert.pem --app Shop --key key.pem",
                "put it into the app's settings",
            ),
            (
                "eca cert register cert.pem --app Sync --for jwt-bearer",
                "for JWT bearer logins",
            ),
        ],
    ),
    (
        "eca login",
        &[
            ("eca login --org staging", "test how eca.toml gets a token"),
            (
                "eca login --flow web --save --org staging",
                "log in with the browser and keep the refresh token",
            ),
            (
                "eca login --flow headless --username mia@acme.example --password env:PASSWORD",
                "a customer of a site",
            ),
        ],
    ),
    (
        "eca token",
        &[(
            "eca token --org staging",
            "an access token on stdout, for curl",
        )],
    ),
    (
        "eca logout",
        &[(
            "eca logout --org staging",
            "end what eca login --save began",
        )],
    ),
    (
        "eca state list",
        &[(
            "eca state list",
            "the orgs, whose their apps are, and who holds a lock",
        )],
    ),
    (
        "eca state show",
        &[("eca state show --org staging", "what was applied there")],
    ),
    (
        "eca state unlock",
        &[(
            "eca state unlock 5f0c9d3e8a1b2c47",
            "after a job died that held the lock",
        )],
    ),
    (
        "eca state forget",
        &[(
            "eca state forget --app Billing --org staging",
            "so that another project can take it over",
        )],
    ),
    (
        "eca trust",
        &[
            ("eca trust", "show what eca.toml names, and agree"),
            (
                "eca trust --digest",
                "the digest for ECA_TRUST_CONFIG in CI",
            ),
        ],
    ),
    (
        "eca doctor login",
        &[(
            "eca doctor login --org staging",
            "why a login of eca.toml fails",
        )],
    ),
    (
        "eca doctor headless",
        &[(
            "eca doctor headless --org shop",
            "why a headless login fails",
        )],
    ),
    (
        "eca doctor org",
        &[(
            "eca doctor org --org staging",
            "whether the token works, and for whom",
        )],
    ),
    (
        "eca key convert",
        &[
            (
                "eca key convert store.p12 --to pkcs8 --out key.pem",
                "a key store into a PEM file",
            ),
            (
                "eca key convert key.pem --to public-jwk --out public.jwk",
                "the public half",
            ),
        ],
    ),
    (
        "eca completions",
        &[(
            "eca completions bash",
            "the script, for a file that bash reads",
        )],
    ),
];

/// Puts the examples of each command before its help.
pub(crate) fn add(grammar: Command) -> Command {
    let name = grammar.get_name().to_owned();
    add_below(grammar, &name)
}

fn add_below(mut command: Command, path: &str) -> Command {
    if let Some((_, examples)) = EXAMPLES.iter().find(|(known, _)| *known == path) {
        command = command.before_long_help(text(examples));
    }
    let names: Vec<_> = command
        .get_subcommands()
        .map(|nested| nested.get_name().to_owned())
        .collect();
    names.into_iter().fold(command, |command, name| {
        let path = format!("{path} {name}");
        command.mut_subcommand(name, |nested| add_below(nested, &path))
    })
}

/// Each call on a line of its own, so that it can be copied.
fn text(examples: &[Example]) -> String {
    let mut text = String::from("Examples:");
    for (line, what) in examples {
        // Writing to a string cannot fail.
        let _ = write!(text, "\n  # {what}\n  {line}");
    }
    text
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory as _, Parser as _};

    use super::*;
    use crate::args::Arguments;

    /// The words of a line, as a shell splits it.
    fn words(line: &str) -> Vec<String> {
        let parts = line.split('\'').enumerate();
        let words = parts.flat_map(|(index, part)| {
            if index % 2 == 1 {
                return vec![part.to_owned()];
            }
            part.split_whitespace().map(str::to_owned).collect()
        });
        words.collect()
    }

    #[test]
    fn every_example_is_a_call_of_its_command() {
        for (command, examples) in EXAMPLES {
            for (line, _) in *examples {
                let parsed = Arguments::try_parse_from(words(line));
                assert!(parsed.is_ok(), "{line}: {}", parsed.unwrap_err());
                assert!(line.starts_with(command), "{line} is not of {command}");
            }
        }
    }

    #[test]
    fn every_command_has_examples() {
        fn check(command: &Command, path: &str, seen: &mut Vec<String>) {
            let nested = command
                .get_subcommands()
                .filter(|command| !command.is_hide_set());
            let nested: Vec<_> = nested
                .filter(|command| command.get_name() != "help")
                .collect();
            if nested.is_empty() || command.get_name() == "schema" {
                seen.push(path.to_owned());
            }
            for own in nested {
                check(own, &format!("{path} {}", own.get_name()), seen);
            }
        }
        let mut commands = vec!["eca".to_owned()];
        check(&Arguments::command(), "eca", &mut commands);
        commands.sort();
        let mut known: Vec<_> = EXAMPLES
            .iter()
            .map(|(path, _)| (*path).to_owned())
            .collect();
        known.sort();
        assert_eq!(commands, known);
    }

    #[test]
    fn the_long_help_begins_with_them() {
        let mut grammar = add(Arguments::command());
        let deploys = grammar.find_subcommand_mut("deploys").unwrap();
        let list = deploys.find_subcommand_mut("list").unwrap();
        let help = list.render_long_help().to_string();
        assert!(help.starts_with("Examples:\n  # "), "{help}");
        assert!(!list.render_help().to_string().contains("Examples"));
    }
}
