//! The folder that recordings are stored in: what is news, what is kept, and what a fault may leave.

use std::env;
use std::fs;
use std::io::{BufRead as _, BufReader, ErrorKind};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use alidns_contract::cassettes::{
    Answers, Asked, Cassette, Cassettes, Enumerations, Folder, Interaction, Provenance, Sealed, Signed, StoreError,
    Stored,
};
use alidns_contract::signing::{Key, Scheme, Style, sign};
use alidns_contract::wire::{Headers, Parameter, Request, Response};
use tempfile::TempDir;

const PATH: &str = "describe-batch-result-count/done.json";
const SIMULATED: Provenance = Provenance::Simulated { seed: 0 };

/// A recording of one call; everything in it that is new each time comes from `stamp`.
fn recording(stamp: u32, status: u32, provenance: Provenance) -> Cassette {
    let nonce = format!("{stamp:032}");
    let time = format!("2026-11-24T03:45:{stamp:02}Z");
    let parameters = [
        ("Action", "DescribeBatchResultCount"),
        ("Format", "JSON"),
        ("SignatureMethod", "HMAC-SHA1"),
        ("SignatureNonce", &nonce),
        ("SignatureVersion", "1.0"),
        ("Timestamp", &time),
        ("Version", "2015-01-09"),
    ];
    let parameters = parameters.map(|(name, value)| Parameter::query(name, value)).to_vec();
    let unsigned = Request::compose("GET", parameters, Headers::new());
    let request = sign(&unsigned, Scheme::HmacSha1, &Key::test(), &Style::SERVICE);
    let id = format!("75446CC1-FC9A-4595-8D96-0000000000{stamp:02}");
    let headers = Headers::from_iter([("Date", format!("second {stamp}")), ("x-acs-request-id", id.clone())]);
    let body = format!(r#"{{"RequestId":"{id}","Status":{status},"TotalCount":4}}"#).into_bytes();
    let interaction = Interaction {
        id: "done".to_owned(),
        note: None,
        exhibit: false,
        constructed: false,
        asked: Asked::Request(request, Signed::Valid),
        answers: Answers::one(Response { status: 200, headers, body }),
    };
    Cassette { path: PATH.to_owned(), note: None, provenance, interactions: vec![interaction] }
}

fn simulated(stamp: u32, status: u32) -> Cassette {
    recording(stamp, status, SIMULATED)
}

fn live(day: &str) -> Provenance {
    Provenance::Live { recorded: day.to_owned(), tool: format!("of {day}") }
}

fn store(folder: &Folder, cassette: &Cassette) -> Result<Stored, StoreError> {
    let sealed = Sealed::new(cassette.clone(), None).expect("it holds no secret");
    folder.store(&sealed, &Enumerations::default())
}

fn temporary_folder() -> TempDir {
    tempfile::tempdir().expect("there is a place for temporary folders")
}

fn open(folder: &TempDir) -> Folder {
    Folder::open(folder.path()).expect("the folder is ours")
}

fn read(folder: &TempDir) -> String {
    fs::read_to_string(folder.path().join(PATH)).expect("the cassette is there")
}

/// Everything below the folder, sorted.
fn listing(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("the folder is ours") {
        let path = entry.expect("the folder is ours").path();
        if path.is_dir() {
            found.extend(listing(&path));
        }
        found.push(path);
    }
    found.sort();
    found
}

#[test]
fn a_first_recording_is_new_and_its_file_is_the_text_of_the_cassette() {
    let folder = temporary_folder();
    let cassette = simulated(1, 0);

    let stored = store(&open(&folder), &cassette).expect("it can be stored");

    assert_eq!(stored, Stored::New);
    assert_eq!(read(&folder), cassette.text());
    assert_eq!(listing(folder.path()).len(), 2, "the subfolder and the cassette");
}

#[test]
fn a_recording_with_other_stamps_leaves_every_byte() {
    let folder = temporary_folder();
    let (old, new) = (recording(1, 0, live("2026-11-24")), recording(2, 0, live("2026-12-01")));
    store(&open(&folder), &old).expect("it can be stored");

    let stored = store(&open(&folder), &new).expect("it can be compared");

    assert_ne!(old.text(), new.text());
    assert_eq!(stored, Stored::Unchanged);
    assert_eq!(read(&folder), old.text());
}

#[test]
fn a_recording_with_another_value_takes_the_place_and_the_change_is_told() {
    let folder = temporary_folder();
    store(&open(&folder), &simulated(1, 0)).expect("it can be stored");
    let new = simulated(2, 7);
    let mut enumerations = Enumerations::default();
    enumerations.add("DescribeBatchResultCount", "Status", "0");

    let sealed = Sealed::new(new.clone(), None).expect("it holds no secret");
    let stored = open(&folder).store(&sealed, &enumerations).expect("it can be stored");

    let Stored::Changed(diff) = stored else { panic!("{stored:?}") };
    assert_eq!(diff.to_string(), "done[0].Status: 0 -> 7 (enumeration widened)");
    assert_eq!(read(&folder), new.text());
}

#[test]
fn a_simulated_recording_never_takes_the_place_of_another_kind() {
    let (address, day) = ("https://example.com/1".to_owned(), "2026-11-24".to_owned());
    let documented = Provenance::Documented { address: address.clone(), read: day.clone() };
    for provenance in [live(&day), documented, Provenance::Reported { address, read: day }] {
        let folder = temporary_folder();
        let old = recording(1, 0, provenance.clone());
        store(&open(&folder), &old).expect("it can be stored");

        let stored = store(&open(&folder), &simulated(1, 1)).expect("it can be compared");

        assert_eq!(stored, Stored::Kept(provenance));
        assert_eq!(read(&folder), old.text());
    }
}

#[test]
fn a_live_recording_takes_the_place_of_a_simulated_one_that_is_equal_otherwise() {
    let folder = temporary_folder();
    store(&open(&folder), &simulated(1, 0)).expect("it can be stored");
    let new = recording(2, 0, live("2026-11-24"));

    let stored = store(&open(&folder), &new).expect("it can be stored");

    assert!(matches!(stored, Stored::Changed(_)), "{stored:?}");
    assert_eq!(read(&folder), new.text());
}

#[test]
fn a_second_recorder_is_refused_until_the_first_has_ended() {
    let folder = temporary_folder();
    let first = open(&folder);

    let refused = Folder::open(folder.path());
    drop(first);
    let second = Folder::open(folder.path());

    assert!(matches!(refused, Err(StoreError::Locked { .. })), "{refused:?}");
    assert!(second.is_ok());
}

#[test]
fn a_recorder_in_another_process_is_refused_too() {
    let folder = temporary_folder();
    let other = Recorder::start(folder.path());

    let refused = Folder::open(folder.path());
    other.kill();
    let after = Folder::open(folder.path());

    assert!(matches!(refused, Err(StoreError::Locked { .. })), "{refused:?}");
    assert!(after.is_ok());
}

#[test]
fn opening_clears_the_temporary_file_and_nothing_else() {
    let folder = temporary_folder();
    let kept = [".recording.tmp.json", "a.tmp", ".hidden", "recording.tmp"].map(|name| folder.path().join(name));
    kept.iter().for_each(|path| fs::write(path, "x").expect("the folder is ours"));
    fs::write(folder.path().join(".recording.tmp"), "half").expect("the folder is ours");

    open(&folder);

    let mut expected = kept.to_vec();
    expected.sort();
    assert_eq!(listing(folder.path()), expected);
}

#[test]
fn a_path_that_climbs_out_of_the_folder_is_refused_and_nothing_is_made() {
    let around = temporary_folder();
    let inside = around.path().join("inside");
    let folder = Folder::open(&inside).expect("the folder is ours");

    for path in ["../a.json", "a/../../b.json", "/a.json", "a//b.json", "", ".", "./a.json", "a/", "a\\..\\b.json"] {
        let refused = store(&folder, &Cassette { path: path.to_owned(), ..simulated(1, 0) });

        assert!(matches!(refused, Err(StoreError::Outside { .. })), "{path:?}: {refused:?}");
    }
    assert_eq!(listing(around.path()), [inside]);
}

#[test]
fn a_path_that_no_cassette_can_have_is_refused() {
    let folder = temporary_folder();

    for path in ["a", "a/b.txt", "a\n.json", "a\0.json"] {
        let refused = store(&open(&folder), &Cassette { path: path.to_owned(), ..simulated(1, 0) });

        assert!(matches!(refused, Err(StoreError::Outside { .. })), "{path:?}: {refused:?}");
    }
}

#[cfg(unix)]
#[test]
fn a_subfolder_that_is_a_link_to_outside_is_refused_and_one_to_inside_is_not() {
    use std::os::unix::fs::symlink;
    let (folder, outside) = (temporary_folder(), temporary_folder());
    symlink(outside.path(), folder.path().join("out")).expect("the folder is ours");
    symlink(folder.path(), folder.path().join("in")).expect("the folder is ours");

    let refused = store(&open(&folder), &Cassette { path: "out/new/a.json".to_owned(), ..simulated(1, 0) });
    let stored = store(&open(&folder), &Cassette { path: "in/a.json".to_owned(), ..simulated(1, 0) });

    assert!(matches!(refused, Err(StoreError::Outside { .. })), "{refused:?}");
    assert_eq!(listing(outside.path()), Vec::<PathBuf>::new());
    assert!(matches!(stored, Ok(Stored::New)), "{stored:?}");
    assert!(folder.path().join("a.json").is_file());
}

#[cfg(unix)]
#[test]
fn a_link_or_a_folder_in_the_place_of_the_file_is_kept() {
    let folder = temporary_folder();
    let target = folder.path().join("target");
    fs::write(&target, "x").expect("the folder is ours");
    std::os::unix::fs::symlink(&target, folder.path().join("link.json")).expect("the folder is ours");
    fs::create_dir(folder.path().join("folder.json")).expect("the folder is ours");
    let before = listing(folder.path());

    for path in ["link.json", "folder.json"] {
        let refused = store(&open(&folder), &Cassette { path: path.to_owned(), ..simulated(1, 0) });

        assert!(matches!(refused, Err(StoreError::NoFile { .. })), "{path}: {refused:?}");
    }
    assert_eq!(listing(folder.path()), before);
}

#[test]
fn a_damaged_or_newer_cassette_is_kept_and_the_way_on_is_told() {
    let newer = simulated(1, 0).text().replace("alidns-cassette/1", "alidns-cassette/2");
    let cut = simulated(1, 0).text()[..200].to_owned();
    for text in ["", "not JSON", &newer, &cut] {
        let folder = temporary_folder();
        fs::create_dir(folder.path().join("describe-batch-result-count")).expect("the folder is ours");
        fs::write(folder.path().join(PATH), text).expect("the folder is ours");

        let refused = store(&open(&folder), &simulated(1, 0)).expect_err("it is no cassette of this format");

        assert!(matches!(refused, StoreError::Damaged(_)), "{refused:?}");
        assert_eq!(refused.help(), "put it right after `cassette lint`, or move it away, and record again");
        assert_eq!(read(&folder), text);
    }
}

#[test]
fn a_folder_that_is_none_is_refused() {
    let folder = temporary_folder();
    let file = folder.path().join("file");
    fs::write(&file, "x").expect("the folder is ours");

    for path in [file.clone(), file.join("below")] {
        let refused = Folder::open(&path);

        assert!(matches!(refused, Err(StoreError::Open { .. })), "{refused:?}");
    }
}

#[test]
fn a_write_that_fails_leaves_the_old_file_and_no_temporary() {
    let folder = temporary_folder();
    let opened = open(&folder);
    let old = simulated(1, 0);
    store(&opened, &old).expect("it can be stored");
    let temporary = folder.path().join(".recording.tmp");
    fs::create_dir(&temporary).expect("the folder is ours");

    let failed = store(&opened, &simulated(1, 1));
    fs::remove_dir(&temporary).expect("it is left as it was");
    let again = store(&opened, &simulated(1, 1));

    assert!(matches!(failed, Err(StoreError::Write { .. })), "{failed:?}");
    assert!(matches!(again, Ok(Stored::Changed(_))), "{again:?}");
    assert_eq!(listing(folder.path()).len(), 2, "the subfolder and the cassette");
}

#[test]
fn threads_of_one_recorder_store_one_after_the_other() {
    let folder = temporary_folder();
    let opened = open(&folder);

    std::thread::scope(|scope| {
        for at in 0..16 {
            let (opened, cassette) = (&opened, Cassette { path: format!("a/{at}.json"), ..simulated(at, 0) });
            scope.spawn(move || assert_eq!(store(opened, &cassette).expect("it can be stored"), Stored::New));
        }
    });

    for at in 0..16 {
        let text = fs::read_to_string(folder.path().join(format!("a/{at}.json"))).expect("it was stored");
        assert_eq!(text, simulated(at, 0).text());
    }
}

#[test]
fn a_recorder_that_is_killed_leaves_a_whole_cassette_and_the_next_one_clears_up() {
    let folder = temporary_folder();
    let whole = [simulated(0, 0), simulated(1, 1)].map(|cassette| cassette.text());
    let temporary = folder.path().join(".recording.tmp");
    let mut halves = 0;

    for moment in 0..40 {
        let mut recorder = Recorder::start(folder.path());
        while !temporary.exists() {
            assert!(recorder.runs(), "it ended by itself");
        }
        std::thread::sleep(Duration::from_micros(moment * 50));
        recorder.kill();
        halves += usize::from(temporary.exists());

        assert!(whole.contains(&read(&folder)), "at moment {moment}");
        open(&folder);
        assert_eq!(listing(folder.path()).len(), 2, "at moment {moment}: the subfolder and the cassette");
    }

    assert!(halves > 0, "no kill came while a cassette was being written");
}

#[test]
fn a_recording_that_is_killed_leaves_every_cassette_old_or_new() {
    let folder = temporary_folder();
    let begun = Instant::now();
    let recorded = record(folder.path()).wait_with_output().expect("it ends");
    let took = begun.elapsed();
    assert!(recorded.status.success(), "{recorded:?}");
    let recorded = Cassettes::open(folder.path()).expect("it was recorded").into_vec();
    let old: Vec<Cassette> = recorded.into_iter().map(|one| Cassette { note: Some(OLD.into()), ..one }).collect();
    let mut mixed = 0;

    for moment in 0..MOMENTS {
        old.iter().for_each(|one| fs::write(folder.path().join(&one.path), one.text()).expect("the folder is ours"));
        let mut killed = record(folder.path());
        std::thread::sleep(took * moment / MOMENTS);
        killed.kill().and_then(|()| killed.wait()).expect("it was started");

        let left = Cassettes::open(folder.path()).expect("every cassette is whole").into_vec();
        let news = left.iter().zip(&old).filter(|(one, old)| one != old);
        assert!(news.clone().all(|(one, _)| one.note.as_deref() != Some(OLD)), "at moment {moment}");
        mixed += usize::from((1..old.len()).contains(&news.count()));
    }
    let last = record(folder.path()).wait_with_output().expect("it ends");

    assert!(last.status.success(), "{last:?}");
    assert!(!folder.path().join(".recording.tmp").exists());
    assert!(mixed > 0, "no kill came between the first cassette and the last");
}

/// Starts to record the scenarios of tasks.
fn record(folder: &Path) -> Child {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("alidns-contract"));
    command.args(["check", "--record", "--select", "task", "--cassettes"]).arg(folder).env_clear();
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the command is built")
}

