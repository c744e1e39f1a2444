//! Things in the folder that no flight has.

use super::world::World;
use super::{Case, case};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

const FIRST: &str = "segments/eo/000001.ts.age";

pub(super) const CASES: &[Case] = &[
    case("folder-note", "a note beside the logs", "MALFORMED", |w, c| put(w, c, "notes.txt")),
    case("folder-plain-footage", "opened footage beside the sealed", "MALFORMED", |w, c| {
        put(w, c, "segments/eo/000001.ts");
    }),
    case("folder-upper-case", "a segment in a stream of another spelling", "MALFORMED", |w, c| {
        put(w, c, "segments/EO/000001.ts.age");
    }),
    case("folder-index-zero", "a segment of index 0", "MALFORMED", |w, c| put(w, c, "segments/eo/000000.ts.age")),
    case("folder-short-index", "a segment of index 1, spelled with one digit", "MALFORMED", |w, c| {
        put(w, c, "segments/eo/1.ts.age");
    }),
    case("folder-hidden", "a hidden file", "MALFORMED", |w, c| put(w, c, ".hidden")),
    case("folder-deep", "folders in folders", "MALFORMED", |w, c| put(w, c, "segments/eo/a/b/c/d/e/f/g/h/i/j/x")),
    case("folder-more", "a folder that no flight has", "MALFORMED", |w, c| {
        fs::create_dir(w.seen(c).join("extra")).unwrap();
        // Kept by git, which holds no empty folder.
        fs::write(c.join("flight/extra/keep"), b"").unwrap();
    }),
    case("folder-unfinished-document", "a document being written in a flight that is closed", "MALFORMED", |w, c| {
        put(w, c, "documents/unfinished");
    }),
    case("folder-bag-declaration", "a flight that says it is a package", "MALFORMED", |w, c| put(w, c, "bagit.txt")),
    case("link-to-a-file", "a segment that is a link to a file outside", "MALFORMED", |w, c| {
        link(w, c, FIRST, "../../../../identity.txt");
    }),
    case("link-to-itself", "a segment that is a link to itself", "MALFORMED", |w, c| {
        link(w, c, FIRST, "000001.ts.age");
    }),
    case("link-dangling", "a segment that is a link to nothing", "MALFORMED", |w, c| {
        link(w, c, FIRST, "/nowhere/at/all");
    }),
    case("link-to-records", "the records are a link", "MALFORMED", |w, c| {
        let dir = w.seen(c);
        fs::rename(dir.join("records.jsonl"), c.join("records")).unwrap();
        symlink("../records", dir.join("records.jsonl")).unwrap();
    }),
    case("link-to-a-folder", "the segments are a link to a folder with the right ones", "MALFORMED", |w, c| {
        let dir = w.seen(c);
        fs::rename(dir.join("segments"), c.join("segments")).unwrap();
        symlink("../segments", dir.join("segments")).unwrap();
    }),
    case("link-to-the-folder-above", "a folder of streams that leads back up", "MALFORMED", |w, c| {
        let dir = w.seen(c);
        symlink("..", dir.join("segments/up")).unwrap();
    }),
];

/// A file in the flight that was seen.
fn put(w: &World, case: &Path, at: &str) {
    let path = w.seen(case).join(at);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, b"x").unwrap();
}

/// A link in the place of a file.
fn link(w: &World, case: &Path, at: &str, to: &str) {
    let path = w.seen(case).join(at);
    fs::remove_file(&path).unwrap();
    symlink(to, path).unwrap();
}
