//! The vehicle's side: gives its parameters, at a pace that a radio bears, and takes new values.

use super::{Encoding, Name, PARAM_REQUEST_LIST, PARAM_REQUEST_READ, PARAM_SET, Parameter, Told, Value};
use crate::{
    frames::{Body, Frame},
    peers::Address,
};

/// What the vehicle's side wants done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ServerAction {
    /// Send this to everybody: all stations keep the same list.
    Send(Body),
    /// This parameter has a new value.
    Changed(Parameter),
}

/// All parameters of a vehicle.
#[derive(Debug)]
pub struct Server {
    own: Address,
    encoding: Encoding,
    parameters: Vec<Parameter>,
    accepts: fn(&Parameter) -> bool,
    /// The next of a list that is being sent.
    listing: Option<u16>,
}

impl Server {
    /// Parameters in their order, at most [`super::MAX_PARAMETERS`] (more are left out); `accepts` judges a new value, whose type
    /// is that of the old one.
    pub fn new(
        own: Address,
        encoding: Encoding,
        mut parameters: Vec<Parameter>,
        accepts: fn(&Parameter) -> bool,
    ) -> Self {
        parameters.truncate(usize::from(super::MAX_PARAMETERS));
        Self { own, encoding, parameters, accepts, listing: None }
    }

    /// The value of `name`.
    pub fn get(&self, name: Name) -> Option<Value> {
        self.parameters.iter().find(|parameter| parameter.name == name).map(|parameter| parameter.value)
    }

    /// Takes any frame; those not about parameters, or not for us, are left alone.
    pub fn frame(&mut self, frame: &Frame) -> Vec<ServerAction> {
        if !frame.target().is_some_and(|target| self.own.is_in(target)) {
            return Vec::new();
        }
        match frame.message_id() {
            PARAM_REQUEST_LIST => {
                self.listing = Some(0);
                Vec::new()
            }
            PARAM_REQUEST_READ => self.asked(frame).map(|place| self.tell(place)).into_iter().collect(),
            PARAM_SET => self.set(frame),
            _ => Vec::new(),
        }
    }

    /// The next of a list that was asked for; call at the pace at which they shall go out.
    pub fn poll(&mut self) -> Option<ServerAction> {
        let place = usize::from(self.listing?);
        self.listing = u16::try_from(place + 1).ok().filter(|next| usize::from(*next) < self.parameters.len());
        (place < self.parameters.len()).then(|| self.tell(place))
    }

    /// PARAM_REQUEST_READ: index i16 (−1: by name), target system, component, id [16].
    fn asked(&self, frame: &Frame) -> Option<usize> {
        let payload = frame.payload();
        match payload.u16(0) {
            u16::MAX => self.place(Name::from_wire(std::array::from_fn(|i| payload.u8(4 + i)))?),
            index => Some(usize::from(index)).filter(|place| *place < self.parameters.len()),
        }
    }

    /// PARAM_SET: value f32, target system, component, id [16], type. What is not taken is answered with what is kept.
    fn set(&mut self, frame: &Frame) -> Vec<ServerAction> {
        let payload = frame.payload();
        let name = Name::from_wire(std::array::from_fn(|i| payload.u8(6 + i)));
        let Some(place) = name.and_then(|name| self.place(name)) else {
            return Vec::new();
        };
        let held = self.parameters[place];
        let value = Value::read(payload.u8(22), payload.u32(0), self.encoding);
        let wanted = Parameter { value, ..held };
        if value == held.value || value.kind() != held.value.kind() || !(self.accepts)(&wanted) {
            return vec![self.tell(place)];
        }
        self.parameters[place] = wanted;
        vec![ServerAction::Changed(wanted), self.tell(place)]
    }

    fn place(&self, name: Name) -> Option<usize> {
        self.parameters.iter().position(|parameter| parameter.name == name)
    }

    fn tell(&self, place: usize) -> ServerAction {
        let [index, count] = [place, self.parameters.len()].map(|n| u16::try_from(n).unwrap_or(u16::MAX));
        let told = Told { parameter: self.parameters[place], count, index };
        ServerAction::Send(told.body(self.encoding))
    }
}
