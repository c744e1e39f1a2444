//! Tokens of time-stamping authorities, by `openssl` as the authority: asked for, checked, forged, and what they make of a
//! flight.

use crate::support::{START_UTC_US, Unit, at, copy, options, said};
use crate::tsa::{AS_TIME_STAMP, Authority, GOOD, response, tlv, tst_info};
use flight_record::Sha256;
use flight_record::note::SignedNote;
use flight_record::outside_time::{
    Closing, MAX_TOKEN_BYTES, MAX_TOKENS, Refused, Request, Roots, Token, TokenError, imprint,
};
use flight_record::trust::{Class, Revocation};
use flight_record::verify::{Integrity, Options, Report, Time, verify};
use proptest::prelude::*;
use std::fs;
use std::path::Path;
use std::process::Command;

const STAMPED: Sha256 = Sha256([0x5A; 32]);
/// Five seconds after `close` of [`Unit::whole_flight`].
const SOON: &str = "20260501120045Z";

fn roots(authority: &Authority) -> Roots {
    let mut roots = Roots::default();
    roots.add_pem(&authority.root()).unwrap();
    roots
}

/// Whether a reader who trusts `authority` counts it.
fn counts(authority: &Authority, bytes: &[u8]) -> bool {
    Token::open(bytes).is_ok_and(|token| token.root(&roots(authority)).is_ok())
}

#[track_caller]
fn refused(bytes: &[u8], why: &str) {
    let error = Token::open(bytes).unwrap_err();
    assert!(error.to_string().contains(why), "{error}");
}

#[test]
fn openssl_answers_our_request_and_accepts_what_is_kept_of_its_answer() {
    let temp = tempfile::tempdir().unwrap();
    let ec = |curve: &str| format!("ec -pkeyopt ec_paramgen_curve:{curve}");
    for (name, key, digest, chain) in [
        ("rsa", "rsa:2048".to_owned(), "sha256", false),
        ("rsa 512", "rsa:3072".to_owned(), "sha512", false),
        ("p256", ec("P-256"), "sha256", true),
        ("p384", ec("P-384"), "sha384", false),
    ] {
        let authority =
            Authority::new(&temp.path().join(name), &key, GOOD).configured(&format!("signer_digest = {digest}"));
        let authority = if chain { authority.with_middle(&key) } else { authority };
        let request = Request::new(STAMPED, u64::MAX - 3);
        let query = request.der().unwrap();
        let reply = authority.reply(&query);
        let (kept, token) = request.answered(&reply).unwrap_or_else(|error| panic!("{name}: {error}"));
        authority.verify(&query, &kept);
        assert_eq!((token.imprint, token.accuracy_us), (STAMPED, Some(1_000_000)));
        assert_eq!((token.authority.as_str(), token.policy.as_str()), ("CN=Clock", "1.3.6.1.4.1.99999.1"));
        assert_eq!(Token::open(&kept).unwrap().gen_time_utc_us, token.gen_time_utc_us);
        assert!(counts(&authority, &kept), "{name}: {:?}", token.root(&roots(&authority)));
        assert!(token.root(&Roots::default()).unwrap_err().contains("--tsa-root"));
        let again = Request::new(STAMPED, 4);
        assert!(matches!(again.answered(&reply), Err(Refused::OtherNonce)));
        assert!(matches!(Request::new(Sha256([1; 32]), u64::MAX - 3).answered(&reply), Err(Refused::OtherImprint)));
    }
}

#[test]
fn a_signature_of_1_name_by_sha1_also_counts_and_pss_does() {
    let temp = tempfile::tempdir().unwrap();
    let authority = Authority::rsa(&temp.path().join("rsa")).configured("ess_cert_id_alg = sha1");
    let request = Request::new(STAMPED, 5);
    let (kept, _) = request.answered(&authority.reply(&request.der().unwrap())).unwrap();
    assert!(counts(&authority, &kept), "RFC 2634's attribute");
    let pss = "-keyopt rsa_padding_mode:pss -keyopt rsa_pss_saltlen:-1";
    let kept = authority.sign(&tst_info(&STAMPED.0, SOON), &format!("{AS_TIME_STAMP} {pss}"));
    let token = Token::open(&kept).unwrap();
    assert_eq!((token.gen_time_utc_us, token.accuracy_us), (START_UTC_US + 45_000_000, Some(250_000)));
    assert!(counts(&authority, &kept));
}

