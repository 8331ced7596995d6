//! A page of the documentation whose commands are run.

use std::fmt::Write as _;
use std::io::{BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

/// The files and commands of a page, in order.
///
/// - A code block `console` holds lines that begin with `$ ` (commands, continued in lines that
///   begin with `> `) and what they print. `…` alone on a line stands for any lines, `…` in a line
///   for any text. The last command of a block ends with 0, or with N when the block says `console
///   exit=N`.
/// - A code block below a line with only a path in backticks is a file that the reader writes.
/// - All other blocks are ignored.
#[derive(Debug)]
pub struct Page {
    steps: Vec<Step>,
}

#[derive(Debug)]
enum Step {
    File {
        path: String,
        text: String,
    },
    Command {
        line: usize,
        text: String,
        expected: Vec<String>,
        exit: Option<i32>,
    },
}

impl Page {
    /// Reads a page.
    pub fn parse(markdown: &str) -> Self {
        let mut steps = Vec::new();
        let mut above = "";
        let mut lines = markdown.lines().enumerate();
        while let Some((_, line)) = lines.next() {
            let Some(info) = line.strip_prefix("```") else {
                if !line.is_empty() {
                    above = line;
                }
                continue;
            };
            let path = std::mem::take(&mut above)
                .strip_prefix('`')
                .and_then(|path| path.strip_suffix('`'))
                .filter(|path| !path.contains('`'));
            let block: Vec<(usize, &str)> = lines
                .by_ref()
                .take_while(|(_, line)| *line != "```")
                .collect();
            let mut words = info.split_ascii_whitespace();
            let language = words.next().unwrap_or_default();
            let words: Vec<&str> = words.collect();
            let attribute = |name: &str| words.iter().find_map(|word| word.strip_prefix(name));
            if let Some(path) = path {
                let text = block
                    .iter()
                    .fold(String::new(), |text, (_, line)| text + line + "\n");
                steps.push(Step::File {
                    path: path.to_owned(),
                    text,
                });
            } else if language == "console" {
                let exit = attribute("exit=").map_or(0, |code| code.parse().expect("a number"));
                steps.append(&mut commands(&block, exit));
            }
        }
        Self { steps }
    }

    /// How many commands there are.
    pub fn commands(&self) -> usize {
        let is_command = |step: &&Step| matches!(step, Step::Command { .. });
        self.steps.iter().filter(is_command).count()
    }

    /// How many commands begin with these words.
    pub fn commands_with(&self, words: &str) -> usize {
        let is_one = |step: &&Step| match step {
            Step::Command { text, .. } => text.starts_with(words),
            Step::File { .. } => false,
        };
        self.steps.iter().filter(is_one).count()
    }

    /// Writes the files as the page leaves them, and runs nothing.
    pub fn write_files(&self, folder: &Path) {
        for step in &self.steps {
            if let Step::File { path, text } = step {
                write(folder, path, text);
            }
        }
    }

    /// Writes the files, runs the commands in one shell, and compares the output; the differences
    /// as text.
    pub fn run(&self, folder: &Path, program: &Path) -> String {
        let mut shell = shell(folder, program);
        let mut stdin = shell.stdin.take().expect("stdin is piped");
        let mut stdout = BufReader::new(shell.stdout.take().expect("stdout is piped"));
        writeln!(stdin, "exec 2>&1").expect("the shell reads");
        let mut differences = String::new();
        for step in &self.steps {
            match step {
                Step::File { path, text } => write(folder, path, text),
                Step::Command {
                    line,
                    text,
                    expected,
                    exit,
                } => {
                    // The mark has its own line: when the command is a shell, that shell reads it.
                    writeln!(stdin, "{text}\nprintf '\\n{MARK} %s\\n' $?")
                        .expect("the shell reads");
                    let (printed, code) = answer(&mut stdout);
                    let printed: Vec<&str> = printed.lines().collect();
                    let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
                    let right_code = exit.is_none_or(|exit| exit == code);
                    if !right_code || !matches(&expected, &printed) {
                        let _ = writeln!(
                            differences,
                            "line {line}: $ {text}\nexpected{}:\n{}\nprinted, with exit code {code}:\n{}\n",
                            exit.map_or(String::new(), |code| format!(", with exit code {code}")),
                            expected.join("\n"),
                            printed.join("\n"),
                        );
                    }
                }
            }
        }
        drop(stdin);
        shell.wait().expect("the shell ends");
        differences
    }
}

/// Ends the output of a command.
const MARK: &str = "\u{2}end of command";

fn commands(block: &[(usize, &str)], exit: i32) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for (number, line) in block {
        if let Some(command) = line.strip_prefix("$ ") {
            steps.push(Step::Command {
                line: number + 1,
                text: command.to_owned(),
                expected: Vec::new(),
                exit: None,
            });
            continue;
        }
        let Some(Step::Command { text, expected, .. }) = steps.last_mut() else {
            panic!("line {}: no command before {line:?}", number + 1);
        };
        match line.strip_prefix("> ").or((*line == ">").then_some("")) {
            Some(more) => {
                text.push('\n');
                text.push_str(more);
            }
            None => expected.push((*line).to_owned()),
        }
    }
    if let Some(Step::Command { exit: last, .. }) = steps.last_mut() {
        *last = Some(exit);
    }
    steps
}

