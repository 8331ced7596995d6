//! `eca trust`: the user's agreement to what `eca.toml` can send and run.

use std::path::Path;

use schemars::JsonSchema;
use serde::Serialize;

use crate::config;
use crate::config::Config;
use crate::config::trust::{self, State};
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;

pub(crate) const NAME: &str = "trust";

/// Shows what eca.toml can send and run, and records that you trust it
///
/// An org of eca.toml names hosts that get secrets, and may name commands that print them. They
/// count only after this command, or after your answer on a terminal. A change asks again; a change
/// of lint settings, comments or formatting does not. Offline commands need no trust.
#[derive(Debug, clap::Args)]
#[group(multiple = false)]
pub(crate) struct Arguments {
    /// Print the digest for `ECA_TRUST_CONFIG` in CI, and record nothing
    #[arg(long)]
    digest: bool,
    /// Show what the file names and whether it is trusted, and record nothing
    #[arg(long)]
    show: bool,
    /// Forget that the file is trusted
    #[arg(long)]
    revoke: bool,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Document<'a> {
    path: &'a Path,
    digest: String,
    state: State,
    /// What the file names, or what has changed since it was trusted (`-`, `+`).
    members: &'a [String],
}

pub(crate) fn run(context: &Context, arguments: &Arguments) -> Result<Exit, Failure> {
    let root = context.project_root(&[])?;
    let config = Config::find(context, &root)?.ok_or_else(|| {
        let message = format!("no eca.toml in {} or above", root.display());
        Failure::new(Exit::Usage, message).hint(config::EXAMPLE)
    })?;
    let (path, members) = (config.path(), config.members());
    let (before, lines) = trust::state(path, members)?;
    let (shown, digest) = (path.display(), members.digest());
    let output = &context.output;
    let state = if arguments.digest {
        output.print(&digest);
        before
    } else if arguments.revoke {
        if trust::revoke(path)? {
            output.print(format_args!("{shown} is no longer trusted"));
        } else {
            output.print(format_args!("{shown} was not trusted"));
        }
        State::Unknown
    } else {
        for line in &lines {
            output.print(line);
        }
        if arguments.show {
            let words = match before {
                State::Trusted => "is trusted",
                State::Changed => "has changed since it was trusted",
                State::Unknown => "is not trusted",
            };
            output.print(format_args!("{shown} {words}"));
            before
        } else {
            trust::record(path, members)?;
            output.print(format_args!("{shown} is trusted"));
            State::Trusted
        }
    };
    let document = Document {
        path,
        digest: digest.to_string(),
        state,
        members: &lines,
    };
    output.document(NAME, Exit::Success, &document);
    Ok(Exit::Success)
}
