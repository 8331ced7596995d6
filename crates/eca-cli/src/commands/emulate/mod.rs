//! `eca emulate`: an org on this machine.

mod authorities;
mod command;
mod exposure;
pub(crate) mod introduction;
pub(crate) mod seed;
mod sf_home;

use std::ffi::OsString;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::{Duration, SystemTime};

use clap::ValueEnum;
use eca_emulator::{
    AttestationCarrier, Builder, ChallengeProfile, DraftVintage, Org, OrgKind, Pace,
};

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::ui::interrupt::Interrupt;
use crate::ui::terminal::{self, Style};

use crate::commands::emulate::exposure::{CaFile, Exposure};
use crate::commands::emulate::introduction::Introduction;
use crate::commands::emulate::seed::{make_users, seed};

pub(crate) const NAME: &str = "emulate";

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The port; 0 for a free one
    #[arg(long, value_name = "N", default_value_t = 0)]
    port: u16,
    /// Deploy this project before accepting requests; may be repeated
    #[arg(long, value_name = "PROJECT")]
    seed: Vec<PathBuf>,
    /// The start time of the org's clock, such as 2027-01-01 or 2027-01-01T12:00:00Z
    #[arg(long, value_name = "TIME", value_parser = moment)]
    clock: Option<SystemTime>,
    /// How long a deploy or retrieve takes, such as 2s, or how many status requests, such as
    /// polls:3
    #[arg(long, value_name = "TIME|polls:N")]
    pace: Option<GivenPace>,
    /// The kind of org: production, sandbox, sandbox:NAME or scratch [default: production,
    /// or the kind of the org in --state]
    #[arg(long, value_name = "KIND")]
    kind: Option<OrgKind>,
    /// The delay until login servers accept a new consumer key, such as 10m
    #[arg(long, value_name = "TIME", value_parser = humantime::parse_duration, default_value = "0s")]
    propagation: Duration,
    /// Protocol variant of the authorization challenge endpoint
    #[arg(long, alias = "profile", value_name = "DRAFT", value_enum, default_value_t = Draft::Draft00Header)]
    challenge: Draft,
    /// Validate Metadata API requests strictly against the schema
    #[arg(long)]
    strict: bool,
    #[command(flatten)]
    exposure: Exposure,
    /// Store the org in this folder, or continue the org that is there
    #[arg(long, value_name = "DIR")]
    state: Option<PathBuf>,
    /// Print a line for each request to stderr
    #[arg(long)]
    log: bool,
    /// Make the run-as users and permission sets that the project in the current folder (or of
    /// --project) names; on with COMMAND, unless it is false
    #[arg(
        long,
        value_name = "BOOL",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true"
    )]
    make_users: Option<bool>,
    /// Give COMMAND a home folder of its own, in which the Salesforce CLI is logged in to the org
    #[arg(long, requires = "command")]
    sf: bool,
    /// Run a command with the org and end with its exit code. SF_ORG_INSTANCE_URL and
    /// SF_ACCESS_TOKEN (not with --sf), and ECA_ORG_URL and ECA_ACCESS_TOKEN name the org;
    /// ECA_EMULATE has its URLs, tokens and apps in JSON
    #[arg(last = true, value_name = "COMMAND")]
    command: Vec<OsString>,
}

/// The draft and the carrier of the attestation. Salesforce does not document which it uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Draft {
    /// First-party draft of October 2024, attestation in a header
    Draft00Header,
    /// First-party draft of October 2024, attestation in the form
    Draft00Form,
    /// First-party draft of July 2026, attestation in a header
    Draft04Header,
    /// First-party draft of July 2026, attestation in the form
    Draft04Form,
}

impl Draft {
    fn profile(self) -> ChallengeProfile {
        let mut profile = ChallengeProfile::default();
        if matches!(self, Self::Draft04Header | Self::Draft04Form) {
            profile.draft = DraftVintage::Draft04;
        }
        if matches!(self, Self::Draft00Form | Self::Draft04Form) {
            profile.attestation = AttestationCarrier::form();
        }
        profile
    }
}

#[derive(Debug, Clone, Copy)]
struct GivenPace(Pace);

