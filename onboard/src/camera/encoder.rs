//! Which H.264 encoder this machine has.

use gstreamer as gst;

/// Encoders in order of preference and their settings; `{kbps}` is the bit rate, `{gop}` the key-frame distance.
const ENCODERS: [(&str, &str); 5] = [
    (
        "v4l2h264enc",
        "extra-controls=\"controls,video_bitrate={bps},video_gop_size={gop}\" ! video/x-h264,level=(string)4",
    ),
    ("vah264enc", "bitrate={kbps} key-int-max={gop} b-frames=0"),
    ("nvh264enc", "bitrate={kbps} gop-size={gop} bframes=0 zerolatency=true"),
    ("x264enc", "tune=zerolatency speed-preset=ultrafast bitrate={kbps} key-int-max={gop} bframes=0"),
    ("openh264enc", "bitrate={bps} gop-size={gop} complexity=low"),
];

/// A launch fragment of the first encoder that registers, with a key frame each second.
#[must_use]
pub(super) fn launch(bitrate_kbps: u32, fps: u32) -> Option<String> {
    ENCODERS.iter().find(|(name, _)| gst::ElementFactory::find(name).is_some()).map(|(name, settings)| {
        let settings = settings
            .replace("{kbps}", &bitrate_kbps.to_string())
            .replace("{bps}", &(u64::from(bitrate_kbps) * 1_000).to_string())
            .replace("{gop}", &fps.to_string());
        format!("videoconvert ! video/x-raw,format=I420 ! {name} {settings}")
    })
}
