//! A serial port, opened again when it goes away (a USB cable pulled and put back).

use tokio_serial::SerialPortBuilderExt;

use super::{
    Link,
    stream::{Backoff, converse},
};

pub(super) async fn run(link: Link, path: String, baud: u32) {
    let mut backoff = Backoff::new();
    loop {
        match tokio_serial::new(&path, baud).open_native_async() {
            Ok(port) => {
                backoff.reset();
                if let Err(error) = converse(&link, port, path.clone()).await {
                    link.failed("the serial port broke", &error);
                }
            }
            Err(error) => link.failed("the serial port was not opened", &error.into()),
        }
        backoff.wait().await;
    }
}
