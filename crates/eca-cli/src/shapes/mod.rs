//! The JSON of values from the libraries, which know no schemas. The tests compare with what the
//! commands print.

#![expect(dead_code, reason = "only the schemas are used")]

pub(crate) mod plan;

use schemars::JsonSchema;
use serde::Serialize;

/// A lint finding.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Finding {
    /// The rule's id.
    rule: String,
    /// The rule's name.
    name: String,
    severity: LintSeverity,
    /// The path in the project.
    path: String,
    line: u32,
    column: u32,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<Fix>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum LintSeverity {
    Info,
    Warning,
    Error,
}

/// The change that resolves a finding.
#[derive(Serialize, JsonSchema)]
struct Fix {
    title: String,
    path: String,
    range: ByteRange,
    /// Line and column.
    start: [u32; 2],
    /// Line and column.
    end: [u32; 2],
    replacement: String,
}

/// The bytes that are replaced.
#[derive(Serialize, JsonSchema)]
struct ByteRange {
    start: usize,
    end: usize,
}

/// A lint rule.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Rule {
    id: String,
    name: String,
    severity: LintSeverity,
    profiles: Vec<String>,
    summary: String,
    explanation: String,
    source: String,
    example: Option<Example>,
}

#[derive(Serialize, JsonSchema)]
struct Example {
    before: ExampleFile,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<ExampleFile>,
}

#[derive(Serialize, JsonSchema)]
struct ExampleFile {
    path: String,
    text: String,
}

/// An error of an org with a known cause.
#[derive(Serialize, JsonSchema)]
pub(crate) struct KnownError {
    message: String,
    occasion: Occasion,
    cause: String,
    fix: String,
    /// The rules that find it before the deploy.
    rules: Vec<String>,
    source: String,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Occasion {
    Deploy,
    Login,
}

/// `Type:Name`.
#[derive(Serialize, JsonSchema)]
#[serde(transparent)]
pub(crate) struct ComponentName(String);

/// What a deploy of the source would do to a component of the target.
#[derive(Serialize, JsonSchema)]
pub(crate) struct ComponentDiff {
    component: ComponentName,
    change: DiffChange,
    #[serde(skip_serializing_if = "Option::is_none")]
    fields: Option<Vec<FieldDiff>>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum DiffChange {
    Same,
    Create,
    Update,
    OnlyInTarget,
    OrgMade,
    Unknowable,
}

/// What a deploy of the source would do to a member.
#[derive(Serialize, JsonSchema)]
struct FieldDiff {
    path: String,
    change: FieldChange,
    source: Option<FieldValue>,
    target: Option<FieldValue>,
    /// What an org takes when the member is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    default: Option<FieldValue>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum FieldChange {
    Same,
    Create,
    Update,
    Delete,
    OnlyInTarget,
    OrgMade,
    WriteOnly,
    Unknowable,
    WouldReset,
}

#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum FieldValue {
    Boolean(bool),
    Integer(i32),
    Text(String),
    List(Vec<String>),
    Present { present: Present },
}

/// What is not shown.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Present {
    Secret,
    Record,
}

/// A name in a file that refers to a component.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Reference {
    from: ComponentName,
    /// The app of the component.
    app: Option<String>,
    file: String,
    path: String,
    position: Position,
    target: ReferenceTarget,
    resolution: Resolution,
}

#[derive(Serialize, JsonSchema)]
struct Position {
    line: u32,
    column: u32,
}

#[derive(Serialize, JsonSchema)]
struct ReferenceTarget {
    component: ComponentName,
    /// A part of the component.
    #[serde(skip_serializing_if = "Option::is_none")]
    part: Option<String>,
}

#[derive(Serialize, JsonSchema)]
struct Resolution {
    state: ResolutionState,
    /// The files that match, if it is ambiguous.
    #[serde(skip_serializing_if = "Option::is_none")]
    candidates: Option<Vec<String>>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum ResolutionState {
    Resolved,
    Broken,
    Ambiguous,
    Outside,
}

/// A component of an org.
#[derive(Serialize, JsonSchema)]
pub(crate) struct FileProperties {
    file_name: String,
    full_name: String,
    r#type: String,
    id: Option<String>,
    created_by_id: Option<String>,
    created_by_name: Option<String>,
    created_date: Option<String>,
    last_modified_by_id: Option<String>,
    last_modified_by_name: Option<String>,
    last_modified_date: Option<String>,
    manageable_state: Option<String>,
    namespace_prefix: Option<String>,
}

/// A deploy as the org lists it.
#[derive(Serialize, JsonSchema)]
pub(crate) struct DeployRequest {
    id: String,
    status: String,
    check_only: bool,
    created_date: Option<String>,
    created_by_name: Option<String>,
    start_date: Option<String>,
    completed_date: Option<String>,
    state_detail: Option<String>,
    components_total: u32,
    components_deployed: u32,
    component_errors: u32,
    tests_total: u32,
    tests_completed: u32,
    test_errors: u32,
    error_message: Option<String>,
}

/// What a deploy did to a component.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ComponentChange {
    Created,
    Changed,
    Unchanged,
    Deleted,
    Failed,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ProblemSeverity {
    Error,
    Warning,
    Info,
}

/// The part of the result that a problem is from.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ProblemChannel {
    Deploy,
    Component,
    Test,
    Coverage,
    Unexplained,
}

/// The metadata types of an org.
#[derive(Serialize, JsonSchema)]
pub(crate) struct DescribedTypes {
    metadata_objects: Vec<DescribedType>,
    organization_namespace: Option<String>,
    partial_save_allowed: bool,
    test_required: bool,
}

#[derive(Serialize, JsonSchema)]
struct DescribedType {
    xml_name: String,
    directory_name: String,
    suffix: Option<String>,
    in_folder: bool,
    meta_file: bool,
    child_xml_names: Vec<String>,
}

/// The members of a metadata type of an org.
#[derive(Serialize, JsonSchema)]
pub(crate) struct DescribedMembers {
    value_type_fields: Vec<DescribedMember>,
    parent_field: Option<DescribedMember>,
    api_creatable: bool,
    api_updatable: bool,
    api_deletable: bool,
    api_readable: bool,
}

#[derive(Serialize, JsonSchema)]
struct DescribedMember {
    name: String,
    soap_type: String,
    value_required: bool,
    min_occurs: u32,
    is_foreign_key: bool,
    foreign_key_domain: Vec<String>,
    is_name_field: bool,
    picklist_values: Vec<PicklistEntry>,
    fields: Vec<DescribedMember>,
}

#[derive(Serialize, JsonSchema)]
struct PicklistEntry {
    value: String,
    label: String,
    active: bool,
    default_value: bool,
    valid_for: Option<String>,
}
