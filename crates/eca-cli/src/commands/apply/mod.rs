//! `eca apply`: applies a plan to an org.

mod document;
mod failure;
mod watch;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use eca_apply::{
    Apply, ApplyError, Gate, OrgId, PLAN_FILE_LIMIT, PlanFile, Report, Storage, missing_gates,
};
use eca_deploy::{PollPolicy, org_session};
use eca_plan::{Heading, text};

pub(crate) use document::Document;

use crate::args::wait::wait;
use crate::auth;
use crate::auth::Target;
use crate::commands::apply::failure::failed;
use crate::commands::apply::watch::Watch;
use crate::commands::plan;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::files::input;
use crate::planning::{Wanted, file};
use crate::project::values::ValuesOption;
use crate::state::applied::Applied;
use crate::state::holder::holder;
use crate::ui::interrupt::Interrupt;
use crate::ui::question;
use crate::ui::terminal::Style;

pub(crate) const NAME: &str = "apply";

/// Apply the project to an org: exactly the plan that is shown, or that of a file
///
/// Nothing is sent when the org or the state moved since the plan was made. First the org checks
/// everything together, then the steps are done one after the other; a killed apply goes on with
/// --resume, from any machine that shares the state. In the end the org is read and compared.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// A plan that `eca plan -o FILE` wrote [default: a plan of now]
    #[arg(value_name = "PLAN")]
    plan: Option<PathBuf>,
    /// Risks that are taken, and `adopt`: to take over what the org has already
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    allow: Vec<Gate>,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    /// Put the project's values back where somebody changed them in the org, as in `eca plan`
    #[arg(long, value_name = "PATH", num_args = 0..=1, default_missing_value = "", conflicts_with = "plan")]
    restore_drift: Vec<String>,
    #[command(flatten)]
    values: ValuesOption,
    /// Go on with an apply that was interrupted
    #[arg(long, conflicts_with_all = ["plan", "allow", "restore_drift", "no_values", "abandon"])]
    resume: bool,
    /// Forget an apply that was interrupted; what it did stays, and a new plan finds it there
    #[arg(long, conflicts_with_all = ["plan", "allow", "restore_drift", "no_values"])]
    abandon: bool,
    /// How long to wait for each deploy, with a unit or in minutes
    #[arg(long, short, value_name = "TIME", default_value = "33m", value_parser = wait)]
    wait: Duration,
}

pub(crate) async fn run(context: &Context, arguments: Arguments) -> Result<Exit, Failure> {
    let root = context.project_root(&[])?;
    if arguments.resume || arguments.abandon {
        let (target, org) = existing(context, &root, None).await?;
        let applying = Applying::new(context, &root, target, org, &arguments)?;
        if arguments.abandon {
            return applying.abandon(arguments.yes).await;
        }
        return applying.resume(arguments.yes).await;
    }
    let (target, file) = if let Some(path) = &arguments.plan {
        let file = read(path)?;
        let (target, org) = existing(context, &root, Some(&file)).await?;
        if org != file.org {
            let (planned, actual) = (file.org, org);
            return Err(failed(&target, ApplyError::OtherOrg { planned, actual }));
        }
        (target, file)
    } else {
        let planning = Wanted::all(arguments.values).gather(context).await?;
        let plan = plan::made(&planning, &arguments.restore_drift)?;
        let file = file::of(context, &planning, plan).await?;
        planning.warn_of_unknown(context);
        (planning.target, file)
    };
    let heading = Heading::new().org(target.shown());
    let shown = text(&file.plan, &heading);
    context.output.print_block(Style::Plain, shown.trim_end());
    if !file.plan.conflicts.is_empty() {
        return Err(failed(&target, ApplyError::Conflicts));
    }
    require_allowed(&file, &arguments, &target)?;
    let question = format!("apply this to {}?", target.shown());
    if !file.plan.steps.is_empty() {
        agree(arguments.yes, &question)?;
    }
    let org = file.org.clone();
    let applying = Applying::new(context, &root, target, org, &arguments)?;
    applying.run(&file).await
}

/// What an apply is done with.
struct Applying<'a> {
    context: &'a Context,
    target: Target,
    org: OrgId,
    applied: Applied,
    policy: PollPolicy,
}

impl<'a> Applying<'a> {
    fn new(
        context: &'a Context,
        root: &Path,
        target: Target,
        org: OrgId,
        arguments: &Arguments,
    ) -> Result<Self, Failure> {
        Ok(Self {
            context,
            target,
            org,
            applied: Applied::open(context, root)?,
            policy: PollPolicy::default().with_wait(arguments.wait),
        })
    }

    async fn run(&self, file: &PlanFile) -> Result<Exit, Failure> {
        let mut watch = Watch::new(self.context, &file.plan);
        let holder = holder("eca apply");
        let id = holder.id.clone();
        let apply = self.apply(holder);
        let done = self
            .interruptible(&id, apply.run(file, &mut watch.observer()))
            .await?;
        drop(watch);
        Ok(self.report(file, &done))
    }

