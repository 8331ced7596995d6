//! Putting values over a project.

use std::collections::BTreeMap;

use crate::field::{FieldPath, FieldValue};
use crate::overlay::{
    AssignedValue, Assignment, Overlaid, Overlay, OverlayError, OverlayProblem, Subject,
};
use crate::project::Project;
use crate::project::component::Component;
use crate::project::component_name::ComponentName;
use crate::schema::{FieldSchema, suggest};
use crate::types::MetadataType;
use crate::values::origin::Origin;
use crate::values::version::ApiVersion;

impl Project {
    /// The project with the values of an org. Only the lines of these members differ from the
    /// files; nothing is written to disk.
    ///
    /// A value of an app belongs to its one component with that member.
    ///
    /// ```
    /// use eca_model::{AssignedValue, Assignment, Origin, Overlay, Position, Project};
    ///
    /// let text = r#"<ExternalClientApplication xmlns="http://soap.sforce.com/2006/04/metadata">
    ///     <contactEmail>dev@acme.example</contactEmail>
    /// </ExternalClientApplication>"#;
    /// let project = Project::from_entries([("Shop.eca-meta.xml".to_owned(), text.into())]);
    /// let position = Position { line: 14, column: 1 };
    /// let overlay = Overlay {
    ///     org: vec![Assignment {
    ///         subject: "Shop".into(),
    ///         path: "contactEmail".parse()?,
    ///         value: AssignedValue::Value("ops@acme.example".into()),
    ///         origin: Origin { file: "eca.toml".to_owned(), position },
    ///     }],
    ///     ..Overlay::default()
    /// };
    /// let overlaid = project.with_overlay(&overlay).map_err(|errors| errors[0].clone())?;
    /// let app = &overlaid.project.components()[0];
    /// assert_eq!(app.file().text(), text.replace("dev@", "ops@"));
    /// let origin = overlaid.origin(app.name(), &"contactEmail".parse()?);
    /// assert_eq!(origin.map(ToString::to_string).as_deref(), Some("eca.toml:14"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Every value that cannot be used, in the order of their places.
    pub fn with_overlay(&self, overlay: &Overlay) -> Result<Overlaid, Vec<OverlayError>> {
        let mut errors = Vec::new();
        let apps = self.apps().into_iter();
        let apps = apps.map(|app| (app.name, app.components().collect()));
        let apps: Apps<'_> = apps.collect();
        let mut chosen: BTreeMap<(ComponentName, FieldPath), Chosen<'_>> = BTreeMap::new();
        let ranked = overlay
            .environments
            .iter()
            .map(|assignment| (assignment, false));
        for (assignment, is_of_org) in ranked.chain(overlay.org.iter().map(|of| (of, true))) {
            let component = match component_of(self, &apps, assignment) {
                Ok(component) => component,
                Err(problem) => {
                    errors.push(error(assignment, problem));
                    continue;
                }
            };
            let key = (component.name().clone(), assignment.path.clone());
            let before = chosen.get(&key);
            let other = before
                .filter(|before| before.is_of_org == is_of_org)
                .filter(|before| before.assignment.value != assignment.value)
                .map(|before| before.assignment.origin.clone());
            // A later value of the org settles it.
            let disagreement = other.or_else(|| {
                let before = before.filter(|before| before.is_of_org == is_of_org);
                before.and_then(|before| before.disagreement.clone())
            });
            chosen.insert(
                key,
                Chosen {
                    assignment,
                    is_of_org,
                    disagreement,
                },
            );
        }
        let mut overlaid = Overlaid {
            project: self.clone(),
            ..Overlaid::default()
        };
        for ((name, path), chosen) in chosen {
            let assignment = chosen.assignment;
            if let Some(other) = chosen.disagreement {
                let member = path.to_string();
                let problem = OverlayProblem::Disagreement { member, other };
                errors.push(error(assignment, problem));
                continue;
            }
            let component = overlaid.project.component(&name);
            let Some(component) = component.cloned() else {
                continue;
            };
            match assigned(&component, &path, &assignment.value) {
                Ok(edited) => {
                    let origin = assignment.origin.clone();
                    let edited = component.with_value(edited, path.clone(), origin);
                    overlaid.project.put(edited);
                    let origins = overlaid.origins.entry(name).or_default();
                    origins.push((path, assignment.origin.clone()));
                }
                Err(problem) => errors.push(error(assignment, problem)),
            }
        }
        if errors.is_empty() {
            return Ok(overlaid);
        }
        errors.sort_by(|a, b| a.origin.cmp(&b.origin));
        Err(errors)
    }
}

