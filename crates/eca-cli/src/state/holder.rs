//! Who runs this process, for the one who waits for its lock.

use eca_apply::Holder;

/// The most characters of a name that comes from the environment.
const LONGEST: usize = 200;

/// This process, for a command such as `eca apply`.
pub(crate) fn holder(command: &str) -> Holder {
    let who = first(&[
        "GITHUB_ACTOR",
        "GITLAB_USER_LOGIN",
        "BUILD_REQUESTEDFOR",
        "USER",
        "USERNAME",
    ]);
    Holder {
        id: id(),
        who: who.unwrap_or_else(|| "someone".to_owned()),
        host: host(),
        command: command.to_owned(),
    }
}

/// No other process has it.
fn id() -> String {
    use std::hash::{BuildHasher as _, RandomState};
    let random = RandomState::new().hash_one((std::process::id(), std::time::SystemTime::now()));
    format!("{random:016x}")
}

/// The address of the job in a pipeline, or the name of the machine.
fn host() -> String {
    let github = first(&["GITHUB_SERVER_URL"])
        .zip(first(&["GITHUB_REPOSITORY"]))
        .zip(first(&["GITHUB_RUN_ID"]));
    if let Some(((server, repository), run)) = github {
        return format!("{server}/{repository}/actions/runs/{run}");
    }
    first(&["CI_JOB_URL", "BUILD_URL"])
        .or_else(machine)
        .unwrap_or_else(|| "an unknown machine".to_owned())
}

#[cfg(unix)]
fn machine() -> Option<String> {
    let name = rustix::system::uname();
    let name = name.nodename().to_string_lossy().into_owned();
    Some(name).filter(|name| !name.is_empty())
}

#[cfg(not(unix))]
fn machine() -> Option<String> {
    first(&["COMPUTERNAME"])
}

/// The first of these variables that says something, on one line.
fn first(names: &[&str]) -> Option<String> {
    let values = names.iter().filter_map(|name| std::env::var(name).ok());
    let mut values = values.map(|value| {
        let plain = value.chars().filter(|char| !char.is_control());
        plain.take(LONGEST).collect::<String>()
    });
    values.find(|value| !value.is_empty())
}