fn shell(folder: &Path, program: &Path) -> std::process::Child {
    let programs = program.parent().expect("the program is in a folder");
    let path = std::env::var("PATH").expect("there is a PATH");
    let mut command = Command::new("bash");
    command
        .args(["--noprofile", "--norc"])
        .current_dir(folder)
        .env("PATH", format!("{}:{path}", programs.display()))
        .env("HOME", folder)
        .env("XDG_STATE_HOME", folder.join(".state"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit());
    for name in crate::ORG_VARIABLES.iter().chain(&["ECA_TRUST_CONFIG"]) {
        command.env_remove(name);
    }
    command.spawn().expect("bash runs")
}

fn answer(stdout: &mut impl std::io::BufRead) -> (String, i32) {
    let mut printed = String::new();
    loop {
        let mut line = String::new();
        let read = stdout.read_line(&mut line).expect("text");
        assert!(read > 0, "the shell ended after {printed:?}");
        if let Some(code) = line.strip_prefix(MARK) {
            // The newline before the mark comes from `printf` above.
            let printed = printed.strip_suffix('\n').unwrap_or(&printed);
            return (printed.to_owned(), code.trim().parse().expect("a number"));
        }
        printed.push_str(&line);
    }
}

/// Whether lines are as expected; `…` stands for any lines.
fn matches(expected: &[&str], printed: &[&str]) -> bool {
    match expected {
        [] => printed.is_empty(),
        ["…", rest @ ..] => (0..=printed.len()).any(|skipped| matches(rest, &printed[skipped..])),
        [first, rest @ ..] => printed
            .split_first()
            .is_some_and(|(line, others)| line_matches(first, line) && matches(rest, others)),
    }
}

fn line_matches(expected: &str, line: &str) -> bool {
    let mut parts = expected.split('…');
    let Some(mut rest) = parts.next().and_then(|first| line.strip_prefix(first)) else {
        return false;
    };
    let Some(last) = parts.next_back() else {
        return rest.is_empty();
    };
    for part in parts {
        let Some(at) = rest.find(part) else {
            return false;
        };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

fn write(folder: &Path, path: &str, text: &str) {
    let path = folder.join(path);
    let parent = path.parent().expect("a path below the folder");
    std::fs::create_dir_all(parent).expect("a folder");
    std::fs::write(path, text).expect("a written file");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compares_lines_with_gaps() {
        for (expected, printed, same) in [
            (&["a"][..], &["a"][..], true),
            (&["a"], &["a", "b"], false),
            (&["…", "b"], &["a", "a", "b"], true),
            (&["a", "…"], &["a"], true),
            (&["id … in …"], &["id 0Af in http://here"], true),
            (&["id … in x"], &["id 0Af in http://here"], false),
            (&["…b"], &["ab"], true),
            (&["ab…"], &["a"], false),
        ] {
            assert_eq!(matches(expected, printed), same, "{expected:?} {printed:?}");
        }
    }

    #[test]
    fn a_block_below_a_path_is_written() {
        let folder = tempfile::tempdir().expect("a folder");
        let page = "`a/b.txt`\n\n```text\nhere\n```\n\nSee `c.txt`:\n\n```text\nonly shown\n```\n\n```console\n$ ls\na\n$ cat a/b.txt\nhere\n```\n";
        let differences = Page::parse(page).run(folder.path(), Path::new("/bin/true"));
        assert_eq!(differences, "");
    }

    #[test]
    fn finds_wrong_output_and_wrong_exit_codes() {
        let folder = tempfile::tempdir().expect("a folder");
        let page = "```console\n$ echo a\nb\n$ true\n```\n```console exit=3\n$ (exit 2)\n```\n```console\n$ echo x\nx\n```\n";
        let page = Page::parse(page);
        assert_eq!(page.commands(), 4);
        let differences = page.run(folder.path(), Path::new("/bin/true"));
        assert!(differences.contains("line 2: $ echo a"), "{differences}");
        assert!(differences.contains("line 7: $ (exit 2)"), "{differences}");
        assert!(!differences.contains("echo x"), "{differences}");
    }
}
