//! Output to stdout (results) and stderr (messages).

use std::fmt::Display;
use std::io;

use serde::Serialize;

use crate::args::global::{Color, Global};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::ui::paint::{Paint, labelled, painted};
use crate::ui::terminal::{self, Stream, Style};
use crate::ui::wrap::wrapped;

/// The two streams, configured by the global flags.
#[derive(Debug)]
pub(crate) struct Output {
    json: bool,
    quiet: bool,
    silent: bool,
    verbose: u8,
    progress: bool,
}

impl Output {
    pub(crate) fn new(global: &Global) -> Self {
        let choice = match global.color {
            Color::Auto if is_dumb_terminal() => anstream::ColorChoice::Never,
            Color::Auto => anstream::ColorChoice::Auto,
            Color::Always => anstream::ColorChoice::Always,
            Color::Never => anstream::ColorChoice::Never,
        };
        choice.write_global();
        let quiet = global.quiet || global.json;
        Self {
            json: global.json,
            quiet,
            silent: global.quiet,
            verbose: global.verbose,
            progress: !quiet && !global.no_progress && terminal::stderr_is_terminal(),
        }
    }

    /// Logs only the crates of this workspace: other libraries may log headers.
    pub(crate) fn start_logging(&self) {
        let level = match self.verbose {
            0 => return,
            1 => "info",
            2 => "debug",
            _ => "trace",
        };
        let crates = [
            "eca",
            "eca_attest",
            "eca_deploy",
            "eca_emulator",
            "eca_http",
            "eca_oauth",
        ];
        let filter = crates.map(|name| format!("{name}={level}")).join(",");
        terminal::start_logging(&filter);
    }

    /// Whether progress may be drawn: stderr is a terminal, and no flag forbids it.
    pub(crate) fn draws_progress(&self) -> bool {
        self.progress
    }

    /// Whether stdout is for a document.
    pub(crate) fn is_json(&self) -> bool {
        self.json
    }

    /// A line of the result; nothing with `--json`. Line ends in it are foreign: what follows them
    /// is indented.
    pub(crate) fn print(&self, line: impl Display) {
        let line = terminal::indented(&line.to_string()).into_owned();
        self.print_block(Style::Plain, fitted(Stream::Stdout, line));
    }

    /// A line of the result whose beginning is in colour.
    pub(crate) fn print_painted(&self, paint: Paint, beginning: &str, rest: impl Display) {
        let line = format!("{beginning}{rest}");
        let line = fitted(Stream::Stdout, terminal::indented(&line).into_owned());
        // A beginning that is broken into lines has no colour.
        let line = match line.strip_prefix(beginning) {
            Some(rest) => painted(paint, beginning) + &terminal::escape(rest, Style::Plain),
            None => terminal::escape(&line, Style::Plain).into_owned(),
        };
        self.print_block(Style::Coloured, line);
    }

    /// Lines of the result; nothing with `--json`. Foreign text in them has no line ends.
    pub(crate) fn print_block(&self, style: Style, lines: impl Display) {
        if !self.json {
            write_result(style, lines);
        }
    }

    /// The result of a command that prints a secret: a document with `--json`, else a line.
    pub(crate) fn secret(&self, command: &str, document: &impl Serialize, line: &str) {
        if self.json {
            self.write_document(command, Exit::Success, document, false, Style::Secret);
        } else {
            write_result(Style::Secret, line);
        }
    }

    /// A line about the work; nothing with `--quiet` or `--json`.
    pub(crate) fn info(&self, line: impl Display) {
        if !self.quiet {
            write_message(line);
        }
    }

    /// An important line, such as the id of a deploy, also with `--json`; nothing with `--quiet`.
    pub(crate) fn important(&self, line: impl Display) {
        if !self.silent {
            write_message(line);
        }
    }

    /// A warning; nothing with `--quiet` or `--json`.
    pub(crate) fn warn(&self, line: impl Display) {
        self.info(format_args!("warning: {line}"));
    }

