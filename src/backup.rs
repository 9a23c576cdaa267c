//! Placeholder until the backup branch is merged; never committed.
#[derive(clap::Args)]
pub struct Lock {}
#[derive(clap::Args)]
pub struct Key {}
pub async fn write(_app: &crate::app::App, _file: &std::path::Path, _lock: &Lock) -> crate::error::Result<String> {
    Err(crate::error::Error::refused("-"))
}
pub async fn read(_c: &crate::config::Config, _f: &std::path::Path, _k: &Key) -> crate::error::Result<String> {
    Err(crate::error::Error::refused("-"))
}
