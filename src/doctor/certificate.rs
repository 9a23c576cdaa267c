//! The certificate that is shown under our name: whose it is, and when it ends.

use std::net::IpAddr;

use x509_parser::{certificate::X509Certificate, extensions::GeneralName, prelude::FromDer};

use super::{finding::Finding, phrase::Phrase};
use crate::{clock::Timestamp, origin::Origin};

const WHAT: &str = "certificate";
const DAY: u64 = 86_400;

/// `distrusted`: why an ordinary client does not take it.
pub fn judge(der: &[u8], origin: &Origin, now: Timestamp, distrusted: Option<&str>) -> Finding {
    let renew = "doctor-certificate-renew-do";
    let Ok((_, certificate)) = X509Certificate::from_der(der) else {
        return Finding::bad(WHAT, Phrase::new("doctor-certificate-unread"), renew);
    };
    let end = Timestamp::from_seconds(certificate.validity().not_after.timestamp());
    let begin = Timestamp::from_seconds(certificate.validity().not_before.timestamp());
    if end <= now {
        let found = Phrase::new("doctor-certificate-ended").with_day("day", end).with_span("age", now.since(end));
        return Finding::bad(WHAT, found, renew);
    }
    if begin > now {
        let found = Phrase::new("doctor-certificate-begins").with_day("day", begin);
        return Finding::bad(WHAT, found, "doctor-certificate-begins-do");
    }
    if !names(&certificate).iter().any(|name| covers(name, origin.host())) {
        let found = Phrase::new("doctor-certificate-other").with("names", names(&certificate).join(", "));
        return Finding::bad(WHAT, found.with("host", origin.host()), "doctor-certificate-other-do");
    }
    if let Some(why) = distrusted {
        let found = Phrase::new("doctor-certificate-distrusted").with("why", why);
        return Finding::bad(WHAT, found, "doctor-certificate-distrusted-do");
    }
    let left = end.since(now);
    let found = Phrase::new("doctor-certificate-holds").with_day("day", end).with_span("left", left);
    match left.as_secs() {
        seconds if seconds < 3 * DAY => Finding::bad(WHAT, found, renew),
        seconds if seconds < 21 * DAY => Finding::warn(WHAT, found, renew),
        _ => Finding::ok(WHAT, found),
    }
}

fn names(certificate: &X509Certificate) -> Vec<String> {
    let Ok(Some(names)) = certificate.subject_alternative_name() else { return Vec::new() };
    names
        .value
        .general_names
        .iter()
        .filter_map(|name| match name {
            GeneralName::DNSName(name) => Some((*name).to_ascii_lowercase()),
            GeneralName::IPAddress(bytes) => address(bytes).map(|ip| ip.to_string()),
            _ => None,
        })
        .collect()
}

fn address(bytes: &[u8]) -> Option<IpAddr> {
    let four = <[u8; 4]>::try_from(bytes).ok().map(IpAddr::from);
    four.or_else(|| <[u8; 16]>::try_from(bytes).ok().map(IpAddr::from))
}

/// A star stands for one label (RFC 6125).
fn covers(name: &str, host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let below_star = || name.strip_prefix("*.").zip(host.split_once('.')).is_some_and(|(zone, (_, rest))| zone == rest);
    name == host || below_star()
}

#[cfg(test)]
mod tests {
    use base64::{Engine, prelude::BASE64_STANDARD};

    use super::*;
    use crate::doctor::Grade;

    /// For plaza.example, *.square.example and 192.0.2.7, from 1 November 2026 to 1 January 2027.
    const CERTIFICATE: &str = "MIIBjjCCATOgAwIBAgICEAUwCgYIKoZIzj0EAwIwETEPMA0GA1UEAwwGVGVzdENBMB4XDTI2MTEwMTAwMDAwMFoXDTI3MDEwMTAw\
        MDAwMFowGDEWMBQGA1UEAwwNcGxhemEuZXhhbXBsZTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABCzMlzEuDXDF37YmKI1pRbeL\
        rrWFwxLPJEr9Rb2fa0u4X4Deqj6WFLB5XRH55srTpdpgfFsWksOAnViqDFkT6CajdDByMDAGA1UdEQQpMCeCDXBsYXphLmV4YW1w\
        bGWCECouc3F1YXJlLmV4YW1wbGWHBMAAAgcwHQYDVR0OBBYEFGjwYQadalIQDHtMHzh0SNgGAtm1MB8GA1UdIwQYMBaAFAmw6EfU\
        gakBG8jjcf8BWeWgH6xiMAoGCCqGSM49BAMCA0kAMEYCIQDAeChGLCMAI/cLAzpTQ04n5DnC01RImPLpogT+8KWXHwIhAIf1flaE\
        rcKZWj2XqD3K71qBmWA10iR6mLm4+Rub7ar8";

    #[test]
    fn a_certificate_is_judged_by_name_trust_and_end() {
        let der = BASE64_STANDARD.decode(CERTIFICATE).unwrap();
        let end = Timestamp::from_seconds(1_798_761_600);
        let before = |days: u64| end - std::time::Duration::from_secs(days * DAY);
        let second = std::time::Duration::from_secs(1);
        let ours = "https://plaza.example";
        let table = [
            (ours, before(30), None, Grade::Ok, "holds until 1 January 2027, 30 days more"),
            (ours, before(21), None, Grade::Ok, "holds until"),
            (ours, before(21) + second, None, Grade::Warn, "holds until"),
            (ours, before(3), None, Grade::Warn, "holds until"),
            (ours, before(3) + second, None, Grade::Bad, "holds until"),
            (ours, end, None, Grade::Bad, "ended on 1 January 2027"),
            (ours, before(90), None, Grade::Bad, "holds only from 1 November 2026"),
            (ours, before(30), Some("UnknownIssuer"), Grade::Bad, "is not trusted: UnknownIssuer"),
            ("https://our.square.example:8443", before(30), None, Grade::Ok, "holds until"),
            ("https://192.0.2.7", before(30), None, Grade::Ok, "holds until"),
            ("https://192.0.2.8", before(30), None, Grade::Bad, "is for plaza.example, *.square.example, 192.0.2.7, not for"),
        ];
        for (origin, now, distrusted, grade, words) in table {
            let found = judge(&der, &Origin::parse(origin).unwrap(), now, distrusted);
            assert!(found.grade == grade && found.found.to_string().starts_with(words), "{found}");
        }
        assert_eq!(judge(b"nonsense", &Origin::parse(ours).unwrap(), end, None).grade, Grade::Bad);
    }

    #[test]
    fn a_star_stands_for_one_label() {
        for (name, host, covered) in [
            ("plaza.example", "plaza.example", true),
            ("*.example", "plaza.example", true),
            ("*.example", "a.plaza.example", false),
            ("*.example", "example", false),
            ("other.example", "plaza.example", false),
            ("::1", "[::1]", true),
        ] {
            assert_eq!(covers(name, host), covered, "{name} {host}");
        }
    }
}
