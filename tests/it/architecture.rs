//! The house is as ARCHITECTURE.md draws it: rooms one way, every file in the picture, foreign crates at home.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// From the top of the house to its bottom: a room may use those before it.
const ROOMS: &[&str] = &[
    "wire",
    "signing",
    "gateway",
    "cassettes",
    "playback",
    "contract",
    "checks",
    "simulator",
    "clients",
    "front",
    "recording",
    "conformance",
    "report",
    "cli",
];

/// Foreign crates, and what else only the edge of the house may touch, with where they are at home.
const HOMES: &[(&str, &[&str])] = &[
    ("clap", &["src/cli/"]),
    ("comfy_table", &["src/report/human.rs"]),
    ("getrandom", &["src/clients/bundled.rs"]),
    ("hmac", &["src/signing/hash.rs"]),
    ("http_body_util", &["src/front/http.rs"]),
    ("hyper", &["src/front/http.rs"]),
    ("hyper_util", &["src/front/http.rs"]),
    ("jiff", &["src/wire/time.rs"]),
    ("memchr", &["src/cassettes/", "src/checks/secrecy.rs"]),
    ("percent_encoding", &["src/wire/percent.rs"]),
    ("reqwest", &["src/clients/transport.rs"]),
    ("sha1", &["src/signing/hash.rs"]),
    ("sha2", &["src/signing/hash.rs", "src/cassettes/"]),
    ("sm3", &["src/signing/hash.rs"]),
    ("wiremock", &["src/front/wiremock.rs", "src/front/mod.rs", "src/lib.rs"]),
    ("std::env", &["src/cli/environment.rs", "src/cli/run.rs"]),
    ("SystemTime", &["src/cli/", "src/front/"]),
];

#[test]
fn a_room_uses_only_rooms_above_it() {
    let broken: Vec<String> = sources()
        .iter()
        .filter_map(|file| room_of(file).map(|room| (file, room)))
        .flat_map(|(file, room)| {
            let below = used_rooms(&code(file)).into_iter().filter(move |used| place(used) > place(&room));
            below.map(|used| format!("{} uses {used}", file.display())).collect::<Vec<_>>()
        })
        .collect();

    assert_eq!(broken, Vec::<String>::new());
}

#[test]
fn every_room_is_in_the_order() {
    let rooms: BTreeSet<String> = sources().iter().filter_map(|file| room_of(file)).collect();

    let unknown: Vec<&String> = rooms.iter().filter(|room| !ROOMS.contains(&room.as_str())).collect();

    assert_eq!(unknown, Vec::<&String>::new());
}

#[test]
fn a_foreign_crate_is_used_at_home_only() {
    let mut strays = Vec::new();
    for file in sources() {
        let (text, shown) = (code(&file), file.display().to_string());
        for (name, homes) in HOMES {
            let at_home = homes.iter().any(|home| shown.starts_with(home));
            if !at_home && names(&text, name) {
                strays.push(format!("{shown} uses {name}"));
            }
        }
    }

    assert_eq!(strays, Vec::<String>::new());
}

#[test]
fn the_homes_are_lived_in() {
    let lived_in = |name: &str| sources().iter().any(|file| names(&code(file), name));

    let empty: Vec<&str> = HOMES.iter().map(|(name, _)| *name).filter(|name| !lived_in(name)).collect();

    assert_eq!(empty, Vec::<&str>::new());
}

#[test]
fn the_front_page_of_a_room_only_re_exports() {
    let pages = sources().into_iter().filter(|file| file.ends_with("mod.rs"));

    let busy: Vec<String> = pages
        .filter(|file| ["fn ", "struct ", "enum ", "impl ", "const "].iter().any(|word| code(file).contains(word)))
        .map(|file| file.display().to_string())
        .collect();

    assert_eq!(busy, Vec::<String>::new());
}

#[test]
fn the_picture_shows_every_file_and_no_other() {
    let drawn = drawn();
    let there: BTreeSet<String> =
        sources().iter().filter(|file| !file.ends_with("mod.rs")).map(|file| file.display().to_string()).collect();

    let missing: Vec<_> = there.difference(&drawn).collect();
    let gone: Vec<_> = drawn.difference(&there).collect();

    assert_eq!((missing, gone), (Vec::new(), Vec::new()), "not drawn in ARCHITECTURE.md; drawn but not there");
}

/// The files of the first code block of ARCHITECTURE.md: a room's line ends its name with `/`, a file's its with `.rs`.
fn drawn() -> BTreeSet<String> {
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).expect("the picture is there");
    let block = text.split("```").nth(1).expect("the picture is a code block");
    let mut files = BTreeSet::new();
    let mut room = String::new();
    for word in block.lines().flat_map(|line| line.split_whitespace().next()) {
        if let Some(name) = word.strip_suffix('/') {
            room = if name == "src" { String::new() } else { format!("{name}/") };
        } else if word.ends_with(".rs") {
            files.insert(format!("src/{room}{word}"));
        }
    }
    files
}

/// Whether `text` uses `name` as a path or imports it.
fn names(text: &str, name: &str) -> bool {
    text.match_indices(name).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = &text[at + name.len()..];
        let whole = !before.is_some_and(|before| before.is_alphanumeric() || "_:".contains(before));
        whole && (after.starts_with("::") || after.starts_with(';') || after.starts_with(" as "))
    })
}

fn used_rooms(text: &str) -> BTreeSet<String> {
    let mut rooms = BTreeSet::new();
    for (at, found) in text.match_indices("crate::") {
        let rest = &text[at + found.len()..];
        let group = rest.strip_prefix('{').and_then(|rest| rest.split('}').next()).unwrap_or(rest);
        let listed = if rest.starts_with('{') { group.split(',').collect() } else { vec![rest] };
        let first_words =
            listed.iter().map(|path| path.trim().split(|c: char| !c.is_alphanumeric() && c != '_').next());
        rooms.extend(first_words.flatten().filter(|word| ROOMS.contains(word)).map(str::to_owned));
    }
    rooms
}

fn place(room: &str) -> Option<usize> {
    ROOMS.iter().position(|known| *known == room)
}

fn room_of(file: &Path) -> Option<String> {
    let inside = file.strip_prefix("src").ok()?;
    (inside.components().count() > 1).then(|| inside.iter().next().map(|room| room.to_string_lossy().into_owned()))?
}

/// A source without its comments, so that prose may name what code may not, and without its tests.
fn code(file: &Path) -> String {
    let text = fs::read_to_string(root().join(file)).expect("a listed file is readable");
    let text = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// Every source file, relative to the package.
fn sources() -> Vec<PathBuf> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).expect("src is readable") {
            let path = entry.expect("src is readable").path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                found.push(path.strip_prefix(root()).expect("it is inside").to_owned());
            }
        }
    }

    let mut found = Vec::new();
    walk(&root().join("src"), &mut found);
    found.sort();
    found
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
