//! Reading and checking: every complaint names file, line and cure.

use std::ops::Range;
use std::path::{Path, PathBuf};

use super::{Config, OnLinkLoss, Source};

/// Largest configuration file read, in bytes.
const MAX_BYTES: u64 = 256 * 1024;
/// Largest ST 0601 text, in bytes.
const MAX_TEXT_BYTES: usize = 127;
/// Most cameras: MAVLink has six camera components, the agent records four.
const MAX_CAMERAS: usize = 4;

/// Why a configuration is not taken.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("{path}: cannot be read; check that the file exists and is readable")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// The file is too large to be a configuration.
    #[error("{path}: larger than {MAX_BYTES} bytes; this is not an onboard.toml")]
    TooLarge {
        /// The file.
        path: PathBuf,
    },
    /// A line is wrong.
    #[error("{path}:{line}: {what}")]
    Line {
        /// The file.
        path: PathBuf,
        /// Line, from 1.
        line: usize,
        /// What is wrong and how to mend it.
        what: String,
    },
}

/// Reads and checks a configuration; relative paths start at the file's own folder.
///
/// # Errors
/// [`ConfigError`] names the file, the line and the cure.
pub fn load(path: &Path) -> Result<Config, ConfigError> {
    let read = |source| ConfigError::Read { path: path.to_owned(), source };
    if std::fs::metadata(path).map_err(read)?.len() > MAX_BYTES {
        return Err(ConfigError::TooLarge { path: path.to_owned() });
    }
    let text = std::fs::read_to_string(path).map_err(read)?;
    let fail = |span: Range<usize>, what: String| ConfigError::Line {
        path: path.to_owned(),
        line: line_of(&text, span.start),
        what,
    };
    let mut config: Config =
        toml::from_str(&text).map_err(|error| fail(error.span().unwrap_or(0..0), explain(error.message())))?;
    check(&config).map_err(|(span, what)| fail(span, what))?;
    config.rebase(path.parent().unwrap_or(Path::new(".")));
    Ok(config)
}

fn line_of(text: &str, offset: usize) -> usize {
    let upto = text.as_bytes().get(..offset).unwrap_or(text.as_bytes());
    upto.iter().filter(|byte| **byte == b'\n').count() + 1
}

/// Adds the nearest known key to serde's "unknown field" message.
fn explain(message: &str) -> String {
    let quoted: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    let [unknown, known @ ..] = quoted.as_slice() else {
        return message.to_owned();
    };
    if !message.starts_with("unknown") {
        return message.to_owned();
    }
    let near = known
        .iter()
        .map(|name| (strsim::damerau_levenshtein(unknown, name), name))
        .min()
        .filter(|(distance, _)| *distance <= 3);
    match near {
        Some((_, name)) => format!("{message}; did you mean `{name}`?"),
        None => message.to_owned(),
    }
}

type Complaint = (Range<usize>, String);

fn check(config: &Config) -> Result<(), Complaint> {
    let name = &config.aircraft.name;
    if name.get_ref().is_empty() || name.get_ref().len() > MAX_TEXT_BYTES {
        return Err((name.span(), format!("`name` must have 1 to {MAX_TEXT_BYTES} bytes")));
    }
    if config.mavlink.endpoints.is_empty() {
        return Err((0..0, "`mavlink.endpoints` is empty; name at least one, such as \"udpin:0.0.0.0:14550\"".into()));
    }
    for endpoint in &config.mavlink.endpoints {
        if let Err(error) = endpoint.get_ref().parse::<vehicle_link::endpoint::Endpoint>() {
            return Err((endpoint.span(), error.to_string()));
        }
    }
    check_signing(config)?;
    check_component(config)?;
    check_dock(config)?;
    check_record(config)?;
    check_cameras(config)
}

fn check_signing(config: &Config) -> Result<(), Complaint> {
    let mavlink = &config.mavlink;
    for unsigned in mavlink.unsigned.iter().flatten() {
        if mavlink.signing_key.is_none() {
            return Err((
                unsigned.span(),
                "`unsigned` without `signing_key`: nothing is signed; name a key too".into(),
            ));
        }
        if !mavlink.endpoints.iter().any(|endpoint| endpoint.get_ref() == unsigned.get_ref()) {
            let what = format!("`unsigned` names \"{}\", which is none of the endpoints", unsigned.get_ref());
            return Err((unsigned.span(), what));
        }
    }
    match &mavlink.signing_key {
        Some(key) if !mavlink.endpoints.iter().any(|endpoint| mavlink.signs(endpoint.get_ref())) => Err((
            key.span(),
            "`signing_key`, and no endpoint signs: name those without signatures in `unsigned`".into(),
        )),
        Some(_) | None => Ok(()),
    }
}

