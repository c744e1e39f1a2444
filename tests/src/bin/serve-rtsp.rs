//! A camera of other people's parts: a GStreamer launch line served over RTSP by gst-rtsp-server.
//!
//! `serve-rtsp [--no-reports] LAUNCH`: each client gets the line from its beginning; its payloaders are named `pay0`, `pay1`. Prints the
//! address once it listens and serves until killed.

use anyhow::{Context, Result, bail};
use gstreamer as gst;
use gstreamer::glib;
use gstreamer_rtsp_server as gst_rtsp_server;
use gstreamer_rtsp_server::prelude::*;

fn main() -> Result<()> {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let reports = arguments.first().is_none_or(|first| first != "--no-reports");
    if !reports {
        arguments.remove(0);
    }
    let [launch] = arguments.as_slice() else { bail!("usage: serve-rtsp [--no-reports] LAUNCH") };
    gst::init().context("GStreamer does not start")?;
    let factory = gst_rtsp_server::RTSPMediaFactory::new();
    factory.set_launch(&format!("( {launch} )"));
    factory.set_enable_rtcp(reports);
    let server = gst_rtsp_server::RTSPServer::new();
    server.set_address("127.0.0.1");
    server.set_service("0");
    server.mount_points().context("a server without mount points")?.add_factory("/camera", factory);
    server.attach(None).context("no port to listen on")?;
    println!("rtsp://127.0.0.1:{}/camera", server.bound_port());
    glib::MainLoop::new(None, false).run();
    Ok(())
}
