//! The API key with which commands call a server: where it is found. It never comes from the command line or from a
//! variable, where other programs could read it.

use std::env;
use std::fs::File;
use std::io::{self, Read, stdin};
use std::path::Path;

use anyhow::{Context, anyhow};
use tonic::metadata::{Ascii, MetadataValue};
use zeroize::Zeroizing;

use crate::access::key::ApiKeyText;

/// The name of the credential that systemd may have put into a folder for the process (systemd.exec(5)).
const CREDENTIAL: &str = "clientele-api-key";
/// Far more than a key has: whatever else the file is, it is not read whole.
const MAX_BYTES: u64 = 4096;

/// Returns the header of a key from this file (`-` is standard input), or else from the credential; `None` if there is
/// neither.
pub(crate) fn find(file: Option<&Path>) -> anyhow::Result<Option<MetadataValue<Ascii>>> {
    let credential = env::var_os("CREDENTIALS_DIRECTORY")
        .map(|folder| Path::new(&folder).join(CREDENTIAL))
        .filter(|path| path.exists());
    let Some(path) = file.or(credential.as_deref()) else {
        return Ok(None);
    };
    let told = match path.to_str() {
        Some("-") => "standard input".to_owned(),
        _ => path.display().to_string(),
    };
    let text = match path.to_str() {
        Some("-") => read(stdin().lock()),
        _ => File::open(path).and_then(read),
    };
    let text = text.with_context(|| format!("the API key cannot be read from {told}"))?;
    let key = ApiKeyText::read(&text).ok_or_else(|| {
        anyhow!(
            "{told} has no API key: expected one line that begins with clt_, complete and unchanged"
        )
    })?;
    header(&key).map(Some)
}

/// Makes the header of a key. It is marked as a secret, so that it is left out of what HTTP/2 remembers of a connection.
fn header(key: &ApiKeyText) -> anyhow::Result<MetadataValue<Ascii>> {
    let text = Zeroizing::new(format!("Bearer {}", key.reveal()));
    let mut header: MetadataValue<Ascii> = text.parse().context("a key is ASCII")?;
    header.set_sensitive(true);
    Ok(header)
}

fn read(from: impl Read) -> io::Result<Zeroizing<String>> {
    let mut text = Zeroizing::new(String::with_capacity(MAX_BYTES as usize + 1));
    from.take(MAX_BYTES).read_to_string(&mut text)?;
    Ok(text)
}
