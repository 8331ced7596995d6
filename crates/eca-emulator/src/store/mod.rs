//! The org's state on disk: `--state DIR`.
//!
//! The folder has one file, the redb database `org.redb`, which only its owner can read and write
//! (mode 0600). It has one table of rows in JSON. Passwords are hashed in it, and so are the tokens
//! and codes that the org has issued. Secrets that the org needs again are in clear text: the
//! administrator's token and password, consumer secrets, the key that signs tokens, the key of the
//! org's certificate authority, one-time passwords, and packages.
//!
//! A request that changed something is answered after its rows are committed: every change of the
//! org happens under one lock, and the commit writes the differences in one redb transaction. A
//! kill at any moment leaves the rows of the last commit.

pub(crate) mod as_text;
pub(crate) mod database;
pub(crate) mod error;
pub(crate) mod persister;
mod row;
pub(crate) mod rows;

/// The version of the rows. A store of another version is refused, not converted. Format 2 had
/// its rows sealed under a key file beside the database.
const FORMAT: u64 = 3;
