//! Opening the place where pictures are kept: a folder, or a bucket with the usual `AWS_…` variables.

use std::{sync::Arc, time::Duration};

use object_store::{
    ClientOptions, ObjectStore, RetryConfig,
    aws::{AmazonS3Builder, AmazonS3ConfigKey},
    local::LocalFileSystem,
    prefix::PrefixStore,
};
use url::{Host, Url};

use crate::{
    config::MediaPlace,
    error::{Error, Result},
};

/// Whoever looks at a page waits no longer for its pictures.
const PATIENCE: Duration = Duration::from_secs(20);

/// The store, and its place as people write it.
pub fn open(place: &MediaPlace) -> Result<(Arc<dyn ObjectStore>, String)> {
    match place {
        MediaPlace::Folder(folder) => {
            let shown = folder.display().to_string();
            let store = LocalFileSystem::new_with_prefix(folder)
                .map_err(|error| Error::refused(format!("pictures cannot be kept in {shown}: {error}")))?;
            Ok((Arc::new(store.with_fsync(true)), shown))
        }
        MediaPlace::S3 { bucket, prefix } => {
            let shown = format!("s3://{bucket}/{prefix}");
            let store = s3(AmazonS3Builder::from_env(), bucket)?;
            Ok((if prefix.is_empty() { store } else { Arc::new(PrefixStore::new(store, prefix.as_str())) }, shown))
        }
    }
}

/// `given` holds what the environment says.
pub fn s3(given: AmazonS3Builder, bucket: &str) -> Result<Arc<dyn ObjectStore>> {
    let value = |key| given.get_config_value(&key).filter(|value| !value.is_empty());
    if value(AmazonS3ConfigKey::AccessKeyId).is_none() || value(AmazonS3ConfigKey::SecretAccessKey).is_none() {
        return Err(Error::refused("PLAZA_MEDIA begins with s3: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, too"));
    }
    let endpoint = value(AmazonS3ConfigKey::S3Endpoint).or_else(|| value(AmazonS3ConfigKey::Endpoint));
    let plain = endpoint.as_deref().map(is_plain_http).transpose()?.unwrap_or(false);
    let patience = ClientOptions::new().with_timeout(PATIENCE).with_connect_timeout(Duration::from_secs(5));
    let store = given
        .with_bucket_name(bucket)
        .with_client_options(patience.with_allow_http(plain))
        .with_allow_http(plain)
        // one file at a time is all we take away, and not every store knows the other way
        .with_disable_bulk_delete(true)
        .with_retry(RetryConfig { max_retries: 2, retry_timeout: PATIENCE, ..RetryConfig::default() })
        .build()
        .map_err(|error| Error::refused(format!("pictures cannot be kept in the bucket {bucket:?}: {error}")))?;
    Ok(Arc::new(store))
}

/// Plain http only on this machine: keys and pictures would be there for everyone on the way.
fn is_plain_http(endpoint: &str) -> Result<bool> {
    let wrong = || {
        Error::refused(format!("AWS_ENDPOINT_URL cannot be {endpoint:?}: write https://HOST, or http:// on this machine only"))
    };
    let url = Url::parse(endpoint).map_err(|_| wrong())?;
    let here = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    match url.scheme() {
        "https" => Ok(false),
        "http" if here => Ok(true),
        _ => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given() -> AmazonS3Builder {
        AmazonS3Builder::new().with_access_key_id("key").with_secret_access_key("secret")
    }

    #[test]
    fn plain_http_is_for_this_machine_only() {
        for right in ["https://s3.example", "http://127.0.0.1:9000", "http://localhost:9000", "http://[::1]:9000"] {
            assert!(s3(given().with_endpoint(right), "plaza").is_ok(), "{right}");
        }
        for wrong in [
            "http://s3.example",
            "http://10.0.0.5:9000",
            "http://127.0.0.1.example",
            "http://localhost.example",
            "ftp://s3.example",
            "s3",
        ] {
            // whatever AWS_ALLOW_HTTP says
            let refused = s3(given().with_endpoint(wrong).with_allow_http(true), "plaza").err().map(|error| error.to_string());
            assert!(refused.is_some_and(|sentence| sentence.contains("https://HOST")), "{wrong}");
        }
    }

    #[test]
    fn without_keys_nothing_is_asked_of_anybody() {
        let none = AmazonS3Builder::new().with_endpoint("https://s3.example");
        assert!(s3(none, "plaza").is_err_and(|error| error.to_string().contains("AWS_ACCESS_KEY_ID")));
    }
}