impl FromStr for GivenPace {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(count) = text.strip_prefix("polls:") {
            let count = count
                .parse()
                .map_err(|_| format!("{count:?} is not a number of polls"))?;
            return Ok(Self(Pace::Polls(count)));
        }
        humantime::parse_duration(text)
            .map(|time| Self(Pace::Time(time)))
            .map_err(|error| format!("{error}; give a time such as 2s, or polls:3"))
    }
}

/// A date (midnight UTC) or a time in RFC 3339.
fn moment(text: &str) -> Result<SystemTime, String> {
    let text = match text.len() {
        10 => format!("{text}T00:00:00Z"),
        _ => text.to_owned(),
    };
    humantime::parse_rfc3339(&text)
        .map_err(|error| format!("{error}; give a time such as 2027-01-01 or 2027-01-01T12:00:00Z"))
}

/// Starts an embedded org with the default settings.
pub(crate) async fn start(port: u16) -> Result<Org, Failure> {
    launch(Org::builder().port(port)).await
}

async fn launch(builder: Builder) -> Result<Org, Failure> {
    let started = builder.start().await;
    started.map_err(|error| Failure::from_error(Exit::Usage, &error))
}

pub(crate) async fn run(context: &Context, arguments: &Arguments) -> Result<Exit, Failure> {
    let mut interrupt = Interrupt::listen();
    if arguments.log {
        // Method, path, status and time of each request. Queries and bodies contain tokens.
        terminal::start_logging("eca_emulator=debug");
    }
    let mut builder = Org::builder()
        .port(arguments.port)
        .kind(arguments.kind.clone().unwrap_or_default())
        .propagation_delay(arguments.propagation)
        .challenge_profile(arguments.challenge.profile());
    if let Some(GivenPace(pace)) = arguments.pace {
        builder = builder.pace(pace);
    }
    if let Some(folder) = &arguments.state {
        builder = builder.state_dir(folder);
    }
    builder = arguments.exposure.apply(builder.strict(arguments.strict))?;
    if let Some(time) = arguments.clock {
        builder = builder.starts_at(time);
    }
    let org = launch(builder).await?;
    if let Some(kind) = &arguments.kind
        && kind != org.kind()
    {
        let message = format!("the org in --state is {}, not {kind}", org.kind());
        return Err(Failure::new(Exit::Usage, message)
            .hint("omit --kind, or give another folder with --state for a new org"));
    }
    for folder in &arguments.seed {
        seed(&org, folder)?;
    }
    let has_command = !arguments.command.is_empty();
    if arguments.make_users.unwrap_or(has_command) {
        make_users(&org, &context.project_root(&[])?);
    }
    let ca_file = CaFile::write(&org, arguments.state.as_deref())?;
    let introduction = Introduction::new(&org, ca_file.as_ref().map(|file| file.path.as_path()));
    let exit = if has_command {
        // On stderr: stdout belongs to the command.
        context.output.info(format_args!(
            "an embedded org on {}",
            introduction.instance_url
        ));
        let line = &arguments.command;
        command::run(context, line, arguments.sf, &introduction, &mut interrupt).await
    } else {
        introduce(context, arguments, &introduction);
        interrupt.requested().await;
        Ok(Exit::Success)
    };
    org.stop().await;
    exit
}

/// Prints the description of the org.
fn introduce(context: &Context, arguments: &Arguments, introduction: &Introduction) {
    // One line: the program keeps running, and readers read line by line.
    context
        .output
        .document_line(NAME, Exit::Success, introduction);
    let text = introduction.to_string();
    context.output.print_block(Style::Plain, text.trim_end());
    match &arguments.state {
        None => context
            .output
            .info("the org is in memory only and ends with this process; stop it with Ctrl-C"),
        Some(folder) => context.output.info(format_args!(
            "the org is stored in {}; stop it with Ctrl-C",
            folder.display()
        )),
    }
    if let Some(file) = &introduction.ca_file {
        context.output.info(format_args!(
            "clients have to trust {file}:\nexport NODE_EXTRA_CA_CERTS={file}   # sf, jsforce\nexport SSL_CERT_FILE={file}         # eca, curl, OpenSSL"
        ));
    }
    context.output.info(format_args!(
        "to use it:\nexport SF_ORG_INSTANCE_URL={}\nexport SF_ACCESS_TOKEN='{}'\neca deploy",
        introduction.instance_url, introduction.access_token
    ));
}
