//! `eca manual`: man pages, and the pages of the book that are generated from the grammar. For
//! packagers; hidden from the help.

use std::path::PathBuf;

use clap::ValueEnum;
use schemars::JsonSchema;
use serde::Serialize;

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::ui::terminal::Style;

pub(crate) const NAME: &str = "manual";

#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Arguments {
    /// Write a man page for each command into this folder, which must exist
    #[arg(long, value_name = "DIR")]
    man: Option<PathBuf>,
    /// Print a page of the book, as Markdown
    #[arg(long, value_enum)]
    page: Option<Page>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Page {
    /// Every command with its arguments
    Commands,
    /// The environment variables
    Environment,
    /// The exit codes
    ExitCodes,
}

/// The environment variables of the program, with their meaning.
const VARIABLES: [(&str, &str); 21] = [
    (
        "ECA_ORG",
        "the name of the org, as for `--org`, which takes precedence",
    ),
    (
        "ECA_TRUST_CONFIG",
        "the digest of the `eca.toml` that is trusted, as for `--trust-config`, which takes precedence; `1` trusts \
            whatever the checkout has",
    ),
    (
        "SF_ACCESS_TOKEN",
        "an access token for the org at `SF_ORG_INSTANCE_URL`; with both set, this org takes precedence over `default-org` of `eca.toml`",
    ),
    (
        "SF_ORG_INSTANCE_URL",
        "the instance URL of the org that `SF_ACCESS_TOKEN` is for",
    ),
    (
        "SF_TARGET_ORG",
        "the alias or user name of an org that the installed `sf` is logged in to; the last resort",
    ),
    (
        "SF_ORG_API_VERSION",
        "the API version, such as `66.0`; `api-version` of an org in `eca.toml` takes precedence",
    ),
    (
        "SF_AUDIENCE_URL",
        "the `aud` of JWT bearer assertions for orgs of `eca.toml` that have no `audience`",
    ),
    (
        "ECA_EMULATE",
        "set by `eca emulate` for the command that it runs: the JSON document of the org",
    ),
    (
        "ECA_ORG_URL",
        "set by `eca emulate` for the command that it runs: the instance URL of the org, with `ECA_ACCESS_TOKEN`",
    ),
    (
        "ECA_ACCESS_TOKEN",
        "set by `eca emulate` for the command that it runs: an access token of the administrator",
    ),
    (
        "SFDX_ACCESS_TOKEN",
        "the older name of `SF_ACCESS_TOKEN`, which takes precedence",
    ),
    (
        "SFDX_INSTANCE_URL",
        "the older name of `SF_ORG_INSTANCE_URL`, which takes precedence",
    ),
    (
        "XDG_STATE_HOME",
        "the deploy journal, the state of orgs, saved refresh tokens and the list of trusted files are in its subfolder `eca`; an empty value counts \
            as unset",
    ),
    (
        "HOME",
        "without `XDG_STATE_HOME`, that folder is `.local/state` below `HOME`",
    ),
    (
        "SF_USE_GENERIC_UNIX_KEYCHAIN",
        "set by `eca emulate --sf` for its command: `sf` keeps its login in the private home",
    ),
    (
        "GITHUB_STEP_SUMMARY",
        "the file to which `eca deploy --format github` adds a summary of the deploy; GitHub Actions sets it",
    ),
    (
        "GITHUB_ACTOR",
        "who holds a lock of the state, for the message to others; also `GITLAB_USER_LOGIN`, `BUILD_REQUESTEDFOR` and `USER`",
    ),
    (
        "GITHUB_SERVER_URL",
        "with the next two: the run that holds a lock of the state; also `CI_JOB_URL` and `BUILD_URL`",
    ),
    ("GITHUB_REPOSITORY", "see `GITHUB_SERVER_URL`"),
    ("GITHUB_RUN_ID", "see `GITHUB_SERVER_URL`"),
    (
        "NO_COLOR",
        "set to any value: no colour, unless `--color always` is given",
    ),
];

#[derive(Serialize, JsonSchema)]
pub(crate) struct Document {
    text: Option<String>,
    folder: Option<PathBuf>,
}

