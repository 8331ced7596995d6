//! A plan as a document.

use eca_plan::{Counts, Plan};
use schemars::JsonSchema;
use serde::{Serialize, Serializer};

use crate::planning::Planning;
use crate::planning::views::{OrgView, UnknownView};
use crate::shapes;

/// The members of a plan beside those of every document; `eca_plan::Plan` reads it.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Document<'a> {
    org: OrgView,
    #[schemars(with = "shapes::plan::Counts")]
    counts: Counts,
    /// What could not be read beside components. A risk that depends on it is not known.
    unknown: Vec<UnknownView>,
    #[serde(flatten)]
    #[schemars(with = "shapes::plan::Plan")]
    plan: WithoutSchema<'a>,
}

impl<'a> Document<'a> {
    pub(super) fn new(planning: &Planning, plan: &'a Plan) -> Self {
        let unknown = planning.reading.unknown.iter();
        Self {
            org: planning.into(),
            counts: plan.counts(),
            unknown: unknown.map(UnknownView::from).collect(),
            plan: WithoutSchema(plan),
        }
    }
}

/// Every document has the member `schema` already, and that of a plan has the same text.
struct WithoutSchema<'a>(&'a Plan);

impl Serialize for WithoutSchema<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut json = serde_json::to_value(self.0).map_err(serde::ser::Error::custom)?;
        if let Some(members) = json.as_object_mut() {
            members.remove("schema");
        }
        json.serialize(serializer)
    }
}
