//! The flags of all commands.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// The flags of all commands.
#[derive(Debug, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Global {
    /// The org: a name from eca.toml, whatever variables are set [default: the one of
    /// `SF_ACCESS_TOKEN` and `SF_ORG_INSTANCE_URL`, else `default-org` of eca.toml, else
    /// `SF_TARGET_ORG`]
    #[arg(
        long,
        visible_alias = "target-org",
        global = true,
        hide_short_help = true,
        value_name = "NAME",
        env = "ECA_ORG"
    )]
    pub(crate) org: Option<String>,
    /// Whether `org` is the value of `ECA_ORG`.
    #[arg(skip)]
    pub(crate) org_is_from_environment: bool,
    /// The project folder [default: the nearest folder upwards with sfdx-project.json]
    #[arg(long, global = true, hide_short_help = true, value_name = "DIR")]
    pub(crate) project: Option<PathBuf>,
    /// Trust eca.toml only with this digest (see `eca trust --digest`); 1 trusts the whole
    /// checkout
    #[arg(
        long,
        global = true,
        hide_short_help = true,
        value_name = "DIGEST",
        env = "ECA_TRUST_CONFIG"
    )]
    pub(crate) trust_config: Option<String>,
    /// Print one JSON document instead of text
    #[arg(long, global = true, hide_short_help = true)]
    pub(crate) json: bool,
    /// Print the result and errors only
    #[arg(long, short, global = true, hide_short_help = true)]
    pub(crate) quiet: bool,
    /// Log to stderr; twice to log requests
    #[arg(long, short, global = true, hide_short_help = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
    /// Print plain lines instead of live progress
    #[arg(long, global = true, hide_short_help = true)]
    pub(crate) no_progress: bool,
    /// When to use colour
    #[arg(
        long,
        global = true,
        hide_short_help = true,
        value_enum,
        default_value_t,
        value_name = "WHEN"
    )]
    pub(crate) color: Color,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless `NO_COLOR` is set
    #[default]
    Auto,
    Always,
    Never,
}
