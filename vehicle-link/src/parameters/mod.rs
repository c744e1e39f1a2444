//! Parameters of a vehicle: all of them ([`List`]), one ([`Read`]), a new value ([`Set`]), and the vehicle's side ([`Server`]).
//! Pure state machines: frames and the time in, actions out.

mod list;
mod read;
mod server;
mod set;
mod value;

pub use list::{List, MAX_PARAMETERS};
pub use read::Read;
pub use server::{Server, ServerAction};
pub use set::Set;
pub use value::{Encoding, Name, NameError, Parameter, Value};

use crate::{
    frames::{Body, Frame},
    request::Timing,
};

const PARAM_REQUEST_READ: u32 = 20;
const PARAM_REQUEST_LIST: u32 = 21;
const PARAM_VALUE: u32 = 22;
const PARAM_SET: u32 = 23;

/// A vehicle may take a second to write a value; a silent one is given up after five repetitions.
const TIMING: Timing = Timing::every(1_000_000_000, 5);

/// Why a parameter was not read or set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// No answer, or not all of them.
    #[error("{have} of {of} parameters came; the link is bad, or the vehicle has no such parameter")]
    Timeout {
        /// Came.
        have: usize,
        /// Asked for; 0 when the vehicle did not even say how many it has.
        of: usize,
    },
    /// The vehicle answered with another value than it was to take.
    #[error("the vehicle keeps {0}; the value is out of its range, of another type, or it is armed")]
    Kept(Value),
    /// More than can be.
    #[error("the vehicle says that it has {0} parameters: {MAX_PARAMETERS} is the most")]
    TooMany(u16),
}

/// What a client wants done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Send this to the vehicle.
    Send(Body),
    /// All parameters, in the vehicle's order.
    Listed(Vec<Parameter>),
    /// The parameter as the vehicle has it now: read, or set and confirmed.
    Is(Parameter),
    /// Given up.
    Failed(Failure),
}

impl Parameter {
    /// What a PARAM_VALUE says; nothing from another message, or of a name that is none.
    pub fn heard(frame: &Frame, encoding: Encoding) -> Option<Self> {
        (frame.message_id() == PARAM_VALUE).then(|| Told::read(frame, encoding)).flatten().map(|told| told.parameter)
    }
}

/// A PARAM_VALUE.
struct Told {
    parameter: Parameter,
    count: u16,
    index: u16,
}

impl Told {
    /// PARAM_VALUE: value f32, count u16, index u16, id [16], type.
    fn read(frame: &Frame, encoding: Encoding) -> Option<Self> {
        let payload = frame.payload();
        let name = Name::from_wire(std::array::from_fn(|i| payload.u8(8 + i)))?;
        let value = Value::read(payload.u8(24), payload.u32(0), encoding);
        Some(Self { parameter: Parameter { name, value }, count: payload.u16(4), index: payload.u16(6) })
    }

    fn body(&self, encoding: Encoding) -> Body {
        let mut payload = Vec::with_capacity(25);
        payload.extend_from_slice(&self.parameter.value.bits(encoding).to_le_bytes());
        payload.extend_from_slice(&self.count.to_le_bytes());
        payload.extend_from_slice(&self.index.to_le_bytes());
        payload.extend_from_slice(&self.parameter.name.wire());
        payload.push(self.parameter.value.kind());
        body(PARAM_VALUE, &payload)
    }
}

#[expect(clippy::expect_used, reason = "the ids are in the dialect and 25 bytes fit")]
fn body(id: u32, payload: &[u8]) -> Body {
    Body::raw(id, payload).expect("messages of parameters are in the dialect")
}
