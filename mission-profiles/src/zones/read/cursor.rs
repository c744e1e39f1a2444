//! A place in a structured file, and its name; forgiving of the ways in which files write one thing.

use serde_json::Value;

/// A value and where it stands; what is absent is null.
#[derive(Clone)]
pub(super) struct At<'v> {
    value: &'v Value,
    pub(super) path: String,
}

static ABSENT: Value = Value::Null;

impl<'v> At<'v> {
    pub(super) fn root(value: &'v Value) -> Self {
        Self { value, path: String::new() }
    }

    /// The member `name`, or null; in other capitals (`UOM`, `SiteURL`), where there is none in these.
    pub(super) fn field(&self, name: &str) -> Self {
        let value = self.member(name).unwrap_or(&ABSENT);
        let path = if self.path.is_empty() { name.into() } else { format!("{}.{name}", self.path) };
        Self { value, path }
    }

    /// The first of these members that is there, else null, under the first name.
    pub(super) fn any(&self, names: &[&str]) -> Self {
        let there = names.iter().find(|name| self.has(name)).or(names.first());
        there.map_or(Self { value: &ABSENT, path: self.path.clone() }, |name| self.field(name))
    }

    fn member(&self, name: &str) -> Option<&'v Value> {
        let members = self.value.as_object()?;
        members
            .get(name)
            .or_else(|| members.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value))
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.member(name).is_some_and(|value| !value.is_null())
    }

    /// Whether it has members.
    pub(super) fn is_object(&self) -> bool {
        self.value.is_object()
    }

    /// The members, each at its own place.
    pub(super) fn members(&self) -> Vec<Self> {
        self.value.as_object().map_or_else(Vec::new, |members| members.keys().map(|name| self.field(name)).collect())
    }

    /// Whether it is the member `name` of what it stands in.
    pub(super) fn is_named(&self, name: &str) -> bool {
        self.path.rsplit('.').next().is_some_and(|last| last.eq_ignore_ascii_case(name))
    }

    /// Whether it says yes: `YES`, `true`, 1.
    pub(super) fn says_yes(&self) -> bool {
        match self.value {
            Value::Bool(yes) => *yes,
            Value::Number(number) => number.as_f64() == Some(1.0),
            _ => matches!(self.code().as_str(), "YES" | "Y" | "TRUE" | "1"),
        }
    }

    pub(super) fn is_absent(&self) -> bool {
        self.value.is_null() || self.value.as_str().is_some_and(|text| text.trim().is_empty())
    }

    /// The elements; one value alone is a list of it, null is none.
    pub(super) fn items(&self) -> Vec<Self> {
        match self.value {
            Value::Array(items) => {
                items.iter().enumerate().map(|(i, value)| Self { value, path: format!("{}[{i}]", self.path) }).collect()
            }
            Value::Null => Vec::new(),
            value => vec![Self { value, path: self.path.clone() }],
        }
    }

    /// The value itself.
    pub(super) fn value(&self) -> &'v Value {
        self.value
    }

    pub(super) fn array(&self) -> Option<&'v [Value]> {
        self.value.as_array().map(Vec::as_slice)
    }

    /// Text, or a number as text; of texts in several languages (ED-318 `textShortType`) the English one, else the first.
    pub(super) fn text(&self) -> Option<String> {
        let text = match self.value {
            Value::String(text) => text.trim().to_owned(),
            Value::Number(number) => number.to_string(),
            Value::Object(text) => text.get("text")?.as_str()?.trim().to_owned(),
            Value::Array(texts) => {
                let english =
                    |text: &&Value| text.get("lang").and_then(Value::as_str).is_some_and(|lang| lang.starts_with("en"));
                let value = texts.iter().find(english).or(texts.first())?;
                return Self { value, path: String::new() }.text();
            }
            Value::Bool(_) | Value::Null => return None,
        };
        (!text.is_empty()).then_some(text)
    }

    /// Texts, of a list of them; of texts in several languages one.
    pub(super) fn texts(&self) -> Vec<String> {
        let tagged = self.array().is_some_and(|items| items.first().is_some_and(Value::is_object));
        let items = if tagged { vec![self.clone()] } else { self.items() };
        items.iter().filter_map(Self::text).collect()
    }

    /// Text that a code compares: capitals, British spelling.
    pub(super) fn code(&self) -> String {
        self.text().unwrap_or_default().to_ascii_uppercase().replace("IZATION", "ISATION")
    }

    /// A number, or text that is one.
    pub(super) fn number(&self) -> Option<f64> {
        let number = match self.value {
            Value::String(text) => text.trim().parse().ok(),
            value => value.as_f64(),
        };
        number.filter(|number: &f64| number.is_finite())
    }
}

/// Text of a file in a message: its first 60 characters.
pub(super) fn short(text: &str) -> String {
    if text.chars().count() > 60 { text.chars().take(59).chain(['…']).collect() } else { text.into() }
}