fn check_component(config: &Config) -> Result<(), Complaint> {
    let id = &config.mavlink.component_id;
    if !(100..=105).contains(id.get_ref()) {
        return Err((id.span(), format!("`component_id` is {}; a MAVLink camera has 100 to 105", id.get_ref())));
    }
    Ok(())
}

fn check_dock(config: &Config) -> Result<(), Complaint> {
    match &config.dock {
        Some(dock) if dock.address().is_none() => {
            let listen = &dock.listen;
            let what = format!("\"{}\" is no address to listen on, such as \"0.0.0.0:7443\"", listen.get_ref());
            Err((listen.span(), what))
        }
        Some(_) | None => Ok(()),
    }
}

fn check_record(config: &Config) -> Result<(), Complaint> {
    if !(1..=60).contains(&config.record.segment_s) {
        return Err((0..0, "`record.segment_s` must be 1 to 60 seconds".into()));
    }
    if let OnLinkLoss::StopAfterS(wait_s) = config.record.on_link_loss
        && !(1..=3_600).contains(&wait_s)
    {
        return Err((0..0, "`record.on_link_loss.stop_after_s` must be 1 to 3600 seconds, or \"continue\"".into()));
    }
    if config.storage.reserve_mib < 8 {
        return Err((0..0, "`storage.reserve_mib` must be at least 8: a flight needs room to close".into()));
    }
    Ok(())
}

fn check_cameras(config: &Config) -> Result<(), Complaint> {
    if config.cameras.is_empty() || config.cameras.len() > MAX_CAMERAS {
        return Err((0..0, format!("there must be 1 to {MAX_CAMERAS} [[camera]] tables")));
    }
    for (index, camera) in config.cameras.iter().enumerate() {
        let stream = camera.stream.get_ref();
        let legal = (1..=8).contains(&stream.len())
            && stream.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        if !legal {
            let what = format!("stream \"{stream}\" must be 1 to 8 lower-case letters or digits, such as \"eo\"");
            return Err((camera.stream.span(), what));
        }
        if config.cameras.iter().take(index).any(|other| other.stream.get_ref() == stream) {
            return Err((
                camera.stream.span(),
                format!("two cameras are called \"{stream}\"; each needs its own name"),
            ));
        }
        check_source(camera)?;
    }
    Ok(())
}

