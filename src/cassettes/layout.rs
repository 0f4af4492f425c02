//! The white space of a JSON text, put in and taken out again; nothing else of it changes.

/// Lays out a JSON text that has no white space: two spaces a level, one item a line, one newline at the end.
///
/// Works on the characters alone, so that numbers, escapes, repeated keys and their order stay, and does not
/// recurse, so that no depth is too deep.
pub(super) fn pretty(compact: &str) -> String {
    let mut text = String::with_capacity(compact.len() * 2);
    let mut strings = Strings::default();
    let mut level = 0;
    let mut characters = compact.chars().peekable();
    while let Some(character) = characters.next() {
        if strings.hold(character) {
            text.push(character);
            continue;
        }
        match character {
            '{' | '[' => {
                text.push(character);
                if let Some(close) = characters.next_if(|&next| next == '}' || next == ']') {
                    text.push(close);
                } else {
                    level += 1;
                    break_line(&mut text, level);
                }
            }
            '}' | ']' => {
                level -= 1;
                break_line(&mut text, level);
                text.push(character);
            }
            ',' => {
                text.push(character);
                break_line(&mut text, level);
            }
            ':' => text.push_str(": "),
            _ => text.push(character),
        }
    }
    text.push('\n');
    text
}

/// Takes the white space between the tokens of a JSON text out.
pub(super) fn compact(json: &str) -> String {
    let mut strings = Strings::default();
    json.chars().filter(|&character| strings.hold(character) || !is_space(character)).collect()
}

/// Whether white space stands between the tokens of a JSON text.
pub(super) fn is_spaced(json: &str) -> bool {
    let mut strings = Strings::default();
    json.chars().any(|character| !strings.hold(character) && is_space(character))
}

/// How many objects and arrays of a JSON text stand in one another at its deepest.
pub(super) fn depth(json: &str) -> usize {
    let mut strings = Strings::default();
    let mut level = 0_usize;
    let mut deepest = 0;
    for character in json.chars() {
        if strings.hold(character) {
            continue;
        }
        match character {
            '{' | '[' => level += 1,
            '}' | ']' => level = level.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(level);
    }
    deepest
}

/// Tells what stands in the strings of a JSON text from what stands between them.
#[derive(Default)]
struct Strings {
    inside: bool,
    escaped: bool,
}

impl Strings {
    /// Takes the next character; whether it belongs to a string, the quotes with it.
    fn hold(&mut self, character: char) -> bool {
        if !self.inside {
            self.inside = character == '"';
            return self.inside;
        }
        if self.escaped {
            self.escaped = false;
        } else {
            self.escaped = character == '\\';
            self.inside = character != '"';
        }
        true
    }
}

fn break_line(text: &mut String, level: usize) {
    text.push('\n');
    text.extend(std::iter::repeat_n("  ", level));
}

fn is_space(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\n' | '\r')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_item_has_its_line_and_empty_ones_have_none() {
        let text = pretty(r#"{"a":[1,{"b":[]}],"c":{}}"#);

        assert_eq!(text, "{\n  \"a\": [\n    1,\n    {\n      \"b\": []\n    }\n  ],\n  \"c\": {}\n}\n");
    }

    #[test]
    fn what_stands_in_a_string_is_left_alone() {
        let json = r#"{"a\"{":"x, y: [z] \\","b":"\" ,"}"#;

        assert_eq!(pretty(json), "{\n  \"a\\\"{\": \"x, y: [z] \\\\\",\n  \"b\": \"\\\" ,\"\n}\n");
        assert_eq!(compact(&pretty(json)), json);
    }

    #[test]
    fn numbers_escapes_and_repeated_keys_come_back_as_they_were() {
        let json = r#"{"a":1.0e+2,"a":-0,"b":"\u00E9\/","n":null}"#;

        assert_eq!(compact(&pretty(json)), json);
    }

    #[test]
    fn white_space_counts_only_between_tokens() {
        assert!(is_spaced("{\"a\":\t1}"));
        assert!(is_spaced("{}\n"));
        assert!(!is_spaced("{\"a b\":\"c\td\"}"));
    }

    #[test]
    fn depth_counts_brackets_outside_of_strings() {
        assert_eq!(depth("1"), 0);
        assert_eq!(depth(r#"{"a":[[1],[2]],"b":"[[[["}"#), 3);
        assert_eq!(depth("[{},[]]"), 2);
    }
}