#[test]
fn only_a_certificate_for_time_stamping_alone_and_in_its_time_signs() {
    let temp = tempfile::tempdir().unwrap();
    let key = "ec -pkeyopt ec_paramgen_curve:P-256";
    for (name, usage, why) in [
        ("none", "", "not for time-stamping alone"),
        ("other", "extendedKeyUsage=critical,emailProtection", "not for time-stamping alone"),
        ("two", "extendedKeyUsage=critical,timeStamping,emailProtection", "not for time-stamping alone"),
        ("not critical", "extendedKeyUsage=timeStamping", "critical"),
    ] {
        let authority = Authority::new(&temp.path().join(name), key, usage);
        refused(&authority.stamp(&STAMPED.0, SOON), why);
    }
    let good = Authority::p256(&temp.path().join("good"));
    assert!(counts(&good, &good.stamp(&STAMPED.0, SOON)));
    assert!(counts(&good, &good.stamp(&STAMPED.0, "20260501120045.25Z")));
    for late in ["20400101000001Z", "20191231235959Z"] {
        refused(&good.stamp(&STAMPED.0, late), "not valid at the time");
    }
    let other = Authority::p256(&temp.path().join("other root"));
    let why = Token::open(&good.stamp(&STAMPED.0, SOON)).unwrap().root(&roots(&other)).unwrap_err();
    assert!(why.contains("no chain"), "{why}");
    let mut both = roots(&other);
    both.add_pem(&good.root()).unwrap();
    assert!(Token::open(&good.stamp(&STAMPED.0, SOON)).unwrap().root(&both).is_ok(), "any of the roots");
    assert!(Roots::default().add_pem(b"not PEM").is_err());
    assert!(Roots::default().add_pem(b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").is_err());
}

#[test]
fn what_is_signed_must_name_content_type_and_certificate() {
    let temp = tempfile::tempdir().unwrap();
    let authority = Authority::p256(&temp.path().join("p256"));
    let info = tst_info(&STAMPED.0, SOON);
    refused(&authority.sign(&info, "-econtent_type 1.2.840.113549.1.9.16.1.4"), "does not name the certificate");
    refused(&authority.sign(&info, "-cades"), "not a time-stamp");
    refused(&authority.sign(&info, &format!("{AS_TIME_STAMP} -nocerts")), "certificate is not in the token");
    refused(&authority.sign(&info, "-noattr -econtent_type 1.2.840.113549.1.9.16.1.4"), "nothing names");
    refused(&authority.sign(b"no time-stamp", AS_TIME_STAMP), "not a response");
    refused(&authority.stamp(&STAMPED.0, "20260501120045+0100"), "time");
    assert!(counts(&authority, &authority.sign(&info, &format!("{AS_TIME_STAMP} -keyid"))), "named by its key");
    let sha1 = info.windows(5).position(|window| window == [0x65, 3, 4, 2, 1]).unwrap() + 4;
    let mut other = info;
    other[sha1] = 2;
    refused(&authority.sign(&other, AS_TIME_STAMP), "not a SHA-256");
}

#[test]
fn a_refusal_is_said_and_nothing_of_it_is_kept() {
    let words = tlv(0x30, &tlv(0x0C, "bad\u{7} request".as_bytes()));
    let reply = tlv(0x30, &tlv(0x30, &[tlv(2, &[2]), words, tlv(3, &[5, 0x20])].concat()));
    let error = Request::new(STAMPED, 1).answered(&reply).unwrap_err();
    assert_eq!(error.to_string(), "the authority refused: status 2, “bad? request”");
    assert!(matches!(Token::open(&reply), Err(TokenError::NotGranted { status: 2, .. })));
    refused(&tlv(0x30, &tlv(0x30, &tlv(2, &[0]))), "no token");
    let huge = vec![0x30; usize::try_from(MAX_TOKEN_BYTES).unwrap() + 1];
    assert!(matches!(Token::open(&huge), Err(TokenError::TooLong)));
    assert!(matches!(Request::new(STAMPED, 1).answered(&huge), Err(Refused::Token(TokenError::TooLong))));
    for garbage in [&b""[..], b"<html>", &[0x30, 0x80, 0, 0], &[0x30, 0x84, 0xFF, 0xFF, 0xFF, 0xFF]] {
        assert!(matches!(Token::open(garbage), Err(TokenError::Der(_))));
    }
}

#[test]
fn what_an_authority_says_besides_is_left_out_of_what_is_kept() {
    let temp = tempfile::tempdir().unwrap();
    let authority = Authority::p256(&temp.path().join("p256"));
    let request = Request::new(STAMPED, 77);
    let (kept, _) = request.answered(&authority.reply(&request.der().unwrap())).unwrap();
    let status = tlv(0x30, &[tlv(2, &[0]), tlv(0x30, &tlv(0x0C, b"Operation Okay"))].concat());
    let token = &kept[4 + 5..];
    assert_eq!(response(token), kept);
    let wordy = tlv(0x30, &[&status, token].concat());
    assert_eq!(request.answered(&wordy).unwrap().0, kept);
    refused(&wordy, "without the words");
}

#[test]
fn no_byte_of_a_token_can_be_changed_and_no_cut_counts() {
    let temp = tempfile::tempdir().unwrap();
    let authority = Authority::p256(&temp.path().join("p256"));
    let request = Request::new(STAMPED, 9);
    let (kept, _) = request.answered(&authority.reply(&request.der().unwrap())).unwrap();
    let roots = roots(&authority);
    for (at, bit) in (0..kept.len()).flat_map(|at| (0..8).map(move |bit| (at, bit))) {
        let mut bad = kept.clone();
        bad[at] ^= 1 << bit;
        let found = Token::open(&bad).map(|token| token.root(&roots));
        assert!(!matches!(found, Ok(Ok(_))), "byte {at}, bit {bit}: {found:?}");
    }
    for cut in 0..kept.len() {
        assert!(Token::open(&kept[..cut]).is_err(), "{cut}");
    }
    assert!(Token::open(&[&kept[..], &[0]].concat()).is_err(), "something behind it");
}

proptest! {
    #[test]
    fn whatever_is_given_is_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..400), inner in any::<bool>()) {
        let bytes = if inner { response(&bytes) } else { bytes };
        prop_assert!(Token::open(&bytes).is_err());
        prop_assert!(Request::new(STAMPED, 1).answered(&bytes).is_err());
    }
}

