//! The dependencies between the modules of a crate, read from its files.

use std::collections::{BTreeMap, BTreeSet};

use syn::visit::{self, Visit};

/// The modules of one crate.
#[derive(Debug, Default)]
pub(super) struct Modules {
    /// By path, such as `["package", "error"]`; the root has none.
    modules: BTreeMap<Path, Module>,
}

/// A path inside a crate, resolved or as written.
type Path = Vec<String>;

/// One file.
#[derive(Debug, Default)]
struct Module {
    /// Its path in the repository.
    file: String,
    /// The paths in its code, without tests.
    written: Vec<Path>,
    /// Names that it re-exports, and their origin.
    handed_on: BTreeMap<String, Path>,
    /// The depth of inline modules at the visitor's position.
    depth: usize,
}

impl Modules {
    /// Reads the files of the folder `source`. The second value are files that are not valid Rust.
    pub(super) fn read<'a>(
        source: &str,
        files: impl Iterator<Item = (&'a str, &'a str)>,
    ) -> (Self, Vec<(&'a str, syn::Error)>) {
        let (mut modules, mut broken) = (Self::default(), Vec::new());
        for (file, text) in files {
            let Some(path) = module_of(source, file) else {
                continue;
            };
            match syn::parse_file(text) {
                Ok(parsed) => {
                    let mut module = Module {
                        file: file.to_owned(),
                        ..Module::default()
                    };
                    module.visit_file(&parsed);
                    modules.modules.insert(path, module);
                }
                Err(error) => broken.push((file, error)),
            }
        }
        (modules, broken)
    }

    /// Modules that use each other, directly or by way of others: each circle sorted, names with
    /// `::`.
    ///
    /// A module and the modules below it count as one: a child may use its parent. A path through
    /// the root, which has everything, is no circle either.
    pub(super) fn circles(&self) -> Vec<Vec<String>> {
        let reached: BTreeMap<&Path, BTreeSet<&Path>> = self
            .modules
            .keys()
            .map(|from| (from, self.reached(from)))
            .collect();
        let mut circles = BTreeSet::new();
        for (&from, reaches) in &reached {
            let back = |to: &&&Path| reached.get(**to).is_some_and(|there| there.contains(from));
            let circle: BTreeSet<String> = reaches
                .iter()
                .filter(back)
                .map(|to| to.join("::"))
                .collect();
            if circle.len() > 1 {
                circles.insert(circle.into_iter().collect());
            }
        }
        circles.into_iter().collect()
    }

    /// Paths that name an item through a re-export of the root, each with the file that it is in.
    ///
    /// The root's re-exports are for users of the crate. Between modules they hide the dependency.
    pub(super) fn facade_imports(&self) -> BTreeSet<(&str, String)> {
        let Some(root) = self.modules.get(&Path::new()) else {
            return BTreeSet::new();
        };
        let is_facade = |from: &Path, path: &&Path| {
            let full = self.absolute(from, path).unwrap_or_default();
            // A function may have the name of its module.
            let is_module = !full.is_empty() && self.modules.contains_key(&full[..1]);
            let name = full.first().filter(|_| !is_module);
            name.is_some_and(|name| root.handed_on.contains_key(name))
        };
        let modules = self.modules.iter().filter(|(from, _)| !from.is_empty());
        modules
            .flat_map(|(from, module)| {
                let paths = module.written.iter().chain(module.handed_on.values());
                let paths = paths.filter(move |path| is_facade(from, path));
                paths.map(|path| (module.file.as_str(), path.join("::")))
            })
            .collect()
    }

    /// Every module that is used from here, directly or not.
    fn reached(&self, from: &Path) -> BTreeSet<&Path> {
        let (mut reached, mut next) = (BTreeSet::new(), self.used(from));
        while let Some(module) = next.pop() {
            if reached.insert(module) {
                next.extend(self.used(module));
            }
        }
        reached
    }

    /// The modules that a module uses directly, without itself and its parents.
    fn used(&self, from: &Path) -> Vec<&Path> {
        let Some(module) = self.modules.get(from) else {
            return Vec::new();
        };
        let targets = module
            .written
            .iter()
            .filter_map(|path| self.target(from, path));
        targets.filter(|target| !from.starts_with(target)).collect()
    }

    /// The module of the item that a path names; `None` for other crates.
    fn target(&self, from: &Path, path: &[String]) -> Option<&Path> {
        let mut full = self.absolute(from, path)?;
        // A name may be re-exported several times. The limit ends a circle of re-exports.
        for _ in 0..8 {
            let depth = (0..=full.len())
                .rev()
                .find(|depth| self.modules.contains_key(&full[..*depth]))?;
            let (module, handed_on) = self.modules.get_key_value(&full[..depth])?;
            let origin = full
                .get(depth)
                .and_then(|name| handed_on.handed_on.get(name));
            let Some(origin) = origin.and_then(|origin| self.absolute(module, origin)) else {
                return Some(module);
            };
            full.splice(..=depth, origin);
        }
        None
    }

    fn absolute(&self, from: &Path, path: &[String]) -> Option<Path> {
        let (first, rest) = path.split_first()?;
        let mut full = match first.as_str() {
            "crate" => Path::new(),
            "self" => from.clone(),
            "super" => from[..from.len().checked_sub(1)?].to_vec(),
            child => {
                let mut full = from.clone();
                full.push(child.to_owned());
                if !self.modules.contains_key(&full) {
                    return None;
                }
                full
            }
        };
        for name in rest {
            if name == "super" {
                full.pop()?;
            } else {
                full.push(name.clone());
            }
        }
        Some(full)
    }
}

