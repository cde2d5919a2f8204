//! The Galtea API over HTTP. This is the only file of the crate that opens a socket.

mod answer;
mod endpoint;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::SystemTime;

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER};
use reqwest::redirect::Policy;
use reqwest::{Client, Response, Url};
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt as _;
use secrecy::{ExposeSecret, SecretString};

use self::answer::Answer;
use self::endpoint::Endpoint;
use super::{ExportError, ExportFuture, Exported, Exporter};
use crate::config::{ApiSettings, BatchFormat};
use crate::encode::{self, Shape};
use crate::error::BuildError;
use crate::record::Batch;

const USER_AGENT: &str = concat!("galtea-rust/", env!("CARGO_PKG_VERSION"));
/// An answer repeats the traces it was sent. What is longer than this, beside four times the request, is not read on.
const ANSWER_BYTES: usize = 1024 * 1024;

/// Sends each batch in one request.
pub(crate) struct HttpExporter {
    client: Client,
    url: Url,
    shapes: Shapes,
}

/// Which shape of body to send first, and whether the other one is worth a try.
struct Shapes {
    envelope: AtomicBool,
    settled: bool,
}

impl Shapes {
    fn new(format: BatchFormat) -> Self {
        let envelope = AtomicBool::new(format == BatchFormat::Envelope);
        Self { envelope, settled: format != BatchFormat::Auto }
    }

    fn first(&self) -> Shape {
        if self.envelope.load(Ordering::Relaxed) { Shape::Envelope } else { Shape::Array }
    }

    /// The other shape, when the answer may be about the shape and not about the traces.
    fn second(&self, first: Shape, answer: &Answer) -> Option<Shape> {
        (!self.settled && matches!(answer.status, 400 | 422)).then_some(first.other())
    }

    fn remember(&self, shape: Shape) {
        self.envelope.store(shape == Shape::Envelope, Ordering::Relaxed);
    }
}

impl HttpExporter {
    pub(crate) fn new(settings: &ApiSettings) -> Result<Self, BuildError> {
        let endpoint = Endpoint::parse(&settings.base_url, &settings.allow_http)?;
        let client = client(&endpoint, &settings.key)?;
        Ok(Self { client, url: endpoint.url, shapes: Shapes::new(settings.batch_format) })
    }

    async fn send(&self, batch: &Batch) -> Result<Exported, ExportError> {
        let first = self.shapes.first();
        let answer = self.post(batch, first).await?;
        let Some(second) = self.shapes.second(first, &answer) else { return answer.read(batch) };
        let again = self.post(batch, second).await?;
        if again.is_success() {
            self.shapes.remember(second);
            return again.read(batch);
        }
        // Neither shape was taken, so it is about the traces. The shape that has worked before has the better words.
        if again.is_final() { answer.read(batch) } else { again.read(batch) }
    }

    async fn post(&self, batch: &Batch, shape: Shape) -> Result<Answer, ExportError> {
        let body = encode::body(batch, shape);
        let limit = body.len().saturating_mul(4).saturating_add(ANSWER_BYTES);
        let request = self.client.post(self.url.clone()).body(body);
        let response = request.send().await.map_err(|error| broken(&error))?;
        read(response, limit).await.map_err(|error| broken(&error))
    }
}

impl Exporter for HttpExporter {
    fn export<'a>(&'a self, batch: &'a Batch) -> ExportFuture<'a> {
        Box::pin(self.send(batch))
    }
}

async fn read(mut response: Response, limit: usize) -> Result<Answer, reqwest::Error> {
    let status = response.status().as_u16();
    let retry_after = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
    let retry_after = retry_after.and_then(|text| answer::retry_after(text, SystemTime::now()));
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if body.len() + chunk.len() > limit {
            body.clear();
            break;
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Answer { status, retry_after, body })
}

/// The request did not get through, or its answer did not come back whole: whether the server has the traces is not
/// known, and the same ids can be sent again.
fn broken(error: &reqwest::Error) -> ExportError {
    ExportError::retry(if error.is_connect() {
        "no connection to the API; check the network and the base URL"
    } else if error.is_timeout() {
        "the API took too long"
    } else {
        "the connection to the API broke"
    })
}

fn client(endpoint: &Endpoint, key: &SecretString) -> Result<Client, BuildError> {
    let builder = Client::builder()
        .tls_backend_preconfigured(tls(endpoint)?)
        .default_headers(headers(key)?)
        .user_agent(USER_AGENT)
        .redirect(Policy::none());
    // A proxy is another machine: what may go to loopback in the clear may not go there.
    let builder = if endpoint.is_loopback { builder.no_proxy() } else { builder };
    builder.build().map_err(|error| BuildError::Http(error.into()))
}

fn headers(key: &SecretString) -> Result<HeaderMap, BuildError> {
    let value = HeaderValue::from_str(&format!("Bearer {}", key.expose_secret()));
    let mut bearer =
        value.map_err(|_| BuildError::MalformedKey("it has a blank or another character that no key has"))?;
    bearer.set_sensitive(true);
    let json = HeaderValue::from_static("application/json");
    Ok(HeaderMap::from_iter([(AUTHORIZATION, bearer), (CONTENT_TYPE, json)]))
}

/// The provider is named here, so that nothing depends on a default of the whole process, and none is installed.
fn tls(endpoint: &Endpoint) -> Result<ClientConfig, BuildError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let http = |error: rustls::Error| BuildError::Http(error.into());
    let versions =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().map_err(http)?;
    // Reading the system's certificates takes time, and fails where there are none.
    if !endpoint.is_https() {
        return Ok(versions.with_root_certificates(RootCertStore::empty()).with_no_client_auth());
    }
    Ok(versions.with_platform_verifier().map_err(http)?.with_no_client_auth())
}

#[cfg(test)]
mod tests;