fn check_source(camera: &super::Camera) -> Result<(), Complaint> {
    let span = camera.stream.span();
    for (key, value) in [("hfov_deg", camera.hfov_deg), ("vfov_deg", camera.vfov_deg)] {
        if value.is_some_and(|deg| !(deg > 0.0 && deg < 180.0)) {
            return Err((span, format!("`{key}` must lie between 0 and 180 degrees")));
        }
    }
    if camera.delay_ms > 5_000 {
        return Err((span, "`delay_ms` must be at most 5000".into()));
    }
    match &camera.source {
        Source::Rtsp { url, .. } if !url.starts_with("rtsp://") && !url.starts_with("rtsps://") => {
            Err((span, format!("\"{url}\" is not an rtsp:// address")))
        }
        Source::Test { fps, .. } | Source::V4l2 { fps, .. } if !(1..=120).contains(fps) => {
            Err((span, format!("`fps` is {fps}; it must be 1 to 120")))
        }
        Source::Rtsp { .. }
        | Source::File { .. }
        | Source::Test { .. }
        | Source::Pipeline { .. }
        | Source::V4l2 { .. } => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Protection;

    const GOOD: &str = r#"
[aircraft]
name = "SKY-1"
[storage]
dir = "data"
[keys]
device = "device.key"
trust = "trust.json"
root = "00"
recipients = "recipients.txt"
[mavlink]
endpoints = ["udpin:127.0.0.1:0"]
[[camera]]
stream = "eo"
source = { kind = "rtsp", url = "rtsp://127.0.0.1:8554/eo" }
"#;

    fn load_text(text: &str) -> Result<Config, String> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("onboard.toml");
        std::fs::write(&path, text).unwrap();
        load(&path).map_err(|error| error.to_string().replace(dir.path().to_str().unwrap(), ""))
    }

    #[test]
    fn good_file_has_defaults_and_rebased_paths() {
        let config = load_text(GOOD).unwrap();
        assert_eq!(config.storage.reserve_mib, 512);
        assert!(config.keys.device.is_absolute());
        assert_eq!(config.record.segment_s, 2);
    }

    #[test]
    fn the_explained_configuration_is_a_good_one() {
        let config = load_text(include_str!("../../onboard.toml")).unwrap();
        assert_eq!(config.cameras.len(), 1);
        assert!(config.live.is_none() && config.dock.is_none());
    }

    #[test]
    fn a_live_view_is_encrypted_unless_it_is_said_otherwise() {
        let said = |line: &str| {
            let live = format!("[live]\nvideo = \"127.0.0.1:5600\"\nklv = \"127.0.0.1:5601\"\n{line}\n[mavlink]");
            load_text(&GOOD.replace("[mavlink]", &live)).map(|config| config.live.unwrap().protection)
        };
        assert_eq!(said(""), Ok(Protection::Srtp));
        assert_eq!(said("protection = \"srtp\""), Ok(Protection::Srtp));
        assert_eq!(said("protection = \"none\""), Ok(Protection::None));
        assert!(said("protection = \"srpt\"").unwrap_err().contains("did you mean `srtp`"));
    }

    #[test]
    fn a_lost_link_ends_a_recording_only_where_it_is_said() {
        let said =
            |line: &str| load_text(&GOOD.replace("[mavlink]", &format!("[record]\n{line}\n[mavlink]"))).unwrap().record;
        assert_eq!(said("").on_link_loss, OnLinkLoss::Continue);
        assert_eq!(said("on_link_loss = \"continue\"").on_link_loss, OnLinkLoss::Continue);
        assert_eq!(said("on_link_loss = { stop_after_s = 30 }").on_link_loss, OnLinkLoss::StopAfterS(30));
        assert_eq!(said("authorise = \"officer\"").authorise, crate::config::Authorise::Officer);
    }

    #[test]
    fn all_links_but_serial_ones_sign_unless_it_is_said_otherwise() {
        let said = |lines: &str| {
            let links = r#"endpoints = ["udpin:127.0.0.1:0", "serial:/dev/ttyAMA0:921600"]"#;
            load_text(&GOOD.replace(r#"endpoints = ["udpin:127.0.0.1:0"]"#, &format!("{links}\n{lines}")))
                .unwrap()
                .mavlink
        };
        let signs = |mavlink: &crate::config::Mavlink| {
            ["udpin:127.0.0.1:0", "serial:/dev/ttyAMA0:921600"].map(|endpoint| mavlink.signs(endpoint))
        };
        let by_default = said("signing_key = \"mavlink.key\"");
        assert!(by_default.signing_key.as_ref().unwrap().get_ref().is_absolute());
        assert_eq!(signs(&by_default), [true, false]);
        assert_eq!(signs(&said("signing_key = \"k\"\nunsigned = []")), [true, true]);
        assert_eq!(signs(&said("signing_key = \"k\"\nunsigned = [\"udpin:127.0.0.1:0\"]")), [false, true]);
        assert!(said("").signing_key.is_none());
    }

    #[test]
    fn each_fault_names_its_line_and_cure() {
        let cases = [
            ("name = \"SKY-1\"", "nmae = \"SKY-1\"", ":3:", "did you mean `name`"),
            ("udpin:127.0.0.1:0", "udp:127.0.0.1", ":12:", "udpin"),
            ("\"eo\"", "\"E O\"", ":14:", "lower-case"),
            ("kind = \"rtsp\"", "kind = \"rtps\"", ":15:", "did you mean `rtsp`"),
            ("rtsp://", "http://", ":14:", "rtsp://"),
            ("dir = \"data\"", "dir = 7", ":5:", "string"),
            ("[mavlink]", "[mavlink]\ncomponent_id = 1", ":12:", "100 to 105"),
            ("[mavlink]", "[mavlink]\nunsigned = [\"udpin:127.0.0.1:0\"]", ":12:", "signing_key"),
            ("[mavlink]", "[mavlink]\nsigning_key = \"k\"\nunsigned = [\"udpin:1\"]", ":13:", "none of the endpoints"),
            (
                "[mavlink]",
                "[mavlink]\nsigning_key = \"k\"\nunsigned = [\"udpin:127.0.0.1:0\"]",
                ":12:",
                "no endpoint signs",
            ),
            ("[mavlink]", "[record]\nauthorise = \"oficer\"\n[mavlink]", ":12:", "did you mean `officer`"),
            ("[mavlink]", "[record]\non_link_loss = { stop_after_s = 0 }\n[mavlink]", ":1:", "1 to 3600"),
            ("[mavlink]", "[dock]\nlisten = \"7443\"\n[mavlink]", ":12:", "0.0.0.0:7443"),
            ("[mavlink]", "[dock]\nlisen = \"x\"\n[mavlink]", ":12:", "did you mean `listen`"),
        ];
        for (from, to, line, cure) in cases {
            let error = load_text(&GOOD.replace(from, to)).unwrap_err();
            assert!(error.contains(line) && error.contains(cure), "{to}: {error}");
        }
    }
}
