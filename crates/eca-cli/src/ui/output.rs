//! What goes to stdout (results) and to stderr (talk).

use std::fmt::Display;
use std::io::{self, IsTerminal as _, Write as _};

use serde::Serialize;

use crate::args::global::{Color, Global};
use crate::exit::Exit;
use crate::failure::Failure;

/// The two streams and the manners that the global flags ask for.
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
            progress: !quiet && !global.no_progress && io::stderr().is_terminal(),
        }
    }

    /// Logs of our own crates only: the libraries below may log headers.
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
        tracing_subscriber::fmt()
            .with_env_filter(tracing_subscriber::EnvFilter::new(filter))
            .with_writer(io::stderr)
            .with_ansi(io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none())
            .init();
    }

    /// Whether progress may be drawn: stderr is a terminal and nobody asked for silence.
    pub(crate) fn draws_progress(&self) -> bool {
        self.progress
    }

    /// One line of the result; nothing with `--json`.
    pub(crate) fn line(&self, line: impl Display) {
        if !self.json {
            write_out(format_args!("{line}\n"));
        }
    }

    /// One line of talk; nothing with `--quiet` or `--json`.
    pub(crate) fn talk(&self, line: impl Display) {
        if !self.quiet {
            // Talk that nobody can hear is no reason to stop.
            let _ = writeln!(anstream::stderr(), "{line}");
        }
    }

    /// One line of talk that a log must have whatever becomes of this process; nothing with
    /// `--quiet`.
    pub(crate) fn note(&self, line: impl Display) {
        if !self.silent {
            let _ = writeln!(anstream::stderr(), "{line}");
        }
    }

    /// The result as a JSON document on one line, for programs that go on running and whose readers
    /// take line by line; nothing without `--json`.
    pub(crate) fn document_line(&self, command: &str, outcome: Exit, body: &impl Serialize) {
        self.write_document(command, outcome, body, true);
    }

    /// The result as a JSON document: `schema`, `outcome` and the members of `body`; nothing
    /// without `--json`.
    pub(crate) fn document(&self, command: &str, outcome: Exit, body: &impl Serialize) {
        self.write_document(command, outcome, body, false);
    }

    fn write_document(
        &self,
        command: &str,
        outcome: Exit,
        body: &impl Serialize,
        on_one_line: bool,
    ) {
        #[derive(Serialize)]
        struct Document<'a, B> {
            schema: String,
            outcome: &'static str,
            #[serde(flatten)]
            body: &'a B,
        }
        if !self.json {
            return;
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
            Ok(text) => write_out(format_args!("{text}\n")),
            Err(error) => {
                let _ = writeln!(anstream::stderr(), "error: cannot write JSON: {error}");
            }
        }
    }

    /// Reports a failure: text on stderr, and with `--json` a document too.
    pub(crate) fn failure(&self, command: &str, failure: &Failure) {
        #[derive(Serialize)]
        struct Body<E> {
            error: E,
        }
        let error = failure.to_json();
        self.document(command, failure.exit(), &Body { error });
        print_error(failure);
    }
}

/// The text of a failure on stderr, at any verbosity.
pub(crate) fn print_error(failure: &Failure) {
    // Where nobody can be told, nothing can be done.
    let _ = write!(anstream::stderr(), "{failure}");
}

/// A result that cannot be written must not look like success, except to a reader who left (`|
/// head`).
fn write_out(text: std::fmt::Arguments<'_>) {
    let mut stdout = anstream::stdout().lock();
    match stdout.write_fmt(text).and_then(|()| stdout.flush()) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
            std::process::exit(i32::from(Exit::Success.code()));
        }
        Err(error) => {
            let _ = writeln!(
                anstream::stderr(),
                "error: cannot write the result: {error}"
            );
            std::process::exit(i32::from(Exit::Failed.code()));
        }
    }
}