/// The process of [`Recorder`].
#[test]
#[ignore = "it is what other tests kill, and no test"]
fn a_recorder_that_never_ends() {
    let Some(path) = env::var_os(FOLDER) else { return };
    let folder = Folder::open(Path::new(&path)).expect("the folder is free");
    let both =
        [simulated(0, 0), simulated(1, 1)].map(|cassette| Sealed::new(cassette, None).expect("it holds no secret"));
    for (at, sealed) in both.iter().cycle().enumerate() {
        folder.store(sealed, &Enumerations::default()).expect("it can be stored");
        if at == 0 {
            println!("\n{BEGUN}");
        }
    }
}

/// A process that stores one of two cassettes after the other.
struct Recorder(Child);

impl Recorder {
    /// Starts it, and waits until it has stored once.
    fn start(folder: &Path) -> Self {
        let mut child = this_test("store::a_recorder_that_never_ends")
            .env(FOLDER, folder)
            .stdout(Stdio::piped())
            .spawn()
            .expect("this very program can be run");
        let lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
        let begun = lines.map_while(Result::ok).any(|line| line == BEGUN);
        assert!(begun, "it ended before it had stored anything");
        Self(child)
    }

    fn runs(&mut self) -> bool {
        matches!(self.0.try_wait(), Ok(None))
    }

