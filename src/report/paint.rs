//! Colour, where it is wanted.

use std::borrow::Cow;

/// Whether text is coloured.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Paint {
    /// With the escape sequences that a terminal understands.
    Coloured,
    /// As it is.
    Plain,
}

/// What a colour means.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Ink {
    /// Wrong.
    Bad,
    /// Right.
    Good,
    /// A heading.
    Strong,
}

impl Paint {
    pub(super) fn text(self, ink: Ink, text: &str) -> Cow<'_, str> {
        let code = match ink {
            Ink::Bad => 31,
            Ink::Good => 32,
            Ink::Strong => 1,
        };
        match self {
            Self::Coloured => Cow::Owned(format!("\x1b[{code}m{text}\x1b[0m")),
            Self::Plain => Cow::Borrowed(text),
        }
    }
}
