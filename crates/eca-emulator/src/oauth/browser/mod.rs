//! Pages for people: the web server flow and its login page.

pub(crate) mod authorize;
pub(crate) mod login_host;
pub(crate) mod login_page;
pub(crate) mod page;
