//! A headless Chromium, spoken to through its driver (W3C WebDriver, and the browser's own devtools protocol).
//! Knows nothing of what is looked at.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::PathBuf,
    process::{Child, ChildStdout, Command, Stdio},
    time::{Duration, Instant},
};

use base64::{Engine, prelude::BASE64_STANDARD};
use reqwest::Method;
use serde_json::{Value, json};

/// Keys as WebDriver names them.
pub const TAB: char = '\u{E004}';
pub const SHIFT: char = '\u{E008}';
pub const ENTER: char = '\u{E007}';

/// Of the part of the window that shows the page, in CSS pixels.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    pub width: u32,
    pub height: u32,
    pub is_phone: bool,
}

pub const PHONE: Size = Size { width: 360, height: 800, is_phone: true };
pub const DESK: Size = Size { width: 1280, height: 900, is_phone: false };

/// The program that drives Chromium: the one named by `PLAZA_CHROMEDRIVER`, else the first on the path.
pub fn driver() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("PLAZA_CHROMEDRIVER") {
        return Some(named.into());
    }
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join("chromedriver")).find(|program| program.is_file())
}

/// A browser with a profile of its own; both end when it is dropped.
pub struct Browser {
    process: Child,
    /// Kept open: the driver must be able to write to it.
    _output: BufReader<ChildStdout>,
    port: u16,
    session: String,
    http: reqwest::Client,
    /// The profile, and whatever else the browser writes.
    _folder: tempfile::TempDir,
}

impl Browser {
    /// `languages` are the reader's, the favourite first, as in `es-MX,es`.
    pub async fn open(driver: PathBuf, languages: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut process = Command::new(&driver)
            .arg("--port=0")
            .env_clear()
            .env("PATH", std::env::var("PATH").unwrap_or_default())
            .env("HOME", folder.path())
            .env("TMPDIR", folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("{} does not start: {error}", driver.display()));
        let mut output = BufReader::new(process.stdout.take().expect("piped"));
        let port = announced_port(&mut output);
        let http = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(30)).build().expect("a client");
        let profile = folder.path().join("profile").display().to_string();
        let mut browser = Self { process, _output: output, port, session: String::new(), http, _folder: folder };
        let answer = browser.ask(Method::POST, "/session", capabilities(&profile, languages)).await;
        browser.session = answer["sessionId"].as_str().expect("a session").to_owned();
        // away from the browser's own first page, and from what it asked for
        browser.go("about:blank").await;
        browser.requests().await;
        browser
    }

    async fn ask(&self, method: Method, path: &str, body: Value) -> Value {
        let address = format!("http://127.0.0.1:{}{path}", self.port);
        let request = self.http.request(method, address).header("content-type", "application/json").body(body.to_string());
        let bytes = request.send().await.expect("the driver answers").bytes().await.expect("an answer");
        let mut answer: Value = serde_json::from_slice(&bytes).expect("JSON");
        let value = answer["value"].take();
        assert!(value["error"].is_null(), "{path}: {} {}", value["error"], value["message"]);
        value
    }

    async fn command(&self, name: &str, body: Value) -> Value {
        self.ask(Method::POST, &format!("/session/{}/{name}", self.session), body).await
    }

    /// Opens the page, and waits until all of it is loaded.
    pub async fn go(&self, address: &str) {
        self.command("url", json!({ "url": address })).await;
    }

    pub async fn address(&self) -> String {
        let address = self.run("return location.href", json!([])).await;
        address.as_str().expect("an address").to_owned()
    }

    /// What a function with this body returns in the page, also where the page's own scripts are off.
    pub async fn run(&self, script: &str, arguments: Value) -> Value {
        self.command("execute/sync", json!({ "script": script, "args": arguments })).await
    }

    /// The same of a function whose last argument is to be called with the outcome.
    pub async fn run_until_called(&self, script: &str, arguments: Value) -> Value {
        self.command("execute/async", json!({ "script": script, "args": arguments })).await
    }

    /// A command of the Chrome devtools protocol.
    pub async fn devtools(&self, command: &str, parameters: Value) -> Value {
        self.command("goog/cdp/execute", json!({ "cmd": command, "params": parameters })).await
    }

    pub async fn resize(&self, size: Size) {
        let metrics = json!({ "width": size.width, "height": size.height, "deviceScaleFactor": 1, "mobile": size.is_phone });
        self.devtools("Emulation.setDeviceMetricsOverride", metrics).await;
    }

    /// `light` or `dark`, as the reader's system wishes it.
    pub async fn prefer(&self, scheme: &str) {
        let features = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        self.devtools("Emulation.setEmulatedMedia", features).await;
    }

    /// Presses these keys together, as a person does.
    pub async fn press(&self, keys: &[char]) {
        let down = keys.iter().map(|key| json!({ "type": "keyDown", "value": key }));
        let up = keys.iter().rev().map(|key| json!({ "type": "keyUp", "value": key }));
        let actions: Vec<Value> = down.chain(up).collect();
        self.command("actions", json!({ "actions": [{ "type": "key", "id": "keyboard", "actions": actions }] })).await;
    }

    /// What was written to the console since the last call, as `level message`.
    pub async fn console(&self) -> Vec<String> {
        let entries = self.log("browser").await;
        entries.iter().map(|entry| format!("{} {}", entry["level"], entry["message"])).collect()
    }

    /// The addresses asked for since the last call, whether they were answered or not.
    pub async fn requests(&self) -> Vec<String> {
        let entries = self.log("performance").await;
        let events = entries.iter().filter_map(|entry| serde_json::from_str::<Value>(entry["message"].as_str()?).ok());
        let asked = events.filter(|event| event["message"]["method"] == "Network.requestWillBeSent");
        asked.filter_map(|event| event["message"]["params"]["request"]["url"].as_str().map(str::to_owned)).collect()
    }

    async fn log(&self, kind: &str) -> Vec<Value> {
        self.command("se/log", json!({ "type": kind })).await.as_array().expect("a log").clone()
    }

    /// The page on paper; PDF.
    pub async fn print(&self, parameters: Value) -> Vec<u8> {
        let printed = self.devtools("Page.printToPDF", parameters).await;
        BASE64_STANDARD.decode(printed["data"].as_str().expect("a document")).expect("base64")
    }

    /// The whole page, also what has to be scrolled to; PNG.
    pub async fn picture(&self) -> Vec<u8> {
        let shot = self.devtools("Page.captureScreenshot", json!({ "captureBeyondViewport": true })).await;
        BASE64_STANDARD.decode(shot["data"].as_str().expect("a picture")).expect("base64")
    }
}

