//! A plan in JSON.

#![expect(dead_code, reason = "only the schemas are used")]

use schemars::JsonSchema;
use serde::Serialize;

use crate::shapes::{ComponentName, FieldValue};

/// What a deploy of a project would change in an org, and in which steps.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Plan {
    changes: Vec<ComponentChange>,
    /// What the project and the org changed in different ways. While there is one, there are no
    /// steps.
    conflicts: Vec<Conflict>,
    /// Apps whose refresh tokens live another time in the org than their files say.
    policies: Vec<EffectivePolicy>,
    risks: Vec<Risk>,
    /// What is done, in order.
    steps: Vec<Step>,
    /// Selections of --restore-drift that nothing drifted in.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unmatched: Vec<String>,
}

/// How many components a plan says what about.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Counts {
    create: usize,
    update: usize,
    delete: usize,
    /// Changed in the org; also apps whose effective policy is another one.
    drift: usize,
    /// By member.
    conflicts: usize,
    /// As a whole or in a member.
    unreadable: usize,
    /// With values, or as a whole, only in the org.
    unmanaged: usize,
}

/// A component that differs, or cannot be compared.
#[derive(Serialize, JsonSchema)]
pub(crate) struct ComponentChange {
    component: ComponentName,
    #[serde(skip_serializing_if = "Option::is_none")]
    app: Option<String>,
    action: Action,
    /// What was found, where it is about the component as a whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    verdict: Option<Verdict>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unreadable: Option<Unreadable>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    members: Vec<MemberChange>,
}

/// What is done to a component.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Action {
    Keep,
    Create,
    Update,
    Delete,
}

/// What a comparison of the project, the org and what was applied last found.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Verdict {
    Create,
    Update,
    Adopt,
    Restore,
    Rotate,
    Remove,
    AlreadyThere,
    Drift,
    Unmanaged,
    WouldReset,
    Unreadable,
    WriteOnly,
}

/// Why something could not be read, and what helps.
#[derive(Serialize, JsonSchema)]
struct Unreadable {
    reason: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    remedy: Option<String>,
}

/// A member that differs, or cannot be compared.
#[derive(Serialize, JsonSchema)]
struct MemberChange {
    path: String,
    verdict: Verdict,
    /// The value that was applied last.
    #[serde(skip_serializing_if = "Option::is_none")]
    last: Option<FieldValue>,
    /// The project's value.
    #[serde(skip_serializing_if = "Option::is_none")]
    desired: Option<FieldValue>,
    /// The org's value.
    #[serde(skip_serializing_if = "Option::is_none")]
    actual: Option<FieldValue>,
    /// What an org takes when the member is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    default: Option<FieldValue>,
    /// Where the project's value is written: `eca.toml:14`.
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<String>,
}

/// What the project and the org changed in different ways since it was applied.
#[derive(Serialize, JsonSchema)]
struct Conflict {
    component: ComponentName,
    #[serde(skip_serializing_if = "Option::is_none")]
    app: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last: Option<FieldValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    desired: Option<FieldValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    actual: Option<FieldValue>,
    reason: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<String>,
}

/// An app whose refresh tokens live another time in the org than its files say.
#[derive(Serialize, JsonSchema)]
pub(crate) struct EffectivePolicy {
    app: String,
    /// What the project's files mean.
    desired: RefreshLifetime,
    /// What holds in the org.
    actual: RefreshLifetime,
}

/// How long refresh tokens live.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum RefreshLifetime {
    None,
    UntilRevoked,
    Fixed(Period),
    Idle(Period),
    FixedOrIdle(Period, Period),
    Unknown,
}

#[derive(Serialize, JsonSchema)]
struct Period {
    count: i32,
    unit: PeriodUnit,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum PeriodUnit {
    Hours,
    Days,
    Months,
}

/// Something that cannot be taken back easily.
#[derive(Serialize, JsonSchema)]
struct Risk {
    kind: RiskKind,
    #[serde(skip_serializing_if = "Option::is_none")]
    app: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    component: Option<ComponentName>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    message: String,
    /// Whom it touches.
    #[serde(skip_serializing_if = "Option::is_none")]
    affects: Option<Affected>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum RiskKind {
    Lockout,
    Wipe,
    Reset,
    Consumer,
    Irreversible,
    Lint,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Affected {
    Users(u64),
    Tokens(Tokens),
    Unknown,
}

/// The live tokens of an app.
#[derive(Serialize, JsonSchema)]
struct Tokens {
    count: u64,
    users: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_used: Option<String>,
}

/// One step.
#[derive(Serialize, JsonSchema)]
#[serde(tag = "step", rename_all = "kebab-case")]
enum Step {
    /// Something that somebody has to do by hand.
    ByHand {
        task: Task,
    },
    Deploy {
        stage: Stage,
        components: Vec<ComponentName>,
    },
    Delete {
        components: Vec<ComponentName>,
    },
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Stage {
    Prerequisites,
    Apps,
    Dependents,
}

#[derive(Serialize, JsonSchema)]
#[serde(tag = "task", rename_all = "kebab-case")]
enum Task {
    TurnOn {
        switch: Switch,
    },
    AssignPermissionSet {
        permission_set: String,
        app: String,
    },
    StoreCredentials {
        external_credential: String,
        principal: String,
    },
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Switch {
    ExternalClientApps,
    CodeCredentialsFlow,
}