/// `grammar` is that of the program.
pub(crate) fn run(
    context: &Context,
    arguments: &Arguments,
    grammar: clap::Command,
) -> Result<Exit, Failure> {
    if let Some(folder) = &arguments.man {
        clap_mangen::generate_to(grammar.clone(), folder).map_err(|error| {
            let message = format!("cannot write man pages into {}", folder.display());
            Failure::caused_by(Exit::Usage, message, &error)
        })?;
    }
    let text = arguments.page.map(|page| match page {
        Page::Commands => commands(grammar),
        Page::Environment => environment(),
        Page::ExitCodes => Exit::page(),
    });
    if let Some(text) = &text {
        context.output.print_block(Style::Plain, text.trim_end());
    }
    let document = Document {
        text,
        folder: arguments.man.clone(),
    };
    context.output.document(NAME, Exit::Success, &document);
    Ok(Exit::Success)
}

fn environment() -> String {
    let mut text = String::from(
        "# Environment variables\n\n`eca` reads these variables. Secrets of an org may be in other variables, which \
         its entry in `eca.toml` names (`env:NAME`).\n\n| Variable | Meaning |\n|---|---|\n",
    );
    for (name, meaning) in VARIABLES {
        text.extend(["| `", name, "` | ", meaning, " |\n"]);
    }
    text.push_str(
        "\n`HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY` select a proxy to the org, as in reqwest. Requests to this \
         machine never use a proxy.\n",
    );
    text
}

/// The help of each command under a heading.
fn commands(grammar: clap::Command) -> String {
    let mut grammar = grammar.term_width(100);
    grammar.build();
    let mut text = String::from(
        "# Commands\n\nThe output of `eca COMMAND --help`. The section of `eca` itself lists the flags of all commands.\n",
    );
    section(&mut grammar, "eca", &mut text);
    text
}

fn section(command: &mut clap::Command, path: &str, text: &mut String) {
    // The section of `eca` has them.
    let is_nested = path != "eca";
    let mut shown = command.clone().mut_args(|arg| {
        let is_listed_there = arg.is_global_set() && is_nested;
        arg.hide(is_listed_there)
    });
    let help = shown.render_long_help().to_string();
    let lines: Vec<_> = help.lines().map(str::trim_end).collect();
    text.extend([
        "\n## `",
        path,
        "`\n\n```text\n",
        lines.join("\n").trim(),
        "\n```\n",
    ]);
    let visible = |one: &&mut clap::Command| !one.is_hide_set() && one.get_name() != "help";
    for nested in command.get_subcommands_mut().filter(visible) {
        let path = format!("{path} {}", nested.get_name());
        section(nested, &path, text);
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// Names of variables in the sources, by their prefix.
    fn names_in(folder: &Path, names: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                names_in(&path, names);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                let code = text.split("#[cfg(test)]").next().unwrap_or_default();
                let is_name = |word: &&str| {
                    [
                        "ECA_", "SF_", "SFDX_", "XDG_", "GITHUB_", "NO_COLOR", "HOME",
                    ]
                    .iter()
                    .any(|start| word.starts_with(start))
                        && word.chars().all(|c| c.is_ascii_uppercase() || c == '_')
                };
                names.extend(code.split('"').filter(is_name).map(str::to_owned));
            }
        }
    }

    #[test]
    fn the_table_has_every_variable_that_the_sources_name() {
        let mut names = Vec::new();
        names_in(
            &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
            &mut names,
        );
        names.sort();
        names.dedup();
        let mut listed: Vec<_> = VARIABLES.map(|(name, _)| name.to_owned()).to_vec();
        listed.sort();
        assert_eq!(names, listed);
    }

    #[test]
    fn every_command_has_its_section() {
        let command = clap::Command::new;
        let cert = command("cert").subcommand(command("new"));
        let grammar = command("eca")
            .subcommands([command("lint"), cert])
            .subcommand(command("manual").hide(true));
        let text = commands(grammar);
        for heading in ["## `eca`\n", "## `eca lint`\n", "## `eca cert new`\n"] {
            assert!(text.contains(heading), "{heading}");
        }
        assert!(
            !text.contains("## `eca manual`"),
            "hidden commands are left out"
        );
    }
}
