//! `eca deploys`: the deploys of an org, by all users and machines.

use std::path::PathBuf;
use std::time::Duration;

use eca_deploy::DeployRequest;
use eca_deploy::{DeployId, DeployOutcome, Deployment, PollPolicy, SourceMap};
use schemars::JsonSchema;
use serde::Serialize;

use crate::args::wait::wait;
use crate::auth;
use crate::auth::Target;
use crate::commands::deploy::MIN_REQUEST_LIMIT;
use crate::commands::deploy::latest::latest_deploy;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::shapes;
use crate::state::journal::Journal;
use crate::ui::deploy_result::{self, DeployDocument, print_times};
use crate::ui::follow::{FollowOptions, Follower};
use crate::ui::interrupt::Interrupt;
use crate::ui::{follow, problems};

/// How many of the latest deploys are searched for one that has not ended.
const WATCHED: u16 = 50;

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// List the latest deploys of the org, newest first
    ///
    /// The org has the deploys of all users and machines. The journal has those of this machine
    /// only, so there is no --journal here; `show`, `watch` and `eca deploy --resume` find the
    /// last one in it.
    List(List),
    /// Show the current status of a deploy
    Show(Show),
    /// Follow a deploy to its end
    ///
    /// Without an id it follows the newest deploy of the org that has not ended, whoever requested
    /// it, or else the last one of the journal.
    Watch(Watch),
}

#[derive(Debug, clap::Args)]
pub(crate) struct List {
    /// The number of deploys
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=200))]
    limit: u16,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Show {
    #[command(flatten)]
    which: Which,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Watch {
    #[command(flatten)]
    which: Which,
    /// How long to wait for the end, with a unit or in minutes; the deploy continues afterwards
    #[arg(long, short, value_name = "TIME", default_value = "33m", value_parser = wait)]
    wait: Duration,
}

/// A deploy that is already in the org.
#[derive(Debug, clap::Args)]
struct Which {
    /// The deploy [default: of `show` the last one of the journal, of `watch` the newest one of
    /// the org that has not ended]
    #[arg(value_name = "ID")]
    id: Option<DeployId>,
    /// The folder of the deploy journal [default: $XDG_STATE_HOME/eca/deploys]
    #[arg(long, value_name = "DIR")]
    journal: Option<PathBuf>,
}

impl Which {
    async fn find(self, context: &Context, target: &Target) -> Result<DeployId, Failure> {
        match self.id {
            Some(id) => Ok(id),
            None => latest_deploy(context, target, &Journal::new(self.journal)).await,
        }
    }

    /// As [`find`](Self::find), but prefers the newest deploy of the org that has not ended.
    async fn find_unfinished(
        self,
        context: &Context,
        target: &Target,
    ) -> Result<DeployId, Failure> {
        if self.id.is_some() {
            return self.find(context, target).await;
        }
        let recent = eca_deploy::recent_deploys(&target.org, WATCHED).await;
        let recent = recent.map_err(|error| not_listed(target, &error))?;
        let mut deploys = recent.deploys.into_iter();
        match deploys.find(|deploy| !deploy.has_ended()) {
            Some(deploy) => Ok(deploy.id),
            None => self.find(context, target).await,
        }
    }
}

impl Command {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::List(_) => "deploys-list",
            Self::Show(_) => "deploys-show",
            Self::Watch(_) => "deploys-watch",
        }
    }
}

pub(crate) async fn run(context: &Context, command: Command) -> Result<Exit, Failure> {
    let name = command.name();
    let root = context.project_root(&[])?;
    let mut target = auth::target(context, &root, None)?;
    match command {
        Command::List(arguments) => list(context, name, &target, &arguments).await,
        Command::Show(arguments) => show(context, name, &target, arguments).await,
        Command::Watch(arguments) => {
            let mut interrupt = Interrupt::listen();
            let policy = PollPolicy::default().with_wait(arguments.wait);
            target.org = target
                .org
                .with_timeout(arguments.wait.max(MIN_REQUEST_LIMIT));
            let id = arguments.which.find_unfinished(context, &target).await?;
            let deployment = Deployment::attach(&target.org, id).with_policy(policy);
            let follower = Follower {
                context,
                target: &target,
                command: name,
                options: FollowOptions::default(),
            };
            follower.follow(deployment, &mut interrupt).await
        }
    }
}

fn not_listed(target: &Target, error: &eca_deploy::Error) -> Failure {
    auth::call_failed(target, "the org did not list its deploys", error)
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Document {
    #[schemars(with = "Vec<shapes::DeployRequest>")]
    deploys: Vec<DeployRequest>,
}

async fn list(
    context: &Context,
    name: &'static str,
    target: &Target,
    arguments: &List,
) -> Result<Exit, Failure> {
    let recent = eca_deploy::recent_deploys(&target.org, arguments.limit)
        .await
        .map_err(|error| not_listed(target, &error))?;
    for deploy in &recent.deploys {
        let what = if deploy.check_only { " check-only" } else { "" };
        context.output.print(format_args!(
            "{} {} {}{what} {}/{} components{}",
            deploy.id,
            deploy.created_date.as_deref().unwrap_or("-"),
            deploy.status,
            deploy.number_components_deployed,
            deploy.number_components_total,
            deploy
                .created_by_name
                .as_ref()
                .map_or_else(String::new, |name| format!(" by {name}")),
        ));
    }
    if recent.deploys.is_empty() {
        context.output.info("the org has no deploys");
    }
    let document = Document {
        deploys: recent.deploys,
    };
    context.output.document(name, Exit::Success, &document);
    Ok(Exit::Success)
}

async fn show(
    context: &Context,
    name: &'static str,
    target: &Target,
    arguments: Show,
) -> Result<Exit, Failure> {
    let id = arguments.which.find(context, target).await?;
    let result = match Deployment::attach(&target.org, id.clone())
        .status_with_retry()
        .await
    {
        Ok(result) => result,
        Err(error)
            if error
                .api_error()
                .is_some_and(eca_deploy::ApiError::is_unknown_id) =>
        {
            return Err(follow::unknown_id(&id, &error));
        }
        Err(error) => {
            let message = format!("the org did not return the status of deploy {id}");
            return Err(auth::call_failed(target, &message, &error));
        }
    };
    let instance = target.org.endpoint().instance();
    context
        .output
        .important(format_args!("deploy {id} in {instance}"));
    let outcome = DeployOutcome::from_result(result.clone(), &SourceMap::default());
    let problems = outcome.as_ref().map_or(&[][..], DeployOutcome::problems);
    let problems = problems::print(&context.output, problems);
    deploy_result::print(&context.output, &result);
    print_times(&context.output, &result);
    if let Some(detail) = &result.state_detail {
        context.output.print(format_args!("  {detail}"));
    }
    // To show a deploy that is running or failed is a success.
    let document = DeployDocument::new(&id, &result, problems, None);
    context.output.document(name, Exit::Success, &document);
    Ok(Exit::Success)
}
