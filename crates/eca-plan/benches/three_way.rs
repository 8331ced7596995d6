//! What a plan costs: `cargo bench -p eca-plan`.
//!
//! The same 50,000 components are planned at once and in a hundred plans of 500, each form in a
//! process of its own, so that both work on the same amount of memory. The program exits with 1
//! when a figure is out of its bounds. Each time is the best of several alternating rounds.

use std::error::Error;
use std::hint::black_box;
use std::process::{Command, ExitCode};
use std::time::Instant;

use eca_model::{ComponentName, FieldPath, FieldValue, Project, Snapshot};
use eca_plan::{Facts, PlanOptions, plan};

const ROUNDS: usize = 15;
const COMPONENTS: usize = 50_000;

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    if let [size] = arguments.as_slice()
        && let Ok(size) = size.parse()
    {
        println!("{}", seconds(size)?);
        return Ok(ExitCode::SUCCESS);
    }
    let (mut small, mut large) = (f64::MAX, f64::MAX);
    for _ in 0..ROUNDS {
        small = small.min(in_a_process(500)?);
        large = large.min(in_a_process(COMPONENTS)?);
    }
    let mut missed = 0;
    let mut report = |what: &str, value: f64, bound: f64| {
        let mark = if value <= bound { "" } else { "  MISSED" };
        missed += u32::from(value > bound);
        println!("{what:55} {value:6.2}  (at most {bound}){mark}");
    };
    report("three-way of 50,000 components, seconds", large, 1.0);
    report("cost per component, 50,000 / 500, time", large / small, 1.2);
    Ok(if missed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn in_a_process(size: usize) -> Result<f64, Box<dyn Error>> {
    let mut command = Command::new(std::env::current_exe()?);
    let output = command.arg(size.to_string()).output()?;
    if !output.status.success() {
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(format!("{size} components failed: {errors}").into());
    }
    Ok(String::from_utf8(output.stdout)?.trim().parse()?)
}

/// Seconds to plan all components, in plans of this many.
fn seconds(size: usize) -> Result<f64, Box<dyn Error>> {
    let mut sides = Vec::new();
    for number in 0..COMPONENTS / size {
        sides.push(three_sides(number, size)?);
    }
    let facts = Facts::new();
    let options = PlanOptions::default();
    let mut plans = Vec::with_capacity(sides.len());
    let start = Instant::now();
    for [last, desired, actual] in &sides {
        plans.push(plan(Some(last), desired, actual, &facts, &options));
    }
    let seconds = start.elapsed().as_secs_f64();
    // Until here all of them are kept: memory that a plan gave back would be faster for the next.
    assert!(
        black_box(&plans)
            .iter()
            .all(|plan| !plan.changes.is_empty())
    );
    Ok(seconds)
}

/// The files of an app, with what is in most of them.
const FILES: [(&str, &str, &str); 5] = [
    (
        "ExternalClientApplication",
        "eca",
        "<contactEmail>a@acme.example</contactEmail><description>d</description>\
         <distributionState>Local</distributionState><isProtected>false</isProtected>",
    ),
    (
        "ExtlClntAppGlobalOauthSettings",
        "ecaGlblOauth",
        "<callbackUrl>https://a.example/callback</callbackUrl><certificate>MIID</certificate>\
         <externalClientApplication>App</externalClientApplication>\
         <isConsumerSecretOptional>false</isConsumerSecretOptional><isPkceRequired>true</isPkceRequired>\
         <isRefreshTokenRotationEnabled>true</isRefreshTokenRotationEnabled>",
    ),
    (
        "ExtlClntAppOauthSettings",
        "ecaOauth",
        "<commaSeparatedOauthScopes>Api, Web, RefreshToken</commaSeparatedOauthScopes>\
         <customAttributes><formula>f</formula><key>k</key></customAttributes>\
         <externalClientApplication>App</externalClientApplication>",
    ),
    (
        "ExtlClntAppOauthConfigurablePolicies",
        "ecaOauthPlcy",
        "<commaSeparatedPermissionSet>Till</commaSeparatedPermissionSet>\
         <externalClientApplication>App</externalClientApplication>\
         <permittedUsersPolicyType>AdminApprovedPreAuthorized</permittedUsersPolicyType>\
         <refreshTokenPolicyType>Infinite</refreshTokenPolicyType>\
         <sessionTimeoutInMinutes>15</sessionTimeoutInMinutes>",
    ),
    (
        "ExtlClntAppConfigurablePolicies",
        "ecaPlcy",
        "<externalClientApplication>App</externalClientApplication><isEnabled>true</isEnabled>\
         <isOauthPluginEnabled>true</isOauthPluginEnabled>",
    ),
];

/// What was applied, the project and the org. In a tenth of the components the project changed
/// something, in another tenth somebody did so in the org, and the org always has more members.
fn three_sides(number: usize, size: usize) -> Result<[Snapshot; 3], Box<dyn Error>> {
    let label = |name: &ComponentName| (FieldPath::new("label"), FieldValue::from(&*name.name));
    let mut last = Snapshot::default();
    for (kind, suffix, members) in FILES {
        let text =
            format!("<{kind} xmlns=\"http://soap.sforce.com/2006/04/metadata\">{members}</{kind}>");
        let entry = (format!("App.{suffix}-meta.xml"), text.into_bytes());
        let template = Project::from_entries([entry]).snapshot();
        let (_, template) = template
            .components
            .first_key_value()
            .ok_or("no component")?;
        for app in 0..size / FILES.len() {
            // In the order of names, as a project is read: its components are side by side in
            // memory.
            let app = format!("App_{number:03}_{app:05}");
            let name = ComponentName::new(kind, &app);
            let mut component = template.clone();
            component.app = Some(app);
            component.fields.extend([label(&name)]);
            last.components.insert(name, component);
        }
    }
    let changed = |from: &Snapshot, remainder: usize, text: &str| {
        let mut changed = from.clone();
        for (index, component) in changed.components.values_mut().enumerate() {
            if index % 10 == remainder {
                let label = FieldPath::new("label");
                component.fields.insert(label, FieldValue::from(text));
            }
        }
        changed
    };
    let desired = changed(&last, 0, "new");
    let mut actual = changed(&last, 5, "clicked");
    for component in actual.components.values_mut() {
        let path = FieldPath::new("orgScopedExternalApp");
        component.org_made.insert(path, FieldValue::from("00D:App"));
    }
    Ok([last, desired, actual])
}
