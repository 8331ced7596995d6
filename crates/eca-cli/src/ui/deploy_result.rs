//! The result of a deploy: lines, and one document for every command.

use eca_deploy::{ComponentChange, DeployId, DeployResult};
use eca_model::ComponentName;
use schemars::JsonSchema;
use serde::Serialize;

use crate::project::package_args::Filtered;
use crate::shapes;
use crate::ui::output::Output;
use crate::ui::paint::Paint;
use crate::ui::problems::Problem;

/// A deploy in the document of `eca deploy`, `deploys show` and `deploys watch`.
#[derive(Serialize, JsonSchema)]
pub(crate) struct DeployDocument<'a> {
    id: &'a str,
    status: &'a str,
    done: bool,
    success: bool,
    check_only: bool,
    ignore_warnings: bool,
    rollback_on_error: bool,
    components_total: u32,
    components_deployed: u32,
    component_errors: u32,
    /// How many components were created, changed, …; of a check-only deploy, would be.
    changes: Changes,
    /// Whether the org is as before: a check-only deploy, or one that was rolled back.
    nothing_changed: bool,
    components: Vec<ComponentResult<'a>>,
    tests_total: u32,
    tests_completed: u32,
    test_errors: u32,
    state_detail: Option<&'a str>,
    created_date: Option<&'a str>,
    created_by: Option<&'a str>,
    created_by_name: Option<&'a str>,
    start_date: Option<&'a str>,
    completed_date: Option<&'a str>,
    canceled_by: Option<&'a str>,
    canceled_by_name: Option<&'a str>,
    problems: Vec<Problem>,
    /// What the package leaves out, if this process built it.
    #[serde(flatten)]
    package: Option<Filtered>,
}

#[derive(Serialize, JsonSchema)]
struct Changes {
    created: usize,
    changed: usize,
    unchanged: usize,
    deleted: usize,
    failed: usize,
}

#[derive(Serialize, JsonSchema)]
struct ComponentResult<'a> {
    #[schemars(with = "shapes::ComponentName")]
    component: ComponentName,
    #[schemars(with = "shapes::ComponentChange")]
    change: ComponentChange,
    /// The component's id in the org.
    id: Option<&'a str>,
}

impl<'a> DeployDocument<'a> {
    pub(crate) fn new(
        id: &'a DeployId,
        result: &'a DeployResult,
        problems: Vec<Problem>,
        package: Option<Filtered>,
    ) -> Self {
        let components = result.changes().filter_map(|(message, change)| {
            Some(ComponentResult {
                component: message.component()?,
                change,
                id: message.id.as_deref(),
            })
        });
        Self {
            id: id.as_str(),
            status: result.status.as_str(),
            done: result.done,
            success: result.success,
            check_only: result.check_only,
            ignore_warnings: result.ignore_warnings,
            rollback_on_error: result.rollback_on_error,
            components_total: result.number_components_total,
            components_deployed: result.number_components_deployed,
            component_errors: result.number_component_errors,
            changes: Changes {
                created: result.count(ComponentChange::Created),
                changed: result.count(ComponentChange::Changed),
                unchanged: result.count(ComponentChange::Unchanged),
                deleted: result.count(ComponentChange::Deleted),
                failed: result.count(ComponentChange::Failed),
            },
            nothing_changed: result.changed_nothing(),
            components: components.collect(),
            tests_total: result.number_tests_total,
            tests_completed: result.number_tests_completed,
            test_errors: result.number_test_errors,
            state_detail: result.state_detail.as_deref(),
            created_date: result.created_date.as_deref(),
            created_by: result.created_by.as_deref(),
            created_by_name: result.created_by_name.as_deref(),
            start_date: result.start_date.as_deref(),
            completed_date: result.completed_date.as_deref(),
            canceled_by: result.canceled_by.as_deref(),
            canceled_by_name: result.canceled_by_name.as_deref(),
            problems,
            package,
        }
    }
}

/// The line with the result; its beginning, up to the colon, is in colour.
pub(crate) fn print(output: &Output, result: &DeployResult) {
    let line = result.to_string();
    let end = line.find(':').unwrap_or_default();
    let paint = match (result.done, result.success) {
        (true, true) => Paint::Good,
        (true, false) => Paint::Bad,
        (false, _) => Paint::Changed,
    };
    output.print_painted(paint, &line[..end], &line[end..]);
}

/// When the deploy was requested, started and ended, and by whom.
pub(crate) fn print_times(output: &Output, result: &DeployResult) {
    for (what, when, who) in [
        ("requested", &result.created_date, &result.created_by_name),
        ("started", &result.start_date, &None),
        ("cancelled", &None, &result.canceled_by_name),
        ("ended", &result.completed_date, &None),
    ] {
        let when = when
            .as_ref()
            .map_or_else(String::new, |when| format!(" {when}"));
        let who = who
            .as_ref()
            .map_or_else(String::new, |who| format!(" by {who}"));
        if !when.is_empty() || !who.is_empty() {
            output.print(format_args!("  {what}{when}{who}"));
        }
    }
}