/// A whole flight, what there is to stamp of it, and an authority.
struct Landed {
    unit: Unit,
    dir: std::path::PathBuf,
    closing: Closing,
    authority: Authority,
}

fn closing(dir: &Path) -> Option<Closing> {
    let log = |name: &str| std::io::BufReader::new(fs::File::open(dir.join(name)).unwrap());
    Closing::find(log("records.jsonl"), log("checkpoints.jsonl")).unwrap()
}

impl Landed {
    fn new() -> Self {
        let unit = Unit::new(Class::Operational);
        let dir = unit.whole_flight();
        let authority = Authority::p256(&unit.path("authority"));
        Self { closing: closing(&dir).unwrap(), unit, dir, authority }
    }

    fn stamp(&self, gen_time: &str) -> Vec<u8> {
        self.authority.stamp(&self.closing.imprint.0, gen_time)
    }

    fn verify(&self, tokens: &[Vec<u8>]) -> Report {
        let options = Options { tokens: tokens.to_vec(), tsa_roots: roots(&self.authority), ..options(None) };
        verify(&self.dir, &self.unit.anchor(), &options).unwrap()
    }
}

#[test]
fn the_last_head_is_stamped_without_cosignatures() {
    let landed = Landed::new();
    let text = fs::read_to_string(landed.dir.join("checkpoints.jsonl")).unwrap();
    let line: serde_json::Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
    let note = line["note"].as_str().unwrap();
    assert_eq!(landed.closing.imprint, Sha256::of(note.as_bytes()));
    assert_eq!(landed.closing.closed_utc_us, at(40).utc_us);
    let station = flight_record::keys::DeviceKey::from_seed([3; 32]);
    let parsed = SignedNote::parse(note).unwrap();
    let cosigned =
        parsed.with_cosignature(&flight_record::keys::Signer::public(&station), parsed.claimed().cosign(&station, 5));
    assert_eq!(imprint(&SignedNote::parse(&cosigned).unwrap()), landed.closing.imprint);
    let open = copy(&landed.dir, &landed.unit.path("open"));
    let records = fs::read_to_string(open.join("records.jsonl")).unwrap();
    let last = records.trim_end().rfind('\n').unwrap();
    fs::write(open.join("records.jsonl"), &records[..=last]).unwrap();
    assert_eq!(closing(&open), None, "not closed: nothing to stamp");
}

