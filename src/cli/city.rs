//! What the place says about itself, on the command line.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{Report, text_or_file};
use crate::{
    app::App,
    care::deeds::{self, By, Chosen},
    city::charter::{self, Charter},
    error::Result,
    plaza,
};

#[derive(Subcommand)]
pub enum Command {
    /// Say what the place stands for and how to reach whoever looks after it; shown at /about
    Set(Set),
    /// What it says now
    Show,
}

/// What is not given stays as it is; an empty text takes it away.
#[derive(Args)]
#[group(required = true, multiple = true)]
pub struct Set {
    /// What the place stands for, Markdown; @FILE reads a file, @- standard input
    #[arg(long, value_name = "TEXT|@FILE")]
    principles: Option<String>,
    /// How to reach the caretakers, Markdown
    #[arg(long, value_name = "TEXT|@FILE")]
    contact: Option<String>,
    /// Address of the source code of the program that runs here, which its licence owes to whoever uses it
    #[arg(long, value_name = "URL")]
    source: Option<String>,
}

impl Command {
    pub async fn run(self, app: &App) -> Result<Report> {
        match self {
            Self::Set(set) => set.run(app).await,
            Self::Show => {
                let charter = app.db.read(|conn| Ok(charter::read(conn)?)).await?;
                Ok(Report::new(written(&charter), described(app, &charter)))
            }
        }
    }
}

impl Set {
    async fn run(self, app: &App) -> Result<Report> {
        let given = |text: Option<String>| text.map(|text| text_or_file(&text)).transpose();
        let (principles, contact, source) = (given(self.principles)?, given(self.contact)?, self.source);
        let language = plaza::actions::language(app);
        let deed = move |conn: &mut crate::db::Conn, here: &crate::app::Here| {
            let kept = charter::read(conn)?;
            let one = |new: &Option<String>, kept: String| new.as_ref().map_or(kept, |text| text.trim().to_owned());
            let charter = Charter {
                principles: one(&principles, kept.principles),
                contact: one(&contact, kept.contact),
                source: one(&source, kept.source),
            };
            let chosen = Chosen { charter: Some(charter.clone()), ..Chosen::default() };
            deeds::choose(conn, here, &By::default(), &chosen, &language)?;
            Ok(charter)
        };
        let charter = app.act(deed).await?;
        Ok(Report::new(format!("Said at {}", app.origin.url("/about")), described(app, &charter)))
    }
}

fn written(charter: &Charter) -> String {
    let said = |text: &str| if text.is_empty() { "nothing yet: see plaza city set --help".to_owned() } else { text.to_owned() };
    let Charter { principles, contact, source } = charter;
    format!("Principles\n{}\n\nContact\n{}\n\nSource code\n{}", said(principles), said(contact), said(source))
}

fn described(app: &App, charter: &Charter) -> Value {
    let page = app.origin.url("/about");
    json!({
        "id": page, "uri": app.origin.instance(), "url": page,
        "principles": charter.principles, "contact": charter.contact, "source": charter.source,
    })
}
