//! Flights stamped by an authority on the network: by `openssl` behind a small server, by servers that are no use, by
//! nobody, and with the program killed at every step.

use crate::command::skyseal;
use crate::faults::{Failing, Handle, How};
use crate::support::{Handover, OnDuty, Unit, label, later};
use crate::tsa::Authority as Openssl;
use evidence_store::ledger::Category;
use evidence_store::packaging;
use evidence_store::store::{Folder, rebuild};
use evidence_store::timestamp::{AskError, Authority, Came, Clerk, Line, look};
use flight_record::outside_time::Roots;
use flight_record::verify::{Anchor, Options};
use flight_record::{FlightId, Stamp, package};
use std::cell::Cell;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// What a server answers to a query: the whole of it, head and body; nothing leaves the asker waiting.
type Answers = Box<dyn Fn(&[u8]) -> Option<Vec<u8>> + Send>;

/// A web server on a port of the system's.
struct Server {
    address: SocketAddr,
    asked: Arc<AtomicU32>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    fn new(answers: Answers) -> Self {
        Self::on(TcpListener::bind("127.0.0.1:0").unwrap(), answers)
    }

    fn on(listener: TcpListener, answers: Answers) -> Self {
        let (asked, stop) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicBool::new(false)));
        let address = listener.local_addr().unwrap();
        let (count, stopped) = (Arc::clone(&asked), Arc::clone(&stop));
        let thread = std::thread::spawn(move || {
            let mut waiting = Vec::new();
            for stream in listener.incoming().map(Result::unwrap) {
                if stopped.load(Ordering::SeqCst) {
                    break;
                }
                count.fetch_add(1, Ordering::SeqCst);
                // Whoever hangs up early finds that out by himself.
                match answers(&query(&stream)) {
                    Some(answer) => drop((&stream).write_all(&answer)),
                    None => waiting.push(stream),
                }
            }
        });
        Self { address, asked, stop, thread: Some(thread) }
    }

    /// `openssl ts -reply`, over HTTP.
    fn of(authority: Openssl) -> Self {
        Self::new(Box::new(move |query| Some(http(200, &authority.reply(query)))))
    }

    fn authority(&self) -> Authority {
        Authority::new(&format!("http://{}/tsr", self.address), &[]).unwrap().with_tries(1, Duration::from_secs(20))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address);
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

/// The body of a request of RFC 3161 §3.4.
fn query(stream: &TcpStream) -> Vec<u8> {
    let (mut reader, mut line, mut length, mut typed) = (BufReader::new(stream), String::new(), 0, false);
    loop {
        line.clear();
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            return Vec::new();
        }
        let head = line.trim().to_ascii_lowercase();
        if head.is_empty() {
            break;
        }
        typed |= head == "content-type: application/timestamp-query";
        length = head.strip_prefix("content-length: ").map_or(length, |text| text.parse().unwrap());
    }
    assert!(typed, "the type that RFC 3161 wants");
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    body
}

