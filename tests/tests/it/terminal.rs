//! The program on a pseudo-terminal.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::process::{Command, Stdio};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

/// Runs a command with stdin and stderr on a terminal that has these answers; its exit code, and
/// what the terminal shows.
pub(crate) fn answer(command: Command, answers: &str) -> (i32, String) {
    run(command, 0, answers, false)
}

/// Runs a command with all its streams on a terminal of this width.
pub(crate) fn show(command: Command, columns: u16) -> (i32, String) {
    run(command, columns, "", true)
}

fn run(mut command: Command, columns: u16, answers: &str, with_stdout: bool) -> (i32, String) {
    let terminal = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&terminal).unwrap();
    unlockpt(&terminal).unwrap();
    let size = Winsize {
        ws_row: 24,
        ws_col: columns,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    tcsetwinsize(&terminal, size).unwrap();
    let name = ptsname(&terminal, Vec::new()).unwrap();
    let open = || {
        let mut options = OpenOptions::new();
        let opened = options.read(true).write(true).open(name.to_str().unwrap());
        Stdio::from(opened.unwrap())
    };
    command.stdin(open()).stderr(open());
    command.stdout(if with_stdout { open() } else { Stdio::null() });
    let mut terminal = File::from(terminal);
    terminal.write_all(answers.as_bytes()).unwrap();
    let mut child = command.spawn().unwrap();
    // Its end of the terminal: reading ends when no process has it open.
    drop(command);
    let (mut shown, mut bytes) = (Vec::new(), [0; 4096]);
    while let Ok(read @ 1..) = terminal.read(&mut bytes) {
        shown.extend_from_slice(&bytes[..read]);
    }
    let code = child.wait().unwrap().code().unwrap();
    (code, String::from_utf8(shown).unwrap())
}