    async fn resume(&self, is_agreed: bool) -> Result<Exit, Failure> {
        let holder = holder("eca apply --resume");
        let id = holder.id.clone();
        let apply = self.apply(holder);
        let found = apply.interrupted().await;
        let found = found.map_err(|error| failed(&self.target, error))?;
        let Some(found) = found else {
            let error = ApplyError::NothingInterrupted(self.org.clone());
            return Err(failed(&self.target, error));
        };
        let heading = Heading::new().org(self.target.shown());
        let shown = text(&found.plan.plan, &heading);
        self.context
            .output
            .print_block(Style::Plain, shown.trim_end());
        let question = format!(
            "go on with this apply by {}, of which {} steps are done?",
            found.by, found.done
        );
        agree(is_agreed, &question)?;
        let mut watch = Watch::new(self.context, &found.plan.plan);
        let done = self
            .interruptible(&id, apply.resume(&mut watch.observer()))
            .await?;
        drop(watch);
        Ok(self.report(&found.plan, &done))
    }

    async fn abandon(&self, is_agreed: bool) -> Result<Exit, Failure> {
        let apply = self.apply(holder("eca apply --abandon"));
        agree(
            is_agreed,
            "forget the interrupted apply? What it did in the org stays",
        )?;
        let abandoned = apply.abandon().await;
        abandoned.map_err(|error| failed(&self.target, error))?;
        let output = &self.context.output;
        output.print("the interrupted apply is forgotten; plan again");
        output.document(NAME, Exit::Success, &Document::nothing(&self.org));
        Ok(Exit::Success)
    }

    fn apply(&self, holder: eca_apply::Holder) -> Apply<'_, Storage> {
        let (client, store) = (&self.target.org, &self.applied.store);
        let apply = Apply::new(client, store, self.org.clone(), holder, &SystemTime::now);
        apply.with_policy(self.policy.clone())
    }

    /// Ctrl-C gives the lock back and leaves the journal.
    async fn interruptible(
        &self,
        id: &str,
        work: impl Future<Output = Result<Report, ApplyError>>,
    ) -> Result<Report, Failure> {
        let mut interrupt = Interrupt::listen();
        tokio::select! {
            done = work => done.map_err(|error| failed(&self.target, error)),
            () = interrupt.requested() => {
                // What cannot be unlocked ends by itself.
                drop(self.applied.store.break_lock(&self.org, id).await);
                let resume = self.target.command_line("apply --resume");
                Err(Failure::new(Exit::Interrupted, "interrupted; a deploy that runs goes on in the org")
                    .hint(format!("to go on: {resume}")))
            }
        }
    }

    fn report(&self, file: &PlanFile, report: &Report) -> Exit {
        let exit = if report.different.is_empty() {
            Exit::Success
        } else {
            Exit::Failed
        };
        let document = Document::new(file, report);
        document.print(self.context, self.target.shown());
        self.context.output.document(NAME, exit, &document);
        exit
    }
}

/// The org of a session, and its id.
async fn existing(
    context: &Context,
    root: &Path,
    file: Option<&PlanFile>,
) -> Result<(Target, OrgId), Failure> {
    let target = auth::target(context, root, file.map(|file| file.api_version))?;
    let session = org_session(&target.org).await;
    let session = session.map_err(|error| {
        auth::call_failed(&target, "the org does not say which one it is", &error)
    })?;
    let org = file::parsed(session.org_id.as_deref(), target.shown())?;
    Ok((target, org))
}

fn read(path: &Path) -> Result<PlanFile, Failure> {
    let limit = u64::try_from(PLAN_FILE_LIMIT).unwrap_or(u64::MAX);
    let bytes = input::bytes(path, limit)?;
    PlanFile::from_bytes(&bytes).map_err(|error| {
        let message = format!("{} is not applied", path.display());
        Failure::caused_by(Exit::Failed, message, &error).hint("plan again: eca plan -o FILE")
    })
}

fn require_allowed(file: &PlanFile, arguments: &Arguments, target: &Target) -> Result<(), Failure> {
    let mut allowed: BTreeSet<Gate> = arguments.allow.iter().copied().collect();
    allowed.extend(&target.allow);
    let missing = missing_gates(file, &allowed);
    if missing.is_empty() {
        return Ok(());
    }
    let given = arguments.allow.iter().chain(missing.keys());
    let names: Vec<_> = given.map(ToString::to_string).collect();
    let mut message = "not applied: the plan has what must be allowed by name".to_owned();
    for (gate, reasons) in &missing {
        for reason in reasons {
            // Writing to a String does not fail.
            let _ = write!(message, "\n{gate}: {reason}");
        }
    }
    let hint = format!("to take that on purpose: --allow {}", names.join(","));
    Err(Failure::new(Exit::Failed, message).hint(hint))
}

/// Asks on a terminal; elsewhere `--yes` is needed.
fn agree(is_agreed: bool, question: &str) -> Result<(), Failure> {
    if is_agreed {
        return Ok(());
    }
    if !question::can_ask() {
        let message = format!("not done without an answer: {question}");
        return Err(Failure::new(Exit::Usage, message).hint("answer it beforehand: --yes"));
    }
    if question::agrees(question)? {
        return Ok(());
    }
    Err(Failure::new(Exit::Failed, "nothing was applied"))
}