/// The components of each app.
type Apps<'a> = BTreeMap<&'a str, Vec<&'a Component>>;

/// The component that a value is for.
fn component_of<'a>(
    project: &'a Project,
    apps: &Apps<'a>,
    assignment: &Assignment,
) -> Result<&'a Component, OverlayProblem> {
    let app = match &assignment.subject {
        Subject::App(app) => app,
        Subject::Component(name) => {
            let found = project.component(name);
            return found.ok_or_else(|| unknown_component(project, name));
        }
    };
    let Some(components) = apps.get(app.as_str()) else {
        let meant = suggest::nearest(app, apps.keys().copied());
        return Err(OverlayProblem::UnknownApp {
            app: app.clone(),
            meant: meant.map(str::to_owned),
        });
    };
    let version = project.api_version().unwrap_or(ApiVersion::NEWEST_CHECKED);
    let with_member = |is_in: &dyn Fn(&FieldSchema) -> bool| -> Vec<&'a Component> {
        let all = components.iter().copied();
        all.filter(|component| has_member(component, &assignment.path, is_in))
            .collect()
    };
    // Historic members of one component are those of another one now.
    let mut with_member_of_version = with_member(&|field| field.is_in(version));
    if with_member_of_version.is_empty() {
        with_member_of_version = with_member(&|_| true);
    }
    match with_member_of_version.as_slice() {
        [one] => Ok(one),
        [] => Err(unknown_member(app, components, &assignment.path)),
        several => Err(OverlayProblem::SeveralComponents {
            member: assignment.path.to_string(),
            components: several.iter().map(|of| of.name().clone()).collect(),
        }),
    }
}

/// Whether the type has the member, and it and the records around it are in some version.
fn has_member(
    component: &Component,
    path: &FieldPath,
    is_in: &dyn Fn(&FieldSchema) -> bool,
) -> bool {
    let schema = component.kind().schema().record;
    let mut paths = std::iter::successors(Some(path.clone()), FieldPath::parent);
    paths.all(|path| schema.at(&path).is_some_and(is_in))
}

fn unknown_component(project: &Project, name: &ComponentName) -> OverlayProblem {
    let components = project.components().iter();
    let names: Vec<_> = components.map(|of| of.name().to_string()).collect();
    let meant = suggest::nearest(&name.to_string(), names.iter().map(String::as_str));
    OverlayProblem::UnknownComponent {
        component: name.clone(),
        meant: meant.and_then(|meant| meant.parse().ok()),
    }
}

/// The value that counts for a member.
struct Chosen<'a> {
    assignment: &'a Assignment,
    is_of_org: bool,
    /// Where another value of the same rank is written.
    disagreement: Option<Origin>,
}

fn error(assignment: &Assignment, problem: OverlayProblem) -> OverlayError {
    OverlayError {
        origin: assignment.origin.clone(),
        problem,
    }
}

fn unknown_member(app: &str, components: &[&Component], path: &FieldPath) -> OverlayProblem {
    let kinds = MetadataType::ALL.iter().map(|kind| kind.schema());
    let mut of_apps = kinds.filter(|schema| schema.owner().is_some() && schema.until.is_none());
    let missing = of_apps.find(|schema| schema.record.at(path).is_some());
    let first = path
        .steps()
        .first()
        .map_or("", |step| step.element.as_str());
    let members = components.iter().flat_map(|component| {
        let fields = component.kind().schema().record.fields;
        fields.iter().map(|field| field.element)
    });
    OverlayProblem::UnknownMember {
        app: app.to_owned(),
        member: path.to_string(),
        meant: suggest::nearest(first, members),
        missing: missing.map(|schema| schema.name),
    }
}

fn assigned(
    component: &Component,
    path: &FieldPath,
    value: &AssignedValue,
) -> Result<Component, OverlayProblem> {
    let member = || path.to_string();
    if let Some(field) = component.kind().schema().record.at(path) {
        if field.is_secret() {
            return Err(OverlayProblem::Secret { member: member() });
        }
        if field.is_generated() {
            return Err(OverlayProblem::MadeByTheOrg { member: member() });
        }
        if field.owner {
            return Err(OverlayProblem::Owner { member: member() });
        }
        if matches!(value, AssignedValue::Certificate(_)) && field.certificate.is_none() {
            return Err(OverlayProblem::NoCertificate { member: member() });
        }
    }
    let edited = match value {
        AssignedValue::Absent => component.remove(path),
        AssignedValue::Value(value) => component.set(path, value.clone()),
        AssignedValue::Certificate(text) => component.set(path, FieldValue::Text(text.clone())),
    };
    edited.map_err(OverlayProblem::Field)
}
