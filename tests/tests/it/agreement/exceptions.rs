//! Pairs of a finding and an answer that may differ.
//!
//! A line of `exceptions.txt` is `what: reason`. What is the id of a rule whose errors an org
//! deploys, the name of a project whose answer only the target org decides, or `org TEXT` for an
//! answer that has that text.

use std::collections::BTreeSet;

use crate::agreement::verdict::Verdict;

pub(super) struct Exceptions {
    listed: Vec<&'static str>,
    used: BTreeSet<&'static str>,
}

impl Exceptions {
    pub(super) fn read() -> Self {
        let lines = include_str!("exceptions.txt").lines();
        let listed = lines.filter(|line| !line.is_empty()).map(|line| {
            let (what, reason) = line.split_once(": ").expect("a colon and a reason");
            assert!(reason.len() > 20, "{what} needs a reason");
            what
        });
        Self {
            listed: listed.collect(),
            used: BTreeSet::new(),
        }
    }

    fn use_if(&mut self, is_meant: impl Fn(&str) -> bool) -> bool {
        let found = self.listed.iter().find(|what| is_meant(what));
        self.used.extend(found);
        found.is_some()
    }

    /// What the parts disagree about, unless that is listed.
    pub(super) fn disagreement(&mut self, name: &str, verdict: &Verdict) -> Option<&'static str> {
        if verdict.is_refused() && verdict.is_clean() {
            let is_listed = self.use_if(|what| what == name)
                || !verdict.org.is_empty()
                    && self.use_if(|what| {
                        let text = what.strip_prefix("org ");
                        text.is_some_and(|text| verdict.org[0].contains(text))
                    });
            return (!is_listed).then_some("lint is clean and the org refuses");
        }
        if !verdict.is_refused() && !verdict.errors.is_empty() {
            let is_listed = verdict
                .errors
                .iter()
                .all(|id| self.use_if(|what| what == id));
            return (!is_listed).then_some("lint has an error and the org deploys");
        }
        None
    }

    /// Exceptions that no project needs.
    pub(super) fn unused(&self) -> impl Iterator<Item = &'static str> + use<'_> {
        let listed = self.listed.iter().copied();
        listed.filter(|what| !self.used.contains(what))
    }
}
