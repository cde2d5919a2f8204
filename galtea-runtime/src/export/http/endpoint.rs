//! The address that batches are posted to.

use std::net::IpAddr;

use reqwest::Url;

use crate::error::BuildError;

const PATH: &str = "/traces/batch";
/// Asks for the traces that were refused, one by one.
const QUERY: &str = "includeRejected=true";
const NO_SCHEME: &str = "it does not begin with `https://`";

#[derive(Debug)]
pub(super) struct Endpoint {
    pub(super) url: Url,
    pub(super) is_loopback: bool,
}

impl Endpoint {
    pub(super) fn parse(base: &str, allow_http: &[String]) -> Result<Self, BuildError> {
        let mut url =
            Url::parse(base.trim()).map_err(|error| unusable(base, &why(base, &error.to_string())))?;
        check_parts(&url)?;
        let host = url.host_str().unwrap_or_default();
        let is_loopback = is_loopback(host);
        let allowed = is_loopback || allow_http.iter().any(|allowed| allowed.eq_ignore_ascii_case(host));
        if url.scheme() == "http" && !allowed {
            return Err(BuildError::PlainHttp { host: host.to_owned() });
        }
        let path = format!("{}{PATH}", url.path().trim_end_matches('/'));
        url.set_path(&path);
        url.set_query(Some(QUERY));
        Ok(Self { url, is_loopback })
    }

    pub(super) fn is_https(&self) -> bool {
        self.url.scheme() == "https"
    }
}

/// A host alone is the usual slip, and the parser's words for it help nobody.
fn why(base: &str, parser: &str) -> String {
    if base.contains("://") { parser.to_owned() } else { NO_SCHEME.to_owned() }
}

fn check_parts(url: &Url) -> Result<(), BuildError> {
    let wrong = if !matches!(url.scheme(), "http" | "https") {
        NO_SCHEME
    } else if !url.username().is_empty() || url.password().is_some() {
        "it holds a user name or a password; the API key goes to `api_key`"
    } else if url.query().is_some() || url.fragment().is_some() {
        "it has a part after `?` or `#`"
    } else {
        return Ok(());
    };
    Err(unusable(url.as_str(), wrong))
}

/// What stands before an `@` may be a password: it stays out of the error.
fn unusable(url: &str, reason: &str) -> BuildError {
    let shown = match url.rsplit_once('@') {
        Some((_, rest)) => format!("…@{rest}"),
        None => url.to_owned(),
    };
    BuildError::BaseUrl { url: shown, reason: reason.to_owned() }
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || address.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(base: &str) -> String {
        Endpoint::parse(base, &[]).unwrap().url.to_string()
    }

    fn error(base: &str) -> String {
        Endpoint::parse(base, &[]).unwrap_err().to_string()
    }

    #[test]
    fn the_path_is_added_to_any_prefix_with_or_without_a_slash() {
        assert_eq!(url("https://api.galtea.ai"), "https://api.galtea.ai/traces/batch?includeRejected=true");
        assert_eq!(url("https://api.galtea.ai/"), url("https://api.galtea.ai"));
        assert_eq!(
            url("https://x.example/api/v2/"),
            "https://x.example/api/v2/traces/batch?includeRejected=true"
        );
    }

    #[test]
    fn what_is_no_http_url_is_an_error_that_shows_one() {
        for base in ["api.galtea.ai", "", "ftp://api.galtea.ai", "https://", "https://a.example?x=1"] {
            assert!(error(base).contains("such as `https://api.galtea.ai`"), "{base}");
        }
    }

    #[test]
    fn a_password_in_the_url_is_an_error_that_does_not_show_it() {
        for base in
            ["https://me:hunter2@a.example", "ftp://me:hunter2@a.example", "https://me:hunter2@a.example:x/"]
        {
            assert!(!error(base).contains("hunter2"), "{}", error(base));
        }
    }

    #[test]
    fn plain_http_is_for_loopback_and_hosts_that_are_named() {
        for base in ["http://localhost:80", "http://127.0.0.1:8080/x", "http://127.9.9.9", "http://[::1]:1"] {
            assert!(Endpoint::parse(base, &[]).unwrap().is_loopback, "{base}");
        }
        for base in ["http://api.galtea.ai", "http://10.0.0.1", "http://localhost.example", "http://0.0.0.0"]
        {
            assert!(error(base).contains("allow_http"), "{base}");
        }
        let allowed = ["Collector.internal".to_owned()];
        assert!(Endpoint::parse("http://collector.internal:4000", &allowed).is_ok());
        assert!(Endpoint::parse("http://other.internal", &allowed).is_err());
    }
}
