use super::*;
use crate::keys::DeviceKey;
use crate::trust::{Duty, EnrolmentRequest, Grant, TrustList, Validity};
use proptest::prelude::*;

const NOW_US: i64 = 1_777_636_800_000_000;
const PILOT: u8 = 3;
const SUPERVISOR: u8 = 4;
const STATION: u8 = 5;
const CUSTODIAN: u8 = 6;

fn key(n: u8) -> DeviceKey {
    DeviceKey::from_seed([n; 32])
}

fn trust() -> TrustList {
    let grants = [
        (PILOT, Grant::officer(&[Duty::Pilot])),
        (SUPERVISOR, Grant::officer(&[Duty::Supervisor])),
        (STATION, Grant::station()),
        (CUSTODIAN, Grant::officer(&[Duty::Custodian])),
    ];
    let first = TrustList::first("unit".parse().unwrap(), key(9).public(), NOW_US);
    grants.into_iter().fold(first, |list, (n, grant)| {
        let request = EnrolmentRequest::write(&key(n), format!("officer-{n}").parse().unwrap(), NOW_US);
        let validity = Validity { from_utc_us: NOW_US, days: 30 };
        list.with_key(&EnrolmentRequest::read(&request).unwrap(), grant, validity).unwrap()
    })
}

fn payload(pilot: &str, findings: &str, checklist: &str) -> Vec<u8> {
    let hash = "0".repeat(64);
    format!(
        r#"{{"schema":"skyseal-papers/1","made_utc_us":{NOW_US},"mission":{{"sha256":"{hash}","items":3}},"profile":{{"id":"p","version":1,"sha256":"{hash}"}},"window":{{"from_utc_us":1,"to_utc_us":2}},"crew":{{"pilot":"{pilot}","roles":[]}},"aircraft":"SKY-1","authorisations":[],"findings":[{findings}],"checklist":[{checklist}],"rapid_launch":null}}"#
    )
    .into_bytes()
}

const ZONE: &str = r#"{"severity":"blocks","final":false,"rule":"zone","what":"a zone"}"#;
const EMPTY: &str = r#"{"severity":"blocks","final":true,"rule":"empty","what":"nothing to fly"}"#;
const OPEN: &str = r#"{"ask":"people below?","state":"not-done"}"#;

fn papers(findings: &str, checklist: &str) -> Papers {
    Papers::sign(&payload("officer-3", findings, checklist), &key(PILOT)).unwrap()
}

fn word(papers: &Papers, finding: u32, rule: &str) -> Override {
    let why = "a child is missing".parse().unwrap();
    Override::new(papers.digest(), (finding, rule.parse().unwrap()), why, NOW_US)
}

fn standing(papers: &Papers) -> Standing {
    papers.judge(&trust()).unwrap().standing
}

#[test]
fn papers_read_back_packed_and_written() {
    let signed = papers(ZONE, "");
    let signed = signed.clone().overridden(&word(&signed, 1, "zone"), &key(SUPERVISOR)).unwrap();
    assert_eq!(Papers::read(&signed.write()).unwrap(), signed);
    assert_eq!(Papers::unpack(&signed.pack().unwrap()).unwrap().write(), signed.write(), "the same bytes aboard");
}

#[test]
fn what_blocks_blocks_until_somebody_else_overrides_it() {
    assert_eq!(standing(&papers("", "")), Standing::Clear);
    let blocked = papers(ZONE, "");
    assert_eq!(standing(&blocked), Standing::Blocked);
    let overridden = blocked.clone().overridden(&word(&blocked, 1, "zone"), &key(SUPERVISOR)).unwrap();
    let judged = overridden.judge(&trust()).unwrap();
    assert_eq!((judged.standing, judged.overridden[0].by.as_str()), (Standing::Overridden, "officer-4"));
    assert_eq!(standing(&papers("", OPEN)), Standing::Blocked, "something was not looked at");
}

