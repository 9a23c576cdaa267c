//! `plaza set`

use clap::Args;
use serde_json::json;

use super::Report;
use crate::{
    app::App,
    care::deeds::{self, By, Chosen},
    error::{Error, Result},
    federation::fetches::{self, Fetches},
    groups::group::PLAZA,
    members::joining::{self, Mode},
    plaza::{self, pass_on::PassOn, store},
    quarantine::{self, store::Choice},
};

#[derive(Args)]
pub struct Set {
    /// What the plaza passes on the moment it is said: all, urgent (news that cannot wait) or digest (nothing: it waits for the
    /// next morning's post)
    #[arg(long, value_name = "all|urgent|digest")]
    pass_on: Option<String>,
    /// Who may make an account: open (anyone), welcomed (anyone; what they start is listed once somebody welcomes it) or invited
    #[arg(long, value_name = "open|welcomed|invited")]
    joining: Option<String>,
    /// What happens with servers that nobody here knows: welcome (they are heard like any other) or quarantine (what they say, but
    /// for following, is held until plaza host allow; those whose people follow now are let in)
    #[arg(long, value_name = "welcome|quarantine")]
    unknown_servers: Option<String>,
    /// Which servers get documents: open (all of them) or signed (those that sign what they ask for and are not blocked; actors,
    /// WebFinger and NodeInfo stay open, as do the pages)
    #[arg(long, value_name = "open|signed")]
    fetches: Option<String>,
}

impl Set {
    pub async fn run(self, app: &App) -> Result<Report> {
        let mut chosen = Chosen::default();
        if let Some(name) = self.pass_on {
            let choice = PassOn::by_name(&name)
                .ok_or_else(|| Error::invalid(format!("--pass-on cannot be {name:?}: say all, urgent or digest")))?;
            chosen.pass_on = Some(choice);
        }
        if let Some(name) = self.joining {
            let mode = Mode::by_name(&name)
                .ok_or_else(|| Error::invalid(format!("--joining cannot be {name:?}: say open, welcomed or invited")))?;
            chosen.joining = Some(mode);
        }
        if let Some(name) = self.unknown_servers {
            let choice = Choice::by_name(&name)
                .ok_or_else(|| Error::invalid(format!("--unknown-servers cannot be {name:?}: say welcome or quarantine")))?;
            chosen.unknown_servers = Some(choice);
        }
        if let Some(name) = self.fetches {
            let choice = Fetches::by_name(&name)
                .ok_or_else(|| Error::invalid(format!("--fetches cannot be {name:?}: say open or signed")))?;
            chosen.fetches = Some(choice);
        }
        let language = plaza::actions::language(app);
        app.act(move |conn, here| deeds::choose(conn, here, &By::default(), &chosen, &language)).await?;
        let mode = app.db.read(joining::mode).await?;
        let (choice, strangers, fetches) =
            app.db.read(|conn| Ok((store::choice(conn)?, quarantine::store::choice(conn)?, fetches::choice(conn)?))).await?;
        let plaza = format!("@{PLAZA}@{}", app.origin.authority());
        let text = format!(
            "pass-on: {}\n{plaza} {}\n\nunknown-servers: {}\n{}\n\njoining: {}\n{}\n\nfetches: {}\n{}",
            choice.name(),
            explained(choice),
            strangers.name(),
            explained_strangers(strangers),
            mode.name(),
            who_joins(mode),
            fetches.name(),
            who_gets(fetches)
        );
        let (uri, url) = (app.origin.group(PLAZA), format!("{}/@{PLAZA}", app.origin));
        let json = json!({
            "id": PLAZA, "uri": uri, "url": url, "pass_on": choice.name(), "unknown_servers": strangers.name(), "joining": mode.name(),
            "fetches": fetches.name(),
        });
        Ok(Report::new(text, json))
    }
}

fn explained_strangers(choice: Choice) -> &'static str {
    match choice {
        Choice::Welcome => "Every server is heard that is not blocked.",
        Choice::Quarantine => "What servers say that nobody here knows is held until they are let in: plaza host list.",
    }
}

fn who_gets(choice: Fetches) -> &'static str {
    match choice {
        Fetches::Open => "Every server gets documents.",
        Fetches::Signed => "Only servers that sign what they ask for and are not blocked get documents; pages stay open.",
    }
}

fn explained(choice: PassOn) -> &'static str {
    match choice {
        PassOn::All => "passes on all news and meetings at once, and posts each morning what is on.",
        PassOn::Urgent => "passes on urgent news at once, and posts each morning what is on and what was new.",
        PassOn::Digest => "passes nothing on at once, and posts each morning what is on and what was new.",
    }
}

fn who_joins(mode: Mode) -> &'static str {
    match mode {
        Mode::Open => "Anyone makes an account, and what they start is listed at once.",
        Mode::Welcomed => "Anyone makes an account; what they start is listed once somebody welcomes it.",
        Mode::Invited => "Whoever was invited makes an account: plaza member invite prints a link.",
    }
}