    fn kill(mut self) {
        self.0.kill().expect("it runs");
        self.0.wait().expect("it was killed");
    }
}

/// A full disk and one that is read-only need file systems of their own.
#[test]
#[ignore = "needs a mount namespace: .ci/run runs it where the machine gives one"]
fn a_full_disk_and_a_read_only_one_leave_what_was_there() {
    let Some(disk) = env::var_os(FOLDER) else { return on_a_small_disk() };
    let disk = Path::new(&disk);
    let folder = Folder::open(&disk.join("cassettes")).expect("the disk is ours");
    let old = simulated(1, 0);
    store(&folder, &old).expect("a small one finds room");
    let before = listing(disk);
    let bulky = Cassette { note: Some("bulky ".repeat(3_000)), ..simulated(1, 1) };

    let too_much = store(&folder, &bulky).expect_err("the disk is smaller than that");
    let remounted = Command::new("mount").args(["-o", "remount,ro"]).arg(disk).status().expect("mount is there");
    let read_only = store(&folder, &simulated(1, 1)).expect_err("nothing can be written");

    assert!(remounted.success());
    assert!(matches!(kind(&too_much), Some(ErrorKind::StorageFull)), "{too_much:?}");
    assert!(matches!(kind(&read_only), Some(ErrorKind::ReadOnlyFilesystem)), "{read_only:?}");
    assert_eq!(fs::read_to_string(disk.join("cassettes").join(PATH)).expect("it is there"), old.text());
    assert_eq!(listing(disk), before);
}

