//! Logs by whoever has every key of the aircraft: signatures, links and heads are right, what they say is not.

use super::world::World;
use super::{Case, UNWITNESSED, case, shows};
use crate::forge::{payloads, rewrite};
use crate::ground::station_key;
use crate::support::{at, code};
use crate::witnessed::{add_cosignature, continued, is_cosigned, truncate};
use std::fs;
use std::path::Path;

pub(super) const CASES: &[Case] = &[
    case("forged-again", "the whole log signed anew, its content left", UNWITNESSED, |w, c| forge(w, c, |_| ())),
    case("forged-again-with-witness-file", "signed anew, and the station's file is there", "EQUIVOCATION", |w, c| {
        forge(w, c, |_| ());
        fs::write(c.join("witness-1.jsonl"), w.station.file()).unwrap();
    }),
    case("forged-record-dropped", "a record dropped, all others renumbered and signed anew", UNWITNESSED, |w, c| {
        forge(w, c, |said| {
            said.remove(1);
            for (seq, payload) in said.iter_mut().enumerate().skip(1) {
                *payload = payload.replacen(&format!("\"seq\":{}", seq + 1), &format!("\"seq\":{seq}"), 1);
            }
            said[7] = said[7].replace(r#""records":8"#, r#""records":7"#);
        });
    }),
    case("forged-cut-and-continued", "cut, taken up with the device key, closed", UNWITNESSED, cut),
    case("forged-cut-and-witness-file", "the same, and the station's file is there", "EQUIVOCATION", |w, c| {
        cut(w, c);
        fs::write(c.join("witness-1.jsonl"), w.station.file()).unwrap();
    }),
    case("forged-cosigned-at-the-dock", "signed anew, cosigned a minute after the flight", UNWITNESSED, |w, c| {
        forge(w, c, |_| ());
        add_cosignature(&c.join("flight"), &station_key(1), 9, 66);
    }),
    case("forged-old-heads-left", "signed anew, with the cosigned heads of before", "EQUIVOCATION", |w, c| {
        forge(w, c, |_| ());
        let old = fs::read_to_string(w.seen.join("checkpoints.jsonl")).unwrap();
        super::records::edit(&c.join("flight/checkpoints.jsonl"), |heads| {
            heads.extend(old.lines().filter(|line| is_cosigned(line)).map(str::to_owned));
        });
    }),
    case("forged-path-traversal", "a segment's path leads out of the folder", "MALFORMED", |w, c| {
        bend(w, c, 3, "segments/eo/000001.ts.age", "../../../etc/passwd");
    }),
    case("forged-path-absolute", "a segment's path is absolute", "MALFORMED", |w, c| {
        bend(w, c, 3, "segments/eo/000001.ts.age", "/etc/passwd");
    }),
    case("forged-path-dots", "a segment's path goes up and down again", "MALFORMED", |w, c| {
        bend(w, c, 3, "segments/eo/000001.ts.age", "segments/eo/../eo/000001.ts.age");
    }),
    case("forged-path-of-another", "a segment's record names the other's file", "MALFORMED", |w, c| {
        bend(w, c, 3, "segments/eo/000001.ts.age", "segments/eo/000002.ts.age");
    }),
    case("forged-stream-name", "a stream of an impossible name", "MALFORMED", |w, c| {
        bend(w, c, 3, r#""stream":"eo""#, r#""stream":"..""#);
    }),
    case("forged-index-twice", "two segments of one index", "OUT-OF-ORDER", |w, c| {
        forge(w, c, |said| {
            said[6] = said[6].replace(r#""index":2"#, r#""index":1"#).replace("000002", "000001");
        });
    }),
    case("forged-float", "a number with a fraction", "MALFORMED", |w, c| {
        bend(w, c, 3, r#""frames":2"#, r#""frames":2.0"#);
    }),
    case("forged-leading-zero", "a number with a leading zero", "MALFORMED", |w, c| {
        bend(w, c, 3, r#""frames":2"#, r#""frames":02"#);
    }),
    case("forged-unknown-key", "a key more in a record", "MALFORMED", |w, c| {
        bend(w, c, 3, r#""frames":2"#, r#""frames":2,"extra":1"#);
    }),
    case("forged-key-twice", "a key twice in a record", "MALFORMED", |w, c| {
        bend(w, c, 3, r#""frames":2"#, r#""frames":2,"frames":2"#);
    }),
    case("forged-keys-in-other-order", "two keys of a record in the other order", "MALFORMED", |w, c| {
        bend(w, c, 3, r#""frames":2,"drops":0"#, r#""drops":0,"frames":2"#);
    }),
    case("forged-escape", "a letter of a record written as an escape", "MALFORMED", |w, c| {
        bend(w, c, 1, "recording-started", "recording-st\\u0061rted");
    }),
    case("forged-upper-case-hash", "a hash in capital letters", "MALFORMED", |w, c| {
        forge(w, c, |said| {
            let at = said[3].find(r#""sha256":""#).unwrap() + 10;
            let upper = said[3][at..at + 64].to_uppercase();
            said[3].replace_range(at..at + 64, &upper);
        });
    }),
    case("forged-kind", "a record of a kind that nobody knows", "MALFORMED", |w, c| {
        bend(w, c, 4, r#""kind":"telemetry""#, r#""kind":"vanished""#);
    }),
    case("forged-schema", "a record of a later schema", "MALFORMED", |w, c| {
        bend(w, c, 4, "skyseal-record/1", "skyseal-record/2");
    }),
    case("forged-counts", "close counts another number of pictures", "MALFORMED", |w, c| {
        bend(w, c, 8, r#""frames":4"#, r#""frames":5"#);
    }),
    case("forged-drops", "the recorder dropped a picture", "GAP", |w, c| bend(w, c, 3, r#""drops":0"#, r#""drops":1"#)),
    case("forged-seq", "a seq passed over", "MISSING", |w, c| bend(w, c, 8, r#""seq":8"#, r#""seq":9"#)),
    case("forged-boot", "another boot without a restart", "MALFORMED", |w, c| {
        bend(w, c, 7, "-000000000001", "-000000000002");
    }),
    case("forged-class", "a flight of a class above its device's", "MALFORMED", |w, c| {
        bend(w, c, 0, r#""class":"simulated","recip"#, r#""class":"operational","recip"#);
    }),
    case("forged-file-too-long", "a segment longer than any file", "MALFORMED", |w, c| {
        forge(w, c, |said| {
            let from = said[3].find(r#""sealed":{"bytes":"#).unwrap() + 18;
            let to = from + said[3][from..].find(',').unwrap();
            said[3].replace_range(from..to, "17179869185");
        });
    }),
    case("forged-pictures-backwards", "a segment whose last picture is before its first", "MALFORMED", |w, c| {
        forge(w, c, |said| {
            let [first, last] = ["first", "last"].map(|which| number(&said[3], &format!("{which}_pts_90k")));
            said[3] = said[3]
                .replace(&format!(r#""first_pts_90k":{first}"#), &format!(r#""first_pts_90k":{last}"#))
                .replace(&format!(r#""last_pts_90k":{last}"#), &format!(r#""last_pts_90k":{first}"#));
        });
    }),
    shows(
        "forged-segments-backwards",
        "a segment whose pictures are from before the other's",
        ["OUT-OF-ORDER", "MALFORMED"],
        |w, c| {
            forge(w, c, |said| {
                let first = number(&said[6], "first_pts_90k");
                said[6] = said[6].replace(&format!(r#""first_pts_90k":{first}"#), r#""first_pts_90k":1"#);
            });
        },
    ),
    case("forged-telemetry-backwards", "telemetry whose last entry is before its first", "MALFORMED", |w, c| {
        forge(w, c, |said| {
            let [first, last] = ["first", "last"].map(|which| number(&said[4], &format!("{which}_utc_us")));
            said[4] = said[4]
                .replace(&format!(r#""first_utc_us":{first}"#), &format!(r#""first_utc_us":{last}"#))
                .replace(&format!(r#""last_utc_us":{last}"#), &format!(r#""last_utc_us":{first}"#));
        });
    }),
    shows(
        "forged-picture-time",
        "a segment's first picture said to be a tick later",
        [UNWITNESSED, "MALFORMED"],
        |w, c| {
            forge(w, c, |said| {
                let first = number(&said[3], "first_pts_90k");
                let [from, to] = [first, first + 1].map(|pts| format!(r#""first_pts_90k":{pts}"#));
                said[3] = said[3].replace(&from, &to);
            });
        },
    ),
    shows("forged-epoch", "the flight said to be a millisecond later", [UNWITNESSED, "MALFORMED"], |w, c| {
        bend(w, c, 0, r#""pts_epoch_utc_us":1777636800000000"#, r#""pts_epoch_utc_us":1777636800001000"#);
    }),
    shows("forged-plain", "another plain digest than the segment's", [UNWITNESSED, "ALTERED"], |w, c| {
        forge(w, c, |said| {
            let at = said[3].find(r#""plain":{"#).unwrap();
            let at = at + said[3][at..].find(r#""sha256":""#).unwrap() + 10;
            said[3].replace_range(at..at + 64, &"ab".repeat(32));
        });
    }),
    case("forged-prefix-longer", "a prefix longer than the file", "ALTERED", |w, c| {
        forge(w, c, |said| {
            let bytes = number(&said[2], "bytes");
            said[2] = said[2].replace(&format!(r#""bytes":{bytes}"#), r#""bytes":99999"#);
        });
    }),
    case("forged-log-open", "a kind of a device log in a flight", "MALFORMED", |w, c| {
        bend(w, c, 1, r#""kind":"event""#, r#""kind":"log-open""#);
    }),
    case("forged-marker-in-device-log", "a kind of a flight in a device log", "MALFORMED", |w, c| {
        let dir = super::good::device_log(w, c);
        let mut said = payloads(&dir);
        let at = said[1].find(r#""kind":"#).unwrap();
        said[1].replace_range(at.., r#""kind":"marker","body":{"code":"boot","at_utc_us":1}}"#);
        rewrite(&w.unit, &dir, &said);
    }),
    case("forged-torn-twice", "a recovery that names a torn file twice", "OUT-OF-ORDER", |w, c| {
        w.flown(c, |flight| {
            let dir = super::good::torn(w, flight);
            let mut said = payloads(&dir);
            let from = said[2].find(r#"{"from":"records""#).unwrap();
            let to = from + said[2][from..].find("}}").unwrap() + 2;
            let twice = format!("{0},{0}", &said[2][from..to]);
            said[2].replace_range(from..to, &twice);
            rewrite(&w.unit, &dir, &said);
        });
    }),
];

/// The flight that was seen, its payloads changed, everything signed anew by the aircraft's keys.
fn forge(w: &World, case: &Path, change: impl FnOnce(&mut Vec<String>)) {
    let dir = w.seen(case);
    let mut said = payloads(&dir);
    change(&mut said);
    rewrite(&w.unit, &dir, &said);
}

fn bend(w: &World, case: &Path, line: usize, from: &str, to: &str) {
    forge(w, case, |said| {
        assert!(said[line].contains(from), "{}", said[line]);
        said[line] = said[line].replacen(from, to, 1);
    });
}

/// The number in a field.
fn number(payload: &str, field: &str) -> u64 {
    let from = payload.find(&format!("\"{field}\":")).unwrap() + field.len() + 3;
    let digits = payload[from..].find(|c: char| !c.is_ascii_digit()).unwrap();
    payload[from..from + digits].parse().unwrap()
}

/// Cut in flight and taken up with the device key, so that half of it was never.
fn cut(w: &World, case: &Path) {
    let dir = w.unseen(case);
    truncate(&dir, 5);
    fs::remove_file(dir.join("segments/eo/000002.ts.age")).unwrap();
    let mut flight = continued(&w.unit, &dir, 5);
    for _ in 0..2 {
        flight.event(code("dark"), None, at(6)).unwrap();
    }
    flight.close(code("landed"), at(7)).unwrap();
}