#[test]
fn a_token_that_counts_is_a_fact_and_one_that_does_not_is_no_fault() {
    let landed = Landed::new();
    let bare = landed.verify(&[]);
    let report = landed.verify(&[landed.stamp(SOON)]);
    assert_eq!(report.word, bare.word);
    assert_eq!(said(&report, "timestamp 1"), "INTACT");
    let fact = &report.outside_time[0];
    assert!(fact.counts && fact.root.is_some());
    assert_eq!((fact.delay_us, fact.accuracy_us, fact.authority.as_str()), (5_000_000, Some(250_000), "CN=Clock"));
    let stranger = Options { tokens: vec![landed.stamp(SOON)], ..options(None) };
    let report = verify(&landed.dir, &landed.unit.anchor(), &stranger).unwrap();
    assert_eq!((said(&report, "timestamp 1").as_str(), report.word), ("NOT-CHECKED", bare.word));
    assert!(!report.outside_time[0].counts);
}

#[test]
fn a_token_over_something_else_or_broken_spoils_the_flight() {
    let landed = Landed::new();
    let other = landed.verify(&[landed.authority.stamp(&[7; 32], SOON)]);
    assert_eq!((other.integrity, other.outside_time.len()), (Integrity::Altered, 0));
    let mut broken = landed.stamp(SOON);
    *broken.last_mut().unwrap() ^= 1;
    assert_eq!(landed.verify(&[broken]).integrity, Integrity::Malformed);
    let many = vec![landed.stamp(SOON); MAX_TOKENS + 1];
    assert_eq!(landed.verify(&many).integrity, Integrity::Malformed);
    // Without `close` there is nothing to hold a token against; that is the flight's fault, not the token's.
    let dir = copy(&landed.dir, &landed.unit.path("cut"));
    let records = fs::read_to_string(dir.join("records.jsonl")).unwrap();
    let last = records.trim_end().rfind('\n').unwrap();
    fs::write(dir.join("records.jsonl"), &records[..=last]).unwrap();
    let options = Options { tokens: vec![landed.stamp(SOON)], tsa_roots: roots(&landed.authority), ..options(None) };
    let report = verify(&dir, &landed.unit.anchor(), &options).unwrap();
    assert_eq!((said(&report, "timestamp 1").as_str(), report.integrity), ("NOT-CHECKED", Integrity::Truncated));
}

#[test]
fn a_clock_that_an_authority_contradicts_is_suspect() {
    let landed = Landed::new();
    // `close` at 40 s, its uncertainty 1 ms, the accuracy 0.25 s, and 5 s are forgiven.
    assert_eq!(landed.verify(&[landed.stamp("20260501120034.8Z")]).time, Time::Ok);
    let report = landed.verify(&[landed.stamp("20260501120034.7Z")]);
    assert_eq!((report.time, report.word.to_string().as_str()), (Time::Suspect, "CLOCK-SUSPECT"));
    assert!(report.notices.iter().any(|notice| notice.contains("5050 ms before")), "{:?}", report.notices);
    let unknown = Options { tokens: vec![landed.stamp("20260501110000Z")], ..options(None) };
    assert_eq!(verify(&landed.dir, &landed.unit.anchor(), &unknown).unwrap().time, Time::Ok, "it does not count");
}

