//! RTSP: one media a client, all fed with the same access units.
//!
//! Every client's pipeline runs on the system clock with its base time at the vehicle's boot, so that the running time of a picture *is* its
//! capture time; with `rtcp-sync-send-time=false` a sender report then pairs the RTP time of a picture with the UTC of its capture.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use gstreamer as gst;
use gstreamer::glib;
use gstreamer::prelude::*;
use gstreamer_app as gst_app;
use gstreamer_rtsp_server as gst_rtsp_server;
use gstreamer_rtsp_server::prelude::*;

use super::CameraError;
use super::encoder::AccessUnit;
use crate::scenario::{CameraSpec, Codec};

/// Bytes that may wait for one client: some seconds of video.
pub const CLIENT_QUEUE_BYTES: u64 = 4 << 20;
/// Connections served at once.
pub const CLIENTS_MAX: usize = 16;
/// Where the stream is.
pub const PATH: &str = "/eo";

/// One connection's input.
struct Client {
    source: gst_app::AppSrc,
    /// Nothing is passed before a key picture.
    wants_key: bool,
}

/// Clients and counts, shared by the server's threads and the release thread.
#[derive(Default)]
struct Clients {
    list: Mutex<Vec<Client>>,
    skipped: AtomicU64,
    served: AtomicUsize,
    wants_key: std::sync::atomic::AtomicBool,
}

/// The running server.
pub struct Server {
    clients: Arc<Clients>,
    server: gst_rtsp_server::RTSPServer,
    mounts: gst_rtsp_server::RTSPMountPoints,
    factory: gst_rtsp_server::RTSPMediaFactory,
    main_loop: glib::MainLoop,
    thread: Option<JoinHandle<()>>,
    port: u16,
    open: bool,
}

impl Server {
    /// Listens on `address:port` (0: the system chooses). `boot` is the system clock at the vehicle's boot.
    ///
    /// # Errors
    /// [`CameraError`] where the port is taken.
    pub fn start(spec: &CameraSpec, address: &str, port: u16, boot: gst::ClockTime) -> Result<Self, CameraError> {
        let clients = Arc::new(Clients::default());
        let context = glib::MainContext::new();
        let server = gst_rtsp_server::RTSPServer::new();
        server.set_address(address);
        server.set_service(&port.to_string());
        let factory = media_factory(spec, boot, &clients);
        let mounts = server.mount_points().ok_or(CameraError::Broken("RTSP mount points"))?;
        mounts.add_factory(PATH, factory.clone());
        let busy = |_| CameraError::Port { address: address.to_owned(), port };
        server.attach(Some(&context)).map_err(busy)?;
        let port = u16::try_from(server.bound_port()).map_err(|_| CameraError::Broken("RTSP port"))?;
        let main_loop = glib::MainLoop::new(Some(&context), false);
        let running = main_loop.clone();
        let thread = std::thread::Builder::new()
            .name("rtsp".to_owned())
            .spawn(move || {
                // Where the context is someone else's already, running it fails, and so would serving.
                if context.with_thread_default(|| running.run()).is_err() {
                    tracing::error!("the RTSP thread could not take its main context");
                }
            })
            .map_err(|_| CameraError::Broken("RTSP thread"))?;
        Ok(Self { clients, server, mounts, factory, main_loop, thread: Some(thread), port, open: true })
    }

    /// The port it listens on.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Connections now.
    #[must_use]
    pub fn clients(&self) -> usize {
        self.lock().len()
    }

    /// Connections so far.
    #[must_use]
    pub fn served(&self) -> usize {
        self.clients.served.load(Ordering::Relaxed)
    }

    /// Pictures skipped for clients that were too slow.
    #[must_use]
    pub fn skipped(&self) -> u64 {
        self.clients.skipped.load(Ordering::Relaxed)
    }

    /// True once after a client came that waits for a key picture.
    #[must_use]
    pub fn take_key_wish(&self) -> bool {
        self.clients.wants_key.swap(false, Ordering::Relaxed)
    }

    /// Hands an access unit to every client; returns to how many.
    pub fn send(&self, unit: &AccessUnit) -> usize {
        let mut sent = 0;
        let mut list = self.lock();
        list.retain_mut(|client| match client.offer(unit) {
            Offer::Sent => {
                sent += 1;
                true
            }
            Offer::Skipped => {
                self.clients.skipped.fetch_add(1, Ordering::Relaxed);
                true
            }
            Offer::Waiting => true,
            Offer::Gone => false,
        });
        sent
    }

