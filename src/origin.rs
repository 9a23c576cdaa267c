//! The city's own address, every id made from it, and the way back from an id to what it names.

use std::{fmt, net::IpAddr};

use url::{Host, Url};
use uuid::Uuid;

/// Scheme, host and port under which everyone reaches this city; never a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin(Url);

/// One thing of ours that has an ActivityPub id.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Local {
    /// The instance actor, which signs every fetch.
    Instance,
    Group(String),
    Event(Uuid),
    Series(Uuid),
    Note(Uuid),
    Minutes(Uuid),
    Activity(Uuid),
}

impl Origin {
    /// Reads an address such as `https://plaza.example`. The error says what would be right.
    pub fn parse(text: &str) -> Result<Self, String> {
        let url = Url::parse(text).map_err(|e| format!("not an address ({e})"))?;
        let bare = url.username().is_empty() && url.password().is_none() && url.query().is_none() && url.fragment().is_none();
        if !bare || url.path() != "/" {
            return Err("only scheme, host and port: no path, user or query".into());
        }
        if url.host_str().is_none_or(|host| host.is_empty() || host.ends_with('.')) {
            return Err("a host name is missing, or ends in a dot".into());
        }
        let origin = Self(url);
        match origin.0.scheme() {
            "https" => Ok(origin),
            "http" if origin.is_loopback() || origin.host().ends_with(".onion") => Ok(origin),
            "http" => Err("outside this machine and .onion it must begin with https://".into()),
            other => Err(format!("begin with https://, not {other}://")),
        }
    }

    /// Host without port: what stands after the @ when the port is the usual one.
    pub fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }

    /// The port, named or the scheme's own.
    pub fn port(&self) -> u16 {
        self.0.port_or_known_default().unwrap_or(443)
    }

    /// Host, and port where it is not the scheme's own: the `Host` header we expect and the domain of our handles.
    pub fn authority(&self) -> String {
        match self.0.port() {
            Some(port) => format!("{}:{port}", self.host()),
            None => self.host().to_owned(),
        }
    }

    /// A city that only this machine can reach: nothing of it may leave the machine.
    pub fn is_loopback(&self) -> bool {
        match self.0.host() {
            Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Some(Host::Ipv4(ip)) => IpAddr::V4(ip).is_loopback(),
            Some(Host::Ipv6(ip)) => IpAddr::V6(ip).is_loopback(),
            None => false,
        }
    }

    pub fn is_https(&self) -> bool {
        self.0.scheme() == "https"
    }

    /// `path` begins with a slash and is already encoded.
    pub fn url(&self, path: &str) -> Url {
        let mut url = self.0.clone();
        let (path, query) = path.split_once('?').map_or((path, None), |(path, query)| (path, Some(query)));
        url.set_path(path);
        url.set_query(query);
        url
    }

    /// Is this address on our scheme, host and port?
    pub fn owns(&self, url: &Url) -> bool {
        url.origin() == self.0.origin()
    }

    pub fn uri(&self, local: &Local) -> Url {
        self.url(&local.path())
    }

    pub fn group(&self, handle: &str) -> Url {
        self.uri(&Local::Group(handle.to_owned()))
    }

    /// A page under the group's, such as `followers`; on the ActivityPub side.
    pub fn of_group(&self, handle: &str, what: &str) -> Url {
        self.url(&format!("/ap/groups/{handle}/{what}"))
    }

    pub fn instance(&self) -> Url {
        self.uri(&Local::Instance)
    }

    pub fn shared_inbox(&self) -> Url {
        self.url("/ap/inbox")
    }

    /// What people read: the page of one thing of ours, if it has one.
    pub fn page(&self, local: &Local) -> Option<Url> {
        match local {
            Local::Instance => Some(self.url("/")),
            Local::Group(handle) => Some(self.url(&format!("/@{handle}"))),
            Local::Event(id) => Some(self.url(&format!("/meetings/{id}"))),
            Local::Series(id) => Some(self.url(&format!("/series/{id}"))),
            Local::Note(id) => Some(self.url(&format!("/announcements/{id}"))),
            Local::Minutes(id) => Some(self.url(&format!("/minutes/{id}"))),
            Local::Activity(_) => None,
        }
    }

    /// What an id of ours, or the address of its page, names; `None` when it is not ours or names nothing.
    pub fn local(&self, url: &Url) -> Option<Local> {
        if !self.owns(url) || url.query().is_some() {
            return None;
        }
        let segments: Vec<&str> = url.path_segments()?.collect();
        match segments.as_slice() {
            ["ap", "instance"] => Some(Local::Instance),
            ["ap", "groups", handle] => Some(Local::Group((*handle).to_owned())),
            ["ap", "events", id] | ["meetings", id] => Uuid::parse_str(id).ok().map(Local::Event),
            ["ap", "series", id] | ["series", id] => Uuid::parse_str(id).ok().map(Local::Series),
            ["ap", "notes", id] | ["announcements", id] => Uuid::parse_str(id).ok().map(Local::Note),
            ["ap", "minutes", id] | ["minutes", id] => Uuid::parse_str(id).ok().map(Local::Minutes),
            ["ap", "activities", id] => Uuid::parse_str(id).ok().map(Local::Activity),
            [page] => page.strip_prefix('@').map(|handle| Local::Group(handle.to_owned())),
            _ => None,
        }
    }
}

impl Local {
    /// The path of the ActivityPub id: the form in which the database names our things, so that the origin can change.
    pub fn path(&self) -> String {
        match self {
            Self::Instance => "/ap/instance".into(),
            Self::Group(handle) => format!("/ap/groups/{handle}"),
            Self::Event(id) => format!("/ap/events/{id}"),
            Self::Series(id) => format!("/ap/series/{id}"),
            Self::Note(id) => format!("/ap/notes/{id}"),
            Self::Minutes(id) => format!("/ap/minutes/{id}"),
            Self::Activity(id) => format!("/ap/activities/{id}"),
        }
    }
}

impl fmt::Display for Origin {
    /// Without the slash at the end.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str().trim_end_matches('/'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_bare_addresses_are_origins() {
        for right in
            ["https://plaza.example", "http://localhost:8080", "http://127.0.0.1:1", "http://[::1]:80", "http://abc.onion"]
        {
            assert_eq!(Origin::parse(right).map(|o| o.to_string().replace(":80", "")), Ok(right.replace(":80", "")), "{right}");
        }
        for wrong in [
            "",
            "plaza.example",
            "ftp://plaza.example",
            "http://plaza.example",
            "https://a.example/x",
            "https://u@a.example",
            "https://a.example?x",
            "https://a.example.",
        ] {
            assert!(Origin::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_id_names_what_it_was_made_from() {
        let origin = Origin::parse("https://plaza.example").unwrap();
        let id = Uuid::from_u128(7);
        let kitchen = Local::Group("kitchen".into());
        let things = [Local::Instance, kitchen, Local::Event(id), Local::Note(id), Local::Minutes(id), Local::Activity(id)];
        for thing in things {
            assert_eq!(origin.local(&origin.uri(&thing)), Some(thing.clone()));
            if let Some(page) = origin.page(&thing).filter(|_| thing != Local::Instance) {
                assert_eq!(origin.local(&page), Some(thing));
            }
        }
        for foreign in
            ["https://plaza.example:444/ap/instance", "http://plaza.example/ap/instance", "https://plaza.example/ap/events/x"]
        {
            assert_eq!(origin.local(&Url::parse(foreign).unwrap()), None, "{foreign}");
        }
    }
}