#[test]
fn a_revoked_devices_flight_counts_when_its_end_was_stamped_before() {
    let mut landed = Landed::new();
    let revocation = Revocation { at_utc_us: START_UTC_US + 50_000_000, reason: "stolen".parse().unwrap() };
    let device = flight_record::keys::Signer::public(&landed.unit.device).id();
    let revoked = landed.unit.trust.clone().with_revoked(device, revocation, START_UTC_US + 51_000_000).unwrap();
    landed.unit.trust = revoked;
    assert_eq!(landed.verify(&[]).integrity, Integrity::KeyUntrusted);
    // By the authority's own word it may be 0.25 s later than it says.
    assert_eq!(landed.verify(&[landed.stamp("20260501120049.75Z")]).integrity, Integrity::KeyUntrusted);
    let report = landed.verify(&[landed.stamp("20260501120049.74Z"), landed.stamp("20260501130000Z")]);
    assert_eq!(report.integrity, Integrity::Intact, "{:#?}", report.doubts());
    assert!(report.notices.iter().any(|notice| notice.contains("authority had stamped its end before")));
    let unknown = Options { tokens: vec![landed.stamp(SOON)], ..options(None) };
    let report = verify(&landed.dir, &landed.unit.anchor(), &unknown).unwrap();
    assert_eq!(report.integrity, Integrity::KeyUntrusted, "an authority that the reader does not know proves nothing");
}

#[test]
fn the_command_says_when_the_flight_existed_at_the_latest() {
    let landed = Landed::new();
    let path = |name: &str| landed.unit.path(name).to_str().unwrap().to_owned();
    fs::write(path("trust.json"), landed.unit.trust.seal(&landed.unit.root)).unwrap();
    fs::write(path("token.tsr"), landed.stamp(SOON)).unwrap();
    let root = flight_record::keys::Signer::public(&landed.unit.root).id().to_string();
    let flight = landed.dir.to_str().unwrap();
    let run = |more: &[&str]| {
        let trust = [flight, "--trust", &path("trust.json"), "--root", &root, "--timestamp", &path("token.tsr")];
        let output = Command::new(env!("CARGO_BIN_EXE_skyseal-verify")).args(trust).args(more).output().unwrap();
        (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap(), output.status.code())
    };
    let (authority, pem) = (&landed.authority, landed.authority.path("root.pem"));
    let (said, _, _) = run(&["--tsa-root", pem.to_str().unwrap()]);
    let wanted = "Existed   by 2026-05-01T12:00:45Z (± 0.2 s), 5 s after close: stamped by “CN=Clock”";
    assert!(said.contains(wanted), "{said}");
    let (said, _, _) = run(&[]);
    assert!(said.contains("No count  timestamp 1") && said.contains("--tsa-root"), "{said}");
    let (said, _, _) = run(&["--json", "--tsa-root", pem.to_str().unwrap()]);
    let report: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!(report["outside_time"][0]["delay_us"], 5_000_000);
    let (_, error, code) = run(&["--tsa-root", authority.path("config").to_str().unwrap()]);
    assert!(code == Some(2) && error.contains("cannot be used"), "{error}");
}

#[test]
fn openssl_takes_the_file_of_a_package_as_it_is() {
    let landed = Landed::new();
    let request = Request::new(landed.closing.imprint, 3);
    let (kept, _) = request.answered(&landed.authority.reply(&request.der().unwrap())).unwrap();
    fs::write(landed.authority.path("kept.tsr"), kept).unwrap();
    let imprint = landed.closing.imprint.to_string();
    let verify = |digest: &str| {
        let words = ["ts", "-verify", "-digest", digest, "-in", "kept.tsr", "-CAfile", "root.pem"];
        let root = landed.authority.path("");
        Command::new("openssl").current_dir(root).args(words).output().unwrap().status.success()
    };
    assert!(verify(&imprint));
    assert!(!verify(&Sha256::of(b"another flight").to_string()));
}