fn http(status: u16, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "HTTP/1.1 {status} x\r\ncontent-type: application/timestamp-reply\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

/// A unit with one flight in two stores, and an authority.
struct Landed {
    unit: Unit,
    people: OnDuty,
    flight: FlightId,
    roots: Roots,
    pem: Vec<u8>,
}

impl Landed {
    fn new() -> (Self, Openssl) {
        let unit = Unit::new();
        let people = unit.on_duty();
        let flight = unit.flight(1, 1000);
        Handover::new(&unit, &people).done(&mut unit.card(), flight);
        let authority = Openssl::p256(&unit.path("authority"));
        let pem = authority.root();
        let mut roots = Roots::default();
        roots.add_pem(&pem).unwrap();
        (Self { unit, people, flight, roots, pem }, authority)
    }

    fn stamp_with(&self, first: &Folder, second: &Folder, authority: &Authority, clock: &dyn Fn() -> Stamp) -> Came {
        let mut ledger = self.unit.ledger();
        let mut clerk = Clerk {
            first,
            second: Some(second),
            ledger: &mut ledger,
            actor: &self.people.custodian,
            place: label("Station A"),
            reason: "end of duty".parse().unwrap(),
            clock,
        };
        clerk.stamp(self.flight, authority, &self.roots).unwrap()
    }

    fn stamp(&self, authority: &Authority) -> Came {
        self.stamp_with(&self.unit.first(), &self.unit.second(), authority, &later)
    }

    fn line(&self, store: &Folder) -> Line {
        look(store, self.flight).unwrap().unwrap()
    }

    fn entries(&self) -> usize {
        let entries = self.unit.ledger().of_flight(self.flight).unwrap();
        let about = |entry: &&evidence_store::ledger::Entry| {
            (entry.category, entry.outcome.as_str()) == (Category::Verification, "timestamped")
        };
        entries.iter().filter(about).count()
    }

    /// One token, in both stores and in the ledger, once.
    fn is_stamped(&self, what: &str) {
        for store in [self.unit.first(), self.unit.second()] {
            let line = self.line(&store);
            assert!(line.is_stamped(&self.roots) && line.tokens.len() == 1, "{what}: {line:?}");
        }
        assert_eq!(self.entries(), 1, "{what}");
        self.unit.ledger().check().unwrap();
    }
}

#[test]
fn a_stamped_flight_is_stamped_once_and_its_package_proves_when() {
    let (landed, authority) = Landed::new();
    let server = Server::of(authority);
    assert!(matches!(landed.stamp(&server.authority()), Came::Stamped(_)));
    assert!(matches!(landed.stamp(&server.authority()), Came::Stamped(_)));
    assert_eq!(server.asked.load(Ordering::SeqCst), 1, "what is stamped is not asked for again");
    landed.is_stamped("twice asked");
    let (unit, out) = (&landed.unit, landed.unit.path("package"));
    let held = landed.line(&unit.first()).tokens.remove(0);
    let closed_utc_us = landed.line(&unit.first()).closing.unwrap().closed_utc_us;
    assert_eq!(held.stamped.delay_us(), held.token.gen_time_utc_us - closed_utc_us, "the delay is kept");
    packaging::make(&unit.first(), landed.flight, &label("Unit"), &out, later().utc_us).unwrap();
    assert_eq!(std::fs::read(out.join(format!("data/timestamps/{}.tsr", held.name))).unwrap(), held.stamped.token());
    let anchor = Anchor { trust_json: unit.trust_json(), root: unit.root.public().id() };
    let options = Options { tsa_roots: landed.roots.clone(), ..Options::sealed(later().utc_us, 1) };
    let report = package::verify(&out, &anchor, options).unwrap();
    assert_eq!(report.word.to_string(), "VERIFIED-UNWITNESSED", "{:#?}", report.doubts());
    assert!(report.outside_time[0].counts && report.outside_time[0].token == held.name);
    // The catalogue comes back from the objects alone, tokens too.
    std::fs::remove_dir_all(unit.path("first/flights")).unwrap();
    rebuild(&unit.first()).unwrap();
    landed.is_stamped("rebuilt");
}

#[test]
fn without_a_network_a_flight_waits_and_is_stamped_later() {
    let (landed, authority) = Landed::new();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let nobody = Authority::new(&format!("http://{address}/"), &[]).unwrap();
    let Came::Queued(error) = landed.stamp(&nobody) else { panic!("nobody is there") };
    assert!(error.is_no_network() && error.to_string().starts_with("no network"), "{error}");
    let line = landed.line(&landed.unit.first());
    assert!(!line.is_stamped(&Roots::default()) && line.taken_over_utc_us == later().utc_us, "it waits since then");
    assert_eq!(landed.entries(), 0);
    let server = Server::of(authority);
    assert!(matches!(landed.stamp(&server.authority()), Came::Stamped(_)));
    landed.is_stamped("once there is a network");
}

#[test]
fn a_server_that_is_no_use_leaves_the_flight_waiting() {
    let (landed, authority) = Landed::new();
    let foreign = Openssl::p256(&landed.unit.path("another authority"));
    let stale = authority.reply(
        &flight_record::outside_time::Request::new(landed.line(&landed.unit.first()).closing.unwrap().imprint, 1)
            .der()
            .unwrap(),
    );
    let waits = |name: &str, answers: Answers, why: &str| {
        let server = Server::new(answers);
        let patience = if name == "silent" { Duration::from_millis(300) } else { Duration::from_secs(20) };
        let said = match landed.stamp(&server.authority().with_tries(1, patience)) {
            Came::Queued(error) => error.to_string(),
            Came::Refused(why) => why,
            other @ (Came::NotClosed | Came::Stamped(_)) => panic!("{name}: {other:?}"),
        };
        assert!(said.contains(why), "{name}: {said}");
        assert_eq!(landed.entries(), 0, "{name}");
        assert!(landed.line(&landed.unit.first()).tokens.is_empty(), "{name}");
    };
    waits("500", Box::new(|_| Some(http(500, b"busy"))), "status 500");
    waits("a login page", Box::new(|_| Some(http(200, b"<html>log in</html>"))), "not a response");
    waits("empty", Box::new(|_| Some(http(200, b""))), "not a response");
    waits("no HTTP", Box::new(|_| Some(b"\0\x01\x02".to_vec())), "cannot be reached");
    waits("cut", Box::new(|_| Some(http(200, &[0; 90])[..120].to_vec())), "cannot be reached");
    waits("huge", Box::new(|_| Some(http(200, &vec![0x30; 100_000]))), "more than 65536 bytes");
    waits("silent", Box::new(|_| None), "did not answer");
    waits("a stale answer", Box::new(move |_| Some(http(200, &stale))), "nonce");
    waits("another authority", Box::new(move |query| Some(http(200, &foreign.reply(query)))), "no chain");
    let refusal = authority.configured("digests = sha512");
    waits(
        "a refusal",
        Box::new(move |query| Some(http(200, &refusal.reply(query)))),
        "the authority refused: status 2",
    );
}

#[test]
fn a_server_that_is_busy_is_asked_again() {
    let (landed, authority) = Landed::new();
    let first = AtomicBool::new(true);
    let server = Server::new(Box::new(move |query| {
        Some(if first.swap(false, Ordering::SeqCst) { http(503, b"") } else { http(200, &authority.reply(query)) })
    }));
    let patient = server.authority().with_tries(2, Duration::from_secs(20));
    assert!(matches!(landed.stamp(&patient), Came::Stamped(_)));
    landed.is_stamped("asked twice");
}

#[test]
fn a_second_authority_is_asked_when_no_token_leads_to_its_root() {
    let (mut landed, authority) = Landed::new();
    landed.stamp(&Server::of(authority).authority());
    let other = Openssl::rsa(&landed.unit.path("other"));
    landed.roots = Roots::default();
    landed.roots.add_pem(&other.root()).unwrap();
    assert!(matches!(landed.stamp(&Server::of(other).authority()), Came::Stamped(_)));
    assert_eq!((landed.line(&landed.unit.first()).tokens.len(), landed.entries()), (2, 2));
}

#[test]
fn killed_at_any_step_the_next_run_ends_with_one_token_and_one_entry() {
    for step in 0.. {
        let (landed, authority) = Landed::new();
        let server = Server::of(authority);
        let asked = Cell::new(0);
        let clock = || {
            asked.set(asked.get() + 1);
            assert!(asked.get() <= step, "killed");
            later()
        };
        let (first, second) = (landed.unit.first(), landed.unit.second());
        let killed = catch_unwind(AssertUnwindSafe(|| landed.stamp_with(&first, &second, &server.authority(), &clock)));
        assert!(matches!(landed.stamp(&server.authority()), Came::Stamped(_)), "after step {step}");
        landed.is_stamped(&format!("killed at step {step}"));
        if killed.is_ok() {
            assert!(step >= 3, "between the token and its entry, too");
            return;
        }
    }
}

#[test]
fn a_disk_that_dies_at_any_step_loses_no_token_that_was_said_to_be_kept() {
    for which in ["first", "second"] {
        for steps in 0.. {
            let (landed, authority) = Landed::new();
            let server = Server::of(authority);
            let disk = Failing::after(steps, How::Dies);
            let failing = landed.unit.on_disk(which, Arc::new(Handle(disk.clone())));
            let (first, second) = (landed.unit.first(), landed.unit.second());
            let (first, second) = if which == "first" { (&failing, &second) } else { (&first, &failing) };
            let stopped =
                catch_unwind(AssertUnwindSafe(|| landed.stamp_with(first, second, &server.authority(), &later)));
            disk.power_cut();
            assert!(matches!(landed.stamp(&server.authority()), Came::Stamped(_)), "{which} {steps}");
            landed.is_stamped(&format!("{which} store at step {steps}"));
            if !disk.spent() {
                stopped.unwrap();
                break;
            }
        }
    }
}

#[test]
fn only_an_address_of_http_is_asked() {
    for bad in
        ["", "tsa.example", "ftp://tsa.example/", "http://", "http://user:secret@tsa.example/", "https://tsa.example/"]
    {
        assert!(matches!(Authority::new(bad, &[]), Err(AskError::Url { .. })), "{bad}");
    }
    let temp = tempfile::tempdir().unwrap();
    let root = Openssl::p256(temp.path()).root();
    Authority::new("https://tsa.example/tsr?policy=1", &root).unwrap();
    Authority::new("http://[::1]:3161", &[]).unwrap();
}

#[test]
fn the_command_lists_what_waits_and_asks_for_it() {
    let (landed, authority) = Landed::new();
    let unit = &landed.unit;
    let store = unit.path("first");
    for side in ["people.sqlite", "people.sqlite-wal", "people.sqlite-shm"] {
        let _ = std::fs::copy(unit.path(side), store.join(side));
    }
    let (root, pin) = (unit.path("root.pem"), unit.path("pin"));
    std::fs::write(&root, &landed.pem).unwrap();
    std::fs::write(&pin, "271828\n").unwrap();
    let text = |path: &Path| path.to_str().unwrap().to_owned();
    let run = |what: &str, url: Option<&str>| {
        let mut words = vec!["timestamps".to_owned(), what.to_owned(), "--json".to_owned()];
        words.extend(["--store".to_owned(), text(&store), "--outside-head".to_owned(), text(&unit.outside()[0])]);
        words.extend(["--tsa-root".to_owned(), text(&root)]);
        if let Some(url) = url {
            words.extend(["--url", url, "--as", "custodian", "--reason", "end of duty"].map(str::to_owned));
            words.extend(["--pin-file".to_owned(), text(&pin), "--second".to_owned(), text(&unit.path("second"))]);
        }
        let output = skyseal(&words.iter().map(String::as_str).collect::<Vec<_>>());
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let facts: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{said}"));
        (facts[0].clone(), output.status.code())
    };
    assert_eq!(run("list", None).0["state"], "waiting");
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (queued, code) = run("request", Some(&format!("http://{nobody}/")));
    assert_eq!((queued["state"].as_str(), code), (Some("waiting"), Some(1)));
    assert!(queued["why"].as_str().unwrap().starts_with("no network"), "{queued}");
    let server = Server::of(authority);
    let (stamped, code) = run("request", Some(&format!("http://{}/tsr", server.address)));
    assert_eq!((stamped["state"].as_str(), code), (Some("stamped"), Some(0)), "{stamped}");
    assert_eq!(stamped["tokens"][0]["in_ledger"], true);
    assert_eq!(run("list", None).0["tokens"], stamped["tokens"]);
    landed.is_stamped("by the command");
    let help = skyseal(&["timestamps", "request", "--help"]);
    assert!(String::from_utf8_lossy(&help.stdout).contains("Only a digest leaves the unit"));
}
