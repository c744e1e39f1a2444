//! Each part of an extract, bent.

use super::*;

#[test]
fn every_byte_of_the_proofs_counts() {
    let flown = Flown::seen();
    let dir = flown.take(&[ALL[1]], "part");
    let path = dir.join("extract.json");
    let good = fs::read(&path).unwrap();
    for position in 0..good.len() {
        let mut bad = good.clone();
        bad[position] ^= 1 << (position % 8);
        fs::write(&path, &bad).unwrap();
        let word = flown.judge(&dir).word;
        assert!(matches!(word, Word::Doubt(_)), "byte {position}: {word}");
    }
    for bad in [&good[..good.len() - 1], &[&good[..], b"\n"].concat(), b"", b"{}\n"] {
        fs::write(&path, bad).unwrap();
        assert_eq!(flown.judge(&dir).word, doubt(Integrity::Malformed));
    }
    fs::write(&path, good).unwrap();
    assert_eq!(flown.judge(&dir).word, Word::Extract);
}

#[test]
fn proofs_hold_for_their_record_and_tree_only() {
    let flown = Flown::seen();
    let dir = flown.take(&[ALL[0], ALL[2]], "part");
    let bent = |name: &str, how: &dyn Fn(&mut Value)| flown.bent(&dir, name, how).word;
    let (altered, malformed) = (doubt(Integrity::Altered), doubt(Integrity::Malformed));
    assert_eq!(bent("as-it-was", &|_| ()), Word::Extract);
    assert_eq!(bent("another's proof", &|v| v["records"][2]["proof"] = v["records"][1]["proof"].clone()), altered);
    assert_eq!(bent("no proof", &|v| v["records"][2]["proof"] = json!([])), altered);
    let swap = |v: &mut Value| {
        let (one, other) = (v["records"][1]["line"].clone(), v["records"][2]["line"].clone());
        (v["records"][1]["line"], v["records"][2]["line"]) = (other, one);
    };
    assert_eq!(bent("swapped lines", &swap), malformed);
    assert_eq!(bent("swapped records", &|v| v["records"].as_array_mut().unwrap().swap(1, 2)), malformed);
    assert_eq!(bent("one before gone", &|v| drop(v["records"].as_array_mut().unwrap().remove(3))), malformed);
    assert_eq!(bent("open gone", &|v| drop(v["records"].as_array_mut().unwrap().remove(0))), malformed);
    assert_eq!(bent("seq", &|v| v["records"][4]["seq"] = json!(13)), malformed);
    assert_eq!(bent("stray base64", &|v| v["records"][0]["line"] = json!("YWJ=")), malformed);
    assert_eq!(bent("head's proof", &|v| v["heads"][0]["proof"] = v["heads"][1]["proof"].clone()), altered);
    assert_eq!(bent("a proof of the last", &|v| v["heads"][4]["proof"] = v["heads"][0]["proof"].clone()), altered);
    assert_eq!(bent("heads swapped", &|v| v["heads"].as_array_mut().unwrap().swap(0, 1)), malformed);
    assert_eq!(bent("another tree", &|v| drop(v["heads"].as_array_mut().unwrap().pop())), altered);
    assert_eq!(bent("no head", &|v| v["heads"] = json!([])), malformed);
    assert_eq!(bent("no file", &|v| v["files"] = json!([])), malformed);
    assert_eq!(bent("files swapped", &|v| v["files"].as_array_mut().unwrap().swap(0, 1)), malformed);
    assert_eq!(bent("a file more", &|v| v["files"].as_array_mut().unwrap().push(json!(ALL[3]))), malformed);
    assert_eq!(bent("a file less", &|v| drop(v["files"].as_array_mut().unwrap().remove(0))), malformed);
    // Another record of the flight than the ones that are needed, with a proof that holds.
    let more = |v: &mut Value| {
        let text = fs::read_to_string(flown.dir.join("records.jsonl")).unwrap();
        let proof = tree::inclusion_proof(&flight::leaves(&flown.dir).unwrap(), 13).unwrap();
        let line = STANDARD.encode(text.lines().nth(13).unwrap());
        v["records"].as_array_mut().unwrap().push(json!({"seq": 13, "line": line, "proof": proof}));
    };
    assert_eq!(bent("a record more", &more), malformed);
}

