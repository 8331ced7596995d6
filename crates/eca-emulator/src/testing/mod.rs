//! Controls and observations for tests: time, pace, faults, expectations.

pub(crate) mod clock;
pub(crate) mod expectation;
pub(crate) mod faults;
pub(crate) mod observe;
pub(crate) mod pace;
