//! Runs another program. No other module does.
//!
//! A program is started without a shell, with stdin closed unless there is input, and with this
//! program's environment and the variables that are set here. Its output is read up to a limit.

use std::error::Error;
use std::ffi::OsStr;
use std::io::{self, Read, Write as _};
use std::process::{Command, ExitStatus, Stdio};
use std::{fmt, thread};

/// The most bytes of stderr that are kept; the rest is read and dropped.
const MAX_STDERR: u64 = 64 << 10;

/// A program that is not yet started.
#[derive(Debug)]
pub(crate) struct Program {
    name: String,
    command: Command,
    inherits_stderr: bool,
}

/// The exit status and output of a program.
#[derive(Debug)]
pub(crate) struct Output {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: Vec<u8>,
}

/// A program that could not be run to its end.
#[derive(Debug)]
pub(crate) enum ProgramError {
    /// It cannot be started, or its output cannot be read.
    Io { program: String, source: io::Error },
    /// It printed more than `limit` bytes, and was ended.
    TooMuchOutput { program: String, limit: u64 },
}

impl Program {
    pub(crate) fn new(name: impl AsRef<OsStr>) -> Self {
        let name = name.as_ref();
        Self {
            name: name.to_string_lossy().into_owned(),
            command: Command::new(name),
            inherits_stderr: false,
        }
    }

    pub(crate) fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.command.arg(arg);
        self
    }

    pub(crate) fn args<S: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = S>) -> Self {
        self.command.args(args);
        self
    }

    /// Sets a variable of its environment.
    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Removes a variable from its environment.
    pub(crate) fn without_env(mut self, name: &str) -> Self {
        self.command.env_remove(name);
        self
    }

    /// Inherits stderr, for messages and prompts.
    pub(crate) fn inherit_stderr(mut self) -> Self {
        self.inherits_stderr = true;
        self
    }

    /// Runs it to its end with `input` on its stdin. It may print `limit` bytes.
    pub(crate) fn output(
        mut self,
        input: Option<&[u8]>,
        limit: u64,
    ) -> Result<Output, ProgramError> {
        let stdin = input.map_or_else(Stdio::null, |_| Stdio::piped());
        let stderr = if self.inherits_stderr {
            Stdio::inherit()
        } else {
            Stdio::piped()
        };
        self.command
            .stdin(stdin)
            .stdout(Stdio::piped())
            .stderr(stderr);
        let program = self.name;
        let failed = |source| ProgramError::Io {
            program: program.clone(),
            source,
        };
        let mut child = self.command.spawn().map_err(failed)?;
        let stdin = child.stdin.take();
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        // All pipes at once: with one after the other, the program could block forever.
        let (stdout, stderr) = thread::scope(|scope| {
            scope.spawn(move || {
                // A program that ends early does not read the rest. Its status has the reason.
                let _ = stdin.map(|mut stdin| stdin.write_all(input.unwrap_or_default()));
            });
            let stderr = scope.spawn(|| read(stderr, MAX_STDERR));
            let mut printed = Vec::new();
            let result = stdout.map_or(Ok(0), |stdout| {
                stdout.take(limit + 1).read_to_end(&mut printed)
            });
            if result.is_err() || printed.len() as u64 > limit {
                // It may have ended already.
                let _ = child.kill();
            }
            (result.map(|_| printed), stderr.join().unwrap_or_default())
        });
        let status = child.wait().map_err(failed)?;
        let stdout = stdout.map_err(failed)?;
        if stdout.len() as u64 > limit {
            return Err(ProgramError::TooMuchOutput { program, limit });
        }
        Ok(Output {
            status,
            stdout,
            stderr,
        })
    }

    /// Starts it with the streams of this program. It ends when the child is dropped.
    pub(crate) fn spawn(self) -> Result<tokio::process::Child, ProgramError> {
        let mut command = tokio::process::Command::from(self.command);
        command
            .kill_on_drop(true)
            .spawn()
            .map_err(|source| ProgramError::Io {
                program: self.name,
                source,
            })
    }
}

/// The first bytes of a pipe, which is read to its end.
fn read(pipe: Option<impl Read>, limit: u64) -> Vec<u8> {
    let mut text = Vec::new();
    if let Some(mut pipe) = pipe {
        // The bytes before the error are kept.
        let _ = pipe.by_ref().take(limit).read_to_end(&mut text);
        let _ = io::copy(&mut pipe, &mut io::sink());
    }
    text
}

impl fmt::Display for ProgramError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io { program, .. } => write!(formatter, "`{program}` cannot be run"),
            Self::TooMuchOutput { program, limit } => {
                write!(formatter, "`{program}` printed more than {limit} bytes")
            }
        }
    }
}

impl Error for ProgramError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            Self::TooMuchOutput { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sh(script: &str) -> Program {
        Program::new("sh").args(["-c", script])
    }

    #[test]
    fn input_output_and_status() {
        let output = sh("cat; echo \"$A\"; echo bad >&2; exit 3").env("A", "a");
        let output = output.output(Some(b"in "), 100).unwrap();
        assert_eq!(output.status.code(), Some(3));
        assert_eq!(output.stdout, b"in a\n");
        assert_eq!(output.stderr, b"bad\n");
        let closed = sh("cat").output(None, 0).unwrap();
        assert!(closed.status.success() && closed.stdout.is_empty());
    }

    #[test]
    fn output_is_bounded() {
        let error = sh("yes").output(None, 1000).unwrap_err();
        assert_eq!(error.to_string(), "`sh` printed more than 1000 bytes");
        let output = sh("yes | head -c 1000000 >&2").output(None, 0).unwrap();
        assert_eq!(output.stderr.len() as u64, MAX_STDERR);
    }

    #[test]
    fn a_missing_program_is_named() {
        let error = Program::new("no-such-program").output(None, 0).unwrap_err();
        assert_eq!(error.to_string(), "`no-such-program` cannot be run");
    }

    /// No other module starts programs.
    #[test]
    fn programs_are_started_here_only() {
        fn check(folder: &std::path::Path, starts: &mut Vec<String>) {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    check(&path, starts);
                } else if std::fs::read_to_string(&path)
                    .unwrap()
                    .contains("process::Command")
                {
                    starts.push(path.display().to_string());
                }
            }
        }
        let source = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut starts = Vec::new();
        check(&source, &mut starts);
        let here = source.join("program.rs").display().to_string();
        assert_eq!(starts, [here]);
    }
}