#[test]
fn another_flights_and_strangers_words_do_not_count() {
    let flown = Flown::seen();
    let dir = flown.take(&[ALL[1]], "part");
    let Flown { unit, .. } = &flown;
    let other = fly(self::unit(), true, |_| true);
    let others = other.take(&[ALL[1]], "part");
    let wrong = doubt(Integrity::WrongFlight);
    let malformed = doubt(Integrity::Malformed);
    assert_eq!(flown.judge(&others).word, doubt(Integrity::KeyUntrusted), "another unit's device");
    for part in ["heads", "records"] {
        let report = flown.bent(&dir, &format!("other-{part}"), |v| v[part] = read(&others)[part].clone());
        assert!(report.integrity >= Integrity::WrongFlight, "{part}: {}", report.integrity);
    }
    let last = |v: &mut Value| v["heads"][2]["note"] = read(&others)["heads"][2]["note"].clone();
    assert_eq!(flown.bent(&dir, "other-head", last).word, wrong);

    let resigned = |name: &str, sign: &dyn Fn(&SignedNote) -> String| {
        flown.bent(&dir, name, |v| {
            let note = SignedNote::parse(v["heads"][1]["note"].as_str().unwrap()).unwrap();
            v["heads"][1]["note"] = json!(sign(&note));
        })
    };
    let stranger = DeviceKey::from_seed([5; 32]);
    let by_stranger = |note: &SignedNote| note.claimed().sign(&stranger);
    assert_eq!(resigned("stranger", &by_stranger).word, malformed);
    let forked =
        |note: &SignedNote| Checkpoint { root: Sha256::of(b"fork"), ..note.claimed().clone() }.sign(&unit.device);
    assert_eq!(resigned("fork", &forked).word, doubt(Integrity::Altered), "signed, and not the beginning of the last");
    let cosigned = |key: &DeviceKey, at_s: u32| {
        let (key, bare) = (key.clone(), |note: &SignedNote| note.claimed().sign(&unit.device));
        move |note: &SignedNote| {
            let cosignature = note.claimed().cosign(&key, time_s(at_s));
            SignedNote::parse(&bare(note)).unwrap().with_cosignature(&key.public(), cosignature)
        }
    };
    assert_eq!(resigned("unlisted", &cosigned(&stranger, 5)).word, malformed, "cosigned by nobody the unit lists");
    let unwitnessed = Word::ExtractUnwitnessed;
    assert_eq!(resigned("by a store", &cosigned(&station_key(3), 5)).word, unwitnessed);
    assert_eq!(resigned("in time", &cosigned(&station_key(2), 5)).word, Word::Extract);
    // Then the head over close is the first to show it, after a silence of 6 s.
    let late = resigned("late", &cosigned(&station_key(2), 53));
    assert_eq!((late.word, late.witness), (unwitnessed, Witness::Late));
    assert_eq!(resigned("at the dock", &cosigned(&station_key(2), 900)).word, unwitnessed);
    let third = flown.take(&[ALL[2]], "third");
    let early = flown.bent(&third, "before it was made", |v| {
        let note = SignedNote::parse(v["heads"][1]["note"].as_str().unwrap()).unwrap();
        v["heads"][1]["note"] = json!(cosigned(&station_key(2), 0)(&note));
    });
    assert_eq!((early.word, early.time), (Word::ClockSuspect, Time::Suspect));
    let report =
        verify_extract(&dir, &unit.anchor(), &Options { witness: vec![flown.station.file()], ..options(None) });
    let report = report.unwrap();
    assert_eq!((report.word, said(&report, "witness file 1").as_str()), (Word::Extract, "NOT-CHECKED"));
}

#[test]
fn the_folder_holds_what_is_listed_and_nothing_else() {
    let flown = Flown::seen();
    let dir = flown.take(&[ALL[1], ALL[4]], "part");
    let secret = flown.unit.path("secret");
    fs::write(&secret, b"not of this flight").unwrap();
    let word = |name: &str, how: &dyn Fn(&Path)| flown.broken(&dir, name, how).word;
    let malformed = doubt(Integrity::Malformed);
    assert_eq!(word("extra", &|dir| fs::write(dir.join("notes.txt"), "x").unwrap()), malformed);
    assert_eq!(
        word("log", &|dir| drop(fs::copy(flown.dir.join("records.jsonl"), dir.join("records.jsonl")))),
        malformed
    );
    assert_eq!(word("more", &|dir| drop(fs::copy(flown.dir.join(ALL[0]), dir.join(ALL[0])))), malformed);
    assert_eq!(word("folder", &|dir| fs::create_dir(dir.join("more")).unwrap()), malformed);
    for path in ["extract.json", ALL[1]] {
        let link = |dir: &Path| {
            fs::remove_file(dir.join(path)).unwrap();
            std::os::unix::fs::symlink(&secret, dir.join(path)).unwrap();
        };
        assert_eq!(word(&format!("link-{}", path.len()), &link), malformed);
    }
    assert!(extract::is_extract(&flown.unit.path("link-12")), "a link in its place makes no flight of it");
    assert_eq!(word("gone", &|dir| fs::remove_file(dir.join(ALL[1])).unwrap()), doubt(Integrity::Missing));
    let edited = |edit: fn(Vec<u8>) -> Vec<u8>| {
        move |dir: &Path| fs::write(dir.join(ALL[1]), edit(fs::read(dir.join(ALL[1])).unwrap())).unwrap()
    };
    let altered = doubt(Integrity::Altered);
    assert_eq!(word("cut", &edited(|bytes| bytes[..bytes.len() / 2].to_vec())), altered);
    let huge = |dir: &Path| {
        let file = fs::File::options().write(true).open(dir.join("extract.json")).unwrap();
        file.set_len(extract::MAX_EXTRACT_BYTES + 1).unwrap();
    };
    assert_eq!(word("huge", &huge), malformed);
    assert_eq!(word("empty", &edited(|_| Vec::new())), doubt(Integrity::Incomplete));
    assert_eq!(word("longer", &edited(|bytes| [&bytes[..], b"x"].concat())), altered);
    let flip = |mut bytes: Vec<u8>| {
        bytes[3000] ^= 4;
        bytes
    };
    assert_eq!(word("flipped", &edited(flip)), altered);
}
