//! An access token from outside.

use std::sync::{Arc, Mutex, PoisonError};

use eca_http::BoxFuture;

use crate::error::Error;
use crate::secret::AccessToken;
use crate::sources::TokenSource;

/// One token, given from outside. Once refused, it stays refused.
#[derive(Debug)]
pub struct StaticToken {
    token: Arc<AccessToken>,
    refused: Mutex<bool>,
}

impl StaticToken {
    /// This token.
    pub fn new(token: AccessToken) -> Self {
        Self {
            token: Arc::new(token),
            refused: Mutex::new(false),
        }
    }
}

impl TokenSource for StaticToken {
    fn access_token(&self) -> BoxFuture<'_, Result<Arc<AccessToken>, Arc<Error>>> {
        let refused = *self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        let token = if refused {
            Err(Arc::new(Error::TokenRefused))
        } else {
            Ok(Arc::clone(&self.token))
        };
        Box::pin(std::future::ready(token))
    }

    fn invalidate(&self, refused: &Arc<AccessToken>) {
        if Arc::ptr_eq(refused, &self.token) {
            *self.refused.lock().unwrap_or_else(PoisonError::into_inner) = true;
        }
    }
}
