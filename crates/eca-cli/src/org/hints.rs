//! Hints for refusals: the likeliest cause and its fix, beside the org's own words.

use std::error::Error as StdError;

use eca_deploy::wire::RequestError;
use eca_oauth::explain;

use crate::exit::Exit;
use crate::failure::Failure;

/// What to do about an error that has a refusal somewhere among its causes.
pub(crate) fn hint(error: &(dyn StdError + 'static)) -> Option<String> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(refused) = error.downcast_ref::<eca_oauth::Error>() {
            let cause = explain::causes(refused).first()?;
            return Some(format!("{}; {}", cause.why, cause.fix));
        }
        if let Some(eca_deploy::Error::Request(RequestError::JwtOnSoap { .. })) =
            error.downcast_ref()
        {
            return Some(
                "deploys go over REST, which takes such tokens, unless eca.toml says deploy-api = \"soap\"; retrieve, list \
                 and describe know SOAP only"
                    .to_owned(),
            );
        }
        next = error.source();
    }
    None
}

/// A failure to get or use a token.
pub(crate) fn refused(error: &eca_oauth::Error) -> Failure {
    let exit = match error {
        eca_oauth::Error::NotInProfile { .. }
        | eca_oauth::Error::NoParameter { .. }
        | eca_oauth::Error::LoginHost { .. } => Exit::Usage,
        _ => Exit::Authentication,
    };
    Failure::from_error(exit, error)
}
