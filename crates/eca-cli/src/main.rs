#![doc = include_str!("../README.md")]
#![warn(clippy::print_stderr, clippy::print_stdout)]

use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue};

mod args;
mod auth;
mod commands;
mod config;
mod context;
mod exit;
mod failure;
mod files;
mod hints;
mod planning;
mod program;
mod project;
mod shapes;
mod state;
mod ui;

use args::Arguments;
use exit::Exit;
use ui::output::Output;
use ui::terminal::{self, Stream, Style};

fn main() -> ExitCode {
    disable_core_dumps();
    let arguments = match Arguments::from_command_line() {
        Ok(arguments) => arguments,
        Err(error) => return report_usage(error),
    };
    let output = Output::new(&arguments.global);
    output.start_logging();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => {
            let failure =
                failure::Failure::caused_by(Exit::Failed, "cannot start the runtime", &error);
            output.failure(arguments.command.name(), &failure);
            return failure.exit().into();
        }
    };
    let name = arguments.command.name();
    let context = context::Context::new(arguments.global, output);
    let result = runtime.block_on(arguments.command.run(&context));
    // Tasks of an interrupted command may still run; they are not awaited.
    runtime.shutdown_background();
    match result {
        Ok(exit) => exit.into(),
        Err(failure) => {
            context.output.failure(name, &failure);
            failure.exit().into()
        }
    }
}

/// A dump of this process, which a crash would leave in a file, has keys and tokens in it. Programs
/// that it starts can raise the limit again.
fn disable_core_dumps() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

        let limit = getrlimit(Resource::Core);
        let none = Rlimit {
            current: Some(0),
            ..limit
        };
        // It lowers the limit, which the system always allows.
        let _ = setrlimit(Resource::Core, none);
    }
}

/// Prints the message of clap. Help and version are results; all others are usage errors.
fn report_usage(mut error: clap::Error) -> ExitCode {
    hide_secret(&mut error);
    args::tips::replace_guesses(&mut error);
    let (stream, exit) = if error.use_stderr() {
        (Stream::Stderr, Exit::Usage)
    } else {
        (Stream::Stdout, Exit::Success)
    };
    // A closed terminal cannot be handled.
    let _ = terminal::write(stream, Style::Coloured, error.render().ansi());
    exit.into()
}

/// Takes the refused value of an option for a secret out of the message: it may be the secret.
fn hide_secret(error: &mut clap::Error) {
    let Some(ContextValue::String(option)) = error.get(ContextKind::InvalidArg) else {
        return;
    };
    let words = ["otp", "password", "secret", "token"];
    if words.iter().any(|word| option.contains(word)) {
        error.insert(
            ContextKind::InvalidValue,
            ContextValue::String("***".to_owned()),
        );
    }
}
