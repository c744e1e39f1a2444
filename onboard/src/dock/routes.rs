//! What the dock answers: `GET /v1/device`, `/v1/flights`, `/v1/flights/{id}`, `…/others`, `…/file?path=`,
//! `…/challenge`,
//! `/v1/device-log/{records|checkpoints}`, and `POST /v1/flights/{id}/erase`.

use std::fs::File;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use flight_record::FlightId;
use flight_record::dock::MAX_ORDER_BYTES;
use serde_json::json;

use super::fault::Fault;
use super::file_body::FileBody;
use super::holdings::{Holdings, LogFile};
use super::orders::Orders;

/// How long an order may take to come.
const ORDER_WAIT: Duration = Duration::from_secs(60);
/// An order, and a newline behind it.
const MAX_BODY_BYTES: usize = MAX_ORDER_BYTES + 1;

/// Everything a request needs.
#[derive(Clone)]
pub struct Desk {
    /// What there is.
    pub holdings: Arc<Holdings>,
    /// Who erases.
    pub orders: Arc<Orders>,
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let status = match &self {
            Self::Busy(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Stranger => StatusCode::FORBIDDEN,
            Self::NoFlight(_) | Self::NoFile { .. } => StatusCode::NOT_FOUND,
            Self::Bad(_) => StatusCode::BAD_REQUEST,
            Self::TooLong { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Range { .. } => StatusCode::RANGE_NOT_SATISFIABLE,
            Self::Refused(_) => StatusCode::CONFLICT,
            Self::Io(_) | Self::Dock(_) => StatusCode::INTERNAL_SERVER_ERROR,
        };
        let reason = format!("{:#}", anyhow::Error::new(self));
        tracing::debug!(%status, reason, "dock");
        (status, Json(json!({ "error": reason }))).into_response()
    }
}

/// The router; everything but `/v1/device` gives way to flying.
pub fn router(desk: Desk) -> Router {
    Router::new()
        .route("/v1/device", get(device))
        .route("/v1/flights", get(flights))
        .route("/v1/flights/{id}", get(inventory))
        .route("/v1/flights/{id}/others", get(others))
        .route("/v1/flights/{id}/file", get(file))
        .route("/v1/flights/{id}/challenge", get(challenge))
        .route("/v1/flights/{id}/erase", post(erase))
        .route("/v1/device-log/{file}", get(device_log))
        .with_state(desk)
}

async fn device(State(desk): State<Desk>) -> Response {
    let holdings = &desk.holdings;
    let busy = holdings.gate.situation().busy();
    Json(json!({ "device": holdings.device_id(), "name": holdings.name, "busy": busy })).into_response()
}

async fn flights(State(desk): State<Desk>) -> Result<Response, Fault> {
    let found = work(desk, Holdings::flights).await?;
    Ok(Json(json!({ "flights": found })).into_response())
}

async fn inventory(State(desk): State<Desk>, Path(id): Path<String>) -> Result<Response, Fault> {
    let flight = flight(&id)?;
    let listing = work(desk, move |holdings| holdings.listing(flight)).await?;
    let json = HeaderValue::from_static("application/json");
    Ok(([(header::CONTENT_TYPE, json)], listing.inventory.write()).into_response())
}

async fn others(State(desk): State<Desk>, Path(id): Path<String>) -> Result<Response, Fault> {
    let flight = flight(&id)?;
    let listing = work(desk, move |holdings| holdings.listing(flight)).await?;
    Ok(Json(json!({ "others": listing.others })).into_response())
}

async fn file(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Fault> {
    let flight = flight(&id)?;
    let path = query.as_deref().and_then(|query| query.strip_prefix("path=")).and_then(decoded);
    let path = path.ok_or(Fault::Bad("ask for ?path=, percent-encoded"))?;
    let (opened, bytes) = work(desk.clone(), move |holdings| holdings.open(flight, &path)).await?;
    part_of(&desk, opened, bytes, &headers)
}

async fn device_log(State(desk): State<Desk>, Path(file): Path<String>, headers: HeaderMap) -> Result<Response, Fault> {
    let file = match file.as_str() {
        "records" => LogFile::Records,
        "checkpoints" => LogFile::Checkpoints,
        _ => return Err(Fault::Bad("the device log has records and checkpoints")),
    };
    let (opened, bytes) = work(desk.clone(), move |holdings| holdings.open_device_log(file)).await?;
    part_of(&desk, opened, bytes, &headers)
}

async fn challenge(State(desk): State<Desk>, Path(id): Path<String>) -> Result<Response, Fault> {
    let flight = flight(&id)?;
    let challenge = work(desk, move |holdings| holdings.challenge(flight)).await?;
    Ok(Json(json!({ "challenge": challenge.0 })).into_response())
}

async fn erase(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Fault> {
    let flight = flight(&id)?;
    desk.holdings.give_way()?;
    let order = order(&headers, body).await?;
    let orders = Arc::clone(&desk.orders);
    let record = work(desk, move |_| orders.take(flight, &order)).await?;
    Ok(Json(json!({ "record": record })).into_response())
}

/// The order in the body, if it is no longer than one may be and comes in time.
async fn order(headers: &HeaderMap, body: Body) -> Result<Bytes, Fault> {
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    if announced.is_some_and(|bytes: u64| bytes > MAX_BODY_BYTES as u64) {
        return Err(Fault::TooLong { most: MAX_ORDER_BYTES });
    }
    match tokio::time::timeout(ORDER_WAIT, axum::body::to_bytes(body, MAX_BODY_BYTES)).await {
        Ok(Ok(order)) => Ok(order),
        Ok(Err(_)) => Err(Fault::TooLong { most: MAX_ORDER_BYTES }),
        Err(_) => Err(Fault::Bad("the order did not come in time")),
    }
}

/// Does what touches the disk on a thread that may wait, unless the aircraft has something better to do.
async fn work<T: Send + 'static>(
    desk: Desk,
    work: impl FnOnce(&Holdings) -> Result<T, Fault> + Send + 'static,
) -> Result<T, Fault> {
    desk.holdings.give_way()?;
    tokio::task::spawn_blocking(move || work(&desk.holdings))
        .await
        .map_err(|error| Fault::Io(std::io::Error::other(error)))?
}

fn flight(id: &str) -> Result<FlightId, Fault> {
    id.parse().map_err(|_| Fault::Bad("a flight's id is a lower-case hyphenated UUID"))
}

/// The file, or the part of it that `Range: bytes=N-` or `bytes=N-M` asks for (RFC 9110 §14).
fn part_of(desk: &Desk, file: File, bytes: u64, headers: &HeaderMap) -> Result<Response, Fault> {
    let range = headers.get(header::RANGE).map(|value| range(value, bytes)).transpose()?;
    let (from, to) = range.unwrap_or((0, bytes));
    let body = Body::new(FileBody::new(file, from, to, Arc::clone(&desk.holdings.gate)));
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(to - from));
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    if range.is_some() {
        let said = format!("bytes {from}-{}/{bytes}", to.saturating_sub(1));
        headers.insert(header::CONTENT_RANGE, said.parse().map_err(|_| Fault::Bad("a range"))?);
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
    }
    Ok(response)
}

/// First byte and the one behind the last.
fn range(value: &HeaderValue, bytes: u64) -> Result<(u64, u64), Fault> {
    let bad = || Fault::Bad("a range is bytes=N- or bytes=N-M");
    let text = value.to_str().ok().and_then(|text| text.strip_prefix("bytes=")).ok_or_else(bad)?;
    let (first, last) = text.split_once('-').ok_or_else(bad)?;
    let from: u64 = digits(first).ok_or_else(bad)?;
    let to = match last {
        "" => bytes,
        last => digits(last).ok_or_else(bad)?.saturating_add(1).min(bytes),
    };
    if from >= bytes || to <= from { Err(Fault::Range { bytes }) } else { Ok((from, to)) }
}

/// A number of digits only: no sign, as `parse` would allow.
fn digits(text: &str) -> Option<u64> {
    text.bytes().all(|c| c.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

/// Percent-decoding (RFC 3986 §2.1).
fn decoded(text: &str) -> Option<String> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            out.push(byte);
            continue;
        }
        let mut nibble = || (bytes.next()? as char).to_digit(16);
        out.push(u8::try_from(nibble()? * 16 + nibble()?).ok()?);
    }
    String::from_utf8(out).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_stay_inside_the_file() {
        let said = |text: &'static str| range(&HeaderValue::from_static(text), 100);
        assert_eq!(said("bytes=0-").unwrap(), (0, 100));
        assert_eq!(said("bytes=99-").unwrap(), (99, 100));
        assert_eq!(said("bytes=10-19").unwrap(), (10, 20));
        assert_eq!(said("bytes=10-18446744073709551615").unwrap(), (10, 100));
        for beyond in ["bytes=100-", "bytes=18446744073709551615-", "bytes=20-10"] {
            assert!(matches!(said(beyond), Err(Fault::Range { bytes: 100 })), "{beyond}");
        }
        for bad in ["bytes=-5", "bytes=+1-", "bytes=1-2,4-5", "bytes=a-", "bytes=18446744073709551616-", "lines=1-", ""]
        {
            assert!(matches!(said(bad), Err(Fault::Bad(_))), "{bad}");
        }
    }

    #[test]
    fn percent_encoding_is_undone_once() {
        assert_eq!(decoded("segments%2Feo/a%20b").as_deref(), Some("segments/eo/a b"));
        assert_eq!(decoded("%252e%252e").as_deref(), Some("%2e%2e"));
        for bad in ["%", "%2", "%zz", "%ff"] {
            assert_eq!(decoded(bad), None, "{bad}");
        }
    }
}
