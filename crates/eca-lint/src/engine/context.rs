//! The project of one run, indexed once for all rules.

use std::collections::{BTreeMap, BTreeSet};
use std::time::SystemTime;

use eca_model::layout::component_of;
use eca_model::types::{
    ExternalClientApplication, ExtlClntAppConfigurablePolicies, ExtlClntAppGlobalOauthSettings,
    ExtlClntAppOauthConfigurablePolicies, ExtlClntAppOauthSettings,
};
use eca_model::{ApiVersion, App, Component, ComponentName, MetadataType, Project, Typed};
use rayon::iter::{IntoParallelRefIterator as _, ParallelIterator as _};

use crate::engine::options::Options;
use crate::engine::value::{is_namespaced, is_placeholder};
use crate::engine::walk::{Step, walk};
use crate::knowledge::certificates;
use crate::knowledge::certificates::ProjectCertificate;

/// The project and the options of one run.
pub(crate) struct Context<'a> {
    pub(crate) project: &'a Project,
    pub(crate) options: &'a Options,
    pub(crate) now: SystemTime,
    /// The API version of the project, if it names one.
    pub(crate) version: Option<ApiVersion>,
    pub(crate) apps: Vec<AppFiles<'a>>,
    /// The elements of each file with their schema, walked once.
    pub(crate) walked: Vec<(&'a Component, Vec<Step<'a>>)>,
    /// The certificates in the files, each read once.
    pub(crate) certificates: Vec<ProjectCertificate<'a>>,
    names: BTreeMap<MetadataType, BTreeSet<String>>,
    unreadable: BTreeSet<MetadataType>,
}

/// A component together with its typed value.
pub(crate) type TypedComponent<'a, T> = (&'a Component, &'a T);

/// The files of one app, whatever their names are.
pub(crate) struct AppFiles<'a> {
    pub(crate) app: App<'a>,
}

impl<'a> Context<'a> {
    pub(crate) fn new(project: &'a Project, options: &'a Options) -> Self {
        let mut names: BTreeMap<MetadataType, BTreeSet<String>> = BTreeMap::new();
        for component in project.components() {
            let names = names.entry(component.kind()).or_default();
            names.insert(component.full_name().to_owned());
        }
        // An unreadable file is reported once; for all other rules it counts as present.
        let mut unreadable = BTreeSet::new();
        for file in project.unreadable() {
            if let Some(name) = component_of(&file.path)
                && let Some(kind) = name.kind.known()
            {
                unreadable.insert(kind);
                names.entry(kind).or_default().insert(name.name);
            }
        }
        let apps = project
            .apps()
            .into_iter()
            .map(|app| AppFiles { app })
            .collect();
        let components = project.components();
        let (walked, certificates) = if is_large(project) {
            rayon::join(
                || components.par_iter().map(steps).collect(),
                || certificates::certificates(project),
            )
        } else {
            let walked = components.iter().map(steps).collect();
            (walked, certificates::certificates(project))
        };
        Self {
            walked,
            certificates,
            project,
            options,
            now: options.now,
            version: project.api_version(),
            apps,
            names,
            unreadable,
        }
    }

    /// The full names of the project's components of a type, sorted.
    pub(crate) fn names(&self, kind: MetadataType) -> impl Iterator<Item = &str> {
        self.names
            .get(&kind)
            .into_iter()
            .flatten()
            .map(String::as_str)
    }

    /// Whether the project has a component of this type with this full name.
    pub(crate) fn has(&self, kind: MetadataType, name: &str) -> bool {
        let names = self.names.get(&kind);
        names.is_some_and(|names| names.contains(name))
    }

    /// Whether a file of this type cannot be read. Its app is then unknown.
    pub(crate) fn has_unreadable(&self, kind: MetadataType) -> bool {
        self.unreadable.contains(&kind)
    }

    /// The component with this name, if it is of type `T`.
    pub(crate) fn component<T: Typed + 'a>(&self, name: &str) -> Option<TypedComponent<'a, T>> {
        let named = |name| self.project.component(&ComponentName::new(T::TYPE, name));
        let component = named(name).or_else(|| named(self.project.own_name(name)))?;
        component.typed().map(|value| (component, value))
    }

    /// The result of resolving a reference.
    pub(crate) fn look_up(&self, kind: MetadataType, name: &str) -> Reference {
        // The files may have the namespace in their names, too.
        if self.has(kind, name) {
            return Reference::Present;
        }
        let name = self.project.own_name(name);
        if is_placeholder(name) || is_namespaced(name) {
            return Reference::Elsewhere;
        }
        match self.names.get(&kind) {
            Some(names) if names.contains(name) => Reference::Present,
            Some(_) => Reference::Missing,
            None => Reference::NoneOfThisType,
        }
    }
}

/// Whether a project is worth the start of threads.
pub(crate) fn is_large(project: &Project) -> bool {
    project.components().len() >= 64
}

fn steps(component: &Component) -> (&Component, Vec<Step<'_>>) {
    let mut steps = Vec::new();
    walk(component, &mut |step| steps.push(step));
    (component, steps)
}

/// The result of resolving a reference from one file to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reference {
    /// The project has the component.
    Present,
    /// The project has components of this type, but not this one.
    Missing,
    /// The project has no component of this type: it may be part of a larger project.
    NoneOfThisType,
    /// It cannot be in the project: it comes from a package, or is filled in at deploy time.
    Elsewhere,
}

impl<'a> AppFiles<'a> {
    /// The components of one type, with their values.
    pub(crate) fn all<T: Typed + 'a>(&self) -> impl Iterator<Item = TypedComponent<'a, T>> {
        self.app
            .components()
            .filter_map(|component| component.typed::<T>().map(|value| (component, value)))
    }

    fn first<T: Typed + 'a>(&self) -> Option<TypedComponent<'a, T>> {
        self.all::<T>().next()
    }

    pub(crate) fn header(&self) -> Option<TypedComponent<'a, ExternalClientApplication>> {
        self.first()
    }

    pub(crate) fn settings(&self) -> Option<TypedComponent<'a, ExtlClntAppOauthSettings>> {
        self.first()
    }

    pub(crate) fn global_settings(
        &self,
    ) -> Option<TypedComponent<'a, ExtlClntAppGlobalOauthSettings>> {
        self.first()
    }

    pub(crate) fn oauth_policies(
        &self,
    ) -> Option<TypedComponent<'a, ExtlClntAppOauthConfigurablePolicies>> {
        self.first()
    }

    pub(crate) fn policies(&self) -> Option<TypedComponent<'a, ExtlClntAppConfigurablePolicies>> {
        self.first()
    }
}
