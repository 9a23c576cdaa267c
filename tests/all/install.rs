//! What is shipped for installing says the same as the program: names of settings, the port, the walls around it.

use std::{collections::BTreeSet, fs};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

fn text(path: &str) -> String {
    fs::read_to_string(format!("{ROOT}/{path}")).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Every `PLAZA_…` in a text.
fn variables(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for after in text.split("PLAZA_").skip(1) {
        let name: String = after.chars().take_while(|c| c.is_ascii_uppercase() || *c == '_').collect();
        if !name.is_empty() {
            found.insert(format!("PLAZA_{name}"));
        }
    }
    found
}

/// Those that the settings are read from.
fn settings() -> BTreeSet<String> {
    let config = text("src/config.rs");
    let names = config.split("env = \"").skip(1).filter_map(|after| after.split('"').next());
    names.map(str::to_owned).collect()
}

#[test]
fn every_setting_has_its_row_and_no_other_is_named() {
    let readme = text("README.md");
    for name in settings() {
        assert!(readme.contains(&format!("| `{name}` |")), "README has no row for {name}");
    }
    let mut known = settings();
    known.insert("PLAZA_BACKUP_PASSPHRASE".into());
    let mut shipped = vec!["README.md".to_owned()];
    for entry in fs::read_dir(format!("{ROOT}/docker")).expect("a folder").flatten() {
        shipped.push(format!("docker/{}", entry.file_name().to_string_lossy()));
    }
    assert!(shipped.len() > 10, "{shipped:?}");
    for path in shipped {
        let unknown: Vec<_> = variables(&text(&path)).difference(&known).cloned().collect();
        assert!(unknown.is_empty(), "{path} names {unknown:?}, which the program does not know");
    }
}

#[test]
fn the_proxies_pass_host_to_the_port_that_is_listened_on() {
    let (nginx, caddy) = (text("docker/nginx.conf"), text("docker/Caddyfile"));
    for line in ["proxy_set_header Host $http_host;", "proxy_pass http://plaza;", "server 127.0.0.1:8080;", "access_log off;"] {
        assert!(nginx.contains(line), "nginx.conf lacks {line}");
    }
    assert!(caddy.contains(":127.0.0.1:8080}") && !caddy.contains("header_up Host"));
    assert!(text("docker/square.env").contains("PLAZA_BIND=127.0.0.1:8080\n"));
    assert!(text("docker/Dockerfile").contains("PLAZA_BIND=0.0.0.0:8080"));
    for compose in ["docker/compose.yaml", "docker/compose.postgres.yaml"] {
        assert!(text(compose).contains(":8080\n") && text(compose).contains("./Caddyfile:"), "{compose}");
    }
}

#[test]
fn the_units_and_the_containers_keep_their_walls() {
    const WALLS: [&str; 22] = [
        "ProtectSystem=strict",
        "ProtectHome=yes",
        "PrivateTmp=yes",
        "PrivateDevices=yes",
        "PrivateUsers=yes",
        "ProtectProc=invisible",
        "ProcSubset=pid",
        "NoNewPrivileges=yes",
        "CapabilityBoundingSet=",
        "ProtectKernelTunables=yes",
        "ProtectKernelModules=yes",
        "ProtectKernelLogs=yes",
        "ProtectControlGroups=yes",
        "ProtectClock=yes",
        "ProtectHostname=yes",
        "RestrictNamespaces=yes",
        "LockPersonality=yes",
        "MemoryDenyWriteExecute=yes",
        "SystemCallFilter=@system-service",
        "SystemCallFilter=~@privileged @resources",
        "RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX",
        "UMask=0077",
    ];
    for unit in ["docker/plaza@.service", "docker/plaza-backup@.service"] {
        let unit_text = text(unit);
        for wall in WALLS {
            assert!(unit_text.lines().any(|line| line == wall), "{unit} lacks {wall}");
        }
    }
    let image = text("docker/Dockerfile");
    assert!(image.contains("FROM scratch") && image.contains("USER 65532:65532") && image.contains("\"plaza\", \"healthy\""));
    assert!(text("docker/build-release").contains("--locked"));
    for compose in ["docker/compose.yaml", "docker/compose.postgres.yaml"] {
        let services = text(compose);
        for wall in ["read_only: true", "cap_drop: [ALL]", "no-new-privileges:true", "tmpfs: [/tmp"] {
            assert!(services.contains(wall), "{compose} lacks {wall}");
        }
    }
}
