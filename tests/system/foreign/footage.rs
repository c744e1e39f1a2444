//! Real drone footage, served by stock programs and as a file: recorded as it is, picture by picture.

use std::path::{Path, PathBuf};
use std::process::Command;

use system_tests::process::run;

use super::{Filmed, data, picture_digests, recording_when_armed, serve, until_recorded, vehicle};

/// The coded pictures of a file without its container, which would have players crop them.
fn stream_of(file: &Path, folder: &Path) -> PathBuf {
    let stream = folder.join("source.h264");
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg.args(["-nostdin", "-v", "error", "-i"]).arg(file);
    run(ffmpeg.args(["-map", "0:v:0", "-c", "copy", "-f", "h264"]).arg(&stream), 0).unwrap();
    stream
}

/// The recorded pictures are a run of the source's own, each decoding to the same bytes: nothing was encoded again.
fn assert_passed_through(filmed: &Filmed) {
    let source = picture_digests(&stream_of(&data("karma.mp4"), filmed.opened.path()));
    let recorded = picture_digests(&filmed.video);
    let first = source.iter().position(|digest| *digest == recorded[0]);
    let first = first.expect("the first recorded picture is one of the source's");
    assert_eq!(recorded[..], source[first..first + recorded.len()]);
    assert_eq!(recorded.len() as u64, filmed.frames());
}

/// The record says that there was sound, and there is none in what was kept.
fn assert_sound_dropped(filmed: &Filmed) {
    let in_open = filmed.bodies("open")[0]["audio_dropped"] == true;
    assert!(in_open || filmed.events().contains(&"audio-dropped"), "{:?}", filmed.events());
    let mut ffprobe = Command::new("ffprobe");
    ffprobe.args(["-v", "error", "-show_entries", "stream=codec_type", "-of", "csv=p=0"]).arg(&filmed.video);
    let streams = run(&mut ffprobe, 0).unwrap();
    assert!(streams.contains("video") && streams.contains("data") && !streams.contains("audio"), "{streams}");
}

#[test]
fn drone_footage_over_rtsp_is_recorded_as_it_is() {
    let mut aircraft = recording_when_armed();
    let launch = format!(
        "filesrc location={} ! qtdemux name=d d.video_0 ! queue ! h264parse ! rtph264pay name=pay0 pt=96 \
         d.audio_0 ! queue ! aacparse ! rtpmp4gpay name=pay1 pt=97",
        data("karma.mp4").display()
    );
    let (_server, address) = serve(aircraft.folder(), &[], &launch);
    aircraft.rtsp_camera("eo", &address, 0);
    let mut agent = aircraft.start_agent(false).unwrap();
    let _vehicle = vehicle(&aircraft);
    until_recorded(&mut agent, &aircraft, 150);
    let filmed = Filmed::end(&aircraft, agent);
    filmed.assert_good("VERIFIED-UNWITNESSED");
    assert_passed_through(&filmed);
    assert_sound_dropped(&filmed);
}

#[test]
fn drone_footage_from_a_file_is_recorded_as_it_is() {
    let mut aircraft = recording_when_armed();
    let source = format!("{{ kind = \"file\", path = \"{}\" }}", data("karma.mp4").display());
    aircraft.camera("eo", &source, "");
    let mut agent = aircraft.start_agent(false).unwrap();
    let _vehicle = vehicle(&aircraft);
    until_recorded(&mut agent, &aircraft, 150);
    let filmed = Filmed::end(&aircraft, agent);
    filmed.assert_good("VERIFIED-UNWITNESSED");
    assert_passed_through(&filmed);
    assert_sound_dropped(&filmed);
}
