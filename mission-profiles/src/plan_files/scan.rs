//! Where values stand in a text that is JSON: it was read before, and is not checked again.

use std::ops::Range;

/// A member of an object.
pub(super) struct Member {
    /// Its name.
    pub(super) name: String,
    /// Where it stands, its name included,
    pub(super) whole: Range<usize>,
    /// and where its value does.
    pub(super) value: Range<usize>,
}

/// The members of the object that begins at the span's beginning.
pub(super) fn members(text: &str, object: Range<usize>) -> Vec<Member> {
    let mut found = Vec::new();
    let mut at = skip_blanks(text, object.start + 1);
    while byte(text, at) == b'"' {
        let name = at..end_of_value(text, at);
        let begin = skip_blanks(text, skip_blanks(text, name.end) + 1);
        let value = begin..end_of_value(text, begin);
        at = next(text, value.end);
        found.push(Member {
            whole: name.start..value.end,
            name: serde_json::from_str(&text[name]).unwrap_or_default(),
            value,
        });
    }
    found
}

/// Where the elements of the list stand that begins at the span's beginning.
pub(super) fn elements(text: &str, list: Range<usize>) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = skip_blanks(text, list.start + 1);
    while at < list.end && byte(text, at) != b']' {
        let element = at..end_of_value(text, at);
        at = next(text, element.end);
        found.push(element);
    }
    found
}

/// Behind the comma after a value, where there is one.
fn next(text: &str, end: usize) -> usize {
    let at = skip_blanks(text, end);
    if byte(text, at) == b',' { skip_blanks(text, at + 1) } else { at }
}

fn byte(text: &str, at: usize) -> u8 {
    text.as_bytes().get(at).copied().unwrap_or_default()
}

fn skip_blanks(text: &str, from: usize) -> usize {
    let blanks = text.as_bytes().iter().skip(from).take_while(|byte| byte.is_ascii_whitespace());
    from + blanks.count()
}

fn end_of_value(text: &str, from: usize) -> usize {
    let (mut at, mut depth) = (from, 0_usize);
    loop {
        match byte(text, at) {
            b'"' => at = end_of_string(text, at),
            b'{' | b'[' => (at, depth) = (at + 1, depth + 1),
            b'}' | b']' if depth > 0 => (at, depth) = (at + 1, depth - 1),
            b',' | b'}' | b']' | 0 if depth == 0 => return at,
            byte if depth == 0 && byte.is_ascii_whitespace() => return at,
            0 => return at,
            _ => {
                at += 1;
                continue;
            }
        }
        if depth == 0 {
            return at;
        }
    }
}

fn end_of_string(text: &str, from: usize) -> usize {
    let mut at = from + 1;
    loop {
        match byte(text, at) {
            b'\\' => at += 2,
            b'"' => return at + 1,
            0 => return at,
            _ => at += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_where_they_stand() {
        let text = r#" {"a" : 1.50e2 ,"b\"}":{"c":[1, [2], {"d":"]"}, "\\" ]},"e":[], "f":null}"#;
        let found: Vec<_> =
            members(text, 1..text.len()).into_iter().map(|member| (member.name, &text[member.value])).collect();
        let known = [("a", "1.50e2"), ("b\"}", r#"{"c":[1, [2], {"d":"]"}, "\\" ]}"#), ("e", "[]"), ("f", "null")];
        assert_eq!(found, known.map(|(key, value)| (key.to_owned(), value)));
        let inner = text.find('[').unwrap_or_default();
        let parts: Vec<_> = elements(text, inner..text.len()).into_iter().map(|part| &text[part]).collect();
        assert_eq!(parts, ["1", "[2]", r#"{"d":"]"}"#, r#""\\""#]);
        assert!(elements("[ ]", 0..3).is_empty() && members("{ }", 0..3).is_empty());
    }
}
