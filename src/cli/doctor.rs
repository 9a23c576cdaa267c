//! `plaza doctor`

use serde_json::json;

use super::Report;
use crate::{
    clock::Clock,
    config::Config,
    doctor::{self, Grade},
    words::Words,
};

pub async fn run(config: &Config) -> Report {
    let (findings, language) = doctor::visit(config, &Clock::system()).await;
    let words = Words::of(&language.map(|language| language.to_string()).unwrap_or_default());
    let worst = findings.iter().map(|finding| finding.grade).max().unwrap_or(Grade::Ok);
    let lines: Vec<String> = findings.iter().map(|finding| finding.line(&words)).collect();
    let mut report = Report::new(lines.join("\n"), json!({ "grade": worst, "findings": findings }));
    report.bad = worst == Grade::Bad;
    report
}