/// The path of the module in a file; `None` for files elsewhere.
fn module_of(source: &str, file: &str) -> Option<Path> {
    let below = file.strip_prefix(source)?.strip_prefix('/')?;
    let mut path: Path = below
        .strip_suffix(".rs")?
        .split('/')
        .map(str::to_owned)
        .collect();
    let is_root = path.len() == 1 && matches!(path[0].as_str(), "lib" | "main");
    if is_root || path.last().is_some_and(|name| name == "mod") {
        path.pop();
    }
    Some(path)
}

impl Module {
    /// The path relative to the module of the file; inline modules belong to it.
    fn in_file(&self, mut path: Path) -> Path {
        let supers = path.iter().take(self.depth);
        let supers = supers.take_while(|name| *name == "super").count();
        if supers > 0 {
            path.splice(..supers, ["self".to_owned()]);
        }
        path
    }
}

impl<'ast> Visit<'ast> for Module {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        if !attributes(item).iter().any(is_for_tests) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        self.depth += 1;
        visit::visit_item_mod(self, item);
        self.depth -= 1;
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        let mut leaves = Vec::new();
        spread(&item.tree, &mut Path::new(), &mut leaves);
        for (path, name) in leaves {
            let path = self.in_file(path);
            if matches!(item.vis, syn::Visibility::Inherited) {
                self.written.push(path);
            } else {
                self.handed_on.insert(name, path);
            }
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.segments.len() > 1 {
            let names = path
                .segments
                .iter()
                .map(|segment| segment.ident.to_string());
            let path = self.in_file(names.collect());
            self.written.push(path);
        }
        visit::visit_path(self, path);
    }
}

/// Each path of a tree of imports, with its local name.
fn spread(tree: &syn::UseTree, before: &mut Path, leaves: &mut Vec<(Path, String)>) {
    let mut leaf = |ident: &syn::Ident, name: &syn::Ident| {
        let mut path = before.clone();
        path.push(ident.to_string());
        leaves.push((path, name.to_string()));
    };
    match tree {
        syn::UseTree::Path(path) => {
            before.push(path.ident.to_string());
            spread(&path.tree, before, leaves);
            before.pop();
        }
        syn::UseTree::Name(name) => leaf(&name.ident, &name.ident),
        syn::UseTree::Rename(rename) => leaf(&rename.ident, &rename.rename),
        syn::UseTree::Glob(_) => leaves.push((before.clone(), "*".to_owned())),
        syn::UseTree::Group(group) => {
            for tree in &group.items {
                spread(tree, before, leaves);
            }
        }
    }
}

fn attributes(item: &syn::Item) -> &[syn::Attribute] {
    match item {
        syn::Item::Fn(item) => &item.attrs,
        syn::Item::Impl(item) => &item.attrs,
        syn::Item::Mod(item) => &item.attrs,
        syn::Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

/// Whether it is `#[cfg(test)]`.
fn is_for_tests(attribute: &syn::Attribute) -> bool {
    let condition = attribute.path().is_ident("cfg").then_some(&attribute.meta);
    condition
        .and_then(|meta| meta.require_list().ok())
        .is_some_and(|list| list.tokens.to_string() == "test")
}
