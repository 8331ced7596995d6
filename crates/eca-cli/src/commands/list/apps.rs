//! `eca list --apps`: the apps of an org in a table.

use eca_deploy::RetrieveOptions;
use eca_model::App;
use eca_model::types::{
    ExternalClientApplication, ExtlClntAppGlobalOauthSettings, ExtlClntAppOauthSettings,
};
use schemars::JsonSchema;
use serde::Serialize;

use crate::auth::Target;
use crate::commands::list::NAME;
use crate::commands::retrieve;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::project::inventory;
use crate::shapes;
use crate::ui::progress;

#[derive(Serialize, JsonSchema)]
pub(crate) struct AppList {
    apps: Vec<ListedApp>,
}

#[derive(Serialize, JsonSchema)]
struct ListedApp {
    name: String,
    label: Option<String>,
    /// `Local`, `Packaged`, …
    distribution_state: Option<String>,
    /// The flows that its global OAuth settings turn on, besides authorization code.
    flows: Vec<&'static str>,
    scopes: Vec<String>,
    #[schemars(with = "Vec<shapes::ComponentName>")]
    components: Vec<eca_model::ComponentName>,
}

/// Lists the apps.
pub(super) async fn run(context: &Context, target: &Target) -> Result<Exit, Failure> {
    let manifest = inventory::of_apps(context, target).await?;
    let mut apps = Vec::new();
    if !manifest.types.is_empty() {
        let mut options = RetrieveOptions::default();
        options.allow_missing = true;
        let retrieving = eca_deploy::retrieve(&target.org, &manifest, &options);
        let project = match progress::waiting(&context.output, retrieving).await {
            Ok(retrieved) => retrieved.into_project(),
            Err(error) => return Err(retrieve::failed(context, target, &error).await),
        };
        apps = project.apps().iter().map(listed).collect();
    }
    print(context, &apps);
    let document = AppList { apps };
    context.output.document(NAME, Exit::Success, &document);
    Ok(Exit::Success)
}

fn listed(app: &App<'_>) -> ListedApp {
    let header = app
        .first::<ExternalClientApplication>()
        .map(|(_, header)| header);
    let scopes = app
        .first::<ExtlClntAppOauthSettings>()
        .and_then(|(_, settings)| settings.comma_separated_oauth_scopes.as_ref());
    ListedApp {
        name: app.name.to_owned(),
        label: header.and_then(|header| header.label.clone()),
        distribution_state: header
            .and_then(|header| header.distribution_state.as_ref())
            .map(ToString::to_string),
        flows: flows(app),
        scopes: scopes
            .into_iter()
            .flat_map(|scopes| scopes.iter().map(ToString::to_string))
            .collect(),
        components: app
            .components()
            .map(|component| component.name().clone())
            .collect(),
    }
}

/// The flows that are on in every org; a policy may still turn one off.
fn flows(app: &App<'_>) -> Vec<&'static str> {
    let Some((_, global)) = app.first::<ExtlClntAppGlobalOauthSettings>() else {
        return Vec::new();
    };
    let flows = [
        (
            "client-credentials",
            global.is_client_credentials_flow_enabled,
        ),
        ("code-and-credentials", global.is_code_cred_flow_enabled),
        ("device", global.is_device_flow_enabled),
        ("token-exchange", global.is_token_exchange_enabled),
    ];
    let on = flows.into_iter().filter(|(_, is_on)| *is_on == Some(true));
    on.map(|(name, _)| name).collect()
}

/// One line for each app, in columns.
fn print(context: &Context, apps: &[ListedApp]) {
    if apps.is_empty() {
        context.output.info("the org has no apps");
        return;
    }
    let head = ["APP", "STATE", "FLOWS", "SCOPES", "FILES"].map(str::to_owned);
    let rows = apps.iter().map(|app| {
        let or_dash = |text: String| {
            if text.is_empty() {
                "-".to_owned()
            } else {
                text
            }
        };
        [
            app.name.clone(),
            or_dash(app.distribution_state.clone().unwrap_or_default()),
            or_dash(app.flows.join(",")),
            or_dash(app.scopes.join(",")),
            app.components.len().to_string(),
        ]
    });
    let rows: Vec<_> = std::iter::once(head).chain(rows).collect();
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.max().unwrap_or_default()
    };
    let [app, state, flows, scopes] = [0, 1, 2, 3].map(width);
    for row in &rows {
        context.output.print(format_args!(
            "{:<app$}  {:<state$}  {:<flows$}  {:<scopes$}  {}",
            row[0], row[1], row[2], row[3], row[4]
        ));
    }
}