/// Runs the test again where a disk of 16 KB can be mounted that nobody else sees.
fn on_a_small_disk() {
    let disk = temporary_folder();
    let name = "store::a_full_disk_and_a_read_only_one_leave_what_was_there";
    let script = r#"mount -t tmpfs -o size=16k tmpfs "$0" && exec "$@""#;
    let test = this_test(name);

    let mut namespace = Command::new("unshare");
    namespace.args(["--map-root-user", "--mount", "sh", "-c", script]).arg(disk.path());
    let status = namespace.arg(test.get_program()).args(test.get_args()).env(FOLDER, disk.path()).status();

    assert!(status.expect("unshare is there").success(), "no disk could be mounted, or the test failed on it");
}

fn kind(error: &StoreError) -> Option<ErrorKind> {
    match error {
        StoreError::Write { source, .. } => Some(source.kind()),
        _ => None,
    }
}

fn this_test(name: &str) -> Command {
    let mut command = Command::new(env::current_exe().expect("this program has a path"));
    command.args(["--exact", name, "--ignored", "--nocapture"]);
    command
}

const FOLDER: &str = "ALIDNS_CONTRACT_TEST_FOLDER";
const BEGUN: &str = "begun";
const MOMENTS: u32 = 30;
const OLD: &str = "An old recording.";
