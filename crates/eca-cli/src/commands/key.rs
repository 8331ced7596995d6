//! `eca key`: converts private keys.

use std::path::{Path, PathBuf};

use eca_attest::{EncryptError, OsIds, PrivateKey};
use eca_model::fs::Access;
use schemars::JsonSchema;
use serde::Serialize;
use zeroize::Zeroizing;

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::files::key_passwords::{InputPassword, OutputPassword};
use crate::files::{certificates, write};
use crate::ui::terminal::Style;

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Convert a private key to another format
    Convert(Convert),
}

#[derive(Debug, clap::Args)]
pub(crate) struct Convert {
    /// The key: PEM, DER, PKCS#12, JKS, JSON Web Key or JWK Set, detected by content
    file: PathBuf,
    #[command(flatten)]
    input_password: InputPassword,
    /// Output format
    #[arg(long, value_enum, default_value_t, value_name = "FORM")]
    to: Form,
    #[command(flatten)]
    output_password: OutputPassword,
    /// File for the key (readable by its owner only), or `-` to print it
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// File for the certificates of the key (PEM, its own first)
    #[arg(long, value_name = "FILE")]
    cert_out: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, Default, clap::ValueEnum, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Form {
    /// PKCS#8 PEM, for all tools
    #[default]
    Pkcs8,
    /// PKCS#8 DER
    Pkcs8Der,
    /// PKCS#1 PEM ("BEGIN RSA PRIVATE KEY"), RSA only
    Pkcs1,
    /// PKCS#1 DER, RSA only
    Pkcs1Der,
    /// SEC1 PEM ("BEGIN EC PRIVATE KEY"), EC only
    Sec1,
    /// SEC1 DER, EC only
    Sec1Der,
    /// JSON Web Key
    Jwk,
    /// The public half: SubjectPublicKeyInfo PEM
    PublicPem,
    /// The public half: SubjectPublicKeyInfo DER
    PublicDer,
    /// The public half: JSON Web Key
    PublicJwk,
}

impl Form {
    fn is_public(self) -> bool {
        matches!(self, Self::PublicPem | Self::PublicDer | Self::PublicJwk)
    }

    /// The key in this format.
    fn encode(
        self,
        key: &PrivateKey,
        output_password: &OutputPassword,
    ) -> Result<Zeroizing<Vec<u8>>, Failure> {
        let text = |text: Zeroizing<String>| Zeroizing::new(text.as_bytes().to_vec());
        if let Some(password) = output_password.read()? {
            let failed = |error: EncryptError| Failure::from_error(Exit::Usage, &error);
            return match self {
                Self::Pkcs8 => {
                    let pem = key.to_encrypted_pkcs8_pem(&password, &OsIds);
                    Ok(Zeroizing::new(pem.map_err(failed)?.into_bytes()))
                }
                Self::Pkcs8Der => {
                    let der = key.to_encrypted_pkcs8_der(&password, &OsIds);
                    Ok(Zeroizing::new(der.map_err(failed)?))
                }
                _ => Err(
                    Failure::new(Exit::Usage, "only PKCS#8 can be encrypted with a password")
                        .hint("use --to pkcs8 or --to pkcs8-der"),
                ),
            };
        }
        let public = key.public_key();
        let made = match self {
            Self::Pkcs8 => Some(text(key.expose_pkcs8_pem())),
            Self::Pkcs8Der => Some(Zeroizing::new(key.expose_pkcs8_der().to_vec())),
            Self::Pkcs1 => key.expose_pkcs1_pem().map(text),
            Self::Pkcs1Der => key.expose_pkcs1_der(),
            Self::Sec1 => key.expose_sec1_pem().map(text),
            Self::Sec1Der => key.expose_sec1_der(),
            Self::Jwk => Some(text(key.expose_jwk())),
            Self::PublicPem => Some(Zeroizing::new(public.to_pem().into_bytes())),
            Self::PublicDer => Some(Zeroizing::new(public.spki_der().to_vec())),
            Self::PublicJwk => {
                let jwk = public.to_jwk();
                jwk.map(|jwk| Zeroizing::new(jwk.to_string().into_bytes()))
            }
        };
        made.ok_or_else(|| {
            let algorithm = public.algorithm();
            let message = format!("a key of type {algorithm} cannot be written in this format");
            Failure::new(Exit::Usage, message)
                .hint("--to pkcs8 works for every key; pkcs1 is for RSA, sec1 for EC")
        })
    }
}

impl Command {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Convert(_) => "key-convert",
        }
    }
}

pub(crate) fn run(context: &Context, command: Command) -> Result<Exit, Failure> {
    let name = command.name();
    match command {
        Command::Convert(arguments) => convert(context, name, &arguments),
    }
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Document {
    key: String,
    form: Form,
    encrypted: bool,
    algorithm: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    certificates: Option<String>,
}

fn convert(context: &Context, name: &str, arguments: &Convert) -> Result<Exit, Failure> {
    let identity = certificates::identity(&arguments.file, &arguments.input_password)?;
    let chain: String = identity
        .chain()
        .iter()
        .map(eca_attest::Certificate::to_pem)
        .collect();
    if arguments.cert_out.is_some() && chain.is_empty() {
        let message = format!(
            "{} holds no certificate for its key",
            arguments.file.display()
        );
        return Err(Failure::new(Exit::Usage, message).hint("omit --cert-out"));
    }
    let key = identity.key();
    let out = arguments.out.as_path();
    let made = arguments.to.encode(key, &arguments.output_password)?;
    let access = if arguments.to.is_public() {
        Access::Inherited
    } else {
        Access::Owner
    };
    let prints = out == Path::new("-");
    if prints && context.output.is_json() {
        return Err(
            Failure::new(Exit::Usage, "--json and --out - both use stdout")
                .hint("give a file: --out FILE"),
        );
    }
    let text = if prints {
        Some(std::str::from_utf8(&made).map_err(|_| {
            Failure::new(Exit::Usage, "DER is not text, and is not printed")
                .hint("give a file, --out FILE, or a text format, --to pkcs8")
        })?)
    } else {
        write::create(out, &made, access)?;
        None
    };
    if let Some(path) = &arguments.cert_out
        && let Err(failure) = write::create(path, chain.as_bytes(), Access::Inherited)
    {
        // Both files or none. This run made it.
        if !prints {
            let _ = std::fs::remove_file(out);
        }
        return Err(failure);
    }
    if let Some(text) = text {
        context.output.print_block(Style::Plain, text.trim_end());
        return Ok(Exit::Success);
    }
    let document = Document {
        key: out.display().to_string(),
        form: arguments.to,
        encrypted: arguments.output_password.is_given(),
        algorithm: key.public_key().algorithm().to_string(),
        certificates: arguments
            .cert_out
            .as_ref()
            .map(|path| path.display().to_string()),
    };
    context.output.document(name, Exit::Success, &document);
    let output = &context.output;
    let encrypted = if document.encrypted {
        ", encrypted"
    } else {
        ""
    };
    output.print(format_args!(
        "key          {} ({}{encrypted})",
        document.key, document.algorithm
    ));
    if let Some(certificates) = &document.certificates {
        output.print(format_args!("certificate  {certificates}"));
    }
    Ok(Exit::Success)
}
