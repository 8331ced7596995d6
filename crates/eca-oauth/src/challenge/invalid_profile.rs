//! A profile that cannot be used.

/// A name in a profile that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidProfile {
    /// Empty, or reserved by the protocol.
    #[error("{0:?} cannot be the name of a parameter: it is empty or reserved by the protocol")]
    Parameter(String),
    /// Not a header name, or one that frames the request.
    #[error("{0:?} cannot be the header of a client attestation")]
    Header(String),
    /// The one-time password is in the wrong step.
    #[error("the one-time password must be in the last of two or more steps, and in no other")]
    Steps,
}

impl InvalidProfile {
    /// Checks that the one-time password is in the last of two or more steps only.
    pub(crate) fn check_steps<F: PartialEq>(
        steps: &[Vec<F>],
        one_time_password: &F,
    ) -> Result<(), Self> {
        match steps.split_last() {
            Some((last, before))
                if !before.is_empty()
                    && last.contains(one_time_password)
                    && !before.iter().any(|step| step.contains(one_time_password)) =>
            {
                Ok(())
            }
            _ => Err(Self::Steps),
        }
    }
}
