//! `cargo xtask docs`: writes the generated pages of the book in `docs/`, and checks all pages.
//!
//! A test of `eca-lint` writes the page of rules. `eca-tests` runs the console blocks
//! of tutorials and guides. Rust blocks of the crates' READMEs are doctests.

mod generated;
mod spelling;
mod summary;

use std::collections::BTreeMap;
use std::path::Path;

use clap::Args;
use fs_err as fs;

use crate::failure::Failure;
use crate::invocation::Invocation;
use crate::program;
use crate::workspace::Workspace;

/// The folder of the book.
const BOOK: &str = "docs";

/// Options of `cargo xtask docs`.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// Change nothing; end with 1 when a generated page is out of date, a page is not in the
    /// summary, or a word is misspelt
    #[arg(long)]
    check: bool,
    /// Render the book into target/book, with mdBook
    #[arg(long, conflicts_with = "check")]
    html: bool,
}

impl Arguments {
    /// The arguments of `--check`.
    pub(crate) fn check() -> Self {
        Self {
            check: true,
            html: false,
        }
    }
}

/// Writes the generated pages, or checks the book; `false` when something is wrong with it.
///
/// # Errors
/// When the program cannot be run, or a file cannot be read or written.
pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<bool, Failure> {
    let root = &workspace.root;
    let generated = generated::pages(root)?;
    if arguments.check {
        let mut problems = drift(root, &generated)?;
        let pages = pages(root)?;
        problems.extend(summary::check(&pages));
        for (path, text) in &pages {
            problems.extend(spelling::check(path, text));
        }
        for problem in &problems {
            println!("{BOOK}/{problem}");
        }
        eprintln!("docs: {} pages, {} problems", pages.len(), problems.len());
        return Ok(problems.is_empty());
    }
    let written = write(root, &generated)?;
    eprintln!(
        "docs: {} generated pages, {written} written",
        generated.len()
    );
    if !arguments.html {
        return Ok(true);
    }
    if !program::succeeds(root, "mdbook", &["--version"]) {
        eprintln!("docs: mdBook is missing: cargo install --locked mdbook@0.5.4");
        return Ok(false);
    }
    let output = program::output(root, "mdbook", &["build", BOOK])?;
    eprint!("{}", output.text);
    Ok(output.success)
}

/// Generated pages that are out of date, and files in their folders that are not generated.
fn drift(root: &Path, generated: &BTreeMap<String, String>) -> Result<Vec<String>, Failure> {
    let mut problems = Vec::new();
    for (path, text) in generated {
        let file = root.join(BOOK).join(path);
        if fs::read_to_string(&file).ok().as_deref() != Some(text) {
            problems.push(format!("{path}: out of date; run `cargo xtask docs`"));
        }
    }
    for path in files(root, &|path| path.starts_with(generated::FOLDER))? {
        if !generated.contains_key(&path) {
            problems.push(format!("{path}: not a generated page; remove it"));
        }
    }
    Ok(problems)
}

fn write(root: &Path, generated: &BTreeMap<String, String>) -> Result<usize, Failure> {
    let mut written = 0;
    for (path, text) in generated {
        let file = root.join(BOOK).join(path);
        if fs::read_to_string(&file).ok().as_deref() == Some(text) {
            continue;
        }
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&file, text)?;
        written += 1;
    }
    Ok(written)
}

/// The Markdown files of the book by their path in it.
fn pages(root: &Path) -> Result<BTreeMap<String, String>, Failure> {
    let is_page = |path: &str| {
        Path::new(path)
            .extension()
            .is_some_and(|extension| extension == "md")
    };
    let mut pages = BTreeMap::new();
    for path in files(root, &is_page)? {
        let file = root.join(BOOK).join(&path);
        let text = fs::read_to_string(&file)?;
        pages.insert(path, text);
    }
    Ok(pages)
}

/// The selected files of the book, by their path in it.
fn files(root: &Path, is_wanted: &dyn Fn(&str) -> bool) -> Result<Vec<String>, Failure> {
    let book = root.join(BOOK);
    let mut folders = vec![book.clone()];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.strip_prefix(&book).unwrap_or(&path);
            let name = name.to_string_lossy().replace('\\', "/");
            if is_wanted(&name) {
                files.push(name);
            }
        }
    }
    files.sort();
    Ok(files)
}

/// The output of the built program.
fn printed(root: &Path, arguments: &[&str]) -> Result<String, Failure> {
    let mut call = vec!["run", "--quiet", "--package", "eca-cli", "--"];
    call.extend(arguments);
    let output = program::output(root, "cargo", &call)?;
    if output.success {
        return Ok(output.text);
    }
    eprint!("{}", output.text);
    let call = Invocation::cargo(&call.join(" "));
    Err(Failure::NoOutput {
        command: call.to_string(),
    })
}