    /// Serves clients, or closes every connection and answers nobody.
    pub fn set_open(&mut self, open: bool) {
        if open == self.open {
            return;
        }
        self.open = open;
        if open {
            self.mounts.add_factory(PATH, self.factory.clone());
        } else {
            self.mounts.remove_factory(PATH);
            self.disconnect();
        }
    }

    fn disconnect(&self) {
        self.server.client_filter(Some(&mut |_: &_, _: &_| gst_rtsp_server::RTSPFilterResult::Remove));
        self.lock().clear();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Client>> {
        self.clients.list.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.disconnect();
        self.main_loop.quit();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

enum Offer {
    Sent,
    Skipped,
    Waiting,
    Gone,
}

impl Client {
    fn offer(&mut self, unit: &AccessUnit) -> Offer {
        if self.wants_key && !unit.key {
            return Offer::Waiting;
        }
        if self.source.current_level_bytes() > CLIENT_QUEUE_BYTES {
            self.wants_key = true;
            return Offer::Skipped;
        }
        let mut buffer = unit.buffer.copy();
        if let Some(buffer) = buffer.get_mut() {
            buffer.set_pts(gst::ClockTime::from_nseconds(unit.capture_ns));
            let dts = unit.dts_ns.map(|dts| u64::try_from(dts).unwrap_or(0));
            buffer.set_dts(dts.map(gst::ClockTime::from_nseconds));
        }
        self.wants_key = false;
        match self.source.push_buffer(buffer) {
            Ok(_) => Offer::Sent,
            Err(_) => Offer::Gone,
        }
    }
}

fn media_factory(spec: &CameraSpec, boot: gst::ClockTime, clients: &Arc<Clients>) -> gst_rtsp_server::RTSPMediaFactory {
    let factory = gst_rtsp_server::RTSPMediaFactory::new();
    let (caps, pay) = match spec.codec {
        Codec::H264 => ("video/x-h264", "rtph264pay"),
        Codec::H265 => ("video/x-h265", "rtph265pay"),
    };
    factory.set_launch(&format!(
        "( appsrc name=pictures is-live=true format=time block=false \
         caps={caps},stream-format=byte-stream,alignment=au ! {pay} name=pay0 pt=96 config-interval=-1 )"
    ));
    factory.set_shared(false);
    factory.set_enable_rtcp(spec.sender_reports);
    let clients = Arc::clone(clients);
    factory.connect_media_configure(move |_, media| configure(media, boot, &clients));
    factory
}

/// A client asked for the stream: puts its pipeline on the boot clock and its input on the list.
fn configure(media: &gst_rtsp_server::RTSPMedia, boot: gst::ClockTime, clients: &Arc<Clients>) {
    let bin = media.element();
    let source = bin
        .clone()
        .downcast::<gst::Bin>()
        .ok()
        .and_then(|bin| bin.by_name("pictures"))
        .and_then(|e| e.downcast::<gst_app::AppSrc>().ok());
    let pipeline = bin.parent().and_then(|parent| parent.downcast::<gst::Pipeline>().ok());
    let (Some(source), Some(pipeline)) = (source, pipeline) else {
        tracing::error!("a client's pipeline is not as expected; it gets no pictures");
        return;
    };
    pipeline.use_clock(Some(&gst::SystemClock::obtain()));
    pipeline.set_start_time(gst::ClockTime::NONE);
    pipeline.set_base_time(boot);
    pipeline.connect_deep_element_added(|_, _, element| {
        if element.factory().is_some_and(|f| f.name() == "rtpbin") {
            element.set_property("rtcp-sync-send-time", false);
        }
    });
    source.set_max_bytes(CLIENT_QUEUE_BYTES * 2);
    {
        let mut list = clients.list.lock().unwrap_or_else(PoisonError::into_inner);
        if list.len() >= CLIENTS_MAX {
            tracing::warn!(most = CLIENTS_MAX, "one client too many: it gets no pictures");
            return;
        }
        list.push(Client { source: source.clone(), wants_key: true });
    }
    clients.served.fetch_add(1, Ordering::Relaxed);
    clients.wants_key.store(true, Ordering::Relaxed);
    tracing::info!("a client connected");
    let clients = Arc::clone(clients);
    media.connect_unprepared(move |_| {
        let mut list = clients.list.lock().unwrap_or_else(PoisonError::into_inner);
        list.retain(|client| client.source != source);
        tracing::info!("a client left");
    });
}
