//! One lint run.

use std::collections::HashMap;

use eca_model::Project;
use rayon::iter::{IntoParallelRefIterator as _, ParallelIterator as _};

use crate::engine::context::{Context, is_large};
use crate::engine::finding::Finding;
use crate::engine::findings::Findings;
use crate::engine::ignore::Ignores;
use crate::engine::options::Options;
use crate::level::Level;
use crate::report::Report;
use crate::rule::Rule;
use crate::rules::{RULES, unused_ignores};

/// Runs the rules of the chosen profiles over a project.
pub fn lint(project: &Project, options: &Options) -> Report {
    let context = Context::new(project, options);
    let check = |rule: &&'static Rule| {
        let mut found = Vec::new();
        if rule.runs(options) {
            (rule.check)(&context, &mut Findings::new(rule, &mut found));
        }
        found
    };
    let found: Vec<_> = if is_large(project) {
        RULES.par_iter().map(check).collect()
    } else {
        RULES.iter().map(check).collect()
    };
    let mut list: Vec<_> = found.into_iter().flatten().collect();
    let mut ignores = Ignores::new(project);
    list.retain(|finding| !ignores.cover(finding));
    unused_ignores(&ignores, options, &mut list);
    list.retain(|finding| {
        let mut excludes = options.excludes.iter();
        !excludes.any(|exclude| exclude.covers(finding.rule.id(), &finding.path))
    });
    for finding in &mut list {
        if let Some(Level::At(severity)) = options.levels.get(&finding.rule.id()) {
            finding.severity = *severity;
        }
    }
    at_the_source(project, &mut list);
    Report::new(list)
}

/// Moves findings in files with other values to their places on the disk, and says which values are
/// those of an org. Their fixes are for another text.
fn at_the_source(project: &Project, list: &mut [Finding]) {
    let replaced = project.components().iter();
    let replaced: HashMap<_, _> = replaced
        .filter(|component| component.is_replaced())
        .map(|component| (component.path(), component))
        .collect();
    for finding in list {
        if let Some(component) = replaced.get(finding.path.as_str()) {
            if let Some(origin) = component.origin_at(finding.position) {
                finding.message = format!("{} [value of {origin}]", finding.message);
            }
            finding.position = component.source_position(finding.position);
            finding.fix = None;
        }
    }
}
