//! The command line: what is typed, and what it answers.

mod announcements;
mod blocks;
mod city;
mod demo;
mod doctor;
mod groups;
mod healthy;
mod imports;
mod joint;
mod meetings;
mod members;
mod metrics;
mod minutes;
mod organizers;
mod others;
mod pictures;
mod places;
mod replies;
mod reports;
mod series;
mod serve;
mod set;
mod sisters;
mod suggestions;

use std::{fmt::Write as _, process::ExitCode};

use clap::{Parser, Subcommand};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    app::App,
    clock::Clock,
    config::{Config, Settings},
    desk,
    error::{Error, Result},
    logs,
    origin::Local,
    text::{self, Mention},
};

/// A federated city for working groups: meetings and announcements that reach other cities and the whole Fediverse.
#[derive(Parser)]
#[command(name = "plaza", version, propagate_version = true, max_term_width = 110)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
    /// Print one JSON document instead of text
    #[arg(long, global = true)]
    json: bool,
    #[command(flatten)]
    settings: Settings,
}

#[derive(Subcommand)]
enum Command {
    /// Run the city: answer the web and deliver what is said
    Serve,
    /// Two cities on this machine with groups, meetings and news, to look around in
    Demo(demo::Demo),
    /// Working groups: create, edit, list, show, close
    #[command(subcommand)]
    Group(groups::Command),
    /// Meetings: schedule, edit, move, cancel, list, show, answers
    #[command(subcommand)]
    Meeting(meetings::Command),
    /// Meetings that recur: list, show, edit, except, include, end; `plaza meeting schedule --every` begins one
    #[command(subcommand)]
    Series(series::Command),
    /// Notes of meetings: template, publish, edit, delete, show, list
    #[command(subcommand)]
    Minutes(minutes::Command),
    /// Take in a calendar that is kept elsewhere: import GROUP FILE|URL, list, stop
    Import(imports::Import),
    /// Places where groups meet: add, edit, list, show, remove
    #[command(subcommand)]
    Place(places::Command),
    /// Say something as a group
    Announce(announcements::Announce),
    /// Announcements: edit, delete, list, show
    #[command(subcommand)]
    Announcement(announcements::Command),
    /// What the place says about itself: principles, contact
    #[command(subcommand)]
    City(city::Command),
    /// Accounts: list, caretaker, recover, invite, delete, start-link
    #[command(subcommand)]
    Member(members::Command),
    /// Who follows a group
    Followers(others::Followers),
    /// Groups of other cities that a group hears
    #[command(subcommand)]
    Sister(sisters::Sister),
    /// Pass on to a group's followers what somebody of another server said
    PassOn(sisters::PassOn),
    /// Neither hear nor reach a host or an actor any more
    Block(blocks::Block),
    /// Servers that were let in, or whose words are looked at first
    #[command(subcommand)]
    Host(blocks::Host),
    /// What people on other servers say to a group: let through, hide, answer, refuse
    #[command(subcommand)]
    Reply(replies::Command),
    /// What somebody asks to look at: list, show, close; and ask another server
    #[command(subcommand)]
    Report(reports::Command),
    /// What people without an account suggest to a group: list, show, drop
    #[command(subcommand)]
    Suggestion(suggestions::Command),
    /// What waits to be delivered
    #[command(subcommand)]
    Queue(others::Queue),
    /// Ask the server of these settings whether it answers
    Healthy,
    /// Write everything into one encrypted file
    Backup(others::Backup),
    /// Make a city of a backup, in an empty place
    Restore(others::Restore),
    /// How the city is: one line for each thing that has to be right, and what to do where it is not
    Doctor,
    /// What the place chooses: without arguments, what holds now
    Set(set::Set),
    /// The address under which everyone reaches this city
    #[command(subcommand)]
    Origin(others::Origin),
}

/// What a command answers, for people and for programs.
pub struct Report {
    pub text: String,
    pub json: Value,
    /// Something is wrong: said on standard output all the same, with exit status 1.
    pub bad: bool,
}

impl Report {
    pub fn new(text: impl Into<String>, json: Value) -> Self {
        Self { text: text.into(), json, bad: false }
    }

    /// One line each, and a list.
    pub fn list<T>(items: &[T], empty: &str, line: impl Fn(&T) -> String, json: impl Fn(&T) -> Value) -> Self {
        let mut text = String::new();
        for item in items {
            let _ = writeln!(text, "{}", line(item));
        }
        if items.is_empty() {
            text.push_str(empty);
        }
        Self::new(text.trim_end(), items.iter().map(json).collect())
    }

    fn shown(&self, json: bool) -> String {
        if json { text::json_for_terminals(&self.json.to_string()) } else { self.text.clone() }
    }
}

