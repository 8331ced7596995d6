//! A plan with all that is needed to apply exactly it.

use eca_apply::{OrgId, PlanFile, PlanFor};
use eca_plan::Plan;

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::planning::Planning;
use crate::state::applied::Applied;

/// The id of the org, which a plan and a state are for.
pub(crate) fn require_org_id(planning: &Planning) -> Result<OrgId, Failure> {
    parsed(planning.org_id.as_deref(), planning.target.shown())
}

/// The same of any session.
pub(crate) fn parsed(id: Option<&str>, org: &str) -> Result<OrgId, Failure> {
    let id = id.ok_or_else(|| {
        let message = format!("{org} does not say which org it is, so that nothing can be applied");
        Failure::new(Exit::Refused, message)
    })?;
    id.parse()
        .map_err(|error| Failure::from_error(Exit::Refused, &error))
}

/// Says which of the project's apps belong to another one: they are not applied.
pub(crate) async fn warn_of_others(context: &Context, planning: &Planning) -> Result<(), Failure> {
    let Ok(org) = require_org_id(planning) else {
        // Nothing can be applied there.
        return Ok(());
    };
    let applied = Applied::open(context, &planning.root)?;
    let loaded = applied.store.load(&org).await;
    let state = loaded.map_err(|error| Failure::from_library(&error))?.state;
    for app in planning.project.project.apps() {
        let project = applied.project.as_deref().unwrap_or_default();
        if let Some(owner) = state.other_owner(app.name, project) {
            context.output.warn(format_args!(
                "{} belongs to the project {owner}, by the state in {}",
                app.name, applied.url
            ));
        }
    }
    Ok(())
}

/// The file of a plan.
pub(crate) async fn of(
    context: &Context,
    planning: &Planning,
    plan: Plan,
) -> Result<PlanFile, Failure> {
    let org = require_org_id(planning)?;
    let applied = Applied::open(context, &planning.root)?;
    let loaded = applied.store.load(&org).await;
    let loaded = loaded.map_err(|error| Failure::from_library(&error))?;
    let made_for = PlanFor {
        program: concat!("eca ", env!("CARGO_PKG_VERSION")).to_owned(),
        org,
        instance: planning.target.org.endpoint().instance().to_owned(),
        project: applied.project_name()?.to_owned(),
    };
    let last = planning.last.as_ref();
    if last.is_some_and(|last| last.serial != loaded.state.serial) {
        let message = "the state moved on while the plan was made";
        return Err(Failure::new(Exit::Failed, message).hint("plan again"));
    }
    let (project, last) = (&planning.project.project, last.map(|last| &last.snapshot));
    PlanFile::new(
        made_for,
        plan,
        project,
        &loaded.state,
        last,
        &planning.reading,
    )
    .map_err(|error| Failure::from_error(Exit::Usage, &error))
}
