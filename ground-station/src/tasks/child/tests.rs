use super::*;

const PATIENCE_S: u64 = 30;

struct Bench {
    child: Child,
    asked: Receiver<()>,
    said: Vec<Said>,
}

impl Bench {
    fn start(script: &str, with: impl FnOnce(&mut Spec)) -> Self {
        let (tell, asked) = sync_channel(1);
        let mut spec = Spec {
            program: Some("/bin/sh".into()),
            arguments: vec!["-c".into(), script.into()],
            json: Json::Stdout,
            keep: false,
            unless_held: None,
        };
        with(&mut spec);
        let child = Child::start(
            spec,
            Arc::new(move || {
                let _ = tell.try_send(());
            }),
        )
        .unwrap();
        Self { child, asked, said: Vec::new() }
    }

    fn until(&mut self, wanted: impl Fn(&[Said]) -> bool) -> &[Said] {
        let until_ns = clock::mono_ns() + PATIENCE_S * 1_000_000_000;
        loop {
            self.said.extend(self.child.said());
            if wanted(&self.said) {
                return &self.said;
            }
            assert!(clock::mono_ns() < until_ns, "never came: {:?}", self.said);
            let _ = self.asked.recv_timeout(Duration::from_millis(200));
        }
    }
}

fn ended(said: &[Said]) -> bool {
    said.iter().any(|said| matches!(said, Said::Ended { .. }))
}

#[test]
fn json_lines_are_values_and_last_words_come_with_the_end() {
    let mut bench = Bench::start(r#"echo '{"event":"a"}'; echo plain; echo "disk full" >&2; exit 3"#, |_| {});
    let said = bench.until(ended);
    assert!(said.contains(&Said::Line(serde_json::json!({ "event": "a" }))));
    assert!(said.contains(&Said::Words("plain".to_owned())));
    let Some(Said::Ended { how, last_words, again_in_s: None }) = said.last() else { panic!("{said:?}") };
    assert_eq!((how.as_str(), &last_words[..]), ("it ended with code 3", &["disk full".to_owned()][..]));
}

#[test]
fn a_line_without_end_is_bounded() {
    let mut bytes = vec![b'x'; 3 * MAX_LINE_BYTES];
    bytes.extend_from_slice(b"\n{}\nlast");
    let mut lengths = Vec::new();
    lines(&bytes[..], |line| lengths.push(line.len()));
    assert_eq!(lengths, [MAX_LINE_BYTES, 2, 4]);
}

#[test]
fn one_that_is_kept_is_started_again_and_ends_with_the_handle() {
    let mut bench = Bench::start("echo one >&2; exit 1", |spec| spec.keep = true);
    let starts = |said: &[Said]| said.iter().filter(|said| matches!(said, Said::Started { .. })).count();
    let said = bench.until(|said| starts(said) >= 2);
    let Some(Said::Ended { again_in_s, .. }) = said.iter().find(|said| matches!(said, Said::Ended { .. })) else {
        panic!("{said:?}")
    };
    assert_eq!(*again_in_s, Some(1));
    let mut stubborn = Bench::start("trap 'exit 0' TERM; while :; do :; done", |spec| spec.keep = true);
    let said = stubborn.until(|said| starts(said) == 1);
    let Said::Started { pid } = said[0] else { panic!("{said:?}") };
    drop(stubborn);
    assert!(!Path::new(&format!("/proc/{pid}")).exists(), "it is told to end, and waited for");
}

#[test]
fn one_that_outlives_writes_into_files_and_lives_on() {
    let temp = tempfile::tempdir().unwrap();
    let (said, errors, go) = (temp.path().join("said"), temp.path().join("errors"), temp.path().join("go"));
    let script = format!("echo begun; while [ ! -e {} ]; do :; done; echo over", go.display());
    let mut bench = Bench::start(&script, |spec| {
        spec.json = Json::Files { said: said.clone(), errors: errors.clone() };
    });
    bench.until(|said| !said.is_empty());
    drop(bench);
    File::create(&go).unwrap();
    let until_ns = clock::mono_ns() + PATIENCE_S * 1_000_000_000;
    while !std::fs::read_to_string(&said).unwrap().ends_with("over\n") {
        assert!(clock::mono_ns() < until_ns, "it did not outlive the window");
        std::thread::yield_now();
    }
}

#[test]
fn another_that_holds_the_lock_does_the_work_until_it_lets_go() {
    let temp = tempfile::tempdir().unwrap();
    let path = temp.path().join("witness.lock");
    assert!(!is_held(&path), "there is none");
    let lock = File::create(&path).unwrap();
    flock(&lock, FlockOperation::NonBlockingLockExclusive).unwrap();
    let mut bench = Bench::start("exit 0", |spec| spec.unless_held = Some(path.clone()));
    assert_eq!(bench.until(|said| !said.is_empty()), [Said::Another]);
    drop(lock);
    bench.until(ended);
}