/// Runs what was typed. Exit status 0; 1 when it was refused or broke, with the reason on standard error; 2 for wrong usage.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    let settings = match cli.command {
        Command::Demo(_) => demo::settings(&cli.settings),
        _ => cli.settings,
    };
    let config = match settings.check() {
        Ok(config) => config,
        Err(sentence) => {
            eprintln!("plaza: {sentence}");
            return ExitCode::from(2);
        }
    };
    start_logging(&config, matches!(cli.command, Command::Serve | Command::Demo(_)));
    let impatient = matches!(cli.command, Command::Doctor);
    let outcome = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Error::from).and_then(|runtime| {
        let outcome = runtime.block_on(obey(cli.command, config, cli.json));
        if impatient {
            // a name server that does not answer is not waited for
            runtime.shutdown_background();
        }
        outcome
    });
    match outcome {
        Ok(report) => {
            print_line(&report.shown(cli.json));
            if report.bad { ExitCode::FAILURE } else { ExitCode::SUCCESS }
        }
        Err(error) => {
            eprintln!("plaza: {}", text::for_terminals(&error.to_string()));
            if matches!(error, Error::Invalid(_)) { ExitCode::from(2) } else { ExitCode::FAILURE }
        }
    }
}

/// Shows it, and has the terminal obey nothing of it. A reader that went away (`plaza … | head`) is no failure.
fn print_line(text: &str) {
    use std::io::Write;
    if !text.is_empty() {
        let _ = writeln!(std::io::stdout(), "{}", text::for_terminals(text));
    }
}

fn start_logging(config: &Config, serving: bool) {
    // the web server counts its threads at info; a host has no use for that
    let filter = if serving { format!("actix_server=warn,{}", config.log) } else { "warn".to_owned() };
    logs::start(&filter, config.log_format);
    if serving {
        logs::log_panics();
    }
}

async fn obey(command: Command, config: Config, json: bool) -> Result<Report> {
    match command {
        Command::Serve => serve::run(config).await,
        Command::Healthy => healthy::run(config).await,
        Command::Demo(demo) => demo.run(json).await,
        Command::Restore(restore) => restore.run(config).await,
        Command::Doctor => Ok(doctor::run(&config).await),
        Command::Origin(origin) => origin.run(config).await,
        other => obey_in(&App::open(config, Clock::system()).await?, other).await,
    }
}

/// What is done in a city that is open.
async fn obey_in(app: &App, command: Command) -> Result<Report> {
    match command {
        Command::Group(command) => command.run(app).await,
        Command::Meeting(command) => command.run(app).await,
        Command::Series(command) => command.run(app).await,
        Command::Minutes(command) => command.run(app).await,
        Command::Import(import) => import.run(app).await,
        Command::Place(command) => command.run(app).await,
        Command::Announce(command) => command.run(app).await,
        Command::Announcement(command) => command.run(app).await,
        Command::City(command) => command.run(app).await,
        Command::Member(command) => command.run(app).await,
        Command::Followers(command) => command.run(app).await,
        Command::Sister(command) => command.run(app).await,
        Command::PassOn(pass_on) => pass_on.run(app).await,
        Command::Block(command) => command.run(app).await,
        Command::Host(command) => command.run(app).await,
        Command::Reply(command) => command.run(app).await,
        Command::Report(command) => command.run(app).await,
        Command::Suggestion(command) => command.run(app).await,
        Command::Queue(command) => command.run(app).await,
        Command::Backup(command) => command.run(app).await,
        Command::Set(command) => command.run(app).await,
        Command::Serve | Command::Healthy | Command::Doctor | Command::Demo(_) | Command::Restore(_) | Command::Origin(_) => {
            Err(Error::invalid("this command opens a city by itself"))
        }
    }
}

/// An id as people have it at hand: the UUID, the ActivityPub id or the address of the page.
fn read_id(app: &App, text: &str) -> Result<Uuid> {
    if let Ok(id) = Uuid::parse_str(text) {
        return Ok(id);
    }
    match text.parse().ok().and_then(|url| app.origin.local(&url)) {
        Some(Local::Event(id) | Local::Series(id) | Local::Note(id) | Local::Minutes(id)) => Ok(id),
        _ => Err(Error::invalid(format!("{text:?} is not an id: give the one that the command printed, or the page's address"))),
    }
}

/// Text as it is, or, after an @, the text of a file (`@-`: standard input).
fn text_or_file(text: &str) -> Result<String> {
    match text.strip_prefix('@') {
        Some(file) if file == "-" || !file.contains(['@', '\n', ' ']) => read_file(file),
        _ => Ok(text.to_owned()),
    }
}

fn read_file(path: &str) -> Result<String> {
    let unreadable = |e: std::io::Error| Error::invalid(format!("{path:?} cannot be read: {e}"));
    if path == "-" {
        std::io::read_to_string(std::io::stdin()).map_err(unreadable)
    } else {
        std::fs::read_to_string(path).map_err(unreadable)
    }
}

/// Finds out who is mentioned. Whoever cannot be found stays plain text, and the writer is told.
async fn resolve_mentions(app: &App, text: &str) -> Vec<Mention> {
    let (found, strangers) = desk::mentions::find(app, text).await;
    for (handle, why) in strangers {
        eprintln!("plaza: @{handle} stays plain text: {why}");
    }
    found
}