    /// The result as a JSON document on one line, for commands that keep running; nothing without
    /// `--json`.
    pub(crate) fn document_line(&self, command: &str, outcome: Exit, body: &impl Serialize) {
        self.write_document(command, outcome, body, true, Style::Plain);
    }

    /// The result as a JSON document: `schema`, `outcome` and the members of `body`; nothing
    /// without `--json`.
    pub(crate) fn document(&self, command: &str, outcome: Exit, body: &impl Serialize) {
        self.write_document(command, outcome, body, false, Style::Plain);
    }

    /// The same without `--json`, for `--format json`: messages still go to stderr.
    pub(crate) fn print_document(&self, command: &str, outcome: Exit, body: &impl Serialize) {
        if !self.json {
            write_json(command, outcome, body, false, Style::Plain);
        }
    }

    fn write_document(
        &self,
        command: &str,
        outcome: Exit,
        body: &impl Serialize,
        on_one_line: bool,
        style: Style,
    ) {
        if self.json {
            write_json(command, outcome, body, on_one_line, style);
        }
    }

    /// Reports a failure: text on stderr, and with `--json` a document too.
    pub(crate) fn failure(&self, command: &str, failure: &Failure) {
        #[derive(Serialize)]
        struct Body<E> {
            error: E,
        }
        let body = Body {
            error: failure.to_json(),
        };
        self.document(command, failure.exit(), &body);
        error(failure);
    }
}

/// Writes a document to stdout.
fn write_json(
    command: &str,
    outcome: Exit,
    body: &impl Serialize,
    on_one_line: bool,
    style: Style,
) {
    #[derive(Serialize)]
    struct Document<'a, B> {
        schema: String,
        outcome: &'static str,
        #[serde(flatten)]
        body: &'a B,
    }
    let document = Document {
        schema: format!("eca/{command}/1"),
        outcome: outcome.name(),
        body,
    };
    let text = if on_one_line {
        serde_json::to_string(&document)
    } else {
        serde_json::to_string_pretty(&document)
    };
    match text {
        Ok(text) => write_result(style, terminal::escape_json(&text)),
        Err(error) => write_message(format_args!("error: cannot write JSON: {error}")),
    }
}

/// The text of a failure, at any verbosity.
pub(crate) fn error(failure: &Failure) {
    write_lines(failure.to_string().trim_end());
}

/// A warning about the safety of the user's files, at any verbosity.
pub(crate) fn warning(line: impl Display) {
    write_message(format_args!("warning: {line}"));
}

/// A request to the user, at any verbosity.
pub(crate) fn prompt(line: impl Display) {
    write_message(line);
}

/// Writes a line to stderr. Line ends in it are foreign: what follows them is indented.
fn write_message(line: impl Display) {
    write_lines(terminal::indented(&line.to_string()));
}

/// Writes lines to stderr. A failed write is ignored.
fn write_lines(lines: impl Display) {
    let lines = labelled(&fitted(Stream::Stderr, lines.to_string()));
    let _ = terminal::write(Stream::Stderr, Style::Coloured, format_args!("{lines}\n"));
}

/// Text with lines as narrow as the terminal, if the stream is one.
fn fitted(stream: Stream, text: String) -> String {
    match terminal::columns(stream) {
        Some(columns) => wrapped(&text, columns),
        None => text,
    }
}

/// Writes a line to stdout. A failed write is an error, except when the reader has closed the pipe
/// (`| head`).
fn write_result(style: Style, line: impl Display) {
    let exit = match terminal::write(Stream::Stdout, style, format_args!("{line}\n")) {
        Ok(()) => return,
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Exit::Success,
        Err(error) => {
            write_message(format_args!("error: cannot write the result: {error}"));
            Exit::Failed
        }
    };
    std::process::exit(exit.code().into());
}

/// Whether the user says that the terminal shows no colours. The library that chooses takes `CI`
/// for a stronger sign than `TERM`.
fn is_dumb_terminal() -> bool {
    let is_forced = std::env::var_os("CLICOLOR_FORCE").is_some_and(|force| force != "0");
    std::env::var_os("TERM").is_some_and(|terminal| terminal == "dumb") && !is_forced
}
