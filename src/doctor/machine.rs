//! The machine below the city: room on the disk, memory.

use std::{fs, path::Path};

use super::{finding::Finding, phrase::Phrase};

const MIB: u64 = 1 << 20;

/// Room where a folder lies, for those who are not root.
#[derive(Clone, Copy, Debug)]
pub struct Room {
    pub free: u64,
    pub whole: u64,
    pub free_files: u64,
    /// 0 where the file system does not count them.
    pub whole_files: u64,
}

pub fn disk(folder: &Path) -> Finding {
    match rustix::fs::statvfs(folder) {
        Ok(found) => judge_disk(&Room {
            free: found.f_bavail.saturating_mul(found.f_frsize),
            whole: found.f_blocks.saturating_mul(found.f_frsize),
            free_files: found.f_favail,
            whole_files: found.f_files,
        }),
        Err(error) => Finding::bad(
            "disk",
            Phrase::new("doctor-disk-unseen").with("folder", folder.display()).with("error", error),
            "doctor-disk-unseen-do",
        ),
    }
}

fn judge_disk(room: &Room) -> Finding {
    let found = match room.whole_files {
        0 => Phrase::new("doctor-disk"),
        _ => Phrase::new("doctor-disk-files").with("files", room.free_files),
    };
    let found = found.with_size("free", room.free).with_size("whole", room.whole);
    let few_files = |parts: u64| room.whole_files > 0 && room.free_files < room.whole_files / parts;
    if room.free < 200 * MIB || few_files(100) {
        return Finding::bad("disk", found, "doctor-disk-full-do");
    }
    if room.free < 1024 * MIB || room.free < room.whole / 10 || few_files(10) {
        return Finding::warn("disk", found, "doctor-disk-low-do");
    }
    Finding::ok("disk", found)
}

/// `server`: the number of the process that serves, if one does.
pub fn memory(server: Option<u32>) -> Finding {
    let Some(available) = fs::read_to_string("/proc/meminfo").ok().and_then(|text| kib(&text, "MemAvailable:")) else {
        return Finding::unchecked("memory", Phrase::new("doctor-memory-unseen"));
    };
    judge_memory(available * 1024, server.and_then(resident))
}

/// What a process holds in memory, in bytes. A number in a container may be another process out here.
fn resident(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let is_ours = status.lines().next().is_some_and(|line| line.trim_start_matches("Name:").trim() == "plaza");
    is_ours.then(|| kib(&status, "VmRSS:")).flatten().map(|kib| kib * 1024)
}

fn kib(text: &str, name: &str) -> Option<u64> {
    text.lines().find_map(|line| line.strip_prefix(name))?.split_whitespace().next()?.parse().ok()
}

fn judge_memory(available: u64, server: Option<u64>) -> Finding {
    let found = match server {
        None => Phrase::new("doctor-memory"),
        Some(bytes) => Phrase::new("doctor-memory-server").with_size("server", bytes),
    };
    let found = found.with_size("available", available);
    if available < 100 * MIB {
        return Finding::warn("memory", found, "doctor-memory-low-do");
    }
    Finding::ok("memory", found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Grade;

    #[test]
    fn a_disk_is_judged_by_what_is_left() {
        let gib = 1024 * MIB;
        let table = [
            (100 * gib, 200 * gib, 10, 20, Grade::Ok),
            (100 * gib, 200 * gib, 0, 0, Grade::Ok),
            (19 * gib, 200 * gib, 10, 20, Grade::Warn),
            (gib - 1, 2 * gib, 10, 20, Grade::Warn),
            (100 * gib, 200 * gib, 9, 100, Grade::Warn),
            (200 * MIB - 1, gib, 10, 20, Grade::Bad),
            (100 * gib, 200 * gib, 0, 100, Grade::Bad),
        ];
        for (free, whole, free_files, whole_files, grade) in table {
            let room = Room { free, whole, free_files, whole_files };
            assert_eq!(judge_disk(&room).grade, grade, "{room:?}");
        }
        assert_eq!(disk(Path::new("/no/such/folder")).grade, Grade::Bad);
    }

    #[test]
    fn memory_is_judged_by_what_is_available() {
        let enough = judge_memory(100 * MIB, None);
        assert_eq!((enough.grade, enough.found.to_string().as_str()), (Grade::Ok, "100 MiB available"));
        let little = judge_memory(100 * MIB - 1, Some(20 * MIB));
        assert_eq!((little.grade, little.found.to_string().as_str()), (Grade::Warn, "the server holds 20 MiB, 99 MiB available"));
        assert_eq!(kib("MemTotal: 1 kB\nMemAvailable:   2048 kB\n", "MemAvailable:"), Some(2048));
    }
}
