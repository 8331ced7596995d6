//! The table of clients and operations.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

use crate::interop::client::Client;

/// The result of an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) operation: String,
    /// The error that the client reported; `None` when the operation succeeded.
    pub(crate) problem: Option<String>,
}

impl Outcome {
    /// The operation and its cell in the table.
    fn cell(&self) -> (&str, &'static str) {
        let cell = match self.problem {
            None => "yes",
            Some(_) => "**no**",
        };
        (&self.operation, cell)
    }

    /// Reads the results that a script prints, and ignores the client's own output.
    pub(crate) fn read_all(text: &str) -> Vec<Self> {
        text.lines()
            .filter_map(|line| {
                let line: serde_json::Value = serde_json::from_str(line).ok()?;
                Some(Self {
                    operation: line["operation"].as_str()?.to_owned(),
                    problem: line["problem"].as_str().map(str::to_owned),
                })
            })
            .collect()
    }
}

/// Clients by operations.
#[derive(Debug, Default)]
pub(crate) struct Matrix {
    columns: Vec<Column>,
}

#[derive(Debug)]
struct Column {
    client: &'static str,
    packages: Vec<&'static str>,
    outcomes: Vec<Outcome>,
}

/// What `cargo xtask interop oauth` covers, in the same document.
const OTHER_WAY: &str = "
# `eca-oauth` against a third-party server

`cargo xtask interop oauth` runs `eca-oauth` and `eca-attest` against `oidc-provider` from npm (the version
stands in `xtask/src/interop/oauth.rs`). It covers OpenID discovery, client credentials, authorization code
with PKCE, refresh with rotation, `private_key_jwt`, introspection, and DPoP (RFC 9449) at the token and
userinfo endpoints, with the server's nonce.

It cannot cover what the server does not have: Salesforce's client attestation and the authorization
challenge, the device dialect, token exchange, the Headless Identity APIs. The `eca` program sends no
DPoP proofs: no page of Salesforce's describes them, although its metadata has a switch for them
(`isDPopEnabled`).
";

impl Matrix {
    /// Adds a column.
    pub(crate) fn add(&mut self, client: &'static Client, outcomes: Vec<Outcome>) {
        self.columns.push(Column {
            client: client.name,
            packages: client.packages().collect(),
            outcomes,
        });
    }

    /// Every failed operation, with its client.
    pub(crate) fn failures(&self) -> impl Iterator<Item = (&'static str, &Outcome)> {
        self.columns.iter().flat_map(|column| {
            let failed = column
                .outcomes
                .iter()
                .filter(|outcome| outcome.problem.is_some());
            failed.map(|outcome| (column.client, outcome))
        })
    }

    /// The text of `docs/interop.md`.
    pub(crate) fn document(&self) -> String {
        let mut text = String::from(
            "# Third-party clients against the embedded org\n\n\
             Written by `cargo xtask interop clients`, compared by `cargo xtask interop clients --check`. Clients of other\n\
             authors are installed from npm and PyPI and run, unchanged, against `eca emulate`. A cell is `yes` if\n\
             every assertion on the client's own report held. It is empty if the client does not have the operation,\n\
             or its script does not try it. The clients from PyPI run over TLS. simple-salesforce logs in at hosts\n\
             below `salesforce.com` only, so its HTTP library resolves these as an entry of `/etc/hosts` would.\n\
             1,000 apps are 4,000 components in more than 1 MiB: sf deploys them in about 20 seconds on two cores.\n\n\
             | Client | Package |\n|---|---|\n",
        );
        for column in &self.columns {
            // Writing to a String cannot fail.
            let packages = column.packages.join("`, `");
            let _ = writeln!(text, "| {} | `{packages}` |", column.client);
        }
        let _ = write!(text, "\n{self}");
        text.push_str(OTHER_WAY);
        text
    }

    /// The clients whose column in the document differs. For a run without some of the clients.
    pub(crate) fn drift<'a>(
        &'a self,
        document: &'a str,
    ) -> impl Iterator<Item = &'static str> + 'a {
        let is_other = |column: &&Column| {
            let here: BTreeMap<_, _> = column.outcomes.iter().map(Outcome::cell).collect();
            here != cells(document, column.client)
        };
        self.columns
            .iter()
            .filter(is_other)
            .map(|column| column.client)
    }

    /// The operations in the order of the scripts.
    fn operations(&self) -> Vec<&str> {
        let mut operations: Vec<&str> = Vec::new();
        for outcome in self.columns.iter().flat_map(|column| &column.outcomes) {
            if !operations.contains(&outcome.operation.as_str()) {
                operations.push(&outcome.operation);
            }
        }
        operations
    }
}

/// The cells of a client in a document, by operation, without empty cells.
fn cells<'a>(document: &'a str, client: &str) -> BTreeMap<&'a str, &'a str> {
    let mut rows = document
        .lines()
        .filter(|line| line.starts_with('|'))
        .map(|line| line.split('|').map(str::trim).skip(1));
    let head = rows.find_map(|mut row| (row.next() == Some("Operation")).then_some(row));
    let place = head.and_then(|mut head| head.position(|name| name == client));
    let cell = |mut row: std::iter::Skip<_>| Some((row.next()?, row.nth(place?)?));
    // The row below the head separates it.
    rows.skip(1)
        .filter_map(cell)
        .filter(|(_, cell)| !cell.is_empty())
        .collect()
}

impl fmt::Display for Matrix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("| Operation |")?;
        for column in &self.columns {
            write!(f, " {} |", column.client)?;
        }
        write!(f, "\n|---|{}\n", "---|".repeat(self.columns.len()))?;
        for operation in self.operations() {
            write!(f, "| {operation} |")?;
            for column in &self.columns {
                let outcome = column
                    .outcomes
                    .iter()
                    .find(|outcome| outcome.operation == operation);
                let cell = outcome.map_or("", |outcome| outcome.cell().1);
                write!(f, " {cell} |")?;
            }
            f.write_char('\n')?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::client::CLIENTS;
    use super::*;

    #[test]
    fn the_table_has_a_row_for_every_operation_of_any_client() {
        let talk = "a warning\n{\"operation\":\"list\",\"problem\":null}\n";
        let trouble = "{\"operation\":\"read\",\"problem\":\"boom\"}\n";
        let mut matrix = Matrix::default();
        matrix.add(&CLIENTS[0], Outcome::read_all(talk));
        matrix.add(&CLIENTS[1], Outcome::read_all(&format!("{talk}{trouble}")));
        assert_eq!(
            matrix.to_string(),
            "| Operation | sf | jsforce 3 |\n|---|---|---|\n| list | yes | yes |\n| read |  | **no** |\n"
        );
        assert_eq!(matrix.failures().count(), 1);
        assert!(matrix.document().contains("| sf | `@salesforce/cli@"));
        assert_eq!(matrix.drift(&matrix.document()).count(), 0);
    }

    #[test]
    fn a_column_that_differs_is_named() {
        let table = "| Operation | sf | jsforce 3 |\n|---|---|---|\n| list | yes | yes |\n| read |  | yes |\n";
        for (operation, problem, drift) in [
            ("list", "null", &[][..]),
            ("list", "\"boom\"", &["sf"]),
            ("read", "null", &["sf"]),
        ] {
            let mut matrix = Matrix::default();
            let line = format!("{{\"operation\":\"{operation}\",\"problem\":{problem}}}");
            matrix.add(&CLIENTS[0], Outcome::read_all(&line));
            assert_eq!(matrix.drift(table).collect::<Vec<_>>(), drift, "{line}");
        }
    }
}