#[test]
fn an_override_that_does_not_count_says_why() {
    let (zone, empty) = (papers(ZONE, ""), papers(EMPTY, ""));
    let cases = [
        (&zone, word(&zone, 1, "zone"), PILOT, "whoever flies"),
        (&zone, word(&zone, 1, "zone"), STATION, "no officer"),
        (&zone, word(&zone, 1, "zone"), CUSTODIAN, "no officer"),
        (&zone, word(&zone, 1, "zone"), 77, "not on the trust list"),
        (&zone, word(&empty, 1, "zone"), SUPERVISOR, "other papers"),
        (&zone, word(&zone, 2, "zone"), SUPERVISOR, "no such finding"),
        (&zone, word(&zone, 0, "zone"), SUPERVISOR, "no such finding"),
        (&zone, word(&zone, 1, "height"), SUPERVISOR, "is another"),
        (&empty, word(&empty, 1, "empty"), SUPERVISOR, "nobody can"),
    ];
    for (papers, word, signer, why) in cases {
        let judged = papers.clone().overridden(&word, &key(signer)).unwrap().judge(&trust()).unwrap();
        assert_eq!(judged.standing, Standing::Blocked, "{why}");
        assert!(judged.void.len() == 1 && judged.void[0].contains(why), "{why}: {:?}", judged.void);
    }
}

#[test]
fn a_changed_report_voids_its_overrides_and_its_signature() {
    let signed = papers(ZONE, "");
    let signed = signed.clone().overridden(&word(&signed, 1, "zone"), &key(SUPERVISOR)).unwrap();
    let mut moved = papers(&ZONE.replace("a zone", "another"), "");
    moved.overrides.clone_from(&signed.overrides);
    assert_eq!(standing(&moved), Standing::Blocked);
    let mut forged = signed;
    forged.papers.payload = moved.papers.payload;
    assert!(matches!(forged.judge(&trust()), Err(judged::JudgeError::Signer)));
    let stranger = Papers::sign(&payload("officer-3", "", ""), &key(77)).unwrap();
    assert!(stranger.judge(&trust()).is_err());
}

#[test]
fn what_the_station_signed_the_pilot_overrides_nothing_of() {
    let zone = Papers::sign(&payload("officer-3", ZONE, ""), &key(STATION)).unwrap();
    let by = |signer| standing(&zone.clone().overridden(&word(&zone, 1, "zone"), &key(signer)).unwrap());
    assert_eq!((by(PILOT), by(SUPERVISOR)), (Standing::Blocked, Standing::Overridden));
}

#[test]
fn bombs_and_other_messages_are_refused_at_a_bound() {
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    std::io::Write::write_all(&mut encoder, &vec![0; 64 << 20]).unwrap();
    let bomb = encoder.finish().unwrap();
    assert!(matches!(Papers::unpack(&bomb), Err(PackError::Deflated)));
    let good = papers(ZONE, "").pack().unwrap();
    assert!(Papers::unpack(&[&good[..], b"more"].concat()).is_err(), "nothing behind it");
    for end in 0..good.len() {
        assert!(Papers::unpack(&good[..end]).is_err(), "cut at {end}");
    }
}

#[test]
fn other_lines_are_no_papers() {
    let good = papers(ZONE, "").write();
    let cases = [
        Vec::new(),
        b"\n".to_vec(),
        good[..good.len() - 1].to_vec(),
        [&good[..], b"\n"].concat(),
        [&good[..], &good].concat(),
    ];
    for bad in cases {
        assert!(Papers::read(&bad).is_err());
    }
    let mut full = papers(ZONE, "");
    for _ in 0..MAX_OVERRIDES {
        full = full.clone().overridden(&word(&full, 1, "zone"), &key(SUPERVISOR)).unwrap();
    }
    assert!(Papers::read(&full.write()).is_ok());
    assert!(matches!(full.clone().overridden(&word(&full, 1, "zone"), &key(SUPERVISOR)), Err(PapersError::Full)));
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        let _ = Papers::unpack(&bytes);
        let _ = Papers::read(&bytes);
        let _ = Facts::read(&bytes);
    }
}
