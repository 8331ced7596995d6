//! Keys that stay in a token: hardware security modules and smart cards through PKCS#11 (OASIS
//! PKCS #11 Cryptographic Token Interface, version 2.40). Feature `pkcs11`.

mod key;

use std::fmt;
use std::sync::{Mutex, PoisonError};

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::{Error, RvError};
use cryptoki::mechanism::Mechanism;
use cryptoki::object::{Attribute, AttributeType, ObjectClass, ObjectHandle};
use cryptoki::session::{Session, UserType};
use cryptoki::slot::Slot;
use cryptoki::types::AuthPin;
use pkcs8::der::asn1::UintRef;
use sha2::{Digest as _, Sha256};

use crate::file::asn1::Der;
use crate::file::password::Password;
use crate::key::public_key::PublicKey;
use crate::sign::{Algorithm, SignError, Signer, check_size};

pub use key::{Pkcs11Key, Pkcs11KeyError};

/// Signs with a key that never leaves its token, one signature at a time: only one thread can use a
/// session.
pub struct Pkcs11Signer {
    session: Mutex<Session>,
    key: ObjectHandle,
    algorithm: Algorithm,
    public: PublicKey,
}

/// A key in a token cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Pkcs11Error {
    /// The module cannot be loaded or started.
    #[error("the PKCS#11 module {module} cannot be used")]
    Module {
        /// Its path.
        module: String,
        /// The error of the module.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// No token, or more than one, matches the URI.
    #[error("{count} PKCS#11 tokens match the URI instead of one; there are: {}", known.join(", "))]
    Tokens {
        /// The number of tokens that match.
        count: usize,
        /// The labels of all tokens of the module.
        known: Vec<String>,
    },
    /// The token refused the login.
    #[error("the PKCS#11 token {label:?} refused the login")]
    Login {
        /// Its label.
        label: String,
        /// The error of the module.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// No private key, or more than one, matches the URI.
    #[error("the PKCS#11 token has {count} private keys {key} instead of one")]
    Keys {
        /// The label and id in the URI.
        key: String,
        /// The number of keys that match.
        count: usize,
    },
    /// The token does not provide the public key.
    #[error("the PKCS#11 token does not provide the public key of the key {key}")]
    NoPublicKey {
        /// The label and id in the URI.
        key: String,
    },
    /// The key is of a kind or size that cannot be used.
    #[error("the key in the PKCS#11 token cannot be used")]
    Key(#[source] SignError),
    /// Any other failure of the token.
    #[error("the PKCS#11 token failed")]
    Token(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Pkcs11Error {
    /// The next step.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Pkcs11Error::Module { .. } => Some(
                "module-path names the library of the token's vendor, for example \
                 /usr/lib/softhsm/libsofthsm2.so, built for this processor",
            ),
            Pkcs11Error::Tokens { .. } => {
                Some("name one of them in the URI: token=LABEL or serial=NUMBER")
            }
            Pkcs11Error::Login { .. } => {
                Some("check the PIN; most tokens lock after three to ten wrong PINs")
            }
            Pkcs11Error::Keys { .. } => Some(
                "list the keys: pkcs11-tool --module MODULE --login --list-objects --type privkey",
            ),
            Pkcs11Error::NoPublicKey { .. } => {
                Some("import the public key into the token too, with the same label and id")
            }
            _ => None,
        }
    }
}

impl Pkcs11Signer {
    /// Logs in with the user's PIN and finds the key and its public key.
    ///
    /// # Errors
    /// See [`Pkcs11Error`].
    pub fn open(wanted: &Pkcs11Key, pin: &Password) -> Result<Pkcs11Signer, Pkcs11Error> {
        let module = |error: Error| Pkcs11Error::Module {
            module: wanted.module().display().to_string(),
            source: error.into(),
        };
        let context = Pkcs11::new(wanted.module()).map_err(module)?;
        let arguments = CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK);
        match context.initialize(arguments) {
            // The module is initialized once per process.
            Ok(()) | Err(Error::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => {}
            Err(error) => return Err(module(error)),
        }
        let (slot, label) = slot(&context, wanted)?;
        let session = context.open_ro_session(slot).map_err(token)?;
        let pin = AuthPin::new(pin.expose_password().into());
        match session.login(UserType::User, Some(&pin)) {
            Ok(()) | Err(Error::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => {}
            Err(error) => {
                let source = error.into();
                return Err(Pkcs11Error::Login { label, source });
            }
        }
        let found = objects(&session, ObjectClass::PRIVATE_KEY, wanted)?;
        let [key] = found.as_slice() else {
            return Err(Pkcs11Error::Keys {
                key: wanted.describe(),
                count: found.len(),
            });
        };
        let public = public_key(&session, *key, wanted)?;
        let algorithm = check_size(public.algorithm()).map_err(Pkcs11Error::Key)?;
        Ok(Pkcs11Signer {
            session: Mutex::new(session),
            key: *key,
            algorithm,
            public,
        })
    }
}

impl Signer for Pkcs11Signer {
    fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    fn public_key(&self) -> &PublicKey {
        &self.public
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignError> {
        let session = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        let made = match self.algorithm {
            Algorithm::Rs256 => session.sign(&Mechanism::Sha256RsaPkcs, self.key, message),
            // Tokens return `r ‖ s`, as JWS requires; not all of them hash for ECDSA.
            Algorithm::Es256 => session.sign(&Mechanism::Ecdsa, self.key, &Sha256::digest(message)),
        };
        made.map_err(|error| SignError::Failed(error.into()))
    }
}

impl fmt::Debug for Pkcs11Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pkcs11Signer")
            .field("public", &self.public)
            .finish_non_exhaustive()
    }
}

fn slot(context: &Pkcs11, wanted: &Pkcs11Key) -> Result<(Slot, String), Pkcs11Error> {
    let (mut fitting, mut known) = (Vec::new(), Vec::new());
    for slot in context.get_slots_with_token().map_err(token)? {
        let info = context.get_token_info(slot).map_err(token)?;
        if !info.token_initialized() {
            continue;
        }
        // Fields of a fixed width, padded with blanks.
        let label = info.label().trim_end().to_owned();
        if wanted.fits_token(&label, info.serial_number().trim_end()) {
            fitting.push((slot, label.clone()));
        }
        known.push(label);
    }
    let count = fitting.len();
    match (fitting.pop(), count) {
        (Some(found), 1) => Ok(found),
        _ => Err(Pkcs11Error::Tokens { count, known }),
    }
}

fn objects(
    session: &Session,
    class: ObjectClass,
    wanted: &Pkcs11Key,
) -> Result<Vec<ObjectHandle>, Pkcs11Error> {
    let mut template = vec![Attribute::Class(class)];
    template.extend(wanted.object().map(|label| Attribute::Label(label.into())));
    template.extend(wanted.id().map(|id| Attribute::Id(id.to_vec())));
    session.find_objects(&template).map_err(token)
}

/// The public key, from the attributes of the private key or of the public key with the same label
/// and id.
fn public_key(
    session: &Session,
    key: ObjectHandle,
    wanted: &Pkcs11Key,
) -> Result<PublicKey, Pkcs11Error> {
    let public = objects(session, ObjectClass::PUBLIC_KEY, wanted)?;
    let attributes = [
        AttributeType::Modulus,
        AttributeType::PublicExponent,
        AttributeType::EcPoint,
    ];
    let (mut modulus, mut exponent, mut point) = (None, None, None);
    for object in std::iter::once(key).chain(public) {
        // A token returns only the attributes that it has.
        for attribute in session.get_attributes(object, &attributes).map_err(token)? {
            match attribute {
                Attribute::Modulus(bytes) => modulus = Some(bytes),
                Attribute::PublicExponent(bytes) => exponent = Some(bytes),
                Attribute::EcPoint(bytes) => point = Some(bytes),
                _ => {}
            }
        }
    }
    let made = match (&modulus, &exponent, &point) {
        (Some(modulus), Some(exponent), _) => rsa(modulus, exponent),
        // The point is in an octet string; some tokens return it without that.
        (_, _, Some(point)) => {
            let inner = Der::new(point).and_then(Der::octets);
            PublicKey::from_p256_point(inner.unwrap_or(point)).ok()
        }
        _ => None,
    };
    made.ok_or_else(|| Pkcs11Error::NoPublicKey {
        key: wanted.describe(),
    })
}

fn rsa(modulus: &[u8], exponent: &[u8]) -> Option<PublicKey> {
    let key = pkcs1::RsaPublicKey {
        modulus: UintRef::new(modulus).ok()?,
        public_exponent: UintRef::new(exponent).ok()?,
    };
    PublicKey::from_pkcs1(&key).ok()
}

fn token(error: Error) -> Pkcs11Error {
    Pkcs11Error::Token(error.into())
}
