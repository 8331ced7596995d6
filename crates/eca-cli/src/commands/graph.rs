//! `eca graph`: references between components.

use eca_model::{Graph, Reference, Resolution};
use schemars::JsonSchema;
use serde::Serialize;

use crate::context;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::shapes;
use crate::ui::terminal::Style;

pub(crate) const NAME: &str = "graph";

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Only the components of this app
    #[arg(value_name = "APP")]
    app: Option<String>,
    /// Graphviz DOT output
    #[arg(long, conflicts_with = "json")]
    dot: bool,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Document<'a> {
    project: String,
    components: usize,
    broken: usize,
    #[schemars(with = "Vec<shapes::Reference>")]
    references: Vec<&'a Reference<'a>>,
}

pub(crate) fn run(context: &Context, arguments: &Arguments) -> Result<Exit, Failure> {
    let (root, project) = context.load_project(&[])?;
    context::require_metadata(&root, &project)?;
    let mut graph = Graph::new(&project);
    if let Some(app) = &arguments.app {
        context::require_app(&project, app)?;
        graph = graph.only(app);
    }
    let references: Vec<_> = graph.references().collect();
    let broken = references
        .iter()
        .filter(|r| r.resolution == Resolution::Broken)
        .count();
    let document = Document {
        project: root.display().to_string(),
        components: graph
            .groups
            .iter()
            .map(|group| group.components.len())
            .sum(),
        broken,
        references,
    };
    context.output.document(NAME, Exit::Success, &document);
    let text = if arguments.dot {
        graph.to_dot()
    } else {
        graph.to_string()
    };
    context.output.print_block(Style::Plain, text.trim_end());
    context.output.info(format_args!(
        "{} components, {} references, {broken} broken",
        document.components,
        document.references.len(),
    ));
    Ok(Exit::Success)
}
