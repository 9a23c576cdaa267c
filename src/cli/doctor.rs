//! `plaza doctor`

use serde_json::json;

use super::Report;
use crate::{
    clock::Clock,
    config::Config,
    doctor::{self, Grade},
};

pub async fn run(config: &Config) -> Report {
    let findings = doctor::examine(config, &Clock::system()).await;
    let worst = findings.iter().map(|finding| finding.grade).max().unwrap_or(Grade::Ok);
    let lines: Vec<String> = findings.iter().map(ToString::to_string).collect();
    let mut report = Report::new(lines.join("\n"), json!({ "grade": worst, "findings": findings }));
    report.bad = worst == Grade::Bad;
    report
}