/// The driver takes a free port and says which.
fn announced_port(output: &mut impl BufRead) -> u16 {
    let mut said = String::new();
    while output.read_line(&mut said).expect("a line") > 0 {
        let last = said.lines().last().unwrap_or_default();
        if let Some((_, port)) = last.split_once("started successfully on port ") {
            return port.trim_end_matches('.').parse().expect("a port");
        }
    }
    panic!("the driver did not start: {said}");
}

/// Nothing but the page under test may cause traffic: no updates, no proxy, and no name is looked up.
fn capabilities(profile: &str, languages: &str) -> Value {
    json!({ "capabilities": { "alwaysMatch": {
        "pageLoadStrategy": "normal",
        "goog:loggingPrefs": { "browser": "ALL", "performance": "ALL" },
        "goog:chromeOptions": {
            "args": [
                "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic", "--no-first-run",
                "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-proxy-server",
                "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
                format!("--user-data-dir={profile}"),
            ],
            "prefs": { "intl.accept_languages": languages },
        },
    } } })
}

impl Drop for Browser {
    /// The driver closes the browser before it ends itself; were it killed at once, the browser would stay.
    fn drop(&mut self) {
        let asked = TcpStream::connect(("127.0.0.1", self.port)).and_then(|mut driver| {
            driver.set_read_timeout(Some(Duration::from_secs(10)))?;
            write!(driver, "GET /shutdown HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nConnection: close\r\n\r\n", self.port)?;
            driver.read_to_end(&mut Vec::new())
        });
        let begun = Instant::now();
        while asked.is_ok() && begun.elapsed() < Duration::from_secs(10) {
            if self.process.try_wait().is_ok_and(|status| status.is_some()) {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
